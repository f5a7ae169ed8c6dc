#pragma once
// One seed from beginning to end, and the verdict over it.

#include "server/server.hpp"
#include "session/content_digest.hpp"
#include "simulation/diagnosis_judge.hpp"
#include "simulation/invariants.hpp"

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace fhirscope::simulation {

// Within this virtual time after the last fault the phase must be Live and every store equal to the server.
constexpr std::chrono::minutes liveness_bound{5};

enum class Mode : std::uint8_t {
    Bounded,   // faults stop; then the run must settle within liveness_bound
    Unbounded, // faults go on to the end: only safety is judged
};

// Whether the first client is looked at with a Diagnosis, too, and its incidents are judged by what was broken.
enum class Diagnosing : std::uint8_t {
    Off,
    Judged,
    MustBeRight,    // the first wrong verdict is a violation: "every-fault-is-named" or "no-false-cause"
    Counterfactual, // what the client would have got without one of the faults: for the judgement itself
};

struct Scenario {
    std::uint64_t seed = 1;
    VirtualTime duration{std::chrono::minutes(3)}; // in which faults happen and the clinic works
    Mode mode = Mode::Bounded;
    unsigned clients = 1; // more than one: at each of them somebody edits
    server::Behaviour behaviour = server::default_behaviour();
    std::vector<Fault> faults;
    // Whether the engine looks behind its subscriptions and compares with the server now and then. Where no fault calls
    // for it, it is off, so that it cannot hide what the connection's own recovery misses.
    bool second_line = true;
    Diagnosing diagnosing = Diagnosing::Off;
};
// Every other seed has only such faults as the connection must recover from by itself. `clients`: with more than one,
// 2 to so many. `behaviour`: of the server; nullopt: drawn, too.
Scenario draw_scenario(std::uint64_t seed, VirtualTime duration, Mode mode, const FaultSet& set, unsigned clients = 1,
                       std::optional<server::Behaviour> behaviour = std::nullopt);

struct Verdict {
    std::optional<Violation> violation;
    VirtualTime ran{0};     // virtual time
    VirtualTime settled{0}; // how long it took after the last fault; 0 when it did not, or was not asked to
    std::uint64_t inputs = 0, commits = 0;
    std::uint64_t edits = 0, decisions = 0;          // by people
    std::uint64_t own_commits = 0, answers_lost = 0; // what the clients wrote, and the answers that never came
    std::vector<std::uint64_t> state_hashes;         // of the clients' engines at the end
    std::vector<session::ContentDigest> contents;    // of what they show then
    std::vector<engine::Counters> counters;          // of each client
    std::array<std::uint64_t, engine::conflict_kinds> conflicts{}; // of all clients
    std::vector<std::string> story; // of a violation: what the engine logged last, and the resource's commits
    std::array<std::uint32_t, fault_kinds> injected{};
    std::optional<Judgement> judgement; // where it was asked for, and no other invariant was broken
};

enum class Thoroughness : std::uint8_t {
    Quick, // snapshots are judged after every step that may change more than a resource, and after every 16th of the
           // others
    Every, // after every step: finds the very input that broke the invariant
};

using InputWatcher = std::function<void(unsigned client, const engine::Input&)>;

// Deterministic: the same scenario gives the same verdict, of either thoroughness at most the same violation earlier.
Verdict run(const Scenario& scenario, Thoroughness thoroughness = Thoroughness::Quick,
            const InputWatcher& watcher = {});

} // namespace fhirscope::simulation
