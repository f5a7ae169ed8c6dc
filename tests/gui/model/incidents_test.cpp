// What the window says of incidents, without a window: stations, order, filter, and the line on the last comparison.

#include "gui/model/incidents/compare_line.hpp"
#include "gui/model/incidents/incident_list.hpp"
#include "gui/model/incidents/incident_words.hpp"
#include "support/full_incident.hpp"

#include <catch2/catch_test_macros.hpp>

#include <memory>
#include <string>
#include <vector>

using namespace fhirscope;
using namespace fhirscope::gui;
using fhirscope::tests::Synthetic;
using Disc = EpisodeStation::Disc;

namespace {

std::vector<std::uint64_t> numbers(const std::vector<diagnosis::IncidentPtr>& rows) {
    std::vector<std::uint64_t> all;
    for (const auto& row : rows) all.push_back(row->number);
    return all;
}

engine::SnapshotPtr compared(engine::VerifyView verify, std::uint64_t inputs = 1) {
    engine::Snapshot snapshot;
    snapshot.inputs = inputs;
    snapshot.verify = std::move(verify);
    return std::make_shared<const engine::Snapshot>(std::move(snapshot));
}

using Verified = engine::VerifyView::State;

} // namespace

TEST_CASE("an episode says when, and how long lay between its stations") {
    const auto stations = episode_of(tests::deaf_incident(), Synthetic::now());
    CHECK(stations[0].what == "Subscription gone");
    CHECK(stations[0].span == "within 7.00\u00a0s"); // its bounds
    CHECK(stations[1].when == "for 35.1\u00a0s");
    CHECK(stations[1].span == "34.8\u00a0s");
    CHECK(stations[2].span == "300\u00a0ms");
    CHECK(stations[2].good);
    CHECK(stations[3].disc == Disc::Good);
}

TEST_CASE("an episode that goes on is not repaired yet") {
    const auto stations = episode_of(tests::refused_incident(), Synthetic::now());
    CHECK(stations[3].what == "not yet");
    CHECK(stations[3].disc == Disc::NotYet);
    CHECK_FALSE(stations[2].good);
    CHECK(stations[1].when.starts_with("since "));
}

TEST_CASE("where the diagnosis said nothing of a station, the incident's own words and times stand in") {
    diagnosis::Incident incident = tests::deaf_incident();
    incident.cause_station = incident.effect_station = incident.noticed_station = incident.repaired_station = {};
    incident.state = diagnosis::IncidentState::Ended;
    const auto stations = episode_of(incident, Synthetic::now());
    CHECK(stations[0].what == incident.title);
    CHECK(stations[0].text == incident.explanation);
    CHECK(stations[1].what == "Task was deaf");
    CHECK_FALSE(stations[2].when.empty());
    CHECK(stations[3].what == "ended by itself");
    CHECK(stations[3].disc == Disc::Ended);
}

TEST_CASE("incidents are sorted by a column, the other way, and again as the program has them") {
    auto rows = tests::some_incidents();
    const auto as_they_came = numbers(rows);
    IncidentSort sort = next_sort({}, IncidentKey::Confidence);
    sort_incidents(rows, sort);
    CHECK(rows.back()->confidence == 40);
    sort = next_sort(sort, IncidentKey::Confidence);
    sort_incidents(rows, sort);
    CHECK(rows.front()->confidence == 40);
    sort = next_sort(sort, IncidentKey::Confidence);
    CHECK(sort == IncidentSort{});
    rows = tests::some_incidents();
    sort_incidents(rows, sort);
    CHECK(numbers(rows) == as_they_came);
    // What cannot be known is not the most.
    sort_incidents(rows, next_sort({}, IncidentKey::Missed));
    CHECK(rows.front()->number == 8);
    CHECK(rows.back()->number == 11);
}

TEST_CASE("the filter asks for every word, in the headline, the scope, the state or the id") {
    const diagnosis::Incident incident = tests::deaf_incident();
    for (const char* filter : {"", "deaf", "TASK subscription", "repaired", "d6", "f04a6c18"}) {
        INFO(filter);
        CHECK(matches(incident, filter));
    }
    CHECK_FALSE(matches(incident, "deaf patient"));
}

TEST_CASE("resources of an incident are those that it names, each once, and criteria are none") {
    diagnosis::Incident incident = tests::deaf_incident();
    incident.about.insert(incident.about.begin(), "Task?owner=Practitioner/1");
    const auto resources = resources_of(incident);
    CHECK(resources == std::vector<std::string>{incident.about[1], incident.about[2]});
}

TEST_CASE("the line on the last comparison says that there was none, and no tick stands before it") {
    LastCompared last;
    last.update(compared({}));
    const CompareLine line = compare_line(last.result(), Synthetic::now());
    CHECK(line.mark == Mark::Unknown);
    CHECK(line.text == "Not compared with the server yet");
}

TEST_CASE("while the next comparison runs, the line tells of the last") {
    LastCompared last;
    engine::VerifyView equal;
    equal.state = Verified::Equal;
    equal.at = Synthetic::now() - std::chrono::seconds(12);
    equal.compared = 313;
    last.update(compared(equal, 1));
    engine::VerifyView running;
    running.state = Verified::Running;
    last.update(compared(running, 2));
    CHECK(last.running());
    const CompareLine line = compare_line(last.result(), Synthetic::now());
    CHECK(line.mark == Mark::Ok);
    CHECK(line.text == "Last compared with the server `12\u00a0s` ago: `313 of 313` equal");
    last.update(compared({}, 0)); // another session
    CHECK(last.result().state == Verified::None);
}

TEST_CASE("a comparison that found differences wants attention, until all was read again") {
    engine::VerifyView different;
    different.state = Verified::Different;
    different.at = Synthetic::now() - std::chrono::seconds(12);
    different.compared = 313;
    different.difference_count = 2;
    different.differences.push_back({.code = engine::FactCode::HereUnknown, .about = "Task/1"});
    different.left_out.push_back({.code = engine::FactCode::NotCompared, .about = "Basic"});
    CompareLine line = compare_line(different, Synthetic::now());
    CHECK(line.mark == Mark::Attention);
    CHECK(line.text == "Last compared with the server `12\u00a0s` ago: `311 of 313` equal, `2` differ");
    CHECK(line.reference == "Task/1");
    CHECK(line.left_out.starts_with("not compared: Basic"));
    different.repaired = Synthetic::now();
    line = compare_line(different, Synthetic::now());
    CHECK(line.mark == Mark::Ok);
    CHECK(line.text.ends_with("`2` differed, read again"));
}
