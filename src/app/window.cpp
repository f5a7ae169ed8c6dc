#include "app/window.hpp"

#include "app/panels.hpp"
#include "gui/window.hpp"

#include <chrono>
#include <cstdlib>
#include <utility>

namespace fhirscope::app {

Result<void> check_display() {
    for (const char* name : {"DISPLAY", "WAYLAND_DISPLAY"}) {
        if (const char* value = std::getenv(name); value && *value) return {};
    }
    return fail(
        "no-display",
        "there is no display for the window (DISPLAY is not set). Go on without one: add --headless --seconds 20; "
        "or on a virtual one: xvfb-run -s '-screen 0 1440x900x24' fhirscope …");
}

Result<WindowEnd> show_window(const ViewOptions& options, const gui::SessionInfo& info,
                              std::function<engine::SnapshotPtr()> snapshot, std::function<void(engine::Command)> send,
                              StopSignals& signals) {
    gui::WindowOptions window;
    window.assets = assets_folder();
    window.screenshot = options.screenshot;
    window.duration = options.limit();
    window.light = options.light;
    window.view = gui::view_by_name(options.view).value_or(gui::ViewId::panels);

    bool signalled = false, closed_early = true;
    const auto began = std::chrono::steady_clock::now();
    gui::WindowSource source;
    source.snapshot = std::move(snapshot);
    source.command = std::move(send);
    source.session = [&] { return info; };
    source.stop = [&] { return signalled = signalled || signals.wait(std::chrono::milliseconds(0)); };
    if (auto ran = gui::run_window(window, source); !ran) return tl::unexpected(ran.error());
    if (window.duration) closed_early = std::chrono::steady_clock::now() - began < *window.duration;
    return signalled || closed_early ? WindowEnd::Closed : WindowEnd::TimeOver;
}

} // namespace fhirscope::app
