#pragma once
// Where an edit goes and whether it may. For edit*.cpp only.

#include "fhir/edit.hpp"
#include "fhir/field_path.hpp"

namespace fhirscope::fhir {

struct EditTarget {
    std::string label;            // "Task.note[1].text", for messages
    std::vector<FieldStep> steps; // an identity is an index here
    FieldRule rule;
};
// Errors: Path.
Result<EditTarget> find_target(const Resource& resource, std::string_view path);

// Whether the field may have this value; "" removes it. Errors: Value.
Result<void> check_value(const EditTarget& target, std::string_view plain);

} // namespace fhirscope::fhir
