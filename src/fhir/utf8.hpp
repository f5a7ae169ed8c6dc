#pragma once
// UTF-8 checking and the little Unicode that search needs.

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

// Lower case for Latin, Greek and Cyrillic letters: what names and codes are compared by.
std::string to_lower(std::string_view text);

// Lower case without accents ("MARÍA" → "maria"), for the specification's string search.
std::string fold(std::string_view text);

} // namespace fhirscope::fhir
