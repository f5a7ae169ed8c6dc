#pragma once
// The charts of the profiler: what frames cost, and how many updates waited.

#include "gui/frame/context.hpp"

namespace fhirscope::gui {

inline constexpr double frame_budget_ms = 1000.0 / 60;

// The newest frames that fit, stacked by part; one that is over the budget is marked.
void draw_frame_times(Context& context, Rect area, const FrameHistory& frames);
// Updates waiting, second by second, of the ten minutes before now.
void draw_queue_depth(Context& context, Rect area);

} // namespace fhirscope::gui
