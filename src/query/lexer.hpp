#pragma once
// Words and signs of a filter, for the parser and for completion.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::query {

enum class Comparison : std::uint8_t { Contains, Equal, Differs, Greater, AtLeast, Less, AtMost };
// As written between a field and its value: ":", " = ".
std::string_view sign(Comparison comparison);

struct Token {
    enum class Kind : std::uint8_t { Word, Compare, All, Any, Negation, Open, Close, End } kind = Kind::End;
    std::size_t begin = 0, end = 0; // bytes of the text; with the quotes
    std::string text{};             // of a word, without quotes
    Comparison comparison = Comparison::Contains;
    bool quoted = false;
    bool closed = true; // false: a quote that does not end
};

// All of the text; the last token is `end`. Every text has tokens: what they mean together is the parser's.
std::vector<Token> tokens_of(std::string_view text);

// As it must be written to be read as one word.
std::string quoted_if_needed(std::string_view word);

} // namespace fhirscope::query
