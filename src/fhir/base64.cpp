#include "fhir/base64.hpp"

namespace fhirscope::fhir {

std::string encode_base64(std::string_view bytes, Base64 alphabet) {
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const std::string_view rest = alphabet == Base64::Url ? "-_" : "+/";
    std::string text;
    text.reserve((bytes.size() * 4 + 2) / 3);
    unsigned bits = 0;
    int held = 0;
    const auto put = [&](unsigned value) {
        text += value < letters.size() ? letters[value] : rest[value - letters.size()];
    };
    for (const char c : bytes) {
        bits = (bits << 8) | static_cast<unsigned char>(c);
        for (held += 8; held >= 6;) {
            held -= 6;
            put((bits >> held) & 63);
        }
    }
    if (held > 0) put((bits << (6 - held)) & 63);
    return text;
}

std::optional<std::string> decode_base64(std::string_view text) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    while (!text.empty() && text.back() == '=') text.remove_suffix(1);
    std::string bytes;
    bytes.reserve(text.size() * 3 / 4);
    unsigned bits = 0;
    int held = 0;
    for (const char c : text) {
        const auto value = alphabet.find(c == '+' ? '-' : c == '/' ? '_' : c);
        if (value == alphabet.npos) return std::nullopt;
        bits = (bits << 6) | static_cast<unsigned>(value);
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes += static_cast<char>((bits >> held) & 0xff);
        }
    }
    return bytes;
}

} // namespace fhirscope::fhir
