#pragma once
// RFC 4648, both alphabets; padding may be missing.

#include <optional>
#include <string>
#include <string_view>

namespace fhirscope::fhir {

// Bits that do not make a whole byte at the end are dropped. Null: it holds another character.
std::optional<std::string> decode_base64(std::string_view text);

} // namespace fhirscope::fhir
