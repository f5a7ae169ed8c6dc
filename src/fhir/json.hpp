#pragma once
// The one place where RapidJSON is configured. Other folders use it through this header.

#include "fhir/json_writer.hpp"
#include "fhir/resource.hpp"

#include <rapidjson/document.h>

#include <string>
#include <string_view>

namespace fhirscope::fhir {

// A DOM with full checks (UTF-8, depth, size). Numbers become doubles or integers here: where a decimal's own digits
// matter (PROTOCOL E4), work on the text. Errors: TooLarge, TooDeep, Malformed (with offset).
Result<rapidjson::Document> parse_json(std::string_view text, const Limits& limits = {});

// Compact and indented text of a value, written as by JsonWriter.
std::string to_text(const rapidjson::Value& value);
std::string to_pretty(const rapidjson::Value& value);
// Indents JSON text for people; returns the text itself where it is not JSON.
std::string pretty(std::string_view text);

// The string at an object's member, or "" (also when the value is not an object or the member not a string).
std::string_view string_at(const rapidjson::Value& object, const char* member);

} // namespace fhirscope::fhir
