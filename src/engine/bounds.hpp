#pragma once
// The bounds of a configuration that comes from a file: nobody who opens it agreed to them.

#include "engine/config.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace fhirscope::engine {

// Lowers what is larger than this program's own bounds, and the bytes of what is shown to `resource_bytes`. Says each
// in words: an engine with other bounds comes to another state, so what was lowered cannot be compared with a hash of
// the original. Empty: all is as it was.
std::vector<std::string> lower_bounds(Config& config, std::size_t resource_bytes);

} // namespace fhirscope::engine
