// Runs seeds until one breaks an invariant; for script/mutate, which plants bugs and wants each of them caught.
//   fhirscope_seeds FIRST LAST MINUTES FAULTS [CLIENTS [BEHAVIOUR]]
// BEHAVIOUR is the server's (medplum-5.0, medplum-5.1); without it each seed draws one.
// Exit codes: 0 every seed ran clean, 3 one did not ("INVARIANT SEED" on stdout), 2 wrong usage.

#include "simulation/runner.hpp"

#include <cstdlib>
#include <iostream>

using namespace fhirscope;

int main(int argc, char** argv) {
    if (argc < 5 || argc > 7 || (argc == 7 && !server::parse_behaviour(argv[6]))) {
        std::cerr << "usage: fhirscope_seeds FIRST LAST MINUTES FAULTS [CLIENTS [BEHAVIOUR]]\n";
        return 2;
    }
    const auto set = simulation::FaultSet::parse(argv[4]);
    if (!set) {
        std::cerr << set.error().message << "\n";
        return 2;
    }
    const std::uint64_t first = std::strtoull(argv[1], nullptr, 10), last = std::strtoull(argv[2], nullptr, 10);
    const simulation::VirtualTime duration = std::chrono::minutes(std::strtol(argv[3], nullptr, 10));
    const unsigned clients = argc >= 6 ? static_cast<unsigned>(std::strtoul(argv[5], nullptr, 10)) : 1;
    const auto behaviour = argc == 7 ? server::parse_behaviour(argv[6]) : std::nullopt;
    for (std::uint64_t seed = first; seed <= last; ++seed) {
        const auto scenario =
            simulation::draw_scenario(seed, duration, simulation::Mode::Bounded, *set, clients, behaviour);
        const auto verdict = simulation::run(scenario);
        if (!verdict.violation) continue;
        std::cout << verdict.violation->invariant << " " << seed << "\n";
        std::cerr << verdict.violation->text << "\n";
        std::cerr << to_string(scenario.behaviour) << "\n";
        for (const auto& fault : scenario.faults) std::cerr << simulation::describe(fault) << "\n";
        for (const auto& line : verdict.story) std::cerr << line << "\n";
        return 3;
    }
    return 0;
}
