#pragma once
// Which engine this is: what belongs to one build (state hashes, keyframes) is named by it.

#include <string_view>

namespace fhirscope::engine {

// A fingerprint of the sources of the engine and of what it uses, 16 hex digits.
std::string_view build();

} // namespace fhirscope::engine
