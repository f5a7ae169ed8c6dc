#include "gui/frame/actions/actions.hpp"

namespace fhirscope::gui {

namespace {

bool pressed(ImGuiKeyChord chord) { return chord != 0 && ImGui::IsKeyChordPressed(chord); }

// What lies over the window has the keys; a form and the list of columns leave those that Ctrl makes a command.
bool reached(const Action& action, Overlay top) {
    const bool commands = top == Overlay::Form || top == Overlay::Columns;
    return top == Overlay::None || top == action.over || (commands && (action.chord & ImGuiMod_Ctrl) != 0);
}

} // namespace

std::span<const Action> all_actions() {
    static const std::vector<Action> all = [] {
        std::vector<Action> actions;
        for (const std::span<const Action> part :
             {view_actions(), playhead_actions(), incident_actions(), resource_actions(), log_actions(),
              connection_actions(), frame_actions(), demo_actions()})
            actions.insert(actions.end(), part.begin(), part.end());
        return actions;
    }();
    return all;
}

bool is_possible(const Action& action, const Context& context) {
    const bool view_shown = context.session.open && context.ui.page == Page::View;
    const bool leads_there = context.session.open && action.shows_view;
    return (view_shown || leads_there || action.anywhere) && (action.possible == nullptr || action.possible(context));
}

void handle_keys(Context& context, View& view) {
    const ImGuiIO& io = ImGui::GetIO();
    ActionTarget target{context, view};
    for (const Action& action : all_actions()) {
        const auto counts = [&](ImGuiKeyChord chord) {
            // A text field keeps its letters and its Esc.
            const bool command = (chord & ImGuiMod_Ctrl) != 0 && !action.text_has_key;
            return pressed(chord) && (command || !io.WantTextInput);
        };
        if (reached(action, context.ui.overlays.top(context.ui.view)) &&
            (counts(action.chord) || counts(action.other)) && is_possible(action, context))
            action.run(target);
    }
}

} // namespace fhirscope::gui
