#include "fhir/harmless.hpp"

#include "fhir/utf8.hpp"

#include <algorithm>
#include <cstdio>

namespace fhirscope::fhir {
namespace {

bool is_ascii_harmless(char c) { return c >= ' ' && c < '\x7f'; }

// The beginning of `text` that needs no second look.
std::size_t plain_size(std::string_view text) {
    return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_ascii_harmless) - text.begin());
}

void add_byte(std::string& out, std::uint32_t byte) {
    char text[8];
    std::snprintf(text, sizeof text, "\\x%02x", static_cast<unsigned>(byte));
    out += text;
}

void add_code_point(std::string& out, std::uint32_t c) {
    char text[8];
    std::snprintf(text, sizeof text, "\\u%04x", static_cast<unsigned>(c & 0xFFFF));
    out += text;
}

// Copies what is harmless and calls escape(character) with the code point of each other one, and stray(byte) for bytes
// that are not UTF-8.
template <class Escape, class Stray>
void copy(std::string_view text, std::string& out, Escape escape, Stray stray) {
    while (!text.empty()) {
        const std::size_t plain = plain_size(text);
        out.append(text.substr(0, plain));
        text.remove_prefix(plain);
        if (text.empty()) return;
        const Character character = first_character(text);
        if (!character.valid)
            stray(static_cast<unsigned char>(text[0]));
        else if (is_harmful(character.code_point))
            escape(character.code_point);
        else
            out.append(text.substr(0, character.size));
        text.remove_prefix(character.size);
    }
}

} // namespace

bool is_harmful(std::uint32_t c) {
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x061C || c == 0x200E || c == 0x200F ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

std::string harmless(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    const auto escape = [&](std::uint32_t c) {
        switch (c) {
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                c < 0x80 ? add_byte(out, c) : add_code_point(out, c);
        }
    };
    copy(text, out, escape, [&](unsigned char byte) { add_byte(out, byte); });
    return out;
}

std::string harmless_json(std::string_view json) {
    std::string out;
    out.reserve(json.size());
    const auto escape = [&](std::uint32_t c) {
        if (c == '\n' || c == '\r' || c == '\t') // between values; within one they are escaped already
            out += static_cast<char>(c);
        else
            add_code_point(out, c);
    };
    copy(json, out, escape, [&](unsigned char) { append_utf8(out, replacement_character); });
    return out;
}

Text& Text::pad_to(std::size_t column) {
    const std::size_t begin = out_.rfind('\n') + 1; // npos + 1 is 0
    const auto used =
        static_cast<std::size_t>(std::count_if(out_.begin() + static_cast<std::ptrdiff_t>(begin), out_.end(),
                                               [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
    out_.append(used < column ? column - used : 1, ' ');
    return *this;
}

Text& Text::trim() {
    out_.erase(out_.find_last_not_of(' ') + 1); // npos + 1 is 0
    return *this;
}

} // namespace fhirscope::fhir
