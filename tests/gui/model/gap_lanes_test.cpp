// "Changed" over "received": what is counted in which lane, and what in none.

#include "gui/model/incidents/gap_lanes.hpp"

#include "support/full_incident.hpp"

#include <catch2/catch_test_macros.hpp>

#include <numeric>

using namespace fhirscope;
using namespace fhirscope::gui;
using namespace std::chrono_literals;
using fhirscope::tests::Synthetic;

namespace {

template <class Member>
std::uint64_t sum(const GapLanes& lanes, Member member) {
    return std::accumulate(
        lanes.columns.begin(), lanes.columns.end(), std::uint64_t{0},
        [&](std::uint64_t all, const GapLanes::Column& one) { return all + one.*member; });
}

diagnosis::Incident outage(LocalTime from, LocalTime to) {
    diagnosis::Incident incident;
    incident.effect = diagnosis::Effect::RealTime;
    incident.state = to == LocalTime{} ? diagnosis::IncidentState::GoingOn : diagnosis::IncidentState::Repaired;
    incident.from = from;
    incident.to = to;
    return incident;
}

// A session of one second and no traffic, into which rows are put.
struct Rows {
    void add(LocalTime received, engine::Outcome outcome = engine::Outcome::Applied) {
        data.add_update(1, 0, received, outcome);
    }
    GapLanes lanes(const diagnosis::Incident& incident) {
        return gap_lanes(*data.publish(), incident, Synthetic::now(), 40);
    }
    Synthetic data{{.updates = 0, .seconds = 1}};
};

} // namespace

TEST_CASE("while real time was down nothing is received, and the lanes show some time on both sides") {
    Synthetic data;
    const LocalTime from = Synthetic::now() - 207s, to = Synthetic::now() - 195s;
    const GapLanes lanes = gap_lanes(*data.publish(), outage(from, to), Synthetic::now(), 120);
    CHECK(lanes.gap.begin == from);
    CHECK(lanes.shown.begin < from);
    CHECK(lanes.shown.end > to);
    REQUIRE(lanes.columns.size() == 120);
    const auto width = (lanes.shown.end - lanes.shown.begin) / 120;
    std::uint64_t within = 0, beside = 0;
    for (std::size_t i = 0; i < lanes.columns.size(); ++i) {
        const LocalTime begin = lanes.shown.begin + width * static_cast<std::int64_t>(i);
        (begin > from && begin + width < to ? within : beside) += lanes.columns[i].received;
    }
    CHECK(within == 0);
    CHECK(beside > 0);
}

TEST_CASE("what was not a version that somebody was told of is in neither lane") {
    Rows rows;
    const LocalTime from = Synthetic::now() - 60s;
    rows.add(from + 10s);
    rows.add(from + 11s, engine::Outcome::Duplicate);
    rows.add(from + 12s, engine::Outcome::Rejected);
    const GapLanes lanes = rows.lanes(outage(from, from + 30s));
    CHECK(sum(lanes, &GapLanes::Column::received) == 1);
    CHECK(sum(lanes, &GapLanes::Column::changed) == 1);
    CHECK(sum(lanes, &GapLanes::Column::missed) == 0);
}

TEST_CASE("of an incident that goes on nothing is shown that lies ahead, and of another type nothing at all") {
    Rows rows;
    const LocalTime from = Synthetic::now() - 60s;
    rows.add(from + 10s);
    diagnosis::Incident incident = outage(from, {});
    CHECK(rows.lanes(incident).shown.end == Synthetic::now());
    CHECK(rows.lanes(incident).open);
    incident.scope = "Patient?active=true";
    incident.about = {incident.scope};
    const GapLanes lanes = rows.lanes(incident);
    CHECK(lanes.scope == "Patient");
    CHECK(sum(lanes, &GapLanes::Column::received) == 0);
}

TEST_CASE("the strip is of incidents in which something was not heard") {
    CHECK(GapLanes::are_of(diagnosis::Effect::Hearing));
    CHECK(GapLanes::are_of(diagnosis::Effect::Delivery));
    CHECK_FALSE(GapLanes::are_of(diagnosis::Effect::Requests));
    CHECK_FALSE(GapLanes::are_of(diagnosis::Effect::Write));
}
