#pragma once

// Runs the window until the user closes it (or a time is over): takes one snapshot a frame, draws it, passes commands
// on. Without a new revision, input or something that fades or ages no frame is drawn.

#include "engine/command.hpp"
#include "engine/snapshot.hpp"
#include "fhir/result.hpp"
#include "gui/context.hpp"
#include "gui/settings_parts.hpp"
#include "gui/start_form.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace fhirscope::gui {

struct WindowOptions {
    int width = 1440; // at scale 1
    int height = 900;
    float scale = 0;                // instead of the monitor's; 0: that
    std::filesystem::path assets;   // folder with themes/
    std::filesystem::path settings; // kept between starts; "": none
    // Instead of what the settings say.
    std::optional<bool> light;
    std::optional<int> scale_percent;
    std::optional<ViewId> view;
    Page page = Page::view;                            // shown first
    std::filesystem::path screenshot;                  // written before the window closes; "" for none
    std::filesystem::path text;                        // has what is shown as text, after each frame; "" for none
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

    // For a window that outlives a session; all may be empty.
    std::function<std::uint64_t()> generation;       // another number: another session, with a view of its own
    std::function<const StartInfo*()> start;         // what the start page offers; valid until the next call
    std::function<std::optional<Opening>()> opening; // what is being opened
    std::function<void(Request)> request;            // what the user asks for
    std::function<std::vector<Notice>()> notices;    // what the user should know, once
    std::function<std::vector<RecentSettings::Entry>()> opened; // for the list of recent ones, once
};

struct WindowSummary {
    std::uint64_t frames = 0;
    double mean_frame_ms = 0; // CPU time to build a frame
    std::string problem;      // why the settings or the text could not be written; "" when they could
};

// Errors: NoDisplay, NoOpenGl, Screenshot.
Result<WindowSummary> run_window(const WindowOptions& options, const WindowSource& source);

// Tells the window that there is a new snapshot. Any thread; nothing happens while no window is open.
void wake_window();
// Closes the window as its frame's button does. Any thread; nothing happens while no window is open.
void close_window();

// One of kViewNames.
std::optional<ViewId> view_by_name(std::string_view name);

} // namespace fhirscope::gui
