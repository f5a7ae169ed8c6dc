#pragma once
// Times carry their clock in the type, so a server's time is never mixed with ours by accident.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fhirscope {

struct ServerClock {};
struct LocalClock {};

// When the server says something happened: milliseconds since the Unix epoch, the precision of Medplum's
// `meta.lastUpdated` (PROTOCOL A3). Finer digits that other servers send are cut.
using ServerTime = std::chrono::time_point<ServerClock, std::chrono::milliseconds>;
// When something reached us: microseconds since the Unix epoch on a clock that never goes back (the runtime adds the
// monotonic time since start to the wall time at start).
using LocalTime = std::chrono::time_point<LocalClock, std::chrono::microseconds>;

namespace fhir {

// Reads an R4 `instant` or a `dateTime` that has a time and a zone ("2026-02-10T10:30:15.123Z", "…+02:00").
// Anything else, an impossible date among it, is nullopt.
std::optional<ServerTime> parse_instant(std::string_view text);

// What servers write in the place of an instant: without a zone (then it is taken for UTC, and `exact` is false), with
// a space for the T, a zone without a colon, without seconds. Anything else is nullopt.
struct LooseInstant {
    ServerTime time{};
    bool exact = true;
};
std::optional<LooseInstant> parse_loose_instant(std::string_view text);
// The Last-Modified and Date of HTTP: "Tue, 10 Feb 2026 10:30:15 GMT"; whole seconds.
std::optional<ServerTime> parse_http_date(std::string_view text);

// "2026-02-10T10:30:15.123Z", always UTC and always three fraction digits.
std::string format_instant(ServerTime time);

// "25 s", or "1500 ms" where it is not whole.
std::string seconds_text(std::chrono::milliseconds duration);

} // namespace fhir
} // namespace fhirscope
