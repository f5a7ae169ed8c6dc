// `fhirscope log`: rows of a recording, filtered.

#include "fhir/json.hpp"
#include "program.hpp"
#include "support/paths.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <sys/stat.h>

#include <algorithm>
#include <sstream>

using namespace fhirscope;
using namespace fhirscope::tests;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace {

std::string recording() {
    const std::string path = fresh_path("log.fhirscope");
    REQUIRE(run({"import", std::string(fixtures) + "/medplum-5.0.10/happy.jsonl", "-o", path}).exit_code == 0);
    return path;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

} // namespace

TEST_CASE("the log of a recording is printed, filtered and cut to the newest") {
    const std::string path = recording();
    const Outcome all = run({"log", path});
    CHECK(all.exit_code == 0);
    CHECK_THAT(all.out, StartsWith("received (UTC)"));
    const std::size_t rows = lines_of(all.out).size() - 1;
    REQUIRE(rows > 3);
    CHECK_THAT(all.err, ContainsSubstring(std::to_string(rows) + " of " + std::to_string(rows) + " updates"));

    const Outcome some = run({"log", path, "--filter", "channel:socket & (outcome:applied | outcome:duplicate)"});
    CHECK(some.exit_code == 0);
    const auto lines = lines_of(some.out);
    CHECK(lines.size() > 1);
    CHECK(lines.size() < rows + 1);
    for (std::size_t i = 1; i < lines.size(); ++i) CHECK_THAT(lines[i], ContainsSubstring("socket"));

    const Outcome last = run({"log", path, "--limit", "2"});
    CHECK(lines_of(last.out).size() == 3);
    CHECK(lines_of(last.out).back() == lines_of(all.out).back());

    const Outcome none = run({"log", path, "--filter", "type:Nothing"});
    CHECK(none.exit_code == 0);
    CHECK(lines_of(none.out).size() == 1);
}

TEST_CASE("NDJSON and CSV have a row each, in a file of its owner's") {
    const std::string path = recording();
    const Outcome json = run({"log", path, "--format", "ndjson"});
    const auto lines = lines_of(json.out);
    REQUIRE_FALSE(lines.empty());
    for (const std::string& line : lines) CHECK(fhir::parse_json(line).has_value());
    const std::string out = fresh_path("log.csv");
    const Outcome csv = run({"log", path, "--format", "csv", "--output", out});
    CHECK(csv.exit_code == 0);
    CHECK(csv.out.empty());
    CHECK(lines_of(read_file(out)).size() == lines.size() + 1);
    CHECK_THAT(read_file(out), StartsWith("seq,received,"));
    struct stat info {};
    REQUIRE(::stat(out.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("a filter that is not understood is shown with a caret under the error, before the file is read") {
    const Outcome outcome = run({"log", "missing.fhirscope", "--filter", "type:Task & color:red"});
    CHECK(outcome.exit_code == 2);
    CHECK(outcome.out.empty());
    CHECK_THAT(outcome.err, ContainsSubstring("\"color\" is not a field"));
    CHECK_THAT(outcome.err, ContainsSubstring("\ntype:Task & color:red\n            ^\n"));
    const Outcome conflicts = run({"conflicts", "missing.fhirscope", "--filter", "type:Task & color:red"});
    CHECK(conflicts.exit_code == 2);
    CHECK_THAT(conflicts.err, ContainsSubstring("\ntype:Task & color:red\n            ^\n"));
}

TEST_CASE("a recording that is missing and a place that cannot be written are named") {
    const Outcome missing = run({"log", fresh_path("no-log.fhirscope")});
    CHECK(missing.exit_code == 1);
    CHECK_THAT(missing.err, ContainsSubstring("no-log.fhirscope"));
    const Outcome unwritable = run({"log", recording(), "-o", "/nowhere/at/all.csv"});
    CHECK(unwritable.exit_code == 1);
    CHECK_THAT(unwritable.err, ContainsSubstring("/nowhere/at/all.csv"));
    CHECK(run({"log", "a.fhirscope", "--format", "xml"}).exit_code == 2);
    CHECK(run({"log"}).exit_code == 2);
}
