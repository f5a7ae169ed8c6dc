#include "gui/inspector/inspector.hpp"

#include "gui/base/format.hpp"
#include "gui/frame/incident_links.hpp"
#include "gui/frame/selection.hpp"
#include "gui/model/incidents/incident_words.hpp"
#include "gui/model/renew.hpp"
#include "gui/ui/widgets.hpp"

#include <array>
#include <string>

namespace fhirscope::gui {

void inspector_id_line(Context& context, Rect& area, std::string_view kind, std::string_view id,
                       std::string_view copied, std::optional<LocalTime> at) {
    const Painter p(context.theme);
    area.take_top(context.px(10));
    const Rect row = area.take_top(context.px(20));
    float x = tag(context, row.x + context.px(14), row.y, row.h, kind) + context.px(8);
    const float right = row.right() - context.px(14 + 24);
    float end = right;
    if (at && context.playhead != nullptr) {
        end -= context.px(28);
        moment_button(context, "inspector/show-at", ImVec2(end, row.y - context.px(2)), *at);
    }
    p.text_cut(p.f().mono, x, end - context.px(6), row.y, row.h, p.c().t3, id);
    if (!copied.empty() && icon_button(context, "inspector/copy", ImVec2(right, row.y - context.px(2)), Icon::Copy,
                                       false, "Copy the id (C)"))
        ImGui::SetClipboardText(std::string(copied).c_str());
}

void inspector_title(Context& context, Rect& area, std::string_view prefix, std::string_view title) {
    const Painter p(context.theme);
    area.take_top(context.px(2));
    const Rect row = area.take_top(context.px(20));
    float x = row.x + context.px(14);
    if (!prefix.empty()) x = p.text(p.f().mono, x, row.y, row.h, p.c().t1, prefix) + context.px(7);
    p.text_cut(p.f().bold, x, row.right() - context.px(14), row.y, row.h, p.c().t1, title);
}

void inspector_incident(Context& context, Rect& area, const diagnosis::IncidentPtr& incident) {
    if (!incident) return;
    const Painter p(context.theme);
    const Rect row = area.take_top(context.px(22));
    const Hit state = hit(context, "inspector/incident", row);
    if (state.hovered) {
        p.fill(row, p.c().hover);
        ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
        tooltip(context, "Incident " + std::to_string(incident->number) + ": " + incident->headline);
    }
    const float x = p.mark(state_mark(*incident), row.x + context.px(14), row.y, row.h) + context.px(6);
    const float end = row.right() - context.px(14 + 16);
    p.text_cut(p.f().body, x, end, row.y, row.h, p.c().t2, incident->headline);
    p.icon(Icon::ChevronRight, row.right() - context.px(14 + 12), row.y, row.h, p.c().t4);
    if (state.clicked) open_incident(context, *incident);
}

void inspector_tabs(Context& context, Rect& area, std::span<const InspectorTabItem> items) {
    area.take_top(context.px(6));
    const Rect row = area.take_top(context.px(28));
    std::array<SegmentItem, 6> labels;
    int active = -1;
    const std::size_t n = std::min(items.size(), labels.size());
    for (std::size_t i = 0; i < n; ++i) {
        labels[i] = {items[i].name, items[i].label};
        if (items[i].tab == context.ui.inspector.tab) active = static_cast<int>(i);
    }
    if (active < 0) {
        context.ui.inspector.tab = items[0].tab;
        active = 0;
    }
    if (const int step = context.ui.inspector.keys.tab; step != 0) {
        active = (active + step + static_cast<int>(n)) % static_cast<int>(n);
        context.ui.inspector.tab = items[static_cast<std::size_t>(active)].tab;
    }
    const int clicked = tabs(context, "inspector/tab", row, std::span<const SegmentItem>(labels.data(), n), active);
    if (clicked >= 0) context.ui.inspector.tab = items[static_cast<std::size_t>(clicked)].tab;
}

// Where one came from, so that links can be followed back.
void Inspector::remember(Context& context) {
    constexpr std::size_t most_kept = 64;
    const Selection& now = context.ui.selection;
    if (context.ui.inspector.keys.back && !before_.empty()) {
        select(context, before_.back());
        before_.pop_back();
    } else if (!(now == last_) && last_.kind == Selection::Kind::Resource && now.kind != Selection::Kind::None) {
        before_.push_back(last_);
        if (before_.size() > most_kept) before_.erase(before_.begin());
    }
    last_ = context.ui.selection;
}

void Inspector::draw(Context& context, const Rect& area) {
    remember(context);
    const Painter p(context.theme);
    switch (context.ui.selection.kind) {
        case Selection::Kind::None:
            p.text_center(p.f().body, area.x, area.w, area.y + context.px(40), context.px(24), p.c().t3,
                          "Select a row to inspect it.");
            break;
        case Selection::Kind::Resource:
            resource_.draw(context, area);
            break;
        case Selection::Kind::Update:
            update_.draw(context, area);
            break;
        case Selection::Kind::Frame:
            frame_.draw(context, area);
            break;
        case Selection::Kind::Conflict:
            conflict_.draw(context, area);
            break;
    }
    context.ui.inspector.keys = {};
}

void ResourceInspector::forget_moment() {
    renew(finder_);
    renew(links_);
    asked_for_.reset();
}

void Inspector::forget_moment() {
    resource_.forget_moment();
    renew(update_);
    renew(frame_);
    renew(conflict_);
}

} // namespace fhirscope::gui
