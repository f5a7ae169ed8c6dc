#pragma once
// What a server says on the socket, in one type for all dialects (PROTOCOL A10, B2, C).

#include "fhir/resource.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::fhir {

// How servers speak of subscriptions (PROTOCOL 0). R4, R4B and R5 number their events; Medplum and HAPI do not.
enum class Dialect : std::uint8_t {
    Medplum,
    BackportR4, // the Subscriptions R5 Backport on R4: status in a Parameters resource
    R4B,
    R5,
    Hapi, // the classic R4 text protocol: "bound", "ping"
};
std::string_view to_string(Dialect dialect); // "medplum", "backport-r4", "r4b", "r5", "hapi"
std::optional<Dialect> parse_dialect(std::string_view name);

// QueryStatus and QueryEvent are answers of $status and $events (PROTOCOL B3), in the same Bundles as frames.
enum class NotificationKind : std::uint8_t {
    Handshake,
    Heartbeat,
    Event,
    QueryStatus,
    QueryEvent,
    Pong,
    Outcome,
    Empty, // a Bundle that says nothing: neither a status nor a resource
    Unknown
};
std::string_view to_string(NotificationKind kind);

// What the events carry: nothing, their focus, or the resources as well (PROTOCOL B2).
enum class Payload : std::uint8_t { Empty, IdOnly, Full };
std::string_view to_string(Payload payload);

struct NotificationEvent {
    std::optional<std::uint64_t> number; // absent on Medplum, whose numbers are always "0"
    std::optional<ServerTime> sent;      // the notification's time, not the commit's
    std::string focus;                   // "Type/id", server base and _history stripped
    ResourcePtr resource;                // null for id-only and empty payloads, and for marked deletes
    bool deleted = false;                // only where the dialect says so; Medplum does not
};

struct Notification {
    NotificationKind kind = NotificationKind::Unknown;
    std::vector<std::string> subscriptions; // ids: one, or for Medplum's heartbeat all that are bound
    std::string status;                     // SubscriptionStatus.status
    std::string topic;                      // canonical URL, where the dialect has topics
    std::vector<std::string> errors;        // codes of SubscriptionStatus.error ("no-response", …)
    Payload payload = Payload::Empty;
    std::optional<ServerTime> sent; // Bundle.timestamp
    std::optional<std::uint64_t> events_since_start;
    std::vector<NotificationEvent> events;
    std::vector<Unreadable> unreadable; // entries that could not be read; the rest is here
    std::string message;                // Outcome: what the server said; Unknown: what it looks like
};

// Decodes one text frame from a Medplum socket. Key order is never assumed. A frame that is JSON but none of the known
// kinds is a Notification of kind Unknown whose message says what it is. A Bundle without a status that brings
// resources is an event of no known Subscription. Errors: TooLarge, TooDeep, Malformed, with the offset.
Result<Notification> decode_medplum_frame(std::string_view frame, const Limits& limits = {});

// Decodes one text frame, or an answer of $status or $events, in any dialect; the same rules and errors. HAPI's frames
// are text, not JSON: what is neither "bound" nor "ping" nor a complaint is of kind Unknown.
Result<Notification> decode_frame(Dialect dialect, std::string_view frame, const Limits& limits = {});

} // namespace fhirscope::fhir
