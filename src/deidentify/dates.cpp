#include "deidentify/dates.hpp"

#include "fhir/partial_date.hpp"
#include "fhir/time.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace fhirscope::deidentify {

namespace {

using namespace std::chrono;

Days day_of(const fhir::PartialDate& date) {
    const year_month_day day{year(date.year), month(static_cast<unsigned>(date.month)),
                             std::chrono::day(static_cast<unsigned>(date.day))};
    return sys_days(day);
}

std::string digits(unsigned value, int count) {
    std::array<char, 16> out{};
    std::snprintf(out.data(), out.size(), "%0*u", count, value);
    return out.data();
}

std::string day_text(const year_month_day& day, fhir::Precision precision) {
    std::string out = digits(static_cast<unsigned>(std::max(1, static_cast<int>(day.year()))), 4);
    if (precision == fhir::Precision::Year) return out;
    out += '-' + digits(static_cast<unsigned>(day.month()), 2);
    if (precision == fhir::Precision::Month) return out;
    return out += '-' + digits(static_cast<unsigned>(day.day()), 2);
}

} // namespace

std::optional<std::string> shifted_date(std::string_view text, days by, Days oldest) {
    const auto date = fhir::read_partial_date(text);
    if (!date || !fhir::is_in_calendar(*date)) return std::nullopt;
    Days day = day_of(*date);
    if (date->precision == fhir::Precision::Year) day += days(182);
    if (date->precision == fhir::Precision::Month) day += days(14);
    const year_month_day moved{std::max(day + by, oldest)};
    constexpr std::size_t day_size = 10;
    return day_text(moved, date->precision) + std::string(text.substr(std::min(text.size(), day_size)));
}

std::optional<std::string> shifted_http_date(std::string_view text, days by) {
    const auto time = fhir::parse_http_date(text);
    if (!time) return std::nullopt;
    constexpr std::array<const char*, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const sys_seconds moved{duration_cast<seconds>(time->time_since_epoch()) + by};
    const Days day = floor<days>(moved);
    const year_month_day date{day};
    const hh_mm_ss clock{moved - day};
    std::array<char, 64> out{};
    std::snprintf(out.data(), out.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT", weekdays[weekday(day).c_encoding()],
                  static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1],
                  static_cast<int>(date.year()), static_cast<int>(clock.hours().count()),
                  static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
    return out.data();
}

} // namespace fhirscope::deidentify
