#pragma once
// Which stretch of time the strip and the charts show: the newest, following, or an older one while the engine goes on.

#include "gui/frame/context.hpp"

namespace fhirscope::gui {

// The range of the strip and the charts: as zoomed and moved by hand, else what the span means now.
TimeRange timeline_range(const Context& context);

// The strip's end is now, and moves with it.
bool timeline_follows(const UiState& ui);
void follow_timeline(UiState& ui);

// `factor` below 1 shows less. What is at `anchor` stays where it is; where the end would pass now, it follows again.
void zoom_timeline(Context& context, double factor, LocalTime anchor);
// About the end while it follows, else about the middle of the brush or of what is shown.
void zoom_timeline(Context& context, double factor);
// By one of the named spans until it was zoomed by hand. `step` 1: longer, −1: shorter.
void zoom_timeline_step(Context& context, int step);
// By a share of what is shown; positive: later.
void move_timeline(Context& context, double share);
// Moves so that it ends there.
void end_timeline_at(Context& context, LocalTime end);

} // namespace fhirscope::gui
