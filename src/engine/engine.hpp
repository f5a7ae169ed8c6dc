#pragma once
// The deterministic core: inputs in, effects out. It has no clock, thread, socket or randomness of its own, so the same
// inputs give the same effects and the same state, byte for byte.
//
// Thread safety: one thread steps and publishes; what it publishes may be read anywhere.

#include "engine/effect.hpp"
#include "engine/figures.hpp"
#include "engine/input.hpp"
#include "engine/snapshot.hpp"
#include "fhir/result.hpp"

#include <functional>
#include <memory>
#include <optional>
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
    // False: another version wrote it.
    static bool can_restore(std::string_view keyframe);

    struct State;
    // A moment to go back to, in this process: it shares with the engine what does not change, so that keeping one costs
    // a few milliseconds, and no more memory than what changes afterwards. Immutable; any thread.
    struct Kept {
        std::shared_ptr<const State> shared;
        std::string bytes; // of what was packed; whoever holds many compresses them
        bool with_stores = false;
    };
    Kept keep() const;
    // The same moment in fewer bytes: without the texts of frames, which whoever has the inputs puts back, and where that
    // is wanted with resources as text, which takes time to read again.
    enum class Packed : bool { Frames, FramesAndStores };
    static Kept pack(const Kept& kept, Packed what);
    // Errors: Damaged.
    static Result<Engine> resume(const Kept& kept);
    // After resume(): the number of the first input whose text a frame lacks; nothing: none does. put_texts() asks for
    // the text of each (null: it is not to be had).
    std::optional<std::uint64_t> first_text_to_read() const;
    void put_texts(const std::function<Text(std::uint64_t input)>& text_of);

    std::uint64_t inputs() const; // that it was given
    LocalTime at() const;         // of the last one
    // Bytes of resources with their versions, and those that ever came.
    struct Weight {
        std::size_t resources = 0;
        std::uint64_t bytes_in = 0;
    };
    Weight weight() const;
    const Counters& counters() const;
    // Snapshots are numbered from here on: so that those of several engines in one window are told apart.
    void set_revision(std::uint64_t revision);

    // Stage times are measured only with a clock.
    void set_stage_clock(StageClock clock);

    // See Stores::observe. Observers are not state; a restored engine has none.
    ObserverId observe(Interest interest, std::function<void(const Change&)> call);
    void forget(ObserverId id);

private:
    void take_over(const Resumed& resumed);
    std::unique_ptr<State> state_;
};

// "a1b2c3d4e5f60718": how a hash is shown everywhere.
std::string hash_text(std::uint64_t hash);

} // namespace fhirscope::engine
