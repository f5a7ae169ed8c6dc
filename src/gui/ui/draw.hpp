#pragma once
// Drawing on whole pixels: rectangles, lines and text placed as the guide says, over ImGui's draw list.
// Everything here is in pixels of the window; `Theme::px` turns lengths of the guide into them.

#include "gui/ui/icons.hpp"
#include "gui/ui/theme.hpp"
#include "imgui.h"

#include <string_view>

namespace fhirscope::gui {

struct Rect {
    float x = 0, y = 0, w = 0, h = 0;

    float right() const { return x + w; }
    float bottom() const { return y + h; }
    ImVec2 min() const { return {x, y}; }
    ImVec2 max() const { return {x + w, y + h}; }
    bool contains(ImVec2 p) const { return p.x >= x && p.x < x + w && p.y >= y && p.y < y + h; }
    bool empty() const { return w <= 0 || h <= 0; }

    // Cuts a part off one side and returns it; what is left stays here.
    Rect take_top(float height);
    Rect take_bottom(float height);
    Rect take_left(float width);
    Rect take_right(float width);
    Rect inset(float dx, float dy = 0) const { return {x + dx, y + dy, w - 2 * dx, h - 2 * dy}; }
};

// What is drawn while it lives stays within a rectangle.
class Clip {
public:
    explicit Clip(const Rect& area) { ImGui::PushClipRect(area.min(), area.max(), true); }
    ~Clip() { ImGui::PopClipRect(); }
    Clip(const Clip&) = delete;
    Clip& operator=(const Clip&) = delete;
};

class Painter {
public:
    Painter(ImDrawList& list, const Theme& theme) : list_(&list), theme_(&theme) {}
    // On the current ImGui window.
    explicit Painter(const Theme& theme) : Painter(*ImGui::GetWindowDrawList(), theme) {}

    ImDrawList& list() const { return *list_; }
    const Theme& theme() const { return *theme_; }
    const Palette& c() const { return theme_->c; }
    const Fonts& f() const { return theme_->f; }
    float px(float length) const { return theme_->px(length); }

    void fill(const Rect& r, ImU32 color, float rounding = 0) const;
    void outline(const Rect& r, ImU32 color, float rounding = 0) const;
    void hline(float x0, float x1, float y, ImU32 color) const;
    void vline(float x, float y0, float y1, ImU32 color) const;
    void dashed_hline(float x0, float x1, float y, ImU32 color, float dash = 4, float gap = 4) const;
    void dashed_vline(float x, float y0, float y1, ImU32 color, float dash = 2, float gap = 2) const;

    static float width(const ImFont* font, std::string_view text);

    // For text that ImGui draws itself, in a field for instance: characters that no face has are told to f().missing.
    void need(const ImFont* font, std::string_view text) const;

    // Text with its line centred in [y, y + height), not measured.
    void put(ImFont* font, float x, float y, float height, ImU32 color, std::string_view text) const;
    // The same, measured. Returns the x behind it.
    float text(ImFont* font, float x, float y, float height, ImU32 color, std::string_view text) const;
    // The same, ending at `right`. Returns the x where it begins.
    float text_right(ImFont* font, float right, float y, float height, ImU32 color, std::string_view text) const;
    // The same, centred between x and x + width.
    void text_center(ImFont* font, float x, float width, float y, float height, ImU32 color,
                     std::string_view text) const;
    // Cut with … where it would pass `max_right`. Returns the x behind what was drawn.
    float text_cut(ImFont* font, float x, float max_right, float y, float height, ImU32 color,
                   std::string_view text) const;
    // Struck through.
    float text_struck(ImFont* font, float x, float max_right, float y, float height, ImU32 color,
                      std::string_view text) const;
    // Several lines, broken at spaces. Returns the y below the last one.
    float paragraph(ImFont* font, const Rect& area, float line_height, ImU32 color, std::string_view text) const;
    // What they take of the height in this width.
    static float paragraph_height(const ImFont* font, float width, float line_height, std::string_view text);

    // A mark or icon centred vertically in [y, y + height). Returns the x behind its box.
    float mark(Mark mark, float x, float y, float height) const;
    float icon(Icon icon, float x, float y, float height, ImU32 color) const;

private:
    ImDrawList* list_;
    const Theme* theme_;
};

} // namespace fhirscope::gui
