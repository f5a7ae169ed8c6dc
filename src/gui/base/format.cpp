#include "gui/base/format.hpp"

#include "fhir/ascii.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <ctime>

namespace fhirscope::gui {

namespace {

constexpr std::string_view no_break = "\u00A0";
constexpr std::string_view minus = "\u2212";

using std::chrono::duration_cast;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

ShortText& unit(ShortText& text, std::string_view name) { return text.append(no_break).append(name); }

ShortText plain(std::int64_t value) {
    char buffer[24];
    const char* const end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
    return ShortText(std::string_view(buffer, static_cast<std::size_t>(end - buffer)));
}

// Digits after the point so that three digits are significant.
int decimals_for(double value) { return value < 9.995 ? 2 : value < 99.95 ? 1 : 0; }

ShortText two_units(std::int64_t major, std::string_view major_name, std::int64_t minor, std::string_view minor_name) {
    ShortText text = plain(major);
    unit(text, major_name).append(no_break).append(plain(minor));
    return unit(text, minor_name);
}

// From one second up; both detail and list write these alike.
ShortText from_seconds(Duration value) {
    const double s = std::chrono::duration<double>(value).count();
    if (s < 59.95) {
        ShortText text = decimal(s, s < 9.995 ? 2 : 1);
        return unit(text, "s");
    }
    const auto whole = std::chrono::round<seconds>(value).count();
    if (whole < 3600) return two_units(whole / 60, "m", whole % 60, "s");
    const auto in_minutes = std::chrono::round<minutes>(value).count();
    if (in_minutes < 60 * 24) return two_units(in_minutes / 60, "h", in_minutes % 60, "m");
    const auto in_hours = std::chrono::round<hours>(value).count();
    return two_units(in_hours / 24, "d", in_hours % 24, "h");
}

std::tm broken_down(WallTime time, Zone zone) {
    const std::time_t stamp = std::chrono::floor<seconds>(time).time_since_epoch().count();
    // Most times of a frame lie within a few minutes, in which only the seconds differ (zones change at whole
    // quarters).
    struct Minute {
        std::time_t begin = -1;
        std::tm parts{};
    };
    thread_local Minute minutes_seen[2][64];
    const std::time_t minute = stamp >= 0 ? stamp / 60 : -1;
    Minute& seen = minutes_seen[zone == Zone::Utc ? 0 : 1][minute >= 0 ? minute % 64 : 0];
    if (minute < 0 || seen.begin != minute * 60) {
        seen.begin = minute >= 0 ? minute * 60 : -1;
        const std::time_t at = minute >= 0 ? seen.begin : stamp;
        if (zone == Zone::Utc)
            gmtime_r(&at, &seen.parts);
        else
            localtime_r(&at, &seen.parts);
    }
    std::tm parts = seen.parts;
    parts.tm_sec += minute >= 0 ? static_cast<int>(stamp - seen.begin) : 0;
    return parts;
}

// `count` digits of a number that is not negative, with zeros before it.
char* digits(char* at, int value, int count) {
    for (int i = count; i-- > 0;) {
        at[i] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
    return at + count;
}

// Fewer than ten thousand years fit the buffers below; the compiler cannot know.
int two(int value) { return ((value % 100) + 100) % 100; }

constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

} // namespace

ShortText& ShortText::append(std::string_view text) {
    std::size_t n = text.size();
    const std::size_t room = sizeof data_ - 1 - size_;
    if (n > room) {
        n = room;
        while (n > 0 && (static_cast<unsigned char>(text[n]) & 0xC0U) == 0x80U) --n;
    }
    text.copy(data_ + size_, n); // not memcpy: an empty text may have no address
    size_ = static_cast<std::uint8_t>(size_ + n);
    data_[size_] = 0;
    return *this;
}

ShortText number(std::int64_t value) {
    // Through unsigned, so that the smallest value has a magnitude. Written from the end: 20 digits, 6 two-byte spaces.
    auto magnitude = value < 0 ? 0ULL - static_cast<unsigned long long>(value) : static_cast<unsigned long long>(value);
    char buffer[40];
    char* const end = buffer + sizeof buffer;
    char* at = end;
    int written = 0;
    do {
        if (written > 0 && written % 3 == 0) {
            *--at = no_break[1];
            *--at = no_break[0];
        }
        *--at = static_cast<char>('0' + magnitude % 10);
        magnitude /= 10;
        ++written;
    } while (magnitude > 0);
    ShortText text;
    if (value < 0) text.append(minus);
    return text.append(std::string_view(at, static_cast<std::size_t>(end - at)));
}

ShortText decimal(double value, int decimals) {
    char buffer[48];
    const double magnitude = std::min(std::fabs(value), 1e15);
    const char* const end =
        std::to_chars(buffer, buffer + sizeof buffer, magnitude, std::chars_format::fixed, std::clamp(decimals, 0, 3))
            .ptr;
    const std::string_view written(buffer, static_cast<std::size_t>(end - buffer));
    ShortText text;
    // "−0.0" says nothing: the sign is written only when a digit is left to carry it.
    if (value < 0 && written.find_first_of("123456789") != std::string_view::npos) text.append(minus);
    return text.append(written);
}

ShortText duration_detail(Duration value) {
    if (value < Duration::zero()) {
        ShortText text(minus);
        return text.append(duration_detail(-value));
    }
    const double us = std::chrono::duration<double, std::micro>(value).count();
    if (us < 999.5) {
        ShortText text = decimal(us, decimals_for(us));
        return unit(text, "µs");
    }
    const double ms = us / 1000.0;
    if (ms < 999.5) {
        ShortText text = decimal(ms, decimals_for(ms));
        return unit(text, "ms");
    }
    return from_seconds(value);
}

ShortText duration_list(Duration value) {
    if (value <= -std::chrono::microseconds(500)) {
        ShortText text(minus);
        return text.append(duration_list(-value));
    }
    const double ms = std::chrono::duration<double, std::milli>(value).count();
    if (ms < 999.5) {
        ShortText text = decimal(ms, 0);
        return unit(text, "ms");
    }
    return from_seconds(value);
}

ShortText in_milliseconds(Duration value, int decimals) {
    return decimal(std::chrono::duration<double, std::milli>(value).count(), decimals);
}

ShortText age(Duration value, AgeUnits units) {
    const auto s = duration_cast<seconds>(value).count();
    if (s < 1) return ShortText("now");
    const auto text = [&](std::int64_t major, std::string_view major_name, std::int64_t minor,
                          std::string_view minor_name) {
        if (units == AgeUnits::Two && minor > 0) return two_units(major, major_name, minor, minor_name);
        ShortText one = plain(major);
        return unit(one, major_name);
    };
    if (s < 60) return text(s, "s", 0, "");
    if (s < 3600) return text(s / 60, "m", s % 60, "s");
    if (s < 86400) return text(s / 3600, "h", s / 60 % 60, "m");
    return text(s / 86400, "d", s / 3600 % 24, "h");
}

ShortText clock_ms(WallTime time, Zone zone) {
    const std::tm parts = broken_down(time, zone);
    const auto rest = time - std::chrono::floor<seconds>(time);
    char buffer[12];
    char* at = digits(buffer, parts.tm_hour, 2);
    *at++ = ':';
    at = digits(at, parts.tm_min, 2);
    *at++ = ':';
    at = digits(at, parts.tm_sec, 2);
    *at++ = '.';
    digits(at, static_cast<int>(duration_cast<std::chrono::milliseconds>(rest).count()) % 1000, 3);
    return ShortText(std::string_view(buffer, sizeof buffer));
}

ShortText clock_s(WallTime time, Zone zone) { return ShortText(clock_ms(time, zone).view().substr(0, 8)); }

ShortText clock_m(WallTime time, Zone zone) { return ShortText(clock_ms(time, zone).view().substr(0, 5)); }

ShortText clock_or_date(WallTime time, WallTime now, Zone zone) {
    const std::tm parts = broken_down(time, zone);
    const std::tm today = broken_down(now, zone);
    if (parts.tm_year == today.tm_year && parts.tm_yday == today.tm_yday) return clock_m(time, zone);
    ShortText text = plain(parts.tm_mday);
    text.append(' ').append(months[parts.tm_mon % 12]).append(' ');
    if (parts.tm_year == today.tm_year) return text.append(clock_m(time, zone));
    return text.append(plain(parts.tm_year + 1900));
}

ShortText since_when(WallTime time, WallTime now, Zone zone) {
    const auto is_day_of = [&](WallTime day) {
        const std::tm a = broken_down(time, zone), b = broken_down(day, zone);
        return a.tm_year == b.tm_year && a.tm_yday == b.tm_yday;
    };
    if (is_day_of(now)) return clock_s(time, zone);
    ShortText text = clock_m(time, zone);
    if (is_day_of(now - std::chrono::hours(24))) return text.append(" yesterday");
    const std::tm parts = broken_down(time, zone);
    return text.append(" on ").append(plain(parts.tm_mday)).append(' ').append(months[parts.tm_mon % 12]);
}

ShortText utc_full(WallTime time) {
    const std::tm parts = broken_down(time, Zone::Utc);
    char buffer[24];
    std::snprintf(buffer, sizeof buffer, "%04d-%02d-%02d ", (parts.tm_year + 1900) % 10000, two(parts.tm_mon + 1),
                  two(parts.tm_mday));
    ShortText text(buffer);
    return text.append(clock_ms(time, Zone::Utc)).append(" UTC");
}

ShortText bytes(std::uint64_t value) {
    constexpr std::string_view unit_names[] = {"kB", "MB", "GB", "TB"};
    if (value < 1000) {
        ShortText text = plain(static_cast<std::int64_t>(value));
        return unit(text, "B");
    }
    double scaled = static_cast<double>(value) / 1000.0;
    std::size_t at = 0;
    while (scaled >= 999.5 && at + 1 < std::size(unit_names)) {
        scaled /= 1000.0;
        ++at;
    }
    ShortText text = decimal(scaled, scaled < 99.95 ? 1 : 0);
    return unit(text, unit_names[at]);
}

ShortText percent(double share) {
    ShortText text = decimal(share * 100.0, std::fabs(share) < 0.9995 ? 1 : 0);
    return unit(text, "%");
}

ShortText rate(double per_second) {
    const int decimals = per_second > 0 && per_second < 9.95 ? 1 : 0;
    return decimal(per_second, decimals).append("/s");
}

std::string capitalised(std::string_view text) {
    std::string out(text);
    if (!out.empty() && out[0] >= 'a' && out[0] <= 'z') out[0] = static_cast<char>(out[0] - 'a' + 'A');
    return out;
}

std::string uncapitalised(std::string_view text) {
    std::string out(text);
    if (!out.empty()) out[0] = fhir::lower_ascii(out[0]);
    return out;
}

std::string_view short_id(std::string_view id, std::size_t n) { return id.substr(0, n); }

ShortText stopwatch(Duration value) {
    const auto s = std::max<std::int64_t>(0, duration_cast<seconds>(value).count());
    char buffer[40];
    if (s >= 3600) {
        std::snprintf(buffer, sizeof buffer, "%lld:%02d:%02d", static_cast<long long>(s / 3600),
                      static_cast<int>(s / 60 % 60), static_cast<int>(s % 60));
    } else {
        std::snprintf(buffer, sizeof buffer, "%d:%02d", static_cast<int>(s / 60), static_cast<int>(s % 60));
    }
    return ShortText(buffer);
}

} // namespace fhirscope::gui
