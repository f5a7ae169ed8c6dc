#pragma once
// A JSON Patch (RFC 6902), applied.

#include "fhir/result.hpp"

#include <rapidjson/document.h>

namespace fhirscope::server {

// Applies a JSON Patch (RFC 6902: add, remove, replace, move, copy, test) to a document. On an error the document may
// be half changed: patch a copy. Errors: Invalid (not a patch, an unknown operation, a path that does not exist, a test
// that failed), worded as Medplum does.
Result<void> apply_json_patch(rapidjson::Document& document, const rapidjson::Value& patch);

} // namespace fhirscope::server
