#pragma once
// Edits that meet what the server has.

#include "engine/core/part.hpp"

#include <string>

namespace fhirscope::engine {

struct Update;

// Something became known of a resource (null: nothing new): what does it mean for its pending edit?
void review_edit(State& s, const std::string& reference, const Update* update);
void on_resolve(State& s, const Resolve& command);

} // namespace fhirscope::engine
