#include "gui/window.hpp"

#include "gui/platform.hpp"
#include "gui/shell.hpp"
#include "gui/theme.hpp"
#include "gui/thread_loads.hpp"

#include <imgui_internal.h>

#include <algorithm>
#include <ctime>
#include <string>

namespace fhirscope::gui {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// New snapshots and fades are drawn at most this often; input at once.
constexpr milliseconds kFrameTime{16};
// After input a few more frames: ImGui needs a second one to settle hovering, and a third for popups.
constexpr int kSettle = 3;

LocalTime system_now() {
    const auto now = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    return LocalTime(now.time_since_epoch());
}

// CPU time of this thread: what a frame costs, whatever else the machine does.
double thread_ms() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) * 1e-6;
}

class StatsKeeper {
public:
    StatsKeeper() { stats_.history = history_; }

    // CPU time of this thread, in milliseconds: to take the snapshot, to build the picture, to hand it to the graphics
    // driver.
    void frame(LocalTime at, double apply_ms, double build_ms, double draw_ms) {
        const double cpu_ms = apply_ms + build_ms;
        history_->push({at, static_cast<float>(apply_ms), static_cast<float>(build_ms), static_cast<float>(draw_ms)});
        ++frames_;
        total_ms_ += cpu_ms;
        window_ms_ += cpu_ms;
        ++window_frames_;
        const Clock::time_point now = Clock::now();
        const double s = std::chrono::duration<double>(now - window_began_).count();
        if (s >= 1) {
            stats_.frames_per_second = window_frames_ / s;
            stats_.cpu_ms = window_ms_ / window_frames_;
            stats_.memory = process_memory();
            stats_.threads = loads_.read();
            window_began_ = now;
            window_frames_ = 0;
            window_ms_ = 0;
        }
    }
    const FrameStats& stats() const { return stats_; }
    WindowSummary summary() const { return {frames_, frames_ > 0 ? total_ms_ / static_cast<double>(frames_) : 0}; }

private:
    std::shared_ptr<FrameHistory> history_ = std::make_shared<FrameHistory>();
    ThreadLoads loads_;
    FrameStats stats_;
    std::uint64_t frames_ = 0;
    double total_ms_ = 0, window_ms_ = 0;
    int window_frames_ = 0;
    Clock::time_point window_began_ = Clock::now();
};

class Looks {
public:
    Looks(std::filesystem::path assets, float scale) : assets_(std::move(assets)) { theme_.scale = scale; }

    // Palette and style; fonts once.
    void use(bool light) {
        if (loaded_ && light == light_) {
            return;
        }
        if (!loaded_) {
            theme_.f = load_fonts(*ImGui::GetIO().Fonts, theme_.scale);
            notice_ = theme_.f.notice;
        }
        PaletteResult read = load_palette(assets_ / "themes" / (light ? "light.json" : "dark.json"));
        theme_.c = read.palette;
        if (!read.problem.empty()) {
            notice_ = read.problem;
        }
        apply_style(theme_);
        loaded_ = true;
        light_ = light;
    }
    const Theme& theme() const { return theme_; }
    const std::string& notice() const { return notice_; }

private:
    std::filesystem::path assets_;
    Theme theme_;
    std::string notice_;
    bool loaded_ = false, light_ = false;
};

} // namespace

void wake_window() { Platform::wake(); }

std::optional<ViewId> view_by_name(std::string_view name) {
    if (name == "panels") return ViewId::panels;
    if (name == "log") return ViewId::log;
    if (name == "latency") return ViewId::latency;
    if (name == "conflicts") return ViewId::conflicts;
    if (name == "connections") return ViewId::connections;
    if (name == "diagnosis") return ViewId::diagnosis;
    if (name == "profiler") return ViewId::profiler;
    return std::nullopt;
}

Result<WindowSummary> run_window(const WindowOptions& options, const WindowSource& source) {
    PlatformOptions platform_options;
    platform_options.width = options.width;
    platform_options.height = options.height;
    platform_options.scale = options.scale;
    auto opened = Platform::open(platform_options);
    if (!opened) {
        return tl::unexpected(opened.error());
    }
    Platform& platform = **opened;
    Looks looks(options.assets, platform.scale());
    Shell shell;
    shell.ui().view = options.view;
    shell.ui().light = options.light;
    looks.use(options.light);

    StatsKeeper keeper;
    const Clock::time_point began = Clock::now();
    Clock::time_point drawn = began - kFrameTime;
    Clock::time_point redraw_at = began;
    std::uint64_t revision = UINT64_MAX;
    int settle = kSettle;
    while (!platform.close_requested() && !(source.stop && source.stop())) {
        const Clock::time_point now = Clock::now();
        if (options.duration && now - began >= *options.duration) {
            break;
        }
        engine::SnapshotPtr snapshot = source.snapshot ? source.snapshot() : nullptr;
        if (!snapshot) {
            snapshot = empty_snapshot();
        }
        // Paused, a new revision changes one number in the top bar; the ages' second is soon enough for it.
        const bool news = snapshot->revision != revision && !shell.ui().paused;
        // ImGui takes what was typed fast over several frames.
        const bool due = settle > 0 || !ImGui::GetCurrentContext()->InputEventsQueue.empty() || now >= redraw_at ||
                         (news && now - drawn >= kFrameTime);
        if (!due) {
            const Clock::time_point next = news ? std::min(redraw_at, drawn + kFrameTime) : redraw_at;
            auto timeout = std::chrono::ceil<milliseconds>(next - now);
            if (options.duration) {
                timeout = std::min(timeout, std::chrono::ceil<milliseconds>(began + *options.duration - now));
            }
            // A stop that comes as a signal is looked for four times a second.
            if (platform.wait(std::clamp(timeout, milliseconds(1), milliseconds(250)))) {
                settle = kSettle;
            }
            continue;
        }
        if (platform.wait(milliseconds(0))) {
            settle = kSettle;
        }
        revision = snapshot->revision;
        settle = std::max(0, settle - 1);
        drawn = now;
        const double cpu = thread_ms();
        looks.use(shell.ui().light);
        platform.begin_frame();
        FrameInput frame;
        frame.snapshot = snapshot;
        frame.session = source.session ? source.session() : SessionInfo{};
        if (frame.session.notice.empty()) {
            frame.session.notice = looks.notice();
        }
        frame.stats = keeper.stats();
        // A recording is as old as its last input; its ages do not go on.
        frame.now = frame.session.source == Source::replay ? snapshot->at
                    : source.clock                         ? source.clock()
                                                           : system_now();
        frame.send = source.command ? source.command : [](engine::Command) {};
        const double taken = thread_ms();
        const milliseconds redraw_in = shell.draw(frame, looks.theme());
        ImGui::Render();
        const double built = thread_ms();
        platform.end_frame(looks.theme().c.bg0);
        keeper.frame(system_now(), taken - cpu, built - taken, thread_ms() - built);
        redraw_at = now + std::max(redraw_in, kFrameTime);
    }
    if (!options.screenshot.empty()) {
        if (auto saved = platform.save_png(options.screenshot); !saved) {
            return tl::unexpected(saved.error());
        }
    }
    return keeper.summary();
}

} // namespace fhirscope::gui
