#pragma once
// The panel of a demo (Ctrl D): what can be caused on purpose, what runs now and for how long, and the tour.

#include "gui/frame/context.hpp"
#include "gui/model/demo_control.hpp"
#include "gui/ui/grid.hpp"

#include <vector>

namespace fhirscope::gui {

class DemoPanel {
public:
    // Draws it over `area`. Only in a demo.
    void draw(Context& context, const Rect& area);

private:
    void draw_playing(Context& context, Rect& rest);
    void draw_running(Context& context, Rect& rest);
    void draw_causes(Context& context, const Rect& area);
    void draw_words(Context& context, const Rect& area);

    Grid grid_;
    Cause described_ = Cause::Outage; // under the mouse, or caused last
};

} // namespace fhirscope::gui
