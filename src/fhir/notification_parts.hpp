#pragma once
// What the dialects' decoders share. Internal to src/fhir.

#include "fhir/notification.hpp"
#include "fhir/scanner.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fhirscope::fhir {

// A whole decimal number, or nullopt.
std::optional<std::uint64_t> parse_count(std::string_view text);

Notification unknown_notification(std::string message);
// A bare OperationOutcome on the socket.
Notification read_outcome(std::string_view frame);
// What an entry without a resource names: by its fullUrl, or its request; "" where nothing does.
std::string_view address_of(const ScannedEntry& entry);
// With what could not be read. Where nothing else is in it, it is an event all the same: something changed.
Notification with_unreadable(Notification read, std::vector<Unreadable>& unreadable);
// The events of a frame for which no entry was found yet. A frame of thousands takes no longer than it is long.
class WaitingEvents {
public:
    // The first that names `focus`, which waits no longer; null where there is none. Between calls `events` may grow,
    // by such as do not wait. Valid until it grows.
    NotificationEvent* take(std::vector<NotificationEvent>& events, std::string_view focus);

private:
    static constexpr std::size_t few = 16;                               // are looked through one by one
    std::optional<std::size_t> count_;                                   // of those that waited at first
    std::unordered_map<std::string, std::vector<std::size_t>> by_focus_; // numbers, the first one last
};

// JSON that no dialect sends: what it looks like.
Notification describe_foreign(const Scan& scan);

// notification_status.cpp: Backport R4, R4B and R5. notification_hapi.cpp: the text protocol.
Result<Notification> decode_standard_frame(std::string_view frame, const Limits& limits);
Result<Notification> decode_hapi_frame(std::string_view frame, const Limits& limits);

// One notification-event of a status, whatever its shape.
struct StatusEvent {
    std::string number, timestamp, focus;
    std::vector<std::string> context; // local references of its additional context
};

// A subscription status as the standard's dialects write it.
struct StatusRecord {
    std::string subscription, topic, status, type, events_since_start;
    std::vector<std::string> errors; // codes
    std::vector<StatusEvent> events;
};

// nullopt: the resource is no status. notification_backport.cpp reads R4's Parameters, notification_status.cpp R4B's
// and R5's SubscriptionStatus. `resource` is the text of one resource, already found well-formed.
std::optional<StatusRecord> read_parameters_status(std::string_view resource);
std::optional<StatusRecord> read_subscription_status(std::string_view resource);

// The codes of a CodeableConcept's codings, or its text where it has none.
void append_codes(std::string_view codeable_concept, std::vector<std::string>& codes);

} // namespace fhirscope::fhir
