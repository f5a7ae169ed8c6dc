#pragma once
// The phases of the connection, and why each changed.

#include "engine/core/part.hpp"

#include <string>

namespace fhirscope::engine {

void enter_phase(State& s, Phase phase, Fact reason);
void update_phase(State& s); // from the states of the subscriptions

} // namespace fhirscope::engine
