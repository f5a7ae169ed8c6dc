#pragma once
// Panels: the screens of an application, as tables of the resources that are held, alive.

#include "engine/certainty.hpp"
#include "gui/frame/query_input.hpp"
#include "gui/frame/view.hpp"
#include "gui/model/incidents/concerned.hpp"
#include "gui/model/panels/flaw_texts.hpp"
#include "gui/model/panels/panel_index.hpp"
#include "gui/model/panels/task_summaries.hpp"
#include "gui/ui/grid.hpp"
#include "gui/views/panels/columns_box.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fhirscope::gui {

class PanelsView final : public View {
public:
    ViewId id() const override { return ViewId::Panels; }
    std::string_view title() const override { return "Panels"; }
    Icon icon() const override { return Icon::Panels; }
    void draw(Context& context, Rect area) override;
    std::int64_t row_count(Context& context) override;
    std::optional<std::int64_t> selected_row(const Context& context) const override;
    void select_row(Context& context, std::int64_t row) override;
    void forget_moment() override;

private:
    // One panel's table: what it shows and how, kept between frames.
    struct Panel {
        std::string id, name; // "tasks", "panels/tasks"
        std::size_t store = SIZE_MAX;
        std::optional<engine::Unheard> unheard; // engine::unheard_of its type
        PanelIndex index;
        FlawTexts flaws;
        Grid grid;
        std::vector<std::size_t> columns; // of the definition, as shown
        std::vector<std::size_t> places;  // of the same, in arrange()
        std::vector<GridColumn> grid_columns;
        std::string sought;        // the selected resource
        std::size_t looked_in = 0; // so many rows did not have it; SIZE_MAX: it was found
    };

    // Places of the panels that are shown: two at most, one above the other.
    struct ShownPanels {
        std::array<std::size_t, 2> places{};
        std::size_t count = 0;
        const std::size_t* begin() const { return places.data(); }
        const std::size_t* end() const { return places.data() + count; }
    };

    void prepare(Context& context);
    void header(Context& context, Rect& area);
    void strip(Context& context, Rect& area); // what may be stale, while something does not hear
    // What the visible panels are filtered by: one text for all of them.
    std::string_view filter(const Context& context) const;
    void set_filter(Context& context, const std::string& filter);
    void ask_filter(const Context& context);
    void filter_field(Context& context, const Rect& field);
    void panel(Context& context, std::size_t at, Rect area, bool title_row);
    void title(Context& context, const Panel& state, const engine::PanelDefinition& definition, const Rect& row);
    void choose_columns(const Context& context, Panel& state, const engine::PanelDefinition& definition, float width);
    void header_used(Context& context, Panel& state, const engine::PanelDefinition& definition);
    void columns_box(Context& context, const Rect& window);
    ShownPanels shown_panels(const Context& context) const;
    void row(Context& context, Panel& state, const engine::PanelDefinition& definition, std::int64_t place);
    void edit_row(Context& context, Panel& state, const engine::PanelDefinition& definition,
                  const engine::Record& record);
    void edit_menu(Context& context, Panel& state);
    bool edit_cell(Context& context, Panel& state, const engine::PanelDefinition& definition);
    void select_in(Context& context, Panel& state, std::int64_t place);
    void show_selected(const Context& context, Panel& state);
    std::size_t focused(const Context& context) const; // a panel's place; that of none when there is none
    bool split(const Context& context) const;

    std::vector<std::unique_ptr<Panel>> panels_;
    engine::SnapshotPtr prepared_; // what the panels show
    TaskSummaries tasks_;
    Concerned concerned_;   // by incidents
    std::size_t shown_ = 0; // 0: the first two, one above the other; else panel shown_ - 1
    std::size_t shown_narrow_ = 0;
    float split_share_ = 0.43F;
    ColumnsBox columns_;
    QueryInput input_;
    query::Fields fields_;                                       // of all visible panels together
    std::vector<std::pair<std::string, std::size_t>> fields_of_; // ids of the panels, with their columns
    std::string in_force_;                                       // the last filter that one of them understood
    Rect columns_button_;
};

} // namespace fhirscope::gui
