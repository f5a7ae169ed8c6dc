#include "app/scenario.hpp"

#include "fhir/json.hpp"
#include "program.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <algorithm>
#include <map>
#include <set>

using namespace fhirscope;
using namespace fhirscope::tests;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

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
        {R"({"at":0,"do":"outage"})", "\"outage\" needs \"for\""},
        {R"({"at":0,"do":"outage","for":0})", "from 0.1 to 86400"},
        {R"({"at":0,"do":"pace","for":1,"rate":-1})", "from 0 to 100000"},
        {R"({"at":0,"do":"end","fault":"fun"})", "outage, restart, silence, deafness"},
        {R"({"at":0,"do":"await","what":"luck"})", "live, down, deaf"},
        {R"({"at":0,"do":"say","for":1,"text":"a","view":"moon"})", "there is no view \"moon\""},
        {R"({"at":1,"do":"release"},{"at":0.5,"do":"release"})", "step 2: comes before the step before it"},
        {"7", "step 1: must be an object"},
        {"", "has no steps"},
    }));
    const std::string said = problem_of(with_steps(steps));
    CHECK_THAT(said, ContainsSubstring(problem));
    CHECK(said.starts_with("s.json:1:"));
}

TEST_CASE("what is wrong with a scenario is said with its line and column") {
    CHECK_THAT(problem_of("{\n  \"steps\": [\n    oops"), StartsWith("s.json:3:5: "));
    CHECK_THAT(problem_of("{\"resources\": {},\n \"steps\": [\n  {\"at\": 0, \"do\": \"release\"},\n  {\"at\": 1,\n   "
                          "\"do\": \"dance\"}]}"),
               StartsWith("s.json:5:10: step 2: \"do\" must be one of"));
    CHECK_THAT(problem_of("{\"resources\": {},\n \"steps\": [\n  {\"at\": 0, \"do\": \"delete\"}]}"),
               StartsWith("s.json:3:3: step 1: \"delete\" needs \"resource\""));
}

TEST_CASE("faults and captions are steps, each with what it takes") {
    const auto scenario = app::parse_scenario(with_steps(R"(
        {"at":0,"do":"say","for":4,"text":"Watch","view":"log","resource":"a"},
        {"at":1,"do":"outage","for":10},
        {"at":2,"do":"slow-answers","for":5,"by":0.5},
        {"at":3,"do":"pace","for":5,"rate":300},
        {"at":4,"do":"end","fault":"pace"},
        {"at":5,"do":"await","what":"deaf"},
        {"at":6,"do":"frame","text":"{"})"),
                                              "s.json");
    REQUIRE(scenario);
    CHECK(scenario->length() == std::chrono::seconds(11)); // until the outage is over
    CHECK(scenario->steps[0].view == "log");
    CHECK(scenario->steps[0].resource == "Task/1");
    CHECK(scenario->steps[1].fault == app::Fault::Outage);
    CHECK(scenario->steps[1].time == std::chrono::seconds(10));
    CHECK(scenario->steps[2].amount == 0.5);
    CHECK(scenario->steps[3].amount == 300);
    CHECK(scenario->steps[4].fault == app::Fault::Pace);
    CHECK(scenario->steps[5].what == app::Awaited::Deaf);
    CHECK(scenario->steps[6].text == "{");
    for (std::size_t i = 0; i < app::fault_kinds; ++i) CHECK_FALSE(to_string(static_cast<app::Fault>(i)).empty());
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

TEST_CASE("a scenario that cannot be used is said with its place, and the demo goes on without it") {
    const Outcome missing = run({"demo", "--headless", "--seconds", "1", "--scenario", "none"});
    CHECK(missing.exit_code == 0);
    CHECK_THAT(missing.err, ContainsSubstring("none.json") && ContainsSubstring("conflicts, tour") &&
                                ContainsSubstring("goes on without it"));
    CHECK_THAT(missing.out, ContainsSubstring("local = server") || ContainsSubstring("updates"));

    const std::string path = fresh_path("broken.json");
    write_file(path, "{\"resources\": {},\n \"steps\": [{\"at\": 0, \"do\": \"dance\"}]}");
    const Outcome broken = run({"demo", "--headless", "--seconds", "1", "--scenario", path});
    CHECK(broken.exit_code == 0);
    CHECK_THAT(broken.err, ContainsSubstring(path + ":2:28: step 1: ") && ContainsSubstring("local-edit, server-edit"));
}

TEST_CASE("a demo that ends before its scenario says so") {
    const Outcome outcome = run({"demo", "--headless", "--seconds", "2", "--scenario", "conflicts"});
    CHECK(outcome.exit_code == 1);
    CHECK_THAT(outcome.err, ContainsSubstring("scenario was not over"));
}

TEST_CASE("the scenario of conflicts makes each kind, and its recording tells what became of them", "[waits]") {
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
        std::string counted = kind;
        std::ranges::replace(counted, '-', '_');
        CHECK((*json)["counts"][counted.c_str()].GetUint64() >= 1);
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

    const Outcome some = run({"conflicts", path, "--json", "--filter", "outcome:rolled-back | kind:version-tie"});
    const auto matching = fhir::parse_json(some.last_line());
    REQUIRE(matching);
    CHECK((*matching)["conflicts"].Size() ==
          outcomes.count("version-tie") + outcomes.count("refused-edit")); // all of these were rolled back
    CHECK((*matching)["total"].GetUint64() == (*json)["total"].GetUint64());
    CHECK_THAT(run({"conflicts", path, "--filter", "type:Nothing"}).out, StartsWith("no conflict matches"));
}
