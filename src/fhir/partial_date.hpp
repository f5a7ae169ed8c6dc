#pragma once
// The one reader of FHIR's dates and times: from a year alone to a fraction of a second with a zone.

#include <cstdint>
#include <optional>
#include <string_view>

namespace fhirscope::fhir {

enum class Precision : std::uint8_t { Year, Month, Day, Hour, Minute, Second, Fraction };

struct PartialDate {
    Precision precision = Precision::Year;
    int year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0;
    int fraction_digits = 0;
    int milliseconds = 0; // what is finer is cut
    int offset_minutes = 0;
    bool has_zone = false;
};

// Of the form of a date, a dateTime or an instant; whether the month has that day is is_in_calendar(). Second 60 is a
// leap second. Zones end at 14:00, the easternmost there is.
std::optional<PartialDate> read_partial_date(std::string_view text);

int last_day_of_month(int year, int month);
bool is_in_calendar(const PartialDate& date);

// Milliseconds since the epoch at which it begins; without a zone it is UTC. A day beyond the month's end counts on
// into the next month.
std::int64_t start_of(const PartialDate& date);

} // namespace fhirscope::fhir
