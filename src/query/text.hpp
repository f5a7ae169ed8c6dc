#pragma once
// Comparing text as filters do: without regard to case. ASCII only; other characters are compared as they are.

#include <string>
#include <string_view>

namespace fhirscope::query {

std::string fold(std::string_view text);
// True when `text` contains (begins with, is) `lower`, which is given in lower case.
bool contains_folded(std::string_view text, std::string_view lower);
bool begins_folded(std::string_view text, std::string_view lower);
bool equals_folded(std::string_view text, std::string_view lower);

} // namespace fhirscope::query
