#pragma once

// Words and signs of a filter, for the parser and for completion.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::query {

enum class Comparison : std::uint8_t { contains, equal, differs, greater, at_least, less, at_most };
// As written between a field and its value: ":", " = ".
std::string_view sign(Comparison comparison);

struct Token {
    enum class Kind : std::uint8_t { word, compare, all, any, negation, open, close, end } kind = Kind::end;
    std::size_t begin = 0, end = 0; // bytes of the text; with the quotes
    std::string text{};             // of a word, without quotes
    Comparison comparison = Comparison::contains;
    bool quoted = false;
    bool closed = true; // false: a quote that does not end
};

// All of the text; the last token is `end`. Every text has tokens: what they mean together is the parser's.
std::vector<Token> tokens_of(std::string_view text);

// As it must be written to be read as one word.
std::string quoted_if_needed(std::string_view word);

} // namespace fhirscope::query
