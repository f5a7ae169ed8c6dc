#include "gui/actions.hpp"

#include "fhir/reference.hpp"
#include "gui/conflict_sheet.hpp"
#include "gui/demo_actions.hpp"
#include "gui/edit_actions.hpp"
#include "gui/finding_links.hpp"
#include "gui/frame_actions.hpp"
#include "gui/looks.hpp"
#include "gui/rows.hpp"
#include "gui/timeline_zoom.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

namespace fhirscope::gui {

namespace {

constexpr ImGuiKeyChord kCtrl = ImGuiMod_Ctrl;

constexpr double kChartZoom = 0.75; // by a key

bool shows_charts(const Context& context) { return context.ui.view == ViewId::latency; }

bool commandable(const Context& context) {
    return !context.snapshot.connection.observing && context.session.source != Source::replay;
}

bool connected(const Context& context) {
    const engine::Phase phase = context.snapshot.connection.phase;
    return commandable(context) && phase != engine::Phase::Idle && phase != engine::Phase::Closed;
}

bool selected_resource(const Context& context) { return context.ui.selection.kind == Selection::Kind::resource; }

// "" when no resource is selected.
std::string_view type_selected(const Context& context) {
    const std::string_view reference = context.ui.selection.reference;
    return selected_resource(context) ? fhir::type_part(reference) : std::string_view();
}

bool selected(const Context& context) { return context.ui.selection.kind != Selection::Kind::none; }

// A resource is inspected, so that its tabs and versions have the keys.
bool inspecting(const Context& context) {
    return selected_resource(context) &&
           (context.layout.narrow ? context.ui.inspector_overlay : context.ui.inspector_open);
}

void toggle_inspector(ActionTarget& t) {
    bool& open = t.context.layout.narrow ? t.context.ui.inspector_overlay : t.context.ui.inspector_open;
    open = !open;
}

// The selected thing's id and its JSON, for the clipboard.
std::string selected_id(const Context& context) {
    const Selection& selection = context.ui.selection;
    if (selection.kind == Selection::Kind::resource) {
        return std::string(fhir::id_part(selection.reference));
    }
    if (selection.kind == Selection::Kind::update && context.snapshot.updates.contains(selection.number)) {
        return std::string(fhir::id_part(reference_of(context.snapshot, context.snapshot.updates[selection.number])));
    }
    if (const engine::ConflictPtr conflict = selected_conflict(context)) {
        return std::string(fhir::id_part(conflict->reference));
    }
    return selection.kind == Selection::Kind::frame ? std::to_string(selection.number) : std::string();
}

std::string selected_json(const Context& context) {
    const Selection& selection = context.ui.selection;
    if (selection.kind == Selection::Kind::frame && context.snapshot.frames.contains(selection.number)) {
        const auto& text = context.snapshot.frames[selection.number].text;
        return text ? *text : std::string();
    }
    std::string reference = selection.reference;
    if (selection.kind == Selection::Kind::update && context.snapshot.updates.contains(selection.number)) {
        reference = reference_of(context.snapshot, context.snapshot.updates[selection.number]);
    }
    if (const engine::ConflictPtr conflict = selected_conflict(context)) {
        const fhir::ResourcePtr& shown = conflict->server ? conflict->server : conflict->local;
        return shown ? std::string(shown->text()) : std::string();
    }
    const engine::RecordPtr record = context.snapshot.find(reference);
    if (record != nullptr && !context.ui.version.empty()) { // an older version is open
        for (const engine::VersionPtr& version : record->history) {
            if (version->version_id() == context.ui.version && !version->key_only) {
                return std::string(version->resource->text());
            }
        }
    }
    const bool held = record != nullptr && record->resource() != nullptr && !record->key_only();
    return held ? std::string(record->resource()->text()) : std::string();
}

void copy(const std::string& text) {
    if (!text.empty()) {
        ImGui::SetClipboardText(text.c_str());
    }
}

void brush_or_clear(ActionTarget& t) {
    if (t.context.ui.brush) {
        t.context.ui.brush.reset();
    } else {
        // Where the timeline was moved into the past, the last of what it shows.
        const LocalTime end = t.context.ui.timeline_end.value_or(t.context.now);
        t.context.ui.brush = TimeRange{end - std::chrono::seconds(30), end};
    }
}

void open_selected(ActionTarget& t) {
    if (t.context.ui.selection.kind == Selection::Kind::none) {
        t.view.move_selection(t.context, 1);
    }
    t.context.ui.inspector_open = true;
    t.context.ui.inspector_overlay = t.context.layout.narrow;
}

// "Edit status…" of the selected resource: the field of this number in known_fields().
template <std::size_t field>
void edit_field(ActionTarget& t) {
    const engine::RecordPtr record = t.context.snapshot.find(t.context.ui.selection.reference);
    auto fields = known_fields(type_selected(t.context));
    if (record != nullptr && field < fields.size()) {
        open_form(t.context, *record, std::move(fields[field]), EditPlace::panel, {});
    }
}

void edit_menu(ActionTarget& t) {
    if (const engine::RecordPtr record = t.context.snapshot.find(t.context.ui.selection.reference)) {
        open_menu(t.context, *record, EditPlace::panel, {});
    }
}

bool task_editable(const Context& context) { return type_selected(context) == "Task" && edit_blocked(context).empty(); }

bool patient_editable(const Context& context) {
    return type_selected(context) == "Patient" && edit_blocked(context).empty();
}

bool edit_discardable(const Context& context) {
    const engine::RecordPtr record =
        selected_resource(context) ? context.snapshot.find(context.ui.selection.reference) : nullptr;
    return record != nullptr && edit_blocked(context).empty() && can_discard(*record);
}

template <ViewId view>
void show(ActionTarget& t) {
    t.context.ui.view = view;
    t.context.ui.page = Page::view;
}

template <LogSheet sheet>
void open_log_sheet(ActionTarget& t) {
    t.context.ui.view = ViewId::log;
    t.context.ui.log_sheet = sheet;
}

std::vector<std::string> saved_filters(const Context& context) {
    std::vector<std::string> names;
    for (const SavedFilter& saved : context.ui.log.filters) {
        names.push_back(saved.name);
    }
    return names;
}

void use_saved_filter(ActionTarget& t, std::string_view name) {
    if (const SavedFilter* saved = t.context.ui.log.named(name)) {
        t.context.ui.view = ViewId::log;
        t.context.ui.log_filter = saved->filter;
    }
}

// Single letters mean what the view they are in says.
template <ResolveAction action>
bool decidable(const Context& context) {
    return context.ui.view == ViewId::conflicts && can_resolve_selected(context, action);
}

template <ResolveAction action>
void decide(ActionTarget& t) {
    resolve_selected(t.context, action);
}

constexpr std::array kStrategies = {"ask", "server", "local", "newest", "merge", "furthest"};

template <std::size_t strategy>
void set_default_strategy(ActionTarget& t) {
    t.context.send(engine::SetDefaultStrategy{kStrategies[strategy]});
}

void show_next_open(ActionTarget& t) {
    const Selection& selection = t.context.ui.selection;
    const std::uint64_t from = selection.kind == Selection::Kind::conflict ? selection.number : 0;
    if (const auto number = next_open_conflict(t.context.snapshot, from, 1)) {
        t.context.ui.view = ViewId::conflicts;
        select_conflict(t.context, *number);
    }
}

const std::array kViewActions = {
    Action{"view-panels", "Show panels", "Ctrl 1", kCtrl | ImGuiKey_1, 0, true, nullptr, show<ViewId::panels>},
    Action{"view-log", "Show the log", "Ctrl 2", kCtrl | ImGuiKey_2, 0, true, nullptr, show<ViewId::log>},
    Action{"view-latency", "Show latency", "Ctrl 3", kCtrl | ImGuiKey_3, 0, true, nullptr, show<ViewId::latency>},
    Action{"view-conflicts", "Show conflicts", "Ctrl 4", kCtrl | ImGuiKey_4, 0, true, nullptr, show<ViewId::conflicts>},
    Action{"view-connections", "Show connections", "Ctrl 5", kCtrl | ImGuiKey_5, 0, true, nullptr,
           show<ViewId::connections>},
    Action{"view-diagnosis", "Show the diagnosis", "Ctrl 6", kCtrl | ImGuiKey_6, 0, true, nullptr,
           show<ViewId::diagnosis>},
    Action{"view-profiler", "Show the profiler", "Ctrl 7", kCtrl | ImGuiKey_7, 0, true, nullptr,
           show<ViewId::profiler>},
    Action{"explain", "Explain the selected resource", "E", ImGuiKey_E, 0, true,
           [](const Context& context) { return !resource_to_explain(context).empty(); },
           [](ActionTarget& t) { explain_resource(t.context, resource_to_explain(t.context)); }},
    Action{"worst-finding", "Show the most severe finding", "", 0, 0, true,
           [](const Context& context) { return !context.findings.open().empty(); },
           [](ActionTarget& t) { open_finding(t.context, *t.context.findings.open().front()); }},
    Action{"copy-diagnosis", "Copy the open findings as text", "", 0, 0, true, nullptr,
           [](ActionTarget& t) { copy(diagnosis_text(t.context)); }},
    Action{"filter", "Filter this view", "/", ImGuiKey_Slash, ImGuiMod_Shift | ImGuiKey_7, true,
           [](const Context& context) {
               return context.ui.view != ViewId::latency && context.ui.view != ViewId::profiler;
           },
           [](ActionTarget& t) { t.context.ui.focus_filter = true; }},
    Action{"columns", "Choose columns, order and sort", "Shift C", ImGuiMod_Shift | ImGuiKey_C, 0, true,
           [](const Context& context) { return context.ui.view == ViewId::panels; },
           [](ActionTarget& t) { t.context.ui.columns_open = true; }},
    Action{"next", "Next row", "J", ImGuiKey_J, ImGuiKey_DownArrow, false, nullptr,
           [](ActionTarget& t) { t.view.move_selection(t.context, 1); }},
    Action{"previous", "Previous row", "K", ImGuiKey_K, ImGuiKey_UpArrow, false, nullptr,
           [](ActionTarget& t) { t.view.move_selection(t.context, -1); }},
    Action{"first", "First row, the newest", "Home", ImGuiKey_Home, 0, false, nullptr,
           [](ActionTarget& t) { t.view.select_edge(t.context, View::Edge::first); }},
    Action{"last", "Last row, the oldest", "End", ImGuiKey_End, 0, false, nullptr,
           [](ActionTarget& t) { t.view.select_edge(t.context, View::Edge::last); }},
    Action{"open", "Open the selected row in the inspector", "Enter", ImGuiKey_Enter, ImGuiKey_KeypadEnter, false,
           nullptr, open_selected},
    Action{"copy-id", "Copy the id", "C", ImGuiKey_C, 0, true, selected,
           [](ActionTarget& t) { copy(selected_id(t.context)); }},
    Action{"copy-json", "Copy the selected thing as JSON", "Ctrl C", kCtrl | ImGuiKey_C, 0, true, selected,
           [](ActionTarget& t) { copy(selected_json(t.context)); }},
    Action{"inspector", "Open or close the inspector", "Ctrl I", kCtrl | ImGuiKey_I, 0, true, nullptr,
           toggle_inspector},
    Action{"next-tab", "Show the inspector's next tab", "]", ImGuiKey_RightBracket, 0, true, inspecting,
           [](ActionTarget& t) { t.context.ui.inspector_keys.tab = 1; }},
    Action{"previous-tab", "Show the inspector's previous tab", "[", ImGuiKey_LeftBracket, 0, true, inspecting,
           [](ActionTarget& t) { t.context.ui.inspector_keys.tab = -1; }},
    Action{"older-version", "Open the version before, or the next link", "Alt ↓", ImGuiMod_Alt | ImGuiKey_DownArrow, 0,
           true, inspecting, [](ActionTarget& t) { t.context.ui.inspector_keys.row = 1; }},
    Action{"newer-version", "Open the version after, or the link before", "Alt ↑", ImGuiMod_Alt | ImGuiKey_UpArrow, 0,
           true, inspecting, [](ActionTarget& t) { t.context.ui.inspector_keys.row = -1; }},
    Action{"compare-older", "Compare with an older version", "Alt Shift ↓",
           ImGuiMod_Alt | ImGuiMod_Shift | ImGuiKey_DownArrow, 0, true, inspecting,
           [](ActionTarget& t) { t.context.ui.inspector_keys.against = 1; }},
    Action{"compare-newer", "Compare with a newer version", "Alt Shift ↑",
           ImGuiMod_Alt | ImGuiMod_Shift | ImGuiKey_UpArrow, 0, true, inspecting,
           [](ActionTarget& t) { t.context.ui.inspector_keys.against = -1; }},
    Action{"follow-link", "Follow the chosen link", "Alt Enter", ImGuiMod_Alt | ImGuiKey_Enter, 0, true, inspecting,
           [](ActionTarget& t) { t.context.ui.inspector_keys.open = true; }},
    Action{"back", "Back to the resource before", "Alt ←", ImGuiMod_Alt | ImGuiKey_LeftArrow, 0, true, selected,
           [](ActionTarget& t) { t.context.ui.inspector_keys.back = true; }},
    Action{"timeline", "Open or close the timeline", "Ctrl T", kCtrl | ImGuiKey_T, 0, true, nullptr,
           [](ActionTarget& t) { t.context.ui.timeline_open = !t.context.ui.timeline_open; }},
    Action{"follow", "Follow live updates", "F", ImGuiKey_F, 0, true, nullptr,
           [](ActionTarget& t) {
               follow_timeline(t.context.ui);
               t.context.ui.log_to_newest = true;
           }},
    Action{"pause", "Pause or go on", "Space", ImGuiKey_Space, 0, true, nullptr,
           [](ActionTarget& t) { t.context.ui.paused = !t.context.ui.paused; }},
    Action{"brush", "Brush the last 30 s, or clear the brush", "B", ImGuiKey_B, 0, true, nullptr, brush_or_clear},
    Action{"zoom-in", "Show a shorter time", "+", ImGuiKey_KeypadAdd, ImGuiKey_Equal, true, nullptr,
           [](ActionTarget& t) { zoom_timeline_step(t.context, -1); }},
    Action{"zoom-out", "Show a longer time", "\u2212", ImGuiKey_KeypadSubtract, ImGuiKey_Minus, true, nullptr,
           [](ActionTarget& t) { zoom_timeline_step(t.context, 1); }},
    Action{"earlier", "Move timeline and charts to earlier", "A", ImGuiKey_A, 0, true, nullptr,
           [](ActionTarget& t) { move_timeline(t.context, -0.25); }},
    Action{"later", "Move timeline and charts to later", "D", ImGuiKey_D, 0, true, nullptr,
           [](ActionTarget& t) { move_timeline(t.context, 0.25); }},
    Action{"charts-in", "Zoom the charts in", "W", ImGuiKey_W, 0, true, shows_charts,
           [](ActionTarget& t) { zoom_timeline(t.context, kChartZoom); }},
    Action{"charts-out", "Zoom the charts out", "S", ImGuiKey_S, 0, true, shows_charts,
           [](ActionTarget& t) { zoom_timeline(t.context, 1 / kChartZoom); }},
    Action{"edit", "Edit a field of the selected resource", "F2", ImGuiKey_F2, 0, true, selected_resource, edit_menu},
    Action{"edit-status", "Edit status…", "", 0, 0, true, task_editable, edit_field<0>},
    Action{"edit-priority", "Edit priority…", "", 0, 0, true, task_editable, edit_field<1>},
    Action{"edit-due", "Edit due…", "", 0, 0, true, task_editable, edit_field<2>},
    Action{"edit-description", "Edit description…", "", 0, 0, true, task_editable, edit_field<3>},
    Action{"edit-assignee", "Edit assignee…", "", 0, 0, true, task_editable, edit_field<4>},
    Action{"add-note", "Add a note…", "", 0, 0, true, task_editable, edit_field<5>},
    Action{"edit-gender", "Edit gender…", "", 0, 0, true, patient_editable, edit_field<0>},
    Action{"edit-birth-date", "Edit date of birth…", "", 0, 0, true, patient_editable, edit_field<1>},
    Action{"discard-edit", "Discard the pending edit", "", 0, 0, true, edit_discardable,
           [](ActionTarget& t) { t.context.send(engine::DiscardEdit{t.context.ui.selection.reference}); }},
    Action{"read", "Read the selected resource from the server", "", 0, 0, true,
           [](const Context& context) { return commandable(context) && selected_resource(context); },
           [](ActionTarget& t) { t.context.send(engine::ReadResource{t.context.ui.selection.reference}); }},
    Action{"next-open-conflict", "Show the next open conflict", "N", ImGuiKey_N, 0, true,
           [](const Context& context) { return context.snapshot.open_conflicts > 0; }, show_next_open},
    Action{"conflict-merge", "Merge the conflict as chosen", "M", ImGuiKey_M, 0, true, decidable<ResolveAction::Merge>,
           decide<ResolveAction::Merge>},
    Action{"conflict-server", "Take the server's version of the conflict", "S", ImGuiKey_S, 0, true,
           decidable<ResolveAction::TakeServer>, decide<ResolveAction::TakeServer>},
    Action{"conflict-local", "Keep the local edit of the conflict", "L", ImGuiKey_L, 0, true,
           decidable<ResolveAction::KeepLocal>, decide<ResolveAction::KeepLocal>},
    Action{"conflict-rollback", "Roll the conflict back", "R", ImGuiKey_R, 0, true, decidable<ResolveAction::RollBack>,
           decide<ResolveAction::RollBack>},
    Action{"default-ask", "Decide conflicts by default: ask", "", 0, 0, true, commandable, set_default_strategy<0>},
    Action{"default-server", "Decide conflicts by default: take server", "", 0, 0, true, commandable,
           set_default_strategy<1>},
    Action{"default-local", "Decide conflicts by default: keep local", "", 0, 0, true, commandable,
           set_default_strategy<2>},
    Action{"default-newest", "Decide conflicts by default: newest wins", "", 0, 0, true, commandable,
           set_default_strategy<3>},
    Action{"default-merge", "Decide conflicts by default: merge", "", 0, 0, true, commandable, set_default_strategy<4>},
    Action{"default-furthest", "Decide conflicts by default: furthest wins", "", 0, 0, true, commandable,
           set_default_strategy<5>},
    Action{"log-filters", "Choose a saved filter of the log…", "", 0, 0, true,
           [](const Context& context) { return !context.ui.log.filters.empty(); }, open_log_sheet<LogSheet::menu>},
    Action{"log-saved-filter", "Filter: ", "", 0, 0, true, nullptr, nullptr, false, saved_filters, use_saved_filter},
    Action{"log-save-filter", "Save the log's filter…", "", 0, 0, true,
           [](const Context& context) { return !context.ui.log_filter.empty(); }, open_log_sheet<LogSheet::save>},
    Action{"log-clear-filter", "Clear the log's filter", "", 0, 0, true,
           [](const Context& context) { return !context.ui.log_filter.empty(); },
           [](ActionTarget& t) { t.context.ui.log_filter.clear(); }},
    Action{"log-rules", "Colour rows of the log…", "", 0, 0, true, nullptr, open_log_sheet<LogSheet::rules>},
    Action{"log-columns", "Choose columns of the log…", "", 0, 0, true, nullptr, open_log_sheet<LogSheet::columns>},
    Action{"log-export", "Export the rows that the log shows…", "Ctrl E", kCtrl | ImGuiKey_E, 0, true, nullptr,
           open_log_sheet<LogSheet::save_rows>},
    Action{"verify", "Compare everything with the server", "", 0, 0, true, commandable,
           [](ActionTarget& t) { t.context.send(engine::Verify{}); }},
    Action{"reconnect", "Reconnect", "", 0, 0, true, commandable,
           [](ActionTarget& t) { t.context.send(engine::Connect{}); }},
    Action{"disconnect", "Disconnect", "", 0, 0, true, connected,
           [](ActionTarget& t) { t.context.send(engine::Disconnect{}); }},
    Action{"drop", "Drop the socket", "", 0, 0, true, connected,
           [](ActionTarget& t) { t.context.send(engine::DropSocket{}); }},
};

bool pressed(ImGuiKeyChord chord) { return chord != 0 && ImGui::IsKeyChordPressed(chord); }

} // namespace

std::span<const Action> all_actions() {
    static const std::vector<Action> all = [] {
        std::vector<Action> actions(kViewActions.begin(), kViewActions.end());
        for (const std::span<const Action> more : {frame_actions(), demo_actions()}) {
            actions.insert(actions.end(), more.begin(), more.end());
        }
        return actions;
    }();
    return all;
}

bool is_possible(const Action& action, const Context& context) {
    const bool view_shown = context.session.open && context.ui.page == Page::view;
    // From a page over an open session its views can be reached.
    const bool leads_to_view = context.session.open && action.id.starts_with("view-");
    return (view_shown || leads_to_view || action.anywhere) && (action.possible == nullptr || action.possible(context));
}

void handle_keys(Context& context, View& view) {
    const ImGuiIO& io = ImGui::GetIO();
    ActionTarget target{context, view};
    for (const Action& action : all_actions()) {
        const auto counts = [&](ImGuiKeyChord chord) {
            // A text field keeps its letters, its own Ctrl C and its Esc.
            const bool keyed = (chord & kCtrl) != 0 && action.id != "copy-json";
            return pressed(chord) && (keyed || !io.WantTextInput);
        };
        // While the list of commands is open, keys are its own.
        if (context.ui.palette_open && action.id != "palette") {
            continue;
        }
        // So it is with the open guide.
        if (context.ui.help_open && action.id != "help" && action.id != "help-keys") {
            continue;
        }
        // So are those of an open form, but for what Ctrl makes a command.
        if (context.ui.editing.open() && (action.chord & kCtrl) == 0) {
            continue;
        }
        // And those of the list of columns.
        if (context.ui.columns_open && context.ui.view == ViewId::panels && (action.chord & kCtrl) == 0) {
            continue;
        }
        if ((counts(action.chord) || counts(action.other)) && is_possible(action, context)) {
            action.run(target);
        }
    }
}

} // namespace fhirscope::gui
