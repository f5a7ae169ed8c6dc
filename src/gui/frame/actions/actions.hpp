#pragma once
// Everything that can be done, with its key: one table for the keyboard and for "Find or run".

#include "gui/frame/context.hpp"
#include "gui/frame/view.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::gui {

struct ActionTarget {
    Context& context;
    View& view;
};

struct Action {
    std::string_view id;
    std::string_view title;  // a verb with its object
    std::string_view key{};  // as shown; "" for none
    ImGuiKeyChord chord = 0; // 0: none
    ImGuiKeyChord other = 0; // a second key for the same
    bool in_list = true;     // false: too small to be looked for ("next row")
    // Whether it makes sense now; null: always.
    bool (*possible)(const Context&) = nullptr;
    void (*run)(ActionTarget&) = nullptr;
    bool anywhere = false;     // also where no session is shown: on the start page
    bool shows_view = false;   // leads from a page that lies over an open session to one of its views
    bool text_has_key = false; // a text field that has the keyboard keeps its key, although Ctrl makes a command of it
    Overlay over = Overlay::None; // what it opens and closes, and so works over
    // Of one that stands for several, such as saved filters: the list has its title with each of these names, and runs
    // `run_named` rather than `run`.
    std::vector<std::string> (*names)(const Context&) = nullptr;
    void (*run_named)(ActionTarget&, std::string_view name) = nullptr;
};

// Its parts, in the order of the list, and all of them.
std::span<const Action> view_actions();
std::span<const Action> incident_actions();
std::span<const Action> resource_actions(); // the selected one, and its conflict
std::span<const Action> log_actions();
std::span<const Action> connection_actions();
std::span<const Action> playhead_actions(); // the moment that is shown
std::span<const Action> frame_actions();    // pages, sessions, looks: they work on every page
std::span<const Action> demo_actions();
std::span<const Action> all_actions();

// The diagnosis shows a selected incident, which then has the keys R, G and C.
bool incident_shown(const Context& context);

// Whether it makes sense now, on the page that is shown.
bool is_possible(const Action& action, const Context& context);

// Runs what the keys of this frame ask for. Single letters count only while no text field has the keyboard.
void handle_keys(Context& context, View& view);

} // namespace fhirscope::gui
