#include "fhir/criteria_dates.hpp"

#include "fhir/partial_date.hpp"

#include <array>
#include <utility>

namespace fhirscope::fhir {
namespace {

// Finer than any clock: not taken for a date.
constexpr int most_fraction_digits = 9;

std::optional<PartialDate> read_search_date(std::string_view text) {
    const auto date = read_partial_date(text);
    return date && date->fraction_digits <= most_fraction_digits ? date : std::nullopt;
}

// `month_end` gives the last day of a month that is named without one.
std::int64_t end_of(PartialDate d, int (*month_end)(int, int)) {
    static constexpr std::array<int, 4> unsaid_milliseconds{999, 99, 9, 0};
    if (d.precision == Precision::Year) d.month = 12;
    if (d.precision <= Precision::Month) d.day = month_end(d.year, d.month);
    if (d.precision <= Precision::Day) d.hour = 23;
    if (d.precision <= Precision::Hour) d.minute = 59;
    if (d.precision <= Precision::Minute) d.second = 59;
    d.milliseconds += unsaid_milliseconds[d.fraction_digits < 3 ? static_cast<std::size_t>(d.fraction_digits) : 3];
    return start_of(d);
}

int always_31(int, int) { return 31; }

} // namespace

PrefixedDate split_date_prefix(std::string_view value) {
    static constexpr std::array<std::pair<std::string_view, DatePrefix>, 9> prefixes{{{"eq", DatePrefix::Eq},
                                                                                      {"ne", DatePrefix::Ne},
                                                                                      {"lt", DatePrefix::Lt},
                                                                                      {"gt", DatePrefix::Gt},
                                                                                      {"le", DatePrefix::Le},
                                                                                      {"ge", DatePrefix::Ge},
                                                                                      {"sa", DatePrefix::Sa},
                                                                                      {"eb", DatePrefix::Eb},
                                                                                      {"ap", DatePrefix::Ap}}};
    for (const auto& [text, prefix] : prefixes)
        if (value.starts_with(text)) return {prefix, value.substr(2)};
    return {DatePrefix::Eq, value};
}

std::optional<DateInterval> date_interval(std::string_view text) {
    const std::optional<PartialDate> date = read_search_date(text);
    if (!date || !is_in_calendar(*date) || date->precision == Precision::Hour) return std::nullopt;
    return DateInterval{start_of(*date), end_of(*date, last_day_of_month)};
}

std::optional<DateInterval> medplum_date_interval(std::string_view text) {
    const std::optional<PartialDate> date = read_search_date(text);
    // Its dateTime may end at the hour but not at the minute, and JavaScript knows no leap seconds.
    if (!date || date->precision == Precision::Minute || date->second == 60) return std::nullopt;
    return DateInterval{start_of(*date), end_of(*date, always_31)};
}

bool is_medplum_search_date(std::string_view text) {
    const std::optional<PartialDate> date = read_search_date(text);
    return date && is_in_calendar(*date) && date->precision != Precision::Hour && date->second != 60;
}

bool spec_date_matches(DateInterval value, DatePrefix prefix, DateInterval filter) {
    const bool within = value.start >= filter.start && value.end <= filter.end;
    switch (prefix) {
        case DatePrefix::Eq:
            return within;
        case DatePrefix::Ne:
            return !within;
        case DatePrefix::Lt:
            return value.start < filter.start;
        case DatePrefix::Gt:
            return value.end > filter.end;
        case DatePrefix::Le:
            return value.start < filter.start || within;
        case DatePrefix::Ge:
            return value.end > filter.end || within;
        case DatePrefix::Sa:
            return value.start > filter.end;
        case DatePrefix::Eb:
            return value.end < filter.start;
        case DatePrefix::Ap:
            return value.start <= filter.end && value.end >= filter.start;
    }
    return false;
}

bool medplum_date_matches(DateInterval value, DatePrefix prefix, DateInterval filter) {
    switch (prefix) {
        case DatePrefix::Eq:
        case DatePrefix::Ne:
        case DatePrefix::Ap:
            return value.start < filter.end && value.end > filter.start;
        case DatePrefix::Lt:
            return value.start < filter.start;
        case DatePrefix::Gt:
            return value.end > filter.end;
        case DatePrefix::Le:
            return value.start <= filter.end;
        case DatePrefix::Ge:
            return value.end >= filter.start;
        case DatePrefix::Sa:
            return value.start > filter.end;
        case DatePrefix::Eb:
            return value.end < filter.start;
    }
    return false;
}

} // namespace fhirscope::fhir
