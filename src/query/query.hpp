#pragma once
// The filter language: `type:Task & (latency > 200ms | outcome:conflict) & !channel:poll`. One class for every view
// and for the command line; what can be asked is a set of fields (fields.hpp), the answers are facts. For users:
// docs/query.md.
//
//   filter:  all ("|" all)*          all:  unary ("&"? unary)*       unary: "!"? unary | "(" filter ")" | term
//   term:    field comparison value  or a bare word: found in any field that is marked so
//   comparisons: ":" (contains, for text; equals, for the rest) "=" "!=" ">" ">=" "<" "<="
//   values:  a word or "quoted text"; durations take us, ms, s, m; sizes take B, kB, MB
//
// "and", "or", "not" stand for "&", "|", "!". Text is compared without regard to case (ASCII).

#include "fhir/harmless.hpp"
#include "fhir/result.hpp"
#include "query/fields.hpp"
#include "query/lexer.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::query {

class Query {
public:
    // Matches everything.
    Query() = default;
    // Errors: Filter, with the offset of the first character that is not understood, and in the message what would be.
    static Result<Query> parse(std::string_view text, const Fields& fields);

    // `facts` of the set of fields that it was parsed for.
    bool matches(const Facts& facts) const { return nodes_.empty() || matches(facts, nodes_[root_]); }
    bool empty() const { return nodes_.empty(); }
    // True when an answer may depend on this field.
    bool uses(std::size_t field) const;
    // How it was read, with every bracket: "(type:Task & outcome:rejected) | latency > 200ms".
    std::string canonical() const;

private:
    friend class Parser;
    enum class Kind : std::uint8_t { Any, All, Negation, Bare, Compare };
    struct Node {
        Kind kind = Kind::Bare;
        ValueKind value = ValueKind::Text;
        Comparison comparison = Comparison::Contains;
        std::size_t field = 0;
        std::int64_t number = 0; // µs, bytes, a number, or the place of the word
        std::string text{};      // in lower case
        std::string source{};    // as written, for canonical()
        std::vector<std::size_t> children{};
    };
    bool matches(const Facts& facts, const Node& node) const;
    void canonical(const Node& node, bool nested, std::string& out) const;

    std::vector<Node> nodes_;
    std::vector<std::size_t> bare_; // fields in which bare words are looked for
    std::size_t root_ = 0;
};

// The text and below it a caret at the error, for a terminal:
//   type:Task & color:red
//               ^
fhir::Text with_caret(std::string_view text, std::size_t offset);
// Characters (not bytes) before the offset: where the caret stands in a monospaced line.
std::size_t column_of(std::string_view text, std::size_t offset);

} // namespace fhirscope::query
