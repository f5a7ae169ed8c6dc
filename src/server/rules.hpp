#pragma once
// What the server knows of resource types: enough to refuse what Medplum refuses.

#include "fhir/result.hpp"

#include <rapidjson/document.h>

#include <string_view>

namespace fhirscope::server {

bool is_known_type(std::string_view type); // R4, and Medplum's own

// Checks required properties, unknown properties (of the types that panels use) and dates.
// Errors: Invalid, whose message is Medplum's text; the FHIRPath of the place follows a newline.
Result<void> check_content(const rapidjson::Value& resource);

bool is_uuid(std::string_view text);

} // namespace fhirscope::server
