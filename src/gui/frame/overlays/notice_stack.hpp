#pragma once
// Notices at the lower right of the main area, the newest lowest, each with its mark, its cause and what can be done.

#include "gui/frame/context.hpp"
#include "gui/frame/view.hpp"

namespace fhirscope::gui {

// Over what was drawn in `area` before. `view`: what actions run in.
void draw_notices(Context& context, View& view, const Rect& area);

} // namespace fhirscope::gui
