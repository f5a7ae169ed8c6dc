#pragma once

// Runs the window until the user closes it (or a time is over): takes one snapshot a frame, draws it, passes commands
// on. Without a new revision, input or something that fades or ages no frame is drawn.

#include "engine/command.hpp"
#include "engine/snapshot.hpp"
#include "fhir/result.hpp"
#include "gui/context.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace fhirscope::gui {

struct WindowOptions {
    int width = 1440; // at scale 1
    int height = 900;
    float scale = 0; // 0: the monitor's
    bool light = false;
    std::filesystem::path assets;                      // folder with themes/
    ViewId view = ViewId::panels;                      // shown first
    std::filesystem::path screenshot;                  // written before the window closes; "" for none
    std::optional<std::chrono::milliseconds> duration; // closes by itself after this time
};

// What the window takes from the program. The functions are called by the window's thread, once or less a frame, and
// must not block: snapshot() hands over a pointer, command() puts into a queue.
struct WindowSource {
    std::function<engine::SnapshotPtr()> snapshot; // the newest; null before there is one
    std::function<void(engine::Command)> command;
    std::function<SessionInfo()> session;
    std::function<LocalTime()> clock; // empty: the system's
    std::function<bool()> stop;       // true: close (a signal came); may be empty
};

struct WindowSummary {
    std::uint64_t frames = 0;
    double mean_frame_ms = 0; // CPU time to build a frame
};

// Errors: "no-display", "no-opengl", "screenshot".
Result<WindowSummary> run_window(const WindowOptions& options, const WindowSource& source);

// Tells the window that there is a new snapshot. Any thread; nothing happens while no window is open.
void wake_window();

// "panels", "log", "latency", "conflicts", "connections", "diagnosis", "profiler".
std::optional<ViewId> view_by_name(std::string_view name);

} // namespace fhirscope::gui
