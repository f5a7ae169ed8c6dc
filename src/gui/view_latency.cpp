#include "gui/view_latency.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "gui/format.hpp"
#include "gui/rows.hpp"
#include "gui/timeline_data.hpp"
#include "gui/widgets.hpp"

namespace fhirscope::gui {

namespace {

using std::chrono::seconds;

constexpr std::array<std::string_view, 6> kStageNames = {"Queued", "Validated", "Transformed", "Resolved", "Applied", "Notified"};
// The stage ramp's colours of the same stages; Transport is g0 and Received g1.
constexpr std::size_t kFirstStageColor = 2;

constexpr std::array<GridColumn, 7> kGroupColumns = {{{"group", "Group", 150},
                                                      {"count", "Count", 72, Align::right},
                                                      {"p50", "p50", 62, Align::right},
                                                      {"p90", "p90", 62, Align::right},
                                                      {"p99", "p99", 62, Align::right},
                                                      {"transport", "Transport", 74, Align::right},
                                                      {"stages", "Pipeline mean by stage", 240, Align::left, true}}};

constexpr std::array<GridColumn, 3> kSlowColumns = {
    {{"time", "Time", 112}, {"resource", "Resource", 140, Align::left, true}, {"ms", "ms", 80, Align::right}}};

constexpr std::array<GridColumn, 4> kCompareColumns = {{{"what", "", 104},
                                                        {"before", "Before", 74, Align::right},
                                                        {"range", "Range", 74, Align::right},
                                                        {"change", "Change", 84, Align::right, true}}};

// Milliseconds in as many digits as they deserve, in a column whose header has the unit.
ShortText ms(double micros) {
    const double value = micros / 1000.0;
    if (value >= 999.5) {
        return number(std::llround(value));
    }
    return decimal(value, value >= 99.5 ? 0 : value >= 9.95 ? 1 : value >= 0.995 ? 2 : 3);
}

// A tick of a logarithmic axis: "0.5", "20", "1 s".
ShortText tick(double millis) {
    if (millis >= 999.5) {
        ShortText text = decimal(millis / 1000, 0);
        return text.append("\u00A0s");
    }
    return decimal(millis, millis < 0.095 ? 2 : millis < 0.95 ? 1 : 0);
}

// The brush in a chart whose x axis is time: what is between the edges is what the figures are of.
void brush_edges(const Context& context, const Rect& plot, TimeRange range, bool grips) {
    if (!context.ui.brush) {
        return;
    }
    const Painter p(context.theme);
    for (const LocalTime edge : {context.ui.brush->begin, context.ui.brush->end}) {
        const double share = std::chrono::duration<double>(edge - range.begin) / std::chrono::duration<double>(range.end - range.begin);
        if (share < 0 || share > 1) {
            continue;
        }
        const float x = snap(plot.x + static_cast<float>(share) * plot.w);
        p.vline(x, plot.y - (grips ? 0 : context.px(4)), plot.bottom(), p.c().t1);
        if (grips) {
            p.fill(Rect{x - context.px(2), plot.y + plot.h / 2 - context.px(9), context.px(5), context.px(18)}, p.c().t1, context.px(1));
        }
    }
}

}  // namespace

// A logarithmic axis over milliseconds.
struct LatencyView::Scale {
    double low = 5, high = 2000;
    double log_low = std::log(low), factor = 1 / std::log(high / low);

    void finish() {
        log_low = std::log(low);
        factor = 1 / std::log(high / low);
    }
    double share(double millis) const { return (std::log(std::max(millis, 1e-6)) - log_low) * factor; }
    // 1, 2 and 5 of each decade that lie inside.
    std::vector<double> ticks() const {
        std::vector<double> all;
        for (double decade = 0.01; decade < 1e7; decade *= 10) {
            for (const double part : {1.0, 2.0, 5.0}) {
                const double value = decade * part;
                if (value > low * 0.999 && value < high * 1.001) {
                    all.push_back(value);
                }
            }
        }
        return all;
    }
};

LatencyView::Scale LatencyView::scale() const {
    // From what there is, rounded outward to 1, 2 or 5, and never less than two decades.
    double least = 1e9;
    double most = 0;
    for (const PercentilePoint& point : data_.points()) {
        if (point.any) {
            least = std::min(least, point.p50 / 1000.0);
            most = std::max(most, point.p99 / 1000.0);
        }
    }
    if (most <= 0) {
        return {};
    }
    most = std::max(most, data_.figures().max / 1000.0);
    if (!data_.groups().empty() && data_.groups()[0].measured > 0) {
        least = std::min(least * 0.5, static_cast<double>(data_.groups()[0].end_to_end.percentile(0.01)) / 1000.0);
    }
    const auto round_down = [](double value) {
        const double decade = std::pow(10, std::floor(std::log10(value)));
        return decade * (value / decade >= 5 ? 5 : value / decade >= 2 ? 2 : 1);
    };
    Scale scale;
    scale.low = round_down(std::max(0.02, least * 0.9));
    scale.high = round_down(std::max(most, 0.05) * 1.2) * 2;
    while (scale.high / scale.low < 100) {
        scale.high *= 2;
    }
    scale.finish();
    return scale;
}

void LatencyView::header(Context& context, Rect& area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const Rect row = area.take_top(context.px(40));
    p.hline(row.x, row.right(), row.bottom() - context.px(1), c.line);
    float x = row.x + context.px(16);
    x = p.text(p.f().bold, x, row.y, row.h, c.t1, "Latency") + context.px(10);
    if (!context.layout.narrow) {
        x = p.text(p.f().body, x, row.y, row.h, c.t3, "Group by") + context.px(10);
    }
    constexpr std::array<SegmentItem, 4> kGroupings = {
        {{"subscription", "Subscription"}, {"type", "Type"}, {"channel", "Channel"}, {"outcome", "Outcome"}}};
    const int clicked = segment(context, "latency/grouping", x, row.y, row.h, kGroupings, static_cast<int>(grouping_));
    if (clicked >= 0) {
        grouping_ = static_cast<LatencyGrouping>(clicked);
    }
    x += segment_width(context, kGroupings, false) + context.px(16);
    if (!context.layout.narrow) {
        p.put(p.f().body, x, row.y, row.h, c.t3, "Server commit to applied");
    }
    if (!context.snapshot.connection.clock_known && context.snapshot.metrics.all.end_to_end.count() > 0) {
        p.text_right(p.f().small, row.right() - context.px(12), row.y, row.h, c.att, "clock offset not known yet");
    }
}

void LatencyView::percentiles(Context& context, Rect area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto px = [&](float v) { return context.px(v); };
    Rect row = area.take_top(px(28));
    float x = section_title(context, row, px(16), "Percentiles") + px(10);
    ShortText caption("ms, log scale, ");
    caption.append(number(data_.bucket_seconds())).append("\u00A0s buckets");
    x = p.text(p.f().small, x, row.y, row.h, c.t3, caption);
    const TimeRange range = timeline_range(context.snapshot, context.ui.span, context.now);
    const TimeRange named = context.ui.brush.value_or(range);
    ShortText clock = clock_s(wall(named.begin));
    clock.append(" – ").append(clock_s(wall(named.end)));
    const float at = p.text_right(p.f().mono_small, row.right() - px(12), row.y, row.h, c.t1, clock);
    p.text_right(p.f().small, at - px(4), row.y, row.h, c.t3, "Range");

    const Rect plot{area.x + px(52), area.y + px(10), area.w - px(52 + 72), area.h - px(10 + 24)};
    const Scale scale = this->scale();
    const auto y_of = [&](double micros) {
        return plot.bottom() - static_cast<float>(std::clamp(scale.share(micros / 1000.0), 0.0, 1.0)) * plot.h;
    };
    const auto x_of = [&](LocalTime time) {
        return plot.x + static_cast<float>(std::chrono::duration<double>(time - range.begin) /
                                           std::chrono::duration<double>(range.end - range.begin)) * plot.w;
    };
    if (context.ui.brush) {
        const float x0 = std::clamp(x_of(context.ui.brush->begin), plot.x, plot.right());
        const float x1 = std::clamp(x_of(context.ui.brush->end), plot.x, plot.right());
        p.fill(Rect{x0, plot.y, x1 - x0, plot.h}, c.sel);
    }
    float last_label = plot.bottom() + px(20);
    for (const double value : scale.ticks()) {
        const float y = snap(y_of(value * 1000));
        p.hline(plot.x, plot.right(), y, c.line);
        if (last_label - y >= px(13)) {
            p.text_right(p.f().axis, plot.x - px(8), y - px(7), px(14), c.t4, tick(value));
            last_label = y;
        }
    }
    const double span = std::chrono::duration<double>(range.end - range.begin).count();
    std::int64_t step = 7200;
    for (const std::int64_t candidate : {1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600}) {
        if (static_cast<double>(candidate) * plot.w / span >= px(72)) {
            step = candidate;
            break;
        }
    }
    const std::int64_t first = range.begin.time_since_epoch() / seconds(1);
    const std::int64_t last = range.end.time_since_epoch() / seconds(1);
    for (std::int64_t t = (first / step + 1) * step; t <= last; t += step) {
        const float tx = snap(x_of(LocalTime(seconds(t))));
        p.vline(tx, plot.y, plot.bottom(), c.line);
        const ShortText label = step >= 60 ? clock_m(wall(LocalTime(seconds(t)))) : clock_s(wall(LocalTime(seconds(t))));
        const float w = Painter::width(p.f().axis, label);
        p.put(p.f().axis, std::min(tx - w / 2, plot.right() - w), plot.bottom() + px(4), px(14), c.t4, label);
    }
    // Stretches without a connection
    const auto& transitions = context.snapshot.connection.transitions;
    for (std::size_t i = 0; i < transitions.size(); ++i) {
        if (transitions[i].to != engine::Phase::BackingOff) {
            continue;
        }
        std::size_t up = i + 1;
        while (up < transitions.size() && transitions[up].to != engine::Phase::CatchingUp && transitions[up].to != engine::Phase::Live) {
            ++up;
        }
        const LocalTime end = up < transitions.size() ? transitions[up].at : range.end;
        if (end > range.begin && transitions[i].at < range.end) {
            const float x0 = std::max(plot.x, x_of(transitions[i].at));
            const float x1 = std::min(plot.right(), std::max(x_of(end), x0 + px(2)));
            p.fill(Rect{x0, plot.y, x1 - x0, plot.h}, c.tatt);
            ShortText label("Reconnect ");
            label.append(duration_list(end - transitions[i].at));
            const float w = Painter::width(p.f().small, label);
            p.put(p.f().small, x0 - px(6) - w > plot.x ? x0 - px(6) - w : x1 + px(6), plot.y + px(2), px(14), c.att, label);
        }
        i = up - 1;
    }
    const double target = std::chrono::duration<double, std::micro>(slow_update).count();
    if (target / 1000 > scale.low && target / 1000 < scale.high) {
        const float y = snap(y_of(target));
        p.dashed_hline(plot.x, plot.right(), y, c.att);
    }
    // Lines, broken where a bucket has no update
    struct Series {
        const char* name;
        std::uint32_t PercentilePoint::*value;
        ImU32 color;
        float width;
    };
    const Series series[] = {{"p50", &PercentilePoint::p50, c.s2, 1.4F}, {"p90", &PercentilePoint::p90, c.s3, 1.4F},
                             {"p99", &PercentilePoint::p99, c.s4, 1.6F}};
    float label_y[3] = {};
    const PercentilePoint* newest = nullptr;
    for (const PercentilePoint& point : data_.points()) {
        newest = point.any ? &point : newest;
    }
    std::vector<ImVec2> line;
    for (const Series& one : series) {
        line.clear();
        const auto flush = [&] {
            if (line.size() > 1) {
                p.list().AddPolyline(line.data(), static_cast<int>(line.size()), one.color, ImDrawFlags_None, one.width * context.theme.scale);
            } else if (line.size() == 1) {
                p.list().AddCircleFilled(line[0], px(1.5F), one.color, 8);
            }
            line.clear();
        };
        // At low rates most buckets are empty: a line over a short gap is easier to read than dots.
        constexpr std::size_t kBridge = 4;
        std::size_t empty = 0;
        for (const PercentilePoint& point : data_.points()) {
            if (!point.any) {
                if (++empty > kBridge) {
                    flush();
                }
                continue;
            }
            empty = 0;
            line.emplace_back(std::clamp(x_of(point.at), plot.x, plot.right()), y_of(point.*one.value));
        }
        flush();
    }
    brush_edges(context, plot, range, true);
    if (target / 1000 > scale.low && target / 1000 < scale.high) {
        // Over the lines, on the background, so that it can be read.
        ShortText label("Target ");
        label.append(duration_list(slow_update));
        const float y = snap(y_of(target)) - px(16);
        p.fill(Rect{plot.x + px(4), y, Painter::width(p.f().small, label) + px(6), px(14)}, c.bg1);
        p.put(p.f().small, plot.x + px(7), y, px(14), c.att, label);
    }
    if (newest != nullptr) {
        // From the slowest down, each at least a line below the one before.
        float above = -1e9F;
        for (int i = 2; i >= 0; --i) {
            const float y = y_of(newest->*series[i].value);
            label_y[i] = std::max(y, above + px(14));
            above = label_y[i];
            p.list().AddCircleFilled(ImVec2(std::min(plot.right(), x_of(newest->at)), y), px(2.5F), series[i].color, 10);
            const float name = p.text(p.f().small, plot.right() + px(8), label_y[i] - px(8), px(16), c.t1, series[i].name);
            p.put(p.f().mono_small, name + px(5), label_y[i] - px(8), px(16), c.t2, ms(newest->*series[i].value));
        }
    } else {
        empty_state(context, plot, "No update with a server time in this range.");
    }
}

void LatencyView::distribution(Context& context, Rect area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto px = [&](float v) { return context.px(v); };
    const Rect row = area.take_top(px(28));
    const float x = section_title(context, row, px(16), "Distribution") + px(10);
    p.text_cut(p.f().small, x, row.right() - px(8), row.y, row.h, c.t3, "updates per bucket, ms, both axes log");
    const Rect plot{area.x + px(44), area.y + px(14), area.w - px(44 + 18), area.h - px(14 + 24)};
    const Scale scale = this->scale();
    const engine::Histogram& histogram = data_.groups()[0].end_to_end;
    constexpr std::size_t kBins = 52;
    std::array<std::uint64_t, kBins> bins{};
    const auto& counts = histogram.counts();
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] > 0) {
            const double share = scale.share(static_cast<double>(engine::Histogram::lower_edge(i)) / 1000.0);
            bins[static_cast<std::size_t>(std::clamp(share * kBins, 0.0, kBins - 1.0))] += counts[i];
        }
    }
    const std::uint64_t most = *std::max_element(bins.begin(), bins.end());
    double decades = 1;
    while (std::pow(10, decades) < static_cast<double>(most)) {
        ++decades;
    }
    for (int d = 0; d <= static_cast<int>(decades); ++d) {
        const float y = snap(plot.bottom() - static_cast<float>(d / decades) * plot.h);
        if (d > 0) {
            p.hline(plot.x, plot.right(), y, c.line);
        }
        const double value = std::pow(10, d);
        ShortText label = value >= 1000 ? decimal(value / 1000, 0).append("\u00A0k") : decimal(value, 0);
        p.text_right(p.f().axis, plot.x - px(8), y - px(7), px(14), c.t4, label);
    }
    const float bin_w = plot.w / kBins;
    for (std::size_t i = 0; i < kBins; ++i) {
        if (bins[i] == 0) {
            continue;
        }
        const double share = std::log10(static_cast<double>(bins[i]) + 1) / decades;
        const float h = std::max(px(1), static_cast<float>(std::min(1.0, share)) * plot.h);
        const float left = plot.x + static_cast<float>(i) * bin_w;
        p.fill(Rect{left, plot.bottom() - h, std::max(px(1), bin_w - px(1)), h}, c.s2);
    }
    float last_label = -1e9F;
    for (const double value : scale.ticks()) {
        const float tx = snap(plot.x + static_cast<float>(scale.share(value)) * plot.w);
        p.vline(tx, plot.bottom(), plot.bottom() + px(4), c.line2);
        const ShortText label = tick(value);
        const float w = Painter::width(p.f().axis, label);
        if (tx - w / 2 > last_label + px(6)) {
            p.put(p.f().axis, tx - w / 2, plot.bottom() + px(6), px(14), c.t4, label);
            last_label = tx + w / 2;
        }
    }
    if (histogram.count() == 0) {
        return;
    }
    const std::pair<const char*, double> percentiles[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}};
    float lower = 0;
    float previous_end = -1e9F;
    for (const auto& [name, q] : percentiles) {
        const auto micros = static_cast<double>(histogram.percentile(q));
        const float tx = snap(plot.x + static_cast<float>(std::clamp(scale.share(micros / 1000), 0.0, 1.0)) * plot.w);
        const ShortText figure = ms(micros);
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

void LatencyView::heat_map(Context& context, Rect area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto px = [&](float v) { return context.px(v); };
    const Rect row = area.take_top(px(28));
    const float x = section_title(context, row, px(16), "Heat map") + px(10);
    p.text_cut(p.f().small, x, row.right() - px(8), row.y, row.h, c.t3, "ms by time, brighter = more updates");
    const Rect plot{area.x + px(44), area.y + px(14), area.w - px(44 + 18), area.h - px(14 + 24)};
    const Scale scale = this->scale();
    const TimeRange range = timeline_range(context.snapshot, context.ui.span, context.now);
    float last_label = plot.bottom() + px(20);
    for (const double value : scale.ticks()) {
        const float y = plot.bottom() - static_cast<float>(scale.share(value)) * plot.h;
        if (last_label - y >= px(13)) {
            p.text_right(p.f().axis, plot.x - px(8), y - px(7), px(14), c.t4, tick(value));
            last_label = y;
        }
    }
    constexpr std::size_t kLevels = engine::SecondBucket::levels;
    const std::size_t columns = data_.heat_columns();
    if (columns > 0 && data_.heat_max() > 0) {
        const float cw = plot.w / static_cast<float>(columns);
        const double brightest = std::sqrt(static_cast<double>(data_.heat_max()));
        // Edges of the levels once; a level is the same for every column.
        std::array<float, kLevels + 1> edges{};
        for (std::size_t level = 0; level <= kLevels; ++level) {
            const double share = level < kLevels ? scale.share(static_cast<double>(engine::SecondBucket::level_begin(level)) / 1000.0) : 1.0;
            edges[level] = plot.bottom() - static_cast<float>(std::clamp(share, 0.0, 1.0)) * plot.h;
        }
        for (std::size_t column = 0; column < columns; ++column) {
            const float x0 = plot.x + static_cast<float>(column) * cw;
            for (std::size_t level = 0; level < kLevels; ++level) {
                const std::uint32_t count = data_.heat()[column * kLevels + level];
                if (count == 0 || edges[level] <= edges[level + 1]) {
                    continue;
                }
                const double shade = std::clamp(std::sqrt(static_cast<double>(count)) / brightest * 7 + 0.5, 1.0, 7.0);
                p.list().AddRectFilled(ImVec2(x0, edges[level + 1]), ImVec2(x0 + cw - 0.5F, edges[level] - 0.5F),
                                       c.g[static_cast<std::size_t>(shade)]);
            }
        }
    } else {
        empty_state(context, plot, "No update with a server time in this range.");
    }
    const double target = std::chrono::duration<double, std::milli>(slow_update).count();
    if (target > scale.low && target < scale.high) {
        p.dashed_hline(plot.x, plot.right(), snap(plot.bottom() - static_cast<float>(scale.share(target)) * plot.h), c.att);
    }
    brush_edges(context, plot, range, false);
    const double span = std::chrono::duration<double>(range.end - range.begin).count();
    std::int64_t step = 7200;
    for (const std::int64_t candidate : {1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600}) {
        if (static_cast<double>(candidate) * plot.w / span >= px(70)) {
            step = candidate;
            break;
        }
    }
    const std::int64_t last = range.end.time_since_epoch() / seconds(1);
    for (std::int64_t t = (range.begin.time_since_epoch() / seconds(1) / step + 1) * step; t <= last; t += step) {
        const ShortText label = step >= 60 ? clock_m(wall(LocalTime(seconds(t)))) : clock_s(wall(LocalTime(seconds(t))));
        const float w = Painter::width(p.f().axis, label);
        const double share = std::chrono::duration<double>(LocalTime(seconds(t)) - range.begin).count() / span;
        const float tx = plot.x + static_cast<float>(share) * plot.w;
        p.put(p.f().axis, std::min(tx - w / 2, plot.right() - w + px(8)), plot.bottom() + px(4), px(14), c.t4, label);
    }
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
    for (std::size_t i = kStageNames.size(); i-- > 0;) {
        const float w = Painter::width(p.f().small, kStageNames[i]) + px(13);
        if (right - w < x + px(10)) {
            break;
        }
        p.fill(Rect{right - w, row.y + std::floor((row.h - px(8)) / 2), px(8), px(8)}, c.g[kFirstStageColor + i]);
        p.put(p.f().small, right - w + px(13), row.y, row.h, c.t3, kStageNames[i]);
        right -= w + px(9);
    }
    const auto& groups = data_.groups();
    double longest = 1e-6;
    for (const LatencyGroupRow& group : groups) {
        longest = std::max(longest, group.pipeline_us());
    }
    std::array<GridColumn, 7> columns = kGroupColumns;
    constexpr std::array<std::string_view, 4> kTitles = {"Subscription", "Type", "Channel", "Outcome"};
    columns[0].title = kTitles[static_cast<std::size_t>(grouping_)];
    groups_grid_.begin(context, "latency/groups", area, columns, static_cast<std::int64_t>(groups.size()), GridStyle{});
    const double target = std::chrono::duration<double, std::micro>(slow_update).count();
    for (std::int64_t i = groups_grid_.first(); i < groups_grid_.last(); ++i) {
        const LatencyGroupRow& group = groups[static_cast<std::size_t>(i)];
        Grid& grid = groups_grid_;
        grid.row(context, i, {});
        grid.text(context, 0, i == 0 ? p.f().bold : p.f().body, c.t1, group.name);
        grid.text(context, 1, p.f().mono, c.t3, number(static_cast<std::int64_t>(group.count)));
        if (group.measured == 0) {
            continue;  // not applicable is blank
        }
        const std::pair<std::size_t, double> percentiles[] = {{2, 0.5}, {3, 0.9}, {4, 0.99}};
        for (const auto& [column, q] : percentiles) {
            const auto value = static_cast<double>(group.end_to_end.percentile(q));
            grid.text(context, column, p.f().mono, value > target ? c.att : c.t2, ms(value));
        }
        const double transport = group.mean_us(group.transport_us);
        grid.text(context, 5, p.f().mono, transport > target ? c.att : c.t3, ms(transport));
        const Rect cell = grid.cell_inner(context, 6);
        const float room = std::max(px(20), cell.w - px(56));
        const float bar_y = cell.y + std::floor((cell.h - px(14)) / 2);
        float at = cell.x;
        for (std::size_t stage = 0; stage < kStageNames.size(); ++stage) {
            const double value = group.mean_us(stage == 0 ? group.queued_us : group.stages_us[stage - 1]);
            const auto w = static_cast<float>(value / longest) * room;
            if (value <= 0) {
                continue;
            }
            p.fill(Rect{at, bar_y, std::max(px(1), w - px(1)), px(14)}, c.g[kFirstStageColor + stage]);
            const ImU32 ink = c.on[kFirstStageColor + stage];
            const ShortText figure = ms(value);
            const float figure_w = Painter::width(p.f().mono_small, figure);
            if (w > figure_w + px(10)) {
                p.put(p.f().mono_small, at + w - px(6) - figure_w, bar_y, px(14), ink, figure);
                std::string name(kStageNames[stage]);
                name[0] = static_cast<char>(name[0] - 'A' + 'a');
                if (w > figure_w + Painter::width(p.f().small, name) + px(22)) {
                    p.put(p.f().small, at + px(5), bar_y, px(14), ink, name);
                }
            }
            at += std::max(px(1), w);
        }
        p.put(p.f().mono_small, at + px(6), cell.y, cell.h, c.t1, ms(group.pipeline_us()));
    }
    groups_grid_.end(context);
}

void LatencyView::draw(Context& context, Rect area) {
    const Painter p(context.theme);
    header(context, area);
    LatencyData::Question question;
    question.range = context.ui.brush ? *context.ui.brush : timeline_range(context.snapshot, context.ui.span, context.now);
    question.charts = timeline_range(context.snapshot, context.ui.span, context.now);
    question.grouping = grouping_;
    question.points = static_cast<std::size_t>(std::max(40.0F, area.w / context.px(2.5F)));
    question.columns = static_cast<std::size_t>(std::max(20.0F, (context.layout.narrow ? area.w : area.w / 2) / context.px(5)));
    question.compare = context.ui.brush.has_value();
    data_.update(context.snapshot, question);

    if (context.layout.narrow) {
        percentiles(context, area.take_top(snap(area.h * 0.5F)));
        p.hline(area.x, area.right(), area.y, p.c().line);
        constexpr std::array<SegmentItem, 3> kTabs = {{{"distribution", "Distribution"}, {"heat", "Heat map"}, {"stages", "Stages"}}};
        const int clicked = tabs(context, "latency/tab", area.take_top(context.px(28)), kTabs, narrow_tab_);
        narrow_tab_ = clicked >= 0 ? clicked : narrow_tab_;
        if (narrow_tab_ == 0) {
            distribution(context, area);
        } else if (narrow_tab_ == 1) {
            heat_map(context, area);
        } else {
            stages(context, area);
        }
        return;
    }
    const float table = context.px(32 + 22 + 6) + context.px(24) * static_cast<float>(std::clamp<std::size_t>(data_.groups().size(), 3, 7));
    const float charts = std::max(context.px(240), area.h - table);
    percentiles(context, area.take_top(snap(charts * 0.54F)));
    Rect middle = area.take_top(snap(charts * 0.46F));
    p.hline(middle.x, middle.right(), middle.y, p.c().line);
    p.hline(middle.x, middle.right(), middle.bottom() - context.px(1), p.c().line);
    const Rect left = middle.take_left(snap(middle.w / 2));
    p.vline(middle.x, middle.y, middle.bottom(), p.c().line);
    distribution(context, left);
    heat_map(context, middle);
    stages(context, area);
}

bool LatencyView::draw_inspector(Context& context, Rect area) {
    if (context.ui.selection.kind == Selection::Kind::update) {
        return false;  // one of the slowest was opened
    }
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto px = [&](float v) { return context.px(v); };
    const TimeRange range = context.ui.brush ? *context.ui.brush : timeline_range(context.snapshot, context.ui.span, context.now);
    const RangeFigures& now = data_.figures();
    area.take_top(px(10));
    Rect row = area.take_top(px(20));
    const float x = tag(context, row.x + px(14), row.y, row.h, "Range") + px(8);
    ShortText clock = clock_s(wall(range.begin));
    p.put(p.f().mono, x, row.y, row.h, c.t3, clock.append(" – ").append(clock_s(wall(range.end))));
    area.take_top(px(2));
    row = area.take_top(px(20));
    ShortText title = age(range.end - range.begin, AgeUnits::two);
    p.put(p.f().bold, row.x + px(14), row.y, row.h, c.t1,
           title.append(", ").append(number(static_cast<std::int64_t>(now.updates))).append(" updates"));
    area.take_top(px(6));
    row = area.take_top(px(28));
    const auto& before = data_.before();
    section_title(context, row, px(14), before ? "Against the hour before" : "Figures");

    struct Line {
        std::string_view name;
        double before, now;
        bool share, plain;
    };
    const auto share = [](std::uint64_t part, std::uint64_t of) { return of > 0 ? static_cast<double>(part) / static_cast<double>(of) : 0; };
    const RangeFigures old = before.value_or(RangeFigures{});
    const std::array<Line, 6> lines = {{{"p50", double(old.p50), double(now.p50), false, false},
                                        {"p90", double(old.p90), double(now.p90), false, false},
                                        {"p99", double(old.p99), double(now.p99), false, false},
                                        {"Max", double(old.max), double(now.max), false, false},
                                        {"Over target", share(old.over_target, old.measured), share(now.over_target, now.measured), true, false},
                                        {"Queue, max", double(old.queue_max), double(now.queue_max), false, true}}};
    GridStyle style;
    style.row_height = 22;
    style.left = 8;
    const Rect table = area.take_top(px(22 + 22 * 6));
    std::array<GridColumn, 4> columns = kCompareColumns;
    columns[2].title = "Range, ms";
    compare_grid_.begin(context, "latency/compare", table, columns, static_cast<std::int64_t>(lines.size()), style);
    const double target = std::chrono::duration<double, std::micro>(slow_update).count();
    for (std::int64_t i = compare_grid_.first(); i < compare_grid_.last(); ++i) {
        const Line& line = lines[static_cast<std::size_t>(i)];
        compare_grid_.row(context, i, {});
        const auto figure = [&](double value) {
            return line.share ? percent(value) : line.plain ? number(std::llround(value)) : ms(value);
        };
        compare_grid_.text(context, 0, p.f().cell, c.t3, line.name);
        if (now.measured == 0 && !line.plain) {
            continue;
        }
        const bool over = line.share ? line.now > 0.01 : !line.plain && line.now > target;
        compare_grid_.text(context, 2, p.f().mono, over ? c.att : c.t1, figure(line.now));
        if (!before || (old.measured == 0 && !line.plain)) {
            continue;
        }
        compare_grid_.text(context, 1, p.f().mono, c.t4, figure(line.before));
        if (line.before > 0) {
            const double ratio = line.now / line.before;
            ShortText change;
            if (ratio >= 2) {
                change.append("× ").append(decimal(ratio, ratio < 9.95 ? 1 : 0));
            } else {
                change.append(ratio >= 1 ? "+" : "").append(decimal((ratio - 1) * 100, 0)).append("\u00A0%");
            }
            compare_grid_.text(context, 3, p.f().mono, ratio >= 1.5 ? c.att : c.t3, change);
        }
    }
    compare_grid_.end(context);

    area.take_top(px(10));
    p.hline(area.x, area.right(), area.y, c.line);
    row = area.take_top(px(28));
    ShortText over = number(static_cast<std::int64_t>(now.over_target));
    section_title(context, row, px(14), "Slowest in range", over.append(" over target"));
    const ButtonOptions quiet{ButtonKind::quiet, true, nullptr, 0};
    float link = row.right() - px(8) - button_width(context, "Open in log", quiet);
    if (now.over_target > 0 && button(context, "latency/open-in-log", link, row.y, row.h, "Open in log", quiet)) {
        context.ui.view = ViewId::log;
        context.ui.log_filter = "latency > " + std::to_string(slow_update.count()) + "ms";
    }
    style.row_height = 20;
    const auto& slowest = data_.slowest();
    slow_grid_.begin(context, "latency/slowest", area, kSlowColumns, static_cast<std::int64_t>(slowest.size()), style);
    for (std::int64_t i = slow_grid_.first(); i < slow_grid_.last(); ++i) {
        const SlowUpdate& slow = slowest[static_cast<std::size_t>(i)];
        if (!context.snapshot.updates.contains(slow.update)) {
            continue;
        }
        const engine::UpdateRow& update = context.snapshot.updates[slow.update];
        slow_grid_.row(context, i, {});
        slow_grid_.text(context, 0, p.f().mono, c.t3, clock_ms(wall(update.received)));
        ShortText resource(type_of(context.snapshot, update));
        resource.append("/").append(short_id(id_of(reference_of(context.snapshot, update))));
        slow_grid_.text(context, 1, p.f().mono, c.t2, resource);
        slow_grid_.text(context, 2, p.f().mono, slow.micros > target ? c.att : c.t2, ms(slow.micros));
        if (update.outcome == engine::Outcome::Rejected || update.outcome == engine::Outcome::OutOfOrder) {
            const Rect cell = slow_grid_.cell_inner(context, 2);
            p.mark(outcome_mark(update.outcome), cell.x, cell.y, cell.h);
        }
    }
    slow_grid_.end(context);
    if (slow_grid_.clicked() >= 0) {
        context.ui.selection = Selection{Selection::Kind::update, {}, slowest[static_cast<std::size_t>(slow_grid_.clicked())].update};
        context.ui.tab = InspectorTab::trace;
    }
    return true;
}

void LatencyView::move_selection(Context& context, int rows) {
    const auto& slowest = data_.slowest();
    if (slowest.empty()) {
        return;
    }
    std::int64_t place = rows > 0 ? -1 : 0;
    for (std::size_t i = 0; i < slowest.size(); ++i) {
        if (context.ui.selection.kind == Selection::Kind::update && slowest[i].update == context.ui.selection.number) {
            place = static_cast<std::int64_t>(i);
        }
    }
    const auto to = std::clamp<std::int64_t>(place + rows, 0, static_cast<std::int64_t>(slowest.size()) - 1);
    context.ui.selection = Selection{Selection::Kind::update, {}, slowest[static_cast<std::size_t>(to)].update};
    context.ui.tab = InspectorTab::trace;
}

void LatencyView::select_edge(Context& context, Edge edge) {
    move_selection(context, edge == Edge::first ? -1000 : 1000);
}

}  // namespace fhirscope::gui
