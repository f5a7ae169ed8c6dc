#include "gui/frame/view.hpp"

#include "gui/frame/selection.hpp"

#include <algorithm>

namespace fhirscope::gui {

void View::open_selected(Context& context) { open_inspector(context); }

void View::move_selection(Context& context, int rows) {
    const std::int64_t count = row_count(context);
    if (count > 0) {
        // From nothing a step down leads to the first row.
        const std::int64_t from = selected_row(context).value_or(rows > 0 ? -1 : 0);
        select_row(context, std::clamp<std::int64_t>(from + rows, 0, count - 1));
    }
}

void View::select_edge(Context& context, Edge edge) {
    const std::int64_t count = row_count(context);
    if (count > 0) select_row(context, edge == Edge::First ? 0 : count - 1);
}

void View::take_clicks(Context& context, const Grid& grid) {
    if (grid.clicked() >= 0) select_row(context, grid.clicked());
    if (grid.double_clicked() >= 0) open_selected(context);
}

} // namespace fhirscope::gui
