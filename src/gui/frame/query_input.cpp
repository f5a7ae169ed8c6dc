#include "gui/frame/query_input.hpp"

#include <imgui_internal.h>

#include <algorithm>
#include <cmath>

namespace fhirscope::gui {

namespace {

constexpr int most_suggestions = 10;
constexpr float suggestion_row = 22;

} // namespace

bool QueryInput::ask(const std::string& text, const query::Fields& fields) {
    if (started_ && text == read_ && fields == fields_) return false;
    started_ = true;
    read_ = text;
    fields_ = fields;
    Result<query::Query> read = query::Query::parse(text, fields);
    if (!read) {
        problem_ = read.error().message;
        problem_at_ = read.error().offset;
        return false;
    }
    problem_.clear();
    query_ = std::move(*read);
    return true;
}

int QueryInput::callback(ImGuiInputTextCallbackData* data) {
    auto& edit = *static_cast<Edit*>(data->UserData);
    if (data->EventFlag == ImGuiInputTextFlags_CallbackResize) {
        edit.text->resize(static_cast<std::size_t>(data->BufTextLen));
        data->Buf = edit.text->data();
        return 0;
    }
    if (data->EventFlag == ImGuiInputTextFlags_CallbackCompletion) {
        if (const query::Completion* completion = edit.owner->chosen(true)) {
            edit.put =
                query::complete(std::string_view(data->Buf, static_cast<std::size_t>(data->BufTextLen)), *completion);
        }
    }
    if (edit.put) {
        data->DeleteChars(0, data->BufTextLen);
        data->InsertChars(0, edit.put->text.c_str());
        data->CursorPos = static_cast<int>(edit.put->cursor);
        data->ClearSelection();
        edit.put.reset();
        edit.completed = true;
    }
    edit.cursor = data->CursorPos;
    return 0;
}

const query::Completion* QueryInput::chosen(bool first) const {
    const int at = chosen_ >= 0 ? chosen_ : first ? 0 : -1;
    return open_ && at >= 0 && at < static_cast<int>(list_.size()) ? &list_[static_cast<std::size_t>(at)] : nullptr;
}

void QueryInput::keys() {
    const int count = static_cast<int>(list_.size());
    const bool down = ImGui::IsKeyPressed(ImGuiKey_DownArrow);
    if (!open_) {
        open_ = down && count > 0;
        return;
    }
    if (down) chosen_ = std::min(chosen_ + 1, count - 1);
    if (ImGui::IsKeyPressed(ImGuiKey_UpArrow)) chosen_ = std::max(chosen_ - 1, -1);
    top_ = std::clamp(top_, std::max(0, chosen_ - most_suggestions + 1), std::max(0, chosen_));
}

void QueryInput::look_up(const std::string& text, const query::Fields& fields, const query::KnownValues& known) {
    if (text == listed_for_ && cursor_ == listed_at_) return;
    const bool typed = text != listed_for_;
    listed_for_ = text;
    listed_at_ = cursor_;
    list_ = query::completions(text, static_cast<std::size_t>(cursor_), fields, known);
    // What is there already is no help.
    std::erase_if(list_, [&](const query::Completion& completion) {
        return text.compare(completion.begin, completion.end - completion.begin, completion.insert) == 0;
    });
    chosen_ = -1;
    top_ = 0;
    open_ = typed;
}

bool QueryInput::draw(Context& context, const Place& place, std::string& text, const query::Fields& fields,
                      const query::KnownValues& known) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    name_ = place.name;
    rect_ = place.rect;
    context.target(place.name, rect_);
    p.fill(rect_, c.bg2, context.px(4));
    const InputState state = text.empty() ? InputState::Empty : valid() ? InputState::Valid : InputState::Invalid;
    p.icon(Icon::Filter, rect_.x + context.px(5), rect_.y, rect_.h, state == InputState::Valid ? c.ok : c.t3);

    Edit edit{&text, std::nullopt, cursor_, false, this};
    ImGuiIO& io = ImGui::GetIO();
    const bool had_keyboard = active_;
    bool enter = false;
    bool escape = false;
    if (had_keyboard) {
        keys();
        enter = chosen(false) != nullptr && ImGui::IsKeyPressed(ImGuiKey_Enter, false);
        escape = list_open() && ImGui::IsKeyPressed(ImGuiKey_Escape, false);
    }
    if (enter)
        edit.put = query::complete(text, *chosen(false));
    else
        edit.put = put_;
    if (escape) { // closes the list; the text stays
        open_ = false;
        ImGui::SetKeyOwner(ImGuiKey_Escape, ImGui::GetID("list"), ImGuiInputFlags_LockThisFrame);
    }
    const bool keep = io.ConfigInputTextEnterKeepActive;
    io.ConfigInputTextEnterKeepActive = enter; // Enter took a completion: go on typing

    ImFont* font = p.f().mono;
    text_x_ = rect_.x + context.px(5 + 16 + 6);
    const float width = std::max(context.px(20), rect_.right() - place.room_right - context.px(4) - text_x_);
    ImGui::SetCursorScreenPos(ImVec2(text_x_, rect_.y));
    ImGui::PushFont(font);
    ImGui::PushStyleVar(ImGuiStyleVar_FramePadding,
                        ImVec2(0, std::max(0.0F, std::floor((rect_.h - font->FontSize) / 2))));
    ImGui::PushStyleColor(ImGuiCol_Text, c.t1);
    ImGui::SetNextItemWidth(width);
    if (place.take_focus || refocus_) {
        // Without the first call ImGui 1.90.1 looks for the field in the focus scope of the window that had the focus
        // before.
        ImGui::SetWindowFocus();
        ImGui::SetKeyboardFocusHere();
    }
    const ImGuiInputTextFlags flags =
        ImGuiInputTextFlags_CallbackResize | ImGuiInputTextFlags_CallbackAlways |
        ImGuiInputTextFlags_CallbackCompletion |
        (place.escape_clears ? ImGuiInputTextFlags_EscapeClearsAll : ImGuiInputTextFlags_None);
    p.need(font, text);
    const bool changed = ImGui::InputTextWithHint(("##" + name_).c_str(), place.hint, text.data(), text.capacity() + 1,
                                                  flags, callback, &edit);
    active_ = ImGui::IsItemActive();
    const ImGuiInputTextState* inner = ImGui::GetInputTextState(ImGui::GetItemID());
    scroll_ = active_ && inner != nullptr ? inner->ScrollX : 0;
    ImGui::PopStyleColor();
    ImGui::PopStyleVar();
    ImGui::PopFont();
    io.ConfigInputTextEnterKeepActive = keep;
    if (active_) {
        refocus_ = false;
        if (edit.completed) put_.reset();
        context.redraw_within(std::chrono::milliseconds(400)); // the caret blinks
        cursor_ = edit.cursor;
        if (!had_keyboard) {
            listed_for_ = text; // what was there is no typing
            listed_at_ = -1;
        }
        look_up(text, fields, known);
        open_ = open_ && !(edit.completed && text.empty());
    } else if (!list_rect_.contains(io.MousePos)) {
        open_ = false; // but a press on the list takes the keyboard away before it comes up again
    }
    if (state == InputState::Invalid)
        p.outline(rect_, c.err, context.px(4));
    else if (state == InputState::Valid)
        p.outline(rect_, c.ok, context.px(4));
    else if (active_)
        p.outline(rect_, c.t1, context.px(4));
    return changed || edit.completed;
}

void QueryInput::draw_problem(Context& context, const Rect& line) const {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const std::string_view before = std::string_view(read_).substr(0, problem_at_);
    const float figure = Painter::width(p.f().mono, "0");
    const float x = std::clamp(text_x_ + Painter::width(p.f().mono, before) - scroll_ + figure / 2, rect_.x + figure,
                               rect_.right() - figure);
    const float y = rect_.bottom() + context.px(1);
    const float half = context.px(4);
    p.list().AddTriangleFilled(ImVec2(x, y), ImVec2(x + half, y + half), ImVec2(x - half, y + half), c.err);
    context.target(name_ + "/caret", Rect{x - half, y, 2 * half, half});
    // Below the field, or as far left of it as the reason needs.
    const float reason = context.px(12 + 7) + Painter::width(p.f().cell, problem_);
    const float begin = std::min(rect_.x, std::max(line.x + context.px(16), line.right() - context.px(12) - reason));
    const float left = p.mark(Mark::Error, snap(begin), line.y, line.h) + context.px(7);
    const float end = p.text_cut(p.f().cell, left, line.right() - context.px(12), line.y, line.h, c.err, problem_);
    const Rect words{left, line.y, end - left, line.h};
    if (words.contains(ImGui::GetIO().MousePos)) tooltip(context, problem_);
}

void QueryInput::draw_list(Context& context, std::string& text) {
    if (!list_open()) {
        list_rect_ = {};
        return;
    }
    const int rows = std::min(most_suggestions, static_cast<int>(list_.size()));
    const float w = context.px(420);
    const std::string_view before = std::string_view(text).substr(0, std::min(text.size(), list_.front().begin));
    const float x = text_x_ + Painter::width(context.theme.f.mono, before) - scroll_ - context.px(10);
    const float last = rect_.right() - w;
    const float h = static_cast<float>(rows) * context.px(suggestion_row) + context.px(8 + 20);
    // Above the field where it would not fit below.
    const float below = rect_.bottom() + context.px(7);
    const bool fits = below + h <= ImGui::GetWindowPos().y + ImGui::GetWindowHeight();
    list_rect_ = Rect{snap(std::clamp(x, std::min(rect_.x, last), std::max(last, std::min(rect_.x, last)))),
                      fits ? below : rect_.y - context.px(7) - h, w, h};
    begin_region("query-list", list_rect_);
    const Painter p(context.theme);
    const Palette& c = p.c();
    p.fill(list_rect_, c.bg1, context.px(4));
    p.outline(list_rect_, c.line2, context.px(4));
    const float wheel = ImGui::IsWindowHovered() ? ImGui::GetIO().MouseWheel : 0;
    top_ = std::clamp(top_ - static_cast<int>(wheel * 3), 0, static_cast<int>(list_.size()) - rows);
    float y = list_rect_.y + context.px(4);
    for (int i = top_; i < top_ + rows; ++i, y += context.px(suggestion_row)) {
        const query::Completion& completion = list_[static_cast<std::size_t>(i)];
        const Rect row{list_rect_.x + context.px(1), y, list_rect_.w - context.px(2), context.px(suggestion_row)};
        const Hit state = hit(context, name_ + "/completion/" + std::to_string(i), row);
        if (i == chosen_ || state.hovered) p.fill(row, i == chosen_ ? c.sel : c.hover);
        if (i == chosen_) p.fill(Rect{row.x, row.y, context.px(2), row.h}, c.t1);
        const float meaning = Painter::width(p.f().small, completion.meaning);
        const float right = row.right() - context.px(10);
        p.text_cut(p.f().mono, row.x + context.px(9), right - meaning - context.px(10), row.y, row.h, c.t1,
                   completion.insert);
        p.text_right(p.f().small, right, row.y, row.h, c.t3, completion.meaning);
        if (state.clicked) {
            put_ = query::complete(text, completion);
            text = put_->text;
            refocus_ = true;
        }
    }
    const Rect foot{list_rect_.x, y, list_rect_.w, context.px(20)};
    const bool more = static_cast<int>(list_.size()) > rows;
    p.text_cut(p.f().small, foot.x + context.px(10), foot.right() - context.px(10), foot.y, foot.h, c.t4,
               more ? "Tab takes the first, \u2193 more, Esc closes" : "Tab takes the first, Esc closes");
    end_region();
    if (refocus_) {
        open_ = false;
        context.redraw_within(std::chrono::milliseconds(0));
    }
}

} // namespace fhirscope::gui
