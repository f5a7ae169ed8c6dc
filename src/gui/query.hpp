#pragma once

// The filter language of the log: `type:Task & outcome:rejected | latency > 200ms`.
//
//   or:    and ("|" and)*            and:  unary ("&"? unary)*       unary: "!"? ("(" or ")" | term)
//   term:  field operator value      or a bare word: found in the type, the id, the version or the subscription's name
//   field: type resource version subscription channel outcome latency size seq deleted
//   operators: ":" (contains, for text; equals, for the rest) "=" "!=" ">" ">=" "<" "<="
//   values: a word or "quoted text"; latency takes us, ms, s, m; size takes B, kB, MB
//
// Text is compared without regard to case (ASCII).

#include "engine/types.hpp"
#include "fhir/result.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::gui {

// What a query can ask about an update.
struct QueryFacts {
    std::string_view type, id, version, subscription;
    engine::Channel channel = engine::Channel::Socket;
    engine::Outcome outcome = engine::Outcome::Applied;
    std::optional<std::chrono::microseconds> latency;
    std::uint64_t size = 0; // bytes
    std::uint64_t number = 0;
    bool deleted = false;
};

class Query {
public:
    // Matches everything.
    Query() = default;
    // Errors: "query", with the offset of the first character that is not understood and what would be.
    static Result<Query> parse(std::string_view text);

    bool matches(const QueryFacts& facts) const;
    bool empty() const { return nodes_.empty(); }
    // True when an answer depends on the latency, which costs a lookup a row.
    bool needs_latency() const { return needs_latency_; }
    // True when an answer depends on the resource's id, which costs a lookup a row too.
    bool needs_id() const { return needs_id_; }
    // How it was read, with every bracket: "(type:Task & outcome:rejected) | latency > 200ms".
    std::string canonical() const;

private:
    friend class QueryParser;
    enum class Kind : std::uint8_t {
        any,
        all,
        negation,
        text,
        type,
        id,
        version,
        subscription,
        channel,
        outcome,
        latency,
        size,
        number,
        deleted
    };
    enum class Op : std::uint8_t { contains, equal, differs, greater, at_least, less, at_most };
    struct Node {
        Kind kind = Kind::text;
        Op op = Op::contains;
        std::string text;        // lower case, for text comparisons
        std::string source;      // as written, for canonical()
        std::int64_t number = 0; // µs, bytes, number, or the enumerator
        std::vector<std::size_t> children;
    };
    bool matches(const QueryFacts& facts, const Node& node) const;
    void canonical(const Node& node, bool nested, std::string& out) const;

    std::vector<Node> nodes_;
    std::size_t root_ = 0;
    bool needs_latency_ = false;
    bool needs_id_ = false;
};

// True when `text` contains `lower` (given in lower case), without regard to case. ASCII only.
bool contains_folded(std::string_view text, std::string_view lower);
std::string fold(std::string_view text);

} // namespace fhirscope::gui
