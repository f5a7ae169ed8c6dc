#pragma once
// A button that opens a short list to choose from.

#include "gui/ui/frame.hpp"
#include "gui/ui/widgets.hpp"

#include <span>
#include <string_view>

namespace fhirscope::gui {

class DropDown {
public:
    float width(const Frame& frame, std::string_view label) const;
    // The button, `label` being what is chosen now. Draw the list afterwards, above what lies below.
    void button(Frame& frame, std::string_view name, float x, float y, float height, std::string_view label);
    // Returns the index that was chosen in this frame, or −1.
    int list(Frame& frame, std::string_view name, std::span<const SegmentItem> items, int active);
    bool open() const { return open_; }

private:
    bool open_ = false, opened_now_ = false;
    Rect button_;
};

} // namespace fhirscope::gui
