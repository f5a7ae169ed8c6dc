// Medplum's frames (PROTOCOL A10): the one dialect whose bursts are read in a single pass, without a tree.

#include "fhir/bundle.hpp"
#include "fhir/isolate.hpp"
#include "fhir/notification_parts.hpp"
#include "fhir/reference.hpp"

#include <algorithm>

namespace fhirscope::fhir {
namespace {

NotificationKind kind_of_status(std::string_view type) {
    if (type == "handshake") return NotificationKind::Handshake;
    if (type == "heartbeat") return NotificationKind::Heartbeat;
    if (type == "event-notification") return NotificationKind::Event;
    return NotificationKind::Unknown;
}

class BundleReader {
public:
    BundleReader(std::string_view frame, const Scan& scan) : frame_(frame), scan_(scan) {}

    Notification read() {
        result_.sent = parse_instant(scan_.timestamp);
        result_.payload = Payload::Full;
        const ScannedResource* status = first_status();
        if (status == nullptr) {
            result_.kind = scan_.resources.empty() ? NotificationKind::Empty : NotificationKind::Event;
            add_resources();
            return std::move(result_);
        }
        result_.kind = kind_of_status(status->kind);
        result_.status = status->status;
        result_.events_since_start = parse_count(status->events_since_start);
        add_subscriptions(status->kind);
        if (result_.kind == NotificationKind::Unknown)
            result_.message = "a SubscriptionStatus of type \"" + std::string(status->kind.substr(0, 64)) + '"';
        else if (result_.kind == NotificationKind::Event)
            add_events(*status);
        return std::move(result_);
    }

private:
    bool is_status(const ScannedResource& r) const { return scan_.type_of(r, frame_) == "SubscriptionStatus"; }

    const ScannedResource* first_status() const {
        const auto found = std::find_if(scan_.resources.begin(), scan_.resources.end(),
                                        [this](const ScannedResource& r) { return is_status(r); });
        return found == scan_.resources.end() ? nullptr : &*found;
    }

    // A heartbeat has one status for each subscription bound.
    void add_subscriptions(std::string_view kind) {
        for (const ScannedResource& resource : scan_.resources) {
            if (!is_status(resource) || resource.kind != kind) continue;
            if (const std::string_view id = reference_id(resource.subscription); !id.empty())
                result_.subscriptions.emplace_back(id);
        }
    }

    void add_events(const ScannedResource& status) {
        result_.events.reserve(std::max<std::size_t>(status.event_count, 1));
        for (std::uint32_t i = 0; i < status.event_count; ++i) {
            const ScannedEvent& scanned = scan_.events[status.first_event + i];
            NotificationEvent& event = result_.events.emplace_back();
            event.focus = local_reference(scanned.focus);
            // Mostly the Bundle's own time.
            event.sent = scanned.timestamp == scan_.timestamp ? result_.sent : parse_instant(scanned.timestamp);
            // Numbers start at 1 where they mean something; Medplum always writes 0.
            if (const auto number = parse_count(scanned.number); number && *number > 0) event.number = number;
        }
        add_resources();
    }

    void add_resources() {
        for (const ScannedEntry& entry : scan_.entries) {
            if (entry.resource == ScannedEntry::none) {
                if (entry.method == "DELETE") attach(nullptr, true, entry);
                continue;
            }
            const ScannedResource& resource = scan_.resources[static_cast<std::size_t>(entry.resource)];
            if (is_status(resource)) continue;
            ResourcePtr made = ResourceScanner::make(frame_, scan_, resource);
            const bool deleted = entry.method == "DELETE" || is_stub(*made);
            attach(std::move(made), deleted, entry);
        }
    }

    // A resource that no event names is still news: it gets an event of its own rather than being lost.
    void attach(ResourcePtr resource, bool deleted, const ScannedEntry& entry) {
        const std::string reference(resource ? std::string_view(resource->reference()) : address_of(entry));
        NotificationEvent* event = waiting_.take(result_.events, reference);
        if (!event) {
            event = waiting_.take(result_.events, "");
            if (!event) event = &result_.events.emplace_back();
            event->focus = local_reference(reference);
            if (!event->sent) event->sent = result_.sent;
        }
        event->deleted = deleted;
        if (!deleted) event->resource = std::move(resource);
    }

    std::string_view frame_;
    const Scan& scan_;
    Notification result_;
    WaitingEvents waiting_;
};

} // namespace

Result<Notification> decode_medplum_frame(std::string_view frame, const Limits& limits) {
    std::string rest;
    std::vector<Unreadable> unreadable;
    const Result<const Scan*> scanned = scan_bundle(frame, limits, rest, unreadable);
    if (!scanned) return tl::unexpected<Error>(scanned.error());
    const Scan& found = **scanned;
    if (!rest.empty()) frame = rest;
    if (!found.is_object) return unknown_notification("JSON that is not an object");
    // Which of the two would count is a matter of the reader; a sender that means well sends one.
    if (has(found.envelope, Irregularity::DuplicateKey))
        return unknown_notification("a message with the same property twice in one object");
    if (found.resource_type.empty() && found.type == "pong") {
        Notification pong;
        pong.kind = NotificationKind::Pong;
        return pong;
    }
    if (found.resource_type == "OperationOutcome") return read_outcome(frame);
    if (!found.entry_is_list) return unknown_notification("a Bundle whose entry is not a list");
    if (found.resource_type == "Bundle") return with_unreadable(BundleReader(frame, found).read(), unreadable);
    return describe_foreign(found);
}

} // namespace fhirscope::fhir
