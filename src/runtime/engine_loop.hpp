#pragma once
// The engine thread: takes inputs in order, steps, hands effects on, publishes.

#include "engine/engine.hpp"
#include "fhir/thread_safety.hpp"
#include "runtime/clock.hpp"
#include "runtime/inbox.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace fhirscope::runtime {

struct EngineLoopOptions {
    std::size_t inbox_max = 8'192;           // inputs
    std::size_t inbox_max_bytes = 64u << 20; // of frames and bodies
    unsigned inputs_per_drain = 256;         // a flood cannot keep updates in the queue for longer
    std::chrono::milliseconds publish_interval{16};

    // For whoever listens; called on the engine thread. They must not block for long, and must not call the loop or
    // what runs it, except that on_snapshot may send commands and take the snapshot.
    std::function<void(const engine::Input&)> on_input;   // every input, in order, before it is stepped
    std::function<void(engine::Engine&)> between;         // two inputs, or while none comes: once a second at least
    std::function<void()> on_snapshot;                    // a new snapshot can be had
    std::function<void(const engine::Engine&)> on_finish; // once, after the last step
    std::function<void()> on_impossible; // in place of on_finish: the engine's state cannot be, and is not asked again
};

// Does what the engine wants. Called on the engine thread.
class EngineHost {
public:
    virtual ~EngineHost() = default;
    virtual void perform(engine::Effect effect) = 0; // all but WakeAt, which the loop does
    virtual void on_room() = 0;                      // a full inbox has room again
};

// Inputs are stepped in the order of their times, with these rules:
// - a Tick comes before every input that was received after the time that the engine asked for, so that a backlog of
// frames
//   cannot make a quiet connection look dead;
// - a Drain comes when nothing else waits, or after inputs_per_drain inputs without one;
// - Input.at never goes back: an input whose receive time lies before the last step has that step's time.
//
// Thread safety: any thread may call anything but state_hash(), save that start() comes first and stop() once at a
// time.
class EngineLoop {
public:
    // `host` is there for longer.
    EngineLoop(EngineLoopOptions options, EngineHost& host);
    ~EngineLoop(); // stops

    void start(engine::Start first);
    // What waits in the inbox is not stepped any more.
    void stop();

    // False: the inbox is full; read no further until EngineHost::on_room().
    bool push(engine::InputBody body, LocalTime at);
    bool push(engine::InputBody body) { return push(std::move(body), clock_.now()); }

    engine::SnapshotPtr snapshot() const;
    // Throws Impossible when the engine came to what cannot be; run_until() does so, too.
    void check() const;
    bool run_until(const std::function<bool(const engine::Snapshot&)>& predicate,
                   std::chrono::milliseconds timeout) const;
    std::uint64_t state_hash() const; // after stop()
    const InputClock& clock() const { return clock_; }
    std::size_t inbox_peak() const { return inbox_.peak(); }

private:
    void run();
    void go_on();
    bool advance();
    void step(engine::InputBody body, LocalTime at);
    void notice_sleep(InputClock::Steady::time_point until);
    void tick_if_due(LocalTime time);
    void publish_if_due();
    void publish();
    InputClock::Steady::time_point next_event() const;

    const EngineLoopOptions options_;
    EngineHost& host_;
    const InputClock clock_;
    Inbox inbox_;

    // Of the engine thread alone, while it runs.
    engine::Engine engine_;
    LocalTime last_at_;
    std::optional<LocalTime> wake_at_;
    std::vector<engine::Input> batch_;
    std::size_t batch_done_ = 0;
    unsigned since_drain_ = 0;
    bool changed_ = false;
    std::chrono::microseconds asleep_; // of the machine, when it was last looked at
    InputClock::Steady::time_point published_at_{};

    mutable Mutex mutex_;
    mutable ConditionVariable published_;
    engine::SnapshotPtr snapshot_ FHIRSCOPE_GUARDED_BY(mutex_);
    // What was published last: given up here, not by the window, which would pay for it in the middle of a frame.
    static constexpr std::size_t kept = 8;
    std::deque<engine::SnapshotPtr> kept_;
    std::uint64_t publications_ FHIRSCOPE_GUARDED_BY(mutex_) = 0;
    bool stopping_ FHIRSCOPE_GUARDED_BY(mutex_) = false, ended_ FHIRSCOPE_GUARDED_BY(mutex_) = false;
    std::exception_ptr failure_ FHIRSCOPE_GUARDED_BY(mutex_);
    std::thread thread_;
};

} // namespace fhirscope::runtime
