#include "gui/window/window.hpp"

#include "gui/frame/settings_keeper.hpp"
#include "gui/model/news.hpp"
#include "gui/ui/theme.hpp"
#include "gui/window/frame_pacer.hpp"
#include "gui/window/looks.hpp"
#include "gui/window/platform.hpp"
#include "gui/window/screen_text.hpp"
#include "gui/window/settings_file.hpp"
#include "gui/window/shell.hpp"
#include "gui/window/thread_loads.hpp"

#include <imgui_internal.h>

#include <algorithm>
#include <ctime>
#include <string>
#include <utility>

namespace fhirscope::gui {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

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
    std::uint64_t frames() const { return frames_; }

private:
    std::shared_ptr<FrameHistory> history_ = std::make_shared<FrameHistory>();
    ThreadLoads loads_;
    FrameStats stats_;
    std::uint64_t frames_ = 0;
    double window_ms_ = 0;
    int window_frames_ = 0;
    Clock::time_point window_began_ = Clock::now();
};

// What the views keep is of the session, too.
void begin_session(std::optional<Shell>& shell, bool open) {
    UiState kept = std::move(shell->ui());
    shell.emplace();
    kept.begin_session(open);
    shell->ui() = std::move(kept);
}

} // namespace

void wake_window() { Platform::wake(); }

Result<WindowSummary> run_window(const WindowOptions& options, WindowSource& source) {
    std::optional<Shell> shell(std::in_place);
    SettingsFile file(options.settings);
    SettingsKeeper settings;
    std::vector<Notice> news;
    use_settings(file.load(news), shell->ui());
    {
        UiState& ui = shell->ui();
        ui.view = options.view.value_or(ui.view);
        ui.look.light = options.light.value_or(ui.look.light);
        ui.look.scale_percent = options.scale_percent.value_or(ui.look.scale_percent);
        ui.page = options.page;
    }
    const auto total_scale = [&](const Platform& platform) {
        return platform.scale() * static_cast<float>(shell->ui().look.scale_percent) / 100;
    };
    PlatformOptions platform_options;
    platform_options.width = options.width;
    platform_options.height = options.height;
    platform_options.scale = options.scale;
    platform_options.magnified = static_cast<float>(shell->ui().look.scale_percent) / 100;
    auto opened = Platform::open(platform_options);
    if (!opened) return tl::unexpected(opened.error());
    Platform& platform = **opened;
    Looks looks(options.assets);
    looks.use(shell->ui().look.light, total_scale(platform), shell->ui().notices);

    StatsKeeper keeper;
    const Clock::time_point began = Clock::now();
    FramePacer pacer(began);
    std::uint64_t generation = source.generation();
    milliseconds save_in = milliseconds::max();
    std::string unwritten; // why there is no text
    // What came from outside since the last look; true when there is something to draw.
    const auto take_news = [&] {
        for (Notice& notice : source.take_notices()) news.push_back(std::move(notice));
        bool any = !news.empty();
        for (Notice& notice : std::exchange(news, {})) shell->ui().notices.add(std::move(notice));
        for (RecentSettings::Entry& entry : source.take_opened()) {
            auto recent = shell->ui().settings.get<RecentSettings>();
            recent.add(std::move(entry));
            shell->ui().settings.put(std::move(recent));
            any = true;
        }
        for (std::string& path : platform.take_dropped()) {
            shell->ui().start.dropped = std::move(path); // the last of several
            shell->ui().page = Page::Start;
            any = true;
        }
        if (const std::uint64_t now = source.generation(); now != generation) {
            generation = now;
            begin_session(shell, source.info().open);
            pacer.other_session();
            any = true;
        }
        return any;
    };
    engine::SnapshotPtr shown; // in the last frame
    while (!platform.close_requested() && !source.stop()) {
        const Clock::time_point now = Clock::now();
        if (options.duration && now - began >= *options.duration) break;
        if (take_news()) pacer.input();
        if (shell->worker().take_news()) pacer.computed();
        engine::SnapshotPtr snapshot = source.snapshot();
        if (!snapshot) snapshot = empty_snapshot();
        // A snapshot of another moment may have any revision.
        if (snapshot != shown && snapshot != source.whole()) pacer.other_session();
        const FramePacer::State state{
            .revision = snapshot->revision,
            .quiet = shown && !has_news(*shown, *snapshot),
            .paused = shell->ui().paused,
            .typed = !ImGui::GetCurrentContext()->InputEventsQueue.empty(),
            .hidden = platform.hidden(),
        };
        if (pacer.due(now, state) == FrameReason::None) {
            // A stop that comes as a signal is looked for four times a second.
            Clock::time_point next = std::min(pacer.next(state), now + std::min(save_in, milliseconds(250)));
            if (options.duration) next = std::min(next, began + *options.duration);
            if (platform.wait(std::max(std::chrono::ceil<milliseconds>(next - now), milliseconds(1)))) pacer.input();
            save_in = file.tick(shell->ui().settings, Clock::now(), news);
            continue;
        }
        if (platform.wait(milliseconds(0))) pacer.input();
        pacer.begin_frame(now, snapshot->revision);
        shown = snapshot;
        const double cpu = thread_ms();
        if (looks.use(shell->ui().look.light, total_scale(platform), shell->ui().notices)) platform.fonts_changed();
        platform.begin_frame();
        FrameInput frame;
        frame.snapshot = snapshot;
        frame.whole = source.whole();
        frame.session = source.info();
        frame.stats = keeper.stats();
        // A recording is as old as its last input; its ages do not go on.
        const bool replayed = frame.session.open && frame.session.source == Source::Replay;
        frame.now = replayed ? snapshot->at : system_now();
        frame.send = [&source](engine::Command command) { source.command(std::move(command)); };
        frame.start = &source.start();
        const std::optional<Opening> opening = source.opening();
        frame.opening = opening ? &*opening : nullptr;
        const double taken = thread_ms();
        milliseconds redraw_in = shell->draw(frame, looks.theme());
        if (looks.lacks_glyphs()) redraw_in = milliseconds(0);
        ImGui::Render();
        const double built = thread_ms();
        platform.end_frame(looks.theme().c.bg0);
        keeper.frame(system_now(), taken - cpu, built - taken, thread_ms() - built);
        pacer.end_frame(redraw_in);
        if (!options.text.empty() && unwritten.empty()) {
            const auto written =
                write_screen_text(options.text, keeper.frames(), *ImGui::GetDrawData(), *ImGui::GetIO().Fonts);
            unwritten = written ? "" : written.error().message;
        }
        settings.keep(shell->ui());
        save_in = file.tick(shell->ui().settings, now, news);
        for (Request& request : std::exchange(shell->ui().requests, {})) {
            pacer.input();
            if (std::holds_alternative<CloseWindow>(request))
                platform.request_close();
            else
                source.request(std::move(request));
        }
    }
    auto saved = file.save(shell->ui().settings);
    if (!options.screenshot.empty()) {
        if (auto picture = platform.save_png(options.screenshot); !picture) return tl::unexpected(picture.error());
    }
    return WindowSummary{keeper.frames(), saved ? unwritten : saved.error().message};
}

} // namespace fhirscope::gui
