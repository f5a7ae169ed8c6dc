#include "gui/frame/overlays/edit_box.hpp"

#include "gui/frame/edit_actions.hpp"
#include "gui/model/labels.hpp"
#include "gui/ui/widgets.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace fhirscope::gui {

namespace {

constexpr float choice_row = 24;
constexpr float message_line = 16;
constexpr std::size_t most_choices = 12;
constexpr std::array<GridColumn, 1> choice_columns = {{{"label", "", 100, Align::Left, true}}};

// Below the anchor where there is room, else above it; never outside the window. `over`: the box begins with the
// anchor's own line.
Rect place_box(const Context& context, const Rect& window, const Rect& anchor, float w, float h, bool over) {
    if (anchor.empty()) // nothing was drawn that it belongs to
        return {snap(window.x + (window.w - w) / 2), window.y + context.px(48), w, h};
    float y = over ? anchor.y : anchor.bottom();
    if (y + h > window.bottom()) y = over ? window.bottom() - h : anchor.y - h;
    const float x = std::min(anchor.x, window.right() - w);
    return {snap(std::max(window.x, x)), snap(std::max(window.y, y)), w, h};
}

float message_height(const Context& context, float width, std::string_view text) {
    return Painter::paragraph_height(context.theme.f.small, width, context.px(message_line), text);
}

std::string hint_of(const EditForm& form) {
    if (form.closed_list()) return "Enter sends, Esc cancels";
    if (form.typed.empty() && form.touched()) return "Empty: the field is removed. Enter sends";
    std::string hint(form.type_name());
    if (form.field().ask == Ask::Owner) hint = "a name or Practitioner/id";
    return hint + (hint.empty() ? "" : ". ") + "Enter sends, Esc cancels";
}

} // namespace

EditBox::Keys EditBox::keys(bool input_active) const {
    // Another field may have the keyboard; a field of ours loses it by the very Enter that is meant.
    if (!input_active && !had_keyboard_ && ImGui::IsAnyItemActive()) return {};
    return {ImGui::IsKeyPressed(ImGuiKey_Enter, false) || ImGui::IsKeyPressed(ImGuiKey_KeypadEnter, false),
            ImGui::IsKeyPressed(ImGuiKey_Escape, false)};
}

std::int64_t EditBox::list(Context& context, const Rect& area, const std::vector<Line>& lines, std::string_view marks,
                           bool enter) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto count = static_cast<std::int64_t>(lines.size());
    chosen_ = std::min(chosen_, count - 1);
    if (count > 0 && ImGui::IsKeyPressed(ImGuiKey_DownArrow)) {
        chosen_ = std::min(chosen_ + 1, count - 1);
        grid_.reveal(chosen_);
    }
    if (count > 0 && ImGui::IsKeyPressed(ImGuiKey_UpArrow)) {
        chosen_ = std::max<std::int64_t>(chosen_ - 1, 0);
        grid_.reveal(chosen_);
    }
    GridStyle style;
    style.row_height = choice_row;
    style.header = false;
    style.left = 0;
    style.right = 0;
    grid_.begin(context, "edit/list", area, choice_columns, count, style);
    for (std::int64_t i = grid_.first(); i < grid_.last(); ++i) {
        const Line& line = lines[static_cast<std::size_t>(i)];
        grid_.row(context, i, {i == chosen_, 0, 0});
        const Rect row = grid_.row_rect();
        context.target("edit/choice/" + line.label, row);
        float x = row.x + context.px(10);
        const ImVec2 mark(x, row.y + (row.h - context.px(mark_box)) / 2);
        if (marks == "status") {
            draw_task_mark(p.list(), context.theme, task_mark_of(line.label), mark);
            x += context.px(19);
        } else if (marks == "priority") {
            draw_priority_mark(p.list(), context.theme, priority_rank(line.label), mark);
            x += context.px(19);
        }
        const float right = row.right() - context.px(10);
        x = p.text_cut(p.f().body, x, right, row.y, row.h, line.blocked.empty() ? c.t1 : c.line3, line.label);
        if (!line.note.empty()) {
            x += context.px(12);
            if (line.warn) x = p.mark(Mark::Attention, x, row.y, row.h) + context.px(5);
            p.text_cut(p.f().small, x, right, row.y, row.h, line.warn ? c.att : c.t3, line.note);
        }
        if (grid_.row_hovered() && !line.blocked.empty()) tooltip(context, line.blocked);
    }
    grid_.end(context);
    const std::int64_t at = grid_.clicked() >= 0 ? grid_.clicked() : enter ? chosen_ : -1;
    return at >= 0 && at < count && lines[static_cast<std::size_t>(at)].blocked.empty() ? at : -1;
}

bool EditBox::input(Context& context, const Rect& rect, EditForm& form) {
    const bool wrong = form.touched() && !form.problem().empty();
    // Dates and codes are figures; what people write is text.
    const bool words = form.type_name().empty() || form.type_name() == "string" || form.type_name() == "markdown";
    const bool active =
        value_input(context, "edit/input", rect, form.typed, wrong ? InputState::Invalid : InputState::Empty,
                    wants_keyboard_, words ? context.theme.f.body : context.theme.f.mono);
    wants_keyboard_ = wants_keyboard_ && !active;
    if (wants_keyboard_) context.redraw_within(std::chrono::milliseconds(1));
    return active;
}

void EditBox::leave(Context& context) {
    context.ui.overlays.editing.close();
    had_keyboard_ = wants_keyboard_ = false;
}

void EditBox::run(Context& context, const engine::Record& record, const EditMenuItem& item) {
    const EditMenuItem chosen = item; // the menu goes
    const EditPlace place = context.ui.overlays.editing.menu->place;
    const Rect anchor = context.ui.overlays.editing.anchor;
    leave(context);
    switch (chosen.does) {
        case EditMenuItem::Does::Edit:
            open_form(context, record, chosen.field, place, anchor);
            break;
        case EditMenuItem::Does::Remove:
            context.send(engine::Edit{record.reference, {{chosen.field.path, ""}}, engine::EditMethod::Put});
            break;
        case EditMenuItem::Does::Discard:
            context.send(engine::DiscardEdit{record.reference});
            break;
    }
}

void EditBox::menu(Context& context, const Rect& window) {
    const EditMenu& menu = *context.ui.overlays.editing.menu;
    const bool opened = context.ui.overlays.editing.fresh;
    context.ui.overlays.editing.fresh = false;
    if (opened) chosen_ = 0;
    float w = context.px(160);
    std::vector<Line> lines;
    std::string reason; // one that holds for all is said below
    for (const EditMenuItem& item : menu.items) {
        lines.push_back({item.label, "", item.blocked, false});
        w = std::max(w, Painter::width(context.theme.f.body, item.label) + context.px(28));
        reason = &item == menu.items.data() || item.blocked == reason ? item.blocked : std::string();
    }
    w = std::ceil(reason.empty() ? w : std::max(w, context.px(260)));
    const float foot = reason.empty() ? 0 : message_height(context, w - context.px(20), reason) + context.px(8);
    const Rect box = place_box(context, window, context.ui.overlays.editing.anchor, w,
                               context.px(choice_row) * static_cast<float>(lines.size()) + foot + context.px(2), false);
    begin_region("edit", box);
    const Painter p(context.theme);
    p.fill(box, p.c().bg1);
    Rect rest = box.inset(context.px(1), context.px(1));
    if (foot > 0) {
        const Rect words = rest.take_bottom(foot);
        p.paragraph(p.f().small, words.inset(context.px(10), context.px(4)), context.px(message_line), p.c().t3,
                    reason);
    }
    const Keys pressed = opened ? Keys{} : keys(false);
    const std::int64_t at = list(context, rest, lines, {}, pressed.enter);
    p.outline(box, p.c().line2);
    end_region();
    const ImGuiIO& io = ImGui::GetIO();
    const bool elsewhere = (io.MouseClicked[0] || io.MouseClicked[1]) && !box.contains(io.MousePos);
    const engine::Record* record = finder_.find(context.snapshot, menu.reference);
    if (at >= 0 && record != nullptr)
        run(context, *record, menu.items[static_cast<std::size_t>(at)]);
    else if (record == nullptr || pressed.escape || (elsewhere && !opened))
        leave(context);
}

void EditBox::form(Context& context, const Rect& window) {
    EditForm& form = *context.ui.overlays.editing.form;
    const bool opened = context.ui.overlays.editing.fresh;
    context.ui.overlays.editing.fresh = false;
    if (opened) {
        chosen_ = form.closed_list() ? 0 : -1;
        wants_keyboard_ = !form.closed_list();
        had_keyboard_ = false;
        listed_for_ = form.typed;
    }
    const engine::Record* record = finder_.find(context.snapshot, form.reference());
    // What was typed stays, also where it cannot be sent any more.
    const std::string_view blocked = record == nullptr ? "It is not loaded any more." : edit_blocked(context, *record);
    const fhir::ResourcePtr resource = record != nullptr ? shown_resource(*record) : nullptr;
    if (resource) form.check(resource);
    if (form.typed != listed_for_) { // typing means the text, not what the arrows chose
        listed_for_ = form.typed;
        chosen_ = -1;
    }
    const std::vector<EditChoice> choices = form.choices();
    std::vector<Line> lines;
    for (const EditChoice& choice : choices) lines.push_back({choice.label, choice.note, "", choice.warn});
    const bool with_input = form.editable() && !form.closed_list();
    const Rect anchor = context.ui.overlays.editing.anchor;
    const bool wide = form.field().ask == Ask::Note || form.type_name() == "string" || form.type_name() == "markdown";
    const float least = context.px(form.closed_list() ? 290.0F : wide ? 320.0F : 240.0F);
    const float w = std::min(std::ceil(std::max(anchor.w, least)), window.w);
    const bool wrong = !blocked.empty() || (!form.problem().empty() && (form.touched() || !form.editable()));
    const std::string message = !blocked.empty()       ? std::string(blocked)
                                : wrong                ? form.problem()
                                : !form.news().empty() ? form.news()
                                                       : hint_of(form);
    const float message_h = message_height(context, w - context.px(20), message) + context.px(8);
    const float input_h = with_input ? std::max(context.px(choice_row), anchor.h) : 0;
    const auto visible = static_cast<float>(std::min(lines.size(), most_choices));
    const Rect box =
        place_box(context, window, anchor, w, input_h + visible * context.px(choice_row) + message_h, with_input);
    begin_region("edit", box);
    const Painter p(context.theme);
    const Palette& c = p.c();
    p.fill(box, c.bg1);
    Rect rest = box;
    const Rect field = rest.take_top(input_h);
    const Rect words = rest.take_bottom(message_h);
    p.outline(box, c.line2);
    const bool active = with_input && input(context, field, form);
    const Keys pressed = opened ? Keys{} : keys(active);
    had_keyboard_ = active;
    std::int64_t at = -1;
    if (!lines.empty()) {
        const bool task = form.reference().starts_with("Task/");
        at = list(context, rest.inset(context.px(1)), lines, task ? std::string_view(form.field().path) : "",
                  pressed.enter);
    }
    context.target(wrong ? "edit/problem" : "edit/hint", words);
    p.paragraph(p.f().small, words.inset(context.px(10), context.px(4)), context.px(message_line),
                wrong                 ? c.err
                : form.news().empty() ? c.t3
                                      : c.att,
                message);
    end_region();

    const ImGuiIO& io = ImGui::GetIO();
    const bool elsewhere = (io.MouseClicked[0] || io.MouseClicked[1]) && !box.contains(io.MousePos) && !opened;
    if (resource) form.check(resource); // the text may have changed in this frame
    const bool sends = blocked.empty() && (at >= 0 || (pressed.enter && with_input));
    if (sends)
        send(context, form, at >= 0 ? &choices[static_cast<std::size_t>(at)] : nullptr);
    else if (pressed.escape || (elsewhere && !form.touched()))
        leave(context);
}

void EditBox::send(Context& context, EditForm& form, const EditChoice* choice) {
    if (choice != nullptr) {
        const auto edits = form.edits_of(*choice);
        if (!edits) {
            form.refuse(edits.error().message);
            return;
        }
        if (!edits->empty()) context.send(engine::Edit{form.reference(), *edits, engine::EditMethod::Put});
    } else if (!form.problem().empty()) {
        form.insist();
        wants_keyboard_ = true; // Enter has taken it from the field
        return;
    } else if (!form.edits().empty()) {
        context.send(engine::Edit{form.reference(), form.edits(), engine::EditMethod::Put});
    }
    leave(context);
}

void EditBox::draw(Context& context, const Rect& window) {
    const Editing& editing = context.ui.overlays.editing;
    if (editing.form)
        form(context, window);
    else if (editing.menu)
        menu(context, window);
}

} // namespace fhirscope::gui
