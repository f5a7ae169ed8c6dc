#pragma once
// UTF-8 checking, and what search makes of text; the Unicode tables are utf8proc's.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace fhirscope::fhir {

// The offset of the first byte that is not well-formed UTF-8 (overlong forms, surrogates and code points above U+10FFFF
// are not), or npos.
std::size_t find_invalid_utf8(std::string_view text);

// Shortens to at most this many bytes, not within a character, and says so with "…" (whose bytes count).
void cut_utf8(std::string& text, std::size_t most);

void append_utf8(std::string& out, std::uint32_t code_point);

// What stands for bytes that are not UTF-8: U+FFFD.
constexpr std::uint32_t replacement_character = 0xFFFD;

struct Character {
    std::uint32_t code_point = 0;
    std::size_t size = 0; // bytes
    bool valid = false;   // false: a byte that is not UTF-8
};
// Of a text that is not empty.
Character first_character(std::string_view text);

// Lower case, each character for itself: what names and codes are compared by.
std::string to_lower(std::string_view text);

// Without case and accents ("MARÍA" → "maria", "Straße" → "strasse"), for the specification's string search. What
// Unicode calls a mark is an accent in Latin, Greek and Cyrillic alone.
std::string fold(std::string_view text);

} // namespace fhirscope::fhir
