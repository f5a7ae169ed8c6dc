#include "fhir/percent.hpp"

#include "fhir/ascii.hpp"

namespace fhirscope::fhir {

void append_percent(std::string& out, char c, HexDigits digits) {
    const std::string_view all = digits == HexDigits::Upper ? "0123456789ABCDEF" : "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    out.append({'%', all[byte >> 4], all[byte & 15]});
}

std::string percent_encode(std::string_view text, std::string_view kept, HexDigits digits) {
    std::string out;
    out.reserve(3 * text.size()); // of a secret no copy is left behind by growing
    for (const char c : text) {
        const bool unreserved = is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
        if (unreserved || kept.find(c) != std::string_view::npos)
            out.push_back(c);
        else
            append_percent(out, c, digits);
    }
    return out;
}

std::string percent_decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+') {
            out.push_back(' ');
        } else if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
                   hex_digit(text[i + 2]) >= 0) {
            out.push_back(static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])));
            i += 2;
        } else {
            out.push_back(text[i]);
        }
    }
    return out;
}

} // namespace fhirscope::fhir
