#pragma once
// Paths of edits, and what may be written there. For edit*.cpp only.

#include "fhir/edit.hpp"
#include "fhir/slice.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::fhir {

// "note[+]": the name, and which element of the list: a number, "+" for a new one at the end, or an identity as diff()
// writes it ("system=phone,use=home"); none where it is no list.
struct EditStep {
    std::string name;
    std::optional<std::string> element;
};

// Errors: "path".
Result<std::vector<EditStep>> parse_edit_path(std::string_view path);

// The place of the element that `which` names, the number of elements for "+"; nullopt where there is none.
std::optional<std::size_t> place_of(Slice array, std::string_view which);

// Errors: "value", which say what is expected. `value` is JSON text, not "".
Result<void> check_value(const FieldRule& rule, std::string_view path, std::string_view value);

} // namespace fhirscope::fhir
