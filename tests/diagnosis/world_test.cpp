// What the diagnosis makes of an engine that meets faults, in virtual time: the engine's own words, not ours.

#include "watch.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace fhirscope;
using namespace fhirscope::tests;
using simulation::VirtualWorld;

TEST_CASE("a quiet hour of the clinic has no finding that wants attention") {
    VirtualWorld world({.seed = 11, .rate = 2});
    REQUIRE(world.run_until_live());
    Watch watch(world);
    watch.run_for(600s);
    for (const FindingPtr& finding : watch.diagnosis.open()) UNSCOPED_INFO(finding->id << " " << finding->title);
    for (const FindingPtr& finding : watch.diagnosis.closed()) UNSCOPED_INFO(finding->id << " " << finding->title);
    CHECK(watch.diagnosis.worst() == nullptr);
    CHECK_FALSE(watch.seen.contains("D1"));
    CHECK_FALSE(watch.seen.contains("D15"));
    CHECK_FALSE(watch.seen.contains("D36"));
}

TEST_CASE("a cut socket: real time is down, then the gap is closed by a search, and both say so") {
    VirtualWorld world({.seed = 12, .rate = 5});
    REQUIRE(world.run_until_live());
    Watch watch(world);
    watch.run_for(20s);
    world.set_conditions([](simulation::Conditions& c) { c.refuse_sockets = true; });
    world.cut_socket();
    REQUIRE(watch.run_until_found("D37", 5s));
    REQUIRE(watch.run_until_found("D30", 30s));
    REQUIRE(watch.run_until_found("D24", 120s));
    world.set_conditions([](simulation::Conditions& c) { c.refuse_sockets = false; });
    REQUIRE(watch.run_until_closed("D24", 120s));
    REQUIRE(watch.run_until_closed("D37", 60s));
    watch.run_for(360s);
    for (const FindingPtr& finding : watch.diagnosis.open()) UNSCOPED_INFO(finding->id << " " << finding->title);
    CHECK(watch.diagnosis.worst() == nullptr);
}

TEST_CASE("a half-open connection is told by the ping") {
    VirtualWorld world({.seed = 13, .rate = 1});
    REQUIRE(world.run_until_live());
    Watch watch(world);
    world.set_silent(true);
    watch.run_for(45s);
    CHECK((watch.seen.contains("D2") || watch.seen.contains("D1")));
    world.set_silent(false);
    watch.run_for(90s);
    CHECK_FALSE(open_one(watch.diagnosis, "D2"));
    CHECK_FALSE(open_one(watch.diagnosis, "D1"));
}

TEST_CASE("binds that the server ignores") {
    VirtualWorld world({.seed = 14, .rate = 1});
    REQUIRE(world.run_until_live());
    Watch watch(world);
    world.set_ignores_bind(true);
    world.cut_socket();
    CHECK(watch.run_until_found("D3", 60s));
    world.set_ignores_bind(false);
    CHECK(watch.run_until_closed("D3", 180s));
}

TEST_CASE("silent deafness shows as changes that the socket did not bring") {
    VirtualWorld world({.seed = 1});
    REQUIRE(world.run_until_live());
    Watch watch(world);
    world.set_deaf(true);
    REQUIRE(watch.run_until_found("D15", 120s));
    CHECK(open_one(watch.diagnosis, "D15")->severity == diagnosis::Severity::Attention);
}

TEST_CASE("a Subscription that the server deleted") {
    VirtualWorld world({.seed = 3, .rate = 0.1});
    REQUIRE(world.run_until_live());
    Watch watch(world);
    world.network().remove_subscription(0);
    watch.run_for(75s);
    CHECK((watch.seen.contains("D6") || watch.seen.contains("D5") || closed_one(watch.diagnosis, "D6")));
}

TEST_CASE("frames that cannot be read") {
    VirtualWorld world({.seed = 15, .rate = 1});
    REQUIRE(world.run_until_live());
    Watch watch(world);
    world.send_raw("{not json");
    CHECK(watch.run_until_found("D34", 5s));
}

TEST_CASE("a server whose clock is wrong") {
    VirtualWorld world({.seed = 16, .rate = 2, .server_skew = std::chrono::minutes(-3)});
    REQUIRE(world.run_until_live());
    Watch watch(world);
    watch.run_for(10s);
    const auto finding = open_one(watch.diagnosis, "D23");
    REQUIRE(finding);
    CHECK(finding->evidence.at(0).text.find("behind") != std::string::npos);
}

TEST_CASE("the same inputs give the same findings") {
    std::vector<std::string> runs;
    for (int run = 0; run < 2; ++run) {
        VirtualWorld world({.seed = 17, .rate = 5});
        REQUIRE(world.run_until_live());
        Watch watch(world);
        world.cut_socket();
        watch.run_for(60s);
        std::string all;
        for (const auto& finding : watch.diagnosis.open())
            all += std::string(finding->id) + finding->subject +
                   std::to_string(finding->since.time_since_epoch().count()) + std::to_string(finding->count) + ";";
        for (const auto& finding : watch.diagnosis.closed())
            all += std::string(finding->id) + finding->subject +
                   std::to_string(finding->closed.time_since_epoch().count()) + ";";
        runs.push_back(all);
    }
    CHECK(runs[0] == runs[1]);
    CHECK_FALSE(runs[0].empty());
}
