#pragma once
// "Find or run" (Ctrl K): every command with its key, and every resource by name or id.

#include "gui/frame/actions/actions.hpp"
#include "gui/frame/context.hpp"
#include "gui/ui/grid.hpp"

#include <string>
#include <vector>

namespace fhirscope::gui {

class PaletteBox {
public:
    // Draws the box over `window` while context.ui.overlays.palette.
    void draw(Context& context, View& view, const Rect& window);

private:
    struct Entry {
        const Action* action = nullptr; // null: a resource
        std::string what;               // its reference, or of which of the action's names it is
        std::string title, detail;
    };
    void search(const Context& context);
    void run(Context& context, View& view, const Entry& entry);

    std::string text_, searched_;
    bool was_open_ = false;
    std::vector<Entry> entries_;
    std::int64_t chosen_ = 0;
    Grid grid_;
};

} // namespace fhirscope::gui
