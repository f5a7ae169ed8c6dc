#include "engine/alias.hpp"

#include "fhir/ascii.hpp"

#include <algorithm>
#include <array>

namespace fhirscope::engine {
namespace {

constexpr std::array<std::string_view, 9> alias_kinds{"binding-token", "access-token",  "refresh-token",
                                                      "id-token",      "client-secret", "jwt",
                                                      "hidden",        "redacted",      foreign_kind};
constexpr std::size_t most_digits = 15;
constexpr std::size_t longest_kind = 13;

struct Letter {     // one character of a text in which JSON escapes may stand
    char value = 0; // 0: none that an alias has
    std::size_t size = 1;
};

Letter letter_at(std::string_view text, std::size_t at) {
    if (at >= text.size()) return {0, 0};
    if (text[at] != '\\' || at + 1 >= text.size()) return {text[at], 1};
    if (text[at + 1] != 'u') return {0, 2}; // \n, \" and the like; \< is none of JSON's
    const int code = fhir::hex4(text.substr(at + 2));
    if (code < 0) return {0, 2};
    return {code > 0 && code < 0x80 ? static_cast<char>(code) : '\0', 6};
}

class AliasReader {
public:
    AliasReader(std::string_view text, std::size_t begin) : text_(text) {
        alias_.begin = begin;
        at_ = alias_.inside = begin + letter_at(text, begin).size;
    }

    std::optional<Alias> read() {
        read_equal_signs();
        const std::string word = read_word();
        const auto kind = std::ranges::find(alias_kinds, word);
        if (kind == alias_kinds.end() || !read_number()) return std::nullopt;
        if (letter_at(text_, at_).value != '>') return std::nullopt;
        alias_.kind = *kind;
        alias_.end = at_ + letter_at(text_, at_).size;
        return alias_;
    }

private:
    void read_equal_signs() {
        for (Letter letter = letter_at(text_, at_); letter.value == '='; letter = letter_at(text_, at_)) {
            if (alias_.equal_signs++ == 0) alias_.equal_size = letter.size;
            at_ += letter.size;
        }
    }

    // With the "-" before the number taken off.
    std::string read_word() {
        std::string word;
        for (Letter letter = letter_at(text_, at_); word.size() <= longest_kind + 1; letter = letter_at(text_, at_)) {
            if (letter.value != '-' && !(letter.value >= 'a' && letter.value <= 'z')) break;
            word += letter.value;
            at_ += letter.size;
        }
        if (word.empty() || word.back() != '-') return {};
        word.pop_back();
        return word;
    }

    bool read_number() {
        std::size_t digits = 0;
        for (Letter letter = letter_at(text_, at_); fhir::is_digit(letter.value) && digits <= most_digits;
             letter = letter_at(text_, at_), ++digits) {
            if (digits == 0 && letter.value == '0') return false;
            alias_.number = alias_.number * 10 + static_cast<std::uint64_t>(letter.value - '0');
            at_ += letter.size;
        }
        return digits > 0 && digits <= most_digits;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    Alias alias_;
};

} // namespace

std::string alias_text(std::string_view kind, std::uint64_t number) {
    return std::string("<").append(kind).append("-").append(std::to_string(number)).append(">");
}

// As itself or as \u003c; the end of the text where there is none.
std::size_t AliasScanner::next_bracket() {
    const auto look_for = [&](std::size_t& place, char c) {
        if (place < at_ || !is_begun_) place = std::min(text_.find(c, at_), text_.size());
    };
    for (;;) {
        look_for(bracket_, '<');
        look_for(backslash_, '\\');
        is_begun_ = true;
        if (bracket_ <= backslash_) return bracket_;
        const Letter letter = letter_at(text_, backslash_);
        if (letter.value == '<') return backslash_;
        at_ = backslash_ + letter.size; // so an escaped backslash begins no escape
    }
}

std::optional<Alias> AliasScanner::next() {
    for (std::size_t begin = next_bracket(); begin < text_.size(); begin = next_bracket()) {
        if (auto alias = AliasReader(text_, begin).read()) {
            at_ = alias->end;
            return alias;
        }
        at_ = begin + letter_at(text_, begin).size;
    }
    return std::nullopt;
}

std::size_t letter_size(std::string_view text, std::size_t at) { return letter_at(text, at).size; }

bool is_alias(std::string_view text) {
    const auto alias = text.starts_with('<') ? AliasScanner(text).next() : std::nullopt;
    return alias && alias->begin == 0 && alias->end == text.size() && alias->equal_signs == 0;
}

} // namespace fhirscope::engine
