#pragma once
// The connection's phases and how often each change happened, and the tries of the last reconnect.

#include "gui/frame/context.hpp"

namespace fhirscope::gui {

// 580 × 206 at scale 1; drawn from the upper left of `area`.
void draw_state_diagram(Context& context, const Rect& area);

// The newest run of attempts: waits, results, and the limit before jitter.
void draw_attempts(Context& context, const Rect& area);

// The attempts of the last run (up to the last that opened), as [begin, end) of ConnectionView::attempts.
struct AttemptRun {
    std::size_t begin = 0, end = 0;
};
AttemptRun last_run(const std::vector<engine::Attempt>& attempts);

} // namespace fhirscope::gui
