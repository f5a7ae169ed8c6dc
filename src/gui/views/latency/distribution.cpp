// How latencies are distributed, and the way from a part of them to the log.

#include "gui/ui/widgets.hpp"
#include "gui/views/latency/charts.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace fhirscope::gui {

namespace {

// What was chosen and the button that opens it in the log; returns the x before them.
float open_choice(Context& context, const Rect& row, ChartDrag& drag) {
    const float right = row.right() - context.px(8);
    if (!drag.choice) return right;
    const Painter p(context.theme);
    const ButtonOptions quiet{ButtonKind::Quiet, true, nullptr, 0};
    float at = right - button_width(context, "Open in log", quiet);
    const float before = at - context.px(6);
    if (button(context, "latency/choice/open", at, row.y, row.h, "Open in log", quiet)) {
        context.ui.view = ViewId::Log;
        context.ui.log.filter = log_filter_of(*drag.choice);
    }
    ShortText words = ms_text(drag.choice->low);
    words.append(" – ").append(ms_text(drag.choice->high)).append(" ms");
    return p.text_right(p.f().mono_small, before, row.y, row.h, p.c().t1, words) - context.px(8);
}

void distribution_title(Context& context, const Rect& row, ChartDrag& drag) {
    const Painter p(context.theme);
    const float x = section_title(context, row, context.px(16), "Distribution") + context.px(10);
    const float right = open_choice(context, row, drag);
    p.text_cut(p.f().small, x, right, row.y, row.h, p.c().t3,
               drag.choice ? "" : "updates per bucket, ms, both axes log; drag to choose");
}

} // namespace

void draw_distribution(Context& context, Rect area, const LatencyData& data, const LatencyScale& scale,
                       ChartDrag& drag) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto px = [&](float v) { return context.px(v); };
    distribution_title(context, area.take_top(px(chart_head)), drag);
    const Rect plot = small_plot(context, area);
    drag_chart(context, "latency/distribution", plot, std::nullopt, ValueAxis::Across, scale, drag);
    const Clip clip(area);
    if (drag.choice) {
        const auto x_at = [&](double micros) {
            return snap(plot.x + static_cast<float>(std::clamp(scale.share(micros / 1000), 0.0, 1.0)) * plot.w);
        };
        p.fill(Rect{x_at(drag.choice->low), plot.y, x_at(drag.choice->high) - x_at(drag.choice->low), plot.h}, c.sel);
    }
    const engine::Histogram& histogram = data.groups()[0].end_to_end;
    constexpr std::size_t bin_count = 52;
    std::array<std::uint64_t, bin_count> bins{};
    const auto& counts = histogram.counts();
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] > 0) {
            const double share = scale.share(static_cast<double>(engine::Histogram::lower_edge(i)) / 1000.0);
            bins[static_cast<std::size_t>(std::clamp(share * bin_count, 0.0, bin_count - 1.0))] += counts[i];
        }
    }
    const std::uint64_t most = *std::max_element(bins.begin(), bins.end());
    double decades = 1;
    while (std::pow(10, decades) < static_cast<double>(most)) ++decades;
    for (int d = 0; d <= static_cast<int>(decades); ++d) {
        const float y = snap(plot.bottom() - static_cast<float>(d / decades) * plot.h);
        if (d > 0) p.hline(plot.x, plot.right(), y, c.line);
        const double value = std::pow(10, d);
        ShortText label = value >= 1000 ? decimal(value / 1000, 0).append("\u00A0k") : decimal(value, 0);
        p.text_right(p.f().axis, plot.x - px(8), y - px(7), px(14), c.t4, label);
    }
    const float bin_w = plot.w / bin_count;
    for (std::size_t i = 0; i < bin_count; ++i) {
        if (bins[i] == 0) continue;
        const double share = std::log10(static_cast<double>(bins[i]) + 1) / decades;
        const float h = std::max(px(1), static_cast<float>(std::min(1.0, share)) * plot.h);
        const float left = plot.x + static_cast<float>(i) * bin_w;
        p.fill(Rect{left, plot.bottom() - h, std::max(px(1), bin_w - px(1)), h}, c.s2);
    }
    float last_label = -1e9F;
    for (const double value : scale.ticks()) {
        const float tx = snap(plot.x + static_cast<float>(scale.share(value)) * plot.w);
        p.vline(tx, plot.bottom(), plot.bottom() + px(4), c.line2);
        const ShortText label = tick_text(value);
        const float w = Painter::width(p.f().axis, label);
        if (tx - w / 2 > last_label + px(6)) {
            p.put(p.f().axis, tx - w / 2, plot.bottom() + px(6), px(14), c.t4, label);
            last_label = tx + w / 2;
        }
    }
    if (histogram.count() == 0) return;
    const std::pair<const char*, double> percentiles[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}};
    float lower = 0;
    float previous_end = -1e9F;
    for (const auto& [name, q] : percentiles) {
        const auto micros = static_cast<double>(histogram.percentile(q));
        const float tx = snap(plot.x + static_cast<float>(std::clamp(scale.share(micros / 1000), 0.0, 1.0)) * plot.w);
        const ShortText figure = ms_text(micros);
        const float w = Painter::width(p.f().small, name) + px(5) + Painter::width(p.f().mono_small, figure);
        lower = tx < previous_end + px(8) ? lower + px(14) : 0;
        p.vline(tx, plot.y - px(2) + lower, plot.bottom(), c.t1);
        const bool left_side = tx + px(5) + w > plot.right() + px(16);
        const float text_x = left_side ? tx - px(5) - w : tx + px(5);
        const float end = p.text(p.f().small, text_x, plot.y - px(4) + lower, px(14), c.t1, name);
        p.put(p.f().mono_small, end + px(5), plot.y - px(4) + lower, px(14), c.t2, figure);
        previous_end = tx + px(5) + w;
    }
}

} // namespace fhirscope::gui
