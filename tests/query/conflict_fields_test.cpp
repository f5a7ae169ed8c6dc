// What a filter sees of a conflict.

#include "query/conflict_fields.hpp"

#include "query/query.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace fhirscope;
using namespace fhirscope::query;

namespace {

bool conflict_matches(std::string_view text) {
    engine::Conflict conflict;
    conflict.kind = engine::ConflictKind::Drift;
    conflict.reference = "Patient/7";
    conflict.members = {"telecom", "name"};
    conflict.strategy = "server";
    conflict.outcome = engine::ConflictOutcome::Failed;
    conflict.note = engine::said("412 Precondition Failed");
    conflict.server =
        fhir::parse_resource(R"({"resourceType":"Patient","id":"7","name":[{"given":["Amara"],"family":"Lindqvist"}]})")
            .value();
    const auto query = Query::parse(text, conflict_fields());
    INFO(text);
    REQUIRE(query.has_value());
    return query->matches(ConflictFacts().at(conflict));
}

} // namespace

TEST_CASE("a conflict is found by words of what its row says") {
    CHECK(conflict_matches("drift telecom"));
    CHECK(conflict_matches("lindqvist"));
    CHECK(conflict_matches("failed 412"));
    CHECK(conflict_matches("Patient/7 \"take server\""));
    CHECK_FALSE(conflict_matches("drift status"));
}

TEST_CASE("a conflict is asked by its fields") {
    CHECK(conflict_matches("kind:state-drift & type = Patient & id = 7"));
    CHECK(conflict_matches("field = name & field = telecom"));
    CHECK(conflict_matches("outcome:failed & open:no & strategy:server"));
    CHECK(conflict_matches("channel:socket & patient:amara"));
    CHECK_FALSE(conflict_matches("open:yes | outcome:merged"));
}
