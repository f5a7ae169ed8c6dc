#include "gui/ui/drop_down.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace fhirscope::gui {

float DropDown::width(const Frame& frame, std::string_view label, std::optional<Mark> mark) const {
    return std::ceil(Painter::width(frame.theme.f.body, label)) + frame.px(9 + 4 + 16 + 5) +
           (mark ? frame.px(mark_box + 5) : 0);
}

bool DropDown::button(Frame& frame, std::string_view name, float x, float y, float height, std::string_view label,
                      std::optional<Mark> mark) {
    const Painter p(frame.theme);
    const Palette& c = p.c();
    const float h = frame.px(24);
    button_ = Rect{snap(x), std::floor(y + (height - h) / 2), width(frame, label, mark), h};
    const Hit state = hit(frame, name, button_);
    p.fill(button_, state.hovered || open_ ? c.sel : c.bg2, frame.px(4));
    float begin = button_.x + frame.px(9);
    if (mark) begin = p.mark(*mark, begin, button_.y, h) + frame.px(5);
    const float end = p.text(p.f().body, begin, button_.y, h, c.t1, label);
    p.icon(Icon::ChevronDown, end + frame.px(4), button_.y, h, c.t2);
    opened_now_ = state.clicked && !open_;
    if (state.clicked) open_ = !open_;
    return state.hovered;
}

int DropDown::list(Frame& frame, std::string_view name, std::span<const SegmentItem> items, int active) {
    if (!open_) return -1;
    float w = button_.w;
    for (const SegmentItem& item : items)
        w = std::max(w, std::ceil(Painter::width(frame.theme.f.body, item.label)) + frame.px(12 + 9 + 9 + 6));
    const float row_h = frame.px(24);
    const Rect box{button_.right() - w, button_.bottom() + frame.px(2), w,
                   row_h * static_cast<float>(items.size()) + frame.px(8)};
    begin_region("drop-down", box);
    const Painter p(frame.theme);
    const Palette& c = p.c();
    p.fill(box, c.bg1, frame.px(4));
    p.outline(box, c.line2, frame.px(4));
    int chosen = -1;
    float y = box.y + frame.px(4);
    for (std::size_t i = 0; i < items.size(); ++i, y += row_h) {
        const Rect row{box.x + frame.px(1), y, box.w - frame.px(2), row_h};
        const Hit state = hit(frame, std::string(name) + "/" + std::string(items[i].name), row);
        const bool on = static_cast<int>(i) == active;
        if (state.hovered) p.fill(row, c.hover);
        if (on) p.mark(Mark::Applied, row.x + frame.px(6), row.y, row.h);
        p.put(p.f().body, row.x + frame.px(24), row.y, row.h, on ? c.t1 : c.t2, items[i].label);
        if (state.clicked) chosen = static_cast<int>(i);
    }
    end_region();
    const ImGuiIO& io = ImGui::GetIO();
    const bool elsewhere = io.MouseClicked[0] && !box.contains(io.MousePos) && !button_.contains(io.MousePos);
    if (chosen >= 0 || (!opened_now_ && (elsewhere || ImGui::IsKeyPressed(ImGuiKey_Escape)))) open_ = false;
    return chosen;
}

} // namespace fhirscope::gui
