#pragma once
// What is selected, and the inspector that shows it: the one way for every view, list, link and command.

#include "gui/frame/context.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fhirscope::gui {

// Selects it. Of a resource the newest version is shown; when it is another one, beside the version before it.
void select(Context& context, Selection selection);
void select_resource(Context& context, std::string reference);
void select_update(Context& context, std::uint64_t number);
void select_frame(Context& context, std::uint64_t number);
// Its history is shown first, unless another conflict was inspected before.
void select_conflict(Context& context, std::uint64_t number);
void select_nothing(Context& context);

// When the selected thing came about: a version was applied, a frame passed, a conflict was found, an incident began.
// Nothing: there is none, or nobody knows any more.
std::optional<LocalTime> moment_of_selection(const Context& context);
// The same of a version that `snapshot` holds.
LocalTime moment_of(const engine::Snapshot& snapshot, const engine::Version& version);
// A button that shows every view at that time; nothing where only the newest can be shown.
void moment_button(Context& context, std::string_view name, ImVec2 pos, LocalTime at);

// The inspector, which lies over the main area where the window is narrow.
bool inspector_shown(const Context& context);
void open_inspector(Context& context);
void toggle_inspector(Context& context);

} // namespace fhirscope::gui
