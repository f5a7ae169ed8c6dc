// `fhirscope diagnose` over recorded sessions.

#include "fhir/json.hpp"
#include "program.hpp"
#include "session/recorder.hpp"
#include "simulation/virtual_world.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace fhirscope;
using namespace fhirscope::tests;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

namespace {

// A session that loses real time, and a Task of it that may be old at the end.
std::string record(const std::string& name, bool comes_back) {
    const std::string path = fresh_path(name);
    auto recorder = session::Recorder::create(path, {});
    REQUIRE(recorder);
    simulation::VirtualWorld world({.seed = 21, .rate = 2});
    // What reached the engine before this was set is its start.
    std::vector<engine::Input> inputs;
    world.client().before_step = [&](const engine::Input& input) { inputs.push_back(input); };
    REQUIRE(world.run_until_live());
    world.set_conditions([](simulation::Conditions& c) { c.refuse_sockets = true; });
    world.cut_socket();
    world.run_for(8s);
    if (comes_back) {
        world.set_conditions([](simulation::Conditions& c) { c.refuse_sockets = false; });
        REQUIRE(world.run_until_live(120s));
        world.run_for(400s);
    }
    for (const engine::Input& input : inputs) (*recorder)->add(input);
    REQUIRE((*recorder)->close({world.engine().state_hash(), {}}));
    return path;
}

std::string a_task(const std::string& path) {
    const Outcome json = run({"diagnose", path, "--json"});
    const auto at = json.out.find("\"reference\":\"Task/");
    REQUIRE(at != std::string::npos);
    const auto begin = json.out.find("Task/", at);
    return json.out.substr(begin, json.out.find('"', begin) - begin);
}

} // namespace

TEST_CASE("a session that ends without real time says so, and a Task of it says why it may be old") {
    const std::string path = record("down.fhirscope", false);
    const Outcome text = run({"diagnose", path});
    CHECK(text.exit_code == 0);
    CHECK_THAT(text.out, ContainsSubstring("D37  attention  Real time is down") && ContainsSubstring("decisive:"));
    CHECK(run({"diagnose", path, "--fail-on-open"}).exit_code == 3);

    const Outcome json = run({"diagnose", path, "--json"});
    const auto parsed = fhir::parse_json(json.out);
    REQUIRE(parsed);
    CHECK((*parsed)["open"].Size() > 0);

    const std::string task = a_task(path);
    const Outcome why = run({"diagnose", path, "--explain", task});
    CHECK(why.exit_code == 0);
    CHECK_THAT(why.out, ContainsSubstring(task + ": It may be stale: real time is down.") &&
                            ContainsSubstring("Subscription  did not"));
    CHECK(run({"diagnose", path, "--explain", task, "--fail-on-open"}).exit_code == 3);
}

TEST_CASE("findings that have closed are counted, and listed on request") {
    const std::string path = record("back.fhirscope", true);
    const Outcome text = run({"diagnose", path, "--fail-on-open"});
    CHECK(text.exit_code == 0);
    CHECK_THAT(text.out, ContainsSubstring("closed (--all lists them)"));
    CHECK_THAT(run({"diagnose", path, "--all"}).out, ContainsSubstring("D37") && ContainsSubstring(", closed 20"));
}

TEST_CASE("what cannot be diagnosed is said") {
    const Outcome missing = run({"diagnose", fresh_path("none.fhirscope")});
    CHECK(missing.exit_code == 1);
    CHECK_THAT(missing.err, ContainsSubstring("none.fhirscope"));
    const std::string path = record("unknown.fhirscope", false);
    const Outcome unknown = run({"diagnose", path, "--explain", "Task/none"});
    CHECK(unknown.exit_code == 1);
    CHECK_THAT(unknown.err, ContainsSubstring("Task/none is not in "));
    const Outcome wrong = run({"diagnose", path, "--explain", "not a resource"});
    CHECK(wrong.exit_code == 2);
    CHECK_THAT(wrong.err, ContainsSubstring("Type/id"));
}
