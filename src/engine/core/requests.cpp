#include "engine/core/requests.hpp"

#include "engine/core/state.hpp"
#include "fhir/bundle.hpp"
#include "fhir/percent.hpp"

#include <algorithm>

namespace fhirscope::engine {
namespace {

using std::chrono::milliseconds;

void transmit(State& s, RequestId id, PendingRequest& request) {
    request.sent.request = id;
    request.sent.timeout = s.config.request_timeout;
    if (request.purpose == Purpose::CheckLogin)
        request.sent.timeout = std::min(s.config.request_timeout, s.config.login_check_timeout);
    request.sent_at = s.now;
    request.retry_at = never;
    ++s.counters.requests;
    s.effects.push_back(request.sent);
}

} // namespace

std::string fhir_url(const State& s, std::string_view rest) { return s.config.fhir_path + std::string(rest); }

std::string resource_url(const State& s, std::string_view reference) {
    return fhir_url(s, fhir::percent_encode(reference, fhir::plain_in_search));
}

static Fact all_of(const HttpAnswer& answer) {
    Fact fact{.code = FactCode::Answered, .status = answer.status};
    if (answer.failure) return {.code = FactCode::Failed, .words = *answer.body, .failure = *answer.failure};
    if (answer.status == 0) return {.code = FactCode::NoAnswer};
    if (answer.status >= 300 && answer.status < 400) fact.about = answer.location;
    if (!answer.body || answer.body->empty()) return fact;
    if (const auto outcome = fhir::parse_outcome(*answer.body)) {
        fact.words = outcome->text.empty() ? outcome->code : outcome->text;
        return fact;
    }
    fact.code = FactCode::AnsweredOther;
    fact.words = answer.body->substr(0, 80);
    std::ranges::replace_if(
        fact.words, [](char c) { return static_cast<unsigned char>(c) < 32; }, ' ');
    return fact;
}

Fact fact_of(const HttpAnswer& answer) {
    Fact fact = all_of(answer);
    cut_texts(fact, longest_reason);
    return fact;
}

HttpAnswer answer_of(const HttpFailed& failed) {
    HttpAnswer none;
    none.request = failed.request;
    none.body = make_text(failed.message);
    none.failure = failed.failure;
    return none;
}

RequestId send_request(State& s, PendingRequest request, std::chrono::milliseconds after) {
    const RequestId id = s.requests.next++;
    const LocalTime allowed = std::max<LocalTime>(s.now + after, s.requests.hold_until);
    const bool held_back = s.login_ended() && !s.leaving && request.purpose != Purpose::CheckLogin;
    if (allowed > s.now || held_back)
        request.retry_at = allowed;
    else
        transmit(s, id, request);
    s.requests.open.emplace(id, std::move(request));
    return id;
}

void forget_requests(State& s, Purpose purpose, SubscriptionIndex subscription) {
    std::erase_if(
        s.requests.open,
        [&](const auto& item) {
            return item.second.purpose == purpose &&
                   (subscription == no_subscription || item.second.subscription == subscription);
        });
}

// While the login has ended only its check is sent, which may have been held back by a rate limit.
static bool is_to_repeat(const State& s, const PendingRequest& request) {
    const bool only_check = s.login_ended() && !s.leaving;
    return request.retry_at != never && request.login != PendingRequest::Login::Waits &&
           (!only_check || request.purpose == Purpose::CheckLogin);
}

void tick_requests(State& s) {
    if (s.requests.hold_until > s.now) return;
    for (auto& [id, request] : s.requests.open)
        if (is_to_repeat(s, request) && request.retry_at <= s.now) transmit(s, id, request);
}

LocalTime next_request(const State& s) {
    LocalTime earliest = never;
    for (const auto& [id, request] : s.requests.open)
        if (is_to_repeat(s, request)) earliest = earlier(earliest, std::max(request.retry_at, s.requests.hold_until));
    return earliest;
}

} // namespace fhirscope::engine
