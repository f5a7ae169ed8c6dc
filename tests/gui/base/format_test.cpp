#include "gui/base/format.hpp"

#include <catch2/catch_test_macros.hpp>

#include <limits>
#include <string>

using namespace fhirscope::gui;
using namespace std::chrono_literals;

namespace {

// No-break spaces read as plain ones in the expectations below.
std::string plain(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\xC2' && i + 1 < text.size() && text[i + 1] == '\xA0') {
            out += ' ';
            ++i;
        } else {
            out += text[i];
        }
    }
    return out;
}

WallTime at(std::int64_t microseconds) { return WallTime(std::chrono::microseconds(microseconds)); }

} // namespace

TEST_CASE("numbers are grouped in threes with a no-break space") {
    CHECK(number(0).view() == "0");
    CHECK(number(999).view() == "999");
    CHECK(number(1048576).view() == "1\u00A0048\u00A0576");
    CHECK(plain(number(-1234)) == "\u22121 234");
    CHECK(plain(number(std::numeric_limits<std::int64_t>::min())) == "\u22129 223 372 036 854 775 808");
}

TEST_CASE("only a letter of ASCII becomes a capital, or stops being one") {
    CHECK(capitalised("applied here") == "Applied here");
    CHECK(uncapitalised("Applied Here") == "applied Here");
    for (const std::string_view same : {"", "4 fields", "{open", "`x`", "@[", "\u00E9t\u00E9", "\u00C9t\u00E9"}) {
        CHECK(capitalised(same) == same);
        CHECK(uncapitalised(same) == same);
    }
}

TEST_CASE("a decimal writes its minus as U+2212 and never writes minus zero") {
    CHECK(decimal(-3.14159, 1).view() == "\u22123.1");
    CHECK(decimal(-0.001, 1).view() == "0.0");
    CHECK(decimal(12.345, 2).view() == "12.35");
}

TEST_CASE("a duration in detail has three significant digits") {
    CHECK(plain(duration_detail(18us)) == "18.0 µs");
    CHECK(plain(duration_detail(2310us)) == "2.31 ms");
    CHECK(plain(duration_detail(412ms)) == "412 ms");
    CHECK(plain(duration_detail(1184ms)) == "1.18 s");
    CHECK(plain(duration_detail(134s)) == "2 m 14 s");
    CHECK(plain(duration_detail(2h + 41min)) == "2 h 41 m");
    CHECK(plain(duration_detail(50h)) == "2 d 2 h");
    CHECK(plain(duration_detail(-3ms)) == "\u22123.00 ms");
}

TEST_CASE("rounding carries a duration into the next unit") {
    CHECK(plain(duration_detail(999600ns)) == "1.00 ms");
    CHECK(plain(duration_detail(999600us)) == "1.00 s");
    CHECK(plain(duration_list(999600us)) == "1.00 s");
    CHECK(plain(duration_detail(59960ms)) == "1 m 0 s");
}

TEST_CASE("a duration in a list has whole milliseconds") {
    CHECK(plain(duration_list(400us)) == "0 ms");
    CHECK(plain(duration_list(-400us)) == "0 ms");
    CHECK(plain(duration_list(-600us)) == "\u22121 ms");
    CHECK(plain(duration_list(412400us)) == "412 ms");
    CHECK(plain(duration_list(1310ms)) == "1.31 s");
}

TEST_CASE("an age shows one unit in a badge and two in the inspector") {
    CHECK(age(999ms).view() == "now");
    CHECK(age(-5s).view() == "now");
    CHECK(plain(age(4s)) == "4 s");
    CHECK(plain(age(134s)) == "2 m");
    CHECK(plain(age(134s, AgeUnits::Two)) == "2 m 14 s");
    CHECK(plain(age(2h + 5min, AgeUnits::Two)) == "2 h 5 m");
    CHECK(plain(age(73h)) == "3 d");
}

TEST_CASE("a time of day has milliseconds, an axis has none") {
    const WallTime time = at(1773325927412000); // 2026-03-12T14:32:07.412Z
    CHECK(clock_ms(time, Zone::Utc).view() == "14:32:07.412");
    CHECK(clock_s(time, Zone::Utc).view() == "14:32:07");
    CHECK(clock_m(time, Zone::Utc).view() == "14:32");
    CHECK(utc_full(time).view() == "2026-03-12 14:32:07.412 UTC");
}

TEST_CASE("a time before 1970 is not torn at its fraction") {
    CHECK(clock_ms(at(-1), Zone::Utc).view() == "23:59:59.999");
}

TEST_CASE("another day shows its date, another year shows the year") {
    const WallTime now = at(1773325927412000);
    CHECK(since_when(now - 1h, now, Zone::Utc).view().substr(0, 5) == "13:32");
    CHECK(since_when(now - 24h, now, Zone::Utc).view() == "14:32 yesterday");
    CHECK(since_when(now - 48h, now, Zone::Utc).view() == "14:32 on 10 Mar");
    CHECK(clock_or_date(now - 1h, now, Zone::Utc).view() == "13:32");
    CHECK(clock_or_date(now - 24h, now, Zone::Utc).view() == "11 Mar 14:32");
    CHECK(clock_or_date(now - 24h * 365, now, Zone::Utc).view() == "12 Mar 2025");
}

TEST_CASE("sizes use powers of 1000") {
    CHECK(plain(bytes(412)) == "412 B");
    CHECK(plain(bytes(1900)) == "1.9 kB");
    CHECK(plain(bytes(999600)) == "1.0 MB");
    CHECK(plain(bytes(184000000)) == "184 MB");
}

TEST_CASE("shares and rates") {
    CHECK(plain(percent(0.039)) == "3.9 %");
    CHECK(plain(percent(1.0)) == "100 %");
    CHECK(rate(108.2).view() == "108/s");
    CHECK(rate(3.44).view() == "3.4/s");
    CHECK(rate(0).view() == "0/s");
}

TEST_CASE("ids are cut, never padded") {
    CHECK(short_id("a71f09c3-52d4-4e0b") == "a71f09c3");
    CHECK(short_id("abc") == "abc");
    CHECK(short_id("5d17c4ff", 6) == "5d17c4");
}

TEST_CASE("the recorder's clock") {
    CHECK(stopwatch(7s).view() == "0:07");
    CHECK(stopwatch(2h + 41min + 36s).view() == "2:41:36");
}

TEST_CASE("a short text is cut at a character's edge") {
    std::string longer(61, 'x');
    longer += "µµ"; // the first µ would need bytes 62 and 63
    const ShortText text(longer);
    CHECK(text.size() == 61);
}
