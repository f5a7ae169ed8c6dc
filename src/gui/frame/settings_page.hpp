#pragma once
// What can be chosen about the window itself.

#include "gui/frame/context.hpp"

namespace fhirscope::gui {

void draw_settings_page(Context& context, Rect area);

} // namespace fhirscope::gui
