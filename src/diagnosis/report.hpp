#pragma once
// Findings and explanations as text to copy or print, and as JSON. Times are UTC.

#include "diagnosis/explain.hpp"
#include "diagnosis/finding.hpp"
#include "fhir/harmless.hpp"
#include "fhir/json_writer.hpp"

#include <string>

namespace fhirscope::diagnosis {

fhir::Text to_text(const Finding& finding);
fhir::Text to_text(const Explanation& explanation);
void write(fhir::JsonWriter& json, const Explanation& explanation); // one object
std::string_view word(Severity severity);                           // "attention"

} // namespace fhirscope::diagnosis
