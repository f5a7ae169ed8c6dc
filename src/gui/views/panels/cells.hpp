#pragma once
// The cells of a panel's row: freshness, marks, figures of a patient's tasks. With a local edit they show it.

#include "engine/certainty.hpp"
#include "gui/frame/context.hpp"
#include "gui/model/panels/task_summaries.hpp"
#include "gui/ui/grid.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace fhirscope::gui {

struct CellLook {
    bool title = false;   // the row's name: brighter
    bool bright = false;  // just changed, or edited here
    bool removed = false; // deleted on the server: struck through
};

// How sure we are of the row, in column 0. `unheard`: engine::unheard_of its type.
void draw_freshness(Context& context, const Grid& grid, const engine::Record& record,
                    const std::optional<engine::Unheard>& unheard);
// At the end of column 0: a mark where something is formally wrong with the resource, which is said when pointed at.
void draw_flaws(const Context& context, const Grid& grid, std::string_view flaws);
// Over a cell: what a comparison found there on the server.
void draw_server_cell(const Context& context, const Grid& grid, std::size_t at, const engine::Column& column,
                      std::string_view here, std::string_view there);
// Behind what a cell says: what it says in all that is known, where an earlier moment is shown.
void draw_later_cell(const Context& context, const Grid& grid, std::size_t at, const engine::Column& column,
                     std::string_view here, std::string_view later);
// `at`: the grid's column.
void draw_cell(Context& context, Grid& grid, std::size_t at, const TaskSummaries& tasks, const engine::Column& column,
               const engine::Record& record, std::string_view text, const CellLook& look);

} // namespace fhirscope::gui
