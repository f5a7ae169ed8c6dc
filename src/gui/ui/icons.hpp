#pragma once
// Icons (16 px box) and marks (12 px box) as path data, drawn with lines and filled paths (design guide, section 4).
// A mark's form carries its meaning; its color only repeats it.

#include "gui/base/marks.hpp"
#include "gui/ui/theme.hpp"
#include "imgui.h"

namespace fhirscope::gui {

enum class Icon {
    Brand,
    Panels,
    Log,
    Latency,
    Conflicts,
    Connections,
    Search,
    Inspector,
    Copy,
    Filter,
    Close,
    ChevronLeft,
    ChevronRight,
    ChevronDown,
    Play,
    Pause,
    Follow,
    StepBack,
    StepForward,
    ArrowIn,  // 12 px box: a frame that arrived
    ArrowOut, // 12 px box: a frame that was sent
    Diagnosis,
    Profiler,
    Sessions,
    Settings,
    Server,
    File,
    Drop,
    Plus,
    Recording,
    Back,
    Flag,
    Count
};

// The sizes of the boxes at scale 1.
inline constexpr float icon_box = 16.0F;
inline constexpr float mark_box = 12.0F;

// `pos` is the upper left corner of the box, in pixels; it is snapped to whole pixels.
void draw_icon(ImDrawList& list, const Theme& theme, Icon icon, ImVec2 pos, ImU32 color);
void draw_mark(ImDrawList& list, const Theme& theme, Mark mark, ImVec2 pos);
void draw_task_mark(ImDrawList& list, const Theme& theme, TaskMark mark, ImVec2 pos);
// `rank` 0 (none known) … 4 (stat): rising bars.
void draw_priority_mark(ImDrawList& list, const Theme& theme, int rank, ImVec2 pos);

// Markers of the timeline, centred at `center`.
void draw_marker(ImDrawList& list, const Theme& theme, Mark mark, ImVec2 center);

} // namespace fhirscope::gui
