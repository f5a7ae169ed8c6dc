// What a file of expectations may hold: the parser, the schema, and what is said of a file that is wrong.

#include "checks/expectation.hpp"
#include "fhir/json.hpp"
#include "files/regular_file.hpp"
#include "support/paths.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <set>
#include <sstream>
#include <string>

using namespace fhirscope;
using namespace fhirscope::checks;
using Catch::Matchers::ContainsSubstring;

namespace {

rapidjson::Document schema() {
    const auto text = files::read_whole(std::string(tests::assets) + "/expect.schema.json", largest_file);
    REQUIRE(text);
    auto json = fhir::parse_json(*text);
    REQUIRE(json);
    return std::move(*json);
}

std::string problem_of(const std::string& json) {
    const auto file = parse_expectations(json, "ward.expect.json");
    INFO(json);
    REQUIRE_FALSE(file);
    CHECK(file.error().code == ErrorCode::Expectation);
    return file.error().message;
}

std::string problem_of_one(const std::string& members) {
    return problem_of("{\"expectations\": [\n{" + members + "}]}");
}

// The names behind "but: ", which says what an object may have.
std::set<std::string> allowed_by(const std::string& problem) {
    const auto begin = problem.find("but: ");
    REQUIRE(begin != std::string::npos);
    std::istringstream list(problem.substr(begin + 5));
    std::set<std::string> names;
    for (std::string name; std::getline(list >> std::ws, name, ',');) names.insert(name);
    return names;
}

} // namespace

TEST_CASE("every example of the schema is read, and has the name that it says or one that is made of it") {
    const auto json = schema();
    const auto file = parse_expectations(fhir::to_text(json["examples"][0]), "examples");
    INFO((file ? "" : file.error().message));
    REQUIRE(file);
    CHECK(file->expectations.size() == json["examples"][0]["expectations"].Size());
    CHECK(file->expectations.back().name == "asked before done");
    CHECK(file->expectations.front().name == "shows, resource Task/8d0c41f2, field status, value completed, within 2s");
    std::set<std::size_t> kinds;
    for (const Expectation& one : file->expectations) kinds.insert(one.expected.index());
    CHECK(kinds.size() == std::variant_size_v<Expected>); // each kind has one
}

TEST_CASE("the schema and the parser name the same members") {
    const auto json = schema();
    std::size_t kinds = 0;
    for (const auto& definition : json["definitions"].GetObject()) {
        const std::string kind = definition.name.GetString();
        INFO(kind);
        const std::string problem = problem_of_one("\"expect\":\"" + kind + "\",\"wrong\":1");
        std::set<std::string> properties;
        for (const auto& property : definition.value["properties"].GetObject())
            properties.insert(property.name.GetString());
        CHECK(allowed_by(problem) == properties);
        ++kinds;
    }
    CHECK(kinds == std::variant_size_v<Expected>);
    std::string counters;
    for (const auto& name : json["definitions"]["count"]["properties"]["of"]["enum"].GetArray())
        if (const std::string counter = name.GetString(); counter != "updates" && counter != "conflicts")
            counters += (counters.empty() ? "" : ", ") + counter;
    CHECK(counters == counter_names());
}

TEST_CASE("what is wrong in a file is said with its line") {
    CHECK_THAT(problem_of("{\n\"expectations\": [}"), ContainsSubstring("ward.expect.json:2"));
    CHECK_THAT(problem_of("[]"), ContainsSubstring("must be an object"));
    CHECK_THAT(problem_of("{}"), ContainsSubstring("needs \"expectations\""));
    CHECK_THAT(problem_of(R"({"expectations":[]})"), ContainsSubstring("at least one"));
    CHECK_THAT(problem_of("{\"expectations\":[{\"expect\":\"all-recovered\"}],\n\"extra\":1}"),
               ContainsSubstring("ward.expect.json:2") && ContainsSubstring("takes no \"extra\""));
    CHECK_THAT(problem_of("{\"expectations\":[{\"expect\":\"all-recovered\"},\n3]}"),
               ContainsSubstring("ward.expect.json:2") && ContainsSubstring("expectation 2: must be an object"));
    struct Wrong {
        const char *members, *said;
    };
    constexpr Wrong all[] = {
        {R"("expect":"shown")", "must be one of shows, live"},
        {R"("name":"x")", "\"expect\" must be one of"},
        {R"("expect":"live","within":"2 s","after":"start")", "is no length of time"},
        {R"("expect":"live","after":"start")", "needs \"within\""},
        {R"("expect":"live","within":"2s","after":"end")", "must be one of outage, start"},
        {R"("expect":"live","within":"2s","within":"3s","after":"start")", "there twice"},
        {R"("expect":"shows","within":"2s","field":"status")", "need each other"},
        {R"("expect":"shows","within":"2s","value":"done")", "need each other"},
        {R"("expect":"shows","within":"2s","field":"status[","value":"done")", "\"field\": "},
        {R"("expect":"shows","within":"2s","filter":"priority:urgent")", "needs \"type\""},
        {R"("expect":"shows","within":"2s","resource":"Task")", "Type/id"},
        {R"("expect":"shows","within":"2s","since":"outage")", "needs \"field\""},
        {R"("expect":"shows","within":"2s","since":"soon","field":"a","value":"b")", "is no moment"},
        {R"("expect":"count","of":"tears","exactly":1)", "must be one of updates, conflicts, received"},
        {R"("expect":"count","of":"updates")", "needs \"exactly\""},
        {R"("expect":"count","of":"updates","exactly":1.5)", "whole number"},
        {R"("expect":"count","of":"updates","exactly":-1)", "whole number"},
        {R"("expect":"count","of":"updates","exactly":1,"at-most":2)", "stands alone"},
        {R"("expect":"count","of":"updates","at-least":3,"at-most":2)", "is more than"},
        {R"("expect":"count","of":"updates","exactly":1,"filter":"colr:red")", "\"filter\": "},
        {R"("expect":"count","of":"missed","exactly":1,"filter":"type:Task")", "is for \"updates\""},
        {R"("expect":"latency","below":"2s")", "needs \"percentile\""},
        {R"("expect":"latency","percentile":101,"below":"2s")", "up to 100"},
        {R"("expect":"no-incident","above":"error")", "must be one of none, info, attention"},
        {R"("expect":"no-incident","above":"info","except":["D999"])", "no cause \"D999\""},
        {R"("expect":"conflict","outcome":"solved")", "must be one of waiting-for-a-decision"},
        {R"("expect":"conflict")", "needs \"outcome\""},
        {R"("expect":"order","first":"type:Task")", "needs \"first\" and \"then\""},
        {R"("expect":"never","what":"shows")", "needs \"field\""},
        {R"("expect":"all-recovered","from":"later")", "is no moment"},
        {R"("expect":"all-recovered","name":"")", "must be a string that says something"},
    };
    for (const Wrong& wrong : all)
        CHECK_THAT(problem_of_one(wrong.members),
                   ContainsSubstring(wrong.said) && ContainsSubstring("ward.expect.json:2: expectation 1: "));
}

TEST_CASE("a file that is no file, or too large, is refused") {
    CHECK(read_expectations(tests::output + "/none.expect.json").error().code == ErrorCode::Missing);
    CHECK(read_expectations(tests::output).error().code == ErrorCode::Special);
}
