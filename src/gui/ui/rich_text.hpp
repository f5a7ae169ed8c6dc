#pragma once
// Sentences with names in the monospaced face: what stands between `backticks`.

#include "gui/ui/draw.hpp"

#include <string_view>

namespace fhirscope::gui {

struct RichFonts {
    ImFont* words = nullptr;
    ImFont* names = nullptr;
};

// Several lines, broken at spaces. Returns the y below the last one.
float rich_paragraph(const Painter& p, const RichFonts& fonts, const Rect& area, float line_height, ImU32 color,
                     std::string_view text);
// One line, cut with … where it would pass `max_right`. Returns the x behind it.
float rich_line(const Painter& p, const RichFonts& fonts, float x, float max_right, float y, float height, ImU32 color,
                std::string_view text);
// One line that ends at `right`; nothing is drawn where it would begin left of `least`.
void rich_right(const Painter& p, const RichFonts& fonts, float least, float right, float y, float height, ImU32 color,
                ImU32 name_color, std::string_view text);

} // namespace fhirscope::gui
