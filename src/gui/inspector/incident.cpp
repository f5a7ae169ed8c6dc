#include "gui/inspector/incident.hpp"

#include "diagnosis/causes/table.hpp"
#include "diagnosis/incident_text.hpp"
#include "gui/base/format.hpp"
#include "gui/frame/incident_commands.hpp"
#include "gui/frame/incident_links.hpp"
#include "gui/frame/selection.hpp"
#include "gui/model/conflicts/conflict_text.hpp"
#include "gui/model/incidents/incident_words.hpp"
#include "gui/model/labels.hpp"
#include "gui/ui/widgets.hpp"

#include <algorithm>
#include <array>

namespace fhirscope::gui {

using diagnosis::Check;
using diagnosis::Incident;
using diagnosis::IncidentPtr;
using diagnosis::Verdict;

namespace {

constexpr float station_row = 19;
// The title, the field, the resource, its stations and the last line.
constexpr float resource_height = 32 + 28 + 24 + station_row * diagnosis::station_count + 26;

// How often the same was seen before: the same cause in the same scope.
std::string seen_before(const diagnosis::Incidents& incidents, const Incident& incident) {
    const auto is_same = [&](const IncidentPtr& other) {
        return other->number < incident.number && other->cause == incident.cause && other->id == incident.id &&
               other->scope == incident.scope;
    };
    const auto count = std::count_if(incidents.over().begin(), incidents.over().end(), is_same);
    return count == 0 ? "first time in this session" : std::to_string(count) + " before in this session";
}

void station_line(const Context& context, const Rect& row, diagnosis::StationName name,
                  const diagnosis::Station& station) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    p.mark(reached_mark(station.reached), row.x + context.px(14), row.y, row.h);
    p.put(p.f().cell, row.x + context.px(34), row.y, row.h, c.t2, to_string(name));
    float right = row.right() - context.px(14);
    if (station.at != LocalTime{})
        right = p.text_right(p.f().mono_small, right, row.y, row.h, c.t3, clock_ms(wall(station.at))) - context.px(8);
    const ImU32 color = station.reached == diagnosis::Reached::Happened ? c.t1
                        : station.reached == diagnosis::Reached::DidNot ? c.err
                                                                        : c.t3;
    p.text_cut(p.f().cell, row.x + context.px(126), right, row.y, row.h, color, station.word);
}

} // namespace

void IncidentInspector::head(Context& context, Rect& area, const Incident& incident) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto px = [&](float v) { return context.px(v); };
    const diagnosis::Incidents& incidents = context.findings.incidents();
    area.take_top(px(10));
    Rect row = area.take_top(px(20));
    float x = tag(context, row.x + px(14), row.y, row.h, "Incident") + px(8);
    x = p.text(p.f().mono, x, row.y, row.h, c.t3, incident.id) + px(8);
    const float right = row.right() - px(14 + 24);
    const std::uint64_t all = incidents.over_count() + incidents.going_on().size();
    ShortText place = number(static_cast<std::int64_t>(incident.number));
    if (incident.number <= all) place.append(" of ").append(number(static_cast<std::int64_t>(all)));
    p.text_cut(p.f().mono_small, x, right - px(6 + 28), row.y, row.h, c.t3, place);
    moment_button(context, "incident/show-at", ImVec2(right - px(28), row.y - px(2)), incident.from);
    if (icon_button(context, "incident/copy", ImVec2(right, row.y - px(2)), Icon::Copy, false, "Copy the report (C)"))
        ImGui::SetClipboardText(incident_report(context, incident).c_str());
    area.take_top(px(2));
    const Rect title{area.x + px(14), area.y, area.w - px(28), 0};
    const std::string text = capitalised(incident.title.empty() ? std::string_view(incident.headline) : incident.title);
    area.take_top(p.paragraph(p.f().bold, title, px(18), c.t1, text) - area.y);
    row = area.take_top(px(22));
    x = p.mark(state_mark(incident), row.x + px(14), row.y, row.h) + px(7);
    x = p.text(p.f().body, x, row.y, row.h, c.t2, capitalised(diagnosis::state_text(incident.state))) + px(7);
    std::string lasted = incident.open() ? "for " + std::string(age(context.now - incident.from, AgeUnits::Two).view())
                                         : "lasted " + std::string(duration_detail(incident.to - incident.from).view());
    lasted += incident.times > 1 ? ", " + std::to_string(incident.times) + " times in a row"
                                 : ", " + seen_before(incidents, incident);
    p.text_cut(p.f().body, x, row.right() - px(14), row.y, row.h, c.t3, lasted);
    area.take_top(px(2));
}

float IncidentInspector::decided(Context& context, Rect area, const Incident& incident) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto px = [&](float v) { return context.px(v); };
    const auto words = [&] { return Rect{area.x + px(14), area.y, area.w - px(28), 0}; };
    const auto verdict = [&](std::string_view title, const Check& check, bool refutes) {
        const Rect row = area.take_top(px(30));
        p.put(p.f().bold, row.x + px(14), row.y, row.h, c.t1, title);
        const bool good = refutes ? check.verdict == Verdict::Failed : check.verdict == Verdict::Passed;
        std::string text(refutes && good ? "did not hold" : to_string(check.verdict));
        if (!refutes && good && incident.decided != LocalTime{})
            text.append(" ").append(clock_s(wall(incident.decided)).view());
        const float x = p.text_right(p.f().body, row.right() - px(14), row.y, row.h, c.t2, text);
        p.mark(good ? Mark::Ok : Mark::Quiet, x - px(18), row.y, row.h);
    };
    const auto question = [&](const Check& check) {
        if (!check.question.empty())
            area.take_top(p.paragraph(p.f().cell, words(), px(17), c.t2, check.question) - area.y);
        if (!check.answer.empty())
            area.take_top(p.paragraph(p.f().cell, words(), px(17), c.t3, capitalised(check.answer)) - area.y);
        area.take_top(px(6));
    };
    verdict("How it was decided", incident.decisive, false);
    if (!incident.command.empty()) {
        command_box(context, "incident/command", Rect{area.x + px(14), area.y, area.w - px(28), px(24)},
                    incident.command);
        area.take_top(px(24 + 6));
    }
    question(incident.decisive);
    if (can_send(context)) {
        const float w = button_width(context, "Run again");
        const Rect box{area.x + px(14), area.y, w, px(28)};
        float x = box.x;
        if (button(context, "incident/again", x, box.y, box.h, "Run again")) run_check_again(context, incident);
        if (context.pointed_at(box)) tooltip(context, check_again_text(incident));
        area.take_top(px(28 + 6));
    }
    if (!incident.negative.question.empty()) {
        verdict("Ruled out if", incident.negative, true);
        question(incident.negative);
    }
    const auto tested = static_cast<std::int64_t>(std::count_if(incident.ruled_out.begin(), incident.ruled_out.end(),
                                                                [](const auto& one) { return one.tested; }));
    if (incident.negative.verdict == Verdict::Failed || tested > 0) {
        p.mark(Mark::Idle, area.x + px(14), area.y, px(16));
        p.put(p.f().cell, area.x + px(35), area.y, px(16), c.t2, "No contrary evidence");
        area.take_top(px(16));
        ShortText others = number(tested);
        if (tested > 0) {
            p.put(p.f().small, area.x + px(35), area.y, px(16), c.t4,
                  others.append(tested == 1 ? " other cause ruled out" : " other causes ruled out"));
            area.take_top(px(16));
        }
    }
    for (const diagnosis::CauseCode other : incident.alternatives) {
        area.take_top(px(4));
        p.mark(Mark::Unknown, area.x + px(14), area.y, px(16));
        const std::string text = "Or: " + std::string(diagnosis::cause_info(other).headline);
        const Rect beside{area.x + px(35), area.y, area.w - px(35 + 14), 0};
        area.take_top(p.paragraph(p.f().cell, beside, px(16), c.t2, text) - area.y);
    }
    return area.y;
}

float IncidentInspector::evidence(Context& context, Rect area, const Incident& incident) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto px = [&](float v) { return context.px(v); };
    for (std::size_t i = 0; i < incident.evidence.size(); ++i) {
        const diagnosis::Evidence& one = incident.evidence[i];
        const ShortText time = clock_s(wall(one.at));
        const float time_w = Painter::width(p.f().mono_small, time);
        const Rect text{area.x + px(35), area.y + px(4), area.w - px(35 + 14 + 8) - time_w, 0};
        p.list().ChannelsSplit(2);
        p.list().ChannelsSetCurrent(1);
        p.mark(Mark::Ok, area.x + px(14), text.y, px(16));
        p.put(p.f().mono_small, area.right() - px(14) - time_w, text.y, px(16), c.t3, time);
        float y = p.paragraph(p.f().cell, text, px(16), c.t2, one.text);
        p.text_cut(p.f().small, text.x, area.right() - px(14), y, px(16), c.t4, place_of(context, one.link));
        y += px(20);
        p.list().ChannelsSetCurrent(0);
        const Rect box{area.x, area.y, area.w, y - area.y};
        if (one.link.kind != diagnosis::Link::Kind::None) {
            const Hit state = hit(context, "incident/evidence/" + std::to_string(i), box);
            if (state.hovered) {
                p.fill(box, c.hover);
                ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
            }
            if (state.clicked && one.link.kind == diagnosis::Link::Kind::Resource)
                explain_resource(context, one.link.reference); // here, beside its evidence
            else if (state.clicked)
                open_link(context, one.link);
        }
        p.list().ChannelsMerge();
        area.take_top(box.h);
    }
    const std::uint64_t shown = incident.evidence.size();
    if (incident.evidence_count > shown) {
        ShortText more = number(static_cast<std::int64_t>(incident.evidence_count - shown));
        p.text_cut(p.f().small, area.x + px(35), area.right(), area.y, px(20), c.t4, more.append(" older, not kept"));
        area.take_top(px(20));
    }
    if (shown == 0) {
        p.put(p.f().cell, area.x + px(14), area.y, px(20), c.t3, "No evidence is kept.");
        area.take_top(px(20));
    }
    return area.y;
}

float IncidentInspector::observations(Context& context, Rect area, const Incident& incident) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto px = [&](float v) { return context.px(v); };
    const auto note = [&](std::string_view text) {
        const Rect words{area.x + px(14), area.y + px(4), area.w - px(28), 0};
        area.take_top(p.paragraph(p.f().small, words, px(16), c.t4, text) - area.y);
    };
    for (std::size_t i = 0; i < incident.observations.size(); ++i) {
        const diagnosis::Observed& one = incident.observations[i];
        const ShortText time = clock_ms(wall(one.first));
        const float time_w = Painter::width(p.f().mono_small, time);
        p.put(p.f().mono_small, area.x + px(14), area.y + px(4), px(16), c.t3, time);
        const Rect words{area.x + px(14 + 10) + time_w, area.y + px(4), area.w - px(28 + 10) - time_w, 0};
        float y = p.paragraph(p.f().cell, words, px(16), c.t2, diagnosis::text(one));
        if (one.count > 1) {
            ShortText often = number(static_cast<std::int64_t>(one.count));
            often.append(" times, until ").append(clock_ms(wall(one.last)));
            p.text_cut(p.f().small, words.x, words.right(), y, px(16), c.t4, often);
            y += px(16);
        }
        context.target("incident/observation/" + std::to_string(i), Rect{area.x, area.y, area.w, y - area.y});
        area.take_top(y + px(2) - area.y);
    }
    if (incident.observations.empty()) note("It rests on signs and not on observations: they are its evidence.");
    if (incident.observations_left_out > 0)
        note(std::string(number(static_cast<std::int64_t>(incident.observations_left_out)).view()) +
             " more were observed, of kinds for which there was no room.");
    return area.y;
}

std::string IncidentInspector::named(const Context& context, const std::string& reference) {
    // Looking somebody up goes through a store, so it is done once for an incident.
    const auto [at, is_new] = people_.try_emplace(reference);
    if (is_new) at->second = person_of(context.snapshot, reference);
    std::string text = short_reference(reference);
    if (!at->second.empty()) text.append(" (").append(at->second).append(")");
    return text;
}

std::string IncidentInspector::place_of(const Context& context, const diagnosis::Link& link) {
    switch (link.kind) {
        case diagnosis::Link::Kind::None:
            return "computed here";
        case diagnosis::Link::Kind::Connection:
            return "connection log";
        case diagnosis::Link::Kind::Resource:
            return named(context, link.reference);
        default: {
            std::string text(to_string(link.kind));
            text.append(" ").append(number(static_cast<std::int64_t>(link.number)).view());
            const bool is_row =
                link.kind == diagnosis::Link::Kind::Update && context.snapshot.updates.contains(link.number);
            const std::string_view of = is_row ? named_by(context.snapshot, link.number) : std::string_view();
            return of.empty() ? text : text + ", " + named(context, std::string(of));
        }
    }
}

void IncidentInspector::json(Context& context, const Rect& area, const IncidentPtr& incident) {
    if (json_of_ != incident) {
        json_of_ = incident;
        fhir::JsonWriter writer;
        diagnosis::write(writer, *incident);
        json_.show(incident, writer.take(), true);
    }
    json_.draw(context, "incident/json", area);
}

void IncidentInspector::refresh(Context& context, const IncidentPtr& incident) {
    const bool other = !of_ || of_->number != incident->number;
    if (of_ != incident) {
        const std::string before = chosen_ < resources_.size() ? resources_[chosen_] : std::string();
        of_ = incident;
        resources_ = resources_of(*incident);
        const auto at = std::find(resources_.begin(), resources_.end(), before);
        chosen_ = other || at == resources_.end() ? 0 : static_cast<std::size_t>(at - resources_.begin());
    }
    if (other) {
        pane_.to_top();
        people_.clear();
    }
    if (resources_.empty()) return;
    explanation_.refresh(context, resources_[chosen_]);
}

void IncidentInspector::resource(Context& context, Rect area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto px = [&](float v) { return context.px(v); };
    p.hline(area.x, area.right(), area.y, c.line);
    Rect row = area.take_top(px(32));
    p.put(p.f().bold, row.x + px(14), row.y, row.h, c.t1, "Explain a resource");
    float right = row.right() - px(14) - keycap_width(context, "E");
    keycap(context, right, row.y, row.h, "E");
    constexpr std::string_view label = "Open the chain";
    const ButtonOptions quiet{ButtonKind::Quiet, false, nullptr, 0};
    float x = right - button_width(context, label, quiet);
    if (button(context, "incident/explain", x, row.y, row.h, label, quiet))
        explain_resource(context, resources_[chosen_]);
    row = area.take_top(px(28));
    const Rect field{row.x + px(14), row.y, row.w - px(28), px(24)};
    p.fill(field, c.bg2, px(4));
    right = field.right();
    if (resources_.size() > 1) {
        const auto step = [&](std::string_view name, Icon icon, std::string_view tip, std::size_t by) {
            right -= px(24);
            if (icon_button(context, name, ImVec2(right, field.y), icon, false, tip))
                chosen_ = (chosen_ + by) % resources_.size();
        };
        step("incident/resource/next", Icon::ChevronRight, "The next one", 1);
        step("incident/resource/previous", Icon::ChevronLeft, "The one before", resources_.size() - 1);
        ShortText place = number(static_cast<std::int64_t>(chosen_) + 1);
        place.append(" of ").append(number(static_cast<std::int64_t>(resources_.size())));
        right = p.text_right(p.f().small, right - px(4), field.y, field.h, c.t3, place);
    }
    const std::string& reference = explanation_.get().reference;
    const std::string short_name = named(context, reference);
    p.text_cut(p.f().mono, field.x + px(8), right - px(8), field.y, field.h, c.t1, short_name);
    row = area.take_top(px(24));
    p.text_cut(p.f().cell, row.x + px(14), row.right() - px(14), row.y, row.h, c.t1,
               explanation_.title().empty() ? std::string_view(explanation_.get().verdict)
                                            : std::string_view(explanation_.title()));
    for (std::size_t i = 0; i < diagnosis::station_count; ++i)
        station_line(context, area.take_top(px(station_row)), static_cast<diagnosis::StationName>(i),
                     explanation_.get().stations[i]);
    row = area.take_top(px(24));
    p.mark(Mark::Info, row.x + px(14), row.y, row.h);
    const std::string_view last = explanation_.title().empty() ? std::string_view(explanation_.get().because)
                                                               : std::string_view(explanation_.get().verdict);
    std::string text(last);
    std::erase(text, '`');
    p.text_cut(p.f().small, row.x + px(34), row.right() - px(14), row.y, row.h, c.t3, text);
    if (context.pointed_at(row)) tooltip(context, text);
}

void IncidentInspector::draw(Context& context, Rect area, const IncidentPtr& incident) {
    refresh(context, incident);
    head(context, area, *incident);
    ShortText evidence_label("Evidence");
    if (incident->evidence_count > 0)
        evidence_label.append(" ").append(number(static_cast<std::int64_t>(incident->evidence_count)));
    ShortText observations_label("Observations");
    if (!incident->observations.empty())
        observations_label.append(" ").append(number(static_cast<std::int64_t>(incident->observations.size())));
    const std::array<SegmentItem, 4> items = {
        {{"decided", "Decided"}, {"evidence", evidence_label}, {"observations", observations_label}, {"json", "JSON"}}};
    const int clicked = tabs(context, "incident/tab", area.take_top(context.px(28)), items, static_cast<int>(tab_));
    if (clicked >= 0) {
        tab_ = static_cast<Tab>(clicked);
        pane_.to_top();
    }
    if (!resources_.empty() && area.h > context.px(resource_height + 120))
        resource(context, area.take_bottom(context.px(resource_height)));
    if (tab_ == Tab::Json) {
        json(context, area, incident);
        return;
    }
    const Rect pane = pane_.begin(context, area);
    const float bottom = tab_ == Tab::Decided    ? decided(context, pane, *incident)
                         : tab_ == Tab::Evidence ? evidence(context, pane, *incident)
                                                 : observations(context, pane, *incident);
    pane_.end(context, bottom + context.px(8));
}

} // namespace fhirscope::gui
