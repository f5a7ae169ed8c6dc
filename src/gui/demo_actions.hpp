#pragma once

// The part of the table of actions that belongs to the demo: what can be caused, the tour, its captions.

#include "gui/actions.hpp"

#include <span>

namespace fhirscope::gui {

std::span<const Action> demo_actions();

} // namespace fhirscope::gui
