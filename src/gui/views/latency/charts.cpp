#include "gui/views/latency/charts.hpp"

#include "gui/frame/timeline/timeline_zoom.hpp"
#include "gui/model/labels.hpp"
#include "gui/ui/widgets.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace fhirscope::gui {

namespace {

using std::chrono::seconds;

// The brush in a chart whose x axis is time: what is between the edges is what the figures are of.
void brush_edges(const Context& context, const Rect& plot, TimeRange range, bool grips) {
    if (!context.ui.brush) return;
    const Painter p(context.theme);
    for (const LocalTime edge : {context.ui.brush->begin, context.ui.brush->end}) {
        const double share =
            std::chrono::duration<double>(edge - range.begin) / std::chrono::duration<double>(range.end - range.begin);
        if (share < 0 || share > 1) continue;
        const float x = snap(plot.x + static_cast<float>(share) * plot.w);
        p.vline(x, plot.y - (grips ? 0 : context.px(4)), plot.bottom(), p.c().t1);
        if (grips) {
            p.fill(Rect{x - context.px(2), plot.y + plot.h / 2 - context.px(9), context.px(5), context.px(18)},
                   p.c().t1, context.px(1));
        }
    }
}

// Times below a chart, at least `least` pixels apart; with a line through it where `lines`.
void time_axis(const Context& context, const Rect& plot, TimeRange range, float least, bool lines) {
    const Painter p(context.theme);
    const double span = std::chrono::duration<double>(range.end - range.begin).count();
    std::int64_t step = 7200;
    for (const std::int64_t candidate : {1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600}) {
        if (static_cast<double>(candidate) * plot.w / span >= least) {
            step = candidate;
            break;
        }
    }
    const std::int64_t first = range.begin.time_since_epoch() / seconds(1);
    const std::int64_t last = range.end.time_since_epoch() / seconds(1);
    for (std::int64_t t = (first / step + 1) * step; t <= last; t += step) {
        const LocalTime at{seconds(t)};
        const double share = std::chrono::duration<double>(at - range.begin).count() / span;
        const float x = snap(plot.x + static_cast<float>(share) * plot.w);
        if (lines) p.vline(x, plot.y, plot.bottom(), p.c().line);
        const ShortText label = step >= 60 ? clock_m(wall(at)) : clock_s(wall(at));
        const float w = Painter::width(p.f().axis, label);
        const float left = std::min(x - w / 2, plot.right() - w + (lines ? 0 : context.px(8)));
        p.put(p.f().axis, left, plot.bottom() + context.px(4), context.px(14), p.c().t4, label);
    }
}

// Percentiles over time. Parts are drawn in the order in which they may cover each other.
class PercentileChart {
public:
    PercentileChart(Context& context, const Rect& plot, const LatencyData& data, const LatencyScale& scale)
        : context_(context),
          p_(context.theme),
          plot_(plot),
          data_(data),
          scale_(scale),
          range_(timeline_range(context)) {}

    void draw() {
        if (context_.ui.brush) {
            const float x0 = std::clamp(x_of(context_.ui.brush->begin), plot_.x, plot_.right());
            const float x1 = std::clamp(x_of(context_.ui.brush->end), plot_.x, plot_.right());
            p_.fill(Rect{x0, plot_.y, x1 - x0, plot_.h}, p_.c().sel);
        }
        grid();
        gaps();
        const double target = std::chrono::duration<double, std::micro>(slow_update).count();
        const bool target_inside = target / 1000 > scale_.low && target / 1000 < scale_.high;
        if (target_inside) p_.dashed_hline(plot_.x, plot_.right(), snap(y_of(target)), p_.c().att);
        lines();
        brush_edges(context_, plot_, range_, true);
        if (target_inside) {
            // Over the lines, on the background, so that it can be read.
            ShortText label("Target ");
            label.append(duration_list(slow_update));
            const float y = snap(y_of(target)) - px(16);
            p_.fill(Rect{plot_.x + px(4), y, Painter::width(p_.f().small, label) + px(6), px(14)}, p_.c().bg1);
            p_.put(p_.f().small, plot_.x + px(7), y, px(14), p_.c().att, label);
        }
        labels();
    }

private:
    struct Series {
        const char* name;
        std::uint32_t PercentilePoint::*value;
        ImU32 color;
        float width;
    };
    std::array<Series, 3> series() const {
        return {{{"p50", &PercentilePoint::p50, p_.c().s2, 1.4F},
                 {"p90", &PercentilePoint::p90, p_.c().s3, 1.4F},
                 {"p99", &PercentilePoint::p99, p_.c().s4, 1.6F}}};
    }
    float px(float v) const { return context_.px(v); }
    float y_of(double micros) const {
        return plot_.bottom() - static_cast<float>(std::clamp(scale_.share(micros / 1000.0), 0.0, 1.0)) * plot_.h;
    }
    float x_of(LocalTime time) const {
        const double share = std::chrono::duration<double>(time - range_.begin) /
                             std::chrono::duration<double>(range_.end - range_.begin);
        return plot_.x + static_cast<float>(share) * plot_.w;
    }

    void grid() const {
        float last_label = plot_.bottom() + px(20);
        for (const double value : scale_.ticks()) {
            const float y = snap(y_of(value * 1000));
            p_.hline(plot_.x, plot_.right(), y, p_.c().line);
            if (last_label - y >= px(13)) {
                p_.text_right(p_.f().axis, plot_.x - px(8), y - px(7), px(14), p_.c().t4, tick_text(value));
                last_label = y;
            }
        }
        time_axis(context_, plot_, range_, px(72), true);
    }

    // Stretches without a connection. The labels come last: a band may lie under the one before it.
    void gaps() const {
        struct Band {
            float x0, x1;
            ShortText label;
        };
        std::vector<Band> bands;
        const auto& transitions = context_.snapshot.connection.transitions;
        for (std::size_t i = 0; i < transitions.size(); ++i) {
            if (transitions[i].to != engine::Phase::BackingOff) continue;
            std::size_t up = i + 1;
            while (up < transitions.size() && transitions[up].to != engine::Phase::CatchingUp &&
                   transitions[up].to != engine::Phase::Live)
                ++up;
            const LocalTime end = up < transitions.size() ? transitions[up].at : range_.end;
            if (end > range_.begin && transitions[i].at < range_.end) {
                const float x0 = std::max(plot_.x, x_of(transitions[i].at));
                const float x1 = std::min(plot_.right(), std::max(x_of(end), x0 + px(2)));
                p_.fill(Rect{x0, plot_.y, x1 - x0, plot_.h}, p_.c().tatt);
                bands.push_back({x0, x1, ShortText("Reconnect ").append(duration_list(end - transitions[i].at))});
            }
            i = up - 1;
        }
        float free_from = plot_.x; // they stand in one line, and do not overprint each other
        for (const Band& band : bands) {
            const float w = Painter::width(p_.f().small, band.label);
            const float before = band.x0 - px(6) - w;
            const float x = before > free_from ? before : band.x1 + px(6);
            if (x > free_from && x + w < plot_.right()) {
                p_.put(p_.f().small, x, plot_.y + px(2), px(14), p_.c().att, band.label);
                free_from = x + w + px(8);
            }
        }
    }

    // Broken where a bucket has no update; a short gap is bridged, because at low rates most buckets are empty.
    void lines() const {
        constexpr std::size_t bridge = 4;
        std::vector<ImVec2> line;
        for (const Series& one : series()) {
            const auto flush = [&] {
                if (line.size() > 1)
                    p_.list().AddPolyline(line.data(), static_cast<int>(line.size()), one.color, ImDrawFlags_None,
                                          one.width * context_.theme.scale);
                else if (line.size() == 1)
                    p_.list().AddCircleFilled(line[0], px(1.5F), one.color, 8);
                line.clear();
            };
            std::size_t empty = 0;
            for (const PercentilePoint& point : data_.points()) {
                if (!point.any) {
                    if (++empty > bridge) flush();
                    continue;
                }
                empty = 0;
                line.emplace_back(std::clamp(x_of(point.at), plot_.x, plot_.right()), y_of(point.*one.value));
            }
            flush();
        }
    }

    // The newest figures at the right, from the slowest down, each at least a line below the one before.
    void labels() const {
        const PercentilePoint* newest = nullptr;
        for (const PercentilePoint& point : data_.points()) newest = point.any ? &point : newest;
        if (newest == nullptr) {
            empty_state(context_, plot_, "No update with a server time in this range.");
            return;
        }
        const std::array<Series, 3> all = series();
        float above = -1e9F;
        auto below = static_cast<float>(all.size());
        for (auto one = all.rbegin(); one != all.rend(); ++one) {
            const float y = y_of(newest->*one->value);
            // The stack of names ends where the plot does.
            above = std::max(std::min(y, plot_.bottom() - px(14) * --below), above + px(14));
            const ImVec2 end(std::clamp(x_of(newest->at), plot_.x, plot_.right()), y);
            p_.list().AddCircleFilled(end, px(2.5F), one->color, 10);
            const float name =
                p_.text(p_.f().small, plot_.right() + px(8), above - px(8), px(16), p_.c().t1, one->name);
            p_.put(p_.f().mono_small, name + px(5), above - px(8), px(16), p_.c().t2, ms_text(newest->*one->value));
        }
    }

    Context& context_;
    Painter p_;
    Rect plot_;
    const LatencyData& data_;
    const LatencyScale& scale_;
    TimeRange range_;
};

} // namespace

ShortText tick_text(double millis) {
    if (millis >= 59999.5) {
        ShortText text = decimal(millis / 60000, millis < 599999.5 ? 1 : 0);
        return text.append("\u00A0m");
    }
    if (millis >= 999.5) {
        ShortText text = decimal(millis / 1000, 0);
        return text.append("\u00A0s");
    }
    return decimal(millis, millis < 0.095 ? 2 : millis < 0.95 ? 1 : 0);
}

ShortText ms_text(double micros) {
    const double value = micros / 1000.0;
    if (value >= 999.5) return number(std::llround(value));
    return decimal(value, value >= 99.5 ? 0 : value >= 9.95 ? 1 : value >= 0.995 ? 2 : 3);
}

LatencyScale scale_of(const LatencyData& data) {
    // From what there is, rounded outward to 1, 2 or 5, and never less than two decades.
    double least = 1e9;
    double most = 0;
    for (const PercentilePoint& point : data.points()) {
        if (point.any) {
            least = std::min(least, point.p50 / 1000.0);
            most = std::max(most, point.p99 / 1000.0);
        }
    }
    if (most <= 0) return {};
    most = std::max(most, data.figures().max / 1000.0);
    if (!data.groups().empty() && data.groups()[0].measured > 0)
        least = std::min(least * 0.5, static_cast<double>(data.groups()[0].end_to_end.percentile(0.01)) / 1000.0);
    const auto round_down = [](double value) {
        const double decade = std::pow(10, std::floor(std::log10(value)));
        return decade * (value / decade >= 5 ? 5 : value / decade >= 2 ? 2 : 1);
    };
    LatencyScale scale;
    scale.low = round_down(std::max(0.02, least * 0.9));
    scale.high = round_down(std::max(most, 0.05) * 1.2) * 2;
    while (scale.high / scale.low < 100) scale.high *= 2;
    scale.finish();
    return scale;
}

namespace {

// Below the title, which was taken off already.
Rect percentiles_plot(const Context& context, const Rect& area) {
    const auto px = [&](float v) { return context.px(v); };
    return {area.x + px(52), area.y + px(10), area.w - px(52 + 72), area.h - px(10 + 24)};
}

} // namespace

Rect small_plot(const Context& context, const Rect& area) {
    const auto px = [&](float v) { return context.px(v); };
    return {area.x + px(44), area.y + px(14), area.w - px(44 + 18), area.h - px(14 + 24)};
}

void draw_percentiles(Context& context, Rect area, const LatencyData& data, const LatencyScale& scale,
                      ChartDrag& drag) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto px = [&](float v) { return context.px(v); };
    const Rect whole = area;
    const Rect row = area.take_top(px(chart_head));
    const Rect plot = percentiles_plot(context, area);
    drag_chart(context, "latency/percentiles", plot, timeline_range(context), ValueAxis::None, scale, drag);
    const Clip clip(whole);
    const float x = section_title(context, row, px(16), "Percentiles") + px(10);
    ShortText caption("ms, log scale, ");
    caption.append(number(data.bucket_seconds())).append("\u00A0s buckets");
    p.put(p.f().small, x, row.y, row.h, c.t3, caption);
    const TimeRange named = context.ui.brush.value_or(timeline_range(context));
    ShortText clock = clock_s(wall(named.begin));
    clock.append(" – ").append(clock_s(wall(named.end)));
    const float at = p.text_right(p.f().mono_small, row.right() - px(12), row.y, row.h, c.t1, clock);
    p.text_right(p.f().small, at - px(4), row.y, row.h, c.t3, "Range");
    PercentileChart(context, plot, data, scale).draw();
}

void draw_heat_map(Context& context, Rect area, const LatencyData& data, const LatencyScale& scale, ChartDrag& drag) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto px = [&](float v) { return context.px(v); };
    const Rect whole = area;
    const Rect row = area.take_top(px(chart_head));
    const Rect plot = small_plot(context, area);
    const TimeRange range = timeline_range(context);
    drag_chart(context, "latency/heat", plot, range, ValueAxis::Up, scale, drag);
    const Clip clip(whole);
    const float x = section_title(context, row, px(16), "Heat map") + px(10);
    p.text_cut(p.f().small, x, row.right() - px(8), row.y, row.h, c.t3, "ms by time, stronger = more updates");
    float last_label = plot.bottom() + px(20);
    for (const double value : scale.ticks()) {
        const float y = plot.bottom() - static_cast<float>(scale.share(value)) * plot.h;
        if (last_label - y >= px(13)) {
            p.text_right(p.f().axis, plot.x - px(8), y - px(7), px(14), c.t4, tick_text(value));
            last_label = y;
        }
    }
    constexpr std::size_t level_count = engine::SecondBucket::levels;
    const std::size_t columns = data.heat_columns();
    if (columns > 0 && data.heat_max() > 0) {
        const float cw = plot.w / static_cast<float>(columns);
        const double brightest = std::sqrt(static_cast<double>(data.heat_max()));
        // Edges of the levels once; a level is the same for every column.
        std::array<float, level_count + 1> edges{};
        for (std::size_t level = 0; level <= level_count; ++level) {
            const double share =
                level < level_count
                    ? scale.share(static_cast<double>(engine::SecondBucket::level_begin(level)) / 1000.0)
                    : 1.0;
            edges[level] = plot.bottom() - static_cast<float>(std::clamp(share, 0.0, 1.0)) * plot.h;
        }
        for (std::size_t column = 0; column < columns; ++column) {
            const float x0 = plot.x + static_cast<float>(column) * cw;
            for (std::size_t level = 0; level < level_count; ++level) {
                const std::uint32_t count = data.heat()[column * level_count + level];
                if (count == 0 || edges[level] <= edges[level + 1]) continue;
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
        p.dashed_hline(plot.x, plot.right(), snap(plot.bottom() - static_cast<float>(scale.share(target)) * plot.h),
                       c.att);
    }
    if (drag.choice) {
        for (const double value : {drag.choice->low, drag.choice->high}) {
            const double share = std::clamp(scale.share(value / 1000), 0.0, 1.0);
            p.hline(plot.x, plot.right(), snap(plot.bottom() - static_cast<float>(share) * plot.h), c.t1);
        }
    }
    brush_edges(context, plot, range, false);
    time_axis(context, plot, range, px(70), false);
}

} // namespace fhirscope::gui
