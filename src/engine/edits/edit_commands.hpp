#pragma once
// What a person asks: an edit is begun or joined, or taken back.

#include "engine/core/part.hpp"

namespace fhirscope::engine {

void on_edit(State& s, const Edit& command);
void on_discard(State& s, const DiscardEdit& command);

} // namespace fhirscope::engine
