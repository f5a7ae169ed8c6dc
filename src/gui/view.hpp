#pragma once

// The base of every view: one class, one file pair, registered in make_views().

#include "gui/context.hpp"

#include <memory>
#include <string_view>
#include <vector>

namespace fhirscope::gui {

class View {
public:
    View() = default;
    View(const View&) = delete;
    View& operator=(const View&) = delete;
    virtual ~View() = default;

    virtual ViewId id() const = 0;
    virtual std::string_view title() const = 0;
    virtual Icon icon() const = 0;

    // How many things wait for a person, shown in the rail in this colour; 0 shows nothing.
    struct Badge {
        std::size_t count = 0;
        ImU32 color = 0;
    };
    virtual Badge rail_badge(const Context& /*context*/) const { return {}; }

    // Draws the main area. Called once a frame while the view is shown, inside an ImGui child window that covers
    // `area`.
    virtual void draw(Context& context, Rect area) = 0;

    // Draws the inspector in place of what is selected; false: it has nothing to say.
    virtual bool draw_inspector(Context& /*context*/, Rect /*area*/) { return false; }

    // Moves the selection by `rows` (negative: up). No effect when the view has no rows.
    virtual void move_selection(Context& context, int rows) = 0;
    // To the first row (newest) or the last (oldest).
    enum class Edge { first, last };
    virtual void select_edge(Context& context, Edge edge) = 0;
};

// All views in rail order. A view that does not work yet is not in the list.
std::vector<std::unique_ptr<View>> make_views();

} // namespace fhirscope::gui
