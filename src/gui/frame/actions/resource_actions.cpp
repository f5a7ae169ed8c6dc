#include "engine/strategy.hpp"
#include "fhir/reference.hpp"
#include "gui/frame/actions/actions.hpp"
#include "gui/frame/conflict_actions.hpp"
#include "gui/frame/edit_actions.hpp"
#include "gui/frame/playhead.hpp"
#include "gui/frame/selection.hpp"
#include "gui/model/labels.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace fhirscope::gui {

namespace {

bool resource_selected(const Context& context) { return context.ui.selection.kind == Selection::Kind::Resource; }

// "" when no resource is selected.
std::string_view type_selected(const Context& context) {
    const std::string_view reference = context.ui.selection.reference;
    return resource_selected(context) ? fhir::type_part(reference) : std::string_view();
}

// "Edit status…" of the selected resource.
void edit_field(Context& context, std::string_view path) {
    const engine::RecordPtr record = context.snapshot.find(context.ui.selection.reference);
    auto field = known_field(type_selected(context), path);
    if (record != nullptr && field) open_form(context, *record, std::move(*field), EditPlace::Panel, {});
}

void edit_menu(Context& context) {
    if (const engine::RecordPtr record = context.snapshot.find(context.ui.selection.reference))
        open_menu(context, *record, EditPlace::Panel, {});
}

bool task_editable(const Context& context) { return type_selected(context) == "Task" && edit_blocked(context).empty(); }

bool patient_editable(const Context& context) {
    return type_selected(context) == "Patient" && edit_blocked(context).empty();
}

bool edit_discardable(const Context& context) {
    const engine::RecordPtr record =
        resource_selected(context) ? context.snapshot.find(context.ui.selection.reference) : nullptr;
    return record != nullptr && edit_blocked(context).empty() && can_discard(*record);
}

// Single letters mean what the view they are in says.
bool decidable(const Context& context, ResolveAction action) {
    return context.ui.view == ViewId::Conflicts && can_resolve_selected(context, action);
}

std::vector<std::string> strategy_titles(const Context&) {
    std::vector<std::string> titles;
    for (const engine::Strategy& strategy : engine::all_strategies()) titles.emplace_back(strategy.title);
    return titles;
}

void set_default_strategy(ActionTarget& t, std::string_view title) {
    const auto all = engine::all_strategies();
    if (const auto chosen = std::ranges::find(all, title, &engine::Strategy::title); chosen != all.end())
        t.context.send(engine::SetDefaultStrategy{std::string(chosen->name)});
}

void show_next_open(Context& context) {
    const Selection& selection = context.ui.selection;
    const std::uint64_t from = selection.kind == Selection::Kind::Conflict ? selection.number : 0;
    if (const auto number = next_open_conflict(context.snapshot, from, 1)) {
        context.ui.view = ViewId::Conflicts;
        select_conflict(context, *number);
    }
}

const std::array all_resource_actions = {
    Action{.id = "edit",
           .title = "Edit a field of the selected resource",
           .key = "F2",
           .chord = ImGuiKey_F2,
           .possible = resource_selected,
           .run = [](ActionTarget& t) { edit_menu(t.context); }},
    Action{.id = "edit-status",
           .title = "Edit status…",
           .possible = task_editable,
           .run = [](ActionTarget& t) { edit_field(t.context, "status"); }},
    Action{.id = "edit-priority",
           .title = "Edit priority…",
           .possible = task_editable,
           .run = [](ActionTarget& t) { edit_field(t.context, "priority"); }},
    Action{.id = "edit-due",
           .title = "Edit due…",
           .possible = task_editable,
           .run = [](ActionTarget& t) { edit_field(t.context, "restriction.period.end"); }},
    Action{.id = "edit-description",
           .title = "Edit description…",
           .possible = task_editable,
           .run = [](ActionTarget& t) { edit_field(t.context, "description"); }},
    Action{.id = "edit-assignee",
           .title = "Edit assignee…",
           .possible = task_editable,
           .run = [](ActionTarget& t) { edit_field(t.context, "owner"); }},
    Action{.id = "add-note",
           .title = "Add a note…",
           .possible = task_editable,
           .run = [](ActionTarget& t) { edit_field(t.context, "note[+].text"); }},
    Action{.id = "edit-gender",
           .title = "Edit gender…",
           .possible = patient_editable,
           .run = [](ActionTarget& t) { edit_field(t.context, "gender"); }},
    Action{.id = "edit-birth-date",
           .title = "Edit date of birth…",
           .possible = patient_editable,
           .run = [](ActionTarget& t) { edit_field(t.context, "birthDate"); }},
    Action{.id = "discard-edit",
           .title = "Discard the pending edit",
           .possible = edit_discardable,
           .run = [](ActionTarget& t) { t.context.send(engine::DiscardEdit{t.context.ui.selection.reference}); }},
    Action{.id = "read",
           .title = "Read the selected resource from the server",
           .possible = [](const Context& context) { return can_send(context) && resource_selected(context); },
           .run = [](ActionTarget& t) { t.context.send(engine::ReadResource{t.context.ui.selection.reference}); }},
    Action{
        .id = "show-at",
        .title = "Show every view at the time of the selected thing",
        .key = "T",
        .chord = ImGuiKey_T,
        .possible = [](const Context& context) { return context.playhead != nullptr && moment_of_selection(context); },
        .run = [](ActionTarget& t) { show_at(t.context, *moment_of_selection(t.context)); }},
    Action{.id = "next-open-conflict",
           .title = "Show the next open conflict",
           .key = "N",
           .chord = ImGuiKey_N,
           .possible = [](const Context& context) { return context.snapshot.open_conflicts > 0; },
           .run = [](ActionTarget& t) { show_next_open(t.context); }},
    Action{.id = "conflict-merge",
           .title = "Merge the conflict as chosen",
           .key = "M",
           .chord = ImGuiKey_M,
           .possible = [](const Context& context) { return decidable(context, ResolveAction::Merge); },
           .run = [](ActionTarget& t) { resolve_selected(t.context, ResolveAction::Merge); }},
    Action{.id = "conflict-server",
           .title = "Take the server's version of the conflict",
           .key = "S",
           .chord = ImGuiKey_S,
           .possible = [](const Context& context) { return decidable(context, ResolveAction::TakeServer); },
           .run = [](ActionTarget& t) { resolve_selected(t.context, ResolveAction::TakeServer); }},
    Action{.id = "conflict-local",
           .title = "Keep the local edit of the conflict",
           .key = "L",
           .chord = ImGuiKey_L,
           .possible = [](const Context& context) { return decidable(context, ResolveAction::KeepLocal); },
           .run = [](ActionTarget& t) { resolve_selected(t.context, ResolveAction::KeepLocal); }},
    Action{.id = "conflict-rollback",
           .title = "Roll the conflict back",
           .key = "R",
           .chord = ImGuiKey_R,
           .possible = [](const Context& context) { return decidable(context, ResolveAction::RollBack); },
           .run = [](ActionTarget& t) { resolve_selected(t.context, ResolveAction::RollBack); }},
    Action{.id = "default-strategy",
           .title = "Decide conflicts by default: ",
           .possible = can_send,
           .names = strategy_titles,
           .run_named = set_default_strategy},
};

} // namespace

std::span<const Action> resource_actions() { return all_resource_actions; }

} // namespace fhirscope::gui
