#pragma once
// Findings and explanations as text to copy or print, and as JSON. Times are UTC.

#include "diagnosis/explain.hpp"
#include "diagnosis/finding.hpp"

#include <string>

namespace fhirscope::diagnosis {

std::string to_text(const Finding& finding);
std::string to_text(const Explanation& explanation);
std::string to_json(const Finding& finding);
std::string to_json(const Explanation& explanation);
std::string_view word(Severity severity); // "attention"

} // namespace fhirscope::diagnosis
