#include "app/scenario.hpp"

#include "fhir/json.hpp"
#include "program.hpp"

#include <catch2/catch_all.hpp>

#include <map>
#include <set>

using namespace fhirscope;
using namespace fhirscope::tests;
using Catch::Matchers::ContainsSubstring;

namespace {

std::string with_steps(const std::string& steps) {
    return R"({"resources":{"a":{"resourceType":"Task","id":"1"}},"steps":[)" + steps + "]}";
}

std::string problem_of(const std::string& json) {
    const auto scenario = app::parse_scenario(json, "s.json");
    return scenario ? "" : scenario.error().message;
}

} // namespace

TEST_CASE("a scenario is read step by step") {
    const auto scenario = app::parse_scenario(with_steps(R"(
        {"at":0.5,"do":"local-edit","resource":"a","path":"status","value":"ready","method":"patch"},
        {"at":1,"do":"server-edit","resource":"a","member":"owner","value":{"display":"B"}},
        {"at":1,"do":"refuse","status":422,"count":3,"text":"no"},
        {"at":2,"do":"resolve","resource":"a","action":"merge","choices":{"owner":"server"}})"),
                                              "s.json");
    REQUIRE(scenario);
    REQUIRE(scenario->steps.size() == 4);
    CHECK(scenario->resources.contains("Task/1"));
    CHECK(scenario->length() == std::chrono::seconds(2));
    const auto& edit = scenario->steps[0];
    CHECK(edit.deed == app::Deed::LocalEdit);
    CHECK(edit.at == std::chrono::milliseconds(500));
    CHECK(edit.resource == "Task/1");
    CHECK(edit.text == "ready");
    CHECK(edit.method == engine::EditMethod::Patch);
    CHECK(scenario->steps[1].json == R"({"display":"B"})");
    CHECK(scenario->steps[2].count == 3);
    CHECK(scenario->steps[2].status == 422);
    REQUIRE(scenario->steps[3].choices.size() == 1);
    CHECK(scenario->steps[3].choices[0].second == fhir::Side::Server);
}

TEST_CASE("what is wrong with a scenario is said with its step") {
    const auto [steps, problem] = GENERATE(table<std::string, std::string>({
        {R"({"at":0,"do":"dance"})", "step 1: \"do\" must be one of local-edit, server-edit"},
        {R"({"do":"release"})", "needs \"at\""},
        {R"({"at":-1,"do":"release"})", "\"at\" must be a number"},
        {R"({"at":"0","do":"release"})", "\"at\" must be a number"},
        {R"({"at":0,"do":"delete"})", "\"delete\" needs \"resource\""},
        {R"({"at":0,"do":"delete","resource":"b"})", "there is no resource \"b\""},
        {R"({"at":0,"do":"release","path":"a"})", "\"release\" takes no \"path\""},
        {R"({"at":0,"do":"local-edit","resource":"a","path":"status","value":3})", "\"value\" must be a string"},
        {R"({"at":0,"do":"local-edit","resource":"a","path":"status","value":"x","method":"post"})", "put, patch"},
        {R"({"at":0,"do":"resolve","resource":"a","action":"shout"})", "merge, take-server, keep-local, roll-back"},
        {R"({"at":0,"do":"resolve","resource":"a","action":"merge","choices":{"x":"mine"}})", "base, local, server"},
        {R"({"at":0,"do":"refuse","status":200})", "from 400 to 599"},
        {R"({"at":1,"do":"release"},{"at":0.5,"do":"release"})", "step 2: comes before the step before it"},
        {"7", "step 1: must be an object"},
        {"", "has no steps"},
    }));
    const std::string said = problem_of(with_steps(steps));
    CHECK_THAT(said, ContainsSubstring(problem));
    CHECK(said.starts_with("s.json: "));
}

TEST_CASE("a scenario's frame is checked as well") {
    CHECK_THAT(problem_of("{"), ContainsSubstring("s.json"));
    CHECK_THAT(problem_of("[]"), ContainsSubstring("must be an object"));
    CHECK_THAT(problem_of(R"({"steps":[]})"), ContainsSubstring("needs \"resources\""));
    CHECK_THAT(problem_of(R"({"resources":{}})"), ContainsSubstring("needs \"steps\""));
    CHECK_THAT(problem_of(R"({"resources":{"a":{"id":"1"}},"steps":[]})"), ContainsSubstring("\"resourceType\""));
    CHECK_THAT(problem_of(R"({"resources":{"a":{"resourceType":"Task","id":"1"},"b":{"resourceType":"Task","id":"1"}},)"
                          R"("steps":[]})"),
               ContainsSubstring("there twice"));
}

TEST_CASE("a scenario that is not there ends the demo, and says which there are") {
    const Outcome outcome = run({"demo", "--headless", "--seconds", "1", "--scenario", "none"});
    CHECK(outcome.exit_code == 1);
    CHECK_THAT(outcome.err, ContainsSubstring("none.json") && ContainsSubstring("conflicts"));
}

TEST_CASE("a demo that ends before its scenario says so") {
    const Outcome outcome = run({"demo", "--headless", "--seconds", "2", "--scenario", "conflicts"});
    CHECK(outcome.exit_code == 1);
    CHECK_THAT(outcome.err, ContainsSubstring("scenario was not over"));
}

TEST_CASE("the scenario of conflicts makes each kind, and its recording tells what became of them") {
    const std::string path = fresh_path("scenario.fhirscope");
    const Outcome demo = run({"demo", "--headless", "--json", "--seconds", "20", "--scenario", "conflicts", "--record",
                              path, "--patients", "5", "--tasks", "10", "--rate", "1"});
    INFO(demo.out << demo.err);
    REQUIRE(demo.exit_code == 0);

    const Outcome listed = run({"conflicts", path, "--json"});
    INFO(listed.out << listed.err);
    REQUIRE(listed.exit_code == 0);
    const auto json = fhir::parse_json(listed.last_line());
    REQUIRE(json);
    std::multimap<std::string, std::string> outcomes; // of kinds
    for (const auto& conflict : (*json)["conflicts"].GetArray()) {
        outcomes.emplace(conflict["kind"].GetString(), conflict["outcome"].GetString());
        CHECK(std::string(conflict["resource"].GetString()).starts_with("Task/5ce7a210-"));
    }
    const auto has = [&](const std::string& kind, const std::string& outcome) {
        INFO(kind << ": " << outcome);
        const auto [begin, end] = outcomes.equal_range(kind);
        CHECK(std::any_of(begin, end, [&](const auto& one) { return one.second == outcome; }));
        CHECK((*json)["counts"][kind.c_str()].GetUint64() >= 1);
    };
    has("concurrent-modification", "merged");
    has("concurrent-modification", "waiting-for-a-decision");
    has("version-conflict", "kept-local");
    has("out-of-order", "older-one-dropped");
    has("version-tie", "fetched-again");
    has("state-drift", "fetched-again");
    has("deleted-and-edited", "took-server");
    has("undeleted", "took-server");
    has("refused-edit", "rolled-back");
    CHECK((*json)["open"].GetUint64() == 1);

    CHECK(run({"conflicts", path, "--fail-on-open"}).exit_code == 3);
    const Outcome table = run({"conflicts", path});
    CHECK(table.exit_code == 0);
    CHECK_THAT(table.out, ContainsSubstring("Refused edit") && ContainsSubstring("only by its owner") &&
                              ContainsSubstring("1  open"));
}
