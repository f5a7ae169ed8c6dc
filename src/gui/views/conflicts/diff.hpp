#pragma once
// The selected conflict: what happened, its fields in three columns with a choice each, and the decisions.

#include "gui/frame/context.hpp"
#include "gui/model/conflicts/conflict_index.hpp"
#include "gui/model/conflicts/conflict_sheet.hpp"
#include "gui/model/record_finder.hpp"
#include "gui/ui/grid.hpp"

#include <string>

namespace fhirscope::gui {

class ConflictDiff {
public:
    // `conflict` is not null.
    void draw(Context& context, Rect area, const engine::ConflictPtr& conflict, const ConflictIndex& index);

private:
    struct Columns;
    void head(Context& context, Rect& area, const ConflictIndex& index);
    void column_heads(Context& context, const Rect& row, const Columns& columns);
    void table(Context& context, const Rect& area, const Columns& columns);
    void field_row(Context& context, std::size_t index, const Columns& columns);
    void time_row(const Context& context, const Columns& columns);
    void actions(Context& context, const Rect& area);

    ConflictSheet sheet_;
    RecordFinder finder_;
    std::string explanation_, patient_;
    std::uint64_t shown_ = 0;
    bool unfolded_ = false; // the fields that are the same
    Grid grid_;
};

} // namespace fhirscope::gui
