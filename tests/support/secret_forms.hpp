#pragma once
// The forms in which a secret can come back, and whether any of them is in a text.

#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::tests {

inline std::string base64_of(std::string_view bytes, bool of_urls = false) {
    const std::string alphabet =
        std::string("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") + (of_urls ? "-_" : "+/");
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        unsigned group = 0;
        for (std::size_t k = 0; k < 3; ++k)
            group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
        for (std::size_t k = 0; k < 4; ++k)
            out += i + k < bytes.size() + 1 ? alphabet[group >> (18 - 6 * k) & 63] : '=';
    }
    return out;
}

inline std::string hex_of(char c, std::size_t width, bool is_upper = true) {
    const std::string_view digits = is_upper ? "0123456789ABCDEF" : "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    return std::string(width - 2, '0') + digits[byte >> 4] + digits[byte & 15];
}

// With each character for which `wants` says so replaced.
template <class Wants, class Encode>
std::string each_as(std::string_view text, Wants wants, Encode encode) {
    std::string out;
    for (const char c : text) out += wants(c) ? encode(c) : std::string(1, c);
    return out;
}

struct SecretForm {
    std::string name, text;
};

// All can stand inside a JSON string.
inline std::vector<SecretForm> forms_of(std::string_view secret, std::string_view id = "some-id") {
    const auto all = [](char) { return true; };
    const auto odd = [](char c) { // what an encoder of addresses encodes
        return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 std::string_view("-._~").find(c) != std::string_view::npos);
    };
    const auto slash = [](char c) { return c == '/'; };
    const auto percent = [](char c) { return "%" + hex_of(c, 2); };
    const auto json = [](char c) { return "\\u" + hex_of(c, 4, false); };
    const auto letters = [](char c) { return c == 'a' || c == 'e' || c == 's'; };
    const std::string pair = std::string(id) + ":" + std::string(secret), upper_form = each_as(secret, odd, percent);
    std::string upper(secret);
    for (char& c : upper)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    return {{"as it is", std::string(secret)},
            {"escaped slashes", each_as(secret, slash, [](char c) { return std::string("\\") + c; })},
            {"JSON escapes", each_as(secret, all, json)},
            {"some JSON escapes", each_as(secret, letters, json)},
            {"escaped twice", each_as(secret, all, [&](char c) { return "\\" + json(c); })},
            {"percent-encoded", upper_form},
            {"percent-encoded in lower case", each_as(secret, odd, [](char c) { return "%" + hex_of(c, 2, false); })},
            {"all percent-encoded", each_as(secret, all, percent)},
            {"percent-encoded twice", each_as(secret, odd, [](char c) { return "%25" + hex_of(c, 2); })},
            {"of HTML", each_as(secret, odd, [](char c) { return "&#" + std::to_string(static_cast<int>(c)) + ";"; })},
            {"of HTML in hex", each_as(secret, all, [](char c) { return "&#x" + hex_of(c, 2) + ";"; })},
            {"base64", base64_of(secret)},
            {"base64 of addresses", base64_of(secret, true)},
            {"base64 at another place", base64_of("x" + std::string(secret) + "yz")},
            {"base64 at a third place", base64_of("xy" + std::string(secret))},
            {"Basic", "Basic " + base64_of(pair)},
            {"Basic, percent-encoded before", "Basic " + base64_of(std::string(id) + ":" + upper_form)},
            {"base64, percent-encoded", each_as(base64_of(pair), odd, percent)},
            {"base64, escaped", each_as(base64_of(pair), letters, json)},
            {"in upper case", upper},
            {"without its end", std::string(secret.substr(0, secret.size() - 1))},
            {"without its beginning", std::string(secret.substr(1))}};
}

// The name of a form of the secret that the text holds; "" for none.
inline std::string form_in(std::string_view text, std::string_view secret, std::string_view id = "some-id") {
    // What is left of base64 must not give away what was encoded, so parts of it count as well.
    for (const SecretForm& form : forms_of(secret, id)) {
        std::string_view looked_for = form.text;
        if (form.name.find("ase64") != form.name.npos || form.name.starts_with("Basic"))
            looked_for = looked_for.substr(looked_for.size() / 2, looked_for.size() / 2 - 4);
        if (text.find(looked_for) != text.npos) return form.name;
    }
    return "";
}

} // namespace fhirscope::tests
