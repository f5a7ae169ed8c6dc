#pragma once
// Letters and digits of ASCII, without a locale. All other bytes are themselves.

#include <algorithm>
#include <string>
#include <string_view>

namespace fhirscope::fhir {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

constexpr char lower_ascii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// What a hexadecimal digit stands for, or -1.
constexpr int hex_digit(char c) {
    if (is_digit(c)) return c - '0';
    const char low = lower_ascii(c);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

// The four hexadecimal digits that the text begins with, or -1.
constexpr int hex4(std::string_view text) {
    if (text.size() < 4) return -1;
    int value = 0;
    for (const char c : text.substr(0, 4)) {
        const int digit = hex_digit(c);
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

inline std::string lower_ascii(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) { return lower_ascii(c); });
    return out;
}

inline bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(
        a, b, [](char x, char y) { return lower_ascii(x) == lower_ascii(y); });
}

} // namespace fhirscope::fhir
