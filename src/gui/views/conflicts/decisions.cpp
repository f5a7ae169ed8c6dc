// The decisions about a conflict, below its fields.

#include "gui/base/format.hpp"
#include "gui/frame/conflict_actions.hpp"
#include "gui/model/conflicts/conflict_text.hpp"
#include "gui/ui/rich_text.hpp"
#include "gui/ui/widgets.hpp"
#include "gui/views/conflicts/diff.hpp"

#include <algorithm>
#include <cmath>

namespace fhirscope::gui {

using engine::Conflict;

namespace {

// A button with its key in it. Returns whether it was clicked; moves `x` behind it.
bool decision(Context& context, std::string_view name, float& x, const Rect& row, std::string_view label,
              std::string_view key, ButtonKind kind, bool possible) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    ImFont* font = kind == ButtonKind::Primary && possible ? p.f().bold : p.f().body;
    const float w = std::ceil(Painter::width(font, label)) + context.px(9 + 8 + 7) + keycap_width(context, key);
    const Rect box{snap(x), row.y + std::floor((row.h - context.px(24)) / 2), w, context.px(24)};
    x = box.right() + context.px(8);
    Hit state;
    if (possible) state = hit(context, name, box);
    const bool primary = kind == ButtonKind::Primary && possible;
    const ImU32 fill = primary                     ? c.t1
                       : state.held                ? c.line2
                       : state.hovered             ? c.sel
                       : kind == ButtonKind::Quiet ? 0
                                                   : c.bg2;
    if (fill != 0) p.fill(box, fill, context.px(4));
    const ImU32 color = !possible ? c.line3 : primary ? c.bg0 : kind == ButtonKind::Quiet ? c.t3 : c.t2;
    const float end = p.text(font, box.x + context.px(9), box.y, box.h, color, label) + context.px(8);
    const Rect cap{snap(end), box.y + context.px(3), keycap_width(context, key), context.px(18)};
    p.outline(cap, primary ? c.line3 : c.line2, context.px(3));
    p.put(p.f().mono_small, cap.x + context.px(5), cap.y, cap.h, !possible ? c.line3 : primary ? c.bg0 : c.t3, key);
    return state.clicked;
}

engine::EditMethod method_of(const engine::Snapshot& snapshot, const Conflict& conflict) {
    for (const engine::LocalEditPtr& edit : snapshot.edits) // those that are pending: few
        if (edit->number == conflict.edit) return edit->method;
    return engine::EditMethod::Put;
}

} // namespace

void ConflictDiff::actions(Context& context, const Rect& area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const Conflict& conflict = *sheet_.conflict();
    p.hline(area.x, area.right(), area.y, c.line);
    const auto possible = [&](ResolveAction action) { return can_send(context) && can_resolve(conflict, action); };
    float x = area.x + context.px(16);
    const RichFonts fonts{p.f().small, p.f().mono_small};
    const float right = area.right() - context.px(16);
    if (!conflict.open()) {
        if (decision(context, "conflicts/rollback", x, area, "Roll back", "R", ButtonKind::Normal,
                     possible(ResolveAction::RollBack)))
            resolve_selected(context, ResolveAction::RollBack);
        rich_right(p, fonts, x, right, area.y, area.h, c.t3, c.t2, decided_text(conflict));
        return;
    }
    const auto& choices = context.ui.conflicts.choices_for(conflict.number);
    const std::size_t count = fields_to_send(sheet_.fields(), ResolveAction::Merge, choices);
    const std::string merge = count == 0   ? "Merge, send nothing"
                              : count == 1 ? "Merge, send 1 field"
                                           : "Merge, send " + std::to_string(count) + " fields";
    const auto offer = [&](std::string_view name, std::string_view label, std::string_view key, ButtonKind kind,
                           ResolveAction action) {
        if (decision(context, name, x, area, label, key, kind, possible(action))) {
            resolve_selected(context, action);
        }
    };
    offer("conflicts/merge", conflict.server ? std::string_view(merge) : "Merge", "M", ButtonKind::Primary,
          ResolveAction::Merge);
    offer("conflicts/server", "Take server", "S", ButtonKind::Normal, ResolveAction::TakeServer);
    offer("conflicts/local", "Keep local", "L", ButtonKind::Normal, ResolveAction::KeepLocal);
    offer("conflicts/rollback", "Roll back to base", "R", ButtonKind::Quiet, ResolveAction::RollBack);
    rich_right(p, fonts, x, right, area.y, area.h, c.t3, c.t2,
               can_send(context) ? sends_text(conflict, count, method_of(context.snapshot, conflict))
                                 : std::string("Nothing is sent while a recording is watched"));
}

} // namespace fhirscope::gui
