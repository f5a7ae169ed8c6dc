#pragma once

// Icons (16 px box) and marks (12 px box) as path data, drawn with lines and filled paths (design guide, section 4).
// A mark's form carries its meaning; its colour only repeats it.

#include "gui/base/marks.hpp"
#include "gui/ui/theme.hpp"
#include "imgui.h"

namespace fhirscope::gui {

enum class Icon {
    brand,
    panels,
    log,
    latency,
    conflicts,
    connections,
    search,
    inspector,
    copy,
    pin,
    filter,
    close,
    chevron_left,
    chevron_right,
    chevron_down,
    play,
    pause,
    follow,
    step_back,
    step_forward,
    arrow_in,  // 12 px box: a frame that arrived
    arrow_out, // 12 px box: a frame that was sent
    diagnosis,
    profiler,
    sessions,
    settings,
    server,
    file,
    drop,
    plus,
    recording,
    count_
};

// The sizes of the boxes at scale 1.
inline constexpr float kIconBox = 16.0F;
inline constexpr float kMarkBox = 12.0F;

// `pos` is the upper left corner of the box, in pixels; it is snapped to whole pixels.
void draw_icon(ImDrawList& list, const Theme& theme, Icon icon, ImVec2 pos, ImU32 color);
void draw_mark(ImDrawList& list, const Theme& theme, Mark mark, ImVec2 pos);
void draw_task_mark(ImDrawList& list, const Theme& theme, TaskMark mark, ImVec2 pos);
// `rank` 0 (none known) … 4 (stat): rising bars.
void draw_priority_mark(ImDrawList& list, const Theme& theme, int rank, ImVec2 pos);

// Markers of the timeline, centred at `center`.
void draw_marker(ImDrawList& list, const Theme& theme, Mark mark, ImVec2 center);

} // namespace fhirscope::gui
