// The classic R4 text protocol, as HAPI speaks it (PROTOCOL C): "bound 123", "ping 123", and complaints in prose.

#include "fhir/notification_parts.hpp"
#include "fhir/reference.hpp"
#include "fhir/utf8.hpp"

namespace fhirscope::fhir {
namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
    return text;
}

// The id behind "bound ", "ping " or "add ", or "".
std::string_view id_behind(std::string_view line, std::string_view word) {
    if (!line.starts_with(word) || line.size() <= word.size() || line[word.size()] != ' ') return {};
    return reference_id(line.substr(word.size() + 1));
}

} // namespace

Result<Notification> decode_hapi_frame(std::string_view frame, const Limits& limits) {
    if (frame.size() > limits.max_bytes)
        return fail(ErrorCode::TooLarge,
                    "the text has " + std::to_string(frame.size()) + " bytes; at most " +
                        std::to_string(limits.max_bytes) + " are accepted",
                    limits.max_bytes);
    if (const std::size_t bad = find_invalid_utf8(frame); bad != std::string_view::npos)
        return fail(ErrorCode::Malformed, "not valid UTF-8 at byte " + std::to_string(bad), bad);
    const std::size_t line_end = frame.find('\n');
    const std::string_view line = trimmed(frame.substr(0, line_end));
    Notification result;
    if (const std::string_view id = id_behind(line, "bound"); !id.empty()) {
        result.kind = NotificationKind::Handshake;
        result.subscriptions.emplace_back(id);
        return result;
    }
    if (const std::string_view id = id_behind(line, "ping"); !id.empty()) {
        result.kind = NotificationKind::Event; // something changed; a search says what
        result.subscriptions.emplace_back(id);
        return result;
    }
    // Old captures only: DSTU2-time servers sent the resource along.
    if (const std::string_view id = id_behind(line, "add"); !id.empty() && line_end != std::string_view::npos) {
        auto resource = parse_resource(frame.substr(line_end + 1), limits);
        if (!resource) return tl::unexpected<Error>(resource.error());
        result.kind = NotificationKind::Event;
        result.payload = Payload::Full;
        result.subscriptions.emplace_back(id);
        NotificationEvent& event = result.events.emplace_back();
        event.focus = (*resource)->reference();
        event.resource = std::move(*resource);
        return result;
    }
    if (line.starts_with("Unexpected client message") || line.starts_with("Invalid bind request")) {
        result.kind = NotificationKind::Outcome;
        result.message = line.substr(0, 256);
        return result;
    }
    return unknown_notification("text that is neither \"bound\" nor \"ping\": it begins \"" +
                                std::string(line.substr(0, 64)) + '"');
}

} // namespace fhirscope::fhir
