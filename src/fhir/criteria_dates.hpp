#pragma once
// Dates in searches: every date is an interval, and the two rule books build and compare intervals differently.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace fhirscope::fhir {

// Milliseconds since the epoch, both ends included.
struct DateInterval {
    std::int64_t start = 0;
    std::int64_t end = 0;
};

// Where a Period has no start or no end. Medplum compares these as the texts "0000" and "9999".
constexpr std::int64_t open_start = -62'167'219'200'001; // just before year 0
constexpr std::int64_t open_end = 253'370'764'799'999;   // just before year 9999

enum class DatePrefix : std::uint8_t { Eq, Ne, Lt, Gt, Le, Ge, Sa, Eb, Ap };

struct PrefixedDate {
    DatePrefix prefix = DatePrefix::Eq;
    std::string_view date;
};
PrefixedDate split_date_prefix(std::string_view value);

// From a year to a fraction of a second; without a zone it is UTC. An impossible date is nullopt.
std::optional<DateInterval> date_interval(std::string_view text);
// PROTOCOL F4, from here on. Missing parts are filled from …-12-31T23:59:59.999, so a month always ends on "day 31".
std::optional<DateInterval> medplum_date_interval(std::string_view text);
// What Medplum accepts as a search value; anything else is an exception there, and no event.
bool is_medplum_search_date(std::string_view text);

// HL7: search.html#prefix. `value` is the resource's, `filter` the one asked for.
bool spec_date_matches(DateInterval value, DatePrefix prefix, DateInterval filter);
// Without the negation of "ne", which concerns all values of the resource together.
bool medplum_date_matches(DateInterval value, DatePrefix prefix, DateInterval filter);

} // namespace fhirscope::fhir
