#include "gui/views/latency/latency_view.hpp"

#include "gui/base/format.hpp"
#include "gui/frame/selection.hpp"
#include "gui/frame/timeline/timeline_zoom.hpp"
#include "gui/model/labels.hpp"
#include "gui/model/renew.hpp"
#include "gui/ui/widgets.hpp"
#include "gui/views/latency/charts.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace fhirscope::gui {

namespace {

using std::chrono::seconds;

// The stage ramp's colors of the same stages; Transport is g0 and Received g1.
constexpr std::size_t first_stage_color = 2;

constexpr std::array<GridColumn, 7> group_columns = {{{"group", "Group", 150},
                                                      {"count", "Count", 72, Align::Right},
                                                      {"p50", "p50", 62, Align::Right},
                                                      {"p90", "p90", 62, Align::Right},
                                                      {"p99", "p99", 62, Align::Right},
                                                      {"transport", "Transport", 74, Align::Right},
                                                      {"stages", "Mean time per stage", 240, Align::Left, true}}};

} // namespace

void LatencyView::header(Context& context, Rect& area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const Rect row = area.take_top(context.px(40));
    p.hline(row.x, row.right(), row.bottom() - context.px(1), c.line);
    float x = row.x + context.px(16);
    x = p.text(p.f().bold, x, row.y, row.h, c.t1, "Latency") + context.px(10);
    if (!context.layout.narrow) x = p.text(p.f().body, x, row.y, row.h, c.t3, "Group by") + context.px(10);
    constexpr std::array<SegmentItem, 5> groupings = {{{"subscription", "Subscription"},
                                                       {"type", "Type"},
                                                       {"channel", "Channel"},
                                                       {"stage", "Stage"},
                                                       {"outcome", "Outcome"}}};
    const int clicked = segment(context, "latency/grouping", x, row.y, row.h, groupings, static_cast<int>(grouping_));
    if (clicked >= 0) grouping_ = static_cast<LatencyGrouping>(clicked);
    x += segment_width(context, groupings, false) + context.px(16);
    if (!context.layout.narrow) p.put(p.f().body, x, row.y, row.h, c.t3, "Server commit to applied");
    if (!context.snapshot.connection.clock_known && context.snapshot.metrics.all.end_to_end.count() > 0)
        p.text_right(p.f().small, row.right() - context.px(12), row.y, row.h, c.att, "clock offset not known yet");
}

void LatencyView::stages(Context& context, Rect area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto px = [&](float v) { return context.px(v); };
    const Rect row = area.take_top(px(32));
    float x = section_title(context, row, px(16), "Where the time goes") + px(10);
    x = p.text(p.f().small, x, row.y, row.h, c.t3, "ms");
    if (data_.left_out() > 0) {
        ShortText note("newest ");
        note.append(number(static_cast<std::int64_t>(LatencyData::most_rows))).append(" of the range");
        x = p.text(p.f().small, x + px(10), row.y, row.h, c.t3, note);
    }
    float right = row.right() - px(12);
    for (std::size_t i = latency_stages.size(); i-- > 0;) {
        const float w = Painter::width(p.f().small, latency_stages[i]) + px(13);
        if (right - w < x + px(10)) break;
        p.fill(Rect{right - w, row.y + std::floor((row.h - px(8)) / 2), px(8), px(8)}, c.g[first_stage_color + i]);
        p.put(p.f().small, right - w + px(13), row.y, row.h, c.t3, latency_stages[i]);
        right -= w + px(9);
    }
    const auto& groups = data_.groups();
    double longest = 1e-6;
    for (const LatencyGroupRow& group : groups) longest = std::max(longest, group.pipeline_us());
    std::array<GridColumn, 7> columns = group_columns;
    constexpr std::array<std::string_view, 5> titles = {"Subscription", "Type", "Channel", "Stage", "Outcome"};
    columns[0].title = titles[static_cast<std::size_t>(grouping_)];
    groups_grid_.begin(context, "latency/groups", area, columns, static_cast<std::int64_t>(groups.size()), GridStyle{});
    const double target = std::chrono::duration<double, std::micro>(slow_update).count();
    for (std::int64_t i = groups_grid_.first(); i < groups_grid_.last(); ++i) {
        const LatencyGroupRow& group = groups[static_cast<std::size_t>(i)];
        Grid& grid = groups_grid_;
        grid.row(context, i, {});
        grid.text(context, 0, i == 0 ? p.f().bold : p.f().body, c.t1, group.name);
        grid.text(context, 1, p.f().mono, c.t3, number(static_cast<std::int64_t>(group.count)));
        if (group.measured == 0) continue; // not applicable is blank
        const std::pair<std::size_t, double> percentiles[] = {{2, 0.5}, {3, 0.9}, {4, 0.99}};
        for (const auto& [column, q] : percentiles) {
            const double value = group.percentile_us(q);
            grid.text(context, column, p.f().mono, value > target ? c.att : c.t2, ms_text(value));
        }
        if (const double transport = group.mean_us(group.transport_us); transport > 0)
            grid.text(context, 5, p.f().mono, transport > target ? c.att : c.t3, ms_text(transport));
        if (group.pipeline_us() <= 0) continue; // the way here, alone
        const Rect cell = grid.cell_inner(context, 6);
        const float room = std::max(px(20), cell.w - px(56));
        const float bar_y = cell.y + std::floor((cell.h - px(14)) / 2);
        float at = cell.x;
        for (std::size_t stage = 0; stage < latency_stages.size(); ++stage) {
            const double value = group.mean_us(stage == 0 ? group.queued_us : group.stages_us[stage - 1]);
            const auto w = static_cast<float>(value / longest) * room;
            if (value <= 0) continue;
            p.fill(Rect{at, bar_y, std::max(px(1), w - px(1)), px(14)}, c.g[first_stage_color + stage]);
            const ImU32 ink = c.on[first_stage_color + stage];
            const ShortText figure = ms_text(value);
            const float figure_w = Painter::width(p.f().mono_small, figure);
            if (w > figure_w + px(10)) {
                p.put(p.f().mono_small, at + w - px(6) - figure_w, bar_y, px(14), ink, figure);
                const std::string name = uncapitalised(latency_stages[stage]);
                if (w > figure_w + Painter::width(p.f().small, name) + px(22))
                    p.put(p.f().small, at + px(5), bar_y, px(14), ink, name);
            }
            at += std::max(px(1), w);
        }
        p.put(p.f().mono_small, at + px(6), cell.y, cell.h, c.t1, ms_text(group.pipeline_us()));
    }
    groups_grid_.end(context);
}

// Those with an empty area are not shown.
void LatencyView::charts(Context& context, const Rect& percentiles, const Rect& distribution, const Rect& heat) {
    if (!percentiles.empty()) draw_percentiles(context, percentiles, data_, scale_, drag_);
    if (!heat.empty()) draw_heat_map(context, heat, data_, scale_, drag_);
    if (!distribution.empty()) draw_distribution(context, distribution, data_, scale_, drag_);
}

void LatencyView::draw(Context& context, Rect area) {
    const Painter p(context.theme);
    header(context, area);
    LatencyData::Question question;
    question.range = context.ui.brush ? *context.ui.brush : timeline_range(context);
    question.charts = timeline_range(context);
    question.grouping = grouping_;
    question.points = static_cast<std::size_t>(std::max(40.0F, area.w / context.px(2.5F)));
    question.columns =
        static_cast<std::size_t>(std::max(20.0F, (context.layout.narrow ? area.w : area.w / 2) / context.px(5)));
    question.compare = context.ui.brush.has_value();
    data_.update(context.snapshot, question);
    if (scale_of_ != data_.revision()) {
        scale_of_ = data_.revision();
        scale_ = scale_of(data_);
    }

    if (context.layout.narrow) {
        const Rect percentiles = area.take_top(snap(area.h * 0.5F));
        p.hline(area.x, area.right(), area.y, p.c().line);
        constexpr std::array<SegmentItem, 3> tab_items = {
            {{"distribution", "Distribution"}, {"heat", "Heat map"}, {"stages", "Stages"}}};
        const int clicked = tabs(context, "latency/tab", area.take_top(context.px(28)), tab_items, narrow_tab_);
        narrow_tab_ = clicked >= 0 ? clicked : narrow_tab_;
        charts(context, percentiles, narrow_tab_ == 0 ? area : Rect{}, narrow_tab_ == 1 ? area : Rect{});
        if (narrow_tab_ == 2) stages(context, area);
        return;
    }
    const float table = context.px(32 + 22 + 6) +
                        context.px(24) * static_cast<float>(std::clamp<std::size_t>(data_.groups().size(), 3, 7));
    const float room = std::max(context.px(240), area.h - table);
    const Rect percentiles = area.take_top(snap(room * 0.54F));
    Rect middle = area.take_top(snap(room * 0.46F));
    p.hline(middle.x, middle.right(), middle.y, p.c().line);
    p.hline(middle.x, middle.right(), middle.bottom() - context.px(1), p.c().line);
    const Rect left = middle.take_left(snap(middle.w / 2));
    p.vline(middle.x, middle.y, middle.bottom(), p.c().line);
    charts(context, percentiles, left, middle);
    stages(context, area);
}

std::int64_t LatencyView::row_count(Context& /*context*/) { return static_cast<std::int64_t>(data_.slowest().size()); }

std::optional<std::int64_t> LatencyView::selected_row(const Context& context) const {
    const auto& slowest = data_.slowest();
    const Selection& selection = context.ui.selection;
    const auto at = std::find_if(slowest.begin(), slowest.end(), [&](const SlowUpdate& slow) {
        return selection.kind == Selection::Kind::Update && slow.update == selection.number;
    });
    return at == slowest.end() ? std::nullopt : std::optional<std::int64_t>(at - slowest.begin());
}

void LatencyView::select_row(Context& context, std::int64_t row) {
    select_update(context, data_.slowest()[static_cast<std::size_t>(row)].update);
    context.ui.inspector.tab = InspectorTab::Trace;
}

void LatencyView::forget_moment() {
    renew(data_);
    scale_of_ = UINT64_MAX;
}

} // namespace fhirscope::gui
