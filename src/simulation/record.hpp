#pragma once
// A run as session files, which `fhirscope replay` opens.

#include "fhir/result.hpp"
#include "simulation/runner.hpp"

#include <string>

namespace fhirscope::simulation {

// Runs the scenario once more, with every step judged, and writes its inputs up to the first violation (or the end):
// one client's to one file. Errors: those of session::Recorder ("exists", "write").
Result<Verdict> record(const Scenario& scenario, const std::string& path, const std::string& tool_version);

// Where record() puts a client's session: `path`, or, of several clients, "….client-2.fhirscope".
std::string session_path(const std::string& path, const Scenario& scenario, std::size_t client);

} // namespace fhirscope::simulation
