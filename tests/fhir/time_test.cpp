#include "fhir/time.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace fhirscope;
using namespace fhirscope::fhir;

namespace {

std::string round_trip(std::string_view text) {
    const auto time = parse_instant(text);
    return time ? format_instant(*time) : "no instant";
}

} // namespace

TEST_CASE("what servers write in the place of an instant is read, and known to be inexact without a zone") {
    const auto [given, expected, exact] = GENERATE(table<const char*, const char*, bool>({
        {"2026-02-10T10:30:15.123Z", "2026-02-10T10:30:15.123Z", true},
        {"2026-02-10T10:30:15.123", "2026-02-10T10:30:15.123Z", false},
        {"2026-02-10 10:30:15", "2026-02-10T10:30:15.000Z", false},
        {"2026-02-10 12:30:15+02:00", "2026-02-10T10:30:15.000Z", true},
        {"2026-02-10T12:30:15.5+0200", "2026-02-10T10:30:15.500Z", true},
        {"2026-02-10T12:30:15+02", "2026-02-10T10:30:15.000Z", true},
        {"2026-02-10T10:30Z", "2026-02-10T10:30:00.000Z", true},
        {"2026-02-10T10:30", "2026-02-10T10:30:00.000Z", false},
    }));
    INFO(given);
    const auto read = parse_loose_instant(given);
    REQUIRE(read);
    CHECK(format_instant(read->time) == expected);
    CHECK(read->exact == exact);
    for (const char* none :
         {"", "2026-02-10", "yesterday", "1770719415000", "2026-02-30T10:30:00", "2026-02-10T10:30:15 CET"})
        CHECK_FALSE(parse_loose_instant(none));
}

TEST_CASE("the dates of HTTP headers are read") {
    CHECK(format_instant(parse_http_date("Tue, 10 Feb 2026 10:30:15 GMT").value()) == "2026-02-10T10:30:15.000Z");
    for (const char* none :
         {"", "Tue, 10 Foo 2026 10:30:15 GMT", "Tue, 31 Feb 2026 10:30:15 GMT", "2026-02-10T10:30:15Z"})
        CHECK_FALSE(parse_http_date(none));
}

TEST_CASE("an instant is read to the millisecond and written in UTC") {
    const auto [given, expected] = GENERATE(table<const char*, const char*>({
        {"2026-02-10T10:30:15.123Z", "2026-02-10T10:30:15.123Z"},
        {"2026-02-10T10:30:15Z", "2026-02-10T10:30:15.000Z"},
        {"2026-02-10T10:30:15.1Z", "2026-02-10T10:30:15.100Z"},
        {"2026-02-10T10:30:15.123999Z", "2026-02-10T10:30:15.123Z"},
        {"2026-02-10T12:30:15.123+02:00", "2026-02-10T10:30:15.123Z"},
        {"2026-02-09T20:00:15-14:00", "2026-02-10T10:00:15.000Z"},
        {"2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00.000Z"},
        {"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"},
        {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"},
        {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"},
        {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"}, // a leap second
    }));
    INFO(given);
    CHECK(round_trip(given) == expected);
}

TEST_CASE("what is not an instant is refused") {
    const char* const given =
        GENERATE("", "2026", "2026-02-10", "2026-02-10T10:30Z", "2026-02-10T10:30:15", "2026-02-10 10:30:15Z",
                 "2026-02-10T10:30:15z", "2026-02-10T10:30:15.Z", "2026-02-10T10:30:15.123Zx", " 2026-02-10T10:30:15Z",
                 "2026-13-10T10:30:15Z", "2026-00-10T10:30:15Z", "2026-02-30T10:30:15Z", "2025-02-29T10:30:15Z",
                 "2026-02-10T24:00:00Z", "2026-02-10T10:60:15Z", "2026-02-10T10:30:61Z", "2026-02-10T10:30:15+14:30",
                 "2026-02-10T10:30:15+0200", "2026-02-10T10:30:15+15:00", "0000-02-10T10:30:15Z",
                 "202x-02-10T10:30:15Z", "2026-02-10T10:30:15\\u005a");
    INFO(given);
    CHECK_FALSE(parse_instant(given).has_value());
}
