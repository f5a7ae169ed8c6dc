#pragma once
// One line under the top bar while an earlier moment of a session that goes on is shown: which, what came since, and the
// way back.

#include "gui/frame/context.hpp"

namespace fhirscope::gui {

constexpr float moment_strip_height = 28; // at scale 1

void draw_moment_strip(Context& context, const Rect& row);

} // namespace fhirscope::gui
