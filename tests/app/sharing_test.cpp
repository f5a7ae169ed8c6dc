// Recordings that are looked into, cut, exported, freed of the people in them and made a page of.

#include "fhir/json.hpp"
#include "program.hpp"
#include "session/reader.hpp"
#include "support/paths.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <sstream>

using namespace fhirscope;
using namespace fhirscope::tests;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace {

std::string shared_recording(const std::string& transcript = "reconnect") {
    const std::string path = fresh_path("shared.fhirscope");
    REQUIRE(run({"import", std::string(fixtures) + "/medplum-5.0.10/" + transcript + ".jsonl", "-o", path}).exit_code ==
            0);
    return path;
}

std::string first_resource(const std::string& path, const std::string& type) {
    const Outcome log = run({"log", path, "--format", "ndjson", "--filter", "type:" + type});
    const std::string before = "\"id\":\"";
    const auto at = log.out.find(before);
    REQUIRE(at != std::string::npos);
    const auto id = at + before.size();
    return type + "/" + log.out.substr(id, log.out.find('"', id) - id);
}

} // namespace

TEST_CASE("info says what a recording is, for people and as JSON") {
    const std::string path = shared_recording();
    const Outcome text = run({"info", path});
    CHECK(text.exit_code == 0);
    CHECK_THAT(text.out, StartsWith("file "));
    CHECK_THAT(text.out, ContainsSubstring("as recorded"));
    CHECK_THAT(text.out, ContainsSubstring("medplum"));
    const Outcome json = run({"info", path, "--json"});
    const auto read = fhir::parse_json(json.out);
    REQUIRE(read);
    CHECK(fhir::string_at(*read, "schema") == "fhirscope.info/1");
    CHECK((*read)["equal"].GetBool());
    CHECK((*read)["complete"].GetBool());
    CHECK_FALSE((*read)["deidentified"].GetBool());
    CHECK((*read)["inputs"].GetUint64() > 10);
    CHECK((*read)["inputs_by_kind"]["frame"].GetUint64() > 3);
}

TEST_CASE("show prints a resource as it was at a moment, with its versions") {
    const std::string path = shared_recording();
    const std::string reference = first_resource(path, "Patient");
    const Outcome text = run({"show", path, reference});
    CHECK(text.exit_code == 0);
    CHECK_THAT(text.out, StartsWith(reference));
    CHECK_THAT(text.out, ContainsSubstring("\"resourceType\": \"Patient\""));
    const auto json = fhir::parse_json(run({"show", path, reference, "--json"}).out);
    REQUIRE(json);
    CHECK((*json)["versions"].Size() >= 1);
    CHECK(fhir::string_at((*json)["resource"], "resourceType") == "Patient");
    CHECK(run({"show", path, reference, "--at", "0ms"}).exit_code == 1); // not there yet
    CHECK(run({"show", path, "Task/none"}).exit_code == 1);
    CHECK(run({"show", path, "nothing"}).exit_code == 2);
    CHECK(run({"show", path, reference, "--at", "yesterday"}).exit_code == 2);
}

TEST_CASE("frames are listed and filtered") {
    const std::string path = shared_recording("happy");
    const Outcome text = run({"frames", path});
    CHECK(text.exit_code == 0);
    CHECK_THAT(text.out, ContainsSubstring("handshake"));
    CHECK_THAT(text.err, ContainsSubstring(" frames"));
    const Outcome events = run({"frames", path, "--filter", "kind:event", "--format", "ndjson"});
    std::istringstream lines(events.out);
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line); ++count) {
        const auto json = fhir::parse_json(line);
        REQUIRE(json);
        CHECK(fhir::string_at(*json, "kind") == "event");
    }
    CHECK(count > 1);
}

TEST_CASE("a recording without its people names none of them, and says so") {
    const std::string path = shared_recording(), out = fresh_path("clean.fhirscope");
    const std::string reference = first_resource(path, "Patient");
    const Outcome made = run({"deidentify", path, out});
    INFO(made.out << made.err);
    CHECK(made.exit_code == 0);
    CHECK_THAT(made.out, ContainsSubstring("the incidents are the same"));
    const Outcome info = run({"info", out});
    CHECK_THAT(info.out, StartsWith("de-identified"));
    CHECK_THAT(info.out, ContainsSubstring("as recorded"));
    CHECK(run({"show", out, reference}).exit_code == 1);
    const Outcome twice = run({"deidentify", path, out}); // a file is not overwritten
    CHECK(twice.exit_code == 1);
    const std::string moved = fresh_path("moved.fhirscope");
    CHECK(run({"deidentify", path, moved, "--shift-time"}).exit_code == 0);
    const auto before = session::Reader::open(path), after = session::Reader::open(moved);
    REQUIRE((before && after));
    CHECK(after->summary().first < before->summary().first - std::chrono::days(365));
    CHECK(after->summary().last - after->summary().first == before->summary().last - before->summary().first);
}

TEST_CASE("a session is recorded without its people, and replays to what was recorded") {
    const std::string path = fresh_path("live-clean.fhirscope");
    const Outcome ran = run({"demo", "--headless", "--seconds", "2", "--rate", "20", "--record", path, "--deidentify"});
    INFO(ran.err);
    CHECK(ran.exit_code == 0);
    const Outcome info = run({"info", path});
    CHECK_THAT(info.out, StartsWith("de-identified"));
    CHECK_THAT(info.out, ContainsSubstring("as recorded"));
    CHECK_THAT(info.out, ContainsSubstring("received"));
    CHECK(run({"demo", "--headless", "--deidentify"}).exit_code == 2); // where to?
}

TEST_CASE("a recording is exported as other tools read it") {
    const std::string path = shared_recording("happy");
    const Outcome har = run({"export", path, "--as", "har"});
    CHECK(har.exit_code == 0);
    const auto json = fhir::parse_json(har.out, {.max_bytes = har.out.size()});
    REQUIRE(json);
    const auto& log = (*json)["log"];
    CHECK(fhir::string_at(log, "version") == "1.2");
    std::size_t messages = 0, answers = 0;
    for (const auto& entry : log["entries"].GetArray()) {
        for (const char* member : {"startedDateTime", "time", "request", "response", "cache", "timings"})
            CHECK(entry.HasMember(member));
        if (entry.HasMember("_webSocketMessages"))
            messages += entry["_webSocketMessages"].Size();
        else
            answers += entry["response"]["status"].GetUint() == 200 ? 1 : 0;
    }
    CHECK(messages > 3);
    CHECK(answers > 3);

    // What is exported as a transcript is imported again, and shows as many updates.
    const std::string transcript = fresh_path("again.jsonl"), again = fresh_path("again.fhirscope");
    CHECK(run({"export", path, "--as", "transcript", "-o", transcript}).exit_code == 0);
    CHECK(run({"import", transcript, "-o", again}).exit_code == 0);
    const auto rows = [](const std::string& file) {
        return run({"log", file, "--format", "ndjson", "--filter", "channel:socket"}).out;
    };
    CHECK_FALSE(rows(path).empty());
    CHECK(std::ranges::count(rows(path), '\n') == std::ranges::count(rows(again), '\n'));

    const std::string csv = fresh_path("updates.csv");
    CHECK(run({"export", path, "--as", "csv", "-o", csv}).exit_code == 0);
    CHECK_THAT(read_file(csv), StartsWith("seq,received,"));
    CHECK(run({"export", path, "--as", "ndjson"}).out == run({"log", path, "--format", "ndjson"}).out);
    CHECK(run({"export", path, "--as", "pdf"}).exit_code == 2);
}

TEST_CASE("the requests of a session of our own are exported with their answers") {
    const std::string path = fresh_path("own.fhirscope");
    CHECK(run({"demo", "--headless", "--seconds", "1", "--record", path}).exit_code == 0);
    const Outcome har = run({"export", path, "--as", "har"});
    CHECK(har.exit_code == 0);
    CHECK_THAT(har.out, ContainsSubstring("\"method\":\"POST\",\"url\":\"http://127.0.0.1:"));
    CHECK_THAT(har.out, ContainsSubstring("\"type\":\"send\""));
    CHECK_THAT(har.out, ContainsSubstring("\"type\":\"receive\""));
}

TEST_CASE("a part of a recording is a recording") {
    const std::string path = shared_recording(), part = fresh_path("part.fhirscope");
    CHECK(run({"cut", path, part, "--to", "2s"}).exit_code == 0);
    const auto whole = session::Reader::open(path), cut = session::Reader::open(part);
    REQUIRE((whole && cut));
    CHECK(cut->summary().complete);
    CHECK(cut->summary().inputs > 3);
    CHECK(cut->summary().inputs < whole->summary().inputs);
    CHECK(cut->summary().last <= whole->summary().first + std::chrono::seconds(2));
    CHECK(run({"replay", part, "--headless"}).exit_code == 0);
    CHECK(run({"cut", path, fresh_path("none.fhirscope"), "--to", "soon"}).exit_code == 2);
    CHECK_FALSE(std::filesystem::exists(fresh_path("none.fhirscope")));
}

TEST_CASE("a report is one page that needs nothing else, for its owner alone") {
    const std::string path = shared_recording("criteria"), page = fresh_path("report.html"), clean = fresh_path("clean.html");
    REQUIRE(run({"report", path, "-o", page}).exit_code == 0);
    const std::string text = read_file(page);
    CHECK_THAT(text, StartsWith("<!doctype html>"));
    for (const char* id : {"summary", "timeline", "incidents", "state", "changes", "conflicts", "origin"})
        CHECK_THAT(text, ContainsSubstring("id=\"" + std::string(id) + "\""));
    CHECK_THAT(text, !ContainsSubstring("<script"));
    CHECK_THAT(text, !ContainsSubstring("src="));
    CHECK_THAT(text, ContainsSubstring("this page holds health data"));
    struct stat info {};
    REQUIRE(::stat(page.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);

    const std::string reference = first_resource(path, "Patient");
    CHECK_THAT(text, ContainsSubstring(reference));
    REQUIRE(run({"report", path, "-o", clean, "--deidentify"}).exit_code == 0);
    CHECK_THAT(read_file(clean), ContainsSubstring("De-identified."));
    CHECK_THAT(read_file(clean), !ContainsSubstring(reference));
    CHECK_THAT(read_file(clean), !ContainsSubstring("shared.fhirscope"));
}

TEST_CASE("a recording may come by the standard input, and leaves nothing behind") {
    const std::string path = shared_recording("happy"), folder = fresh_path("passing");
    std::filesystem::create_directories(folder);
    const std::string out = fresh_path("piped.txt");
    const std::string line =
        "TMPDIR='" + folder + "' '" + std::string(program) + "' info - < '" + path + "' > '" + out + "'";
    CHECK(std::system(line.c_str()) == 0);
    CHECK_THAT(read_file(out), ContainsSubstring("the standard input"));
    CHECK_THAT(read_file(out), ContainsSubstring("as recorded"));
    CHECK(std::filesystem::is_empty(folder));
}
