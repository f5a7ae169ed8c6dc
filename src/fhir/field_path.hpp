#pragma once
// The path of one field, as edits name it: "restriction.period.end", "note[1].text", "note[+].text",
// "telecom[system=phone,use=home].value".

#include "fhir/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::fhir {

struct FieldStep {
    enum class Place : std::uint8_t {
        Only,     // no brackets
        Index,    // [1]
        Append,   // [+]
        Identity, // [use=home], as identity_of() says
    };
    std::string name;
    Place place = Place::Only;
    std::size_t index = 0;
    std::string identity;
};

// At least one step. Errors: Path.
Result<std::vector<FieldStep>> parse_field_path(std::string_view path);

} // namespace fhirscope::fhir
