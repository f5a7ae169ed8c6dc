#pragma once
// Outcomes for people, for scripts, and for what shows tests. The same outcomes give the same bytes.

#include "checks/outcome.hpp"
#include "fhir/harmless.hpp"
#include "fhir/json_writer.hpp"

#include <string>
#include <vector>

namespace fhirscope::checks {

// Failed ones first, then those that could not be decided, then a line for each that passed. `source`: the session.
fhir::Text to_text(const std::vector<Outcomes>& all, const std::string& source);
// The members "passed", "failed", "undecided", "first", "last", "inputs" and "files".
void write_members(fhir::JsonWriter& json, const std::vector<Outcomes>& all);
// JUnit's XML, as Jenkins, GitHub and GitLab read it: a suite for each file of expectations, a case for each of them.
// What could not be decided is an error in it.
std::string to_junit(const std::vector<Outcomes>& all, const std::string& source);

bool all_passed(const std::vector<Outcomes>& all);
// "0:23.512": how far into the session.
std::string offset_text(LocalTime at, LocalTime first);

} // namespace fhirscope::checks
