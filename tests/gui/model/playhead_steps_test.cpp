#include "gui/model/playhead_steps.hpp"

#include "gui/model/time_entry.hpp"
#include "support/synthetic_snapshot.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdlib>

using namespace fhirscope;
using namespace fhirscope::gui;
using namespace std::chrono_literals;

TEST_CASE("a step goes to the next thing of its kind, and never past the last") {
    const auto snapshot = tests::Synthetic({.updates = 50}).publish();
    const diagnosis::Incidents none;
    const std::vector<Bookmark> bookmarks = {{1, LocalTime(10s), "a"}, {2, LocalTime(20s), "b"}};
    const auto step = [&](PlayheadStep kind, int direction, LocalTime at) {
        return next_step(kind, direction, at, *snapshot, none, bookmarks);
    };
    CHECK(step(PlayheadStep::Bookmark, 1, LocalTime(10s)) == LocalTime(20s));
    CHECK(step(PlayheadStep::Bookmark, 1, LocalTime(20s)) == std::nullopt);
    CHECK(step(PlayheadStep::Bookmark, -1, LocalTime(20s)) == LocalTime(10s));
    CHECK(step(PlayheadStep::Bookmark, -1, LocalTime(10s)) == std::nullopt);
    CHECK(step(PlayheadStep::Incident, 1, LocalTime{}) == std::nullopt);

    // All updates are met, one after the other, and in the same order backwards.
    std::vector<LocalTime> met;
    for (std::optional<LocalTime> at = LocalTime{}; (at = step(PlayheadStep::Update, 1, *at));) met.push_back(*at);
    REQUIRE(met.size() > 10);
    CHECK(std::is_sorted(met.begin(), met.end()));
    std::vector<LocalTime> back;
    for (std::optional<LocalTime> at = met.back() + 1s; (at = step(PlayheadStep::Update, -1, *at));)
        back.push_back(*at);
    CHECK(std::vector<LocalTime>(back.rbegin(), back.rend()) == met);
}

TEST_CASE("a moment is typed as a time of day or as a distance") {
    setenv("TZ", "UTC", 1);
    const LocalTime day{std::chrono::sys_days(std::chrono::year(2026) / 3 / 12).time_since_epoch()};
    const TimeRange range{day + 23h, day + 25h}; // over midnight
    const LocalTime about = day + 24h + 10min;
    const auto read = [&](std::string_view text) { return read_moment(text, about, range); };
    CHECK(read("23:30") == day + 23h + 30min);
    CHECK(read("00:05:06") == day + 24h + 5min + 6s);
    CHECK(read(" 0:05:06.25 ") == day + 24h + 5min + 6s + 250ms);
    CHECK(read("+2s") == about + 2s);
    CHECK(read("-1m") == about - 1min);
    CHECK(read("+500ms") == about + 500ms);
    CHECK(read("-1h") == about - 1h);
    for (const std::string_view wrong :
         {"", "x", "25:00", "12:60", "12:00:61", "12:00:00.", "+", "+s", "--2s", "12", "12:0x"})
        CHECK(read(wrong) == std::nullopt);
}
