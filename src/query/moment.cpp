#include "query/moment.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

namespace fhirscope::query {

namespace {

using namespace std::chrono_literals;

constexpr double longest_offset = 1e9; // seconds

// A number without a sign, all of the text.
std::optional<double> plain_number(std::string_view text) {
    if (text.empty() || text.find_first_not_of("0123456789.") != text.npos) return std::nullopt;
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// "1:23", "1:02:03.5": everything behind the first colon is less than 60.
std::optional<double> seconds_of_clock(std::string_view text) {
    double seconds = 0;
    for (int part = 0; part < 3; ++part) {
        const auto colon = text.find(':');
        const auto number = plain_number(text.substr(0, colon));
        const bool last = colon == text.npos;
        if (!number || (part > 0 && *number >= 60) || (!last && *number != std::floor(*number))) return std::nullopt;
        seconds = seconds * 60 + *number;
        if (last) return part > 0 ? std::optional(seconds) : std::nullopt;
        text.remove_prefix(colon + 1);
    }
    return std::nullopt;
}

std::optional<double> seconds_with_unit(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, double>, 4> units{
        {{"ms", 0.001}, {"s", 1}, {"m", 60}, {"h", 3600}}};
    for (const auto& [unit, seconds] : units) {
        if (!text.ends_with(unit)) continue;
        if (const auto number = plain_number(text.substr(0, text.size() - unit.size()))) return *number * seconds;
    }
    return std::nullopt;
}

std::optional<std::chrono::microseconds> length_of(std::string_view text) {
    auto seconds = seconds_of_clock(text);
    if (!seconds) seconds = seconds_with_unit(text);
    if (!seconds || *seconds > longest_offset) return std::nullopt;
    return std::chrono::microseconds(std::llround(*seconds * 1e6));
}

} // namespace

Result<LocalTime> parse_moment(std::string_view text, LocalTime first) {
    if (const auto instant = fhir::parse_instant(text)) return LocalTime(instant->time_since_epoch()) + 999us;
    if (const auto offset = length_of(text)) return first + *offset;
    return fail(ErrorCode::Value, "\"" + std::string(text) +
                                      "\" is no moment: write a time with its zone (2026-02-10T10:30:15Z), or how "
                                      "far into the recording (83s, 1:23)");
}

Result<std::chrono::microseconds> parse_length(std::string_view text) {
    if (const auto length = length_of(text)) return *length;
    return fail(ErrorCode::Value, "\"" + std::string(text) + "\" is no length of time: write 250ms, 2s, 1.5m or 1:23");
}

} // namespace fhirscope::query
