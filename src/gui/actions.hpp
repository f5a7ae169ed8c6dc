#pragma once

// Everything that can be done, with its key: one table for the keyboard and for "Find or run".

#include "gui/context.hpp"
#include "gui/view.hpp"

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
    std::string_view key;    // as shown; "" for none
    ImGuiKeyChord chord = 0; // 0: none
    ImGuiKeyChord other = 0; // a second key for the same
    bool in_list = true;     // false: too small to be looked for ("next row")
    // Whether it makes sense now; null: always.
    bool (*possible)(const Context&) = nullptr;
    void (*run)(ActionTarget&) = nullptr;
    bool anywhere = false; // also where no session is shown: on the start page
    // Of one that stands for several, such as saved filters: the list has its title with each of these names, and runs
    // `run_named` rather than `run`.
    std::vector<std::string> (*names)(const Context&) = nullptr;
    void (*run_named)(ActionTarget&, std::string_view name) = nullptr;
};

std::span<const Action> all_actions();

// Whether it makes sense now, on the page that is shown.
bool is_possible(const Action& action, const Context& context);

// Runs what the keys of this frame ask for. Single letters count only while no text field has the keyboard.
void handle_keys(Context& context, View& view);

} // namespace fhirscope::gui
