#pragma once
// Latency: how long updates take from the server's commit to here, over time, by group and by stage.

#include "gui/frame/view.hpp"
#include "gui/model/latency/latency_data.hpp"
#include "gui/ui/grid.hpp"
#include "gui/views/latency/brush.hpp"
#include "gui/views/latency/charts.hpp"

namespace fhirscope::gui {

class LatencyView final : public View {
public:
    ViewId id() const override { return ViewId::Latency; }
    std::string_view title() const override { return "Latency"; }
    Icon icon() const override { return Icon::Latency; }
    void draw(Context& context, Rect area) override;
    bool draw_inspector(Context& context, Rect area) override;
    std::int64_t row_count(Context& context) override;
    std::optional<std::int64_t> selected_row(const Context& context) const override;
    void select_row(Context& context, std::int64_t row) override;
    void forget_moment() override;

private:
    void header(Context& context, Rect& area);
    void stages(Context& context, Rect area);

    void charts(Context& context, const Rect& percentiles, const Rect& distribution, const Rect& heat);

    LatencyData data_;
    LatencyScale scale_; // of data_
    std::uint64_t scale_of_ = 0;
    ChartDrag drag_;
    Grid groups_grid_, slow_grid_, compare_grid_;
    LatencyGrouping grouping_ = LatencyGrouping::Subscription;
    int narrow_tab_ = 0;
};

} // namespace fhirscope::gui
