// Notification Bundles of the Subscriptions R5 Backport and of R5 (PROTOCOL B2). The status is an R4 Parameters or an
// R4B/R5 SubscriptionStatus; both say which they are, so either is read in each of the three dialects: a server that
// mixes them up loses no update here.

#include "fhir/bundle.hpp"
#include "fhir/isolate.hpp"
#include "fhir/notification_parts.hpp"
#include "fhir/reference.hpp"
#include "fhir/slice.hpp"

#include <algorithm>
#include <unordered_set>

namespace fhirscope::fhir {
namespace {

std::string text_in(Slice value) {
    return value.kind() == Slice::Kind::Number ? std::string(value.text()) : value.string();
}

NotificationKind kind_of(std::string_view type) {
    if (type == "handshake") return NotificationKind::Handshake;
    if (type == "heartbeat") return NotificationKind::Heartbeat;
    if (type == "event-notification") return NotificationKind::Event;
    if (type == "query-status") return NotificationKind::QueryStatus;
    if (type == "query-event") return NotificationKind::QueryEvent;
    return NotificationKind::Unknown;
}

std::optional<StatusRecord> read_status(std::string_view resource) {
    if (auto status = read_subscription_status(resource)) return status;
    return read_parameters_status(resource);
}

class Assembler {
public:
    Assembler(std::string_view frame, const Scan& scan) : frame_(frame), scan_(scan) {}

    Notification assemble() {
        std::optional<StatusRecord> first;
        std::vector<const ScannedEntry*> others;
        for (const ScannedEntry& entry : scan_.entries) {
            auto status = entry.resource == ScannedEntry::none ? std::nullopt : read_status(text_of_entry(entry));
            if (!status) {
                others.push_back(&entry);
                continue;
            }
            // $status answers with one status for each Subscription.
            if (const std::string_view id = reference_id(status->subscription); !id.empty())
                result_.subscriptions.emplace_back(id);
            result_.errors.insert(result_.errors.end(), status->errors.begin(), status->errors.end());
            if (!first) first = std::move(status);
        }
        if (!first) {
            result_.sent = parse_instant(scan_.timestamp);
            for (const ScannedEntry* entry : others) attach(*entry, {});
            if (result_.events.empty() && !scan_.resources.empty())
                return unknown_notification("a Bundle without a subscription status");
            result_.kind = result_.events.empty() ? NotificationKind::Empty : NotificationKind::Event;
            if (!result_.events.empty()) result_.payload = Payload::Full;
            return std::move(result_);
        }
        result_.kind = kind_of(first->type);
        result_.status = std::move(first->status);
        result_.topic = std::move(first->topic);
        result_.sent = parse_instant(scan_.timestamp);
        result_.events_since_start = parse_count(first->events_since_start);
        if (result_.kind == NotificationKind::Unknown) {
            result_.message = "a subscription status of type \"" + first->type.substr(0, 64) + '"';
            return std::move(result_);
        }
        // A handshake may bring historical events, too.
        for (const StatusEvent& event : first->events) add_event(event);
        for (const ScannedEntry* entry : others) attach(*entry, first->events);
        for (const NotificationEvent& event : result_.events) {
            if (event.resource || event.deleted) result_.payload = Payload::Full;
            if (!event.focus.empty() && result_.payload == Payload::Empty) result_.payload = Payload::IdOnly;
        }
        return std::move(result_);
    }

private:
    std::string_view text_of_entry(const ScannedEntry& entry) const {
        const Span& span = scan_.resources[static_cast<std::size_t>(entry.resource)].text;
        return frame_.substr(span.begin, span.size);
    }

    void add_event(const StatusEvent& read) {
        NotificationEvent& event = result_.events.emplace_back();
        event.focus = local_reference(read.focus);
        event.sent = parse_instant(read.timestamp);
        if (!event.sent) event.sent = result_.sent;
        if (const auto number = parse_count(read.number); number && *number > 0) event.number = number;
    }

    // By focus = fullUrl, absolute or relative, never by position; several entries of one resource go to its events in
    // their order. An event left without its entry is told to the engine without content, which then reads it.
    void attach(const ScannedEntry& entry, const std::vector<StatusEvent>& read) {
        ResourcePtr resource;
        if (entry.resource != ScannedEntry::none)
            resource = ResourceScanner::make(frame_, scan_, scan_.resources[static_cast<std::size_t>(entry.resource)]);
        const bool named = resource && !resource->id().empty();
        const std::string reference(
            local_reference(named ? std::string_view(resource->reference()) : address_of(entry)));
        // A deletion may bring the last content along.
        const bool deleted = entry.method == "DELETE" || (resource && is_stub(*resource));
        if (!resource && !deleted) return; // id-only: its event says as much
        NotificationEvent* found = waiting_.take(result_.events, reference);
        if (!found) {
            if (!contexts_) {
                contexts_.emplace();
                for (const StatusEvent& event : read) contexts_->insert(event.context.begin(), event.context.end());
            }
            if (contexts_->contains(reference) || reference.empty()) return;
            found = &result_.events.emplace_back(); // news that no event names is not lost
            found->focus = reference;
            found->sent = result_.sent;
        }
        found->deleted = deleted;
        if (!deleted) found->resource = std::move(resource);
    }

    std::string_view frame_;
    const Scan& scan_;
    Notification result_;
    WaitingEvents waiting_;
    std::optional<std::unordered_set<std::string>> contexts_; // of all events, once somebody asks
};

} // namespace

void append_codes(std::string_view codeable_concept, std::vector<std::string>& codes) {
    const Slice given(codeable_concept);
    const std::size_t before = codes.size();
    given.member("coding").each_element([&](Slice coding) {
        if (std::string code = coding.member("code").string(); !code.empty()) codes.push_back(std::move(code));
    });
    if (std::string text = given.member("text").string(); codes.size() == before && !text.empty())
        codes.push_back(std::move(text));
}

std::optional<StatusRecord> read_subscription_status(std::string_view resource) {
    const Slice root(resource);
    if (!root.member("resourceType").is_string("SubscriptionStatus")) return std::nullopt;
    StatusRecord status;
    status.subscription = root.member("subscription").member("reference").string();
    status.topic = root.member("topic").string();
    status.status = root.member("status").string();
    status.type = root.member("type").string();
    status.events_since_start = text_in(root.member("eventsSinceSubscriptionStart"));
    root.member("error").each_element([&](Slice error) { append_codes(error.text(), status.errors); });
    root.member("notificationEvent").each_element([&](Slice given) {
        StatusEvent& event = status.events.emplace_back();
        event.number = text_in(given.member("eventNumber"));
        event.timestamp = given.member("timestamp").string();
        event.focus = given.member("focus").member("reference").string();
        given.member("additionalContext").each_element([&](Slice context) {
            event.context.emplace_back(local_reference(context.member("reference").string()));
        });
    });
    return status;
}

Result<Notification> decode_standard_frame(std::string_view frame, const Limits& limits) {
    std::string rest;
    std::vector<Unreadable> unreadable;
    const Result<const Scan*> scanned = scan_bundle(frame, limits, rest, unreadable);
    if (!scanned) return tl::unexpected<Error>(scanned.error());
    const Scan& found = **scanned;
    if (!rest.empty()) frame = rest;
    if (!found.is_object) return unknown_notification("JSON that is not an object");
    if (has(found.envelope, Irregularity::DuplicateKey))
        return unknown_notification("a message with the same property twice in one object");
    if (found.resource_type == "OperationOutcome") return read_outcome(frame);
    if (found.resource_type != "Bundle") return describe_foreign(found);
    if (!found.entry_is_list) return unknown_notification("a Bundle whose entry is not a list");
    return with_unreadable(Assembler(frame, found).assemble(), unreadable);
}

} // namespace fhirscope::fhir
