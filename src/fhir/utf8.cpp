#include "fhir/utf8.hpp"

#include "fhir/ascii.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace fhirscope::fhir {
namespace {

const utf8proc_uint8_t* bytes_of(std::string_view text) {
    return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// A stray byte is passed on as it is: comparing must not fail on text that came some other way.
template <class Valid>
std::string each_valid_part(std::string_view text, Valid append) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::size_t valid = std::min(find_invalid_utf8(text), text.size());
        append(out, text.substr(0, valid));
        text.remove_prefix(valid);
        out += text.substr(0, 1);
        text.remove_prefix(std::min<std::size_t>(text.size(), 1));
    }
    return out;
}

// Letters whose stroke or ligature is no accent to Unicode, so that no decomposition takes it away.
std::string_view base_letters(std::int32_t c) {
    switch (c) {
        case U'æ':
            return "ae";
        case U'œ':
            return "oe";
        case U'ĳ':
            return "ij";
        case U'þ':
            return "th";
        case U'ð':
        case U'đ':
            return "d";
        case U'ħ':
            return "h";
        case U'ı':
            return "i";
        case U'ĸ':
            return "k";
        case U'ł':
        case U'ŀ':
            return "l";
        case U'ŋ':
            return "n";
        case U'ø':
            return "o";
        case U'ŧ':
            return "t";
        default:
            return {};
    }
}

void append_folded(std::string& out, std::string_view text) {
    constexpr auto how = static_cast<utf8proc_option_t>(UTF8PROC_CASEFOLD | UTF8PROC_DECOMPOSE);
    const auto size = static_cast<utf8proc_ssize_t>(text.size());
    std::vector<utf8proc_int32_t> points(text.size() * 2);
    utf8proc_ssize_t count = 0;
    for (;;) {
        count =
            utf8proc_decompose(bytes_of(text), size, points.data(), static_cast<utf8proc_ssize_t>(points.size()), how);
        if (count <= static_cast<utf8proc_ssize_t>(points.size())) break;
        points.resize(static_cast<std::size_t>(count));
    }
    points.resize(static_cast<std::size_t>(std::max<utf8proc_ssize_t>(count, 0)));
    // The marks of other scripts than ours are vowels: they stay.
    std::erase_if(points, [](utf8proc_int32_t c) { return c >= 0x300 && c <= 0x36F; });
    count = utf8proc_normalize_utf32(points.data(), static_cast<utf8proc_ssize_t>(points.size()), UTF8PROC_COMPOSE);
    for (utf8proc_ssize_t i = 0; i < count; ++i) {
        const utf8proc_int32_t c = points[static_cast<std::size_t>(i)];
        if (const std::string_view base = base_letters(c); !base.empty())
            out += base;
        else
            append_utf8(out, static_cast<std::uint32_t>(c));
    }
}

} // namespace

std::size_t find_invalid_utf8(std::string_view text) {
    constexpr std::uint64_t high_bits = 0x8080808080808080u;
    const auto word_at = [&](std::size_t offset) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + offset, sizeof word);
        return word & high_bits;
    };
    for (std::size_t offset = 0; offset < text.size();) {
        // FHIR text is nearly all ASCII.
        while (offset + 64 <= text.size() &&
               (word_at(offset) | word_at(offset + 8) | word_at(offset + 16) | word_at(offset + 24) |
                word_at(offset + 32) | word_at(offset + 40) | word_at(offset + 48) | word_at(offset + 56)) == 0)
            offset += 64;
        while (offset + 8 <= text.size() && word_at(offset) == 0) offset += 8;
        while (offset < text.size() && static_cast<unsigned char>(text[offset]) < 0x80) ++offset;
        if (offset == text.size()) break;
        const Character character = first_character(text.substr(offset));
        if (!character.valid) return offset;
        offset += character.size;
    }
    return std::string_view::npos;
}

void cut_utf8(std::string& text, std::size_t most) {
    constexpr std::string_view more = "…";
    if (text.size() <= most) return;
    std::size_t end = most < more.size() ? 0 : most - more.size();
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text.resize(end);
    if (most >= more.size()) text += more;
}

void append_utf8(std::string& out, std::uint32_t code_point) {
    std::array<utf8proc_uint8_t, 4> bytes{};
    const utf8proc_ssize_t size = utf8proc_encode_char(static_cast<utf8proc_int32_t>(code_point), bytes.data());
    out.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(size));
}

Character first_character(std::string_view text) {
    utf8proc_int32_t code_point = 0;
    const utf8proc_ssize_t size =
        utf8proc_iterate(bytes_of(text), static_cast<utf8proc_ssize_t>(text.size()), &code_point);
    if (size <= 0) return {static_cast<unsigned char>(text[0]), 1, false};
    return {static_cast<std::uint32_t>(code_point), static_cast<std::size_t>(size), true};
}

std::string to_lower(std::string_view text) {
    return each_valid_part(
        text,
        [](std::string& out, std::string_view part) {
            while (!part.empty()) {
                const Character character = first_character(part);
                const auto code_point = static_cast<utf8proc_int32_t>(character.code_point);
                append_utf8(out, static_cast<std::uint32_t>(utf8proc_tolower(code_point)));
                part.remove_prefix(character.size);
            }
        });
}

std::string fold(std::string_view text) {
    if (is_ascii(text)) return lower_ascii(text);
    return each_valid_part(text, append_folded);
}

} // namespace fhirscope::fhir
