#pragma once
// When the window draws its next frame, and why: what a person does is shown at once, news of the engine at most once a
// display's frame, what ages or fades at its time, and a window that nobody can see not at all.

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace fhirscope::gui {

enum class FrameReason { None, Input, News, Time };

class FramePacer {
public:
    using Clock = std::chrono::steady_clock;

    // New snapshots and fades are drawn at most this often; input at once.
    static constexpr std::chrono::milliseconds frame_time{16};
    // After input a few more frames: ImGui needs a second one to settle hovering, and a third for popups.
    static constexpr int settle_frames = 3;

    struct State {
        std::uint64_t revision = 0; // of the newest snapshot
        bool quiet = false;         // it says only that the connection lives: the ages' second is soon enough
        bool paused = false;        // then news change one number in the top bar; the ages' second is soon enough
        bool typed = false;         // ImGui takes what was typed fast over several frames
        bool hidden = false;        // minimised
    };

    explicit FramePacer(Clock::time_point now) : drawn_(now - frame_time), redraw_at_(now) {}

    void input() { settle_ = settle_frames; }
    void other_session() { revision_ = UINT64_MAX; }
    // There is something else to show of the same snapshot.
    void computed() { redraw_at_ = std::min(redraw_at_, drawn_ + frame_time); }

    FrameReason due(Clock::time_point now, const State& state) const {
        if (state.hidden) return FrameReason::None;
        if (settle_ > 0 || state.typed) return FrameReason::Input;
        if (news(state) && now - drawn_ >= frame_time) return FrameReason::News;
        return now >= redraw_at_ ? FrameReason::Time : FrameReason::None;
    }

    // When due() says something else by itself.
    Clock::time_point next(const State& state) const {
        if (state.hidden) return Clock::time_point::max();
        return news(state) ? std::min(redraw_at_, drawn_ + frame_time) : redraw_at_;
    }

    // A frame of `revision` begins; it will say when the picture changes by itself.
    void begin_frame(Clock::time_point now, std::uint64_t revision) {
        revision_ = revision;
        settle_ = std::max(0, settle_ - 1);
        drawn_ = now;
    }
    void end_frame(std::chrono::milliseconds redraw_in) { redraw_at_ = drawn_ + std::max(redraw_in, frame_time); }

private:
    bool news(const State& state) const { return state.revision != revision_ && !state.paused && !state.quiet; }

    Clock::time_point drawn_, redraw_at_;
    std::uint64_t revision_ = UINT64_MAX;
    int settle_ = settle_frames;
};

} // namespace fhirscope::gui
