#pragma once
// A session at any moment: goes to it from the nearest moment that is kept, and keeps moments on its way.

#include "engine/engine.hpp"
#include "session/inputs.hpp"
#include "session/moments.hpp"

#include <chrono>
#include <cstdint>
#include <functional>

namespace fhirscope::session {

struct PlayerOptions {
    std::size_t budget = 160u << 20; // bytes of moments that are kept
    // Two of them are so far apart: in inputs, and where there is a clock in the time that it takes to step from one to
    // the next, so that a seek takes little more than that at any rate of inputs. Both double when the budget is
    // reached.
    std::uint64_t apart = 4'096;
    std::chrono::nanoseconds apart_in_time{std::chrono::milliseconds(40)};
    std::uint64_t (*clock)() = nullptr; // nanoseconds, steady
    // Moments with so many bytes of resources keep them as text: to read 16 MB again takes some 40 ms. Those with more
    // share them, which costs what changes meanwhile.
    std::size_t packs_up_to = 16u << 20;
};

// Thread safety: one thread at a time.
class Player {
public:
    // `inputs` are there for longer.
    explicit Player(const Inputs& inputs, PlayerOptions options = {});

    // Goes to the state after the first `number` inputs, as far as there are so many. `go_on` is asked before each
    // input: false stops there, and the state is that after position() inputs. Returns whether it got there.
    // Errors: those of Inputs::for_each, the state likewise.
    Result<bool> seek(std::uint64_t number, const std::function<bool()>& go_on = {});
    // Texts of frames from before the moment that was gone on from are read again. False: stopped by `go_on`, and
    // nothing changed, or there was nothing to read.
    Result<bool> read_texts(const std::function<bool()>& go_on = {});

    std::uint64_t position() const { return position_; }
    // Up to here everything was stepped through once, so that moments are kept.
    std::uint64_t furthest() const { return furthest_; }
    LocalTime at() const { return engine_.at(); } // of the last input; the epoch before the first
    engine::SnapshotPtr publish();                // each with a revision of its own
    const engine::Engine& engine() const { return engine_; }
    std::uint64_t state_hash() const { return engine_.state_hash(); }
    const Moments& moments() const { return moments_; }
    // Gives up all that it keeps and the state.
    void forget();

private:
    Result<void> go_back_for(std::uint64_t number);
    void keep_if_due();

    const Inputs& inputs_;
    const PlayerOptions options_;
    engine::Engine engine_;
    std::uint64_t position_ = 0, furthest_ = 0, revision_ = 0;
    Moments moments_;
    std::uint64_t doubled_ = 0;             // how often `apart` was doubled
    std::uint64_t stepped_ = 0, began_ = 0; // since the last moment: inputs, and when by the clock
};

} // namespace fhirscope::session
