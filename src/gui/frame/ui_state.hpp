#pragma once
// The state of the window that more than one of its parts reads, each part with its owner's name. State that one view
// alone needs stays in that view.

#include "gui/frame/editing.hpp"
#include "gui/model/conflicts/conflict_index.hpp"
#include "gui/model/conflicts/conflict_sheet.hpp"
#include "gui/model/incidents/incident_list.hpp"
#include "gui/model/notices.hpp"
#include "gui/model/playhead_steps.hpp"
#include "gui/model/request.hpp"
#include "gui/model/settings/log_settings.hpp"
#include "gui/model/settings/panel_settings.hpp"
#include "gui/model/settings/settings.hpp"
#include "gui/model/values.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fhirscope::gui {

// What the main area shows: one of the views, or a page that needs no session.
enum class Page { View, Start, Settings };

enum class InspectorTab { Tree, Diff, Json, Trace, Links, Frame, Resource, Raw, History, Rules };

// What keys asked of the inspector in this frame; rows are those of its list of versions or links.
struct InspectorKeys {
    int tab = 0, row = 0;
    int against = 0; // the version that is compared with: a row up or down
    bool open = false, back = false;
};

struct InspectorState {
    bool open = true;
    bool overlay = false; // below 1100 px: opened over the main area
    float width = 360;    // at scale 1
    InspectorTab tab = InspectorTab::Tree;
    std::string version{}; // versionId opened in the versions list; "" for the newest
    std::string against{}; // versionId that it is compared with; "" for the one before it
    InspectorKeys keys{};

    // The versions that were opened are the old session's; the pane stays where it is.
    void begin_session() { *this = {.open = open, .width = width, .tab = tab}; }
};

struct TimelineState {
    bool open = true;
    float height = 140; // at scale 1
    TimelineSpan span = TimelineSpan::TenMinutes;
    bool span_chosen = false;                        // by the user; before, a young session shows its first minutes
    std::optional<std::chrono::milliseconds> length; // zoomed by hand; else `span` says
    std::optional<LocalTime> end;                    // moved into the past; else it follows

    // The place that was zoomed to is one of the old session's; the span that a person prefers stays.
    void begin_session() {
        length.reset();
        end.reset();
    }
};

// How the playhead moves; where it stands the session knows (PlayheadControl).
struct TransportState {
    PlayheadStep step = PlayheadStep::Update;
    double speed = 1;        // 0: as fast as possible
    std::string typed{};     // a moment, while it is typed
    bool focus_time = false; // its field takes the keyboard
    bool unreadable = false; // what was typed and entered last

    void begin_session() { *this = {.step = step, .speed = speed}; }
};

struct LookState {
    bool light = false;
    int scale_percent = 100;
    bool reduced_motion = false; // what changes is marked for a moment, without fading
};

// What lies open over the log's table.
enum class LogSheet { None, Menu, Save, Rules, Columns, SaveRows };

struct LogState {
    std::string filter;   // also set by others ("Open in log")
    LogSettings settings; // kept between sessions
    LogSheet sheet = LogSheet::None;
    bool to_newest = false; // "follow" was asked for: the log goes to its newest row
};

struct ConflictState {
    ConflictSegment segment = ConflictSegment::All;
    std::uint64_t choices_of = 0; // number of the conflict that `choices` are for
    std::vector<FieldChoice> choices{};

    // A person's choices for this conflict; those for another one are gone.
    std::vector<FieldChoice>& choices_for(std::uint64_t number) {
        if (choices_of != number) {
            choices_of = number;
            choices.clear();
        }
        return choices;
    }
    // Conflicts are numbered per session.
    void begin_session() { *this = {.segment = segment}; }
};

struct DiagnosisState {
    std::string explained{};    // reference of the resource that the diagnosis explains; "" for none
    std::uint64_t incident = 0; // number of the incident that is selected; 0 for none
    bool opened = false;        // in a narrow window: it is shown in place of the list
    IncidentSegment segment = IncidentSegment::All;
    std::string filter{};

    // Incidents are numbered per session.
    void begin_session() { *this = {.segment = segment}; }
};

struct DemoState {
    bool open = false;                // the panel of causes
    std::uint64_t caption_shown = 0;  // number of the caption whose view and resource were shown
    std::uint64_t caption_closed = 0; // and of the one that a person closed
    std::uint64_t caused_shown = 0;   // number of the newest cause whose resource was selected

    // Another demo counts from one.
    void begin_session() { *this = {.open = open}; }
};

struct StartState {
    std::string dropped;     // path of a file that was dropped on the window
    bool focus_path = false; // "Open a recording": the page's path takes the keyboard
};

// What lies over the window and has the keys while it does.
enum class Overlay { None, Palette, Help, Form, Columns };

struct Overlays {
    bool palette = false;   // "Find or run"
    bool help = false;      // the guide or the keys
    bool help_keys = false; // of these, the keys
    bool columns = false;   // the list of a panel's columns
    Editing editing;        // the form or menu of an edit

    // The uppermost one that is seen in this view.
    Overlay top(ViewId view) const {
        return palette                             ? Overlay::Palette
               : help                              ? Overlay::Help
               : editing.open()                    ? Overlay::Form
               : columns && view == ViewId::Panels ? Overlay::Columns
                                                   : Overlay::None;
    }
    // What was listed or edited is of the old session; the help and a panel's columns are not.
    void begin_session() {
        palette = false;
        editing = {};
    }
};

struct UiState {
    ViewId view = ViewId::Panels;
    Page page = Page::View;
    Selection selection;
    std::optional<TimeRange> brush; // a range that lists are of, and in which panels mark what changed
    bool only_changed = false;      // panels then list nothing else
    bool paused = false;            // the window keeps its snapshot while the engine runs on
    bool focus_filter = false;      // "/" was pressed: the view's filter takes the keyboard
    LookState look;
    InspectorState inspector;
    TimelineState timeline;
    TransportState transport;
    LogState log;
    ConflictState conflicts;
    DiagnosisState diagnosis;
    DemoState demo;
    StartState start;
    Overlays overlays;
    PanelSettingsMap panels; // columns, sort and filter of each panel, as a person set them
    Notices notices;
    Settings settings;             // a view keeps its part here (settings.hpp)
    std::vector<Request> requests; // for the program, which takes them after the frame

    // Another session takes the place of the old one (`open`), or none does: what belonged to it goes, and layout,
    // filters, notices and settings stay.
    void begin_session(bool open) {
        selection = {};
        brush.reset();
        paused = false;
        inspector.begin_session();
        timeline.begin_session();
        transport.begin_session();
        conflicts.begin_session();
        diagnosis.begin_session();
        demo.begin_session();
        overlays.begin_session();
        page = open ? Page::View : Page::Start;
        if (open) notices.dismiss_key("open"); // an earlier attempt failed
    }
};

} // namespace fhirscope::gui
