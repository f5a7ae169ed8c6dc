#include "gui/inspector/edit.hpp"

#include "fhir/reference.hpp"
#include "gui/base/format.hpp"
#include "gui/frame/edit_actions.hpp"
#include "gui/frame/selection.hpp"
#include "gui/model/conflicts/conflict_sheet.hpp"
#include "gui/model/labels.hpp"
#include "gui/ui/widgets.hpp"
#include "words/words.hpp"

#include <algorithm>

namespace fhirscope::gui {

namespace {

constexpr std::size_t most_fields = 6;
constexpr float field_row = 20;

using engine::EditState;

bool wanted(const engine::LocalEdit& edit, const engine::Record& record) {
    // What was written is news until the next version.
    return edit.state != EditState::Acknowledged || edit.version == record.current().version_id();
}

// A field's name, what it was (struck through) and what it becomes, on the fill that tells whose change it is.
void change_row(const Context& context, const Rect& row, std::string_view path, std::string_view before,
                std::string_view after, ImU32 fill) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const float left = row.x + context.px(14);
    const float right = row.right() - context.px(14);
    p.fill(Rect{left - context.px(4), row.y, right - left + context.px(8), row.h}, fill);
    float x = p.text_cut(p.f().cell, left, left + (right - left) * 0.4F, row.y, row.h, c.t3, path) + context.px(8);
    const float half = x + (right - x) * 0.5F;
    if (before.empty())
        x = p.text(p.f().cell, x, row.y, row.h, c.t3, "absent");
    else
        x = p.text_struck(p.f().mono, x, half, row.y, row.h, c.t3, before);
    x = p.text(p.f().body, x + context.px(6), row.y, row.h, c.t3, "→") + context.px(6);
    if (after.empty())
        p.put(p.f().cell, x, row.y, row.h, c.t3, "absent");
    else
        p.text_cut(p.f().mono, x, right, row.y, row.h, c.t1, after);
}

void change_rows(const Context& context, Rect& area, const std::vector<fhir::FieldChange>& changes, ImU32 fill) {
    const Painter p(context.theme);
    const std::size_t shown = std::min(changes.size(), most_fields);
    for (std::size_t i = 0; i < shown; ++i) {
        const Rect row = area.take_top(context.px(field_row));
        change_row(context, row, changes[i].path, changes[i].before, changes[i].after, fill);
        if (row.contains(ImGui::GetIO().MousePos) && ImGui::IsWindowHovered()) {
            tooltip(context, changes[i].path + "\n" + (changes[i].before.empty() ? "absent" : changes[i].before) +
                                 "\n→ " + (changes[i].after.empty() ? "absent" : changes[i].after));
        }
    }
    if (shown < changes.size()) {
        const Rect row = area.take_top(context.px(field_row));
        ShortText more("and ");
        more.append(number(static_cast<std::int64_t>(changes.size() - shown))).append(" more, see Tree");
        p.put(p.f().cell, row.x + context.px(14), row.y, row.h, p.c().t3, more);
    }
}

struct StateWords {
    Mark mark = Mark::Idle;
    std::string words;
    ImU32 color = 0;
};

StateWords words_of(const Context& context, const engine::LocalEdit& edit) {
    const Palette& c = context.theme.c;
    StateWords out{Mark::Idle, {}, c.t2};
    switch (edit.state) {
        case EditState::Sending:
            out.words = "on its way to the server";
            break;
        case EditState::Checking:
            out.mark = Mark::Checking;
            out.words = "the server is asked what it has";
            break;
        case EditState::Conflicted:
            out.mark = Mark::Conflict;
            out.words = "conflict";
            out.color = c.con;
            break;
        default:
            out.words = context.snapshot.connection.state == engine::ConnectionState::Receiving
                            ? "waits to be sent"
                            : "waits for the connection";
            break;
    }
    if (edit.attempts > 1) out.words += ", sent " + std::to_string(edit.attempts) + " times";
    return out;
}

void paragraph(const Context& context, Rect& area, ImU32 color, std::string_view text) {
    const Painter p(context.theme);
    const Rect inner = area.inset(context.px(14), 0);
    const float bottom = p.paragraph(p.f().cell, inner, context.px(17), color, text);
    area.take_top(bottom - area.y + context.px(2));
}

} // namespace

engine::LocalEditPtr EndedEdit::of(const engine::Snapshot& snapshot, const std::string& reference) {
    const auto& log = snapshot.ended_edits;
    if (reference != reference_ || log.end() < looked_at_) {
        reference_ = reference;
        looked_at_ = 0;
        newest_ = nullptr;
    }
    for (std::uint64_t n = std::max(looked_at_, log.first()); n < log.end(); ++n)
        if (log[n]->reference == reference) newest_ = log[n];
    looked_at_ = log.end();
    return newest_;
}

const std::vector<fhir::FieldChange>& EditSection::changes_of(const engine::LocalEditPtr& edit) {
    if (edit != changes_for_) {
        changes_for_ = edit;
        changes_.clear();
        if (edit->base && edit->local) changes_ = fhir::diff(*edit->base, *edit->local);
    }
    return changes_;
}

void EditSection::pending(Context& context, Rect& area, const engine::Record& record) {
    const Painter p(context.theme);
    const Rect title = area.take_top(context.px(28));
    float right = title.right() - context.px(14);
    const float after = section_title(context, title, context.px(14), "Pending edit") + context.px(10);
    const ButtonOptions small{.kind = ButtonKind::Normal, .small = true};
    if (in_conflict(record)) {
        float x = right - button_width(context, "Decide", small);
        right = x - context.px(6);
        if (button(context, "inspector/edit/decide", x, title.y, title.h, "Decide", small)) {
            context.ui.view = ViewId::Conflicts;
            select_conflict(context, record.edit->conflict);
        }
    }
    if (can_discard(record) && edit_blocked(context).empty()) {
        float x = right - button_width(context, "Discard", small);
        right = x - context.px(8);
        if (button(context, "inspector/edit/discard", x, title.y, title.h, "Discard", small))
            context.send(engine::DiscardEdit{record.reference});
    }
    context.target("inspector/edit/pending", title);
    const StateWords state = words_of(context, *record.edit);
    const float x = p.mark(state.mark, after, title.y, title.h) + context.px(5);
    p.text_cut(p.f().cell, x, right, title.y, title.h, state.color, state.words);
    change_rows(context, area, changes_of(record.edit), p.c().sel);
}

void EditSection::asked(Context& context, Rect& area, const engine::Record& record, const engine::LocalEdit& edit) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const std::string_view type = fhir::type_part(record.reference);
    const std::vector<AskedField> fields = asked_fields(type, edit.fields);
    const bool possible = edit_blocked(context, record).empty();
    const ButtonOptions small{.kind = ButtonKind::Normal, .small = true};
    for (std::size_t i = 0; i < std::min(fields.size(), most_fields); ++i) {
        const AskedField& field = fields[i];
        const Rect row = area.take_top(context.px(24));
        const float left = row.x + context.px(14);
        float right = row.right() - context.px(14);
        if (possible) {
            float x = right - button_width(context, "Edit again", small);
            right = x - context.px(8);
            if (button(context, "inspector/edit/again/" + std::to_string(i), x, row.y, row.h, "Edit again", small))
                open_form(context, record, field.field, EditPlace::Pending, row, field.typed);
        }
        const float x =
            p.text_cut(p.f().cell, left, left + (right - left) * 0.4F, row.y, row.h, c.t3, field.field.path) +
            context.px(8);
        p.fill(Rect{x - context.px(3), row.y + context.px(2), right - x + context.px(6), row.h - context.px(4)}, c.sel);
        if (field.typed.empty())
            p.put(p.f().cell, x, row.y, row.h, c.t3, "removed");
        else
            p.text_cut(p.f().mono, x, right, row.y, row.h, c.t1, field.typed);
        Editing& editing = context.ui.overlays.editing;
        if (editing.at(EditPlace::Pending, record.reference) && editing.form->field() == field.field)
            editing.anchor = Rect{x - context.px(3), row.y, row.right() - context.px(8) - x, row.h};
    }
}

void EditSection::ended(Context& context, Rect& area, const engine::Record& record, const engine::LocalEdit& edit) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const Rect title = area.take_top(context.px(28));
    context.target("inspector/edit/ended", title);
    const bool refused = edit.state == EditState::Refused;
    const bool written = edit.state == EditState::Acknowledged;
    float x = section_title(context, title, context.px(14), "Edit") + context.px(10);
    x = p.mark(refused ? Mark::Error : written ? Mark::Applied : Mark::NotReached, x, title.y, title.h) + context.px(5);
    float right = title.right() - context.px(14);
    const ButtonOptions quiet{.kind = ButtonKind::Quiet, .small = true};
    float at = right - button_width(context, "Dismiss", quiet);
    right = at - context.px(6);
    if (button(context, "inspector/edit/dismiss", at, title.y, title.h, "Dismiss", quiet))
        dismissed_.insert(edit.number);
    if (written) {
        x = p.text(p.f().cell, x, title.y, title.h, c.t2, "written") + context.px(5);
        if (!edit.version.empty()) {
            x = p.text(p.f().cell, x, title.y, title.h, c.t3, "as version") + context.px(5);
            p.text_cut(p.f().mono, x, right, title.y, title.h, c.t2, short_id(edit.version, 6));
        }
        if (!edit.server_changed.empty()) {
            std::string sentence =
                "The server changed " + std::to_string(edit.server_changed.size()) + " of the fields sent: ";
            for (std::size_t i = 0; i < std::min(edit.server_changed.size(), most_fields); ++i)
                sentence += (i == 0 ? "" : ", ") + edit.server_changed[i].path;
            sentence += edit.server_changed.size() > most_fields ? ", …" : ".";
            paragraph(context, area, c.att, sentence);
            change_rows(context, area, edit.server_changed, c.tlive);
        }
        return;
    }
    p.text_cut(p.f().cell, x, right, title.y, title.h, refused ? c.err : c.t2,
               refused ? "refused" : "dropped: the server's version stands");
    if (!edit.problem.empty()) paragraph(context, area, refused ? c.err : c.t2, words::text(edit.problem));
    asked(context, area, record, edit);
}

void EditSection::draw(Context& context, Rect& area, const engine::Record& record) {
    const Rect whole = area;
    area.take_top(context.px(6));
    const float top = area.y;
    const engine::LocalEditPtr last = ended_.of(context.snapshot, record.reference);
    if (record.edit && record.edit->pending()) pending(context, area, record);
    // Of an edit that goes on after a part of it was written, only the rest is told.
    const bool newest = last && (!record.edit || !record.edit->pending() || record.edit->number < last->number);
    if (newest && !dismissed_.contains(last->number) && wanted(*last, record)) ended(context, area, record, *last);
    if (area.y > top) {
        const Painter p(context.theme);
        p.hline(area.x, area.right(), top, p.c().line);
        area.take_top(context.px(4));
    } else {
        area = whole;
    }
}

} // namespace fhirscope::gui
