// Creating Subscriptions: how many at once, how soon again, and what the answers mean.

#include "engine/subscriptions/creation.hpp"

#include "engine/connection/connection.hpp"
#include "engine/connection/polling.hpp"
#include "engine/connection/server_clock.hpp"
#include "engine/core/dialect_traits.hpp"
#include "engine/core/state.hpp"
#include "engine/dialect/dialect.hpp"
#include "engine/dialect/life.hpp"
#include "engine/subscriptions/farewell.hpp"
#include "engine/subscriptions/refusals.hpp"
#include "engine/subscriptions/subscriptions.hpp"
#include "fhir/reference.hpp"
#include "fhir/validate.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::engine {
namespace {

constexpr std::size_t own_ids_kept = 4'096;

// The Subscription in an answer; null where there is none.
fhir::ResourcePtr subscription_in(const HttpAnswer& answer) {
    if (!is_success(answer) || !answer.body) return nullptr;
    const auto resource = fhir::parse_resource(*answer.body);
    return resource && (*resource)->type() == "Subscription" && fhir::is_usable_id((*resource)->id()) ? *resource
                                                                                                      : nullptr;
}

// What was created, where the answer has no body: "http://h/fhir/R4/Subscription/ID/_history/1" → "ID".
std::string id_in_location(const HttpAnswer& answer) {
    constexpr std::string_view type = "Subscription/";
    const std::string_view reference = fhir::local_reference(answer.location);
    if (!is_success(answer) || !reference.starts_with(type)) return {};
    return std::string(reference.substr(type.size()));
}

void remember_own(State& s, const std::string& id, SubscriptionIndex i) {
    if (s.ids->known.contains(id)) return;
    s.ids->known[id] = i;
    s.ids->own.push_back(id);
    s.ids->own_shown = nullptr;
    if (s.ids->own.size() <= own_ids_kept) return;
    s.ids->known.erase(s.ids->own.front());
    s.ids->own.pop_front();
}

void bind_created(State& s, SubscriptionIndex i, const fhir::Resource* created) {
    static const auto bare = fhir::parse_resource(R"({"resourceType":"Subscription"})");
    prepare_binding(s, i, s.subscriptions[i].next->id, created ? *created : **bare);
}

} // namespace

// No fault, whichever it is, makes more Subscriptions of one kind than one in so long. One that was live and went with
// its socket is not counted.
std::chrono::milliseconds creation_pause(const State& s) { return 2 * s.config.backoff_max; } // a minute

void create_subscription(State& s, SubscriptionIndex i) {
    Subscription& subscription = s.subscriptions[i];
    if (s.leaving || subscription.view.left_out || subscription.next || resume_subscription(s, i)) return;
    if (s.now < subscription.create_after) {
        if (subscription.view.state == SubscriptionState::Refused || !subscription.active.id.empty()) return;
        set_state(s, i, SubscriptionState::Wanted, subscription.view.problem);
        return start_polling(s, Fact{.code = FactCode::NoRealTime, .about = subscription.view.criteria}.because(
                                    subscription.view.problem));
    }
    const auto creating = std::count_if(s.requests.open.begin(), s.requests.open.end(), [](const auto& item) {
        return item.second.purpose == Purpose::CreateSubscription;
    });
    subscription.waits_for_turn =
        creating >= static_cast<std::ptrdiff_t>(s.config.creations_at_once); // no bursts (PROTOCOL H5)
    if (subscription.waits_for_turn) return;
    auto body = subscription_body(s, i);
    if (!body) return refuse(s, i, {.code = FactCode::NoTopic, .about = subscription.type});
    subscription.next = Binding{};
    if (subscription.active.id.empty()) set_state(s, i, SubscriptionState::Creating);
    PendingRequest request;
    request.purpose = Purpose::CreateSubscription;
    request.subscription = i;
    request.sent.method = "POST";
    request.sent.url = fhir_url(s, "Subscription");
    request.sent.content_type = "application/fhir+json";
    request.sent.body = make_text(std::move(*body));
    subscription.create_after = s.now + creation_pause(s);
    send_request(s, std::move(request));
}

bool waits(const State& s, const Subscription& subscription) {
    return subscription.view.state == SubscriptionState::Wanted && !subscription.next && !subscription.waits_for_turn &&
           subscription.create_after > s.now;
}

LocalTime next_creation(const State& s) {
    LocalTime earliest = never;
    if (s.leaving || s.connection.phase == Phase::Closed || s.connection.phase == Phase::Idle) return never;
    for (const Subscription& subscription : s.subscriptions) {
        // In the back-off the next attempt asks for them; a search needs no socket.
        if (s.connection.phase == Phase::BackingOff && !subscription.view.left_out) continue;
        const LocalTime due = waits(s, subscription) ? subscription.create_after : refused_retry_due(s, subscription);
        earliest = earlier(earliest, due);
    }
    return earliest;
}

void pump_creations(State& s) {
    for (SubscriptionIndex i = 0; i < s.subscriptions.size(); ++i)
        if (std::exchange(s.subscriptions[i].waits_for_turn, false)) create_subscription(s, i);
}

// Created for a connection that has gone meanwhile.
void on_orphan_created(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    const fhir::ResourcePtr created = subscription_in(answer);
    disown(s, created ? std::string(created->id()) : id_in_location(answer), request.subscription);
    pump_orphans(s);
}

void on_created(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    const SubscriptionIndex i = request.subscription;
    Subscription& subscription = s.subscriptions[i];
    if (!subscription.next) return;
    const bool refused = is_refusal(answer) || (answer.status >= 300 && answer.status < 400);
    if (refused || answer.status == 429 || answer.status == 503) subscription.create_after = never; // nothing was made
    if (refused) return refuse(s, i, Fact{.code = FactCode::CreationRefused}.because(fact_of(answer)));
    const fhir::ResourcePtr created = subscription_in(answer);
    const std::string id = created ? std::string(created->id()) : id_in_location(answer);
    if (id.empty()) {
        Fact problem{.code = is_success(answer) ? FactCode::CreationNameless : FactCode::CreationFailed,
                     .about = subscription.view.criteria};
        problem = problem.because(fact_of(answer));
        if (!is_success(answer)) return lose_connection(s, problem);
        subscription.next.reset();
        return retry_subscription(s, i, problem);
    }
    if (const auto stamped = created ? created->last_updated() : std::nullopt; stamped && created->time_is_exact()) {
        sample_clock(s, *stamped, request.sent_at);
        note_server_time(s, *stamped, s.now - request.sent_at);
    }
    Binding& binding = *subscription.next;
    binding.id = id;
    binding.created = s.now;
    remember_own(s, id, i);
    if (subscription.active.id.empty()) {
        subscription.view.id = binding.id;
        subscription.view.created = s.now;
        set_state(s, i, SubscriptionState::AwaitingToken);
    }
    if (created) return bind_created(s, i, created.get());
    if (survives_disconnect(s.config)) subscription.dialect.id = id; // so that it is deleted, whatever comes now
    PendingRequest read;
    read.purpose = Purpose::ReadCreated;
    read.subscription = i;
    read.reference = id;
    read.sent.method = "GET";
    read.sent.url = fhir_url(s, "Subscription/" + id);
    send_request(s, std::move(read));
}

// What the server made of a Subscription is worth knowing, not necessary.
void on_read_created(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    const Subscription& subscription = s.subscriptions[request.subscription];
    if (!subscription.next || subscription.next->id != request.reference) return;
    const fhir::ResourcePtr created = subscription_in(answer);
    bind_created(s, request.subscription, created && created->id() == request.reference ? created.get() : nullptr);
}

// The Subscription is there, and there is no token for it: then it is the operation that is not.
void on_checked_created(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    const SubscriptionIndex i = request.subscription;
    Subscription& subscription = s.subscriptions[i];
    const bool for_next = subscription.next && subscription.next->id == request.reference;
    if (!for_next && subscription.active.id != request.reference) return;
    const Fact problem = subscription.view.problem;
    if (subscription_in(answer)) {
        if (!for_next) drop_active(s, i);
        return unsuited(s, i, Fact{.code = FactCode::NoTokenOperation}.because(problem));
    }
    if (!for_next) drop_active(s, i);
    retry_subscription(s, i, problem);
}

} // namespace fhirscope::engine
