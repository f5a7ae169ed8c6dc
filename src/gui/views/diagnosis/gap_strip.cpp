#include "gui/views/diagnosis/gap_strip.hpp"

#include "gui/base/format.hpp"
#include "gui/ui/widgets.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

namespace fhirscope::gui {

using diagnosis::Incident;

namespace {

constexpr float strip_axis = 16, strip_lane = 20, strip_label = 116;
constexpr float strip_column = 3; // pixels of a column
constexpr float least_chart = 160;
constexpr int axis_marks = 4;

float x_of(const Rect& chart, const TimeRange& shown, LocalTime time) {
    const double share =
        std::chrono::duration<double>(time - shown.begin) / std::chrono::duration<double>(shown.end - shown.begin);
    return chart.x + chart.w * static_cast<float>(std::clamp(share, 0.0, 1.0));
}

void strip_hatch(const Painter& p, const Rect& rect) {
    const Clip clip(rect);
    for (float x = rect.x - rect.h; x < rect.right(); x += p.px(6))
        p.list().AddLine(ImVec2(x, rect.bottom()), ImVec2(x + rect.h, rect.y), p.c().line2, p.px(1));
}

void strip_cross(const Painter& p, ImVec2 center, ImU32 color) {
    const float r = p.px(3);
    p.list().AddLine(ImVec2(center.x - r, center.y - r), ImVec2(center.x + r, center.y + r), color, p.px(1.4F));
    p.list().AddLine(ImVec2(center.x - r, center.y + r), ImVec2(center.x + r, center.y - r), color, p.px(1.4F));
}

} // namespace

void GapStrip::refresh(Context& context, const Incident& incident, std::size_t columns) {
    const double now = ImGui::GetTime();
    const bool same = of_ == incident.number && lanes_.columns.size() == columns && lanes_.open == incident.open();
    const bool due = now - made_at_ >= std::chrono::duration<double>(figure_step).count();
    if (same && (made_of_ == context.snapshot_ptr || !due)) {
        if (made_of_ != context.snapshot_ptr) context.redraw_within(figure_step);
        return;
    }
    lanes_ = gap_lanes(context.snapshot, incident, context.now, columns);
    of_ = incident.number;
    made_of_ = context.snapshot_ptr;
    made_at_ = now;
}

void GapStrip::lane(const Context& context, const Rect& row, bool upper) const {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const float base = row.bottom() - context.px(1);
    p.hline(row.x, row.right(), base, c.line2);
    const float step = row.w / static_cast<float>(lanes_.columns.size());
    std::uint32_t most = 1;
    for (const GapLanes::Column& one : lanes_.columns)
        most = std::max({most, one.changed + one.missed, one.received + one.recovered});
    for (std::size_t i = 0; i < lanes_.columns.size(); ++i) {
        const GapLanes::Column& one = lanes_.columns[i];
        const float x = snap(row.x + step * static_cast<float>(i));
        const auto bar = [&](std::uint32_t count, ImU32 color, float width) {
            if (count == 0) return;
            const float room = row.h - context.px(5);
            const float share = static_cast<float>(count) / static_cast<float>(most);
            const float h = snap(std::max(context.px(4), room * share));
            p.fill(Rect{x, base - h, context.px(width), h}, color);
        };
        // What was missed stands in front: it is what the strip is looked at for.
        bar(upper ? one.changed : one.received, c.s2, 2);
        bar(upper ? one.missed : one.recovered, upper ? c.attm : c.live, upper ? 2.0F : 3.0F);
        if (!upper && one.deletions > 0) strip_cross(p, ImVec2(x + context.px(1), row.y + context.px(6)), c.att);
    }
}

void GapStrip::tell(Context& context, const Rect& chart) const {
    context.target("diagnosis/strip", chart);
    if (!context.pointed_at(chart)) return;
    const double share =
        std::clamp((static_cast<double>(ImGui::GetIO().MousePos.x) - chart.x) / chart.w, 0.0, 0.999999);
    const auto& column = lanes_.columns[static_cast<std::size_t>(share * static_cast<double>(lanes_.columns.size()))];
    const std::chrono::duration<double, std::micro> offset = (lanes_.shown.end - lanes_.shown.begin) * share;
    const LocalTime at = lanes_.shown.begin + std::chrono::duration_cast<std::chrono::microseconds>(offset);
    std::string text(clock_ms(wall(at)).view());
    const auto line = [&](std::uint64_t count, std::string_view what) {
        if (count > 0)
            text.append("\n").append(number(static_cast<std::int64_t>(count)).view()).append(" ").append(what);
    };
    line(column.changed, "changed, told of by the socket");
    line(column.missed, "changed, brought by a search or read later");
    line(column.received, "received by the socket");
    line(column.recovered, "brought by a search or read");
    line(column.deletions, "deletions received; when they were made is not known");
    text +=
        "\n\nBy the server's clock, set against this one. A version that was replaced before anybody asked for it is "
        "in "
        "neither lane.";
    line(lanes_.untimed, "received without a time of the change, in the lower lane alone");
    line(lanes_.left_out, "later updates are not looked at");
    tooltip(context, text);
}

float GapStrip::draw(Context& context, const Rect& area, const Incident& incident) {
    const float left = area.x + context.px(16 + strip_label);
    const Rect chart{left, area.y + context.px(strip_axis), area.right() - context.px(16) - left,
                     context.px(2 * strip_lane)};
    if (!GapLanes::are_of(incident.effect) || chart.w < context.px(least_chart)) return area.y;
    refresh(context, incident, static_cast<std::size_t>(chart.w / context.px(strip_column)));
    const Painter p(context.theme);
    const Palette& c = p.c();
    const Rect upper{chart.x, chart.y, chart.w, context.px(strip_lane)};
    const Rect lower{chart.x, upper.bottom(), chart.w, context.px(strip_lane)};
    for (int i = 0; i < axis_marks; ++i) {
        const LocalTime at = lanes_.shown.begin + (lanes_.shown.end - lanes_.shown.begin) * i / axis_marks;
        const float x = snap(x_of(chart, lanes_.shown, at));
        p.vline(x, chart.y, chart.bottom(), c.line);
        p.put(p.f().axis, x + context.px(3), area.y, context.px(strip_axis), c.t4, clock_s(wall(at)));
    }
    const float gap0 = snap(x_of(chart, lanes_.shown, lanes_.gap.begin));
    const float gap1 = std::max(gap0 + context.px(2), snap(x_of(chart, lanes_.shown, lanes_.gap.end)));
    p.fill(Rect{gap0, chart.y, gap1 - gap0, chart.h}, c.tatt);
    // What nobody has been asked for is not known, which is not the same as nothing.
    const auto unknown = [&](const Rect& rect, std::string_view text) {
        strip_hatch(p, rect);
        const float w = Painter::width(p.f().small, text);
        if (w + context.px(12) < rect.w) {
            p.fill(Rect{rect.x + context.px(4), rect.y + context.px(2), w + context.px(4), rect.h - context.px(4)},
                   c.bg1);
            p.put(p.f().small, rect.x + context.px(6), rect.y, rect.h, c.t3, text);
        }
    };
    if (lanes_.open) unknown(Rect{gap0, upper.y, gap1 - gap0, upper.h - context.px(1)}, "not known yet");
    if (lanes_.known)
        unknown(Rect{chart.x, chart.y, x_of(chart, lanes_.shown, *lanes_.known) - chart.x, chart.h}, "no longer kept");
    lane(context, upper, true);
    lane(context, lower, false);
    const std::string scope = lanes_.scope.empty() ? "All" : lanes_.scope;
    const auto label = [&](const Rect& row, std::string_view what) {
        p.text_cut(p.f().cell, area.x + context.px(16), left - context.px(8), row.y, row.h, c.t2,
                   scope + " " + std::string(what));
    };
    label(upper, "changed");
    label(lower, "received");
    if (lanes_.recovered > 0) {
        ShortText by = number(static_cast<std::int64_t>(lanes_.recovered));
        by.append(" by search or read");
        if (Painter::width(p.f().small, by) + context.px(12) < gap1 - gap0)
            p.text_right(p.f().small, gap1 - context.px(5), lower.y, lower.h, c.att, by);
    }
    tell(context, chart);
    return chart.bottom();
}

} // namespace fhirscope::gui
