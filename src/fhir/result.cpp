#include "fhir/result.hpp"

#include <array>

namespace fhirscope {

std::string_view to_string(ErrorCode code) {
    // In the order of the enum.
    constexpr auto words = std::to_array<std::string_view>({
        "malformed",     "invalid",    "too-large",     "too-deep",    "not-a-bundle", "unsupported",
        "criteria",      "path",       "value",         "filter",      "hidden",       "missing",
        "unreadable",    "special",    "line-too-long", "exists",      "folder",       "write",
        "foreign",       "damaged",    "newer",         "gone",        "database",     "interrupted-change",
        "needs-folder",  "transcript", "panel",         "scenario", "expectation",   "settings",     "no-server",
        "bad-url",       "insecure",   "ca-file",       "profile",     "secret-file",  "no-secret",
        "bad-token",     "login",      "refused",       "unreachable", "timeout",      "tls",
        "protocol",      "no-fhir",    "usage",         "cancelled",   "not-found",    "not-held",
        "not-connected", "unanswered", "conflict",      "dropped",     "no-display",   "no-opengl",
        "screenshot",    "listen",     "address",       "port-busy",   "certificate",  "not-started",
        "fault",         "failed",
    });
    static_assert(words.size() == error_codes);
    return words[static_cast<std::size_t>(code)];
}

} // namespace fhirscope
