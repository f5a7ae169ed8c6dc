// Another client's Subscriptions, as its exchanges show them: made, refused, ended, and the tokens for their bindings.

#include "engine/connection/observed_sockets.hpp"
#include "engine/connection/server_clock.hpp"
#include "engine/core/journal.hpp"
#include "engine/pipeline/frames.hpp"
#include "engine/recovery/observed.hpp"
#include "engine/recovery/observed_exchange.hpp"
#include "engine/subscriptions/refusals.hpp"
#include "engine/subscriptions/subscriptions.hpp"
#include "fhir/binding_token.hpp"
#include "fhir/notification.hpp"
#include "fhir/reference.hpp"
#include "fhir/validate.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::engine {
namespace {

constexpr std::size_t tokens_kept = 4'096;

void take_token(State& s, const Exchange& e, const std::string& id) {
    const SubscriptionIndex i = fhir::is_usable_id(id) ? learn_subscription(s, id, {}) : no_subscription;
    if (i == no_subscription) return;
    SubscriptionView& view = s.subscriptions[i].view;
    if (const auto token =
            e.answer.status == 200 && e.answer.body ? fhir::parse_binding_token(*e.answer.body) : std::nullopt) {
        if (s.observation->tokens.size() >= tokens_kept) s.observation->tokens.clear();
        s.observation->tokens[token->token] = id;
        const ServerTime end =
            std::min(token->expires.value_or(ServerTime::max()), e.answer.token_end.value_or(ServerTime::max()));
        if (end != ServerTime::max() && view.id == id)
            view.token_expires = LocalTime(std::chrono::duration_cast<std::chrono::microseconds>(
                end.time_since_epoch() -
                (s.connection.clock_known ? s.connection.clock_offset : std::chrono::microseconds(0))));
        return;
    }
    if (!is_refusal(e.answer) || view.id != id) return;
    const Fact refusal = fact_of(e.answer);
    if (refusal.words.find("reading subscription") != std::string::npos) return observed_ended(s, id, Ended::Gone);
    const auto& tokens = s.observation->tokens;
    if (std::ranges::any_of(tokens, [&](const auto& item) { return item.second == id; })) return; // in another way
    const Fact problem = Fact{.code = FactCode::NoToken}.because(refusal);
    if (view.state != SubscriptionState::Live) set_state(s, i, SubscriptionState::Refused, problem);
    log_event(s, Fact{.code = FactCode::SubscriptionRefused, .about = view.criteria}.because(problem), i);
}

// The events that an answer to $events brings are the client's, as those of a search are.
void take_replay(State& s, const Exchange& e, const std::string& id) {
    if (e.answer.status != 200 || !e.answer.body) return;
    auto decoded = fhir::decode_frame(s.config.dialect.dialect, *e.answer.body, fhir::answer_limits());
    const auto known = s.ids->known.find(id);
    if (!decoded || known == s.ids->known.end()) return;
    for (fhir::NotificationEvent& event : decoded->events) {
        if (!event.resource && !event.deleted) continue;
        Update update;
        update.reference = event.focus.empty() && event.resource ? event.resource->reference() : event.focus;
        update.resource = event.deleted ? nullptr : std::move(event.resource);
        update.deleted = event.deleted;
        if (event.deleted) update.deleted_at = event.sent;
        update.sent = event.sent;
        update.received = s.now;
        update.asked = e.asked;
        update.channel = Channel::CatchUp;
        update.subscription = known->second;
        enqueue(s, std::move(update));
    }
    if (!decoded->events.empty()) observed_caught_up(s, known->second, e.asked);
}

} // namespace

void take_subscription(State& s, const Exchange& e, const Target& target) {
    if (target.rest.starts_with("$get-ws-binding-token")) return take_token(s, e, target.id);
    if (target.rest.starts_with("$events")) return take_replay(s, e, target.id);
    if (target.rest.starts_with("$status")) return;
    if (e.method == "POST" || e.method == "PUT") {
        const auto sent = e.sent ? fhir::parse_resource(*e.sent) : Result<fhir::ResourcePtr>(nullptr);
        const ObservedWish asked_for = sent && *sent ? wish_of((*sent)->text()) : ObservedWish{};
        if (is_refusal(e.answer) && e.answer.status != 401 && target.id.empty())
            return void(
                learn_refused(s, asked_for, Fact{.code = FactCode::CreationRefused}.because(fact_of(e.answer))));
        if (!e.ok()) return;
        const auto created = e.answer.body ? fhir::parse_resource(*e.answer.body) : Result<fhir::ResourcePtr>(nullptr);
        const bool told = created && *created && (*created)->type() == "Subscription";
        std::string id = told ? std::string((*created)->id()) : target.id;
        if (id.empty()) id = fhir::id_part(fhir::local_reference(e.answer.location));
        if (!fhir::is_usable_id(id)) return;
        if (told && (*created)->last_updated() && e.answer.status == 201 && (*created)->time_is_exact())
            sample_clock(s, *(*created)->last_updated(), e.asked);
        ObservedWish wish = told ? wish_of((*created)->text()) : asked_for;
        if (wish.criteria.empty() && wish.topic.empty()) wish = asked_for;
        const SubscriptionIndex i = learn_subscription(s, id, wish);
        if (i == no_subscription) return;
        Subscription& subscription = s.subscriptions[i];
        subscription.view.created = s.now;
        if (subscription.view.state != SubscriptionState::Live) set_state(s, i, SubscriptionState::AwaitingToken);
        return;
    }
    if (target.id.empty() || !target.rest.empty()) return;
    const bool gone = e.answer.status == 404 || e.answer.status == 410;
    if (e.method == "DELETE" && e.ok()) return observed_ended(s, target.id, Ended::ByClient);
    if (e.method != "GET") return;
    if (gone) return observed_ended(s, target.id, Ended::Gone);
    const auto read =
        e.ok() && e.answer.body ? fhir::parse_resource(*e.answer.body) : Result<fhir::ResourcePtr>(nullptr);
    if (read && *read && (*read)->type() == "Subscription" && s.ids->known.contains(target.id))
        learn_subscription(s, target.id, wish_of((*read)->text()));
}

} // namespace fhirscope::engine
