#include "gui/frame/actions/actions.hpp"
#include "gui/model/demo_control.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace fhirscope::gui {

namespace {

bool in_demo(const Context& context) { return context.session.demo != nullptr; }

bool demo_plays(const Context& context) { return in_demo(context) && context.demo && context.demo->playing; }

// "Alt O": each cause has a letter or a digit with Alt.
ImGuiKeyChord chord_of(std::string_view key) {
    if (key.empty()) return 0;
    const char ch = key.back();
    return ImGuiMod_Alt | (ch >= 'A' ? ImGuiKey_A + (ch - 'A') : ImGuiKey_0 + (ch - '0'));
}

template <std::size_t cause>
Action cause_action() {
    const CauseText& text = text_of(static_cast<Cause>(cause));
    const auto run = [](ActionTarget& t) { t.context.session.demo->cause(static_cast<Cause>(cause)); };
    return {.id = text.id,
            .title = text.title,
            .key = text.key,
            .chord = chord_of(text.key),
            .possible = in_demo,
            .run = run};
}

template <std::size_t... cause>
std::array<Action, cause_count> cause_actions(std::index_sequence<cause...>) {
    return {cause_action<cause>()...};
}

const std::array all_demo_actions = {
    Action{.id = "demo",
           .title = "Open or close the demo controls",
           .key = "Ctrl D",
           .chord = ImGuiMod_Ctrl | ImGuiKey_D,
           .possible = in_demo,
           .run = [](ActionTarget& t) { t.context.ui.demo.open = !t.context.ui.demo.open; }},
    Action{.id = "tour",
           .title = "Play the tour",
           .key = "Alt P",
           .chord = ImGuiMod_Alt | ImGuiKey_P,
           .possible = [](const Context& context) { return in_demo(context) && !demo_plays(context); },
           .run = [](ActionTarget& t) { t.context.session.demo->play("tour"); }},
    Action{.id = "tour-pause",
           .title = "Pause or go on with the tour",
           .key = "Alt W",
           .chord = ImGuiMod_Alt | ImGuiKey_W,
           .possible = demo_plays,
           .run = [](ActionTarget& t) { t.context.session.demo->pause(!t.context.demo->playing->paused); }},
    Action{.id = "tour-next",
           .title = "Go to the next caption",
           .key = "Alt \u2192",
           .chord = ImGuiMod_Alt | ImGuiKey_RightArrow,
           .possible = demo_plays,
           .run = [](ActionTarget& t) { t.context.session.demo->next(); }},
    Action{.id = "tour-stop",
           .title = "Stop the tour",
           .possible = demo_plays,
           .run = [](ActionTarget& t) { t.context.session.demo->stop_playing(); }},
    Action{
        .id = "caption-close",
        .title = "Hide the caption",
        .possible = [](const Context& context) { return context.demo != nullptr && context.demo->caption.has_value(); },
        .run = [](ActionTarget& t) { t.context.ui.demo.caption_closed = t.context.demo->caption->number; }},
};

} // namespace

std::span<const Action> demo_actions() {
    static const auto all = [] {
        const auto causes = cause_actions(std::make_index_sequence<cause_count>()); // each is a command
        std::array<Action, all_demo_actions.size() + cause_count> actions;
        std::copy(causes.begin(), causes.end(),
                  std::copy(all_demo_actions.begin(), all_demo_actions.end(), actions.begin()));
        return actions;
    }();
    return all;
}

} // namespace fhirscope::gui
