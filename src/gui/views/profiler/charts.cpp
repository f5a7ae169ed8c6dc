#include "gui/views/profiler/charts.hpp"

#include "gui/base/format.hpp"
#include "gui/ui/widgets.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace fhirscope::gui {

namespace {

constexpr float axis_width = 40; // width of the labels at the left

struct Scale {
    Rect plot;
    double top = 1;
    float y(double value) const {
        return plot.bottom() - static_cast<float>(std::clamp(value / top, 0.0, 1.0)) * plot.h;
    }
};

Scale axis(const Painter& p, Rect area, double top, std::span<const double> lines, int decimals) {
    Scale scale{area.inset(0, p.px(8)), top};
    scale.plot.take_left(p.px(axis_width));
    scale.plot.take_right(p.px(12));
    for (const double value : lines) {
        const float y = snap(scale.y(value));
        p.hline(scale.plot.x, scale.plot.right(), y, p.c().line);
        p.text_right(p.f().axis, scale.plot.x - p.px(6), y - p.px(7), p.px(14), p.c().t4, decimal(value, decimals));
    }
    return scale;
}

} // namespace

void draw_frame_times(Context& context, Rect area, const FrameHistory& frames) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    context.target("profiler/frames", area);
    double worst = 0;
    const float step = context.px(3);
    const auto fit = static_cast<std::size_t>(std::max(1.0F, (area.w - context.px(axis_width + 12)) / step));
    const std::uint64_t begin = frames.count() - std::min(frames.size(), fit);
    for (std::uint64_t n = begin; n < frames.count(); ++n)
        worst = std::max(worst, static_cast<double>(frames[n].total()));
    // A frame that loads fonts or shaders would flatten all others: it is cut.
    const double top = std::clamp(worst * 1.1, 20.0, 40.0);
    const std::array<double, 2> lines = {0, frame_budget_ms / 2};
    const Scale scale = axis(p, area, top, lines, 1);
    const float budget = snap(scale.y(frame_budget_ms));
    p.dashed_hline(scale.plot.x, scale.plot.right(), budget, c.att);
    p.text_right(p.f().axis, scale.plot.x - context.px(6), budget - context.px(7), context.px(14), c.t4,
                 decimal(frame_budget_ms, 1));
    p.put(p.f().small, scale.plot.x + context.px(4), budget - context.px(15), context.px(14), c.att, "60 fps budget");
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    const float left = scale.plot.right() - step * static_cast<float>(frames.count() - begin);
    const bool pointed = context.pointed_at({left, area.y, scale.plot.right() - left, area.h});
    for (std::uint64_t n = begin; n < frames.count(); ++n) {
        const FrameTime& frame = frames[n];
        const float x = scale.plot.right() - step * static_cast<float>(frames.count() - n);
        const bool over = frame.total() > static_cast<float>(frame_budget_ms);
        const std::array<std::pair<float, ImU32>, 3> parts = {
            {{frame.apply, c.g[2]}, {frame.build, c.g[4]}, {frame.draw, c.g[6]}}};
        double below = 0;
        for (const auto& [value, color] : parts) {
            const float y0 = scale.y(below);
            below += static_cast<double>(value);
            const float y1 = scale.y(below);
            if (y0 - y1 > 0.25F) p.fill(Rect{x, y1, context.px(2), y0 - y1}, over ? c.attm : color);
        }
        if (pointed && Rect{x, area.y, step, area.h}.contains(mouse)) {
            std::string text = "Frame " + std::string(number(static_cast<std::int64_t>(n) + 1).view()) + ", " +
                               std::string(clock_ms(wall(frame.at)).view()) + "\napply " +
                               std::string(decimal(static_cast<double>(frame.apply), 2).view()) + ", build " +
                               std::string(decimal(static_cast<double>(frame.build), 2).view()) + ", draw " +
                               std::string(decimal(static_cast<double>(frame.draw), 2).view()) + " ms";
            tooltip(context, text);
        }
    }
}

void draw_queue_depth(Context& context, Rect area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    context.target("profiler/queue", area);
    constexpr std::int64_t seconds_shown = 600;
    const auto& seconds = context.snapshot.seconds;
    const std::int64_t now = std::chrono::floor<std::chrono::seconds>(context.now.time_since_epoch()).count();
    std::uint32_t most = 0;
    std::uint64_t begin = seconds.end();
    while (begin > seconds.first() && seconds[begin - 1].second > now - seconds_shown) {
        --begin;
        most = std::max(most, seconds[begin].queue_max);
    }
    double top = 10; // 20, 50, 100, 200, …
    for (int i = 0; top < most; ++i) top *= i % 3 == 1 ? 2.5 : 2;
    const std::array<double, 3> lines = {0, top / 2, top};
    const Scale scale = axis(p, area, top, lines, 0);
    const auto x_of = [&](std::int64_t second) {
        return scale.plot.right() - scale.plot.w * static_cast<float>(now - second) / static_cast<float>(seconds_shown);
    };
    const float width = std::max(1.0F, scale.plot.w / static_cast<float>(seconds_shown));
    ImVec2 last(0, -1);
    for (std::uint64_t n = begin; n < seconds.end(); ++n) {
        const float x = x_of(seconds[n].second);
        const float y = scale.y(static_cast<double>(seconds[n].queue_max));
        if (seconds[n].queue_max > 0) p.fill(Rect{x, y, std::ceil(width), scale.plot.bottom() - y}, c.g[2]);
        if (last.y >= 0) p.list().AddLine(last, ImVec2(x, y), c.s3, 1.2F * p.theme().scale);
        last = ImVec2(x, y);
    }
    if (most > 0) {
        ShortText text("most ");
        p.text_right(p.f().small, scale.plot.right(), scale.plot.y - context.px(7), context.px(14), c.t3,
                     text.append(number(most)));
    }
}

} // namespace fhirscope::gui
