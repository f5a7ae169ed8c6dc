#pragma once
// The rules that an update must keep before it may change a store (PROTOCOL E3, E4).

#include "fhir/resource.hpp"

#include <string>
#include <vector>

namespace fhirscope::fhir {

struct Problem {
    std::string code;    // "missing-id", "bad-id", "missing-version", "missing-last-updated", "bad-last-updated",
                         // "missing-type", "bad-type", "null-value", "empty-value", "duplicate-key", "control-char"
    std::string message; // what, where
};

// Empty: the resource may go on. Never rejects an unknown resource type by name alone.
std::vector<Problem> validate(const Resource& resource);

bool is_valid_id(std::string_view id);     // [A-Za-z0-9\-\.]{1,64}
bool is_valid_type(std::string_view type); // [A-Z][A-Za-z]+

} // namespace fhirscope::fhir
