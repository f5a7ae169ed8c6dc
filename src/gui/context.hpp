#pragma once

// What a view can read and what it may do: it reads one immutable snapshot and its own state, and sends commands.
// Drawing never touches the network, a file or a lock.

#include "diagnosis/diagnosis.hpp"
#include "engine/command.hpp"
#include "engine/snapshot.hpp"
#include "gui/draw.hpp"
#include "gui/edit_form.hpp"
#include "gui/frame_history.hpp"
#include "gui/log_settings.hpp"
#include "gui/notices.hpp"
#include "gui/panel_settings.hpp"
#include "gui/request.hpp"
#include "gui/settings.hpp"
#include "gui/shown_log.hpp"
#include "gui/theme.hpp"

#include <array>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::gui {

class DemoControl;
struct DemoStatus;
struct StartInfo;

// Where the updates come from; the window names it and nothing else depends on it.
enum class Source { live, demo, replay };

// What the program knows about this session beside the engine's snapshot.
struct SessionInfo {
    std::string title; // "Cardiology follow-up", or the server's host again
    Source source = Source::live;
    std::string recording; // path of the session file that is written; "" when nothing is recorded
    LocalTime recording_since{};
    // What can be caused on purpose; null outside a demo.
    DemoControl* demo = nullptr;
    bool open = true; // false: nothing is open, and the window is at its start page
};

// What is being opened, which may take a while and can be given up.
struct Opening {
    std::string what;               // "Connecting to https://…"
    std::uint64_t done = 0, of = 0; // inputs that were read; 0 of 0: not known
    std::chrono::milliseconds elapsed{0};
};

// Measured by the window's loop, not by views.
struct FrameStats {
    double cpu_ms = 0; // CPU time to build the last frames (mean)
    double frames_per_second = 0;
    std::uint64_t memory = 0;                                 // resident bytes of the process; 0 when unknown
    std::shared_ptr<const FrameHistory> history{};            // null when nothing is measured
    std::shared_ptr<const std::vector<ThreadLoad>> threads{}; // of the last second or more; null when unknown
};

enum class ViewId { panels, log, latency, conflicts, connections, diagnosis, profiler };

// As the command line and the settings call them.
inline constexpr std::array<std::pair<std::string_view, ViewId>, 7> kViewNames = {{{"panels", ViewId::panels},
                                                                                   {"log", ViewId::log},
                                                                                   {"latency", ViewId::latency},
                                                                                   {"conflicts", ViewId::conflicts},
                                                                                   {"connections", ViewId::connections},
                                                                                   {"diagnosis", ViewId::diagnosis},
                                                                                   {"profiler", ViewId::profiler}}};

// What the main area shows: one of the views, or a page that needs no session.
enum class Page { view, start, settings };

// Percent of the monitor's scale.
inline constexpr int kLeastScale = 75;
inline constexpr int kMostScale = 200;

// What the inspector shows. Numbers name rows of the snapshot's logs; rows leave at the front, so a lookup may fail.
struct Selection {
    enum class Kind { none, resource, update, frame, conflict } kind = Kind::none;
    std::string reference;    // resource: "Task/8d0c…"
    std::uint64_t number = 0; // update, frame or conflict
    // Compared to see whether cached text still fits.
    bool operator==(const Selection&) const = default;
};

struct TimeRange {
    LocalTime begin, end;
    bool operator==(const TimeRange&) const = default;
};

enum class TimelineSpan { one_minute, ten_minutes, one_hour, all };

enum class InspectorTab { tree, diff, json, trace, links, frame, resource, raw, history, rules };

// What lies open over the log's table.
enum class LogSheet { none, menu, save, rules, columns, save_rows };

enum class ConflictSegment { open, resolved, all };

// What a person chose for one field of an open conflict.
struct FieldChoice {
    std::string path;
    fhir::Side side = fhir::Side::Local;
    std::string seen; // the server's value then: another one takes the choice back
    bool operator==(const FieldChoice&) const = default;
};

// What keys asked of the inspector in this frame; rows are those of its list of versions or links.
struct InspectorKeys {
    int tab = 0, row = 0;
    int against = 0; // the version that is compared with: a row up or down
    bool open = false, back = false;
};

// State of the window that more than one part reads. State of one view stays in that view.
struct UiState {
    ViewId view = ViewId::panels;
    Selection selection;
    InspectorTab tab = InspectorTab::tree;
    std::string version;      // versionId opened in the versions list; "" for the newest
    std::string diff_against; // versionId that it is compared with; "" for the one before it
    InspectorKeys inspector_keys;
    bool inspector_open = true;
    bool inspector_overlay = false; // below 1100 px: opened over the main area
    float inspector_width = 360;    // at scale 1
    bool timeline_open = true;
    float timeline_height = 140; // at scale 1
    TimelineSpan span = TimelineSpan::ten_minutes;
    bool span_chosen = false; // by the user; before, a young session shows its first minutes
    std::optional<std::chrono::milliseconds> timeline_length; // zoomed by hand; else `span` says
    std::optional<LocalTime> timeline_end;                    // moved into the past; else it follows
    std::optional<TimeRange> brush;                           // every view shows this range only
    bool paused = false;                                      // the window keeps its snapshot while the engine runs on
    bool palette_open = false;
    Editing editing; // the form or menu that lies over the window
    bool light = false;
    int scale_percent = 100;
    bool reduced_motion = false; // what changes is marked for a moment, without fading
    Page page = Page::view;
    Notices notices;
    Settings settings;             // a view keeps its part here (settings.hpp)
    std::vector<Request> requests; // for the program, which takes them after the frame
    std::string dropped;           // path of a file that was dropped on the window
    bool focus_path = false;       // "Open a recording": the start page's path takes the keyboard
    std::string log_filter;        // of the log view; also set by others ("Open in log")
    LogSettings log;               // kept between sessions
    LogSheet log_sheet = LogSheet::none;
    bool log_to_newest = false; // "follow" was asked for: the log goes to its newest row
    ConflictSegment conflict_segment = ConflictSegment::all;
    std::uint64_t choices_of = 0; // number of the conflict that `choices` are for
    std::vector<FieldChoice> choices;
    std::string explained;        // reference of the resource that the diagnosis explains; "" for none
    std::string finding;          // key of the finding that is selected (finding_key); "" for none
    bool findings_closed = false; // the diagnosis lists those that have closed
    bool focus_filter = false;    // "/" was pressed: the view's filter takes the keyboard

    bool demo_open = false;           // the panel of causes
    bool help_open = false;           // the guide or the keys
    bool help_keys = false;           // of these, the keys
    std::uint64_t caption_shown = 0;  // number of the caption whose view and resource were shown
    std::uint64_t caption_closed = 0; // and of the one that a person closed
    PanelSettingsMap panels;          // columns, sort and filter of each panel, as a person set them
    bool columns_open = false;        // the list of a panel's columns lies over the window and has the keys
    std::uint64_t caused_shown = 0;   // number of the newest cause whose resource was selected
};

// How wide the window is, in the guide's sense.
struct Layout {
    bool narrow = false; // < 1100 px: icons only, inspector as an overlay
    bool low = false;    // < 700 px: one merged lane
};

// Named rectangles of what was drawn, for tests: "rail/log", "panels/Task/row/0".
using Targets = std::map<std::string, Rect, std::less<>>;

// One frame's worth of everything. Lives for the frame only.
struct Context {
    const engine::Snapshot& snapshot;
    engine::SnapshotPtr snapshot_ptr; // the same, for those who keep it to compare with the next
    const SessionInfo& session;
    const FrameStats& stats;
    const Theme& theme;
    UiState& ui;
    Layout layout;
    LocalTime now;
    const std::function<void(engine::Command)>& send;
    const ShownLog& shown;
    const diagnosis::Diagnosis& findings; // of the snapshot, or of one up to a second before it
    const DemoStatus* demo = nullptr;     // null outside a demo
    std::uint64_t behind = 0;             // while paused: updates that arrived since
    Targets* targets = nullptr;           // only tests ask for them
    const StartInfo* start = nullptr;     // what the start page can offer; null: it is not reachable
    const Opening* opening = nullptr;     // null: nothing is being opened
    // The earliest moment at which the picture changes by itself (a flash fades, a filter has more rows to look at).
    std::chrono::milliseconds redraw_in = std::chrono::milliseconds::max();

    float px(float length) const { return theme.px(length); }
    // Is the mouse over it?
    static bool pointed_at(const Rect& rect) {
        return rect.contains(ImGui::GetIO().MousePos) && ImGui::IsWindowHovered();
    }
    void redraw_within(std::chrono::milliseconds delay) { redraw_in = std::min(redraw_in, delay); }
    void target(std::string_view name, const Rect& rect) const {
        if (targets != nullptr) {
            targets->insert_or_assign(std::string(name), rect);
        }
    }
};

} // namespace fhirscope::gui
