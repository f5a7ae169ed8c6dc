#include "gui/inspector/conflict.hpp"

#include "engine/strategy.hpp"
#include "fhir/reference.hpp"
#include "gui/base/format.hpp"
#include "gui/frame/conflict_actions.hpp"
#include "gui/frame/selection.hpp"
#include "gui/inspector/inspector.hpp"
#include "gui/inspector/waterfall.hpp"
#include "gui/model/conflicts/conflict_text.hpp"
#include "gui/model/labels.hpp"
#include "gui/ui/rich_text.hpp"
#include "gui/ui/widgets.hpp"

#include <algorithm>
#include <array>

namespace fhirscope::gui {

using engine::Conflict;

namespace {

constexpr std::array<InspectorTabItem, 4> conflict_tabs = {{{InspectorTab::History, "history", "History"},
                                                            {InspectorTab::Trace, "trace", "Trace"},
                                                            {InspectorTab::Rules, "rules", "Rules"},
                                                            {InspectorTab::Json, "json", "JSON"}}};
constexpr std::array<GridColumn, 3> rule_columns = {
    {{"field", "Field", 112}, {"strategy", "Strategy", 116}, {"used", "Used", 90, Align::Right, true}}};
constexpr std::array<std::pair<ResolveAction, std::string_view>, 4> choices = {
    {{ResolveAction::Merge, "Merge"},
     {ResolveAction::TakeServer, "Take server"},
     {ResolveAction::KeepLocal, "Keep local"},
     {ResolveAction::RollBack, "Roll back"}}};

std::string_view type_of(const Conflict& conflict) { return fhir::type_part(conflict.reference); }

} // namespace

float ConflictInspector::graph(Context& context, const Rect& area, const Conflict& conflict) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    using Kind = HistoryNode::Kind;
    const float main = area.x + context.px(40);
    const float branch = area.x + context.px(78);
    const float text_x = area.x + context.px(160);
    const float width = p.theme().scale * 1.5F;
    const auto center = [&](const HistoryNode& node, float y) {
        return ImVec2(node.kind == Kind::Local ? branch : main, y + context.px(8));
    };
    // Where each node stands: those with a second line take more room.
    std::vector<float> ys;
    float y = area.y + context.px(12);
    for (const HistoryNode& node : nodes_) {
        ys.push_back(y);
        y += context.px(node.kind == Kind::Base ? 46 : node.detail.empty() ? 32 : 50);
    }
    // Lines first, so that the points lie on them.
    const ImVec2* last = nullptr;
    ImVec2 from;
    std::optional<ImVec2> base, local;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        const ImVec2 at = center(nodes_[i], ys[i]);
        if (nodes_[i].kind == Kind::Local) {
            local = at;
            continue;
        }
        if (last != nullptr && nodes_[i].kind == Kind::Next)
            p.dashed_vline(main, from.y, at.y, c.line3, context.px(3), context.px(3));
        else if (last != nullptr)
            p.list().AddLine(from, at, c.line3, width);
        if (nodes_[i].kind == Kind::Base) base = at;
        if (local && base && (nodes_[i].kind == Kind::Server || nodes_[i].kind == Kind::Next)) {
            const std::array<ImVec2, 5> path = {*base, ImVec2(branch, base->y + context.px(36)),
                                                ImVec2(branch, local->y), ImVec2(branch, at.y - context.px(32)), at};
            p.list().AddPolyline(path.data(), static_cast<int>(path.size()), c.line3, ImDrawFlags_None, width);
            local.reset();
        }
        from = at;
        last = &from;
    }
    if (local && base) p.list().AddLine(*base, *local, c.line3, width);
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        const HistoryNode& node = nodes_[i];
        const ImVec2 at = center(node, ys[i]);
        const float r = context.px(4);
        const auto ring = [&](ImU32 color) {
            p.list().AddCircleFilled(at, r, c.bg1, 16);
            p.list().AddCircle(at, r, color, 16, width);
        };
        const bool strong = node.kind == Kind::Base || node.kind == Kind::Local || node.kind == Kind::Server;
        switch (node.kind) {
            case Kind::Base:
                p.list().AddCircleFilled(at, r, c.t3, 16);
                break;
            case Kind::Local:
                ring(c.t1);
                break;
            case Kind::Server:
                p.list().AddCircleFilled(at, context.px(7), c.bg1, 16);
                p.mark(conflict_mark(conflict.kind), at.x - context.px(6), at.y - context.px(6), context.px(12));
                break;
            case Kind::Version:
                ring(c.t3);
                break;
            case Kind::Next:
                ring(c.line3);
                break;
        }
        const float row = context.px(16);
        p.put(p.f().mono_small, area.x + context.px(104), ys[i], row, strong ? c.t1 : c.t3, node.id);
        const float right = area.right() - context.px(14);
        p.text_cut(p.f().small, text_x, right, ys[i], row, strong ? c.t1 : c.t3, node.title);
        p.text_cut(p.f().small, text_x, right, ys[i] + context.px(15), row, c.t3, node.detail);
    }
    return y + context.px(4);
}

float ConflictInspector::effects(Context& context, const Rect& area, const Conflict& conflict) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const Effects effects = effects_of(conflict, sheet_.fields(), context.ui.conflicts.choices_for(conflict.number));
    if (std::all_of(effects.begin(), effects.end(), [](const std::string& text) { return text.empty(); }))
        return area.y;
    p.hline(area.x, area.right(), area.y, c.line);
    Rect rest = area;
    section_title(context, rest.take_top(context.px(30)), context.px(14), "What each choice does");
    float y = rest.y + context.px(2);
    for (const auto& [action, label] : choices) {
        const std::string& text = effects[static_cast<std::size_t>(action)];
        if (text.empty()) continue;
        p.put(p.f().small_bold, area.x + context.px(14), y, context.px(17), c.t1, label);
        const Rect words{area.x + context.px(98), y, area.w - context.px(98 + 14), area.h};
        y = rich_paragraph(p, {p.f().cell, p.f().mono_small}, words, context.px(17), c.t2, text) + context.px(6);
    }
    return y + context.px(4);
}

void ConflictInspector::rules(Context& context, Rect area, std::string_view type) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    p.hline(area.x, area.right(), area.y, c.line);
    section_title(context, area.take_top(context.px(30)), context.px(14), "Rules for " + std::string(type));
    struct Rule {
        std::string_view field, strategy;
    };
    std::vector<Rule> rules; // a handful
    for (const engine::PanelDefinition& panel : context.snapshot.panels) {
        for (const engine::FieldPolicy& policy : panel.conflicts)
            if (panel.type == type) rules.push_back({policy.field, policy.strategy});
    }
    const bool rest = std::any_of(rules.begin(), rules.end(), [](const Rule& rule) { return rule.field == "*"; });
    if (!rest) {
        const std::string& standing = context.snapshot.default_strategy;
        rules.push_back({"*", standing.empty() ? std::string_view("ask") : std::string_view(standing)});
    }
    GridStyle style;
    style.row_height = 20;
    style.left = 8;
    style.right = 8;
    rules_grid_.begin(context, "inspector/rules", area, rule_columns, static_cast<std::int64_t>(rules.size()), style);
    for (std::int64_t i = rules_grid_.first(); i < rules_grid_.last(); ++i) {
        const Rule& rule = rules[static_cast<std::size_t>(i)];
        std::uint64_t used = 0;
        for (const engine::PolicyUse& use : context.snapshot.policy_uses)
            used += use.type == type && use.field == rule.field && use.strategy == rule.strategy ? use.used : 0;
        rules_grid_.row(context, i, {});
        rules_grid_.text(context, 0, p.f().mono, c.t2, rule.field);
        rules_grid_.text(context, 1, p.f().cell, c.t2, engine::strategy_title(rule.strategy));
        rules_grid_.text(context, 2, p.f().mono, c.t3, number(static_cast<std::int64_t>(used)));
    }
    rules_grid_.end(context);
}

void ConflictInspector::trace(Context& context, const Rect& area, const Conflict& conflict) {
    const Painter p(context.theme);
    const auto found = conflict.update == engine::no_update
                           ? std::nullopt
                           : trace_of(context.snapshot, context.shown, conflict.update);
    if (!found) {
        p.put(p.f().body, area.x + context.px(14), area.y + context.px(10), context.px(20), p.c().t3,
              conflict.update == engine::no_update ? "No update led to it." : "Its update has left the log.");
        return;
    }
    const float y = draw_trace(context, area, *found);
    float x = area.x + context.px(14);
    if (button(context, "inspector/open-update", x, y + context.px(8), context.px(24), "Open the update")) {
        select_update(context, conflict.update);
        context.ui.inspector.tab = InspectorTab::Trace;
    }
}

void ConflictInspector::json(Context& context, Rect area, const Conflict& conflict) {
    const Painter p(context.theme);
    static constexpr std::array<SegmentItem, 3> sides = {{{"base", "Base"}, {"local", "Local"}, {"server", "Server"}}};
    const Rect row = area.take_top(context.px(36));
    const int clicked =
        segment(context, "inspector/side", row.x + context.px(14), row.y, row.h, sides, json_side_, true);
    if (clicked >= 0) json_side_ = clicked;
    const fhir::ResourcePtr& resource = json_side_ == 0   ? conflict.base
                                        : json_side_ == 1 ? conflict.local
                                                          : conflict.server;
    if (!resource) {
        p.put(p.f().body, area.x + context.px(14), area.y, context.px(20), p.c().t3,
              json_side_ == 2 ? "It was deleted on the server, or its version is not kept." : "There is none.");
        return;
    }
    json_.show(resource, resource->text(), true);
    json_.draw(context, "inspector/json", area);
}

void ConflictInspector::draw(Context& context, Rect area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const engine::ConflictPtr pointer = selected_conflict(context);
    const ShortText id = number(static_cast<std::int64_t>(context.ui.selection.number));
    if (!pointer) {
        const std::optional<LocalTime> later = moment_of_selection(context);
        inspector_id_line(context, area, "Conflict", id, {}, later);
        area.take_top(context.px(6));
        p.put(p.f().body, area.x + context.px(14), area.y, context.px(20), c.t3,
              later ? "It comes after the moment that is shown." : "It is not kept any more.");
        return;
    }
    const Conflict& conflict = *pointer;
    const engine::Record* record = finder_.find(context.snapshot, conflict.reference);
    const engine::VersionPtr newest = record != nullptr && !record->history.empty() ? record->history.back() : nullptr;
    if (sheet_.show(pointer) || newest != newest_) {
        newest_ = newest;
        nodes_ = history_of(conflict, sheet_.fields(), record);
    }
    inspector_id_line(context, area, "Conflict", id, fhir::id_part(conflict.reference), conflict.at);
    inspector_title(context, area, {}, to_string(conflict.kind));
    area.take_top(context.px(2));
    const Rect line = area.take_top(context.px(24));
    float x = p.mark(outcome_mark(conflict), line.x + context.px(14), line.y, line.h) + context.px(6);
    const std::string outcome = capitalised(outcome_text(conflict));
    x = p.text(p.f().body, x, line.y, line.h, c.t2, outcome) + context.px(6);
    const ShortText since = conflict.open()                      ? age(context.now - conflict.at, AgeUnits::Two)
                            : conflict.decided_at == LocalTime{} ? ShortText()
                                                                 : clock_ms(wall(conflict.decided_at));
    p.text_cut(p.f().mono, x, line.right() - context.px(14), line.y, line.h, c.t3, since);
    inspector_tabs(context, area, conflict_tabs);
    switch (context.ui.inspector.tab) {
        case InspectorTab::Trace:
            trace(context, area, conflict);
            break;
        case InspectorTab::Json:
            json(context, area, conflict);
            break;
        case InspectorTab::Rules: {
            Rect text = area.take_bottom(context.px(70));
            rules(context, area, type_of(conflict));
            p.hline(text.x, text.right(), text.y, c.line);
            p.paragraph(p.f().cell, text.inset(context.px(14), context.px(8)), context.px(17), c.t3,
                        "The first rule that names a field decides it; fields without a rule follow the default "
                        "strategy. Rules stand in the panel’s definition.");
            break;
        }
        default: {
            const float top = area.y;
            area.take_top(graph(context, area, conflict) - top);
            const float middle = area.y;
            area.take_top(effects(context, area, conflict) - middle);
            if (area.h > context.px(72)) rules(context, area, type_of(conflict));
            break;
        }
    }
}

} // namespace fhirscope::gui
