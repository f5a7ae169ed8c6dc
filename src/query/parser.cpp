// Filter text → Query. One pass over the tokens, no backtracking; the depth of brackets is bounded.

#include "fhir/ascii.hpp"
#include "query/query.hpp"
#include "query/text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <span>

namespace fhirscope::query {

namespace {

struct Unit {
    std::string_view name;
    double factor;
};
constexpr Unit durations[] = {{"us", 1}, {"\u00b5s", 1}, {"ms", 1e3}, {"s", 1e6}, {"m", 60e6}, {"", 1e3}};
constexpr Unit sizes[] = {{"b", 1}, {"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9}, {"", 1}};
constexpr Unit numbers[] = {{"", 1}};

std::span<const Unit> units_of(ValueKind kind) {
    return kind == ValueKind::Duration ? std::span<const Unit>(durations)
           : kind == ValueKind::Size   ? std::span<const Unit>(sizes)
                                       : std::span<const Unit>(numbers);
}

std::string_view example_of(ValueKind kind) {
    return kind == ValueKind::Duration ? "200ms, 1.5s or 800us"
           : kind == ValueKind::Size   ? "900, 2kB or 1MB"
                                       : "a whole number";
}

bool is_ordered(ValueKind kind) {
    return kind != ValueKind::Text && kind != ValueKind::Word && kind != ValueKind::YesNo;
}

// Plain decimal digits: no exponent, no hexadecimal, no "nan".
std::optional<double> decimal_of(std::string_view text) {
    const bool plain = !text.empty() && fhir::is_digit(text[0]) && std::count(text.begin(), text.end(), '.') <= 1 &&
                       text.size() <= 24 &&
                       std::all_of(text.begin(), text.end(), [](char ch) { return fhir::is_digit(ch) || ch == '.'; });
    return plain ? std::optional(std::strtod(std::string(text).c_str(), nullptr)) : std::nullopt;
}

std::string list_of(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
    return out;
}

} // namespace

class Parser {
public:
    Parser(std::string_view text, const Fields& fields) : fields_(fields), tokens_(tokens_of(text)) {
        for (std::size_t i = 0; i < fields.size(); ++i)
            if (fields[i].bare) query_.bare_.push_back(i);
    }

    Result<Query> run() {
        if (next().kind == Token::Kind::End) return std::move(query_);
        query_.root_ = alternatives();
        if (!error_ && next().kind != Token::Kind::End) {
            refuse(next().kind == Token::Kind::Close ? "There is no ( for this )."
                                                     : "A field, a word, & or | was expected here.");
        }
        if (error_) return tl::unexpected<Error>(*error_);
        return std::move(query_);
    }

private:
    using Kind = Query::Kind;
    using Node = Query::Node;
    static constexpr int deepest = 32;

    const Token& next() const { return tokens_[at_]; }
    void take() { at_ += at_ + 1 < tokens_.size() ? 1 : 0; }
    bool take(Token::Kind kind) {
        const bool is = next().kind == kind;
        if (is) take();
        return is;
    }
    void refuse(std::string message) { refuse_at(next().begin, std::move(message)); }
    void refuse_at(std::size_t offset, std::string message) {
        if (!error_) error_ = Error{ErrorCode::Filter, std::move(message), offset};
    }
    std::size_t add(Node node) {
        query_.nodes_.push_back(std::move(node));
        return query_.nodes_.size() - 1;
    }
    std::size_t group(Kind kind, std::vector<std::size_t> parts) {
        if (parts.size() == 1) return parts[0];
        Node node;
        node.kind = kind;
        node.children = std::move(parts);
        return add(std::move(node));
    }

    std::size_t alternatives() {
        std::vector<std::size_t> parts = {conjunction()};
        while (!error_ && take(Token::Kind::Any)) parts.push_back(conjunction());
        return group(Kind::Any, std::move(parts));
    }

    std::size_t conjunction() {
        const auto over = [&] {
            const Token::Kind kind = next().kind;
            return kind == Token::Kind::End || kind == Token::Kind::Any || kind == Token::Kind::Close;
        };
        std::vector<std::size_t> parts = {unary()};
        while (!error_ && !over()) {
            take(Token::Kind::All);
            parts.push_back(unary());
        }
        return group(Kind::All, std::move(parts));
    }

    std::size_t unary() {
        if (++depth_ > deepest) {
            refuse("The brackets are nested too deeply.");
            return 0;
        }
        std::size_t result = 0;
        if (take(Token::Kind::Negation)) {
            Node node;
            node.kind = Kind::Negation;
            node.children = {unary()};
            result = add(std::move(node));
        } else if (take(Token::Kind::Open)) {
            result = alternatives();
            if (!error_ && !take(Token::Kind::Close)) refuse("A ) is missing.");
        } else {
            result = term();
        }
        --depth_;
        return result;
    }

    std::size_t term() {
        const Token name = next();
        if (name.kind != Token::Kind::Word) {
            refuse("A field or a word was expected here.");
            return 0;
        }
        if (!name.closed) {
            refuse_at(name.end, "The quote is not closed.");
            return 0;
        }
        take();
        if (next().kind != Token::Kind::Compare || name.quoted) {
            Node node;
            node.text = fold(name.text);
            node.source = name.quoted ? "\"" + name.text + "\"" : name.text;
            return add(std::move(node));
        }
        const auto field = fields_.find(fold(name.text));
        if (!field) {
            const auto meant = fields_.nearest(fold(name.text));
            refuse_at(name.begin, "\"" + name.text + "\" is not a field. " +
                                      (meant ? "Perhaps " + fields_[*meant].name + "; fields: " : "Fields: ") +
                                      fields_.names() + ".");
            return 0;
        }
        const Token comparison = next();
        take();
        const Token value = next();
        if (value.kind != Token::Kind::Word || (value.text.empty() && !value.quoted)) {
            refuse("A value was expected after \"" + name.text + "\": " + values_of(fields_[*field]) + ".");
            return 0;
        }
        if (!value.closed) {
            refuse_at(value.end, "The quote is not closed.");
            return 0;
        }
        take();
        Node node;
        node.kind = Kind::Compare;
        node.field = *field;
        node.value = fields_[*field].kind;
        node.comparison = comparison.comparison;
        std::string written = value.text;
        // "200 ms" is meant as one.
        if (next().kind == Token::Kind::Word && !next().quoted && !value.quoted && decimal_of(value.text) &&
            unit_of(node.value, next().text) != nullptr) {
            written += next().text;
            take();
        }
        read_value(node, fields_[*field], written, value.begin);
        const bool ordered = node.comparison > Comparison::Differs;
        if (ordered && !is_ordered(node.value))
            refuse_at(comparison.begin, "\"" + fields_[*field].name + "\" has no order; use :, = or !=.");
        node.source = fields_[*field].name + std::string(sign(node.comparison)) + quoted_if_needed(written);
        return add(std::move(node));
    }

    static std::string values_of(const Field& field) {
        switch (field.kind) {
            case ValueKind::Text:
                return "a word or \"quoted text\"";
            case ValueKind::Word:
                return list_of(field.words);
            case ValueKind::YesNo:
                return "yes or no";
            case ValueKind::Date:
                return "a date as 2026-01-31 or 2026-01";
            default:
                return std::string(example_of(field.kind));
        }
    }

    static const Unit* unit_of(ValueKind kind, std::string_view name) {
        for (const Unit& unit : units_of(kind))
            if (!unit.name.empty() && fold(name) == unit.name) return &unit;
        return nullptr;
    }

    void read_value(Node& node, const Field& field, const std::string& value, std::size_t at) {
        const std::string folded = fold(value);
        switch (field.kind) {
            case ValueKind::Text:
                node.text = folded;
                return;
            case ValueKind::Word: {
                // "out of order" is also written in quotes.
                std::string joined = folded;
                std::replace(joined.begin(), joined.end(), ' ', '-');
                const auto it = std::find(field.words.begin(), field.words.end(), joined);
                node.number = it - field.words.begin();
                if (it == field.words.end()) {
                    refuse_at(at, "\"" + value + "\" is not a value of \"" + field.name +
                                      "\". One of: " + list_of(field.words) + ".");
                }
                return;
            }
            case ValueKind::YesNo:
                node.number = folded == "yes" || folded == "true" ? 1 : 0;
                if (node.number == 0 && folded != "no" && folded != "false")
                    refuse_at(at, "\"" + field.name + "\" is yes or no.");
                return;
            case ValueKind::Date:
                node.text = value;
                if (value.size() < 4 || !std::all_of(value.begin(), value.begin() + 4, fhir::is_digit))
                    refuse_at(at, "\"" + value + "\" is not understood here; write " + values_of(field) + ".");
                return;
            default:
                read_number(node, field.kind, value, folded, at);
        }
    }

    void read_number(Node& node, ValueKind kind, const std::string& value, const std::string& folded, std::size_t at) {
        const std::size_t digits = std::min(folded.find_first_not_of("0123456789."), folded.size());
        const auto number = decimal_of(std::string_view(folded).substr(0, digits));
        for (const Unit& unit : units_of(kind)) {
            if (number && std::string_view(folded).substr(digits) == unit.name && *number * unit.factor < 9e15 &&
                (kind != ValueKind::Number || folded.find('.') == std::string::npos)) {
                node.number = std::llround(*number * unit.factor);
                return;
            }
        }
        refuse_at(at, "\"" + value + "\" is not understood here; write " + std::string(example_of(kind)) + ".");
    }

    const Fields& fields_;
    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    int depth_ = 0;
    Query query_;
    std::optional<Error> error_;
};

Result<Query> Query::parse(std::string_view text, const Fields& fields) { return Parser(text, fields).run(); }

} // namespace fhirscope::query
