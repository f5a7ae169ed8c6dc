#pragma once
// The bar at the top: what is connected to what, in which state, what is not well, whether it is recorded, and the way
// to every command.

#include "gui/frame/bars/recording_button.hpp"
#include "gui/frame/context.hpp"

namespace fhirscope::gui {

class TopBar {
public:
    void draw(Context& context, const Rect& area);
    // The list that it opened, after what lies below it.
    void draw_list(Context& context) { recording_.draw_list(context); }

private:
    RecordingButton recording_;
};

} // namespace fhirscope::gui
