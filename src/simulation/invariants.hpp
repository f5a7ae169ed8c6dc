#pragma once
// What must hold at every step, one function each. Those about single changes of a store are in Ledger::on_change;
// whether the run settles is judged by the runner.

#include "engine/engine.hpp"
#include "simulation/ledger.hpp"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::simulation {

struct Violation {
    std::string invariant; // "shown-never-goes-back"
    std::string text;      // what exactly, and with which resource
    VirtualTime at{0};
    std::uint64_t input = 0; // number of the input whose step broke it, from 1
    unsigned client = 0;     // whose input that is
};

// All invariants that are checked of each client, for people; those of edits are in edit_judge.hpp.
std::vector<std::string_view> invariant_names();

// What the checks of snapshots need to know.
struct Observation {
    const engine::Snapshot& snapshot;
    const engine::Config& config;
    const Ledger& ledger;
    std::uint64_t frames_delivered = 0;
    VirtualTime verify_begun{0}; // of the comparison that is under way, or was the last
    VirtualTime now{0};
    std::optional<LocalTime> refused_since{}; // since then no answer accepted the login
};

// Each returns what is wrong, or nothing.
using Check = std::optional<std::string> (*)(const Observation& o);
std::optional<std::string> updates_are_accounted(const Observation& o);
std::optional<std::string> frames_are_accounted(const Observation& o);
std::optional<std::string> bounds_hold(const Observation& o);
std::optional<std::string> live_means_accepted(const Observation& o);

// These look at the step from one observation to the next.
// `bound`: when each subscription was bound last.
std::optional<std::string> live_means_caught_up(const Observation& o, const std::vector<VirtualTime>& bound);
std::optional<std::string> equal_means_equal(const Observation& o);

// Runs the checks that apply to an observation; remembers the one before.
class SnapshotChecks {
public:
    std::optional<Violation> check(const Observation& o);

private:
    bool live_ = false;
    std::vector<LocalTime> handshakes_; // of each subscription, the last
    std::vector<VirtualTime> bound_;    // when they were seen
    engine::VerifyView::State verify_ = engine::VerifyView::State::None;
};

// What the engine asks for must fit to what it knows, and must not become a storm.
class EffectChecks {
public:
    std::optional<Violation> check(const engine::Input& input, const engine::Effects& effects);
    // The first of the refusals of the login (more than one) that no other answer has come between.
    std::optional<LocalTime> refused_since() const { return refusals_ > 1 ? refused_since_ : std::nullopt; }
    // Frames that came on the socket while it was open.
    std::uint64_t frames() const { return frames_; }

private:
    std::optional<std::string> legal(const engine::Effect& effect, LocalTime now);
    std::optional<std::string> calm(LocalTime now, std::size_t requests, std::size_t sockets);
    void learn(const engine::Input& input);

    std::set<engine::RequestId> under_way_, answered_;
    engine::RequestId newest_request_ = 0;
    engine::SocketId newest_socket_ = 0;
    std::optional<engine::SocketId> opening_, open_;
    std::deque<LocalTime> recent_requests_, recent_sockets_;
    std::optional<LocalTime> refused_since_;
    LocalTime refused_last_{};
    std::uint64_t refusals_ = 0;
    LocalTime instant_{};
    std::uint64_t at_this_instant_ = 0, frames_ = 0;
};

} // namespace fhirscope::simulation
