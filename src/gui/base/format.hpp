#pragma once
// How numbers and times are written (design guide, section 10). Pure functions; a number or time is a small value that
// lives on the stack, so that writing a thousand cells a frame allocates nothing.

#include "fhir/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace fhirscope::gui {

// UTF-8 text of at most 62 bytes; longer text is cut at a character's edge.
class ShortText {
public:
    ShortText() = default;
    explicit ShortText(std::string_view text) { append(text); }

    ShortText& append(std::string_view text);
    ShortText& append(char ch) { return append(std::string_view(&ch, 1)); }

    const char* c_str() const { return data_; }
    std::string_view view() const { return {data_, size_}; }
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    operator std::string_view() const { return view(); }

private:
    char data_[63] = {};
    std::uint8_t size_ = 0;
};

using Duration = std::chrono::nanoseconds;
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;

// A moment for display, whichever clock it came from; what is drawn beside it says which.
inline WallTime wall(LocalTime time) { return WallTime(time.time_since_epoch()); }
inline WallTime wall(ServerTime time) { return WallTime(time.time_since_epoch()); }

// The zone in which a time of day is written. Windows show local time; tests and tooltips ask for UTC.
enum class Zone { Local, Utc };

// 1048576 → "1 048 576" (groups of three with a no-break space, minus as U+2212).
ShortText number(std::int64_t value);

// 3.94 → "3.9"; `decimals` 0 … 3; the minus is U+2212.
ShortText decimal(double value, int decimals);

// Three significant digits: "18.0 µs", "2.31 ms", "412 ms", "1.18 s", "2 m 14 s", "2 h 41 m".
ShortText duration_detail(Duration value);

// For lists: whole milliseconds below a second, then as above: "0 ms", "412 ms", "1.31 s".
ShortText duration_list(Duration value);

// Milliseconds without a unit for a column whose header names it: "412.40", "22.40", "0.02".
ShortText in_milliseconds(Duration value, int decimals);

// How many units an age shows: a badge one ("2 m"), the inspector two ("2 m 14 s").
enum class AgeUnits { One, Two };

// "now" below one second, then "4 s", "2 m", "2 h", "3 d". A negative age (a clock that runs ahead) is "now".
ShortText age(Duration value, AgeUnits units = AgeUnits::One);

// "14:32:07.412".
ShortText clock_ms(WallTime time, Zone zone = Zone::Local);
// "14:32:07".
ShortText clock_s(WallTime time, Zone zone = Zone::Local);
// "14:32", for axes.
ShortText clock_m(WallTime time, Zone zone = Zone::Local);
// "14:32" today, "today 14:32" never; another day "11 Mar 09:24".
ShortText clock_or_date(WallTime time, WallTime now, Zone zone = Zone::Local);
// "14:32:07" today, "17:40 yesterday", "17:40 on 11 Mar".
ShortText since_when(WallTime time, WallTime now, Zone zone = Zone::Local);
// "2026-03-12 14:32:07.412 UTC", for tooltips.
ShortText utc_full(WallTime time);

// "412 B", "1.9 kB", "184 MB" (powers of 1000).
ShortText bytes(std::uint64_t value);

// "3.9 %".
ShortText percent(double share);

// "108/s"; below ten with one digit: "3.4/s", "0/s".
ShortText rate(double per_second);

// The first `n` characters of an id (8 for ids, 6 for versions), whole when it is not longer.
std::string_view short_id(std::string_view id, std::size_t n = 8);

// A text with its first letter as a capital, or as none; only letters of ASCII change.
std::string capitalised(std::string_view text);
std::string uncapitalised(std::string_view text);

// Elapsed time as a recorder shows it: "2:41:36", "0:07".
ShortText stopwatch(Duration value);

} // namespace fhirscope::gui
