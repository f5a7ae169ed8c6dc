#include "app/window.hpp"

#include "app/panels.hpp"
#include "app/resource_memory.hpp"
#include "app/workspace.hpp"
#include "gui/window/window.hpp"
#include "runtime/log.hpp"

#include <chrono>
#include <cstdlib>
#include <utility>

namespace fhirscope::app {

namespace {

constexpr std::chrono::seconds closing_timeout{30};

} // namespace

Result<void> check_display() {
    for (const char* name : {"DISPLAY", "WAYLAND_DISPLAY"})
        if (const char* value = std::getenv(name); value && *value) return {};
    return fail(
        ErrorCode::NoDisplay,
        "there is no display for the window (DISPLAY is not set). Go on without one: add --headless --seconds 20; "
        "or on a virtual one: xvfb-run -s '-screen 0 1440x900x24' fhirscope …");
}

void set_up_program_log(bool headless) {
    const auto log = runtime::set_up_log({.directory = {}, .headless = headless, .verbose = false});
    if (!log.problem.empty()) complain("no log file", log.problem);
}

ExitCode show_session(std::unique_ptr<OpenSession> first, const ViewOptions& options, StopSignals& signals,
                      const SourceOptions& sources) {
    gui::WindowOptions window;
    window.assets = assets_folder();
    window.settings = settings_file(options);
    window.screenshot = options.screenshot;
    window.text = options.text;
    window.duration = options.limit();
    if (!options.theme.empty()) window.light = options.theme == "light";
    if (options.scale > 0) window.scale_percent = options.scale;
    window.view = gui::view_by_name(options.view);
    window.page = first ? gui::Page::View : gui::Page::Start;

    Workspace workspace(std::move(first), sources, &signals);
    const auto began = std::chrono::steady_clock::now();
    const auto ran = gui::run_window(window, workspace);
    const bool picture_failed = !ran && ran.error().code == ErrorCode::Screenshot;
    if (!ran && !picture_failed) return fail_with(ran.error()); // it never opened
    // A picture that could not be written takes nothing from the session.
    if (picture_failed) complain(ran.error().message);
    if (ran && !ran->problem.empty()) complain(ran->problem);
    bool time_is_over = false;
    if (window.duration)
        time_is_over = !workspace.stop() && std::chrono::steady_clock::now() - began >= *window.duration;
    ExitCode code = ExitCode::Ok;
    if (workspace.session()) {
        const bool asked = workspace.is_first(); // by the command line
        const bool compare = asked && ran && time_is_over;
        code = workspace.session()->end(compare ? SessionEnd::TimeOver : SessionEnd::Closed,
                                        asked ? Summary::Print : Summary::Keep);
        if (!asked && code != ExitCode::Failed) code = ExitCode::Ok;
    }
    if (!workspace.finish(closing_timeout)) {
        complain(
            "a session that was closed has not ended within 30 s, and is left as it is; is its disk full, or away?");
        std::_Exit(static_cast<int>(finish_output(ExitCode::Failed))); // its thread cannot be ended
    }
    const bool failed = picture_failed || workspace.failed();
    return failed && code == ExitCode::Ok ? ExitCode::Failed : code;
}

} // namespace fhirscope::app
