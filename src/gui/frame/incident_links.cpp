#include "gui/frame/incident_links.hpp"

#include "diagnosis/incident_text.hpp"
#include "diagnosis/report.hpp"
#include "gui/base/format.hpp"
#include "gui/frame/conflict_actions.hpp"
#include "gui/frame/incident_commands.hpp"
#include "gui/frame/selection.hpp"
#include "gui/model/incidents/incident_words.hpp"
#include "gui/model/labels.hpp"
#include "gui/ui/widgets.hpp"

#include <algorithm>

namespace fhirscope::gui {

using diagnosis::Incident;
using diagnosis::IncidentPtr;
using diagnosis::Link;
using diagnosis::Remedy;

namespace {

std::string first_resource(const Incident& incident) {
    const std::vector<std::string> all = resources_of(incident);
    return all.empty() ? std::string() : all.front();
}

bool names(const Incident& incident, const Link& link) {
    const auto is_it = [&](const auto& part) { return part.link == link; };
    return std::any_of(incident.evidence.begin(), incident.evidence.end(), is_it) ||
           std::any_of(incident.followed.begin(), incident.followed.end(), is_it);
}

} // namespace

IncidentPtr selected_incident(const Context& context) {
    const std::uint64_t number = context.ui.diagnosis.incident;
    return number == 0 ? nullptr : context.findings.incidents().find(number);
}

void open_incident(Context& context, const Incident& incident) {
    DiagnosisState& state = context.ui.diagnosis;
    context.ui.view = ViewId::Diagnosis;
    state.incident = incident.number;
    state.opened = true;
    const bool listed =
        state.segment == IncidentSegment::All || (state.segment == IncidentSegment::GoingOn) == incident.open();
    if (!listed) state.segment = IncidentSegment::All;
    state.filter.clear(); // which might hide it
    state.explained.clear();
}

void open_worst_incident(Context& context) {
    const diagnosis::Incidents& incidents = context.findings.incidents();
    const IncidentPtr worst = incidents.worst();
    if (!worst) return;
    open_incident(context, *worst);
    if (pressing(incidents) > 1) {
        context.ui.diagnosis.segment = IncidentSegment::GoingOn;
        context.ui.diagnosis.opened = false; // the list is what was asked for
    }
}

IncidentPtr incident_with(const Context& context, const Link& link) {
    const diagnosis::Incidents& incidents = context.findings.incidents();
    for (const IncidentPtr& one : incidents.going_on())
        if (names(*one, link)) return one;
    for (const IncidentPtr& one : incidents.over())
        if (names(*one, link)) return one;
    return nullptr;
}

IncidentPtr incident_about(const Context& context, std::string_view what) {
    const auto concerns = [&](const Incident& incident) {
        return incident.scope == what ||
               std::find(incident.about.begin(), incident.about.end(), what) != incident.about.end();
    };
    if (IncidentPtr selected = selected_incident(context); selected && concerns(*selected)) return selected;
    for (const IncidentPtr& one : context.findings.incidents().going_on())
        if (concerns(*one)) return one;
    return nullptr;
}

IncidentPtr connection_incident(const Context& context) {
    using diagnosis::Effect;
    for (const IncidentPtr& one : context.findings.incidents().going_on()) {
        const bool of_it = one->effect == Effect::RealTime || one->effect == Effect::Login ||
                           one->effect == Effect::Hearing || one->effect == Effect::Requests;
        if (of_it && one->severity > diagnosis::Severity::Info) return one;
    }
    return nullptr;
}

void draw_row_incident(Context& context, const Grid& grid, std::string_view name, std::int64_t row, float x,
                       const IncidentPtr& incident) {
    if (!incident) return;
    const Rect& line = grid.row_rect();
    const Rect box{line.x + x, line.y, context.px(13), line.h};
    Painter(context.theme).mark(state_mark(*incident), box.x, box.y, box.h);
    context.target(std::string(name) + "/incident/" + std::to_string(row), box);
    if (!context.pointed_at(box)) return;
    ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
    tooltip(context, "Incident " + std::to_string(incident->number) + ": " + incident->headline + ", " +
                         std::string(diagnosis::state_text(incident->state)) + "\nA click shows it.");
    if (grid.clicked() == row) open_incident(context, *incident);
}

void explain_resource(Context& context, std::string_view reference) {
    context.ui.view = ViewId::Diagnosis;
    context.ui.diagnosis.explained = reference;
    // Only the server can tell what is so there.
    if (can_send(context)) context.send(engine::AskServer{std::string(reference)});
}

std::string resource_to_explain(const Context& context) {
    if (const IncidentPtr incident = selected_incident(context); incident && context.ui.view == ViewId::Diagnosis) {
        if (std::string reference = first_resource(*incident); !reference.empty()) return reference;
    }
    const Selection& selection = context.ui.selection;
    if (selection.kind == Selection::Kind::Resource) return selection.reference;
    if (selection.kind == Selection::Kind::Update && context.snapshot.updates.contains(selection.number))
        return std::string(reference_of(context.snapshot, context.snapshot.updates[selection.number]));
    if (const engine::ConflictPtr conflict = selected_conflict(context)) return conflict->reference;
    for (const IncidentPtr& incident : context.findings.incidents().going_on())
        if (std::string reference = first_resource(*incident); !reference.empty()) return reference;
    return {};
}

Mark reached_mark(diagnosis::Reached reached) {
    switch (reached) {
        case diagnosis::Reached::Happened:
            return Mark::Ok;
        case diagnosis::Reached::DidNot:
            return Mark::Error;
        case diagnosis::Reached::NotKnown:
            return Mark::Unknown;
        case diagnosis::Reached::NotReached:
            break;
    }
    return Mark::NotReached;
}

void open_link(Context& context, const diagnosis::Link& link) {
    UiState& ui = context.ui;
    const auto show = [&](ViewId view, Selection selection) {
        ui.view = view;
        select(context, std::move(selection));
        open_inspector(context);
    };
    switch (link.kind) {
        case diagnosis::Link::Kind::Update:
            ui.log.filter.clear(); // which might hide it
            show(ViewId::Log, {Selection::Kind::Update, {}, link.number});
            break;
        case diagnosis::Link::Kind::Frame:
            show(ViewId::Connections, {Selection::Kind::Frame, {}, link.number});
            break;
        case diagnosis::Link::Kind::Resource:
            show(ViewId::Panels, {Selection::Kind::Resource, link.reference, 0});
            break;
        case diagnosis::Link::Kind::Conflict:
            ui.conflicts.segment = ConflictSegment::All;
            show(ViewId::Conflicts, {Selection::Kind::Conflict, {}, link.number});
            break;
        case diagnosis::Link::Kind::Event:
        case diagnosis::Link::Kind::Subscription:
        case diagnosis::Link::Kind::Connection:
            ui.view = ViewId::Connections;
            break;
        case diagnosis::Link::Kind::None:
            break;
    }
}

std::string link_text(const Link& link) {
    const auto numbered = [&](std::string_view what) { return std::string(what) + " " + std::to_string(link.number); };
    switch (link.kind) {
        case Link::Kind::Update:
            return "in the log";
        case Link::Kind::Frame:
            return numbered("Frame");
        case Link::Kind::Resource: {
            const std::size_t slash = std::min(link.reference.find('/'), link.reference.size());
            return link.reference.substr(0, slash + 9);
        }
        case Link::Kind::Conflict:
            return numbered("Conflict");
        case Link::Kind::Event:
        case Link::Kind::Subscription:
        case Link::Kind::Connection:
            return "in Connections";
        case Link::Kind::None:
            break;
    }
    return {};
}

float draw_link(Context& context, std::string_view name, float right, float y, float height, const Link& link) {
    const std::string text = link_text(link);
    if (text.empty()) return right;
    const Painter p(context.theme);
    const float x = snap(right - Painter::width(p.f().cell, text));
    const Rect box{x, y, right - x, height};
    const Hit state = hit(context, name, box);
    p.put(p.f().cell, x, y, height, p.c().t1, text);
    p.hline(x, right, y + snap((height + context.px(14)) / 2), state.hovered ? p.c().t1 : p.c().line3);
    if (state.hovered) ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
    if (state.clicked) open_link(context, link);
    return x;
}

float draw_advice(Context& context, Rect area, const std::vector<diagnosis::Advice>& advice,
                  std::string_view reference) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    if (advice.empty() || area.h < context.px(24)) return area.y;
    const Rect head = area.take_top(context.px(24));
    p.put(p.f().small, head.x + context.px(16), head.y, head.h, c.t4, "Advice");
    for (std::size_t i = 0; i < advice.size() && area.h >= context.px(28); ++i) {
        const diagnosis::Advice& one = advice[i];
        const Rect row = area.take_top(context.px(28));
        float right = row.right() - context.px(12);
        const std::string_view label = one.remedy == Remedy::ReadResource ? "Read from server"
                                       : one.remedy == Remedy::CompareAll ? "Compare all"
                                       : one.remedy == Remedy::Reconnect  ? "Reconnect"
                                                                          : "";
        const bool possible =
            can_send(context) && !label.empty() && (one.remedy != Remedy::ReadResource || !reference.empty());
        if (possible) {
            const ButtonOptions options{i == 0 ? ButtonKind::Primary : ButtonKind::Normal, false, nullptr, 0};
            right -= button_width(context, label, options);
            float x = right;
            if (button(context, "diagnosis/advice/" + std::to_string(i), x, row.y, row.h, label, options)) {
                switch (one.remedy) {
                    case Remedy::ReadResource:
                        context.send(engine::ReadResource{std::string(reference)});
                        break;
                    case Remedy::CompareAll:
                        context.send(engine::Verify{});
                        break;
                    case Remedy::Reconnect:
                        context.send(engine::Connect{});
                        break;
                    case Remedy::None:
                        break;
                }
            }
            right -= context.px(10);
        }
        const float text_x = row.x + context.px(34);
        p.put(p.f().mono, row.x + context.px(16), row.y, row.h, c.t3, number(static_cast<std::int64_t>(i) + 1));
        float x = p.text_cut(p.f().body, text_x, right, row.y, row.h, c.t1, one.text) + context.px(10);
        if (right - x >= Painter::width(p.f().body, one.effect)) {
            p.put(p.f().body, x, row.y, row.h, c.t3, one.effect);
            continue;
        }
        // Too long to stand behind it.
        Rect below{text_x, area.y, row.right() - context.px(12) - text_x, 0};
        const float h = Painter::paragraph_height(p.f().cell, below.w, context.px(16), one.effect);
        if (area.h < h) break;
        below.h = h;
        p.paragraph(p.f().cell, below, context.px(16), c.t3, one.effect);
        area.take_top(h + context.px(4));
    }
    return area.y;
}

std::string diagnosis_text(const Context& context) {
    std::string text;
    for (const IncidentPtr& incident : context.findings.incidents().going_on())
        text += incident_report(context, *incident) + '\n';
    if (!context.ui.diagnosis.explained.empty()) {
        const auto mode = context.findings.facts().medplum() ? fhir::MatchMode::Medplum : fhir::MatchMode::Spec;
        text += diagnosis::to_text(diagnosis::explain(context.snapshot, context.ui.diagnosis.explained, mode)).str();
    }
    return text.empty() ? "no incident goes on\n" : text;
}

} // namespace fhirscope::gui
