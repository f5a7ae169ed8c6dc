#include "gui/views/diagnosis/explain_chain.hpp"

#include "fhir/ascii.hpp"
#include "gui/base/format.hpp"
#include "gui/frame/colors.hpp"
#include "gui/frame/incident_links.hpp"
#include "gui/model/labels.hpp"
#include "gui/ui/rich_text.hpp"
#include "gui/ui/widgets.hpp"

#include <algorithm>
#include <array>

namespace fhirscope::gui {

using diagnosis::Explanation;
using diagnosis::Reached;
using diagnosis::Station;
using diagnosis::StationName;

namespace {

// A disc of 24 px (design guide, section 8).
void disc(const Painter& p, ImVec2 center, Reached reached) {
    const Palette& c = p.c();
    const float u = p.theme().scale;
    const auto at = [&](float x, float y) { return ImVec2(center.x + x * u, center.y + y * u); };
    switch (reached) {
        case Reached::Happened: {
            p.list().AddCircleFilled(center, 11 * u, c.tok);
            const std::array<ImVec2, 3> tick = {at(-5, 0.5F), at(-1.5F, 4), at(5.5F, -4)};
            p.list().AddPolyline(tick.data(), 3, c.ok, ImDrawFlags_None, 2 * u);
            break;
        }
        case Reached::DidNot:
            p.list().AddCircleFilled(center, 11 * u, c.terr);
            p.list().AddLine(at(-4, -4), at(4, 4), c.err, 2 * u);
            p.list().AddLine(at(4, -4), at(-4, 4), c.err, 2 * u);
            break;
        case Reached::NotKnown:
            p.list().AddCircle(center, 10.4F * u, c.t3, 0, 1.2F * u);
            p.text_center(p.f().bold, center.x - 12 * u, 24 * u, center.y - 12 * u, 24 * u, c.t3, "?");
            break;
        case Reached::NotReached:
            p.list().AddCircle(center, 10.4F * u, c.line3, 0, 1.2F * u);
            p.list().AddLine(at(-4.5F, 0), at(4.5F, 0), c.t4, 1.6F * u);
            break;
    }
}

ImU32 word_color(const Palette& c, Reached reached) {
    switch (reached) {
        case Reached::Happened:
            return c.t1;
        case Reached::DidNot:
            return c.err;
        default:
            return c.t3;
    }
}

// A station opens what it names.
void link_over(Context& context, StationName name, const Station& station, const Rect& area) {
    std::string id("diagnosis/station/");
    for (const char ch : diagnosis::to_string(name)) id += fhir::lower_ascii(ch);
    if (station.link.kind == diagnosis::Link::Kind::None) {
        context.target(id, area);
        return;
    }
    const Hit state = hit(context, id, area);
    if (state.hovered) {
        ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
        tooltip(context, "Open the " + std::string(to_string(station.link.kind)));
    }
    if (state.clicked) open_link(context, station.link);
}

} // namespace

float draw_chain(Context& context, const Rect& area, const Explanation& explanation) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const float width = std::floor((area.w - context.px(16)) / diagnosis::station_count);
    const float y = area.y + context.px(16);
    const auto begin = [&](std::size_t i) { return area.x + context.px(16) + width * static_cast<float>(i); };
    float bottom = y;
    bool whole = true; // until the first break
    for (std::size_t i = 0; i < diagnosis::station_count; ++i) {
        const Station& station = explanation.stations[i];
        const float x = begin(i);
        disc(p, ImVec2(x + context.px(12), y), station.reached);
        if (i + 1 < diagnosis::station_count) {
            whole = whole && station.reached == Reached::Happened;
            const float x0 = x + context.px(30);
            const float x1 = begin(i + 1) - context.px(6);
            const bool good = whole && explanation.stations[i + 1].reached == Reached::Happened;
            if (whole)
                p.hline(x0, x1, y, good ? c.ok : c.line3);
            else
                p.dashed_hline(x0, x1, y, c.line3, context.px(3), context.px(4));
        }
        const float right = x + width - context.px(10);
        float at = area.y + context.px(36);
        {
            const Clip clip(Rect{x, area.y, right + context.px(6) - x, area.h}); // names do not break
            p.text_cut(p.f().bold, x, right, at, context.px(20), c.t1, to_string(static_cast<StationName>(i)));
            at += context.px(20);
            at = rich_paragraph(p, {p.f().cell, p.f().mono_small}, Rect{x, at, right - x, 0}, context.px(16),
                                word_color(c, station.reached), station.word);
            if (station.at != LocalTime{}) {
                p.text_cut(p.f().mono_small, x, right, at, context.px(17), c.t3, clock_ms(wall(station.at)));
                at += context.px(17);
            }
            if (!station.text.empty()) {
                at = rich_paragraph(p, {p.f().cell, p.f().mono_small}, Rect{x, at + context.px(3), right - x, 0},
                                    context.px(16), c.t2, station.text);
            }
            if (!station.source.empty()) {
                at = rich_paragraph(p, {p.f().small, p.f().mono_small}, Rect{x, at + context.px(2), right - x, 0},
                                    context.px(15), c.t4, station.source);
            }
        }
        bottom = std::min(std::max(bottom, at), area.bottom());
        link_over(context, static_cast<StationName>(i), station,
                  Rect{x, area.y + context.px(4), right - x, at - area.y - context.px(4)});
    }
    return bottom;
}

float draw_chain_down(Context& context, const Rect& area, const Explanation& explanation) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const float row = std::clamp(std::floor(area.h / diagnosis::station_count), context.px(27), context.px(40));
    const float x = area.x + context.px(28);
    bool whole = true;
    for (std::size_t i = 0; i < diagnosis::station_count; ++i) {
        const Station& station = explanation.stations[i];
        const Rect line{area.x, area.y + row * static_cast<float>(i), area.w, row};
        const float middle = line.y + row / 2;
        if (i + 1 < diagnosis::station_count) {
            whole = whole && station.reached == Reached::Happened;
            if (whole)
                p.vline(x, middle + context.px(12), middle + row - context.px(12), c.ok);
            else
                p.dashed_vline(x, middle + context.px(12), middle + row - context.px(12), c.line3);
        }
        disc(p, ImVec2(x, middle), station.reached);
        const float right = area.right() - context.px(12);
        float at = x + context.px(20);
        p.put(p.f().bold, at, line.y, row, c.t1, to_string(static_cast<StationName>(i)));
        at += context.px(92);
        at = p.text_cut(p.f().body, at, right, line.y, row, word_color(c, station.reached), station.word) +
             context.px(10);
        if (station.at != LocalTime{}) {
            const ShortText time = clock_ms(wall(station.at));
            const float w = Painter::width(p.f().mono_small, time);
            if (right - at > w) p.put(p.f().mono_small, right - w, line.y, row, c.t3, time);
            std::string text = station.text;
            std::erase(text, '`');
            if (right - w - at > context.px(80))
                p.text_cut(p.f().cell, at, right - w - context.px(10), line.y, row, c.t3, text);
        } else if (right - at > context.px(80)) {
            std::string text = station.text;
            std::erase(text, '`');
            p.text_cut(p.f().cell, at, right, line.y, row, c.t3, text);
        }
        link_over(context, static_cast<StationName>(i), station, line);
    }
    return area.y + row * diagnosis::station_count;
}

float draw_verdict(Context& context, const Rect& area, diagnosis::Severity severity, std::string_view verdict,
                   std::string_view because) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const float line = context.px(19);
    const Rect text{area.x + context.px(40), area.y + context.px(9) + line, area.w - context.px(56), 0};
    // The fill lies below the text, whose height is known once it is broken into lines.
    p.list().ChannelsSplit(2);
    p.list().ChannelsSetCurrent(1);
    p.mark(severity_mark(severity), area.x + context.px(18), area.y + context.px(9), line);
    p.text_cut(p.f().bold, text.x, area.right() - context.px(16), area.y + context.px(9), line, c.t1, verdict);
    const float end = rich_paragraph(p, {p.f().body, p.f().mono}, text, line, c.t2, because) + context.px(9);
    p.list().ChannelsSetCurrent(0);
    p.fill(Rect{area.x, area.y, area.w, end - area.y}, severity_tint(c, severity));
    p.fill(Rect{area.x, area.y, context.px(2), end - area.y}, severity_color(c, severity));
    p.list().ChannelsMerge();
    context.target("diagnosis/verdict", Rect{area.x, area.y, area.w, end - area.y});
    return end;
}

} // namespace fhirscope::gui
