#include "gui/frame/finding_links.hpp"

#include "diagnosis/report.hpp"
#include "gui/base/format.hpp"
#include "gui/frame/conflict_actions.hpp"
#include "gui/frame/selection.hpp"
#include "gui/model/labels.hpp"
#include "gui/ui/widgets.hpp"

#include <algorithm>

namespace fhirscope::gui {

using diagnosis::Finding;
using diagnosis::FindingPtr;
using diagnosis::Remedy;
using diagnosis::Severity;

std::string finding_key(const Finding& finding) {
    return std::string(finding.id) + ' ' + std::to_string(finding.since.time_since_epoch().count()) + ' ' +
           finding.subject;
}

bool has_key(const Finding& finding, std::string_view key) {
    return key.starts_with(finding.id) && key.ends_with(finding.subject) && finding_key(finding) == key;
}

FindingPtr selected_finding(const Context& context) {
    const std::string& key = context.ui.diagnosis.finding;
    if (key.empty()) return nullptr;
    const auto is_it = [&](const FindingPtr& finding) { return has_key(*finding, key); };
    const auto& open = context.findings.open();
    if (const auto at = std::find_if(open.begin(), open.end(), is_it); at != open.end()) return *at;
    const auto& closed = context.findings.closed();
    const auto at = std::find_if(closed.begin(), closed.end(), is_it);
    return at == closed.end() ? nullptr : *at;
}

void open_finding(Context& context, const Finding& finding) {
    context.ui.view = ViewId::Diagnosis;
    context.ui.diagnosis.finding = finding_key(finding);
    context.ui.diagnosis.closed = !finding.open();
    context.ui.diagnosis.explained.clear();
}

void explain_resource(Context& context, std::string_view reference) {
    context.ui.view = ViewId::Diagnosis;
    context.ui.diagnosis.explained = reference;
    // Only the server can tell what is so there.
    if (can_send(context)) context.send(engine::AskServer{std::string(reference)});
}

std::string first_resource(const Finding& finding) {
    for (const diagnosis::Evidence& evidence : finding.evidence)
        if (!evidence.link.reference.empty()) return evidence.link.reference;
    return {};
}

std::string resource_to_explain(const Context& context) {
    const Selection& selection = context.ui.selection;
    if (selection.kind == Selection::Kind::Resource) return selection.reference;
    if (selection.kind == Selection::Kind::Update && context.snapshot.updates.contains(selection.number))
        return std::string(reference_of(context.snapshot, context.snapshot.updates[selection.number]));
    if (const engine::ConflictPtr conflict = selected_conflict(context)) return conflict->reference;
    if (const FindingPtr finding = selected_finding(context)) {
        if (std::string reference = first_resource(*finding); !reference.empty()) return reference;
    }
    for (const FindingPtr& finding : context.findings.open())
        if (std::string reference = first_resource(*finding); !reference.empty()) return reference;
    return {};
}

Mark finding_mark(const Finding& finding) {
    if (!finding.open()) return Mark::Applied;
    return severity_mark(finding.severity);
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

void draw_advice(Context& context, Rect area, const std::vector<diagnosis::Advice>& advice,
                 std::string_view reference) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    if (advice.empty() || area.h < context.px(24)) return;
    const Rect head = area.take_top(context.px(24));
    p.put(p.f().small, head.x + context.px(16), head.y, head.h, c.t4, "Advice");
    for (std::size_t i = 0; i < advice.size() && area.h >= context.px(28); ++i) {
        const diagnosis::Advice& one = advice[i];
        const Rect row = area.take_top(context.px(30));
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
        float x = row.x + context.px(16);
        x = p.text(p.f().mono, x, row.y, row.h, c.t3, number(static_cast<std::int64_t>(i) + 1)) + context.px(10);
        x = p.text_cut(p.f().body, x, right, row.y, row.h, c.t1, one.text) + context.px(10);
        if (right - x > context.px(40)) p.text_cut(p.f().body, x, right, row.y, row.h, c.t3, one.effect);
    }
}

std::string diagnosis_text(const Context& context) {
    std::string text;
    for (const FindingPtr& finding : context.findings.open()) text += diagnosis::to_text(*finding).str() + '\n';
    if (!context.ui.diagnosis.explained.empty()) {
        const auto mode = context.findings.facts().medplum() ? fhir::MatchMode::Medplum : fhir::MatchMode::Spec;
        text += diagnosis::to_text(diagnosis::explain(context.snapshot, context.ui.diagnosis.explained, mode)).str();
    }
    return text.empty() ? "no open findings\n" : text;
}

} // namespace fhirscope::gui
