// Nothing is left behind: a Subscription that is not used any more is unbound where it may be bound, and deleted. It
// counts against the limit of Subscriptions, a heartbeat goes on listing it until it is unbound (PROTOCOL A14), and
// after a restart of the server it may still be served (A13). Where a server does not delete Subscriptions it is turned
// off.

#include "engine/subscriptions/farewell.hpp"

#include "engine/connection/connection.hpp"
#include "engine/core/dialect_traits.hpp"
#include "engine/core/journal.hpp"
#include "engine/core/state.hpp"
#include "engine/dialect/dialect.hpp"
#include "engine/mutation.hpp"
#include "engine/subscriptions/refusals.hpp"
#include "fhir/validate.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::engine {
namespace {

constexpr std::size_t orphans_kept = 256;
constexpr std::size_t deletions_at_the_end = 8; // at once; before that one, because others come first
constexpr std::chrono::seconds orphan_pause{60};

bool is_farewell(const PendingRequest& request) {
    return request.purpose == Purpose::DeleteOrphan || request.purpose == Purpose::TurnOff;
}

// The server answers, or the session ends: then it is now or never.
bool can_ask(const State& s) {
    return s.live() && (s.leaving || s.connection.phase == Phase::Live || s.connection.phase == Phase::Closed ||
                        s.connection.polling);
}

// Who disconnected wants no requests: what failed then waits for the next connection.
bool tries_again(const State& s) { return can_ask(s) && s.connection.phase != Phase::Closed; }

// A page in the place of an answer (a portal's, a proxy's) says nothing of the Subscription.
bool is_page(const HttpAnswer& answer) {
    const auto begin = answer.body ? answer.body->find_first_not_of(" \t\r\n") : std::string::npos;
    return is_success(answer) && begin != std::string::npos && (*answer.body)[begin] != '{';
}

bool nobody_answered(const HttpAnswer& answer) {
    return answer.status == 0 || answer.status == 429 || answer.status >= 502 || is_page(answer);
}

void put_off(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    if (s.leaving) return stays_behind(s, request.reference, fact_of(answer));
    if (s.connection.phase == Phase::Closed)
        log_event(s, Fact{.code = FactCode::DeletionPutOff, .about = "Subscription/" + request.reference}.because(
                         fact_of(answer)));
    s.farewell->orphans.push_back({request.reference, request.subscription});
    s.farewell->orphans_after = s.now + orphan_pause;
}

} // namespace

void stays_behind(State& s, const std::string& id, const Fact& why) {
    if (s.farewell->left_behind.size() < orphans_kept) s.farewell->left_behind.push_back(id);
    log_event(s, Fact{.code = FactCode::StaysBehind, .about = "Subscription/" + id}.because(why));
}

void let_go(State& s, SubscriptionIndex i, const Binding& binding) {
    if (binding.id.empty()) return;
    const bool may_be_bound = binding.bind_sent != never && s.socket_open;
    const bool over = binding.token_expires != never && binding.token_expires <= s.now;
    if (may_be_bound && !over && unbinds(s.config))
        send_frame(s, FrameKind::Unbind, token_frame("unbind-from-token", binding.token), i);
    disown(s, binding.id, i);
}

void disown(State& s, const std::string& id, SubscriptionIndex i) {
    if (!fhir::is_usable_id(id)) return;
    s.farewell->orphans.push_back({id, i});
    if (s.farewell->orphans.size() <= orphans_kept) return;
    log_event(s, {.code = FactCode::TooManyToDelete, .about = "Subscription/" + s.farewell->orphans.front().id});
    s.farewell->orphans.pop_front();
}

void pump_orphans(State& s) {
    if (!can_ask(s) || s.farewell->orphans_after > s.now) return;
    auto under_way = static_cast<std::size_t>(std::count_if(s.requests.open.begin(), s.requests.open.end(),
                                                            [](const auto& item) { return is_farewell(item.second); }));
    const bool ends = s.leaving || s.connection.phase == Phase::Closed;
    for (; !s.farewell->orphans.empty() && under_way < (ends ? deletions_at_the_end : 1); ++under_way) {
        PendingRequest request;
        request.purpose = Purpose::DeleteOrphan;
        request.reference = std::move(s.farewell->orphans.front().id);
        request.subscription = s.farewell->orphans.front().subscription;
        s.farewell->orphans.pop_front();
        request.sent.method = "DELETE";
        request.sent.url = fhir_url(s, "Subscription/" + request.reference);
        send_request(s, std::move(request));
    }
}

void tick_orphans(State& s) {
    if (s.farewell->orphans_after == never || s.farewell->orphans_after > s.now || !tries_again(s)) return;
    s.farewell->orphans_after = never;
    pump_orphans(s);
}

LocalTime next_orphan(const State& s) {
    return s.farewell->orphans.empty() || !tries_again(s) ? never : s.farewell->orphans_after;
}

void on_orphan_deleted(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    const bool gone = (answer.status >= 200 && answer.status < 300) || answer.status == 404 || answer.status == 410;
    if (nobody_answered(answer)) {
        put_off(s, request, answer);
    } else if (!gone) {
        auto body = turns_off(s.config) && request.subscription < s.subscriptions.size()
                        ? subscription_body(s, request.subscription, request.reference, "off")
                        : std::nullopt;
        if (!body) {
            stays_behind(s, request.reference, fact_of(answer));
        } else {
            PendingRequest off = request;
            off.purpose = Purpose::TurnOff;
            off.tries = 1;
            off.sent.method = "PUT";
            off.sent.content_type = "application/fhir+json";
            off.sent.body = make_text(std::move(*body));
            send_request(s, std::move(off));
        }
    }
    pump_orphans(s);
}

void on_turned_off(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    if (nobody_answered(answer))
        put_off(s, request, answer);
    else if (answer.status >= 300)
        stays_behind(s, request.reference, fact_of(answer));
    pump_orphans(s);
}

void release_all(State& s) {
    // One whose creation is under way is deleted when its id is known; one that waits for its next try is not made.
    std::erase_if(s.requests.open, [](const auto& item) {
        return item.second.purpose == Purpose::CreateSubscription && item.second.retry_at != never;
    });
    for (auto& [id, request] : s.requests.open)
        if (request.purpose == Purpose::CreateSubscription) request.purpose = Purpose::OrphanCreation;
    for (const Purpose purpose : {Purpose::GetToken, Purpose::ReadCreated, Purpose::CheckCreated, Purpose::AwaitActive,
                                  Purpose::ExtendSubscription})
        forget_requests(s, purpose, no_subscription);
    for (SubscriptionIndex i = 0; i < s.subscriptions.size(); ++i) {
        Subscription& subscription = s.subscriptions[i];
        const std::string lasting = std::exchange(subscription.dialect.id, {});
        let_go(s, i, subscription.active);
        if (subscription.next) let_go(s, i, *subscription.next);
        const bool named = lasting == subscription.active.id || (subscription.next && lasting == subscription.next->id);
        if (!named) disown(s, lasting, i);
        subscription.active = {};
        subscription.next.reset();
    }
    s.farewell->orphans_after = never;
}

std::vector<std::string> unreleased(const State& s) {
    std::vector<std::string> ids(s.farewell->left_behind.begin(), s.farewell->left_behind.end());
    for (const Orphan& orphan : s.farewell->orphans) ids.push_back(orphan.id);
    for (const auto& [id, request] : s.requests.open)
        if (is_farewell(request)) ids.push_back(request.reference);
    return ids;
}

bool has_left(const State& s) {
    return s.leaving && s.farewell->orphans.empty() &&
           std::none_of(
               s.requests.open.begin(), s.requests.open.end(),
               [](const auto& item) {
                   return is_farewell(item.second) || item.second.purpose == Purpose::OrphanCreation;
               });
}

void leave(State& s) {
    if (!s.live() || s.leaving) return;
    s.leaving = true;
    release_all(s);
    // What was refused once is tried once more: the login may have ended at that moment.
    for (const std::string& id : std::exchange(s.farewell->left_behind, {})) disown(s, id, no_subscription);
    if (mutated(Mutation::LeaveBehind)) s.farewell->orphans.clear();
    log_event(s, {.code = FactCode::SessionEnds, .count = static_cast<std::int64_t>(s.farewell->orphans.size())});
    pump_orphans(s);
}

} // namespace fhirscope::engine
