#pragma once
// Answers to requests: each goes to the part that asked, unless its request is repeated.

#include "engine/core/part.hpp"

namespace fhirscope::engine {

void on_answer(State& s, const HttpAnswer& answer);
void on_failed(State& s, const HttpFailed& failed);

} // namespace fhirscope::engine
