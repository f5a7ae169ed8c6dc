#include "gui/views/panels/cells.hpp"

#include "engine/certainty.hpp"
#include "fhir/reference.hpp"
#include "fhir/time.hpp"
#include "gui/base/format.hpp"
#include "gui/model/labels.hpp"
#include "gui/ui/widgets.hpp"

#include <algorithm>
#include <cmath>

namespace fhirscope::gui {

namespace {

using engine::Certainty;
using engine::ColumnKind;

constexpr std::chrono::seconds fresh_for{5};
constexpr std::string_view open_tasks = "derived:open-tasks";
constexpr std::string_view next_due_path = "derived:next-due";

constexpr std::string_view differs = "\u2260 ";

// "today 15:30", "13 Mar 09:00"; a narrow column leaves "today" out; a date without a time stays as it is.
ShortText due_text(std::string_view iso, LocalTime now, bool with_today) {
    const auto time = fhir::parse_instant(iso);
    if (!time) return ShortText(iso);
    const ShortText text = clock_or_date(wall(*time), wall(now));
    if (text.size() == 5 && with_today) {
        ShortText today("today ");
        return today.append(text);
    }
    return text;
}

// As a cell says it.
ShortText shown_text(const Context& context, const engine::Column& column, std::string_view text, float width) {
    switch (column.kind) {
        case ColumnKind::Id:
            return ShortText(short_id(text));
        case ColumnKind::Reference:
            return ShortText(short_id(fhir::id_part(text)));
        case ColumnKind::DateTime:
            return due_text(text, context.now, width > context.px(90));
        default:
            return ShortText(text);
    }
}

void tasks_cell(Context& context, const Grid& grid, std::size_t at, const TaskSummaries& tasks,
                const engine::Record& record) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const Rect cell = grid.cell_inner(context, at);
    const TaskSummaries::Summary* summary = tasks.of(record.reference);
    if (summary == nullptr) return;
    float x = p.text(p.f().mono, cell.x, cell.y, cell.h, c.t2, number(summary->open())) + context.px(8);
    // One box a task: waiting = outline, active = filled, on hold = grey, done = faint; at most ten.
    const float y = std::floor(cell.y + (cell.h - context.px(9)) / 2);
    int boxes = 0;
    for (std::size_t group = 0; group < TaskSummaries::GroupCount; ++group) {
        for (std::uint32_t i = 0; i < summary->counts[group] && boxes < 10; ++i, ++boxes) {
            const Rect box{x, y, context.px(5), context.px(9)};
            switch (group) {
                case TaskSummaries::Waiting:
                    p.outline(box, c.t3);
                    break;
                case TaskSummaries::Active:
                    p.fill(box, c.t2);
                    break;
                case TaskSummaries::Held:
                    p.fill(box, c.line3);
                    break;
                default:
                    p.fill(box, c.line2);
                    break;
            }
            x += context.px(8);
        }
    }
    ShortText note(summary->open() > 0 ? "open" : "all done");
    if (summary->in_conflict > 0)
        note.append(", ").append(number(summary->in_conflict)).append(" in conflict");
    else if (summary->unconfirmed > 0)
        note.append(", ").append(number(summary->unconfirmed)).append(" may be stale");
    else if (summary->urgent > 0)
        note.append(", ").append(number(summary->urgent)).append(" urgent");
    // Notes line up behind the usual five boxes.
    x = std::max(x + context.px(3), cell.x + context.px(65));
    p.text_cut(p.f().cell, x, cell.right(), cell.y, cell.h, c.t3, note);
}

} // namespace

void draw_freshness(Context& context, const Grid& grid, const engine::Record& record,
                    const std::optional<engine::Unheard>& unheard) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const Rect cell = grid.cell_inner(context, 0);
    const bool arrived =
        context.now - record.changed_at < fresh_for && record.current().channel != engine::Channel::Baseline;
    if (in_conflict(record)) {
        p.mark(Mark::Conflict, cell.x, cell.y, cell.h);
        p.put(p.f().body, cell.x + context.px(17), cell.y, cell.h, c.con, "conflict");
        return;
    }
    if (is_pending(record)) {
        const bool asked = record.edit->state == engine::EditState::Checking;
        p.mark(asked ? Mark::Checking : Mark::Idle, cell.x, cell.y, cell.h);
        p.put(p.f().body, cell.x + context.px(17), cell.y, cell.h, c.t2, "pending");
        return;
    }
    const engine::CertaintyView sure = engine::certainty_of(record, unheard);
    const auto word = [&](Mark mark, ImU32 color, std::string_view text) {
        p.mark(mark, cell.x, cell.y, cell.h);
        p.text_cut(p.f().body, cell.x + context.px(17), cell.right(), cell.y, cell.h, color, text);
    };
    switch (sure.certainty) {
        case Certainty::Deleted:
            return word(Mark::NotReached, c.t4, "removed");
        case Certainty::OutOfView:
            return word(Mark::Unknown, c.t4, "out of view");
        case Certainty::Stale: {
            ShortText text(context.layout.narrow ? "" : "stale ");
            text.append(age(context.now - sure.since));
            badge(context, cell.x, cell.y, cell.h, Mark::Attention, text, c.att, c.tatt);
            return;
        }
        case Certainty::Checking:
            return word(Mark::Checking, c.t3, "checking");
        case Certainty::MayBeStale: {
            ShortText text(context.layout.narrow ? "" : "may be stale ");
            if (sure.since == LocalTime{})
                text.append("from before");
            else
                text.append(age(context.now - sure.since));
            return word(Mark::Unconfirmed, c.att, text);
        }
        case Certainty::Compared:
        case Certainty::Received:
            break;
    }
    const bool compared = sure.certainty == Certainty::Compared && !arrived;
    p.mark(arrived ? Mark::Fresh : compared ? Mark::Ok : Mark::Quiet, cell.x, cell.y, cell.h);
    // Figures end at one place, so that units line up.
    p.text_right(p.f().mono, cell.x + context.px(17) + snap(4 * Painter::width(p.f().mono, "0")), cell.y, cell.h,
                 arrived ? c.t2 : c.t3, age(context.now - (arrived ? record.changed_at : sure.since)));
    // While it is fresh, its age goes on at the right moment.
    if (arrived) {
        const auto passed = context.now - record.changed_at;
        const auto next = std::chrono::floor<std::chrono::seconds>(passed) + std::chrono::seconds(1) - passed;
        context.ages_within(std::chrono::ceil<std::chrono::milliseconds>(next));
    }
}

void draw_flaws(const Context& context, const Grid& grid, std::string_view flaws) {
    if (flaws.empty()) return;
    const Painter p(context.theme);
    const Rect cell = grid.cell_inner(context, 0);
    p.mark(Mark::Info, cell.right() - context.px(mark_box), cell.y, cell.h);
    if (grid.pointed_at(0)) tooltip(context, "Formal flaws: " + std::string(flaws));
}

void draw_server_cell(const Context& context, const Grid& grid, std::size_t at, const engine::Column& column,
                      std::string_view here, std::string_view there) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const Rect cell = grid.cell_inner(context, at);
    ShortText text(differs);
    text.append(shown_text(context, column, there, cell.w));
    // Beside what is shown, where there is room for both; otherwise at the end of the cell, over it.
    const float mark = column.kind == ColumnKind::Status || column.kind == ColumnKind::Priority ? context.px(19) : 0;
    const float after = mark + Painter::width(p.f().body, shown_text(context, column, here, cell.w)) + context.px(8);
    const float width = std::min(Painter::width(p.f().body, text.view()), cell.w * 0.6F);
    const float x = cell.x + std::min(after, cell.w - width);
    p.fill(Rect{x, cell.y + context.px(2), cell.right() - x, cell.h - context.px(4)}, c.tatt);
    p.text_cut(p.f().body, x, cell.right(), cell.y, cell.h, c.att, text);
}

void draw_later_cell(const Context& context, const Grid& grid, std::size_t at, const engine::Column& column,
                     std::string_view here, std::string_view later) {
    const Painter p(context.theme);
    const Rect cell = grid.cell_inner(context, at);
    ShortText text("→ ");
    if (later.empty())
        text.append("none");
    else
        text.append(shown_text(context, column, later, cell.w));
    const float mark = column.kind == ColumnKind::Status || column.kind == ColumnKind::Priority ? context.px(19) : 0;
    const float x =
        cell.x + mark + Painter::width(p.f().body, shown_text(context, column, here, cell.w)) + context.px(8);
    if (cell.right() - x > context.px(24)) p.text_cut(p.f().body, x, cell.right(), cell.y, cell.h, p.c().t3, text);
}

void draw_cell(Context& context, Grid& grid, std::size_t at, const TaskSummaries& tasks, const engine::Column& column,
               const engine::Record& record, std::string_view text, const CellLook& look) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const Rect inner = grid.cell_inner(context, at);
    const bool bright = grid.row_selected() || grid.row_hovered();
    const ImU32 faint = bright ? c.t3 : c.t4;
    if (look.removed) {
        const ShortText due =
            column.kind == ColumnKind::DateTime ? due_text(text, context.now, inner.w > context.px(90)) : ShortText();
        const bool mono = column.kind == ColumnKind::Id || column.kind == ColumnKind::Date || !due.empty();
        const std::string_view shown = column.kind == ColumnKind::Id ? short_id(text) : due.empty() ? text : due.view();
        p.text_struck(mono ? p.f().mono : p.f().body, inner.x, inner.right(), inner.y, inner.h, c.t4, shown);
        return;
    }
    if (column.path == open_tasks) {
        tasks_cell(context, grid, at, tasks, record);
        return;
    }
    if (column.path == next_due_path) {
        const TaskSummaries::Summary* summary = tasks.of(record.reference);
        if (summary != nullptr && !summary->next_due.empty())
            grid.text(context, at, p.f().mono, c.t2, due_text(summary->next_due, context.now, true));
        return;
    }
    switch (column.kind) {
        case ColumnKind::Id:
            grid.text(context, at, p.f().mono, faint, short_id(text));
            break;
        case ColumnKind::Date:
            grid.text(context, at, p.f().mono, look.bright ? c.t1 : c.t2, text);
            break;
        case ColumnKind::DateTime:
            grid.text(context, at, p.f().mono, look.bright ? c.t1 : c.t2,
                      due_text(text, context.now, inner.w > context.px(90)));
            break;
        case ColumnKind::Reference:
            grid.text(context, at, p.f().mono, look.bright ? c.t1 : c.t2, short_id(fhir::id_part(text)));
            break;
        case ColumnKind::Status:
        case ColumnKind::Priority: {
            if (text.empty()) break;
            const ImVec2 pos(inner.x, inner.y + (inner.h - context.px(mark_box)) / 2);
            if (column.kind == ColumnKind::Status)
                draw_task_mark(p.list(), context.theme, task_mark_of(text), pos);
            else
                draw_priority_mark(p.list(), context.theme, priority_rank(text), pos);
            p.text_cut(p.f().body, inner.x + context.px(19), inner.right(), inner.y, inner.h, look.bright ? c.t1 : c.t2,
                       text);
            break;
        }
        case ColumnKind::Text:
        case ColumnKind::Code:
            if (text.empty() && column.id == "assignee")
                grid.text(context, at, p.f().body, faint, "unassigned");
            else
                grid.text(context, at, p.f().body, look.title || look.bright ? c.t1 : c.t2, text);
            break;
    }
}

} // namespace fhirscope::gui
