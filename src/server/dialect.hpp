#pragma once
// How the server's dialects differ on paper: the Subscription as a client writes it, the notification as a socket
// carries it (PROTOCOL B, C). Functions of their arguments; what is remembered is in subscriptions.hpp.

#include "fhir/json_writer.hpp"
#include "fhir/notification.hpp"
#include "fhir/result.hpp"
#include "server/store.hpp"

#include <rapidjson/document.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fhirscope::server {

using fhir::Dialect;

// Whether events have numbers, and topics, tokens and $events exist: the R4 backport, R4B and R5.
bool has_topics(Dialect dialect);

// The types that have a topic, each "created, updated or deleted".
std::span<const std::string_view> topic_types();
std::string topic_url(std::string_view type);
// A SubscriptionTopic resource, as R4B and R5 offer them.
std::string topic_resource(Dialect dialect, std::string_view type);

// What a Subscription asks for.
struct Wish {
    std::string criteria; // "Task?status=requested"
    std::string topic;    // "" where the dialect has none
    fhir::Payload content = fhir::Payload::Full;
    std::optional<ServerTime> end;
    bool websocket = false;
};

// Errors: Invalid: what the dialect's shape demands and is not there, or a topic that does not exist.
Result<Wish> read_wish(Dialect dialect, const rapidjson::Value& content);

// Sets what the server decides: status, and its own heartbeat period in place of the one asked for.
void settle_subscription(Dialect dialect, rapidjson::Document& content, std::string_view status,
                         std::chrono::milliseconds heartbeat);

// One event that a Subscription has had.
struct NumberedEvent {
    std::uint64_t number = 0; // from 1
    ServerTime time{};
    Commit commit;
};

struct StatusFacts {
    std::string_view subscription, topic, status; // id, canonical URL, "active"
    std::string_view type;   // "handshake", "heartbeat", "event-notification", "query-event", "query-status"
    std::uint64_t count = 0; // events since its start
};

// The entry with the status resource. `base_url` is the server's; random ids come from `random`.
void write_status_entry(fhir::JsonWriter& json, Dialect dialect, const std::string& base_url, const StatusFacts& facts,
                        std::span<const NumberedEvent> events, fhir::Payload content, Random& random);

// A whole notification Bundle: status, and what the payload kind shows of the events.
std::string notification_bundle(Dialect dialect, const std::string& base_url, const StatusFacts& facts,
                                std::span<const NumberedEvent> events, fhir::Payload content, ServerTime now,
                                Random& random);

} // namespace fhirscope::server
