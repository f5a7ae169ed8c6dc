#pragma once
// Which element of one array is the same thing as which element of another (PROTOCOL D2, rule 5).

#include "fhir/slice.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace fhirscope::fhir {

// What identifies an element among its neighbours, for a path: "system=phone,use=home", "url=http://…",
// "reference=Task/1";
// "" where nothing does. In this order: id; an extension's url; a reference; a contact point's system and use; an
// identifier's system and value; a coding's system and code (also the first one of a CodeableConcept); use.
std::string identity_of(Slice element);

struct ElementPair {
    static constexpr std::size_t none = static_cast<std::size_t>(-1);
    std::size_t before = none;
    std::size_t after = none;
    std::string label; // the identity where it is unique in both arrays, otherwise the index
};

// Every element of both arrays is in exactly one pair, in the order of `after` with the removed ones at the end.
// Elements that nothing identifies pair by position.
std::vector<ElementPair> match_elements(const std::vector<Slice>& before, const std::vector<Slice>& after);

} // namespace fhirscope::fhir
