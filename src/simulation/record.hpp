#pragma once
// A run as a session file, which `fhirscope replay` opens.

#include "fhir/result.hpp"
#include "simulation/runner.hpp"

#include <string>

namespace fhirscope::simulation {

// Runs the scenario once more, with every step judged, and writes the inputs of one client up to the first violation
// (or the end). Errors: those of session::Recorder (Exists, Write).
Result<Verdict> record(const Scenario& scenario, const std::string& path, const std::string& tool_version,
                       unsigned client = 0);

} // namespace fhirscope::simulation
