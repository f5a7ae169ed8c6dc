#pragma once
// What a session that goes on keeps of itself: its inputs of the last minutes, so that it can be looked back at, and
// written to a file when trouble is seen.

#include "engine/engine.hpp"
#include "session/kept_inputs.hpp"
#include "session/moments.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <thread>
#include <vector>

namespace fhirscope::session {

struct FlightOptions {
    std::chrono::seconds longest{15 * 60}; // is kept at least, where there is room; a stretch more at most
    std::size_t most_bytes = 256u << 20;   // of inputs and of the states at which stretches begin
    std::chrono::seconds stretch{60};      // what is given up goes by stretches
    std::size_t stretch_bytes = 16u << 20; // of inputs, compressed
};

// Thread safety: the engine's thread calls add() and between(), any thread the rest. What the engine's thread does is
// bounded: an input is compressed with its batch, and a state is kept by sharing it (Engine::keep), which takes a few
// milliseconds once a stretch. A thread of the recorder's own makes it small.
class FlightRecorder final : public KeptInputs {
public:
    explicit FlightRecorder(FlightOptions options = {});
    ~FlightRecorder() override;

    void between(engine::Engine& engine);

    // The state after so many inputs.
    struct Mark {
        std::uint64_t inputs = 0;
        std::uint64_t state_hash = 0;
        engine::Counters counters;
        engine::Engine::Kept state;
    };
    // Calls once with where the session is, from the engine's thread between two inputs; not at all where that is over.
    void mark(std::function<void(const Mark&)> call);

    std::optional<Keyframe> keyframe_before(std::uint64_t from) const override;
    std::size_t bytes() const; // of all that is kept

private:
    struct Stretch {
        std::uint64_t first = 0; // input
        LocalTime at;
        engine::Engine::Kept state; // until it is small
        std::optional<SmallMoment> small;
    };
    void begin_stretch(engine::Engine& engine);
    void answer(engine::Engine& engine);
    void drop_oldest(LocalTime now);
    void make_small_ones();

    const FlightOptions options_;
    // Of the engine's thread.
    std::uint64_t stretch_first_ = 0;
    LocalTime stretch_at_;
    std::size_t stretch_began_with_ = 0;       // bytes
    std::chrono::nanoseconds keeping_took_{0}; // the last time

    std::atomic<bool> is_asked_ = false;
    mutable Mutex mutex_;
    ConditionVariable work_;
    std::vector<std::function<void(const Mark&)>> asked_ FHIRSCOPE_GUARDED_BY(mutex_);
    std::deque<Stretch> stretches_ FHIRSCOPE_GUARDED_BY(mutex_); // but the one that begins with the first input of all
    bool stopping_ FHIRSCOPE_GUARDED_BY(mutex_) = false;
    std::thread thread_; // the last, since it uses the others
};

} // namespace fhirscope::session
