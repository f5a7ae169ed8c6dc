#pragma once
// Choice elements: value[x] is written valueString, valueQuantity, … and at most one of them may be there (PROTOCOL
// E4).

#include <string_view>

namespace fhirscope::fhir {

struct Choice {
    std::string_view element; // "value"
    std::string_view type;    // "Quantity"
};
// Into the element and the type, where the name is that of a choice in FHIR R4 or R5; else both are empty ("valueSet").
Choice split_choice(std::string_view name);

// Whether choice elements can have this type, as it stands in their names ("Quantity").
bool is_choice_type(std::string_view type);

} // namespace fhirscope::fhir
