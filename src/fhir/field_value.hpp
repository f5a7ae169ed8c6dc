#pragma once
// What a person may write into a primitive field (the formats of PROTOCOL E4).

#include "fhir/edit.hpp"

#include <string>
#include <string_view>

namespace fhirscope::fhir {

// "" where the value may stand in a field of this rule; else what is expected, to follow "X cannot be Y: ". `plain` has
// no quotes and no escapes.
std::string expectation_broken(const FieldRule& rule, std::string_view plain);
// Whether JSON has values of this type in quotes.
bool is_quoted(FieldType type);
bool is_full_date(std::string_view text); // 2026-02-10, of the calendar
bool is_date_time(std::string_view text); // with time and zone

} // namespace fhirscope::fhir
