#pragma once
// The time of day, as sessions are dated.

#include "fhir/time.hpp"

#include <chrono>

namespace fhirscope::app {

inline LocalTime wall_clock() {
    return LocalTime(
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()));
}

} // namespace fhirscope::app
