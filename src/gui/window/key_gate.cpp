#include "gui/window/key_gate.hpp"

#include <imgui_internal.h>

namespace fhirscope::gui {

namespace {

bool is_modifier(ImGuiKey key) {
    return (key >= ImGuiKey_LeftCtrl && key <= ImGuiKey_RightSuper) || (key & ImGuiMod_Mask_) != 0;
}

} // namespace

// It has asked for the keyboard, and gets it in the frame that begins.
bool KeyGate::field_is_coming() const {
    const ImGuiContext& g = *ImGui::GetCurrentContext();
    return g.NavMoveSubmitted && (g.NavMoveFlags & ImGuiNavMoveFlags_FocusApi) != 0 && !waited_;
}

int KeyGate::let_in() const {
    const ImGuiContext& g = *ImGui::GetCurrentContext();
    const ImVector<ImGuiInputEvent>& events = g.InputEventsQueue;
    const bool typing = g.WantTextInputNextFrame == 1; // then ImGui itself keeps keys and text in order
    const bool coming = !typing && field_is_coming();
    bool pressed = false;
    for (int i = 0; i < events.Size; ++i) {
        const ImGuiInputEvent& event = events[i];
        const bool key = event.Type == ImGuiInputEventType_Key;
        const bool down = key && event.Key.Down && !is_modifier(event.Key.Key);
        const bool modifier = key && is_modifier(event.Key.Key);
        const bool text = event.Type == ImGuiInputEventType_Text;
        if ((coming && (down || modifier || text)) || (pressed && (modifier || (down && !typing)))) return i;
        pressed |= down;
    }
    return events.Size;
}

KeyGate::KeyGate() = default;
KeyGate::~KeyGate() = default;

void KeyGate::before_frame() {
    ImVector<ImGuiInputEvent>& queue = ImGui::GetCurrentContext()->InputEventsQueue;
    const int in = let_in();
    waited_ = field_is_coming();
    held_.assign(queue.begin() + in, queue.end());
    queue.resize(in);
}

void KeyGate::after_frame() {
    ImVector<ImGuiInputEvent>& queue = ImGui::GetCurrentContext()->InputEventsQueue;
    for (const ImGuiInputEvent& event : held_) queue.push_back(event);
    held_.clear();
}

} // namespace fhirscope::gui
