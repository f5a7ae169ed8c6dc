#include "fhir/time.hpp"

#include "fhir/partial_date.hpp"

#include <algorithm>
#include <cstdio>
#include <iterator>

namespace fhirscope::fhir {

std::optional<ServerTime> parse_instant(std::string_view text) {
    const auto date = read_partial_date(text);
    if (!date || date->precision < Precision::Second || !date->has_zone || !is_in_calendar(*date)) return std::nullopt;
    return ServerTime(std::chrono::milliseconds(start_of(*date)));
}

std::optional<LooseInstant> parse_loose_instant(std::string_view text) {
    if (const auto exact = parse_instant(text)) return LooseInstant{*exact, true};
    constexpr std::size_t date_size = 10, minutes_size = 16;
    if (text.size() < minutes_size || text.size() > 64) return std::nullopt;
    std::string written(text);
    if (written[date_size] == ' ' || written[date_size] == 't') written[date_size] = 'T';
    if (written.back() == 'z') written.back() = 'Z';
    const std::size_t zone = written.find_first_of("Z+-", minutes_size);
    std::string time = written.substr(0, zone);
    std::string offset = zone == std::string::npos ? "" : written.substr(zone);
    if (time.size() == minutes_size) time += ":00";
    if (offset.size() == 3) offset += ":00";                              // +02
    if (offset.size() == 5 && offset[3] != ':') offset.insert(3, 1, ':'); // +0200
    const auto read = parse_instant(time + (offset.empty() ? "Z" : offset));
    return read ? std::optional(LooseInstant{*read, !offset.empty()}) : std::nullopt;
}

std::optional<ServerTime> parse_http_date(std::string_view text) {
    constexpr std::string_view months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    // "Tue, 10 Feb 2026 10:30:15 GMT" (RFC 9110, the form that is to be sent)
    if (text.size() != 29 || text.substr(3, 2) != ", " || !text.ends_with(" GMT")) return std::nullopt;
    const auto month = std::find(std::begin(months), std::end(months), text.substr(8, 3));
    if (month == std::end(months)) return std::nullopt;
    const auto number = month - std::begin(months) + 1;
    std::string written(text.substr(12, 4));
    written.append(number < 10 ? "-0" : "-").append(std::to_string(number)).append(1, '-').append(text.substr(5, 2));
    return parse_instant(written.append(1, 'T').append(text.substr(17, 8)).append(1, 'Z'));
}

std::string format_instant(ServerTime time) {
    namespace chr = std::chrono;
    const auto day = chr::floor<chr::days>(chr::sys_time<chr::milliseconds>(time.time_since_epoch()));
    const chr::year_month_day date(day);
    const chr::hh_mm_ss clock(time.time_since_epoch() - day.time_since_epoch());
    char text[64];
    const int size =
        std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                      static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
    return std::string(text, static_cast<std::size_t>(size));
}

std::string seconds_text(std::chrono::milliseconds duration) {
    return duration.count() % 1000 == 0 ? std::to_string(duration.count() / 1000) + " s"
                                        : std::to_string(duration.count()) + " ms";
}

} // namespace fhirscope::fhir
