#pragma once
// Log: every update that reached the engine, newest first, with a filter, rules that color rows, and an export.

#include "gui/frame/query_input.hpp"
#include "gui/frame/view.hpp"
#include "gui/model/log/log_index.hpp"
#include "gui/model/log/range_counts.hpp"
#include "gui/ui/grid.hpp"
#include "gui/views/log/colors.hpp"
#include "gui/views/log/columns.hpp"
#include "gui/views/log/sheets.hpp"

#include <string>
#include <vector>

namespace fhirscope::gui {

class LogView final : public View {
public:
    ViewId id() const override { return ViewId::Log; }
    std::string_view title() const override { return "Log"; }
    Icon icon() const override { return Icon::Log; }
    void draw(Context& context, Rect area) override;
    std::int64_t row_count(Context& context) override;
    std::optional<std::int64_t> selected_row(const Context& context) const override;
    void select_row(Context& context, std::int64_t row) override;
    void forget_moment() override;

private:
    void header(Context& context, Rect& area);
    void filter(Context& context, const Rect& field);
    void chips(Context& context, Rect& area);
    void choose_columns(const Context& context, float width); // pixels for cells
    void follow(Context& context);
    void table(Context& context, Rect area);
    void row(Context& context, std::int64_t place, query::UpdateFacts& facts);
    void outcome_cell(Context& context, std::size_t at, const engine::UpdateRow& row, const engine::Conflict* conflict,
                      ImU32 color);
    void latency_cell(Context& context, std::size_t at, std::uint64_t number, ImU32 color);
    void map(Context& context, const Rect& area);
    void footer(Context& context, const Rect& area);
    std::vector<std::uint64_t> shown_numbers() const;

    LogIndex index_;
    query::ConflictRows conflicts_;
    RangeCounts range_; // of the brush
    LogColors colors_;
    QueryInput input_;
    LogSheets sheets_;
    Grid grid_;
    std::vector<LogColumn> columns_; // as shown
    std::vector<GridColumn> grid_columns_;
    std::string canonical_;
    Rect below_header_;
    std::uint64_t top_number_ = 0; // while scrolled away: the newest row when the list was left
    std::size_t unseen_ = 0;       // rows that arrived since
    bool away_ = false;
};

} // namespace fhirscope::gui
