#pragma once
// Lets keys into ImGui in the order and at the pace in which they mean what the person meant: a press with the
// modifiers that it had, however soon they were lifted; one press a frame while no text field has the keyboard; and
// none in the frame in which a field that was asked for ("/", Ctrl K) gets the keyboard, so that what is typed right
// behind comes into the field instead of acting as a key of its own. Matters where frames are slow. What is held back
// comes in the next frame.

#include <vector>

struct ImGuiInputEvent;

namespace fhirscope::gui {

class KeyGate {
public:
    KeyGate();
    ~KeyGate();
    KeyGate(const KeyGate&) = delete;
    KeyGate& operator=(const KeyGate&) = delete;

    // Around ImGui::NewFrame(), in every frame.
    void before_frame();
    void after_frame();

private:
    bool field_is_coming() const;
    int let_in() const; // how many of the events that wait

    std::vector<ImGuiInputEvent> held_;
    bool waited_ = false; // for a field, in the frame before: one that does not come stops nobody
};

} // namespace fhirscope::gui
