#pragma once
// The elements of the resources that panels edit: what may be written where nothing is yet.

#include "fhir/edit.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace fhirscope::fhir {

enum class Presence : std::uint8_t {
    Optional,
    Required,
    RequiredBesideOthers, // may only go together with all other members of its object
};

struct Element {
    std::string_view name;
    std::span<const Element> parts; // of a complex type; empty for a primitive one
    FieldType type = FieldType::String;
    bool is_list = false;
    Presence presence = Presence::Optional;
    std::span<const std::string_view> codes; // all that are allowed; empty: any
};

// From the definitions of R4; empty for a type that is not described here.
std::span<const Element> elements_of_type(std::string_view resource_type);
const Element* find_element(std::span<const Element> elements, std::string_view name);

} // namespace fhirscope::fhir
