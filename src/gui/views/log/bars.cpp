// What stands above and below the log's table: the filter, the outcomes' counts, what is kept.

#include "gui/base/format.hpp"
#include "gui/model/labels.hpp"
#include "gui/ui/widgets.hpp"
#include "gui/views/log/log_view.hpp"
#include "query/update_fields.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace fhirscope::gui {

// The field with what stands at its right end: the count, or the key.
void LogView::filter(Context& context, const Rect& field) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    std::string& text = context.ui.log.filter;
    const bool focus = context.ui.focus_filter;
    context.ui.focus_filter = false;
    ShortText count;
    ShortText took;
    float room = keycap_width(context, "/") + context.px(8);
    const bool valid = !text.empty() && input_.valid();
    if (valid) {
        if (index_.complete()) {
            count = number(static_cast<std::int64_t>(index_.size()));
            count.append(index_.size() == 1 ? " match" : " matches");
            took = duration_detail(index_.took());
        } else {
            count.append("loading");
        }
        room = Painter::width(p.f().cell, count) + Painter::width(p.f().mono, took) + context.px(12 + 7 + 7 + 24 + 10);
    } else if (!text.empty()) {
        room = context.px(30);
    }
    input_.draw(context,
                {.name = "log/filter",
                 .rect = field,
                 .hint = "Filter, for example  type:Task & outcome:rejected | latency > 200ms",
                 .room_right = room,
                 .take_focus = focus},
                text, query::update_fields(),
                [&](std::string_view name) { return query::known_values(context.snapshot, name); });
    if (text.empty()) {
        keycap(context, field.right() - keycap_width(context, "/") - context.px(6), field.y, field.h, "/");
        return;
    }
    const float close = field.right() - context.px(24);
    if (icon_button(context, "log/filter/clear", ImVec2(close, field.y + context.px(1)), Icon::Close, false,
                    "Clear the filter"))
        text.clear();
    if (valid) {
        float right = close - context.px(6);
        right = p.text_right(p.f().mono, right, field.y, field.h, c.t3, took) - context.px(7);
        right = p.text_right(p.f().cell, right, field.y, field.h, c.t2, count) - context.px(7);
        p.mark(Mark::Ok, right - context.px(12), field.y, field.h);
        context.target("log/filter/valid", Rect{right - context.px(12), field.y, context.px(12), field.h});
    }
}

void LogView::header(Context& context, Rect& area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const Rect row = area.take_top(context.px(40));
    float x = row.x + context.px(16);
    if (!context.layout.narrow) x = p.text(p.f().bold, x, row.y, row.h, c.t1, "Log") + context.px(10);
    UiState& ui = context.ui;
    float right = row.right() - context.px(12);
    right -= context.px(24);
    const bool open = ui.log.sheet != LogSheet::None;
    if (icon_button(context, "log/menu", ImVec2(right, row.y + context.px(8)), Icon::ChevronDown, open,
                    "Saved filters, colors, columns, export"))
        ui.log.sheet = open ? LogSheet::None : LogSheet::Menu;
    if (!context.layout.narrow) {
        const bool possible = !ui.log.filter.empty() && input_.valid();
        right -= button_width(context, "Save") + context.px(6);
        float at = right;
        if (button(context, "log/save", at, row.y, row.h, "Save", {.color = possible ? c.t2 : c.line3}) && possible)
            ui.log.sheet = LogSheet::Save;
    }
    const Rect field{x, row.y + context.px(7), right - context.px(10) - x, context.px(26)};
    filter(context, field);
    if (!input_.valid()) input_.draw_problem(context, area.take_top(context.px(22)));
}

void LogView::chips(Context& context, Rect& area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const Rect row = area.take_top(context.px(28));
    p.hline(row.x, row.right(), row.bottom() - context.px(1), c.line);
    float x = row.x + context.px(10);
    // False when there is no room left.
    const auto chip = [&](std::string_view name, Mark mark, std::uint64_t rows) {
        const ShortText count = number(static_cast<std::int64_t>(rows));
        const float w =
            context.px(7 + 12 + 6 + 6 + 7) + Painter::width(p.f().cell, name) + Painter::width(p.f().mono_small, count);
        const Rect rect{snap(x), row.y, std::ceil(w), context.px(22)};
        if (rect.right() > row.right()) return false;
        std::string term("outcome:");
        for (const char ch : name) term += ch == ' ' ? '-' : ch;
        const bool on = context.ui.log.filter == term;
        const Hit state = hit(context, "log/chip/" + std::string(name), rect);
        if (on || state.hovered) p.fill(rect, on ? c.sel : c.bg2, context.px(4));
        float at = p.mark(mark, rect.x + context.px(7), rect.y, rect.h) + context.px(6);
        at = p.text(p.f().cell, at, rect.y, rect.h, on ? c.t1 : c.t2, name) + context.px(6);
        p.put(p.f().mono_small, at, rect.y, rect.h, c.t3, count);
        if (state.clicked) context.ui.log.filter = on ? std::string() : term;
        x = rect.right() + context.px(2);
        return true;
    };
    const bool brushed = context.ui.brush.has_value();
    bool room = true;
    for (std::size_t i = 0; i < engine::outcome_count && room; ++i) {
        const auto outcome = static_cast<engine::Outcome>(i);
        room = chip(engine::to_string(outcome), outcome_mark(outcome),
                    brushed ? range_.of(outcome) : context.snapshot.metrics.outcomes[i]);
    }
    if (room) {
        chip("conflict", Mark::Conflict,
             brushed ? conflicts_.between(range_.begin(), range_.end()) : conflicts_.size());
    }
}

void LogView::footer(Context& context, const Rect& area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    p.hline(area.x, area.right(), area.y, c.line);
    float x = area.x + context.px(16);
    const auto& updates = context.snapshot.updates;
    if (context.ui.brush) {
        const auto rows = static_cast<std::int64_t>(range_.end() - range_.begin());
        x = p.text(p.f().mono_small, x, area.y, area.h, c.t2, number(rows));
        x = p.text(p.f().small, x + context.px(6), area.y, area.h, c.t3, "rows in the range, of") + context.px(6);
    }
    x = p.text(p.f().mono_small, x, area.y, area.h, c.t2, number(static_cast<std::int64_t>(updates.size())));
    x = p.text(p.f().small, context.ui.brush ? x : x + context.px(6), area.y, area.h, c.t3,
               context.ui.brush ? "," : "rows,");
    x = p.text(p.f().mono_small, x + context.px(6), area.y, area.h, c.t2, bytes(context.snapshot.memory_updates));
    if (updates.first() > 0) x = p.text(p.f().small, x + context.px(6), area.y, area.h, c.t3, "the oldest have left");
    float right = area.right() - context.px(12);
    if (!context.layout.narrow) {
        const auto caption = [&](std::string_view text) {
            right = p.text_right(p.f().small, right, area.y, area.h, c.t3, text) - context.px(6);
        };
        const auto cap = [&](std::string_view text) {
            right -= keycap_width(context, text);
            keycap(context, right, area.y, area.h, text);
            right -= context.px(6);
        };
        caption("trace");
        cap("Enter");
        caption("next, previous");
        cap("K");
        cap("J");
    }
    if (const std::string notice = sheets_.notice(context); !notice.empty()) {
        const bool failed = sheets_.running().state() == LogExport::State::Failed;
        x = p.mark(failed ? Mark::Error : Mark::Applied, x + context.px(18), area.y, area.h);
        const Rect words{x + context.px(6), area.y, right - context.px(10) - x, area.h};
        p.text_cut(p.f().small, words.x, words.right(), area.y, area.h, failed ? c.err : c.t2, notice);
        context.target("log/notice", words);
    } else if (!canonical_.empty() && input_.valid()) {
        x = p.text(p.f().small, x + context.px(18), area.y, area.h, c.t3, "Read as");
        p.text_cut(p.f().mono_small, x + context.px(6), right - context.px(10), area.y, area.h, c.t2, canonical_);
    }
}

} // namespace fhirscope::gui
