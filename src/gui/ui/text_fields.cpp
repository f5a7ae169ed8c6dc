// The controls that text is typed into.

#include "gui/ui/widgets.hpp"

#include <algorithm>
#include <cmath>

namespace fhirscope::gui {

namespace {

// ImGui asks for the text's buffer to grow; std::string does that.
int resize_string(ImGuiInputTextCallbackData* data) {
    if (data->EventFlag == ImGuiInputTextFlags_CallbackResize) {
        auto* text = static_cast<std::string*>(data->UserData);
        text->resize(static_cast<std::size_t>(data->BufTextLen));
        data->Buf = text->data();
    }
    return 0;
}

// ImGui's field on a background of ours. Returns whether the text changed; `active`: it has the keyboard.
bool bare_input(Frame& frame, const char* name, const Rect& rect, float left, float right, std::string& text,
                const char* hint, ImGuiInputTextFlags flags, bool take_focus, ImFont* font, bool& active) {
    const float pad_y = std::max(0.0F, std::floor((rect.h - font->FontSize) / 2));
    ImGui::SetCursorScreenPos(ImVec2(left, rect.y));
    ImGui::PushFont(font);
    ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, ImVec2(0, pad_y));
    ImGui::PushStyleColor(ImGuiCol_Text, frame.theme.c.t1);
    ImGui::SetNextItemWidth(std::max(frame.px(20), right - left));
    if (take_focus) {
        // Without the first call ImGui 1.90.1 looks for the field in the focus scope of the window that had the focus
        // before.
        ImGui::SetWindowFocus();
        ImGui::SetKeyboardFocusHere();
    }
    // The buffer's size counts the terminator, which std::string keeps behind its capacity's end.
    const std::string label = "##" + std::string(name);
    Painter(frame.theme).need(font, text);
    const bool changed = ImGui::InputTextWithHint(label.c_str(), hint, text.data(), text.capacity() + 1,
                                                  ImGuiInputTextFlags_CallbackResize | flags, resize_string, &text);
    active = ImGui::IsItemActive();
    ImGui::PopStyleColor();
    ImGui::PopStyleVar();
    ImGui::PopFont();
    if (active) frame.redraw_within(std::chrono::milliseconds(400)); // the caret blinks
    return changed;
}

} // namespace

bool text_input(Frame& frame, const char* name, const Rect& rect, std::string& text, const char* hint, Icon icon,
                InputState state, float room_right, bool take_focus, ImFont* font) {
    const Painter p(frame.theme);
    const Palette& c = p.c();
    frame.target(name, rect);
    p.fill(rect, c.bg2, frame.px(4));
    p.icon(icon, rect.x + frame.px(5), rect.y, rect.h, state == InputState::Valid ? c.ok : c.t3);
    bool active = false;
    const bool changed =
        bare_input(frame, name, rect, rect.x + frame.px(5 + 16 + 6), rect.right() - room_right - frame.px(4), text,
                   hint, ImGuiInputTextFlags_EscapeClearsAll, take_focus, font, active);
    if (state == InputState::Invalid)
        p.outline(rect, c.err, frame.px(4));
    else if (state == InputState::Valid)
        p.outline(rect, c.ok, frame.px(4));
    else if (active)
        p.outline(rect, c.t1, frame.px(4));
    return changed;
}

bool value_input(Frame& frame, const char* name, const Rect& rect, std::string& text, InputState state, bool take_focus,
                 ImFont* font) {
    const Painter p(frame.theme);
    const Palette& c = p.c();
    frame.target(name, rect);
    p.fill(rect, c.bg2);
    bool active = false;
    bare_input(frame, name, rect, rect.x + frame.px(6), rect.right() - frame.px(6), text, "", ImGuiInputTextFlags_None,
               take_focus, font, active);
    if (state == InputState::Invalid)
        p.outline(rect, c.err);
    else if (active)
        p.outline(rect, c.t1);
    return active;
}

bool field_input(Frame& frame, const char* name, const Rect& rect, std::string& text, const char* hint,
                 InputState state, FieldKind kind, bool take_focus, ImFont* font) {
    const Painter p(frame.theme);
    const Palette& c = p.c();
    frame.target(name, rect);
    p.fill(rect, c.bg2, frame.px(4));
    const ImGuiInputTextFlags flags = kind == FieldKind::Secret
                                          ? ImGuiInputTextFlags_Password | ImGuiInputTextFlags_NoUndoRedo
                                          : ImGuiInputTextFlags_None;
    bool active = false;
    const bool changed = bare_input(frame, name, rect, rect.x + frame.px(8), rect.right() - frame.px(8), text, hint,
                                    flags, take_focus, font, active);
    if (state == InputState::Invalid)
        p.outline(rect, c.err, frame.px(4));
    else if (active)
        p.outline(rect, c.t1, frame.px(4));
    return changed;
}

} // namespace fhirscope::gui
