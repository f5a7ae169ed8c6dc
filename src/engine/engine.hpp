#pragma once
// The deterministic core: inputs in, effects out. It has no clock, thread, socket or randomness of its own, so the same
// inputs give the same effects and the same state, byte for byte.
//
// Thread safety: one thread steps and publishes; what it publishes may be read anywhere.

#include "engine/effect.hpp"
#include "engine/input.hpp"
#include "engine/snapshot.hpp"
#include "fhir/result.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace fhirscope::engine {

// Nanoseconds of some steady clock, for stage times. They are observations beside the state: never read back by the
// engine.
using StageClock = std::uint64_t (*)();

class Engine {
public:
    Engine();
    ~Engine();
    Engine(Engine&&) noexcept;
    Engine& operator=(Engine&&) noexcept;

    // Takes one input and says what it wants done. Inputs before Start, or for requests and sockets that it does not
    // know, are counted and otherwise change nothing.
    Effects step(const Input& input);

    // True while updates wait for a Drain.
    bool wants_drain() const;

    SnapshotPtr publish();

    // Hash of the whole state (of the logs: of all that ever went into them). Equal for equal inputs, on every machine.
    std::uint64_t state_hash() const;

    // The whole state as bytes, from which restore() makes an engine that goes on to the same hash.
    std::string keyframe() const;
    // Errors: Damaged (also: written by another version).
    static Result<Engine> restore(std::string_view keyframe);

    // Stage times are measured only with a clock.
    void set_stage_clock(StageClock clock);

    // See Stores::observe. Observers are not state; a restored engine has none.
    ObserverId observe(Interest interest, std::function<void(const Change&)> call);
    void forget(ObserverId id);

    struct State;

private:
    std::unique_ptr<State> state_;
};

// "a1b2c3d4e5f60718": how a hash is shown everywhere.
std::string hash_text(std::uint64_t hash);

} // namespace fhirscope::engine
