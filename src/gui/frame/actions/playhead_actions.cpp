#include "gui/frame/actions/actions.hpp"
#include "gui/frame/conflict_actions.hpp"
#include "gui/frame/playhead.hpp"

#include <array>

namespace fhirscope::gui {

namespace {

bool has_playhead(const Context& context) { return context.playhead != nullptr; }

// Where a conflict can be decided, the key merges it.
bool may_bookmark(const Context& context) {
    return has_playhead(context) && !can_resolve_selected(context, ResolveAction::Merge);
}

const std::array all_playhead_actions = {
    Action{.id = "play",
           .title = "Play, or stop playing",
           .key = "Space",
           .chord = ImGuiKey_Space,
           .possible = shows_moment,
           .run = [](ActionTarget& t) { play_or_pause(t.context); }},
    Action{.id = "step-back",
           .title = "Look at the moment one step before",
           .key = ",",
           .chord = ImGuiKey_Comma,
           .possible = has_playhead,
           .run = [](ActionTarget& t) { step_playhead(t.context, -1); }},
    Action{.id = "step-forward",
           .title = "Look at the moment one step after",
           .key = ".",
           .chord = ImGuiKey_Period,
           .possible = shows_moment,
           .run = [](ActionTarget& t) { step_playhead(t.context, 1); }},
    Action{.id = "to-time",
           .title = "Go to a moment",
           .key = "Ctrl G",
           .chord = ImGuiMod_Ctrl | ImGuiKey_G,
           .possible = has_playhead,
           .run = [](ActionTarget& t) { t.context.ui.transport.focus_time = true; }},
    Action{.id = "back-to-live",
           .title = "Go back to live",
           .key = "End",
           .chord = ImGuiKey_End,
           .possible = looks_back,
           .run = [](ActionTarget& t) { show_end(t.context); }},
    Action{.id = "to-beginning",
           .title = "Go to the beginning of what can be shown",
           .key = "Shift Home",
           .chord = ImGuiMod_Shift | ImGuiKey_Home,
           .possible = has_playhead,
           .run = [](ActionTarget& t) { show_beginning(t.context); }},
    Action{.id = "to-end",
           .title = "Go to the end",
           .key = "Shift End",
           .chord = ImGuiMod_Shift | ImGuiKey_End,
           .possible = has_playhead,
           .run = [](ActionTarget& t) { show_end(t.context); }},
    Action{.id = "bookmark",
           .title = "Bookmark the moment that is shown",
           .key = "M",
           .chord = ImGuiKey_M,
           .possible = may_bookmark,
           .run = [](ActionTarget& t) { add_bookmark(t.context); }},
};

} // namespace

std::span<const Action> playhead_actions() { return all_playhead_actions; }

} // namespace fhirscope::gui
