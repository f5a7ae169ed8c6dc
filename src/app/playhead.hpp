#pragma once
// The moment that a window shows of a recording, or of a session that goes on: found by a thread of its own.

#include "app/bookmarks.hpp"
#include "engine/snapshot.hpp"
#include "fhir/thread_safety.hpp"
#include "gui/model/playhead.hpp"
#include "session/player.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace fhirscope::app {

// Thread safety: any thread may call anything.
class Playhead final : public gui::PlayheadControl {
public:
    // What can be said of the state at the end of a recording.
    struct Judged {
        std::optional<bool> as_recorded;
        std::string not_compared;
    };
    struct Options {
        std::shared_ptr<const session::Inputs> inputs;
        bool live = false;   // the inputs go on; at their end the session itself is shown
        std::string notes{}; // file of the bookmarks; "": in memory
        // Of a recording; called once, on the playhead's thread.
        std::function<Judged(std::uint64_t hash, const engine::Snapshot& last)> judge{};
        std::function<void()> changed{}; // there is something new to be shown; likewise
    };
    explicit Playhead(Options options);
    ~Playhead() override;

    // Of the moment that is shown; null: the session itself (live), or nothing yet.
    engine::SnapshotPtr shown() const;
    // Of a recording: the newest state that was reached by reading it once; null before the first.
    engine::SnapshotPtr whole() const;
    // True: a recording was read to its end, or as far as it can be. False: not within this time.
    bool wait_for_end(std::chrono::milliseconds timeout) const;
    std::uint64_t end_hash() const; // of a recording that was read; 0 before

    gui::PlayheadStatus status() const override;
    void seek(LocalTime at) override;
    void play(double speed) override;
    void pause() override;
    void to_end() override;
    void add_bookmark(LocalTime at, std::string text) override;
    void rename_bookmark(std::uint64_t number, std::string text) override;
    void remove_bookmark(std::uint64_t number) override;

private:
    using Steady = std::chrono::steady_clock;
    // What is still to be done for the moment that is shown, when nothing else is wanted.
    enum class Rest : std::uint8_t { None, Texts, Hash };
    enum class Aim : std::uint8_t { None, Moment, End };

    void run();
    void look_for(LocalTime at);
    void go_to_end();
    void play_on();
    void read_on();
    void finish(Rest rest);
    void show(LocalTime at, bool playing);
    void publish_whole();
    void fail_with(const Error& error);
    void give_up(const std::string& problem);
    void ask(Aim aim, LocalTime at) FHIRSCOPE_REQUIRES(mutex_);
    bool unheard() const { return asked_.load() == heard_ && !stopping_.load(); }
    LocalTime held(LocalTime at) const;

    const Options options_;
    // Of the thread alone.
    session::Player player_;
    std::uint64_t heard_ = 0; // wishes
    Rest rest_ = Rest::None;
    Steady::time_point whole_published_{};

    std::atomic<std::uint64_t> asked_ = 0;
    std::atomic<bool> stopping_ = false;
    mutable Mutex mutex_;
    mutable ConditionVariable asks_, read_;
    Aim aim_ FHIRSCOPE_GUARDED_BY(mutex_) = Aim::None;
    gui::PlayheadStatus status_ FHIRSCOPE_GUARDED_BY(mutex_);
    LocalTime played_from_ FHIRSCOPE_GUARDED_BY(mutex_);
    Steady::time_point played_since_ FHIRSCOPE_GUARDED_BY(mutex_);
    engine::SnapshotPtr shown_ FHIRSCOPE_GUARDED_BY(mutex_), whole_ FHIRSCOPE_GUARDED_BY(mutex_);
    bool all_read_ FHIRSCOPE_GUARDED_BY(mutex_) = false;
    std::uint64_t end_hash_ FHIRSCOPE_GUARDED_BY(mutex_) = 0;
    Bookmarks bookmarks_ FHIRSCOPE_GUARDED_BY(mutex_);
    std::thread thread_; // the last, since it uses the others
};

} // namespace fhirscope::app
