#include "fhir/notification.hpp"

#include "fhir/bundle.hpp"
#include "fhir/notification_parts.hpp"
#include "fhir/reference.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace fhirscope::fhir {
namespace {

constexpr std::array dialect_names = {
    std::pair{Dialect::Medplum, std::string_view("medplum")},
    std::pair{Dialect::BackportR4, std::string_view("backport-r4")}, std::pair{Dialect::R4B, std::string_view("r4b")},
    std::pair{Dialect::R5, std::string_view("r5")}, std::pair{Dialect::Hapi, std::string_view("hapi")}};

} // namespace

std::string_view to_string(Dialect dialect) {
    for (const auto& [value, name] : dialect_names)
        if (value == dialect) return name;
    return "?";
}

std::optional<Dialect> parse_dialect(std::string_view name) {
    for (const auto& [value, known] : dialect_names)
        if (known == name) return value;
    return std::nullopt;
}

std::string_view to_string(NotificationKind kind) {
    switch (kind) {
        case NotificationKind::Handshake:
            return "handshake";
        case NotificationKind::Heartbeat:
            return "heartbeat";
        case NotificationKind::Event:
            return "event";
        case NotificationKind::QueryStatus:
            return "query-status";
        case NotificationKind::QueryEvent:
            return "query-event";
        case NotificationKind::Pong:
            return "pong";
        case NotificationKind::Outcome:
            return "outcome";
        case NotificationKind::Empty:
            return "empty";
        case NotificationKind::Unknown:
            break;
    }
    return "unknown";
}

std::string_view to_string(Payload payload) {
    switch (payload) {
        case Payload::Empty:
            return "empty";
        case Payload::IdOnly:
            return "id-only";
        case Payload::Full:
            break;
    }
    return "full-resource";
}

Result<Notification> decode_frame(Dialect dialect, std::string_view frame, const Limits& limits) {
    switch (dialect) {
        case Dialect::Medplum:
            break;
        case Dialect::BackportR4:
        case Dialect::R4B:
        case Dialect::R5:
            return decode_standard_frame(frame, limits);
        case Dialect::Hapi:
            return decode_hapi_frame(frame, limits);
    }
    return decode_medplum_frame(frame, limits);
}

std::optional<std::uint64_t> parse_count(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

NotificationEvent* WaitingEvents::take(std::vector<NotificationEvent>& events, std::string_view focus) {
    if (!count_) {
        count_ = events.size();
        for (std::size_t i = *count_ > few ? *count_ : 0; i-- > 0;) by_focus_[events[i].focus].push_back(i);
    }
    if (*count_ > few) {
        const auto found = by_focus_.find(std::string(focus));
        if (found == by_focus_.end() || found->second.empty()) return nullptr;
        const std::size_t first = found->second.back();
        found->second.pop_back();
        return &events[first];
    }
    for (std::size_t i = 0; i < *count_; ++i)
        if (events[i].focus == focus && !events[i].resource && !events[i].deleted) return &events[i];
    return nullptr;
}

Notification unknown_notification(std::string message) {
    Notification result;
    result.kind = NotificationKind::Unknown;
    result.message = std::move(message);
    return result;
}

Notification read_outcome(std::string_view frame) {
    const std::optional<Outcome> outcome = parse_outcome(frame);
    if (!outcome) return unknown_notification("an OperationOutcome without issues");
    Notification result;
    result.kind = NotificationKind::Outcome;
    for (const std::string* part : {&outcome->text, &outcome->diagnostics, &outcome->code})
        if (result.message.empty()) result.message = *part;
    return result;
}

std::string_view address_of(const ScannedEntry& entry) {
    const std::string_view by_address = local_reference(entry.full_url);
    return by_address.empty() ? local_reference(entry.url) : by_address;
}

Notification with_unreadable(Notification read, std::vector<Unreadable>& unreadable) {
    if (unreadable.empty()) return read;
    if (read.kind == NotificationKind::Empty) read.kind = NotificationKind::Event;
    read.unreadable = std::move(unreadable);
    return read;
}

Notification describe_foreign(const Scan& scan) {
    if (!scan.resource_type.empty())
        return unknown_notification("a resource of type " + std::string(scan.resource_type.substr(0, 64)) +
                                    " outside a Bundle");
    if (!scan.type.empty())
        return unknown_notification("an object with type \"" + std::string(scan.type.substr(0, 64)) +
                                    "\" and no resourceType");
    return unknown_notification("an object without resourceType");
}

} // namespace fhirscope::fhir
