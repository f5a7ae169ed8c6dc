#include "query/lexer.hpp"

#include "query/text.hpp"

namespace fhirscope::query {

namespace {

constexpr std::string_view signs = "&|()!:=<>\"";

bool is_space(char ch) { return ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r'; }

bool ends_word(char ch) { return is_space(ch) || signs.find(ch) != std::string_view::npos; }

// "and", "or", "not" are signs too; in quotes they are words.
Token::Kind kind_of_word(std::string_view word) {
    return equals_folded(word, "and")   ? Token::Kind::All
           : equals_folded(word, "or")  ? Token::Kind::Any
           : equals_folded(word, "not") ? Token::Kind::Negation
                                        : Token::Kind::Word;
}

struct Sign {
    std::string_view text;
    Token::Kind kind;
    Comparison comparison = Comparison::Contains;
};
// Longer ones first.
constexpr Sign table[] = {
    {"!=", Token::Kind::Compare, Comparison::Differs},
    {">=", Token::Kind::Compare, Comparison::AtLeast},
    {"<=", Token::Kind::Compare, Comparison::AtMost},
    {"==", Token::Kind::Compare, Comparison::Equal},
    {"&&", Token::Kind::All},
    {"||", Token::Kind::Any},
    {":", Token::Kind::Compare, Comparison::Contains},
    {"=", Token::Kind::Compare, Comparison::Equal},
    {">", Token::Kind::Compare, Comparison::Greater},
    {"<", Token::Kind::Compare, Comparison::Less},
    {"&", Token::Kind::All},
    {"|", Token::Kind::Any},
    {"!", Token::Kind::Negation},
    {"(", Token::Kind::Open},
    {")", Token::Kind::Close},
};

} // namespace

std::string_view sign(Comparison comparison) {
    switch (comparison) {
        case Comparison::Contains:
            return ":";
        case Comparison::Equal:
            return " = ";
        case Comparison::Differs:
            return " != ";
        case Comparison::Greater:
            return " > ";
        case Comparison::AtLeast:
            return " >= ";
        case Comparison::Less:
            return " < ";
        case Comparison::AtMost:
            return " <= ";
    }
    return ":";
}

std::vector<Token> tokens_of(std::string_view text) {
    std::vector<Token> tokens;
    std::size_t at = 0;
    while (true) {
        while (at < text.size() && is_space(text[at])) ++at;
        Token token;
        token.begin = token.end = at;
        if (at == text.size()) {
            tokens.push_back(std::move(token));
            return tokens;
        }
        if (text[at] == '"') {
            const std::size_t close = text.find('"', at + 1);
            token.kind = Token::Kind::Word;
            token.quoted = true;
            token.closed = close != std::string_view::npos;
            token.end = token.closed ? close + 1 : text.size();
            token.text = text.substr(at + 1, (token.closed ? close : text.size()) - at - 1);
        } else if (!ends_word(text[at])) {
            while (token.end < text.size() && !ends_word(text[token.end])) ++token.end;
            token.text = text.substr(at, token.end - at);
            token.kind = kind_of_word(token.text);
        } else {
            for (const Sign& candidate : table) {
                if (text.substr(at).starts_with(candidate.text)) {
                    token.kind = candidate.kind;
                    token.comparison = candidate.comparison;
                    token.end = at + candidate.text.size();
                    break;
                }
            }
        }
        at = token.end;
        tokens.push_back(std::move(token));
    }
}

std::string quoted_if_needed(std::string_view word) {
    bool plain = !word.empty() && kind_of_word(word) == Token::Kind::Word;
    for (const char ch : word) plain = plain && !ends_word(ch);
    return plain ? std::string(word) : "\"" + std::string(word) + "\"";
}

} // namespace fhirscope::query
