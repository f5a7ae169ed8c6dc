#pragma once
// Where in a JSON text something stands, for messages that a person can follow: "tasks.json:12: …".

#include "fhir/slice.hpp"

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

namespace fhirscope::fhir {

// The line of a byte, from 1; the last line for offsets behind the end.
std::size_t line_of(std::string_view text, std::size_t offset);

// Where a part of a text begins in it; 0 when it is no part of it.
std::size_t offset_of(std::string_view text, std::string_view part);

// The value at a path of member names and indexes: {"columns", "3", "width"}. Where a step leads nowhere, the last
// value that was reached. The text is well-formed.
Slice nearest(std::string_view text, std::initializer_list<std::string_view> path);

// "file:12".
std::string at_line(std::string_view file, std::string_view text, std::size_t offset);

} // namespace fhirscope::fhir
