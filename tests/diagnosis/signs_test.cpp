// The engine tells in sentences what it met, and facts.cpp recognizes them. So the simulator causes everything that it
// can, and each sign has to be seen: a sentence that changes in the engine fails here.

#include "diagnosis/facts.hpp"
#include "engine/engine.hpp"
#include "simulation/runner.hpp"

#include <catch2/catch_test_macros.hpp>

#include <set>
#include <variant>

using namespace fhirscope;
using diagnosis::Sign;

namespace {

// The signs that one session gives.
void gather(const simulation::Scenario& scenario, const std::set<Sign>& wanted, std::set<Sign>& seen) {
    engine::Engine engine;
    diagnosis::Facts facts;
    std::uint64_t inputs = 0;
    const auto look = [&] {
        facts.update(engine.publish());
        for (const Sign sign : wanted)
            if (!facts.all(sign).empty()) seen.insert(sign);
    };
    simulation::run(scenario, simulation::Thoroughness::Quick, [&](unsigned, const engine::Input& input) {
        engine.step(input);
        if (++inputs % 64 == 0) look();
    });
    look();
}

} // namespace

TEST_CASE("every sentence that a finding rests on is still said by the engine") {
    const std::set<Sign> wanted = {
        Sign::LostRealTime,   Sign::Silence,   Sign::NoPong,        Sign::UpgradeRefused, Sign::ServerError,
        Sign::BindUnanswered, Sign::Unlisted,  Sign::ServerDropped, Sign::Deaf,           Sign::StatusBad,
        Sign::TokenRefused,   Sign::NumberGap, Sign::GapFilled,     Sign::NumbersAnew,    Sign::MissedRecovered,
        Sign::MissedFound,    Sign::NeverSeen, Sign::Hidden,        Sign::ClockSetBack,   Sign::Throttled,
        Sign::QueueFull,      Sign::Rejected,  Sign::Foreign};
    std::set<Sign> seen;
    const auto all = simulation::FaultSet::parse("all");
    REQUIRE(all);
    std::uint64_t seed = 1;
    for (; seed <= 200 && seen.size() < wanted.size(); ++seed)
        gather(simulation::draw_scenario(seed, simulation::VirtualTime(std::chrono::minutes(3)),
                                         simulation::Mode::Bounded, *all),
               wanted, seen);
    INFO(seed - 1 << " seeds");
    for (const Sign sign : wanted) {
        INFO("sign " << static_cast<int>(sign));
        CHECK(seen.contains(sign));
    }
}
