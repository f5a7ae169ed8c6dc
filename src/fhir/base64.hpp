#pragma once
// RFC 4648, both alphabets; padding may be missing.

#include <optional>
#include <string>
#include <string_view>

namespace fhirscope::fhir {

enum class Base64 { Standard, Url }; // "+/" or "-_"
// Without padding. Nothing of `bytes` stays behind anywhere but in the result.
std::string encode_base64(std::string_view bytes, Base64 alphabet);
// Bits that do not make a whole byte at the end are dropped. Null: it holds another character.
std::optional<std::string> decode_base64(std::string_view text);

} // namespace fhirscope::fhir
