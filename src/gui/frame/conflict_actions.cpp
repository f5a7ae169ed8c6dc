#include "gui/frame/conflict_actions.hpp"

namespace fhirscope::gui {

engine::ConflictPtr selected_conflict(const Context& context) {
    const Selection& selection = context.ui.selection;
    return selection.kind == Selection::Kind::Conflict ? find_conflict(context.snapshot, selection.number) : nullptr;
}

bool can_resolve_selected(const Context& context, ResolveAction action) {
    if (!can_send(context)) return false;
    const engine::ConflictPtr conflict = selected_conflict(context);
    return conflict && can_resolve(*conflict, action);
}

void resolve_selected(Context& context, ResolveAction action) {
    const engine::ConflictPtr conflict = selected_conflict(context);
    if (!can_send(context) || !conflict || !can_resolve(*conflict, action)) return;
    const std::vector<FieldChoice>& choices = context.ui.conflicts.choices_for(conflict->number);
    context.send(make_resolve(*conflict, fields_of(*conflict), action, choices));
}

} // namespace fhirscope::gui
