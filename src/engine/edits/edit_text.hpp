#pragma once
// What of a resource is written, and what of it never. For edits.cpp only.

#include "fhir/edit.hpp"
#include "fhir/resource.hpp"

#include <string>
#include <string_view>

namespace fhirscope::engine {

// The resource without what the server alone sets; all else as it is, to the byte.
std::string text_to_send(const fhir::Resource& resource);
// Whether the server alone sets what is at the path: which version it is, who wrote it, in which project (PROTOCOL A3).
bool is_of_server(std::string_view path);
// Of a search with _summary or _elements: never to be written (PROTOCOL D1).
bool is_part(const fhir::Resource& resource);
// Whether the value names a hidden text of another resource (alias.hpp).
bool names_foreign_text(const fhir::FieldEdit& field);

} // namespace fhirscope::engine
