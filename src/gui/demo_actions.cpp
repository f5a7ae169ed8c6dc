#include "gui/demo_actions.hpp"

#include "gui/demo_control.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace fhirscope::gui {

namespace {

constexpr ImGuiKeyChord kDemoCtrl = ImGuiMod_Ctrl;

bool in_demo(const Context& context) { return context.session.demo != nullptr; }

bool demo_plays(const Context& context) { return in_demo(context) && context.demo && context.demo->playing; }

template <std::size_t cause>
Action cause_action() {
    const CauseText& text = text_of(static_cast<Cause>(cause));
    const auto run = [](ActionTarget& t) { t.context.session.demo->cause(static_cast<Cause>(cause)); };
    return {text.id, text.title, text.key, text.chord, 0, true, in_demo, run};
}

template <std::size_t... cause>
std::array<Action, kCauses> cause_actions(std::index_sequence<cause...>) {
    return {cause_action<cause>()...};
}

const std::array kDemoActions = {
    Action{"demo", "Open or close the demo controls", "Ctrl D", kDemoCtrl | ImGuiKey_D, 0, true, in_demo,
           [](ActionTarget& t) { t.context.ui.demo_open = !t.context.ui.demo_open; }},
    Action{"tour", "Play the tour", "Alt P", ImGuiMod_Alt | ImGuiKey_P, 0, true,
           [](const Context& context) { return in_demo(context) && !demo_plays(context); },
           [](ActionTarget& t) { t.context.session.demo->play("tour"); }},
    Action{"tour-pause", "Pause or go on with the tour", "Alt W", ImGuiMod_Alt | ImGuiKey_W, 0, true, demo_plays,
           [](ActionTarget& t) { t.context.session.demo->pause(!t.context.demo->playing->paused); }},
    Action{"tour-next", "Go to the next caption", "Alt \u2192", ImGuiMod_Alt | ImGuiKey_RightArrow, 0, true, demo_plays,
           [](ActionTarget& t) { t.context.session.demo->next(); }},
    Action{"tour-stop", "Stop the tour", "", 0, 0, true, demo_plays,
           [](ActionTarget& t) { t.context.session.demo->stop_playing(); }},
    Action{"caption-close", "Hide the caption", "", 0, 0, true,
           [](const Context& context) { return context.demo != nullptr && context.demo->caption.has_value(); },
           [](ActionTarget& t) { t.context.ui.caption_closed = t.context.demo->caption->number; }},
};

} // namespace

std::span<const Action> demo_actions() {
    static const auto all = [] {
        const auto causes = cause_actions(std::make_index_sequence<kCauses>()); // each is a command
        std::array<Action, kDemoActions.size() + kCauses> actions;
        std::copy(causes.begin(), causes.end(), std::copy(kDemoActions.begin(), kDemoActions.end(), actions.begin()));
        return actions;
    }();
    return all;
}

} // namespace fhirscope::gui
