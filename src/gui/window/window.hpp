#pragma once
// Runs the window until the user closes it (or a time is over): takes one snapshot a frame, draws it, passes commands
// on. Without a new revision, input or something that fades or ages no frame is drawn.

#include "engine/command.hpp"
#include "engine/snapshot.hpp"
#include "fhir/result.hpp"
#include "gui/frame/ui_state.hpp"
#include "gui/model/session.hpp"
#include "gui/model/settings/settings_parts.hpp"
#include "gui/model/start_form.hpp"

#include <chrono>
#include <filesystem>
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
    Page page = Page::View;                            // shown first
    std::filesystem::path screenshot;                  // written before the window closes; "" for none
    std::filesystem::path text;                        // has what is shown as text, after each frame; "" for none
    std::optional<std::chrono::milliseconds> duration; // closes by itself after this time
};

// What the window takes from the program. Called by the window's thread, once or less a frame; must not block:
// snapshot() hands over a pointer, command() puts into a queue.
class WindowSource {
public:
    WindowSource() = default;
    WindowSource(const WindowSource&) = delete;
    WindowSource& operator=(const WindowSource&) = delete;
    virtual ~WindowSource() = default;

    virtual engine::SnapshotPtr snapshot() const = 0; // of the moment that is shown; null before there is one
    // Of all that is known, whatever moment is shown: of a recording's end, of the session that goes on.
    virtual engine::SnapshotPtr whole() const { return snapshot(); }
    virtual void command(engine::Command command) = 0;
    virtual SessionInfo info() const = 0;
    virtual bool stop() const = 0; // true: close (a signal came)

    // The window outlives a session.
    virtual std::uint64_t generation() const = 0;       // another number: another session, with a view of its own
    virtual const StartInfo& start() const = 0;         // what the start page offers; valid until the next call
    virtual std::optional<Opening> opening() const = 0; // what is being opened
    virtual void request(Request request) = 0;          // what the user asks for
    virtual std::vector<Notice> take_notices() = 0;     // what the user should know, once
    virtual std::vector<RecentSettings::Entry> take_opened() = 0; // for the list of recent ones, once
};

struct WindowSummary {
    std::uint64_t frames = 0;
    std::string problem; // why the settings or the text could not be written; "" when they could
};

// Errors: NoDisplay, NoOpenGl, Screenshot.
Result<WindowSummary> run_window(const WindowOptions& options, WindowSource& source);

// Tells the window that there is a new snapshot, or that something is computed. Any thread; nothing happens while no
// window is open.
void wake_window();

} // namespace fhirscope::gui
