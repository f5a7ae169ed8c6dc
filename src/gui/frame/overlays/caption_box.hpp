#pragma once
// What a demo says to its audience: a calm line over the lower part of the main area. A caption may bring a view with
// it, and a resource to look at; after that the window is the user's own again.

#include "gui/frame/context.hpp"
#include "gui/model/demo_control.hpp"

namespace fhirscope::gui {

class CaptionBox {
public:
    // Shows what the newest caption brings, and selects what was caused last. Before the views are drawn, once a frame.
    void follow(Context& context);
    // Draws the caption over `main`.
    void draw(Context& context, const Rect& main);

private:
    static void follow_cause(Context& context);
    void look_for(Context& context, const std::string& reference);

    Selection chosen_;         // by the caption: while it stands, a newer row of the resource may take its place
    std::uint64_t looked_ = 0; // updates before were looked at
};

} // namespace fhirscope::gui
