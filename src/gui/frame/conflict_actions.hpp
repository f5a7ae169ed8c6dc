#pragma once
// Decisions about the conflict that is selected.

#include "gui/frame/context.hpp"
#include "gui/model/conflicts/conflict_sheet.hpp"

namespace fhirscope::gui {

// That which the selection names; null for none.
engine::ConflictPtr selected_conflict(const Context& context);
bool can_resolve_selected(const Context& context, ResolveAction action);
// Sends the decision about it, with the choices made.
void resolve_selected(Context& context, ResolveAction action);

} // namespace fhirscope::gui
