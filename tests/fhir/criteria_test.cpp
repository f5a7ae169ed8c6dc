#include "fhir/criteria.hpp"

#include "criteria_samples.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace fhirscope;
using namespace fhirscope::fhir;

namespace {

std::vector<std::string> warnings(const std::string& criteria) {
    const auto parsed = Criteria::parse(criteria);
    REQUIRE(parsed.has_value());
    std::vector<std::string> codes;
    for (const CriteriaWarning& warning : parsed->lint()) codes.push_back(warning.code);
    return codes;
}

using Codes = std::vector<std::string>;

} // namespace

TEST_CASE("criteria are a type and parameters with their values") {
    const std::string text =
        "Task?status=requested,in-progress&owner:not=Practitioner/1&_count=5&name=a%20b+c&empty=&bare";
    const auto criteria = Criteria::parse(text);
    REQUIRE(criteria.has_value());
    CHECK(criteria->type() == "Task");
    CHECK(criteria->source() == text);
    const auto& parameters = criteria->parameters();
    REQUIRE(parameters.size() == 6);
    CHECK(parameters[0].name == "status");
    CHECK(parameters[0].modifier.empty());
    CHECK(parameters[0].values == Codes{"requested", "in-progress"});
    CHECK(parameters[1].name == "owner");
    CHECK(parameters[1].modifier == "not");
    CHECK(parameters[2].name == "_count");
    CHECK(parameters[3].values == Codes{"a b c"});
    CHECK(parameters[4].values == Codes{""});
    CHECK(parameters[5].values == Codes{""});
}

TEST_CASE("a backslash keeps a comma, a bar, a dollar and a backslash in the value") {
    const auto criteria = Criteria::parse(R"(Task?x=a\,b,c\|d,e\$f,g\\h,i%5C,j)");
    REQUIRE(criteria.has_value());
    CHECK(criteria->parameters()[0].values == Codes{"a,b", "c|d", "e$f", "g\\h", "i,j"});
}

TEST_CASE("a date's prefix stays on its value") {
    const auto criteria = Criteria::parse("Task?_lastUpdated=ge2026-02-10");
    REQUIRE(criteria.has_value());
    CHECK(criteria->parameters()[0].values == Codes{"ge2026-02-10"});
}

TEST_CASE("a path before the type is passed over, as Medplum does") {
    for (const char* text :
         {"/Task?status=x", "fhir/R4/Task?status=x", "https://h/fhir/R4/Task?status=x", "Task/?status=x"}) {
        INFO(text);
        const auto criteria = Criteria::parse(text);
        REQUIRE(criteria.has_value());
        CHECK(criteria->type() == "Task");
        CHECK(criteria->parameters().at(0).name == "status");
    }
}

TEST_CASE("criteria without a type are refused") {
    const auto [given, offset] = GENERATE(table<const char*, std::size_t>({
        {"", 0},
        {"?status=x", 0},
        {"task?status=x", 0},
        {"/", 0},
        {"Task status=x", 0},
        {"http://topics.example.test/SubscriptionTopic/task-changed", 0},
        {"Task?=x", 5},
        {"Task?status=x&:not=y", 14},
        {"Task?status=\xFF", 0},
        {"Task?status=%FF", 0},
    }));
    INFO(given);
    const auto criteria = Criteria::parse(given);
    REQUIRE_FALSE(criteria.has_value());
    CHECK(criteria.error().code == ErrorCode::Criteria);
    CHECK(criteria.error().offset == offset);
    CHECK(criteria.error().message.size() > 20);
}

TEST_CASE("a copy of criteria matches as the original does") {
    Criteria copy;
    CHECK(copy.matches(*samples::vector_task(), MatchMode::Spec) == Match::No); // made of nothing
    CHECK(copy.lint().empty());
    copy = *Criteria::parse("Task?status=in-progress");
    CHECK(copy.matches(*samples::vector_task(), MatchMode::Spec) == Match::Yes);
}

// ---- lint ----

TEST_CASE("criteria that a Medplum server evaluates as meant have no warnings") {
    for (const char* criteria :
         {"Task", "Task?status=requested,in-progress", "Task?status:not=completed",
          "Task?owner=Practitioner/1&requester:missing=true", "Task?_lastUpdated=ge2026-02-10T10:30:15.123Z",
          "Task?authored-on=2026-02-10", "Task?code=http://x|y", "Patient?name=ana&_sort=-_lastUpdated",
          "Device?unknown-to-us=1"}) {
        INFO(criteria);
        CHECK(warnings(criteria).empty());
    }
}

TEST_CASE("criteria that would silently never fire are warned of") {
    const auto [given, expected] = GENERATE(table<const char*, Codes>({
        {"Task?statu=requested", {"unknown-parameter"}},
        {"Task?patient.name=ana", {"unknown-parameter"}},
        {"Task?_has:Observation:focus:code=1", {"unknown-parameter"}},
        {"Task?priority-order=50", {"unsupported-type"}},
        {"Task?status:text=x", {"modifier"}},
        {"Patient?family:exact=Smith", {"modifier"}},
        {"Task?authored-on:not=2026", {"modifier"}},
        {"Task?owner:Practitioner=1", {"modifier", "reference-form"}},
        {"Task?patient=123", {"reference-form"}},
        {"Task?owner=https://h/fhir/R4/Practitioner/1", {"reference-form"}},
        {"Task?owner=Practitioner/1/_history/2", {"reference-form"}},
        {"Task?authored-on=2026-02-10,2026-02-11", {"date-comma"}},
        {"Task?authored-on=xx2026-02-10", {"date-value"}},
        {"Task?modified=2026-02-10T12:30:15+02:00", {"date-value"}},
        {"Task?authored-on=2026-02-10T09:00Z", {"date-value"}},
        {"Task?_lastUpdated=2026-02-10T10:30:15.123Z", {"date-prefix"}},
        {"Task?status=http://hl7.org/fhir/task-status|requested", {"token-system"}},
        {"Task?foo=1&priority-order=2", {"unknown-parameter", "unsupported-type"}},
    }));
    INFO(given);
    CHECK(warnings(given) == expected);
}

TEST_CASE("a warning says what to write instead") {
    const auto message = [](const char* criteria) { return Criteria::parse(criteria)->lint().at(0).message; };
    CHECK(message("Task?owner=https://h/fhir/R4/Practitioner/1").find("write Practitioner/1") != std::string::npos);
    CHECK(message("Task?modified=2026-02-10T12:30:15+02:00").find("%2B") != std::string::npos);
    CHECK(message("Task?status=http://hl7.org/fhir/task-status|requested").find("status=requested") !=
          std::string::npos);
}

TEST_CASE("criteria that are warned of do not match in Medplum's mode") {
    // The warnings and the matcher must tell one story.
    const ResourcePtr task = samples::vector_task();
    for (const char* criteria :
         {"Task?statu=in-progress", "Task?priority-order=50", "Task?authored-on=2026-02-10,2026-02-11",
          "Task?authored-on=2026-02-10T09:00Z", "Task?_lastUpdated=2026-02-10T10:30:15.123Z",
          "Task?status=http://hl7.org/fhir/task-status|in-progress"}) {
        INFO(criteria);
        CHECK_FALSE(warnings(criteria).empty());
        CHECK(Criteria::parse(criteria)->matches(*task, MatchMode::Medplum) == Match::No);
    }
}
