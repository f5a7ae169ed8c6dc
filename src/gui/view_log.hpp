#pragma once

// Log: every update that reached the engine, newest first, with a query.

#include "gui/grid.hpp"
#include "gui/log_index.hpp"
#include "gui/view.hpp"

#include <string>

namespace fhirscope::gui {

class LogView final : public View {
public:
    ViewId id() const override { return ViewId::log; }
    std::string_view title() const override { return "Log"; }
    Icon icon() const override { return Icon::log; }
    void draw(Context& context, Rect area) override;
    void move_selection(Context& context, int rows) override;
    void select_edge(Context& context, Edge edge) override;

private:
    void ask(Context& context);
    void header(Context& context, Rect& area);
    void chips(Context& context, Rect& area);
    void table(Context& context, Rect area);
    void row(Context& context, std::int64_t place);
    void outcome_cell(Context& context, std::size_t at, const engine::UpdateRow& row, const engine::Conflict* conflict);
    void map(Context& context, const Rect& area);
    void footer(Context& context, const Rect& area);
    void select(Context& context, std::int64_t place);

    LogIndex index_;
    query::ConflictRows conflicts_;
    Grid grid_;
    std::string asked_;   // the text that index_ answers
    std::string problem_; // why the text is not a query
    std::size_t problem_at_ = 0;
    std::string canonical_;
    std::uint64_t top_number_ = 0; // while scrolled away: the newest row when the list was left
    std::size_t unseen_ = 0;       // rows that arrived since
    bool away_ = false;
    bool narrow_ = false;
};

} // namespace fhirscope::gui
