#include "gui/query.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace fhirscope;
using namespace fhirscope::gui;
using namespace std::chrono_literals;

namespace {

QueryFacts task() {
    QueryFacts facts;
    facts.type = "Task";
    facts.id = "3e92b7d0-52d4";
    facts.version = "5d17c4";
    facts.subscription = "Task in progress";
    facts.outcome = engine::Outcome::Rejected;
    facts.latency = 412ms;
    facts.size = 1800;
    facts.number = 1041563;
    return facts;
}

bool matches(std::string_view text, const QueryFacts& facts = task()) {
    const Result<Query> query = Query::parse(text);
    REQUIRE(query.has_value());
    return query->matches(facts);
}

std::size_t error_offset(std::string_view text) {
    const Result<Query> query = Query::parse(text);
    REQUIRE_FALSE(query.has_value());
    CHECK_FALSE(query.error().message.empty());
    return query.error().offset;
}

} // namespace

TEST_CASE("an empty query matches everything") {
    CHECK(matches(""));
    CHECK(matches("   "));
}

TEST_CASE("a bare word is found in type, id, version and subscription") {
    CHECK(matches("task"));
    CHECK(matches("3E92"));
    CHECK(matches("5d17"));
    CHECK(matches("\"in progress\""));
    CHECK_FALSE(matches("patient"));
}

TEST_CASE("and binds tighter than or, and needs no sign") {
    CHECK(matches("type:Patient & outcome:applied | latency > 200ms"));
    CHECK_FALSE(matches("type:Patient & (outcome:applied | latency > 200ms)"));
    CHECK(matches("type:Task outcome:rejected"));
    CHECK(matches("!type:Patient"));
}

TEST_CASE("latency and size take units") {
    CHECK(matches("latency > 0.4s"));
    CHECK_FALSE(matches("latency > 412ms"));
    CHECK(matches("latency >= 412ms"));
    CHECK(matches("latency < 500000us"));
    CHECK(matches("size = 1.8kB"));
    CHECK(matches("seq <= 1041563"));
}

TEST_CASE("an unknown latency matches no comparison") {
    QueryFacts facts = task();
    facts.latency.reset();
    CHECK_FALSE(matches("latency > 0ms", facts));
    CHECK_FALSE(matches("latency < 1s", facts));
}

TEST_CASE("outcomes and channels are named as in the table") {
    QueryFacts facts = task();
    facts.outcome = engine::Outcome::OutOfOrder;
    CHECK(matches("outcome:out-of-order", facts));
    CHECK(matches("outcome:\"out of order\"", facts));
    CHECK(matches("outcome != applied", facts));
    CHECK(matches("channel:socket", facts));
    facts.channel = engine::Channel::Cache; // the last of them
    CHECK(matches("channel:cache", facts));
}

TEST_CASE("an error names the place of what is not understood") {
    CHECK(error_offset("type:Task & colour:red") == 12);
    CHECK(error_offset("outcome:lost") == 8);
    CHECK(error_offset("latency > soon") == 10);
    CHECK(error_offset("(type:Task") == 10);
    CHECK(error_offset("type:Task)") == 9);
    CHECK(error_offset("type:") == 5);
    CHECK(error_offset("type:Task &") == 11);
    CHECK(error_offset("\"open") == 5);
    CHECK(error_offset("type > Task") == 7);
}

TEST_CASE("deep nesting is refused, not followed") {
    CHECK_FALSE(Query::parse(std::string(10000, '(')).has_value());
    CHECK_FALSE(Query::parse(std::string(10000, '!') + "x").has_value());
}

TEST_CASE("the canonical form shows how a query was read") {
    CHECK(Query::parse("type:Task outcome:rejected | latency>200ms")->canonical() ==
          "(type:Task & outcome:rejected) | latency > 200ms");
    CHECK(Query::parse("!(a b)")->canonical() == "!(a & b)");
}
