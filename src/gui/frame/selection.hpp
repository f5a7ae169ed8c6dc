#pragma once
// What is selected, and the inspector that shows it: the one way for every view, list, link and command.

#include "gui/frame/context.hpp"

#include <cstdint>
#include <string>

namespace fhirscope::gui {

// Selects it. Of a resource the newest version is shown; when it is another one, beside the version before it.
void select(Context& context, Selection selection);
void select_resource(Context& context, std::string reference);
void select_update(Context& context, std::uint64_t number);
void select_frame(Context& context, std::uint64_t number);
// Its history is shown first, unless another conflict was inspected before.
void select_conflict(Context& context, std::uint64_t number);
void select_nothing(Context& context);

// The inspector, which lies over the main area where the window is narrow.
bool inspector_shown(const Context& context);
void open_inspector(Context& context);
void toggle_inspector(Context& context);

} // namespace fhirscope::gui
