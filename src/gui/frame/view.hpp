#pragma once
// The base of every view: one class, one file pair, in the list of make_views().

#include "gui/frame/context.hpp"
#include "gui/ui/grid.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

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
    // Whether it has something to say; else the rail leaves it out.
    virtual bool offered(const Context& /*context*/) const { return true; }

    // How many things wait for a person, shown in the rail in this color; 0 shows nothing.
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

    // Its rows, which keys walk through: as they were drawn last, unless row_count(), which is asked first, brings them
    // up to date.
    virtual std::int64_t row_count(Context& context) = 0;
    virtual std::optional<std::int64_t> selected_row(const Context& context) const = 0;
    virtual void select_row(Context& context, std::int64_t row) = 0;

    // An earlier moment is shown: what was made of a later one goes. A person's filters, sorting and places stay.
    virtual void forget_moment() {}

    // Enter, or a double click: what is selected in full, in the inspector unless the view has a better place.
    virtual void open_selected(Context& context);

    // Moves the selection by `rows` (negative: up). No effect when the view has no rows.
    void move_selection(Context& context, int rows);
    // To the first row (newest) or the last (oldest).
    enum class Edge { First, Last };
    void select_edge(Context& context, Edge edge);

protected:
    // After `grid` was drawn with these rows: a click selects one, a double click opens it in the inspector.
    void take_clicks(Context& context, const Grid& grid);
};

} // namespace fhirscope::gui
