#pragma once
// What a server says on the socket, in one type for all dialects (PROTOCOL A10, B2, C).

#include "fhir/resource.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::fhir {

enum class NotificationKind : std::uint8_t { Handshake, Heartbeat, Event, Pong, Outcome, Unknown };
std::string_view to_string(NotificationKind kind);

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
    std::optional<ServerTime> sent;         // Bundle.timestamp
    std::optional<std::uint64_t> events_since_start;
    std::vector<NotificationEvent> events;
    std::string message; // Outcome: what the server said; Unknown: what it looks like
};

// Decodes one text frame from a Medplum socket. Key order is never assumed. A frame that is JSON but none of the known
// kinds is a Notification of kind Unknown whose message says what it is (a Bundle without SubscriptionStatus among
// them). Errors: "too-large", "too-deep", "malformed", with the offset.
Result<Notification> decode_medplum_frame(std::string_view frame, const Limits& limits = {});

} // namespace fhirscope::fhir
