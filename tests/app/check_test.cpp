// `fhirscope check` and `expect`, and --expect of a session that goes on.

#include "fhir/json.hpp"
#include "program.hpp"
#include "support/paths.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace fhirscope;
using namespace fhirscope::tests;
using Catch::Matchers::ContainsSubstring;

namespace {

const std::string kept_run = std::string(fixtures) + "/recordings/one-client.fhirscope";
const std::string troubled_run = std::string(fixtures) + "/recordings/two-clients.fhirscope"; // requests were refused

std::string file_of(const std::string& name, const std::string& list) {
    std::string path = fresh_path(name);
    write_file(path, "{\"expectations\":[" + list + "]}");
    return path;
}

constexpr const char* never_twice = R"({"name":"once","expect":"never","what":"applied-twice"})";
constexpr const char* nothing_came = R"({"name":"silence","expect":"count","of":"updates","exactly":0})";

} // namespace

TEST_CASE("what is expected of a recording is in the exit code, the text, the JSON and JUnit") {
    const std::string good = file_of("good.expect.json", never_twice);
    const Outcome passed = run({"check", kept_run, "--expect", good});
    INFO(passed.out << passed.err);
    CHECK(passed.exit_code == 0);
    CHECK_THAT(passed.out, ContainsSubstring("1 of 1 expectation passed") && ContainsSubstring("passed     once: "));

    const std::string bad = file_of("bad.expect.json", nothing_came), xml = fresh_path("out.xml");
    const Outcome failed = run({"check", kept_run, "--expect", good, "--expect", bad, "--junit", xml, "--json"});
    CHECK(failed.exit_code == 3);
    const auto json = fhir::parse_json(failed.out);
    REQUIRE(json);
    CHECK((*json)["schema"] == "fhirscope.check/1");
    CHECK((*json)["failed"].GetUint() == 1);
    CHECK((*json)["files"].Size() == 2);
    CHECK_THAT(read_file(xml), ContainsSubstring("<failure type=\"failed\"") && ContainsSubstring("name=\"silence\""));
    CHECK(run({"check", kept_run, "--expect", good, "--expect", bad, "--json"}).out == failed.out);
}

TEST_CASE("a severity is enough to expect something, and nothing is too little") {
    const Outcome met = run({"check", troubled_run, "--fail-on", "info"});
    CHECK(met.exit_code == 3);
    CHECK_THAT(met.out, ContainsSubstring("explained by incident"));
    for (const char* severity : {"info", "attention", "error"})
        for (const std::string& path : {kept_run, troubled_run})
            CHECK(run({"check", path, "--fail-on", severity}).exit_code ==
                  run({"diagnose", path, "--fail-on", severity}).exit_code);
    CHECK(run({"check", kept_run}).exit_code == 2);
}

TEST_CASE("expectations that cannot be used are wrong usage, a session that cannot be read is not") {
    const std::string wrong = file_of("wrong.expect.json", R"({"expect":"live","soon":true})");
    const Outcome usage = run({"check", kept_run, "--expect", wrong});
    CHECK(usage.exit_code == 2);
    CHECK_THAT(usage.err, ContainsSubstring("wrong.expect.json:1: expectation 1: live takes no \"soon\""));
    CHECK(run({"demo", "--headless", "--seconds", "1", "--expect", wrong}).exit_code == 2);
    CHECK(run({"check", fresh_path("none.fhirscope"), "--fail-on", "error"}).exit_code == 1);
}

TEST_CASE("runs are kept beside the expectations, the newest 200") {
    const std::string file = file_of("kept.expect.json", never_twice);
    const std::string runs = file.substr(0, file.size() - 5) + ".runs.jsonl";
    std::string old;
    for (int i = 1; i <= 199; ++i) old += "{\"old\":" + std::to_string(i) + "}\n";
    write_file(runs, old);
    for (int i = 0; i < 2; ++i) CHECK(run({"check", kept_run, "--expect", file, "--keep-runs"}).exit_code == 0);
    const std::string kept = read_file(runs);
    CHECK(std::count(kept.begin(), kept.end(), '\n') == 200);
    CHECK(kept.starts_with("{\"old\":2}\n"));
    CHECK_THAT(kept, ContainsSubstring("\"name\":\"once\",\"verdict\":\"passed\""));
    CHECK(run({"check", kept_run, "--fail-on", "error", "--keep-runs"}).exit_code == 2); // beside nothing
}

TEST_CASE("expectations are proposed from a run, which they pass, and the schema is printed") {
    const std::string file = fresh_path("proposed.expect.json");
    const Outcome made = run({"expect", "init", kept_run, "-o", file});
    INFO(made.err);
    CHECK(made.exit_code == 0);
    CHECK(run({"check", kept_run, "--expect", file}).exit_code == 0);
    CHECK(run({"expect", "init", kept_run, "-o", file}).exit_code == 1); // it is there
    CHECK(run({"expect", "init"}).exit_code == 2);
    const Outcome schema = run({"expect", "schema"});
    CHECK(schema.exit_code == 0);
    CHECK(schema.out == read_file(std::string(assets) + "/expect.schema.json"));
}

TEST_CASE("a session that goes on comes to the same outcomes as its recording", "[waits]") {
    const std::string path = fresh_path("live.fhirscope"), file = fresh_path("live.expect.json"),
                      live_xml = fresh_path("live.xml"), xml = fresh_path("recorded.xml");
    REQUIRE(run({"expect", "init", kept_run, "-o", file}).exit_code == 0);
    const Outcome live = run({"demo", "--headless", "--seconds", "8", "--rate", "50", "--record", path, "--expect",
                              file, "--fail-on", "attention", "--junit", live_xml, "--json"});
    INFO(live.out << live.err);
    const auto json = fhir::parse_json(live.out);
    REQUIRE(json);
    CHECK((*json)["expectations"]["files"].Size() == 2);
    const Outcome recorded = run({"check", path, "--expect", file, "--fail-on", "attention", "--junit", xml, "--json"});
    CHECK(recorded.exit_code == live.exit_code);
    CHECK(read_file(xml) == read_file(live_xml));
}

TEST_CASE("a healthy demo at any rate meets nothing that wants attention", "[waits]") {
    for (const char* rate : {"0.5", "20", "150"}) {
        const Outcome outcome = run({"demo", "--headless", "--seconds", "6", "--rate", rate, "--fail-on", "attention"});
        INFO(rate << "\n" << outcome.out << outcome.err);
        CHECK(outcome.exit_code == 0);
    }
}
