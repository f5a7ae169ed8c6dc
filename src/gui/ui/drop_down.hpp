#pragma once
// A button that opens a short list to choose from.

#include "gui/ui/frame.hpp"
#include "gui/ui/widgets.hpp"

#include <optional>
#include <span>
#include <string_view>

namespace fhirscope::gui {

class DropDown {
public:
    // With a mark before the label, where there is one.
    float width(const Frame& frame, std::string_view label, std::optional<Mark> mark = {}) const;
    // The button, `label` being what is chosen now. Draw the list afterwards, above what lies below. Returns whether
    // the mouse is over it.
    bool button(Frame& frame, std::string_view name, float x, float y, float height, std::string_view label,
                std::optional<Mark> mark = {});
    // Returns the index that was chosen in this frame, or −1.
    int list(Frame& frame, std::string_view name, std::span<const SegmentItem> items, int active);
    bool open() const { return open_; }
    void close() { open_ = false; }

private:
    bool open_ = false, opened_now_ = false;
    Rect button_;
};

} // namespace fhirscope::gui
