// The simulator itself: seeds run clean, the same every time, and a failing one becomes a small list of faults and a
// session.

#include "session/reader.hpp"
#include "session/replay.hpp"
#include "simulation/minimise.hpp"
#include "simulation/record.hpp"
#include "simulation/virtual_world.hpp"
#include "support/paths.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <filesystem>

using namespace fhirscope;
using namespace fhirscope::simulation;
using namespace std::chrono_literals;

namespace {

FaultSet faults(std::string_view text) {
    const auto set = FaultSet::parse(text);
    REQUIRE(set);
    return *set;
}

std::string told(const Scenario& scenario, const Verdict& verdict) {
    std::string text = "seed " + std::to_string(scenario.seed) + ": ";
    if (verdict.violation) text += verdict.violation->invariant + ": " + verdict.violation->text;
    for (const Fault& fault : scenario.faults) text += "\n" + describe(fault);
    return text;
}

} // namespace

TEST_CASE("seeds run clean", "[seeds]") {
    const auto set = FaultSet::all();
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const auto scenario = draw_scenario(seed, 1min, Mode::Bounded, set);
        const auto verdict = run(scenario);
        INFO(told(scenario, verdict));
        REQUIRE_FALSE(verdict.violation);
    }
}

TEST_CASE("the same seed runs the same way, however closely it is watched") {
    const auto scenario = draw_scenario(7, 1min, Mode::Unbounded, FaultSet::all());
    const auto first = run(scenario), second = run(scenario), closely = run(scenario, Thoroughness::Every);
    CHECK(first.state_hashes == second.state_hashes);
    CHECK(first.inputs == second.inputs);
    REQUIRE_FALSE(first.violation);
    REQUIRE_FALSE(second.violation);
    REQUIRE_FALSE(closely.violation);
    CHECK(closely.state_hashes == first.state_hashes);
}

TEST_CASE("a schedule is drawn from its seed, sorted, and over in time") {
    const auto seed = GENERATE(range(1, 50));
    const auto schedule = draw_schedule(static_cast<std::uint64_t>(seed), 3min, FaultSet::all());
    REQUIRE_FALSE(schedule.empty());
    VirtualTime last{0};
    for (const Fault& fault : schedule) {
        CHECK(fault.at >= last);
        CHECK(fault.end() <= 3min);
        CHECK(fault.amount >= info(fault.kind).least);
        CHECK(fault.amount <= info(fault.kind).most);
        last = fault.at;
    }
    const auto again = draw_schedule(static_cast<std::uint64_t>(seed), 3min, FaultSet::all());
    REQUIRE(again.size() == schedule.size());
    for (std::size_t i = 0; i < again.size(); ++i) CHECK(describe(again[i]) == describe(schedule[i]));
}

TEST_CASE("kinds of faults are chosen by name") {
    CHECK(faults("all").kinds().size() == fault_kinds);
    CHECK(faults("cut").kinds() == std::vector{FaultKind::Cut});
    CHECK_FALSE(faults("all,-cut").contains(FaultKind::Cut));
    CHECK(faults("none").kinds().empty());
    const auto wrong = FaultSet::parse("cut,flood");
    REQUIRE_FALSE(wrong);
    CHECK_THAT(wrong.error().message,
               Catch::Matchers::ContainsSubstring("flood") && Catch::Matchers::ContainsSubstring("half-open"));
}

TEST_CASE("without faults nothing goes wrong and the run settles at once") {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        const auto scenario = draw_scenario(seed, 1min, Mode::Bounded, faults("none"));
        const auto verdict = run(scenario, Thoroughness::Every);
        INFO(told(scenario, verdict));
        REQUIRE_FALSE(verdict.violation);
        CHECK(verdict.settled <= 5s);
    }
}

// Subscriptions that nobody answers until long after the last fault: no client can be in sync then.
TEST_CASE("a failing seed is minimised to the faults that matter, and its session replays to the same state") {
    Scenario scenario;
    scenario.seed = 5;
    scenario.duration = 1min;
    scenario.faults = {
        {FaultKind::Burst, 5s, 0s, 20, 1},
        {FaultKind::FrameDuplicate, 6s, 10s, 50, 2},
        {FaultKind::RefusedConnect, 10s, 20min, 0, 3},
        {FaultKind::Cut, 12s, 0s, 0, 4},
        {FaultKind::Writers, 20s, 5s, 100, 5},
    };
    const auto verdict = run(scenario);
    REQUIRE(verdict.violation);
    CHECK(verdict.violation->invariant == "settles");
    CHECK_FALSE(verdict.story.empty());

    const auto least = minimise(scenario, *verdict.violation);
    INFO(told(least.scenario, verdict));
    CHECK(least.violation.invariant == "settles");
    REQUIRE(least.scenario.faults.size() <= 2); // without a cut it takes a token that expires
    CHECK(least.scenario.faults[0].kind == FaultKind::RefusedConnect);

    const std::string path = std::string(tests::output) + "/simulated.fhirscope";
    std::filesystem::remove(path);
    const auto recorded = record(least.scenario, path, "test");
    REQUIRE(recorded);
    REQUIRE(recorded->violation);
    const auto reader = session::Reader::open(path);
    REQUIRE(reader);
    CHECK(reader->summary().redacted == 0);
    engine::Engine engine;
    const auto replayed = session::replay(*reader, engine);
    REQUIRE(replayed);
    CHECK(replayed->equal == true);
    CHECK(replayed->hash == recorded->state_hashes.at(0));
}

TEST_CASE("the ledger knows when a shown state goes back, repeats or is invented") {
    WorldOptions options;
    options.seed = 3;
    options.patients = 1;
    options.tasks = 1;
    options.rate = 0;
    VirtualWorld world(options);
    Ledger ledger(world.server());
    world.client().on_commit = [&](const server::Commit& commit, Fanout fanout) {
        ledger.on_commit(commit, fanout, world.now());
    };
    REQUIRE(world.run_until_live());
    const auto tasks = world.server().store.all("Task");
    REQUIRE(tasks.size() == 1);
    const std::string reference = tasks.front()->reference();
    REQUIRE(world.server().set_member(reference, "description", "\"second\""));
    const auto second = world.server().store.current("Task", tasks.front()->id);

    std::string broken;
    const auto show = [&](const fhir::ResourcePtr& resource) {
        broken.clear();
        engine::Record record;
        record.reference = resource->reference();
        auto version = std::make_shared<engine::Version>();
        version->resource = resource;
        record.history.push_back(version);
        ledger.on_change({nullptr, &record, {}}, [&](std::string_view invariant, std::string) { broken = invariant; });
        return broken;
    };
    CHECK(show(tasks.front()->resource).empty());
    CHECK(show(second->resource).empty());
    CHECK(show(second->resource) == "duplicates-change-nothing");
    CHECK(show(tasks.front()->resource) == "shown-never-goes-back");
    const auto invented = fhir::parse_resource(
        R"({"resourceType":"Task","id":"none","meta":{"versionId":"x","lastUpdated":"2026-02-10T10:30:15.123Z"}})");
    REQUIRE(invented);
    CHECK(show(*invented) == "shown-is-the-servers");
}

TEST_CASE("several clients edit the same resources, and seeds run clean", "[seeds]") {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        const auto scenario = draw_scenario(seed, 1min, Mode::Bounded, FaultSet::all(), 4);
        REQUIRE(scenario.clients >= 2);
        const auto verdict = run(scenario);
        INFO(told(scenario, verdict));
        REQUIRE_FALSE(verdict.violation);
        CHECK(verdict.edits > 0);
        CHECK(verdict.own_commits > 0);
    }
}

TEST_CASE("the same seed leads all clients to the same states") {
    const auto scenario = draw_scenario(5, 1min, Mode::Bounded, FaultSet::all(), 4);
    const auto first = run(scenario), second = run(scenario);
    CHECK(first.state_hashes.size() == scenario.clients);
    CHECK(first.state_hashes == second.state_hashes);
    CHECK(first.inputs == second.inputs);
}
