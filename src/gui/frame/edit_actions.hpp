#pragma once
// Opens the form or menu of an edit, from wherever it was asked for. The window draws it (edit_box.hpp).

#include "gui/frame/context.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace fhirscope::gui {

// Why nothing can be edited now (a recording has no server to write to); "" when it can.
std::string_view edit_blocked(const Context& context);
// The same for one resource.
std::string_view edit_blocked(const Context& context, const engine::Record& record);
// Why this field cannot be edited; "" when it can. `resource`: as it is shown.
std::string field_blocked(const fhir::Resource& resource, std::string_view path);

// Opens a form over the cell that `place` draws; until it has, at `anchor`. `typed`: instead of what stands there.
void open_form(Context& context, const engine::Record& record, EditField field, EditPlace place, const Rect& anchor,
               std::optional<std::string> typed = std::nullopt);
// "Edit status…" and so on for a resource, at `at` (where the mouse is, or below its row).
void open_menu(Context& context, const engine::Record& record, EditPlace place, const Rect& at);
// The same for one field of the inspector's tree. `blocked`: why nothing can be edited there, or "".
void open_field_menu(Context& context, const engine::Record& record, const std::string& path, std::string_view blocked,
                     const Rect& at);
// A pending edit that is not on its way can be taken back.
bool can_discard(const engine::Record& record);

} // namespace fhirscope::gui
