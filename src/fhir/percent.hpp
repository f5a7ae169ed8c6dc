#pragma once
// Percent-encoding (RFC 3986), as query strings, forms and addresses have it.

#include <string>
#include <string_view>

namespace fhirscope::fhir {

// What a value in a FHIR search may have as it is.
constexpr std::string_view plain_in_search = "/,:|$";

enum class HexDigits : bool { Upper, Lower };

void append_percent(std::string& out, char c, HexDigits digits = HexDigits::Upper);
// Everything but ASCII letters, digits, "-._~" and `kept` is escaped.
std::string percent_encode(std::string_view text, std::string_view kept = {}, HexDigits digits = HexDigits::Upper);
// "a%20b+c" → "a b c".
std::string percent_decode(std::string_view text);

} // namespace fhirscope::fhir
