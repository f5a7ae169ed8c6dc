#pragma once
// The clock that inputs are stamped with: the wall time at start plus the steady time since, so it never goes back.

#include "fhir/time.hpp"

#include <chrono>

namespace fhirscope::runtime {

// Thread safety: any thread.
class InputClock {
public:
    using Steady = std::chrono::steady_clock;

    LocalTime now() const { return at(Steady::now()); }
    LocalTime at(Steady::time_point steady) const {
        return begin_ + std::chrono::duration_cast<std::chrono::microseconds>(steady - steady_begin_);
    }
    // The first moment at which now() is not before `time`.
    Steady::time_point steady_at(LocalTime time) const { return steady_begin_ + (time - begin_); }

private:
    const Steady::time_point steady_begin_ = Steady::now();
    const LocalTime begin_{
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())};
};

} // namespace fhirscope::runtime
