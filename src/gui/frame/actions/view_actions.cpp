#include "fhir/reference.hpp"
#include "gui/frame/actions/actions.hpp"
#include "gui/frame/conflict_actions.hpp"
#include "gui/frame/playhead.hpp"
#include "gui/frame/selection.hpp"
#include "gui/frame/timeline/timeline_zoom.hpp"
#include "gui/model/labels.hpp"

#include <array>

namespace fhirscope::gui {

namespace {

constexpr double chart_zoom = 0.75; // by a key

bool shows_charts(const Context& context) { return context.ui.view == ViewId::Latency; }

bool selected(const Context& context) { return context.ui.selection.kind != Selection::Kind::None; }

// A resource is inspected, so that its tabs and versions have the keys.
bool inspecting(const Context& context) {
    return context.ui.selection.kind == Selection::Kind::Resource && inspector_shown(context);
}

// The selected thing's id and its JSON, for the clipboard.
std::string selected_id(const Context& context) {
    const Selection& selection = context.ui.selection;
    if (selection.kind == Selection::Kind::Resource) return std::string(fhir::id_part(selection.reference));
    if (selection.kind == Selection::Kind::Update && context.snapshot.updates.contains(selection.number))
        return std::string(fhir::id_part(reference_of(context.snapshot, context.snapshot.updates[selection.number])));
    if (const engine::ConflictPtr conflict = selected_conflict(context))
        return std::string(fhir::id_part(conflict->reference));
    return selection.kind == Selection::Kind::Frame ? std::to_string(selection.number) : std::string();
}

std::string selected_json(const Context& context) {
    const Selection& selection = context.ui.selection;
    if (selection.kind == Selection::Kind::Frame && context.snapshot.frames.contains(selection.number)) {
        const auto& text = context.snapshot.frames[selection.number].text;
        return text ? *text : std::string();
    }
    std::string reference = selection.reference;
    if (selection.kind == Selection::Kind::Update && context.snapshot.updates.contains(selection.number))
        reference = reference_of(context.snapshot, context.snapshot.updates[selection.number]);
    if (const engine::ConflictPtr conflict = selected_conflict(context)) {
        const fhir::ResourcePtr& shown = conflict->server ? conflict->server : conflict->local;
        return shown ? std::string(shown->text()) : std::string();
    }
    const engine::RecordPtr record = context.snapshot.find(reference);
    if (record != nullptr && !context.ui.inspector.version.empty()) { // an older version is open
        for (const engine::VersionPtr& version : record->history)
            if (version->version_id() == context.ui.inspector.version && !version->key_only)
                return std::string(version->resource->text());
    }
    const bool held = record != nullptr && record->resource() != nullptr && !record->key_only();
    return held ? std::string(record->resource()->text()) : std::string();
}

void copy(const std::string& text) {
    if (!text.empty()) ImGui::SetClipboardText(text.c_str());
}

void brush_or_clear(Context& context) {
    if (context.ui.brush) {
        context.ui.brush.reset();
    } else {
        // Where the timeline was moved into the past, the last of what it shows.
        const LocalTime end = context.ui.timeline.end.value_or(context.now);
        context.ui.brush = TimeRange{end - std::chrono::seconds(30), end};
    }
}

void open_selected(ActionTarget& t) {
    const bool none = t.view.row_count(t.context) > 0 && !t.view.selected_row(t.context);
    if (none && !selected(t.context)) t.view.move_selection(t.context, 1);
    t.view.open_selected(t.context);
}

void show(Context& context, ViewId view) {
    context.ui.view = view;
    context.ui.page = Page::View;
}

const std::array all_view_actions = {
    Action{.id = "view-panels",
           .title = "Show panels",
           .key = "Ctrl 1",
           .chord = ImGuiMod_Ctrl | ImGuiKey_1,
           .run = [](ActionTarget& t) { show(t.context, ViewId::Panels); },
           .shows_view = true},
    Action{.id = "view-log",
           .title = "Show the log",
           .key = "Ctrl 2",
           .chord = ImGuiMod_Ctrl | ImGuiKey_2,
           .run = [](ActionTarget& t) { show(t.context, ViewId::Log); },
           .shows_view = true},
    Action{.id = "view-latency",
           .title = "Show latency",
           .key = "Ctrl 3",
           .chord = ImGuiMod_Ctrl | ImGuiKey_3,
           .run = [](ActionTarget& t) { show(t.context, ViewId::Latency); },
           .shows_view = true},
    Action{.id = "view-conflicts",
           .title = "Show conflicts",
           .key = "Ctrl 4",
           .chord = ImGuiMod_Ctrl | ImGuiKey_4,
           .run = [](ActionTarget& t) { show(t.context, ViewId::Conflicts); },
           .shows_view = true},
    Action{.id = "view-connections",
           .title = "Show connections",
           .key = "Ctrl 5",
           .chord = ImGuiMod_Ctrl | ImGuiKey_5,
           .run = [](ActionTarget& t) { show(t.context, ViewId::Connections); },
           .shows_view = true},
    Action{.id = "view-diagnosis",
           .title = "Show the diagnosis",
           .key = "Ctrl 6",
           .chord = ImGuiMod_Ctrl | ImGuiKey_6,
           .run = [](ActionTarget& t) { show(t.context, ViewId::Diagnosis); },
           .shows_view = true},
    Action{.id = "view-replay",
           .title = "Show the replay: bookmarks, and what differs from another moment",
           .key = "Ctrl 7",
           .chord = ImGuiMod_Ctrl | ImGuiKey_7,
           .possible = [](const Context& context) { return context.playhead != nullptr; },
           .run = [](ActionTarget& t) { show(t.context, ViewId::Replay); },
           .shows_view = true},
    Action{.id = "view-profiler",
           .title = "Show the profiler",
           .key = "Ctrl 8",
           .chord = ImGuiMod_Ctrl | ImGuiKey_8,
           .run = [](ActionTarget& t) { show(t.context, ViewId::Profiler); },
           .shows_view = true},
    Action{.id = "filter",
           .title = "Filter this view",
           .key = "/",
           .chord = ImGuiKey_Slash,
           .other = ImGuiMod_Shift | ImGuiKey_7,
           .possible =
               [](const Context& context) {
                   const ViewId view = context.ui.view;
                   return view != ViewId::Latency && view != ViewId::Replay && view != ViewId::Profiler;
               },
           .run = [](ActionTarget& t) { t.context.ui.focus_filter = true; }},
    Action{.id = "columns",
           .title = "Choose columns, order and sort",
           .key = "Shift C",
           .chord = ImGuiMod_Shift | ImGuiKey_C,
           .possible = [](const Context& context) { return context.ui.view == ViewId::Panels; },
           .run = [](ActionTarget& t) { t.context.ui.overlays.columns = true; }},
    Action{.id = "next",
           .title = "Next row",
           .key = "J",
           .chord = ImGuiKey_J,
           .other = ImGuiKey_DownArrow,
           .in_list = false,
           .run = [](ActionTarget& t) { t.view.move_selection(t.context, 1); }},
    Action{.id = "previous",
           .title = "Previous row",
           .key = "K",
           .chord = ImGuiKey_K,
           .other = ImGuiKey_UpArrow,
           .in_list = false,
           .run = [](ActionTarget& t) { t.view.move_selection(t.context, -1); }},
    Action{.id = "first",
           .title = "First row, the newest",
           .key = "Home",
           .chord = ImGuiKey_Home,
           .in_list = false,
           .run = [](ActionTarget& t) { t.view.select_edge(t.context, View::Edge::First); }},
    Action{.id = "last",
           .title = "Last row, the oldest",
           .key = "End",
           .chord = ImGuiKey_End,
           .in_list = false,
           .possible = [](const Context& context) { return !looks_back(context); },
           .run = [](ActionTarget& t) { t.view.select_edge(t.context, View::Edge::Last); }},
    Action{.id = "open",
           .title = "Open the selected row in the inspector",
           .key = "Enter",
           .chord = ImGuiKey_Enter,
           .other = ImGuiKey_KeypadEnter,
           .in_list = false,
           .run = open_selected},
    Action{.id = "copy-id",
           .title = "Copy the id",
           .key = "C",
           .chord = ImGuiKey_C,
           .possible = [](const Context& context) { return selected(context) && !incident_shown(context); },
           .run = [](ActionTarget& t) { copy(selected_id(t.context)); }},
    Action{.id = "copy-json",
           .title = "Copy the selected thing as JSON",
           .key = "Ctrl C",
           .chord = ImGuiMod_Ctrl | ImGuiKey_C,
           .possible = selected,
           .run = [](ActionTarget& t) { copy(selected_json(t.context)); },
           .text_has_key = true},
    Action{.id = "inspector",
           .title = "Open or close the inspector",
           .key = "Ctrl I",
           .chord = ImGuiMod_Ctrl | ImGuiKey_I,
           .run = [](ActionTarget& t) { toggle_inspector(t.context); }},
    Action{.id = "next-tab",
           .title = "Show the inspector's next tab",
           .key = "]",
           .chord = ImGuiKey_RightBracket,
           .possible = inspecting,
           .run = [](ActionTarget& t) { t.context.ui.inspector.keys.tab = 1; }},
    Action{.id = "previous-tab",
           .title = "Show the inspector's previous tab",
           .key = "[",
           .chord = ImGuiKey_LeftBracket,
           .possible = inspecting,
           .run = [](ActionTarget& t) { t.context.ui.inspector.keys.tab = -1; }},
    Action{.id = "older-version",
           .title = "Open the version before, or the next link",
           .key = "Alt ↓",
           .chord = ImGuiMod_Alt | ImGuiKey_DownArrow,
           .possible = inspecting,
           .run = [](ActionTarget& t) { t.context.ui.inspector.keys.row = 1; }},
    Action{.id = "newer-version",
           .title = "Open the version after, or the link before",
           .key = "Alt ↑",
           .chord = ImGuiMod_Alt | ImGuiKey_UpArrow,
           .possible = inspecting,
           .run = [](ActionTarget& t) { t.context.ui.inspector.keys.row = -1; }},
    Action{.id = "compare-older",
           .title = "Compare with an older version",
           .key = "Alt Shift ↓",
           .chord = ImGuiMod_Alt | ImGuiMod_Shift | ImGuiKey_DownArrow,
           .possible = inspecting,
           .run = [](ActionTarget& t) { t.context.ui.inspector.keys.against = 1; }},
    Action{.id = "compare-newer",
           .title = "Compare with a newer version",
           .key = "Alt Shift ↑",
           .chord = ImGuiMod_Alt | ImGuiMod_Shift | ImGuiKey_UpArrow,
           .possible = inspecting,
           .run = [](ActionTarget& t) { t.context.ui.inspector.keys.against = -1; }},
    Action{.id = "follow-link",
           .title = "Follow the chosen link",
           .key = "Alt Enter",
           .chord = ImGuiMod_Alt | ImGuiKey_Enter,
           .possible = inspecting,
           .run = [](ActionTarget& t) { t.context.ui.inspector.keys.open = true; }},
    Action{.id = "back",
           .title = "Back to the resource before",
           .key = "Alt ←",
           .chord = ImGuiMod_Alt | ImGuiKey_LeftArrow,
           .possible = selected,
           .run = [](ActionTarget& t) { t.context.ui.inspector.keys.back = true; }},
    Action{.id = "timeline",
           .title = "Open or close the timeline",
           .key = "Ctrl T",
           .chord = ImGuiMod_Ctrl | ImGuiKey_T,
           .run = [](ActionTarget& t) { t.context.ui.timeline.open = !t.context.ui.timeline.open; }},
    Action{
        .id = "follow",
        .title = "Follow live updates",
        .key = "F",
        .chord = ImGuiKey_F,
        .run =
            [](ActionTarget& t) {
                follow_timeline(t.context.ui);
                t.context.ui.log.to_newest = true;
            }},
    Action{.id = "pause",
           .title = "Pause or go on",
           .key = "Space",
           .chord = ImGuiKey_Space,
           .possible = [](const Context& context) { return !shows_moment(context); },
           .run = [](ActionTarget& t) { t.context.ui.paused = !t.context.ui.paused; }},
    Action{.id = "brush",
           .title = "Brush the last 30 s, or clear the brush",
           .key = "B",
           .chord = ImGuiKey_B,
           .run = [](ActionTarget& t) { brush_or_clear(t.context); }},
    Action{.id = "only-changed",
           .title = "In panels, list only what changed in the range, or all",
           .key = "Shift B",
           .chord = ImGuiMod_Shift | ImGuiKey_B,
           .possible =
               [](const Context& context) { return context.ui.view == ViewId::Panels && context.ui.brush.has_value(); },
           .run = [](ActionTarget& t) { t.context.ui.only_changed = !t.context.ui.only_changed; }},
    Action{.id = "zoom-in",
           .title = "Show a shorter time",
           .key = "+",
           .chord = ImGuiKey_KeypadAdd,
           .other = ImGuiKey_Equal,
           .run = [](ActionTarget& t) { zoom_timeline_step(t.context, -1); }},
    Action{.id = "zoom-out",
           .title = "Show a longer time",
           .key = "\u2212",
           .chord = ImGuiKey_KeypadSubtract,
           .other = ImGuiKey_Minus,
           .run = [](ActionTarget& t) { zoom_timeline_step(t.context, 1); }},
    Action{.id = "earlier",
           .title = "Move timeline and charts to earlier",
           .key = "A",
           .chord = ImGuiKey_A,
           .run = [](ActionTarget& t) { move_timeline(t.context, -0.25); }},
    Action{.id = "later",
           .title = "Move timeline and charts to later",
           .key = "D",
           .chord = ImGuiKey_D,
           .run = [](ActionTarget& t) { move_timeline(t.context, 0.25); }},
    Action{.id = "charts-in",
           .title = "Zoom the charts in",
           .key = "W",
           .chord = ImGuiKey_W,
           .possible = shows_charts,
           .run = [](ActionTarget& t) { zoom_timeline(t.context, chart_zoom); }},
    Action{.id = "charts-out",
           .title = "Zoom the charts out",
           .key = "S",
           .chord = ImGuiKey_S,
           .possible = shows_charts,
           .run = [](ActionTarget& t) { zoom_timeline(t.context, 1 / chart_zoom); }},
};

} // namespace

std::span<const Action> view_actions() { return all_view_actions; }

} // namespace fhirscope::gui
