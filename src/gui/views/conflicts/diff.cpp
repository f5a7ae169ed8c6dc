#include "gui/views/conflicts/diff.hpp"

#include "gui/base/format.hpp"
#include "gui/frame/conflict_actions.hpp"
#include "gui/frame/selection.hpp"
#include "gui/model/conflicts/conflict_text.hpp"
#include "gui/model/labels.hpp"
#include "gui/ui/rich_text.hpp"
#include "gui/ui/widgets.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace fhirscope::gui {

using engine::Conflict;
using fhir::Side;

namespace {

constexpr float diff_row = 28;
constexpr float diff_head = 24;
constexpr float width_of_actions = 48;

// The largest texts are cut before they are measured; the tooltip has them whole.
std::string_view shown_text(std::string_view text) { return text.substr(0, 400); }

std::optional<ServerTime> time_of(const fhir::ResourcePtr& resource) {
    return resource ? resource->last_updated() : std::nullopt;
}

// Whether the versions' own times are worth a row.
bool has_times(const Conflict& conflict) { return time_of(conflict.server).has_value(); }

float radio(const Painter& p, float x, float y, float height, bool on) {
    const ImVec2 center(x + p.px(7), std::floor(y + height / 2));
    p.list().AddCircle(center, p.px(5.5F), on ? p.c().t1 : p.c().line3, 20, p.theme().scale * 1.2F);
    if (on) p.list().AddCircleFilled(center, p.px(3), p.c().t1, 16);
    return x + p.px(14);
}

// Returns whether there was room for all of it.
bool value(const Painter& p, float x, float right, const Rect& row, ImU32 color, std::string_view text) {
    const std::string_view shown = text.empty() ? std::string_view("absent") : shown_text(text);
    p.text_cut(p.f().mono, x, right, row.y, row.h, text.empty() ? p.c().t4 : color, shown);
    return shown.size() >= text.size() && Painter::width(p.f().mono, shown) <= right - x;
}

} // namespace

// Left edges: field, base, local, server, result, and the right end. Without the base column both its edges are equal.
struct ConflictDiff::Columns {
    std::array<float, 6> x{};
    Rect cell(std::size_t i, const Rect& row) const { return {x[i], row.y, x[i + 1] - x[i], row.h}; }
};

void ConflictDiff::head(Context& context, Rect& area, const ConflictIndex& index) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const Conflict& conflict = *sheet_.conflict();
    area.take_top(context.px(8));
    const Rect row = area.take_top(context.px(24));
    float right = row.right() - context.px(12);
    const auto step = [&](const char* name, Icon icon, int by, const char* tip) {
        right -= context.px(24);
        if (icon_button(context, name, ImVec2(right, row.y), icon, false, tip)) {
            if (const auto number = next_open_conflict(context.snapshot, conflict.number, by))
                select_conflict(context, *number);
        }
        right -= context.px(10);
    };
    step("conflicts/next", Icon::StepForward, 1, "Next open conflict (N)");
    step("conflicts/previous", Icon::StepBack, -1, "Previous open conflict");
    std::string place;
    if (conflict.open() && index.open() > 0) {
        const std::size_t before = index.open_before(conflict.number);
        place = std::to_string(std::min(before + 1, index.open())) + " of " + std::to_string(index.open()) + " open";
    } else {
        place = std::to_string(index.open()) + " open";
    }
    right = p.text_right(p.f().small, right, row.y, row.h, c.t3, place) - context.px(12);
    float x = row.x + context.px(16);
    if (context.layout.narrow) {
        x = row.x + context.px(8);
        if (icon_button(context, "conflicts/back", ImVec2(x, row.y), Icon::ChevronLeft, false,
                        "Back to the list (Esc)"))
            select_nothing(context);
        x += context.px(32);
    }
    x = p.text_cut(p.f().bold, x, right, row.y, row.h, c.t1, short_reference(conflict.reference)) + context.px(10);
    if (const engine::Record* record = finder_.find(context.snapshot, conflict.reference)) {
        const std::string_view title = title_of(context.snapshot, *record);
        if (title != record->reference && title != patient_)
            x = p.text_cut(p.f().body, x, right, row.y, row.h, c.t1, title) + context.px(10);
    }
    p.text_cut(p.f().body, x, right, row.y, row.h, c.t3, patient_);
    area.take_top(context.px(4));
    const Rect text{area.x + context.px(37), area.y, area.w - context.px(37 + 16), area.h};
    p.mark(conflict_mark(conflict.kind), area.x + context.px(16), area.y, context.px(20));
    const float end = rich_paragraph(p, {p.f().body, p.f().mono}, text, context.px(20), c.t2, explanation_);
    area.take_top(end - area.y + context.px(8));
}

void ConflictDiff::column_heads(Context& context, const Rect& row, const Columns& columns) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const Conflict& conflict = *sheet_.conflict();
    p.hline(row.x, row.right(), row.y, c.line);
    const auto id = [](const fhir::ResourcePtr& resource, std::string_view none) {
        return resource ? short_id(resource->version_id(), 6) : none;
    };
    const bool edit = about_edit(conflict.kind);
    const std::array<std::pair<std::string_view, std::string_view>, 5> heads = {
        {{"Field", {}},
         {"Base", id(conflict.base, "not kept")},
         {edit ? "Local edit" : "Held here", !edit             ? id(conflict.local, "nothing")
                                             : conflict.open() ? std::string_view("not sent")
                                                               : std::string_view()},
         {"Server", id(conflict.server, "deleted")},
         {"Result", conflict.open() ? "preview" : short_id(conflict.written, 6)}}};
    for (std::size_t i = 0; i < heads.size(); ++i) {
        const Rect cell = columns.cell(i, row);
        if (cell.w <= 0) continue;
        const float x = cell.x + context.px(i == 0 ? 16 : 10);
        const float end = p.text_cut(p.f().small, x, cell.right(), cell.y, cell.h, c.t3, heads[i].first);
        p.text_cut(p.f().mono_small, end + context.px(8), cell.right(), cell.y, cell.h, c.t4, heads[i].second);
    }
}

void ConflictDiff::field_row(Context& context, std::size_t index, const Columns& columns) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const Conflict& conflict = *sheet_.conflict();
    const ConflictField& field = sheet_.fields()[index];
    const Rect& row = grid_.row_rect();
    std::vector<FieldChoice>& choices = context.ui.conflicts.choices_for(conflict.number);
    const Side side = conflict.open() ? choice_of(field, choices) : field.proposed;
    const std::string_view result = result_of(field, side);
    const bool asks = conflict.open() && conflict.server && can_send(context);
    p.hline(row.x, row.right(), row.y, c.line);

    const Rect name = columns.cell(0, row);
    const float mark_x = name.x + context.px(16);
    if (field.overlap)
        p.mark(Mark::Conflict, mark_x, row.y, row.h);
    else if (field.server_changed)
        p.mark(Mark::Fresh, mark_x, row.y, row.h);
    p.text_cut(p.f().body, mark_x + context.px(20), name.right() - context.px(8), row.y, row.h,
               field.overlap ? c.t1 : c.t2, field.path);
    const Rect base = columns.cell(1, row);
    if (base.w > 0) {
        if (conflict.base)
            value(p, base.x + context.px(10), base.right() - context.px(8), row, c.t3, field.base);
        else
            p.put(p.f().mono, base.x + context.px(10), row.y, row.h, c.t4, "?");
    }
    bool cut = false; // where the mouse is
    const auto column = [&](std::size_t i, Side of, const std::string& text, bool changed, ImU32 picked_fill,
                            ImU32 fill) {
        const Rect cell = columns.cell(i, row);
        const bool picked = side == of || (side == Side::Both && changed);
        const Rect inner{cell.x, cell.y + context.px(1), cell.w, cell.h - context.px(1)};
        if (changed && picked)
            p.fill(inner, picked_fill);
        else if (changed && fill != 0)
            p.fill(inner, fill);
        float x = cell.x + context.px(10);
        if (asks || !conflict.fields.empty()) x = radio(p, x, cell.y, cell.h, picked) + context.px(8);
        const bool whole = value(p, x, cell.right() - context.px(8), cell, picked ? c.t1 : changed ? c.t2 : c.t3, text);
        cut |= !whole && cell.contains(ImGui::GetIO().MousePos);
        if (asks) {
            const char* which = of == Side::Local ? "conflicts/local/" : "conflicts/server/";
            const Hit state = hit(context, which + std::to_string(index), inner);
            if (state.hovered) ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
            if (state.clicked) choose(sheet_.fields(), index, of, choices);
        }
    };
    column(2, Side::Local, field.local, field.local_changed, c.sel, 0);
    column(3, Side::Server, field.server, field.server_changed, c.tlive, c.tlive2);
    const Rect last = columns.cell(4, row);
    value(p, last.x + context.px(10), last.right() - context.px(8), row, c.t1, result);
    for (std::size_t i = 2; i < 5; ++i) p.vline(columns.x[i], row.y, row.bottom(), c.line);
    // Over what is clicked only where its text is cut; where the base has no column, over all.
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    const bool pointed = ImGui::IsWindowHovered() && row.contains(mouse) && grid_.body().contains(mouse);
    if (pointed && (base.w <= 0 || cut || mouse.x < columns.x[2] || mouse.x >= columns.x[4])) {
        const auto line = [](std::string_view label, std::string_view text) {
            return "\n" + std::string(label) + (text.empty() ? "absent" : std::string(shown_text(text)));
        };
        tooltip(context, field.path + line("base: ", field.base) + line("local: ", field.local) +
                             line("server: ", field.server) +
                             (field.group.empty() ? "" : "\nchosen together: " + field.group));
    }
}

void ConflictDiff::time_row(const Context& context, const Columns& columns) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const Conflict& conflict = *sheet_.conflict();
    const Rect& row = grid_.row_rect();
    p.hline(row.x, row.right(), row.y, c.line);
    const float mark_x = columns.x[0] + context.px(16);
    p.mark(Mark::Fresh, mark_x, row.y, row.h);
    p.text_cut(p.f().body, mark_x + context.px(20), columns.x[1] - context.px(8), row.y, row.h, c.t2,
               "meta.lastUpdated");
    const auto put = [&](std::size_t i, const fhir::ResourcePtr& resource, ImU32 color) {
        const Rect cell = columns.cell(i, row);
        if (cell.w <= 0) {
            return;
        }
        const auto time = time_of(resource);
        p.text_cut(p.f().mono, cell.x + context.px(i > 1 ? 18 : 10), cell.right(), cell.y, cell.h, color,
                   time ? clock_ms(wall(*time)).view() : std::string_view("?"));
    };
    const Rect server = columns.cell(3, row);
    p.fill(Rect{server.x, row.y + context.px(1), server.w, row.h - context.px(1)}, c.tlive2);
    put(1, conflict.base, c.t3);
    put(2, about_edit(conflict.kind) && conflict.base ? conflict.base : conflict.local, c.t3);
    put(3, conflict.server, c.t2);
    const Rect last = columns.cell(4, row);
    p.text_cut(p.f().mono, last.x + context.px(10), last.right(), row.y, row.h, c.t4, "set by server");
    for (std::size_t i = 2; i < 5; ++i) p.vline(columns.x[i], row.y, row.bottom(), c.line);
}

void ConflictDiff::table(Context& context, const Rect& area, const Columns& columns) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const std::size_t fields = sheet_.fields().size();
    const std::size_t fold = fields + (has_times(*sheet_.conflict()) ? 1 : 0);
    const std::size_t same = sheet_.same().size();
    const std::size_t rows = fold + (same > 0 ? 1 : 0) + (unfolded_ ? same : 0);
    GridStyle style;
    style.row_height = diff_row;
    style.header = false;
    constexpr std::array<GridColumn, 1> whole_column = {{{"field", "", 100, Align::Left, true}}};
    grid_.begin(context, "conflicts/diff", area, whole_column, static_cast<std::int64_t>(rows), style);
    for (std::int64_t i = grid_.first(); i < grid_.last(); ++i) {
        const auto at = static_cast<std::size_t>(i);
        grid_.row(context, i, {});
        const Rect row = grid_.row_rect();
        if (at < fold) {
            // Fills are by cell: a row that is pointed at stays as it is.
            p.fill(row, c.bg1);
        }
        if (at < fields) {
            field_row(context, at, columns);
        } else if (at < fold) {
            time_row(context, columns);
        } else if (at == fold) {
            p.hline(row.x, row.right(), row.y, c.line);
            float x =
                p.icon(unfolded_ ? Icon::ChevronDown : Icon::ChevronRight, row.x + context.px(12), row.y, row.h, c.t3);
            const std::string text = std::to_string(same) + (same == 1 ? " field is" : " fields are") +
                                     " the same in " + (sheet_.conflict()->base ? "all three" : "both");
            p.put(p.f().body, x + context.px(2), row.y, row.h, c.t3, text);
            if (hit(context, "conflicts/same", row).clicked) unfolded_ = !unfolded_;
        } else {
            const SameField& field = sheet_.same()[at - fold - 1];
            p.hline(row.x, row.right(), row.y, c.line);
            p.text_cut(p.f().body, columns.x[0] + context.px(36), columns.x[1] - context.px(8), row.y, row.h, c.t3,
                       field.path);
            p.text_cut(p.f().mono, columns.x[1] + context.px(10), columns.x[5] - context.px(10), row.y, row.h, c.t3,
                       shown_text(field.value));
        }
    }
    grid_.end(context);
    if (rows == 0) empty_state(context, area, "The versions are not kept.");
}

void ConflictDiff::draw(Context& context, Rect area, const engine::ConflictPtr& conflict, const ConflictIndex& index) {
    if (sheet_.show(conflict)) {
        explanation_ = explain(*conflict, sheet_.fields());
        patient_ = patient_of(*conflict);
        if (shown_ != conflict->number) {
            shown_ = conflict->number;
            unfolded_ = false;
            grid_.scroll_to_top();
        }
    }
    const Painter p(context.theme);
    p.hline(area.x, area.right(), area.y, p.c().line);
    const Rect foot = area.take_bottom(context.px(width_of_actions));
    head(context, area, index);
    // Shares of the width as in the guide's picture: 158, 168, 206, 206, 194 of 932.
    const std::array<float, 5> shares = context.layout.narrow
                                            ? std::array<float, 5>{0.22F, 0, 0.27F, 0.27F, 0.24F}
                                            : std::array<float, 5>{0.17F, 0.18F, 0.221F, 0.221F, 0.208F};
    Columns columns;
    columns.x[0] = area.x;
    for (std::size_t i = 0; i < shares.size(); ++i) columns.x[i + 1] = snap(columns.x[i] + area.w * shares[i]);
    column_heads(context, area.take_top(context.px(diff_head)), columns);
    table(context, area, columns);
    actions(context, foot);
}

} // namespace fhirscope::gui
