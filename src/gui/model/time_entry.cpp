#include "gui/model/time_entry.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <ctime>
#include <string>

namespace fhirscope::gui {

namespace {

using std::chrono::microseconds;

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

// A number without a sign, of at most `digits` digits; takes it off the text.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
    int value = 0;
    const std::size_t most = std::min(digits, text.size());
    const auto [end, error] = std::from_chars(text.data(), text.data() + most, value);
    if (error != std::errc{} || value < 0 || text.empty() || text.front() == '-') return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

bool take(std::string_view& text, char ch) {
    if (text.empty() || text.front() != ch) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<microseconds> read_offset(std::string_view text) {
    const auto amount = take_number(text, 6);
    if (!amount) return std::nullopt;
    text = trimmed(text);
    if (text == "ms") return std::chrono::milliseconds(*amount);
    if (text == "s" || text.empty()) return std::chrono::seconds(*amount);
    if (text == "m" || text == "min") return std::chrono::minutes(*amount);
    if (text == "h") return std::chrono::hours(*amount);
    return std::nullopt;
}

// Of the day, in local time.
LocalTime at_time_of_day(LocalTime day, int days_later, int hour, int minute, int second, microseconds rest) {
    const std::time_t seconds = std::chrono::duration_cast<std::chrono::seconds>(day.time_since_epoch()).count();
    std::tm local{};
    localtime_r(&seconds, &local);
    local.tm_mday += days_later;
    local.tm_hour = hour;
    local.tm_min = minute;
    local.tm_sec = second;
    local.tm_isdst = -1;
    return LocalTime(std::chrono::seconds(std::mktime(&local))) + rest;
}

} // namespace

std::optional<LocalTime> read_moment(std::string_view text, LocalTime about, TimeRange range) {
    text = trimmed(text);
    if (take(text, '+')) {
        const auto offset = read_offset(text);
        return offset ? std::optional(about + *offset) : std::nullopt;
    }
    if (take(text, '-')) {
        const auto offset = read_offset(text);
        return offset ? std::optional(about - *offset) : std::nullopt;
    }
    const auto hour = take_number(text, 2);
    if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
    const auto minute = take_number(text, 2);
    if (!minute || *minute > 59) return std::nullopt;
    int second = 0;
    microseconds rest{0};
    if (take(text, ':')) {
        const auto seconds = take_number(text, 2);
        if (!seconds || *seconds > 60) return std::nullopt;
        second = *seconds;
        if (take(text, '.')) {
            const std::size_t before = text.size();
            const auto fraction = take_number(text, 6);
            if (!fraction) return std::nullopt;
            int micros = *fraction;
            for (std::size_t digits = before - text.size(); digits < 6; ++digits) micros *= 10;
            rest = microseconds(micros);
        }
    }
    if (!text.empty()) return std::nullopt;
    const auto distance = [&](LocalTime at) {
        return at < range.begin ? range.begin - at : at > range.end ? at - range.end : LocalTime::duration(0);
    };
    LocalTime best = at_time_of_day(about, 0, *hour, *minute, second, rest);
    for (const int days : {-1, 1}) {
        const LocalTime other = at_time_of_day(about, days, *hour, *minute, second, rest);
        if (distance(other) < distance(best)) best = other;
    }
    return best;
}

} // namespace fhirscope::gui
