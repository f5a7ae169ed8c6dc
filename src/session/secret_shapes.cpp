#include "session/secret_shapes.hpp"

#include "fhir/ascii.hpp"
#include "fhir/slice.hpp"

#include <string.h>

#include <algorithm>
#include <array>
#include <string>

namespace fhirscope::session {
namespace {

struct SecretName {
    std::string_view name, kind;
    bool is_of_forms = true; // else an ordinary word, which means a secret only as the name of a JSON member
};
constexpr std::array secret_names{
    SecretName{"access_token", "access-token"},
    SecretName{"refresh_token", "refresh-token"},
    SecretName{"id_token", "id-token"},
    SecretName{"client_secret", "client-secret"},
    SecretName{"client_assertion", "access-token"},
    SecretName{"clientSecret", "client-secret"},
    SecretName{"secret", "client-secret", false},
    SecretName{"retiringSecret", "client-secret", false},
};
// How all of them end: few needles, because frames of some kilobytes pass here thousands of times a second.
constexpr std::array<std::string_view, 3> name_ends{"_token", "ecret", "_assertion"};

// Faster than string_view::find, which looks for the first character alone.
std::size_t find_word(std::string_view text, std::string_view word, std::size_t from = 0) {
    if (from > text.size()) return text.npos;
    const void* hit = memmem(text.data() + from, text.size() - from, word.data(), word.size());
    return hit ? static_cast<std::size_t>(static_cast<const char*>(hit) - text.data()) : text.npos;
}

bool is_of_jwt(char c) { return fhir::is_letter(c) || fhir::is_digit(c) || c == '-' || c == '_'; }

std::size_t skip_of_jwt(std::string_view text, std::size_t at) {
    while (at < text.size() && is_of_jwt(text[at])) ++at;
    return at;
}

// The whole name before a quote or a "=".
const SecretName* name_before(std::string_view text, std::size_t end) {
    const bool is_member = text[end] == '"';
    for (const SecretName& one : secret_names) {
        if (!text.substr(0, end).ends_with(one.name)) continue;
        const std::size_t begin = end - one.name.size();
        // Before the name in a form there may be what is hidden next, so nothing is asked of it.
        if (is_member ? begin > 0 && text[begin - 1] == '"' : one.is_of_forms) return &one;
    }
    return nullptr;
}

// A quote that no escape of the layer below stands for ends a string there, whatever stands before it.
std::size_t end_of_string(const TextLayers& layers, std::size_t layer, std::size_t at) {
    const std::string_view text = layers.text(layer);
    while (at < text.size() && text[at] != '"') {
        const bool escapes = text[at] == '\\' && at + 1 < text.size() &&
                             (layer == 0 || text[at + 1] != '"' || layers.is_escaped(layer, at + 1));
        at += escapes ? 2 : 1;
    }
    return std::min(at, text.size());
}

// The string behind the quote of a member's name; an empty range: none. JSON inside a JSON string has quotes that were
// escaped: the others belong to the outer text, which was looked at as it came.
TextRange member_value(const TextLayers& layers, std::size_t layer, std::size_t quote) {
    const std::string_view text = layers.text(layer);
    const auto is_of_this_layer = [&](std::size_t at) { return layer == 0 || layers.is_escaped(layer, at); };
    std::size_t at = fhir::skip_space(text, quote + 1);
    if (at >= text.size() || text[at] != ':' || !is_of_this_layer(quote)) return {};
    at = fhir::skip_space(text, at + 1);
    if (at >= text.size() || text[at] != '"' || !is_of_this_layer(at)) return {};
    return {at + 1, end_of_string(layers, layer, at + 1)};
}

TextRange form_value(std::string_view text, std::size_t begin) {
    return {begin, std::min(text.find_first_of("&,;}]) \t\r\n\"'<>\\", begin), text.size())};
}

using TokenFound = std::function<void(std::string_view raw)>;

void find_in_parameters(fhir::Slice parameters, unsigned depth, const TokenFound& found) {
    constexpr unsigned deepest = 8; // of parts of parts
    if (depth > deepest) return;
    parameters.each_element([&](fhir::Slice parameter) {
        if (parameter.member("name").is_string("token"))
            if (const auto token = parameter.member("valueString").raw_string(); !token.empty()) found(token);
        find_in_parameters(parameter.member("part"), depth + 1, found);
    });
}

} // namespace

void find_jwts(std::string_view text, const ShapeFound& found) {
    constexpr std::size_t least_header = 8, least_payload = 3;
    constexpr std::string_view beginning = "eyJ"; // base64url of `{"`
    for (std::size_t at = find_word(text, beginning); at != text.npos; at = find_word(text, beginning, at)) {
        const std::size_t header = skip_of_jwt(text, at);
        std::size_t end = header;
        if (header < text.size() && text[header] == '.' && header - at >= least_header) {
            const std::size_t payload = skip_of_jwt(text, header + 1);
            if (payload - header > least_payload && payload < text.size() && text[payload] == '.') {
                end = skip_of_jwt(text, payload + 1);
                found({at, end}, "jwt");
            }
        }
        at = std::max(end, at + beginning.size());
    }
}

void find_named_secrets(const TextLayers& layers, std::size_t layer, const ShapeFound& found) {
    const std::string_view text = layers.text(layer);
    for (const std::string_view name_end : name_ends) {
        for (std::size_t at = find_word(text, name_end); at != text.npos; at = find_word(text, name_end, at + 1)) {
            const std::size_t end = at + name_end.size();
            if (end >= text.size() || (text[end] != '"' && text[end] != '=')) continue;
            const SecretName* name = name_before(text, end);
            if (name == nullptr) continue;
            const TextRange value = text[end] == '=' ? form_value(text, end + 1) : member_value(layers, layer, end);
            if (value.begin >= value.end) continue;
            found(value, name->kind);
            at = value.end - 1; // it may be full of such names
        }
    }
}

void find_binding_tokens(const TextLayers& layers, const std::function<void(TextRange)>& found) {
    // The names may be written with escapes.
    const std::string_view readable = layers.text(layers.size() > 1 ? 1 : 0);
    for (const std::string_view word : {"\"token\"", "\"valueString\""})
        if (find_word(readable, word) == readable.npos) return;
    const std::string_view text = layers.text(0);
    const auto found_raw = [&](std::string_view raw) {
        const auto begin = static_cast<std::size_t>(raw.data() - text.data());
        found({begin, begin + raw.size()});
    };
    const fhir::Slice answer = fhir::value_in(text);
    find_in_parameters(answer.member("parameter"), 0, found_raw);
    answer.member("entry").each_element([&](fhir::Slice entry) { // of a batch
        find_in_parameters(entry.member("resource").member("parameter"), 0, found_raw);
    });
}

} // namespace fhirscope::session
