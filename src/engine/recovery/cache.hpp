#pragma once
// What the last session left is shown, and confirmed by what the server says.

#include "engine/cache.hpp"
#include "engine/core/part.hpp"

#include <string>

namespace fhirscope::engine {

void restore_cache(State& s, const std::string& bytes);
void confirm_all(State& s, const std::string& type); // what the cache brought, once a catch-up has passed over it

} // namespace fhirscope::engine
