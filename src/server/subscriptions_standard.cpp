// What the hub does in the dialects other than Medplum's (PROTOCOL B, C): text frames, numbered events, $status,
// $events.

#include "fhir/harmless.hpp"
#include "fhir/json.hpp"
#include "fhir/reference.hpp"
#include "server/outcome.hpp"
#include "server/subscriptions.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::server {

namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
    while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
    return text;
}

constexpr std::uint16_t protocol_error = 1002;

} // namespace

bool SubscriptionHub::is_over(const Subscription& subscription, ServerTime now) const {
    if (options_.dialect == Dialect::Medplum) return subscription.created + options_.subscription_lifetime <= now;
    return subscription.wish.end && *subscription.wish.end <= now;
}

void SubscriptionHub::set_status(Subscription& subscription, std::string_view status, ServerTime now) {
    subscription.status = status;
    auto content = fhir::parse_json(subscription.text);
    if (!content) return; // it was written here
    settle_subscription(options_.dialect, *content, status, options_.heartbeat);
    write_text(subscription, *content, now);
}

std::vector<const SubscriptionHub::Subscription*> SubscriptionHub::all(ServerTime now) {
    sweep(now);
    std::vector<const Subscription*> result;
    for (const auto& [id, subscription] : subscriptions_) result.push_back(find(id, now));
    return result;
}

// "bind-with-token TOKEN", and with a colon as the implementation guide's diagram has it in one place (PROTOCOL B4).
SubscriptionHub::Reaction SubscriptionHub::receive_standard(ConnectionId from, std::string_view frame, ServerTime now) {
    constexpr std::string_view bind_word = "bind-with-token", unbind_word = "unbind ";
    Reaction reaction;
    if (frame.starts_with(bind_word)) {
        auto token = trimmed(frame.substr(bind_word.size()));
        if (token.starts_with(':')) token = trimmed(token.substr(1));
        bind(from, token, now, reaction);
    } else if (frame.starts_with(unbind_word)) {
        auto ids = trimmed(frame.substr(unbind_word.size()));
        while (!ids.empty()) {
            auto id = ids.substr(0, ids.find(','));
            if (auto bound = bindings_.find(from); bound != bindings_.end())
                std::erase_if(bound->second, [&](const Binding& b) { return b.subscription == id; });
            ids.remove_prefix(std::min(id.size() + 1, ids.size()));
        }
    } else {
        reaction.frames.push_back(outcomes::bad_request("Expected bind-with-token and a token").body);
    }
    return reaction;
}

SubscriptionHub::Reaction SubscriptionHub::receive_hapi(ConnectionId from, std::string_view frame, ServerTime now) {
    constexpr std::string_view word = "bind";
    Reaction reaction;
    auto refuse = [&](std::string reason) {
        reaction.close_code = protocol_error;
        reaction.close_reason = "Invalid bind request - " + std::move(reason);
        return reaction;
    };
    if (bindings_.contains(from)) {
        reaction.frames.push_back("Unexpected client message: " + fhir::harmless(frame.substr(0, 200)));
        return reaction;
    }
    auto text = trimmed(frame);
    if (!text.starts_with(word)) return refuse("Expected bind");
    auto id = fhir::reference_id(trimmed(text.substr(word.size())));
    if (id.empty()) return refuse("No ID included");
    const auto* subscription = find(id, now);
    if (!subscription || subscription->status != "active") return refuse("Unknown subscription: " + std::string(id));
    if (!subscription->wish.websocket)
        return refuse("Subscription " + std::string(id) + " is not a websocket subscription");
    bindings_[from].push_back({std::string(id), {}, {}, ServerTime::max()});
    reaction.frames.push_back("bound " + std::string(id));
    return reaction;
}

std::string SubscriptionHub::status_frame_of(const Subscription& subscription, std::string_view type, ServerTime now) {
    return notification_bundle(options_.dialect, options_.base_url,
                               {.subscription = subscription.id,
                                .topic = subscription.wish.topic,
                                .status = subscription.status,
                                .type = type,
                                .count = subscription.count},
                               {}, subscription.wish.content, now, random_);
}

std::vector<Frame> SubscriptionHub::standard_event(std::string_view id, const Commit& commit, ServerTime now) {
    auto found = subscriptions_.find(id);
    if (found == subscriptions_.end()) return {};
    auto& subscription = found->second;
    std::vector<Frame> frames;
    std::shared_ptr<const std::string> text;
    if (has_topics(options_.dialect)) {
        // Numbered and kept whether anybody is bound or not.
        subscription.events.push_back({++subscription.count, std::max(now, commit.current->last_updated), commit});
        if (subscription.events.size() > options_.max_events) subscription.events.pop_front();
        text = std::make_shared<const std::string>(notification_bundle(options_.dialect, options_.base_url,
                                                                       {.subscription = subscription.id,
                                                                        .topic = subscription.wish.topic,
                                                                        .status = subscription.status,
                                                                        .type = "event-notification",
                                                                        .count = subscription.count},
                                                                       std::span(&subscription.events.back(), 1),
                                                                       subscription.wish.content, now, random_));
    } else {
        text = std::make_shared<const std::string>("ping " + subscription.id);
    }
    for (const auto& [connection, bound] : bindings_)
        for (const auto& binding : bound) {
            if (binding.subscription != id || now >= binding.expires) continue;
            if (!binding.login.empty() && !tokens_.stands(binding.login, now)) continue;
            frames.push_back({connection, text});
        }
    return frames;
}

std::string SubscriptionHub::status_bundle(const std::vector<const Subscription*>& of) {
    fhir::JsonWriter json;
    json.object().member("resourceType", "Bundle").member("type", "searchset").member("total", of.size());
    json.array("entry");
    for (const auto* subscription : of)
        write_status_entry(json, options_.dialect, options_.base_url,
                           {.subscription = subscription->id,
                            .topic = subscription->wish.topic,
                            .status = subscription->status,
                            .type = "query-status",
                            .count = subscription->count},
                           {}, subscription->wish.content, random_);
    json.end().end();
    return json.take();
}

std::string SubscriptionHub::events_bundle(const Subscription& of, std::uint64_t since, std::uint64_t until,
                                           fhir::Payload content, ServerTime now) {
    std::vector<NumberedEvent> events;
    for (const auto& event : of.events)
        if (event.number >= since && event.number <= until) events.push_back(event);
    return notification_bundle(
        options_.dialect, options_.base_url,
        {.subscription = of.id, .topic = of.wish.topic, .status = of.status, .type = "query-event", .count = of.count},
        events, content, now, random_);
}

} // namespace fhirscope::server
