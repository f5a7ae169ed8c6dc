// The status of the R4 backport: a Parameters resource with kebab-case names (PROTOCOL B2).

#include "fhir/notification_parts.hpp"
#include "fhir/reference.hpp"
#include "fhir/slice.hpp"

namespace fhirscope::fhir {
namespace {

// The text of a code or string, or the digits of a number: the profile says string, some servers write an integer.
std::string text_of(Slice value) {
    return value.kind() == Slice::Kind::Number ? std::string(value.text()) : value.string();
}

// The value of a parameter or part: its one member whose name begins with "value".
Slice value_of(Slice parameter) {
    Slice value;
    parameter.each_member([&](std::string_view name, Slice member) {
        if (!name.starts_with("value")) return true;
        value = member;
        return false;
    });
    return value;
}

StatusEvent read_event(Slice parameter) {
    StatusEvent event;
    parameter.member("part").each_element([&](Slice part) {
        const std::string name = part.member("name").string();
        const Slice value = value_of(part);
        if (name == "event-number")
            event.number = text_of(value);
        else if (name == "timestamp")
            event.timestamp = value.string();
        else if (name == "focus")
            event.focus = value.member("reference").string();
        else if (name == "additional-context")
            event.context.emplace_back(local_reference(value.member("reference").string()));
    });
    return event;
}

} // namespace

std::optional<StatusRecord> read_parameters_status(std::string_view resource) {
    const Slice root(resource);
    if (!root.member("resourceType").is_string("Parameters")) return std::nullopt;
    StatusRecord status;
    root.member("parameter").each_element([&](Slice parameter) {
        const std::string name = parameter.member("name").string();
        const Slice value = value_of(parameter);
        if (name == "subscription")
            status.subscription = value.member("reference").string();
        else if (name == "topic")
            status.topic = value.string();
        else if (name == "status")
            status.status = value.string();
        else if (name == "type")
            status.type = value.string();
        else if (name == "events-since-subscription-start")
            status.events_since_start = text_of(value);
        else if (name == "error")
            append_codes(value.text(), status.errors);
        else if (name == "notification-event")
            status.events.push_back(read_event(parameter));
    });
    // Parameters are many things; a status says of which Subscription it is and what it is about.
    if (status.type.empty() && status.subscription.empty()) return std::nullopt;
    return status;
}

} // namespace fhirscope::fhir
