#pragma once
// Proposes expectations from a run that went well: what was measured, with a margin that is said.

#include "checks/evaluator.hpp"

#include <cstddef>
#include <string>

namespace fhirscope::checks {

// What a run is measured by. It goes to an Evaluator, and its outcomes to proposal().
ExpectFile probes();

struct Proposal {
    std::string json;           // a file of expectations
    std::size_t left_out = 0;   // probes that did not hold in this run, so nothing is expected of them
    std::size_t unmeasured = 0; // and those by which nothing could be measured
};
// `outcomes`: of probes(). `source` is named in the notes.
Proposal proposal(const Outcomes& outcomes, const diagnosis::Diagnosis& diagnosis, const std::string& source);

} // namespace fhirscope::checks
