#pragma once
// What everything that draws needs, and all that the toolkit needs: looks, the window's layout, and what drawing tells
// about itself. One frame's worth of it; knows nothing of what is shown.

#include "fhir/time.hpp"
#include "gui/ui/draw.hpp"
#include "gui/ui/theme.hpp"
#include "imgui.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace fhirscope::gui {

// How wide the window is, in the guide's sense.
struct Layout {
    bool narrow = false; // < 1100 px: icons only, inspector as an overlay
    bool low = false;    // < 700 px: one merged lane
};

// Named rectangles of what was drawn, for tests: "rail/log", "panels/Task/row/0".
using Targets = std::map<std::string, Rect, std::less<>>;

// Figures that a stream of updates moves go on twice a second: rates, percentiles, counts.
inline constexpr std::chrono::milliseconds figure_step{500};

struct Frame {
    const Theme& theme;
    Layout layout{};
    // A paused window and a recording are looked at in one moment, from which no age goes on.
    bool stands = false;
    Targets* targets = nullptr; // only tests ask for them
    // The earliest moment at which the picture changes by itself (a flash fades, a filter has more rows to look at).
    std::chrono::milliseconds redraw_in = std::chrono::milliseconds::max();

    float px(float length) const { return theme.px(length); }
    // Is the mouse over it?
    static bool pointed_at(const Rect& rect) {
        return rect.contains(ImGui::GetIO().MousePos) && ImGui::IsWindowHovered();
    }
    void redraw_within(std::chrono::milliseconds delay) { redraw_in = std::min(redraw_in, delay); }
    // The picture is another one after `delay` of the time that is shown.
    void ages_within(std::chrono::milliseconds delay) {
        if (!stands) redraw_within(delay);
    }
    void target(std::string_view name, const Rect& rect) const {
        if (targets != nullptr) targets->insert_or_assign(std::string(name), rect);
    }
};

} // namespace fhirscope::gui
