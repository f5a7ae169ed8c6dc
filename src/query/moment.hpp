#pragma once
// A moment of a session, and a length of time, as people write them.

#include "fhir/result.hpp"
#include "fhir/time.hpp"

#include <chrono>
#include <string_view>

namespace fhirscope::query {

// "2026-02-10T10:30:15.123Z", or an offset from `first`: "83s", "1.5s", "250ms", "2m", "1h", "1:23", "1:02:03". An
// instant is meant up to its last microsecond, since what is printed is cut to milliseconds. Error: Value.
Result<LocalTime> parse_moment(std::string_view text, LocalTime first);
// "250ms", "2s", "1.5m", "1h", "1:23". Error: Value.
Result<std::chrono::microseconds> parse_length(std::string_view text);

} // namespace fhirscope::query
