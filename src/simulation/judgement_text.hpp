#pragma once
// One seed's judgement, for people.

#include "fhir/harmless.hpp"
#include "simulation/runner.hpp"

namespace fhirscope::simulation {

enum class Tell : std::uint8_t { Mistakes, All };

// The faults with what they did and what they were called, and the incidents; nothing where only mistakes are asked for
// and there is none.
fhir::Text judgement_text(const Scenario& scenario, const Judgement& judgement, Tell tell);

} // namespace fhirscope::simulation
