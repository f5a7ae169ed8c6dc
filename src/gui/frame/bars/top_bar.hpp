#pragma once
// The bar at the top: what is connected to what, in which state, what is not well, whether it is recorded, and the way
// to every command.

#include "gui/frame/context.hpp"

namespace fhirscope::gui {

class TopBar {
public:
    void draw(Context& context, const Rect& area);
};

} // namespace fhirscope::gui
