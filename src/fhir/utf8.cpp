#include "fhir/utf8.hpp"

#include <cstring>

namespace fhirscope::fhir {
namespace {

bool is_continuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

// The length of the well-formed sequence at `offset`, or 0. Table 3-7 of the Unicode standard.
std::size_t sequence_length(std::string_view text, std::size_t offset) {
    const auto at = [&](std::size_t i) {
        return offset + i < text.size() ? static_cast<unsigned char>(text[offset + i]) : static_cast<unsigned char>(0);
    };
    const unsigned char lead = at(0);
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead <= 0xDF) return is_continuation(at(1)) ? 2 : 0;
    if (lead >= 0xE0 && lead <= 0xEF) {
        const unsigned char low = lead == 0xE0 ? 0xA0 : 0x80;
        const unsigned char high = lead == 0xED ? 0x9F : 0xBF; // ED A0… would be a surrogate
        return at(1) >= low && at(1) <= high && is_continuation(at(2)) ? 3 : 0;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        const unsigned char low = lead == 0xF0 ? 0x90 : 0x80;
        const unsigned char high = lead == 0xF4 ? 0x8F : 0xBF;
        return at(1) >= low && at(1) <= high && is_continuation(at(2)) && is_continuation(at(3)) ? 4 : 0;
    }
    return 0;
}

std::uint32_t decode(std::string_view sequence) {
    const auto byte = [&](std::size_t i) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(sequence[i]));
    };
    switch (sequence.size()) {
        case 2:
            return (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F);
        case 3:
            return (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
        case 4:
            return (byte(0) & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
        default:
            return byte(0);
    }
}

std::uint32_t lower(std::uint32_t c) {
    if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
    if ((c >= 0xC0 && c <= 0xDE) && c != 0xD7) return c + 32;
    if (c == 0x130) // İ: its lower case is "i" with a dot above
        return 'i';
    if (c == 0x178) return 0xFF;
    // Latin Extended-A: pairs, upper case even in some runs and odd in others.
    if ((c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177) || (c >= 0x1E00 && c <= 0x1E95) ||
        (c >= 0x1EA0 && c <= 0x1EFF))
        return c | 1;
    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E)) return (c & 1) != 0 ? c + 1 : c;
    if (c == 0x1E9E) return 0xDF;
    if (c == 0x386) return 0x3AC;
    if (c >= 0x388 && c <= 0x38A) return c + 37;
    if (c == 0x38C) return 0x3CC;
    if (c == 0x38E || c == 0x38F) return c + 63;
    if (c >= 0x391 && c <= 0x3AB && c != 0x3A2) return c + 32;
    if (c >= 0x400 && c <= 0x40F) return c + 80;
    if (c >= 0x410 && c <= 0x42F) return c + 32;
    if (c >= 0x460 && c <= 0x481) return c | 1;
    return c;
}

// The base letters of a lower-case letter with an accent; empty for a letter that has none; "-" drops the character.
std::string_view without_accent(std::uint32_t c) {
    if (c >= 0x300 && c <= 0x36F) // combining marks
        return "-";
    if (c >= 0xE0 && c <= 0xFF) {
        static constexpr const char* letters[32] = {"a", "a", "a", "a", "a", "a", "ae", "c", "e",  "e", "e",
                                                    "e", "i", "i", "i", "i", "d", "n",  "o", "o",  "o", "o",
                                                    "o", "",  "o", "u", "u", "u", "u",  "y", "th", "y"};
        return letters[c - 0xE0];
    }
    if (c == 0xDF) return "ss";
    if (c >= 0x100 && c <= 0x17F) {
        struct Run {
            std::uint32_t last;
            const char* letters;
        };
        static constexpr Run runs[] = {{0x105, "a"}, {0x10D, "c"}, {0x111, "d"},  {0x11B, "e"},  {0x123, "g"},
                                       {0x127, "h"}, {0x131, "i"}, {0x133, "ij"}, {0x135, "j"},  {0x138, "k"},
                                       {0x142, "l"}, {0x14B, "n"}, {0x151, "o"},  {0x153, "oe"}, {0x159, "r"},
                                       {0x161, "s"}, {0x167, "t"}, {0x173, "u"},  {0x175, "w"},  {0x178, "y"},
                                       {0x17E, "z"}, {0x17F, "s"}};
        for (const Run& run : runs)
            if (c <= run.last) return run.letters;
    }
    switch (c) {
        case 0x3AC:
            return "α";
        case 0x3AD:
            return "ε";
        case 0x3AE:
            return "η";
        case 0x3AF:
        case 0x3CA:
        case 0x390:
            return "ι";
        case 0x3CC:
            return "ο";
        case 0x3CD:
        case 0x3CB:
        case 0x3B0:
            return "υ";
        case 0x3CE:
            return "ω";
        case 0x439:
            return "и";
        case 0x451:
            return "е";
        default:
            return {};
    }
}

template <class Append>
void each_character(std::string_view text, Append append) {
    std::size_t offset = 0;
    while (offset < text.size()) {
        // A stray byte is passed on as it is: comparing must not fail on text that came some other way.
        const std::size_t length = sequence_length(text, offset);
        append(text.substr(offset, length == 0 ? 1 : length), length != 0);
        offset += length == 0 ? 1 : length;
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
        const std::size_t length = sequence_length(text, offset);
        if (length == 0) return offset;
        offset += length;
    }
    return std::string_view::npos;
}

void cut_utf8(std::string& text, std::size_t most) {
    constexpr std::string_view more = "…";
    if (text.size() <= most) return;
    std::size_t end = most < more.size() ? 0 : most - more.size();
    while (end > 0 && is_continuation(static_cast<unsigned char>(text[end]))) --end;
    text.resize(end);
    if (most >= more.size()) text += more;
}

void append_utf8(std::string& out, std::uint32_t code_point) {
    const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (code_point < 0x80) {
        put(code_point);
    } else if (code_point < 0x800) {
        put(0xC0 | code_point >> 6);
        put(0x80 | (code_point & 0x3F));
    } else if (code_point < 0x10000) {
        put(0xE0 | code_point >> 12);
        put(0x80 | (code_point >> 6 & 0x3F));
        put(0x80 | (code_point & 0x3F));
    } else {
        put(0xF0 | code_point >> 18);
        put(0x80 | (code_point >> 12 & 0x3F));
        put(0x80 | (code_point >> 6 & 0x3F));
        put(0x80 | (code_point & 0x3F));
    }
}

Character first_character(std::string_view text) {
    const std::size_t length = sequence_length(text, 0);
    if (length == 0) return {static_cast<unsigned char>(text[0]), 1, false};
    return {decode(text.substr(0, length)), length, true};
}

std::string to_lower(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    each_character(text, [&](std::string_view character, bool valid) {
        if (valid)
            append_utf8(out, lower(decode(character)));
        else
            out.append(character);
    });
    return out;
}

std::string fold(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    each_character(text, [&](std::string_view character, bool valid) {
        if (!valid) {
            out.append(character);
            return;
        }
        const std::uint32_t c = lower(decode(character));
        const std::string_view base = c < 0x80 ? std::string_view{} : without_accent(c);
        if (base.empty())
            append_utf8(out, c);
        else if (base != "-")
            out.append(base);
    });
    return out;
}

} // namespace fhirscope::fhir
