#pragma once
// A pause of a thread that something else may end.

#include <chrono>
#include <stop_token>

namespace fhirscope::app {

// Waits so long, or until it is asked to stop; whether it was.
bool stopped_within(const std::stop_token& stop, std::chrono::milliseconds time);

} // namespace fhirscope::app
