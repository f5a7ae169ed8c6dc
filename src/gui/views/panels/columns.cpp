// A panel's title line, and what a person does to its columns.

#include "gui/base/format.hpp"
#include "gui/ui/widgets.hpp"
#include "gui/views/panels/panels_view.hpp"

namespace fhirscope::gui {

void PanelsView::title(Context& context, const Panel& state, const engine::PanelDefinition& definition,
                       const Rect& row) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const PanelSettings& settings = context.ui.panels[definition.id];
    float x = section_title(context, row, context.px(16), definition.title,
                            number(static_cast<std::int64_t>(state.index.total())));
    float right = row.right() - context.px(12);
    const auto note = [&](std::size_t count, std::string_view words, ImU32 color) {
        if (count > 0) {
            ShortText text = number(static_cast<std::int64_t>(count));
            right =
                p.text_right(p.f().small, right, row.y, row.h, color, text.append(" ").append(words)) - context.px(10);
        }
    };
    note(state.index.checking(), "being checked", c.t3);
    note(state.index.stale(), "stale", c.att);
    note(state.index.pending(), "pending", c.t3);
    note(state.index.conflicts(), "in conflict", c.con);
    if (const auto& standings = context.findings.facts().standings(); standings.unconfirmed(state.store) > 0) {
        ShortText words("not confirmed");
        if (const auto since = standings.unconfirmed_since(state.store))
            words.append(" since ").append(since_when(wall(*since), wall(context.now)));
        note(standings.unconfirmed(state.store), words.view(), c.att);
        context.target("panels/" + definition.id + "/unconfirmed", row);
    }
    if (!state.index.complete()) {
        p.text(p.f().small, x + context.px(10), row.y, row.h, c.t3, "loading");
        context.target("panels/" + definition.id + "/loading", row);
        return;
    }
    if (!state.index.understood()) {
        x = p.text(p.f().small, x + context.px(10), row.y, row.h, c.t3, "not filtered: it has no such column");
        context.target("panels/" + definition.id + "/unfiltered", row);
    } else if (!settings.filter.empty() || (context.ui.brush && context.ui.only_changed)) {
        ShortText shown = number(static_cast<std::int64_t>(state.index.order().size()));
        x = p.text(p.f().mono_small, x + context.px(10), row.y, row.h, c.t3, shown.append(" shown"));
    }
    if (context.ui.brush) {
        ShortText text = number(static_cast<std::int64_t>(state.index.changed()));
        x = p.text(p.f().small, x + context.px(10), row.y, row.h, c.t2, text.append(" changed in the range")) +
            context.px(8);
        const ButtonOptions small{ButtonKind::Normal, true, nullptr, context.ui.only_changed ? c.t1 : c.t3};
        if (button(context, "panels/" + definition.id + "/only-changed", x, row.y, row.h,
                   context.ui.only_changed ? "only changed: on" : "only changed: off", small))
            context.ui.only_changed = !context.ui.only_changed;
        if (state.index.forgotten() > 0) {
            ShortText more = number(static_cast<std::int64_t>(state.index.forgotten()));
            p.text_cut(p.f().small, x + context.px(8), right, row.y, row.h, c.t3,
                       more.append(" of which older versions are not kept"));
        }
    }
}

void PanelsView::header_used(Context& context, Panel& state, const engine::PanelDefinition& definition) {
    PanelSettings& settings = context.ui.panels[definition.id];
    const auto id_at = [&](int header) {
        return header <= 0
                   ? PanelSort::freshness
                   : std::string_view(definition.columns[state.columns[static_cast<std::size_t>(header - 1)]].id);
    };
    if (state.grid.header_clicked() >= 0) cycle_sort(definition, settings, id_at(state.grid.header_clicked()));
    if (state.grid.header_right_clicked() >= 0)
        columns_.open(context, definition.id, ImGui::GetIO().MousePos, id_at(state.grid.header_right_clicked()));
    if (const auto& resized = state.grid.resized(); resized && resized->column > 0)
        size_column(definition, settings, state.places[resized->column - 1], resized->width);
    if (const auto& moved = state.grid.moved())
        move_column(definition, settings, state.places[moved->from - 1], state.places[moved->to - 1]);
}

void PanelsView::columns_box(Context& context, const Rect& window) {
    if (!context.ui.overlays.columns) {
        columns_.close(context);
        return;
    }
    const auto& definitions = context.snapshot.panels;
    if (columns_.panel().empty()) { // asked for by key or button: of the panel that has the selection
        const std::size_t at = focused(context);
        if (at >= panels_.size()) {
            columns_.close(context);
            return;
        }
        columns_.open(context, definitions[at].id, ImVec2(window.right(), window.y + context.px(40)), {});
    }
    for (const engine::PanelDefinition& definition : definitions) {
        if (definition.id == columns_.panel()) {
            columns_.draw(context, definition, context.ui.panels[definition.id], window, columns_button_);
            return;
        }
    }
    columns_.close(context);
}

} // namespace fhirscope::gui
