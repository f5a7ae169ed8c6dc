#pragma once
// A part of the window that may be higher than its place: the wheel moves it, and a thin bar says where it is.

#include "gui/ui/frame.hpp"

namespace fhirscope::gui {

class ScrollPane {
public:
    // Begins it in `area`. What is drawn goes into the returned rectangle, whose height is without a bound, and is
    // clipped to the area until end().
    Rect begin(Frame& frame, const Rect& area);
    // `bottom`: the y below what was drawn.
    void end(const Frame& frame, float bottom);
    void to_top() { offset_ = 0; }

private:
    Rect area_;
    float offset_ = 0; // pixels of the content above what is shown
    float height_ = 0; // of the content, as of the last frame
};

} // namespace fhirscope::gui
