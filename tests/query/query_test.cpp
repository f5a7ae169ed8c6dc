// The language itself, over a row that is made up.

#include "query/query.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <string>

using namespace fhirscope;
using namespace fhirscope::query;
using Catch::Matchers::ContainsSubstring;

namespace {

enum : std::size_t { type, id, subscription, outcome, latency, size, seq, deleted, due };

const Fields& fields() {
    static const Fields all(std::vector<Field>{
        {"type", "", ValueKind::Text, {}, {}, true},
        {"id", "", ValueKind::Text, {}, {"key"}, true},
        {"subscription", "", ValueKind::Text, {}, {}, true},
        {"outcome", "", ValueKind::Word, {"applied", "out-of-order", "rejected", "conflict"}},
        {"latency", "", ValueKind::Duration},
        {"size", "", ValueKind::Size},
        {"seq", "", ValueKind::Number},
        {"deleted", "", ValueKind::YesNo},
        {"due", "", ValueKind::Date},
    });
    return all;
}

struct Row final : Facts {
    std::vector<std::string> texts = {"Task", "3e92b7d0-52d4", "Task in progress", "", "", "", "", "", "2026-02-10"};
    std::uint64_t outcomes = 0b0100;
    std::optional<std::int64_t> microseconds = 412'000;
    mutable std::size_t asked = 0;

    std::string_view text(std::size_t field) const override {
        ++asked;
        return texts[field];
    }
    std::uint64_t words(std::size_t /*field*/) const override { return outcomes; }
    std::optional<std::int64_t> number(std::size_t field) const override {
        return field == latency ? microseconds : field == size ? 1800 : field == seq ? 1041563 : 0;
    }
};

bool row_matches(std::string_view text, const Row& row = {}) {
    const Result<Query> query = Query::parse(text, fields());
    INFO(text);
    REQUIRE(query.has_value());
    return query->matches(row);
}

Error error_of(std::string_view text) {
    const Result<Query> query = Query::parse(text, fields());
    INFO(text);
    REQUIRE_FALSE(query.has_value());
    CHECK(query.error().code == ErrorCode::Filter);
    return query.error();
}

std::string canonical(std::string_view text) {
    const Result<Query> query = Query::parse(text, fields());
    INFO(text);
    REQUIRE(query.has_value());
    return query->canonical();
}

} // namespace

TEST_CASE("an empty filter matches everything") {
    CHECK(row_matches(""));
    CHECK(row_matches("   "));
}

TEST_CASE("a bare word is found in the fields marked for it, and in no other") {
    CHECK(row_matches("task"));
    CHECK(row_matches("3E92"));
    CHECK(row_matches("\"in progress\""));
    CHECK_FALSE(row_matches("patient"));
    CHECK_FALSE(row_matches("2026"));
}

TEST_CASE("and binds tighter than or, and needs no sign") {
    CHECK(row_matches("type:Patient & outcome:applied | latency > 200ms"));
    CHECK_FALSE(row_matches("type:Patient & (outcome:applied | latency > 200ms)"));
    CHECK(row_matches("type:Task outcome:rejected"));
    CHECK(row_matches("!type:Patient"));
    CHECK(row_matches("!!type:Task"));
}

TEST_CASE("the words and, or, not are signs unless they are quoted") {
    CHECK(canonical("type:Task and not outcome:applied or id:3") == "(type:Task & !outcome:applied) | id:3");
    CHECK_FALSE(row_matches("\"and\""));
}

TEST_CASE("text contains with a colon and is equal with an equals sign, whatever the case") {
    CHECK(row_matches("type:as"));
    CHECK(row_matches("type = TASK"));
    CHECK_FALSE(row_matches("type = Tas"));
    CHECK(row_matches("type != Tas"));
    CHECK(row_matches("key:3e92"));
}

TEST_CASE("each of several values counts") {
    Row row;
    row.texts[type] = "description\nowner";
    CHECK(row_matches("type = owner", row));
    CHECK_FALSE(row_matches("type != owner", row));
    CHECK_FALSE(row_matches("type = \"description owner\"", row));
    CHECK(row_matches("type:wne", row));
}

TEST_CASE("a word may be one of several that are so at once") {
    Row row;
    row.outcomes = 0b1001; // applied, and part of a conflict
    CHECK(row_matches("outcome:applied & outcome:conflict", row));
    CHECK_FALSE(row_matches("outcome != conflict", row));
    CHECK(row_matches("outcome != rejected", row));
    row.outcomes = 0b0010;
    CHECK(row_matches("outcome:out-of-order", row));
    CHECK(row_matches("outcome:\"Out of order\"", row));
}

TEST_CASE("durations and sizes take units, also parted by a space") {
    CHECK(row_matches("latency > 0.4s"));
    CHECK_FALSE(row_matches("latency > 412ms"));
    CHECK(row_matches("latency >= 412 ms"));
    CHECK(row_matches("latency < 500000us"));
    CHECK(row_matches("latency<1m"));
    CHECK(row_matches("size = 1.8kB"));
    CHECK(row_matches("seq <= 1041563"));
    CHECK(canonical("latency > 200 ms type:Task") == "latency > 200ms & type:Task");
}

TEST_CASE("what is not known matches no comparison") {
    Row row;
    row.microseconds.reset();
    CHECK_FALSE(row_matches("latency > 0ms", row));
    CHECK_FALSE(row_matches("latency < 1s", row));
    CHECK_FALSE(row_matches("latency != 1s", row));
    CHECK(row_matches("!(latency > 0ms)", row));
}

TEST_CASE("a date is compared as far as it is written") {
    CHECK(row_matches("due = 2026-02"));
    CHECK(row_matches("due >= 2026-02"));
    CHECK_FALSE(row_matches("due > 2026-02"));
    CHECK(row_matches("due > 2026-02-09"));
    CHECK(row_matches("due < 2027"));
    Row row;
    row.texts[due].clear();
    CHECK_FALSE(row_matches("due < 2027", row));
    CHECK_FALSE(row_matches("due != 2027", row));
}

TEST_CASE("an error names the place of what is not understood") {
    CHECK(error_of("type:Task & color:red").offset == 12);
    CHECK(error_of("outcome:lost").offset == 8);
    CHECK(error_of("latency > soon").offset == 10);
    CHECK(error_of("latency > -5ms").offset == 10);
    CHECK(error_of("latency > nan").offset == 10);
    CHECK(error_of("latency > 1e3").offset == 10);
    CHECK(error_of("seq > 1.5").offset == 6);
    CHECK(error_of("due > soon").offset == 6);
    CHECK(error_of("deleted:maybe").offset == 8);
    CHECK(error_of("(type:Task").offset == 10);
    CHECK(error_of("type:Task)").offset == 9);
    CHECK(error_of("type:").offset == 5);
    CHECK(error_of("type:Task &").offset == 11);
    CHECK(error_of("type:Task & & id:3").offset == 12);
    CHECK(error_of("\"open").offset == 5);
    CHECK(error_of("type:\"open").offset == 10);
    CHECK(error_of("type > Task").offset == 5);
    CHECK(error_of("!").offset == 1);
    CHECK(error_of("= 3").offset == 0);
}

TEST_CASE("an error says what would be understood") {
    CHECK_THAT(error_of("color:red").message, ContainsSubstring("Fields: type, id, subscription"));
    CHECK_THAT(error_of("latencie > 3ms").message, ContainsSubstring("Perhaps latency"));
    CHECK_THAT(error_of("out:applied").message, ContainsSubstring("Perhaps outcome"));
    CHECK_THAT(error_of("outcome:lost").message, ContainsSubstring("applied, out-of-order, rejected, conflict"));
    CHECK_THAT(error_of("outcome:").message, ContainsSubstring("applied, out-of-order"));
    CHECK_THAT(error_of("latency > soon").message, ContainsSubstring("200ms"));
    CHECK_THAT(error_of("due > soon").message, ContainsSubstring("2026-01"));
}

TEST_CASE("deep nesting is refused, not followed") {
    CHECK_FALSE(Query::parse(std::string(10000, '('), fields()).has_value());
    CHECK_FALSE(Query::parse(std::string(10000, '!') + "x", fields()).has_value());
}

TEST_CASE("the canonical form shows how a filter was read, and is read the same") {
    CHECK(canonical("type:Task outcome:rejected | latency>200ms") ==
          "(type:Task & outcome:rejected) | latency > 200ms");
    CHECK(canonical("!(a b)") == "!(a & b)");
    CHECK(canonical("TYPE:Task") == "type:Task");
    for (const char* text : {"key:\"a b\" | \"or\" !x", "type:\"and\"", "latency<=1.5s&(a|b)", "type:\"\" | a"}) {
        const std::string once = canonical(text);
        CHECK(canonical(once) == once);
    }
}

TEST_CASE("only what decides is asked") {
    const Row row;
    CHECK(Query::parse("latency > 1ms | 3e92", fields())->matches(row));
    CHECK(row.asked == 0);
    CHECK(Query::parse("latency > 1ms", fields())->uses(latency));
    CHECK_FALSE(Query::parse("latency > 1ms", fields())->uses(type));
    CHECK(Query::parse("word", fields())->uses(type));
}

TEST_CASE("a caret stands under the character, not under the byte") {
    CHECK(with_caret("type:Ä & color:red", 10).str() == "type:Ä & color:red\n         ^");
    CHECK(with_caret("a\tb:c", 2).str() == "a\\tb:c\n   ^");
    CHECK(with_caret("\x1b[2J color:red", 5).str() == "\\x1b[2J color:red\n        ^");
}
