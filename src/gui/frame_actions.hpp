#pragma once

// The part of the table of actions that belongs to the frame: pages, sessions, looks. They work on every page.

#include "gui/actions.hpp"

#include <span>

namespace fhirscope::gui {

std::span<const Action> frame_actions();

} // namespace fhirscope::gui
