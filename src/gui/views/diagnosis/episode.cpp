#include "gui/views/diagnosis/episode.hpp"

#include "diagnosis/causes/table.hpp"
#include "gui/base/format.hpp"
#include "gui/frame/incident_links.hpp"
#include "gui/model/incidents/incident_words.hpp"
#include "gui/ui/rich_text.hpp"
#include "gui/ui/widgets.hpp"

#include <algorithm>
#include <array>

namespace fhirscope::gui {

using diagnosis::Incident;
using Disc = EpisodeStation::Disc;

namespace {

// A disc of 24 px, as in the chain of a resource; a filled triangle is the effect, a ring with a lens is noticing.
void episode_disc(const Painter& p, ImVec2 center, Disc disc) {
    const Palette& c = p.c();
    const float u = p.theme().scale;
    const auto at = [&](float x, float y) { return ImVec2(center.x + x * u, center.y + y * u); };
    const auto ring = [&](ImU32 color) { p.list().AddCircle(center, 10.4F * u, color, 0, 1.2F * u); };
    const auto letter = [&](std::string_view text) {
        p.text_center(p.f().bold, center.x - 12 * u, 24 * u, center.y - 12 * u, 24 * u, c.t3, text);
    };
    switch (disc) {
        case Disc::Error:
            p.list().AddCircleFilled(center, 11 * u, c.terr);
            p.list().AddLine(at(-4, -4), at(4, 4), c.err, 2 * u);
            p.list().AddLine(at(4, -4), at(-4, 4), c.err, 2 * u);
            break;
        case Disc::Attention:
            p.list().AddCircleFilled(center, 11 * u, c.tatt);
            p.list().AddTriangleFilled(at(0, -5.5F), at(6, 5), at(-6, 5), c.attm);
            break;
        case Disc::Info:
            ring(c.t3);
            letter("i");
            break;
        case Disc::Noticed:
            ring(c.t3);
            p.list().AddCircle(at(-1, -1), 3.6F * u, c.t2, 0, 1.4F * u);
            p.list().AddLine(at(1.7F, 1.7F), at(5, 5), c.t2, 1.4F * u);
            break;
        case Disc::Good:
        case Disc::Ended: {
            if (disc == Disc::Good)
                p.list().AddCircleFilled(center, 11 * u, c.tok);
            else
                ring(c.line3);
            const std::array<ImVec2, 3> tick = {at(-5, 0.5F), at(-1.5F, 4), at(5.5F, -4)};
            p.list().AddPolyline(tick.data(), 3, disc == Disc::Good ? c.ok : c.t3, ImDrawFlags_None, 2 * u);
            break;
        }
        case Disc::NotYet:
            ring(c.line3);
            p.list().AddLine(at(-4.5F, 0), at(4.5F, 0), c.t4, 1.6F * u);
            break;
        case Disc::NotKnown:
            ring(c.t3);
            letter("?");
            break;
    }
}

ImU32 what_color(const Palette& c, Disc disc) {
    return disc == Disc::Error                              ? c.err
           : disc == Disc::Attention                        ? c.att
           : disc == Disc::NotYet || disc == Disc::NotKnown ? c.t3
                                                            : c.t1;
}

// From one disc to the next, with the time between them.
void span_across(const Painter& p, float x0, float x1, float y, const EpisodeStation& station) {
    const Palette& c = p.c();
    const auto line = [&](float from, float to) {
        if (to <= from) return;
        if (station.good)
            p.hline(from, to, y, c.ok);
        else
            p.dashed_hline(from, to, y, c.line3, p.px(3), p.px(4));
    };
    if (station.span.empty()) return line(x0, x1);
    const float w = Painter::width(p.f().mono_small, station.span);
    const float middle = (x0 + x1) / 2;
    line(x0, middle - w / 2 - p.px(8));
    p.put(p.f().mono_small, snap(middle - w / 2), y - p.px(8), p.px(16), c.t3, station.span);
    line(middle + w / 2 + p.px(8), x1);
}

// What a station says, below its name. Returns the y below it.
float station_text(const Painter& p, const Rect& area, const EpisodeStation& station) {
    const Palette& c = p.c();
    const RichFonts fonts{p.f().cell, p.f().mono_small};
    float y = area.y;
    if (!station.text.empty())
        y = rich_paragraph(p, fonts, Rect{area.x, y + p.px(3), area.w, 0}, p.px(16), c.t2, station.text);
    if (!station.source.empty())
        y = rich_paragraph(p, {p.f().small, p.f().mono_small}, Rect{area.x, y, area.w, 0}, p.px(16), c.t4,
                           station.source);
    return y;
}

std::string station_target(const EpisodeStation& station) { return "diagnosis/episode/" + uncapitalised(station.name); }

std::string cause_text(diagnosis::CauseCode cause) { return capitalised(diagnosis::cause_info(cause).headline); }

} // namespace

float draw_episode(Context& context, const Rect& area, const Incident& incident) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto stations = episode_of(incident, context.now);
    const float left = area.x + context.px(16);
    const float width = std::floor((area.w - context.px(16)) / episode_stations);
    const float y = area.y + context.px(16);
    float bottom = y;
    for (std::size_t i = 0; i < stations.size(); ++i) {
        const EpisodeStation& station = stations[i];
        const float x = left + width * static_cast<float>(i);
        episode_disc(p, ImVec2(x + context.px(12), y), station.disc);
        if (i + 1 < stations.size()) span_across(p, x + context.px(30), x + width - context.px(6), y, station);
        const Rect column{x, area.y + context.px(34), width - context.px(16), 0};
        float at = column.y;
        p.put(p.f().cell, x, at, context.px(18), c.t3, station.name);
        at = p.paragraph(p.f().bold, Rect{x, at + context.px(18), column.w, 0}, context.px(17),
                         what_color(c, station.disc), station.what);
        if (!station.when.empty()) {
            p.text_cut(p.f().mono_small, x, x + column.w, at, context.px(16), c.t3, station.when);
            at += context.px(16);
        }
        at = station_text(p, Rect{x, at, column.w, 0}, station);
        context.target(station_target(station), Rect{x, area.y, column.w, at - area.y});
        bottom = std::max(bottom, at);
    }
    return bottom;
}

float draw_episode_down(Context& context, const Rect& area, const Incident& incident) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto stations = episode_of(incident, context.now);
    const float disc_x = area.x + context.px(50);
    const Rect text{area.x + context.px(100), 0, area.w - context.px(100 + 16), 0};
    float y = area.y;
    for (std::size_t i = 0; i < stations.size(); ++i) {
        const EpisodeStation& station = stations[i];
        const float line = context.px(24);
        const float top = y;
        episode_disc(p, ImVec2(disc_x, y + line / 2), station.disc);
        p.put(p.f().cell, text.x, y, line, c.t3, station.name);
        float right = text.right();
        if (!station.when.empty())
            right = p.text_right(p.f().mono_small, right, y, line, c.t3, station.when) - context.px(10);
        const float what = text.x + context.px(64);
        p.text_cut(p.f().bold, what, right, y, line, what_color(c, station.disc), station.what);
        y = station_text(p, Rect{text.x, y + context.px(20), text.w, 0}, station) + context.px(8);
        y = std::max(y, top + context.px(44));
        context.target(station_target(station), Rect{area.x, top, area.w, y - top});
        if (i + 1 == stations.size()) continue;
        const float from = top + line / 2 + context.px(13);
        const float to = y + line / 2 - context.px(13);
        const float middle = snap((from + to) / 2);
        const auto down = [&](float begin, float end) {
            if (end <= begin) return;
            if (station.good)
                p.vline(disc_x, begin, end, c.ok);
            else
                p.dashed_vline(disc_x, begin, end, c.line3);
        };
        if (station.span.empty()) {
            down(from, to);
            continue;
        }
        down(from, middle - context.px(8));
        p.text_center(p.f().axis, disc_x - context.px(48), context.px(96), middle - context.px(8), context.px(16), c.t3,
                      station.span);
        down(middle + context.px(8), to);
    }
    return y;
}

float draw_alternatives(Context& context, const Rect& area, const Incident& incident) {
    if (incident.alternatives.empty()) return area.y;
    const Painter p(context.theme);
    std::string text = "It may as well be that ";
    for (std::size_t i = 0; i < incident.alternatives.size(); ++i) {
        if (i > 0) text += i + 1 == incident.alternatives.size() ? ", or that " : ", that ";
        text += diagnosis::cause_info(incident.alternatives[i]).headline;
    }
    text += ".";
    if (!incident.decisive.question.empty()) text.append(" What would decide: ").append(incident.decisive.question);
    p.mark(Mark::Unknown, area.x + context.px(16), area.y, context.px(16));
    const Rect words{area.x + context.px(35), area.y, area.w - context.px(35 + 16), 0};
    const float y = p.paragraph(p.f().cell, words, context.px(16), p.c().t2, text);
    context.target("diagnosis/alternatives", Rect{area.x, area.y, area.w, y - area.y});
    return y;
}

float draw_followed(Context& context, Rect area, const Incident& incident) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const float line = context.px(16);
    if (incident.followed.empty()) {
        p.put(p.f().cell, area.x + context.px(16), area.y, context.px(20), c.t3, "Nothing that followed is known.");
        return area.y + context.px(20);
    }
    ShortText widest;
    for (const diagnosis::Consequence& one : incident.followed)
        if (const ShortText count = number(static_cast<std::int64_t>(one.count)); count.size() > widest.size())
            widest = count;
    const float figure = area.x + context.px(16) + std::max(context.px(18), Painter::width(p.f().mono, widest));
    float y = area.y;
    for (std::size_t i = 0; i < incident.followed.size(); ++i) {
        const diagnosis::Consequence& one = incident.followed[i];
        const std::string name = "diagnosis/followed/" + std::to_string(i);
        const float row = context.px(20);
        p.text_right(p.f().mono, figure, y, row, c.t1, number(static_cast<std::int64_t>(one.count)));
        const float right = draw_link(context, name, area.right() - context.px(16), y, row, one.link);
        const float x = figure + context.px(8);
        const Rect words{x, y + context.px(2), right - context.px(12) - x, 0};
        const float end = rich_paragraph(p, {p.f().cell, p.f().mono_small}, words, line, c.t2, one.text);
        if (one.link.kind == diagnosis::Link::Kind::None) context.target(name, Rect{area.x, y, area.w, row});
        y = end + context.px(2);
    }
    return y;
}

float draw_ruled_out(Context& context, Rect area, const Incident& incident) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const float line = context.px(16);
    if (incident.ruled_out.empty()) {
        p.put(p.f().cell, area.x + context.px(16), area.y, context.px(20), c.t3, "No other cause was looked into.");
        return area.y + context.px(20);
    }
    const float x = area.x + context.px(16);
    const float cause_w = std::floor(std::min(context.px(186), (area.w - context.px(32)) * 0.45F));
    float y = area.y;
    for (std::size_t i = 0; i < incident.ruled_out.size(); ++i) {
        const diagnosis::RuledOut& one = incident.ruled_out[i];
        const float top = y + context.px(2);
        const float cause_end =
            p.paragraph(p.f().cell, Rect{x, top, cause_w, 0}, line, one.tested ? c.t2 : c.t3, cause_text(one.cause));
        const Rect why{x + cause_w + context.px(12), top, area.right() - context.px(16 + 12) - x - cause_w, 0};
        const std::string text = one.tested ? one.text : "not tested" + (one.text.empty() ? "" : ", " + one.text);
        const float why_end = rich_paragraph(p, {p.f().cell, p.f().mono_small}, why, line, c.t3, text);
        const float end = std::max(cause_end, why_end) + context.px(2);
        context.target("diagnosis/ruled-out/" + std::to_string(i), Rect{area.x, y, area.w, end - y});
        y = end;
    }
    return y;
}

float draw_incident_advice(Context& context, Rect area, const Incident& incident) {
    const Painter p(context.theme);
    const std::vector<std::string> resources = resources_of(incident);
    // What is over needs no repair; what would keep it from coming again may still be done.
    std::vector<diagnosis::Advice> advice = incident.advice;
    if (!incident.open())
        for (diagnosis::Advice& one : advice) one.remedy = diagnosis::Remedy::None;
    const float advice_end = draw_advice(context, area, advice,
                                         resources.empty() ? std::string_view() : std::string_view(resources.front()));
    area.take_top(advice_end - area.y);
    if (incident.command.empty()) return area.y;
    const Rect row = area.take_top(context.px(20));
    p.put(p.f().small, row.x + context.px(16), row.y, row.h, p.c().t4, "To see it for yourself");
    const Rect box{area.x + context.px(16), area.y, area.w - context.px(16 + 12), context.px(24)};
    command_box(context, "diagnosis/command", box, incident.command);
    return box.bottom() + context.px(6);
}

} // namespace fhirscope::gui
