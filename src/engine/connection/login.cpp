// The login: has it ended (its token expired, its secret was changed, it was revoked, its membership was removed)?
//
// The runtime renews what can be renewed, so a 401 that comes here says that the login is not accepted as it is. One
// cheap request decides whether that is about the login or about the one request that was refused (some servers let
// nobody write who did not log in). Where the login itself has ended nothing is asked any more but whether it is
// accepted again; when it is, the connection is made anew, and its catch-up finds what happened meanwhile. The socket
// is kept: on Medplum events may go on for up to an hour after the token of the login has expired (PROTOCOL A14).

#include "engine/connection/login.hpp"

#include "engine/connection/connection.hpp"
#include "engine/connection/phases.hpp"
#include "engine/connection/polling.hpp"
#include "engine/core/dialect_traits.hpp"
#include "engine/core/journal.hpp"
#include "engine/core/state.hpp"
#include "engine/edits/edits.hpp"
#include "engine/mutation.hpp"
#include "engine/recovery/ask.hpp"
#include "engine/recovery/reads.hpp"
#include "engine/recovery/verify.hpp"
#include "engine/subscriptions/checkup.hpp"
#include "engine/subscriptions/farewell.hpp"
#include "engine/subscriptions/subscriptions.hpp"

#include <algorithm>
#include <vector>

namespace fhirscope::engine {
namespace {

// The server looked at the login, and let it pass, whatever else it thought of the request.
bool is_accepted(std::uint16_t status) { return status >= 200 && status < 500 && status != 401 && status != 429; }

void check_login(State& s) {
    PendingRequest request;
    request.purpose = Purpose::CheckLogin;
    request.sent.method = "GET";
    request.sent.url = fhir_url(s, s.subscriptions.front().type + "?_elements=id&_count=1");
    s.login->check = send_request(s, std::move(request));
}

// What it was for is told that it was not carried out.
void give_up(State& s, const PendingRequest& request, const Fact& problem) {
    const auto read = s.reads->wanted.find(request.reference);
    if (request.purpose == Purpose::Read && read != s.reads->wanted.end())
        read->second.request = 0; // once there is a login
    if (request.purpose == Purpose::WriteEdit) edit_login_lost(s, request.reference);
    if (request.purpose == Purpose::Verify && s.verification->view.state == VerifyView::State::Running)
        fail_verify(s, problem);
    if (request.purpose == Purpose::History) ++s.counters.unchecked_histories;
    if (request.purpose == Purpose::AskHistory || request.purpose == Purpose::Read) s.asking->view.pending = false;
    if (request.purpose == Purpose::ConfirmGone) want_read(s, request.reference, request.cause);
    if (request.purpose == Purpose::CreateSubscription)
        s.subscriptions[request.subscription].create_after = never; // nothing was made
    const bool deletes = request.purpose == Purpose::DeleteOrphan || request.purpose == Purpose::TurnOff;
    if (deletes && !s.leaving && s.connection.phase != Phase::Closed)
        disown(s, request.reference, request.subscription); // once there is a login
    else if (deletes)
        stays_behind(s, request.reference, problem);
}

void give_up_waiting(State& s, const Fact& problem) {
    std::vector<PendingRequest> given_up;
    std::erase_if(s.requests.open, [&](auto& item) {
        if (item.second.retry_at == never || item.second.purpose == Purpose::CheckLogin) return false;
        given_up.push_back(std::move(item.second));
        return true;
    });
    for (const PendingRequest& request : given_up) give_up(s, request, problem);
}

void check_later(State& s) {
    const auto longest = s.config.login_retry_max;
    auto delay = s.config.login_retry_min;
    for (std::uint32_t i = 0; i < s.connection.login_refusals && delay < longest; ++i) delay *= 2;
    s.connection.next_attempt = s.now + std::min(delay, longest);
}

void come_back(State& s) {
    ConnectionView& c = s.connection;
    const Fact accepted{.code = FactCode::LoginAccepted};
    log_event(s, accepted);
    c.login_ended = never;
    c.login_problem = {};
    c.login_refusals = 0;
    restart_connection(s, accepted);
}

// It is about what was asked: so it is told.
void refuse_waiting(State& s) {
    std::vector<RequestId> waiting;
    for (const auto& [id, request] : s.requests.open)
        if (request.login == PendingRequest::Login::Waits) waiting.push_back(id);
    for (const RequestId id : waiting) {
        const auto found = s.requests.open.find(id);
        if (found == s.requests.open.end()) continue;
        if (found->second.purpose == Purpose::WriteEdit) { // what is known of the resource may have changed
            const PendingRequest write = std::move(found->second);
            s.requests.open.erase(found);
            HttpAnswer answer;
            answer.request = id;
            answer.status = 401;
            on_written(s, write, answer);
            continue;
        }
        found->second.login = PendingRequest::Login::Good;
        found->second.retry_at = s.now;
    }
    tick_requests(s);
}

} // namespace

bool await_login(State& s, RequestId id, const HttpAnswer& answer) {
    PendingRequest& request = s.requests.open.at(id);
    if (request.purpose == Purpose::CheckLogin || request.login == PendingRequest::Login::Good ||
        s.connection.phase == Phase::Closed || s.leaving || !s.live() || mutated(Mutation::LoginNeverEnds))
        return false;
    if (s.login_ended()) {
        const PendingRequest refused = std::move(request);
        s.requests.open.erase(id);
        give_up(s, refused, fact_of(answer));
        return true;
    }
    request.login = PendingRequest::Login::Waits;
    request.retry_at = s.now;
    if (s.login->check != 0) return true;
    s.connection.login_problem = fact_of(answer);
    const Fact doubted{.code = FactCode::LoginDoubted, .about = request.sent.url, .name = request.sent.method};
    log_event(s, doubted.because(s.connection.login_problem), request.subscription);
    check_login(s);
    return true;
}

void end_login(State& s, const Fact& problem) {
    ConnectionView& c = s.connection;
    if (s.login_ended() || c.phase == Phase::Closed) return;
    c.login_ended = s.now;
    c.login_problem = problem;
    c.login_refusals = 0;
    const Fact ended{.code = FactCode::LoginEnded};
    for (SubscriptionIndex i = 0; i < s.subscriptions.size(); ++i)
        stop_hearing(s, i, c.login_accepted, ended.because(problem));
    stop_polling(s);
    end_attempt(s, ended);
    log_event(s, ended.because(problem));
    enter_phase(s, Phase::LoginEnded, problem);
    give_up_waiting(s, problem);
    check_later(s);
}

// Where a login was revoked, its bindings go on being listed and bring nothing any more (PROTOCOL A14, Tokens): a token
// of the new login is bound in their place, and the check looks for what was lost before.
void note_renewal(State& s) {
    constexpr std::chrono::seconds at_once{5}; // many requests may have met the refusal
    if (!s.live() || !needs_token(s.config) || (s.login->renewed != never && s.now < s.login->renewed + at_once))
        return;
    s.login->renewed = s.now;
    log_event(s, {.code = FactCode::LoginRenewed});
    for (Subscription& subscription : s.subscriptions) {
        if (subscription.view.state != SubscriptionState::Live || !subscription.active.confirmed) continue;
        subscription.active.refresh_at = s.now;
        subscription.checkup.due = std::min<LocalTime>(subscription.checkup.due, s.now + s.config.missed_grace);
    }
}

void on_login_checked(State& s, const HttpAnswer& answer) {
    s.login->check = 0;
    const bool good = is_accepted(answer.status);
    ConnectionView& c = s.connection;
    if (c.phase == Phase::Closed) return;
    if (!s.login_ended()) {
        if (!good) return end_login(s, c.login_problem);
        c.login_problem = {};
        return refuse_waiting(s);
    }
    if (good) return come_back(s);
    ++c.login_refusals;
    if (answer.status == 401) c.login_problem = fact_of(answer);
    check_later(s);
}

void on_login_failed(State& s, RequestId id, const Fact& problem) {
    ++s.counters.request_errors;
    const auto found = s.requests.open.find(id);
    const bool checked = found != s.requests.open.end() && found->second.purpose == Purpose::CheckLogin;
    if (checked) s.login->check = 0;
    if (found != s.requests.open.end()) {
        const PendingRequest lost = std::move(found->second);
        s.requests.open.erase(found);
        give_up(s, lost, problem);
    }
    if (!s.login_ended()) return end_login(s, problem);
    s.connection.login_problem = problem;
    if (!checked) return;
    ++s.connection.login_refusals;
    check_later(s);
}

void ask_login_now(State& s) {
    if (!s.login_ended() || s.login->check != 0) return;
    s.connection.next_attempt = s.now;
    tick_login(s);
}

void tick_login(State& s) {
    if (s.login->check != 0 || s.connection.next_attempt > s.now) return;
    check_login(s);
}

LocalTime next_login(const State& s) {
    return s.login->check != 0 ? never : std::max(s.connection.next_attempt, s.requests.hold_until);
}

} // namespace fhirscope::engine
