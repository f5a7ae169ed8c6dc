#pragma once
// Decimals, compared exactly.

#include <string_view>

namespace fhirscope::fhir {

// Whether two JSON numbers have the same value, whatever their digits: 1.0, 1.00 and 10e-1. Exact, since decimals must
// not pass through binary (PROTOCOL E4).
bool is_same_number(std::string_view a, std::string_view b);

} // namespace fhirscope::fhir
