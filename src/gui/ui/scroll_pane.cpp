#include "gui/ui/scroll_pane.hpp"

#include <algorithm>

namespace fhirscope::gui {

namespace {

constexpr float wheel_step = 57;        // pixels at scale 1, three lines of text
constexpr float without_bound = 100000; // of a rectangle: higher than anything that is drawn

} // namespace

Rect ScrollPane::begin(Frame& frame, const Rect& area) {
    area_ = area;
    if (Frame::pointed_at(area)) offset_ -= ImGui::GetIO().MouseWheel * frame.px(wheel_step);
    offset_ = snap(std::clamp(offset_, 0.0F, std::max(0.0F, height_ - area.h)));
    ImGui::PushClipRect(area.min(), area.max(), true);
    return {area.x, area.y - offset_, area.w, without_bound};
}

void ScrollPane::end(const Frame& frame, float bottom) {
    ImGui::PopClipRect();
    height_ = bottom - (area_.y - offset_);
    if (height_ <= area_.h || area_.h <= 0) return;
    const Painter p(frame.theme);
    const float h = std::max(frame.px(24), area_.h * area_.h / height_);
    const float y = area_.y + (area_.h - h) * offset_ / (height_ - area_.h);
    p.fill(Rect{area_.right() - frame.px(6), y, frame.px(4), h}, p.c().line2, frame.px(2));
}

} // namespace fhirscope::gui
