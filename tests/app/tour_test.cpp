// The tour, played fast: every step has its effect, and at the end local = server.
#include "app/causes.hpp"
#include "app/scenario.hpp"
#include "fhir/json.hpp"
#include "program.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <set>
#include <string>

using namespace fhirscope;
using namespace fhirscope::tests;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("the tour takes three minutes, shows every fault and every step, and says what it does") {
    const auto tour = app::load_scenario("tour");
    INFO((tour ? std::string() : tour.error().message));
    REQUIRE(tour);
    CHECK(tour->length() >= std::chrono::minutes(2));
    CHECK(tour->length() <= std::chrono::seconds(190));
    std::set<app::Fault> faults;
    std::set<app::Deed> deeds;
    std::chrono::milliseconds said{0};
    for (const app::ScenarioStep& step : tour->steps) {
        deeds.insert(step.deed);
        if (step.deed == app::Deed::Begin) faults.insert(step.fault);
        if (step.deed != app::Deed::Say) continue;
        INFO(step.text);
        CHECK(step.at >= said); // the one before was read
        said = step.at + step.time;
        CHECK(step.text.size() < 220);
        // Time to read it: 25 characters a second.
        CHECK(step.time.count() >= static_cast<long>(step.text.size()) * 40);
    }
    using app::Fault;
    for (const Fault fault : {Fault::Outage, Fault::Restart, Fault::Deafness, Fault::SlowAnswers, Fault::LateEvents,
                              Fault::Throttling, Fault::Pace, Fault::ClockSkew}) {
        INFO(to_string(fault));
        CHECK(faults.contains(fault));
    }
    using app::Deed;
    for (const Deed deed : {Deed::Repeat, Deed::Hold, Deed::Frame, Deed::Revoke, Deed::Lose, Deed::Tie, Deed::Undelete,
                            Deed::Delete, Deed::Refuse, Deed::Compare, Deed::Resolve}) {
        INFO(to_string(deed));
        CHECK(deeds.contains(deed));
    }
}

TEST_CASE("what each cause does can be read, and its resources are new ones each time") {
    for (std::size_t i = 0; i < gui::cause_count; ++i) {
        const auto cause = static_cast<gui::Cause>(i);
        INFO(gui::text_of(cause).id);
        const app::Scenario one = app::scenario_of(cause, 1), two = app::scenario_of(cause, 2);
        CHECK_FALSE(one.steps.empty());
        for (const auto& [reference, resource] : one.resources) CHECK_FALSE(two.resources.contains(reference));
    }
}

TEST_CASE("the tour, played fast without a window, causes all of it and ends with local = server", "[waits]") {
    const std::string path = fresh_path("tour.fhirscope");
    const Outcome tour = run({"demo", "--headless", "--json", "--scenario", "tour", "--speed", "10", "--record", path});
    INFO(tour.out << tour.err);
    REQUIRE(tour.exit_code == 0);
    CHECK_THAT(tour.err, ContainsSubstring("caption     An outage")); // stdout is for the result alone
    const auto report = fhir::parse_json(tour.last_line());
    REQUIRE(report);
    CHECK((*report)["server_equal"].GetBool());
    const auto count = [&](const char* name) { return (*report)[name].GetUint64(); };
    CHECK(count("duplicates") >= 1);
    CHECK(count("out_of_order") >= 1);
    CHECK(count("bad_frames") == 1);
    CHECK(count("reconnects") >= 2); // outage, restart
    CHECK(count("missed") >= 2);     // while deaf, and while the login was revoked
    CHECK(count("recovered") >= 1);
    CHECK(count("drifts") >= 1);
    CHECK(count("rejected") == 0);
    CHECK(count("updates_applied") > 200); // the storm

    const Outcome listed = run({"conflicts", path, "--json"});
    INFO(listed.out);
    REQUIRE(listed.exit_code == 0);
    const auto conflicts = fhir::parse_json(listed.last_line());
    REQUIRE(conflicts);
    CHECK((*conflicts)["open"].GetUint64() == 0);
    for (const char* kind : {"concurrent_modification", "version_conflict", "out_of_order", "version_tie",
                             "state_drift", "deleted_and_edited", "undeleted", "refused_edit"}) {
        INFO(kind);
        CHECK((*conflicts)["counts"][kind].GetUint64() >= 1);
    }
}
