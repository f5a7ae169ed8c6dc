// Answers: what follows from one, and whether its request is repeated.

#include "engine/connection/answers.hpp"

#include "engine/connection/login.hpp"
#include "engine/core/journal.hpp"
#include "engine/core/run.hpp"
#include "engine/core/state.hpp"
#include "engine/dialect/life.hpp"
#include "engine/dialect/numbers.hpp"
#include "engine/edits/edits.hpp"
#include "engine/recovery/ask.hpp"
#include "engine/recovery/history.hpp"
#include "engine/recovery/paging.hpp"
#include "engine/recovery/reads.hpp"
#include "engine/recovery/recovery.hpp"
#include "engine/recovery/verify.hpp"
#include "engine/subscriptions/checkup.hpp"
#include "engine/subscriptions/creation.hpp"
#include "engine/subscriptions/farewell.hpp"
#include "engine/subscriptions/refusals.hpp"
#include "engine/subscriptions/subscriptions.hpp"
#include "fhir/assert.hpp"
#include "fhir/reference.hpp"

#include <algorithm>
#include <charconv>

namespace fhirscope::engine {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::seconds longest_hold{60}; // the window of the server's limits
constexpr std::chrono::seconds unnamed_hold{5};  // a 429 that does not say for how long

std::optional<unsigned> number_after(std::string_view text, std::string_view key) {
    const auto at = text.find(key);
    unsigned value = 0;
    if (at == std::string_view::npos) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data() + at + key.size(), text.data() + text.size(), value);
    return error == std::errc{} ? std::optional(value) : std::nullopt;
}

// How long a budget is used up: RateLimit: "requests";r=0;t=60, "fhirInteractions";r=49900;t=41 (PROTOCOL A6), or
// Retry-After.
std::chrono::seconds hold_of(const HttpAnswer& answer) {
    unsigned longest = 0;
    std::string_view rest = answer.rate_limit;
    while (!rest.empty()) {
        const std::string_view budget = rest.substr(0, rest.find(','));
        if (number_after(budget, ";r=") == 0u) longest = std::max(longest, number_after(budget, ";t=").value_or(1));
        rest = budget.size() < rest.size() ? rest.substr(budget.size() + 1) : std::string_view();
    }
    if (answer.status == 429) longest = std::max(longest, number_after(answer.retry_after, "").value_or(0));
    if (answer.status == 429 && longest == 0) return unnamed_hold;
    return std::min(std::chrono::seconds(longest), longest_hold);
}

// 500 ms × 1.5^n, at most 2 s, as the usual client does (PROTOCOL A1).
milliseconds retry_delay(const PendingRequest& request) {
    double delay = 500;
    for (std::uint32_t i = 1; i < request.tries; ++i) delay *= 1.5;
    return milliseconds(static_cast<long>(std::min(delay, 2000.0)));
}

bool may_help_to_repeat(const PendingRequest& request, const HttpAnswer& answer) {
    // What is known of the resource may change before the next try: the edit decides anew.
    if (request.purpose == Purpose::WriteEdit || request.purpose == Purpose::CheckLogin) return false;
    // A creation whose answer was lost may have happened: only an answer that says otherwise allows a second one.
    if (answer.status == 0) return request.sent.method == "GET";
    if (request.purpose == Purpose::CreateSubscription && answer.status >= 500 && answer.status != 503) return false;
    return answer.status == 409 || answer.status == 429 || answer.status >= 500;
}

RequestFor purpose_of(Purpose purpose) {
    switch (purpose) {
        case Purpose::CreateSubscription:
        case Purpose::OrphanCreation:
        case Purpose::DeleteOrphan:
        case Purpose::GetToken:
        case Purpose::Probe:
        case Purpose::AwaitActive:
        case Purpose::ExtendSubscription:
        case Purpose::ReplayEvents:
        case Purpose::ReadCreated:
        case Purpose::CheckCreated:
        case Purpose::TurnOff:
            return RequestFor::Subscription;
        case Purpose::Audit:
        case Purpose::Count:
        case Purpose::Search:
        case Purpose::Deletions:
        case Purpose::Exits:
        case Purpose::Verify:
        case Purpose::TrySearch:
        case Purpose::ConfirmGone:
            return RequestFor::Search;
        case Purpose::Read:
        case Purpose::History:
        case Purpose::AskHistory:
            return RequestFor::Read;
        case Purpose::WriteEdit:
            return RequestFor::Write;
        case Purpose::CheckLogin:
            return RequestFor::Login;
    }
    return RequestFor::Read;
}

// A page of a proxy or portal is no answer of a FHIR server, whatever its status.
bool is_failed(const HttpAnswer& answer) {
    return answer.status == 0 || answer.status >= 400 || answer.content_type.starts_with("text/html");
}

void dispatch(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    FHIRSCOPE_ASSERT(request.subscription == no_subscription || request.subscription < s.subscriptions.size());
    switch (request.purpose) {
        case Purpose::CreateSubscription:
            on_created(s, request, answer);
            return pump_creations(s);
        case Purpose::OrphanCreation:
            return on_orphan_created(s, request, answer);
        case Purpose::DeleteOrphan:
            return on_orphan_deleted(s, request, answer);
        case Purpose::TurnOff:
            return on_turned_off(s, request, answer);
        case Purpose::ReadCreated:
            return on_read_created(s, request, answer);
        case Purpose::CheckCreated:
            return on_checked_created(s, request, answer);
        case Purpose::TrySearch:
            return on_tried(s, request, answer);
        case Purpose::Probe:
            return on_probe(s, request, answer);
        case Purpose::Audit:
            return on_audit(s, request, answer);
        case Purpose::Count:
            return on_count(s, request, answer);
        case Purpose::Exits:
            return on_exits(s, request, answer);
        case Purpose::History:
            return on_history(s, request, answer);
        case Purpose::AwaitActive:
            return on_active(s, request, answer);
        case Purpose::ExtendSubscription:
            return on_extended(s, request, answer);
        case Purpose::ReplayEvents:
            return on_replay(s, request, answer);
        case Purpose::GetToken:
            return on_token(s, request, answer);
        case Purpose::Search:
            return on_search(s, request, answer);
        case Purpose::Deletions:
            return on_deletions(s, request, answer);
        case Purpose::Read:
            return on_read(s, request, answer);
        case Purpose::Verify:
            return on_verify(s, request, answer);
        case Purpose::WriteEdit:
            return on_written(s, request, answer);
        case Purpose::ConfirmGone:
            return on_confirmed_gone(s, request, answer);
        case Purpose::AskHistory:
            return on_asked_history(s, request, answer);
        case Purpose::CheckLogin:
            return on_login_checked(s, answer);
    }
}

} // namespace

void on_answer(State& s, const HttpAnswer& answer) {
    const auto found = s.requests.open.find(answer.request);
    if (found == s.requests.open.end() || found->second.retry_at != never) {
        ++s.run->ignored_inputs;
        return;
    }
    PendingRequest& request = found->second;
    if (answer.status == 0 || answer.status >= 400) ++s.counters.request_errors;
    if (is_failed(answer))
        log_failed_request(s, {s.now, request.sent_at, purpose_of(request.purpose), request.sent.method,
                               request.subscription, request.reference, fact_of(answer)});
    if (answer.status >= 500) ++s.counters.server_errors;
    if (answer.status >= 200 && answer.status < 300) s.connection.login_accepted = s.now;
    if (answer.renewed) note_renewal(s);
    if (answer.status == 401 && await_login(s, answer.request, answer)) return;
    const auto hold = hold_of(answer);
    if (hold.count() > 0 && s.now + hold > s.requests.hold_until) {
        s.requests.hold_until = s.now + hold;
        log_event(s, {.code = FactCode::RateLimited, .duration = hold});
    }
    if (page_otherwise(s, request, answer)) return void(s.requests.open.erase(answer.request));
    const bool waited_out = answer.status == 429; // the limit ends by itself: no try is used up
    if (may_help_to_repeat(request, answer) && (waited_out || request.tries < s.config.request_tries)) {
        const auto delay =
            waited_out ? std::chrono::duration_cast<milliseconds>(s.requests.hold_until - s.now) : retry_delay(request);
        if (!waited_out) ++request.tries;
        request.unsure |= answer.status >= 500;
        request.retry_at = s.now + delay;
        const Fact repeated{.code = FactCode::RequestRepeated,
                            .about = request.sent.url,
                            .name = request.sent.method,
                            .duration = delay};
        log_event(s, repeated.because(fact_of(answer)), request.subscription);
        return;
    }
    // Rights may have changed. What belongs to a Subscription or to its check is judged where it is taken.
    if (answer.status == 403 && request.subscription == no_subscription && !request.reference.empty())
        suspect_type(s, fhir::type_part(request.reference), fact_of(answer));
    const PendingRequest done = std::move(request);
    s.requests.open.erase(found);
    dispatch(s, done, answer);
}

void on_failed(State& s, const HttpFailed& failed) {
    if (failed.failure == Failure::Login) return on_login_failed(s, failed.request, said(failed.message));
    if (failed.failure == Failure::Hidden)
        if (const auto found = s.requests.open.find(failed.request);
            found != s.requests.open.end() && found->second.purpose == Purpose::WriteEdit) {
            const std::string reference = found->second.reference;
            s.requests.open.erase(found);
            return edit_not_sent(s, reference, failed.message);
        }
    const bool sent = failed.failure != Failure::Refused && failed.failure != Failure::Unreachable &&
                      failed.failure != Failure::Tls && failed.failure != Failure::Hidden;
    if (const auto found = s.requests.open.find(failed.request);
        !sent && found != s.requests.open.end() &&
        (found->second.purpose == Purpose::CreateSubscription || found->second.purpose == Purpose::OrphanCreation))
        s.subscriptions[found->second.subscription].create_after = never; // nothing was made
    on_answer(s, answer_of(failed));
}

} // namespace fhirscope::engine
