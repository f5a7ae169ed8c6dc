// What the server refuses: a Subscription, or even a search of its type. Searches stand in, the rest goes on, and after
// a while it is tried again, quietly.

#include "engine/subscriptions/refusals.hpp"

#include "engine/connection/connection.hpp"
#include "engine/connection/phases.hpp"
#include "engine/core/dialect_traits.hpp"
#include "engine/core/journal.hpp"
#include "engine/core/state.hpp"
#include "engine/dialect/life.hpp"
#include "engine/recovery/recovery.hpp"
#include "engine/subscriptions/creation.hpp"
#include "engine/subscriptions/farewell.hpp"
#include "engine/subscriptions/subscriptions.hpp"
#include "fhir/reference.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::engine {

bool is_success(const HttpAnswer& answer) { return answer.status >= 200 && answer.status < 300; }

bool is_refusal(const HttpAnswer& answer) {
    return answer.status >= 400 && answer.status < 500 && answer.status != 429 && answer.status != 409;
}

void refuse(State& s, SubscriptionIndex i, const Fact& problem) {
    Subscription& subscription = s.subscriptions[i];
    drop_next(s, i);
    if (subscription.active.confirmed) { // only its successor was refused: what is bound goes on
        subscription.successor_after = s.now + s.config.refused_retry;
        return log_event(s, problem_of(subscription.view, problem), i);
    }
    if (survives_disconnect(s.config))
        abandon_subscription(s, i);
    else
        disown(s, std::exchange(subscription.dialect.id, {}), i);
    subscription.unsuited = false;
    set_state(s, i, SubscriptionState::Refused, problem);
    subscription.view.since = s.now; // refused once more is tried again after a while, too
    log_event(s, Fact{.code = FactCode::SubscriptionRefused, .about = subscription.view.criteria}.because(problem), i);
    update_phase(s);
    pump_orphans(s);
}

// The server has no real time of this kind for it, which will not change soon.
void unsuited(State& s, SubscriptionIndex i, const Fact& problem) {
    refuse(s, i, problem);
    s.subscriptions[i].unsuited = true;
}

LocalTime refused_retry_due(const State& s, const Subscription& subscription) {
    const bool waits =
        subscription.view.state == SubscriptionState::Refused && !subscription.waits_for_turn && !subscription.next;
    const auto pause = subscription.unsuited ? s.config.reconcile_period : s.config.refused_retry;
    return waits ? std::max<LocalTime>(subscription.view.since + pause, subscription.create_after) : never;
}

void leave_out(State& s, SubscriptionIndex i, const Fact& problem) {
    Subscription& subscription = s.subscriptions[i];
    const bool had_socket = subscription.dialect.socket != 0;
    drop_active(s, i);
    subscription.view.left_out = true;
    refuse(s, i, Fact{.code = FactCode::LeftOut}.because(problem));
    if (had_socket) return lose_connection(s, subscription.view.problem); // it takes no second bind
    pump_orphans(s);
    update_phase(s);
}

// What was refused is tried again: the Subscription, or the search alone where that was.
void try_again(State& s, SubscriptionIndex i) {
    Subscription& subscription = s.subscriptions[i];
    if (!subscription.view.left_out) return create_subscription(s, i);
    subscription.view.since = s.now;
    PendingRequest request;
    request.purpose = Purpose::TrySearch;
    request.subscription = i;
    request.sent.method = "GET";
    request.sent.url = fhir_url(s, query(subscription) + "_elements=id,meta&_count=1");
    send_request(s, std::move(request));
}

void on_tried(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    Subscription& subscription = s.subscriptions[request.subscription];
    if (!subscription.view.left_out || !is_success(answer)) return;
    subscription.view.left_out = false;
    log_event(s, {.code = FactCode::SearchAnswered, .about = subscription.view.criteria}, request.subscription);
    if (s.connection.phase == Phase::BackingOff || s.connection.phase == Phase::Closed) return;
    create_subscription(s, request.subscription);
}

void note_topic(State& s, SubscriptionIndex i, const fhir::Notification& notification) {
    if (i == no_subscription || !s.live() || !numbers_events(s.config)) return;
    Subscription& subscription = s.subscriptions[i];
    const auto& topics = s.config.dialect.topics;
    const auto used =
        std::find_if(topics.begin(), topics.end(), [&](const Topic& topic) { return topic.type == subscription.type; });
    if (used == topics.end() || subscription.active.id.empty()) return;
    for (const fhir::NotificationEvent& event : notification.events) {
        const std::string type(fhir::type_part(event.focus));
        const bool known = event.focus.empty() || std::any_of(topics.begin(), topics.end(), [&](const Topic& topic) {
                               return topic.url == used->url && topic.type == type;
                           });
        if (known) continue;
        drop_active(s, i);
        return unsuited(
            s, i, {.code = FactCode::TopicOfAnotherType, .about = used->url, .name = subscription.type, .words = type});
    }
}

} // namespace fhirscope::engine
