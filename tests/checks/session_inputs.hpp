#pragma once
// Sessions in virtual time, as inputs, and what became of what was expected of them.

#include "checks/evaluator.hpp"
#include "checks/report.hpp"
#include "simulation/virtual_world.hpp"

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace fhirscope::tests {

using namespace std::chrono_literals;
using Inputs = std::vector<engine::Input>;

// The inputs of a client that is live when `goes_on` is called.
inline Inputs session_of(simulation::WorldOptions options,
                         const std::function<void(simulation::VirtualWorld&)>& goes_on) {
    Inputs inputs;
    simulation::VirtualWorld world(std::move(options));
    // What reached the engine before this was set is its start.
    world.client().before_step = [&](const engine::Input& input) { inputs.push_back(input); };
    REQUIRE(world.run_until_live());
    goes_on(world);
    return inputs;
}

// A Task is completed 20 s after the session became live; with a fault, while the server cannot be reached for 9 s.
enum class Fault { None, Outage };
inline std::string a_task(simulation::VirtualWorld& world) {
    const auto tasks = world.server().current("Task");
    REQUIRE_FALSE(tasks.empty());
    return "Task/" + tasks.front().id;
}

struct Run {
    Inputs inputs;
    std::string task; // that was completed
};
inline Run completed_task(Fault fault) {
    Run run;
    run.inputs = session_of({.seed = 21, .rate = 0}, [&](simulation::VirtualWorld& world) {
        run.task = a_task(world);
        REQUIRE(world.server().set_member(run.task, "status", "\"in-progress\""));
        world.run_for(20s);
        if (fault == Fault::Outage) {
            world.set_reachable(false); // also for the searches that stand in for real time
            world.cut_socket();
            world.run_for(1s);
        }
        REQUIRE(world.server().set_member(run.task, "status", "\"completed\""));
        world.run_for(8s);
        world.set_reachable(true);
        REQUIRE(world.run_until_live(120s));
        world.run_for(60s);
    });
    return run;
}

inline checks::ExpectFile expectations(const std::string& list) {
    auto file = checks::parse_expectations(R"({"expectations":[)" + list + "]}", "test.expect.json");
    INFO((file ? "" : file.error().message));
    REQUIRE(file);
    return std::move(*file);
}

inline checks::Outcomes judged(const Inputs& inputs, checks::ExpectFile file) {
    checks::Evaluator evaluator({std::move(file)});
    for (const engine::Input& input : inputs) evaluator.step(input);
    return evaluator.conclude().front();
}
inline checks::Outcomes judged(const Inputs& inputs, const std::string& list) {
    return judged(inputs, expectations(list));
}

} // namespace fhirscope::tests
