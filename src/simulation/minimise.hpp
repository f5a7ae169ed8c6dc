#pragma once
// Fewer faults, same violation: delta debugging over the fault list.

#include "simulation/runner.hpp"

namespace fhirscope::simulation {

struct Minimised {
    Scenario scenario;
    Violation violation;
    std::size_t runs = 0;
};

// `scenario` violates `invariant`. Every fault that can be left out without losing that violation is left out, and
// those that last are shortened; at most `max_runs` runs are spent on it.
Minimised minimise(const Scenario& scenario, const Violation& violation, std::size_t max_runs = 200);

} // namespace fhirscope::simulation
