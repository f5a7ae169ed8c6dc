#include "deidentify/vocabulary.hpp"

#include "deidentify/word_lists.hpp"
#include "fhir/ascii.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>

namespace fhirscope::deidentify {

namespace {

using Words = std::unordered_set<std::string_view>;

Words words_of(std::string_view list) {
    Words words;
    while (!list.empty()) {
        const auto begin = list.find_first_not_of(" \n");
        if (begin == list.npos) break;
        list.remove_prefix(begin);
        const auto end = std::min(list.find_first_of(" \n"), list.size());
        words.insert(list.substr(0, end));
        list.remove_prefix(end);
    }
    return words;
}

// Published trees, below which a name is a single word of letters, digits and hyphens.
constexpr std::array<std::string_view, 8> public_trees = {
    "http://hl7.org/fhir/StructureDefinition/",
    "http://hl7.org/fhir/CodeSystem/",
    "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/",
    "http://hl7.org/fhir/uv/subscriptions-backport/CodeSystem/",
    "http://terminology.hl7.org/CodeSystem/",
    "http://hl7.org/fhir/sid/",
    "https://medplum.com/fhir/StructureDefinition/",
    "https://fhirscope.example/StructureDefinition/",
};

// What the engine and the diagnosis look for in what a server says.
constexpr std::array<std::string_view, 14> phrases = {
    "fails to make progress",
    "reading subscription",
    "Unexpected client message",
    "Invalid bind request",
    "Too Many Requests",
    "exceeded",
    "too many subscriptions",
    "maximum number",
    "quota",
    "not enabled",
    "Not found",
    "not found",
    "oken",
    "xpir",
};

using fhir::is_digit;
using fhir::is_letter;

} // namespace

bool is_type(std::string_view word) {
    static const Words words = words_of(resource_types);
    return words.contains(word);
}

bool is_element(std::string_view name) {
    static const Words words = words_of(element_names);
    return words.contains(name);
}

bool is_code(std::string_view word) {
    static const Words words = words_of(codes);
    return words.contains(word);
}

bool is_path_word(std::string_view word) {
    static const Words words = words_of(path_words);
    return words.contains(word);
}

bool is_search_parameter(std::string_view name) {
    static const Words words = words_of(search_names);
    return words.contains(name) || is_element(name);
}

bool is_public_url(std::string_view url) {
    static const Words words = words_of(public_systems);
    if (words.contains(url)) return true;
    return std::ranges::any_of(public_trees, [&](std::string_view tree) {
        if (!url.starts_with(tree)) return false;
        url.remove_prefix(tree.size());
        // Published names are lower-case words; a number in one is a version.
        return !url.empty() && url.size() <= 64 &&
               std::ranges::all_of(url, [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '.'; }) &&
               std::ranges::count_if(url, is_digit) <= 4;
    });
}

bool is_panel_title(std::string_view title) {
    static const Words words = words_of(panel_words);
    while (!title.empty()) {
        const auto end = std::min(title.find(' '), title.size());
        if (!words.contains(fhir::lower_ascii(title.substr(0, end)))) return false;
        title.remove_prefix(std::min(end + 1, title.size()));
    }
    return true;
}

bool is_plain_message(std::string_view text) {
    static const Words words = words_of(message_words);
    constexpr std::size_t longest = 200, longest_number = 4;
    if (text.size() > longest) return false;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t begin = i;
        if (is_letter(text[i])) {
            while (i < text.size() && is_letter(text[i])) ++i;
            if (!words.contains(fhir::lower_ascii(text.substr(begin, i - begin)))) return false;
        } else if (is_digit(text[i])) {
            // Digits between which only "-", "." or a space stands are one number to a reader.
            std::size_t digits = 0;
            for (; i < text.size() &&
                   (is_digit(text[i]) || (i + 1 < text.size() && is_digit(text[i + 1]) &&
                                          std::string_view("-. ").find(text[i]) != std::string_view::npos));
                 ++i)
                digits += is_digit(text[i]) ? 1 : 0;
            if (digits > longest_number) return false;
        } else if (static_cast<unsigned char>(text[i]) < 32 || static_cast<unsigned char>(text[i]) > 126) {
            return false;
        } else {
            ++i;
        }
    }
    return true;
}

std::string phrases_in(std::string_view text) {
    std::string found;
    for (const std::string_view phrase : phrases)
        if (text.find(phrase) != text.npos) found += (found.empty() ? "" : ", ") + std::string(phrase);
    return found;
}

} // namespace fhirscope::deidentify
