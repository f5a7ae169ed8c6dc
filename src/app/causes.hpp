#pragma once
// What each cause of the demo panel does: a small scenario with resources of its own.

#include "app/scenario.hpp"
#include "gui/model/demo_control.hpp"

#include <cstdint>

namespace fhirscope::app {

// `run` numbers what is caused, so that its resources are new ones: an earlier one's may still be edited, or deleted.
Scenario scenario_of(gui::Cause cause, std::uint64_t run);

} // namespace fhirscope::app
