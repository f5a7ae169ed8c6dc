#include "gui/views/diagnosis/episode_pane.hpp"

#include "gui/base/format.hpp"
#include "gui/frame/incident_commands.hpp"
#include "gui/frame/playhead.hpp"
#include "gui/ui/widgets.hpp"
#include "gui/views/diagnosis/episode.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace fhirscope::gui {

using diagnosis::Incident;

namespace {

constexpr float stations_across = 860; // narrower, the episode is drawn downwards

} // namespace

void EpisodePane::head(Context& context, const Rect& row, const Incident& incident) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    float right = row.right() - context.px(12);
    const ButtonOptions quiet{ButtonKind::Quiet, true, nullptr, 0};
    const auto at_right = [&](std::string_view name, std::string_view label, std::string_view tip) {
        const float w = button_width(context, label, quiet);
        float x = right - w;
        const Rect box{x, row.y, w, row.h};
        right = x - context.px(6);
        const bool clicked = button(context, name, x, row.y, row.h, label, quiet);
        if (context.pointed_at(box)) tooltip(context, tip);
        return clicked;
    };
    if (at_right("diagnosis/report", "Copy report", "All of this incident as Markdown, with whole ids. (C)"))
        ImGui::SetClipboardText(incident_report(context, incident).c_str());
    if (at_right("diagnosis/range", context.layout.narrow ? "Log" : "Show in the log",
                 "The log of this time alone; panels mark what changed in it. (G)"))
        show_time_of(context, incident);
    const bool recorded = context.session.source == Source::Replay;
    if (context.playhead != nullptr && at_right("diagnosis/show-at", recorded ? "Show at this time" : "Look back",
                                                "Every view as of when the incident began. (T)"))
        show_at(context, incident.from);
    if (can_send(context) && at_right("diagnosis/again", "Run again", check_again_text(incident)))
        run_check_again(context, incident);
    float x = row.x + context.px(16);
    if (context.layout.narrow) {
        if (icon_button(context, "diagnosis/back", ImVec2(row.x + context.px(8), row.y + context.px(4)),
                        Icon::ChevronLeft, false, "Back to the list (Esc)"))
            context.ui.diagnosis.opened = false;
        x = row.x + context.px(36);
    }
    ShortText sure("Confidence ");
    sure.append(number(incident.confidence)).append("\u00A0%");
    const float sure_w = context.layout.narrow ? 0 : Painter::width(p.f().body, sure) + context.px(20);
    x = p.text_cut(p.f().bold, x, right - sure_w, row.y, row.h, c.t1, incident.headline) + context.px(10);
    if (sure_w > 0) p.put(p.f().body, x, row.y, row.h, c.t3, sure);
}

// Below the episode: what followed beside what was ruled out, then advice.
float EpisodePane::parts(Context& context, Rect area, const Incident& incident) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const float top = area.y;
    if (!incident.followed.empty() || !incident.ruled_out.empty()) {
        p.hline(area.x, area.right(), area.y, c.line);
        const float half = std::floor(area.w / 2);
        const Rect left{area.x, area.y + context.px(28), half, area.h};
        const Rect right{area.x + half, area.y + context.px(28), area.w - half, area.h};
        section_title(context, Rect{left.x, area.y, left.w, context.px(28)}, context.px(16), "What followed");
        section_title(context, Rect{right.x, area.y, right.w, context.px(28)}, context.px(16), "Ruled out");
        const float bottom =
            std::max(draw_followed(context, left, incident), draw_ruled_out(context, right, incident)) + context.px(6);
        p.vline(area.x + half, top, bottom, c.line);
        area.take_top(bottom - area.y);
    }
    p.hline(area.x, area.right(), area.y, c.line);
    return draw_incident_advice(context, area, incident);
}

// The same by tabs, where there is no room for all of it.
float EpisodePane::by_tabs(Context& context, Rect area, const Incident& incident) {
    constexpr std::array<SegmentItem, 3> items = {
        {{"followed", "What followed"}, {"ruled-out", "Ruled out"}, {"advice", "Advice"}}};
    const int clicked = tabs(context, "diagnosis/tab", area.take_top(context.px(28)), items, tab_);
    tab_ = clicked >= 0 ? clicked : tab_;
    area.take_top(context.px(6));
    return tab_ == 0   ? draw_followed(context, area, incident)
           : tab_ == 1 ? draw_ruled_out(context, area, incident)
                       : draw_incident_advice(context, area, incident);
}

void EpisodePane::draw(Context& context, Rect area, const Incident& incident) {
    const Painter p(context.theme);
    p.hline(area.x, area.right(), area.y, p.c().line);
    const Rect title = area.take_top(context.px(32));
    context.target("diagnosis/incident/" + std::to_string(incident.number), title);
    head(context, title, incident);
    if (of_ != incident.number) {
        of_ = incident.number;
        pane_.to_top();
    }
    Rect rest = pane_.begin(context, area);
    const bool wide = area.w >= context.px(stations_across);
    float y = wide ? draw_episode(context, rest, incident) : draw_episode_down(context, rest, incident);
    rest.take_top(y - rest.y + context.px(4));
    y = strip_.draw(context, rest, incident);
    rest.take_top(y - rest.y + context.px(4));
    y = draw_alternatives(context, rest, incident);
    rest.take_top(y - rest.y + context.px(4));
    const bool tabbed = context.layout.narrow;
    y = tabbed ? by_tabs(context, rest, incident) : parts(context, rest, incident);
    pane_.end(context, y + context.px(6));
    if (incident.open()) context.ages_within(std::chrono::seconds(1));
}

} // namespace fhirscope::gui
