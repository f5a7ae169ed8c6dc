// `fhirscope diagnose` over recorded sessions and running servers.

#include "fhir/json.hpp"
#include "program.hpp"
#include "session/recorder.hpp"
#include "simulation/virtual_world.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace fhirscope;
using namespace fhirscope::tests;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

namespace {

// A session that loses real time after 20 s, and a Task of it that may be old at the end.
std::string record(const std::string& name, bool comes_back) {
    const std::string path = fresh_path(name);
    auto recorder = session::Recorder::create(path, {});
    REQUIRE(recorder);
    simulation::VirtualWorld world({.seed = 21, .rate = 2});
    // What reached the engine before this was set is its start.
    std::vector<engine::Input> inputs;
    world.client().before_step = [&](const engine::Input& input) { inputs.push_back(input); };
    REQUIRE(world.run_until_live());
    world.run_for(20s);
    world.set_conditions([](simulation::Conditions& c) { c.refuse_sockets = true; });
    world.cut_socket();
    world.run_for(8s);
    if (comes_back) {
        world.set_conditions([](simulation::Conditions& c) { c.refuse_sockets = false; });
        REQUIRE(world.run_until_live(120s));
        world.run_for(400s);
    }
    for (const engine::Input& input : inputs) (*recorder)->add(input);
    REQUIRE((*recorder)->close({world.engine().state_hash(), {}}));
    return path;
}

rapidjson::Document diagnosed(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "diagnose");
    arguments.push_back("--json");
    const Outcome outcome = run(arguments);
    INFO(outcome.out << outcome.err);
    auto json = fhir::parse_json(outcome.out);
    REQUIRE(json);
    REQUIRE((*json)["incidents"].IsArray());
    return std::move(*json);
}

std::vector<std::string> members(const rapidjson::Document& json, const char* member) {
    std::vector<std::string> all;
    for (const auto& incident : json["incidents"].GetArray()) all.emplace_back(incident[member].GetString());
    return all;
}

std::size_t going_on(const rapidjson::Document& json) {
    const auto states = members(json, "state");
    return static_cast<std::size_t>(std::count(states.begin(), states.end(), "going-on"));
}

std::string a_task(const std::string& path) {
    const Outcome rows = run({"log", path});
    const auto begin = rows.out.find("Task/");
    REQUIRE(begin != std::string::npos);
    return rows.out.substr(begin, rows.out.find_first_of(" \n", begin) - begin);
}

} // namespace

TEST_CASE("a session that ends without real time says so, and a Task of it says why it may be old") {
    const std::string path = record("down.fhirscope", false);
    const Outcome text = run({"diagnose", path});
    CHECK(text.exit_code == 0);
    CHECK_THAT(text.out, ContainsSubstring("going on at 20") && ContainsSubstring("\n## ") &&
                             ContainsSubstring("Confirmed by:") && ContainsSubstring("not compared with the server"));
    CHECK(run({"diagnose", path, "--fail-on-open"}).exit_code == 3);
    CHECK(going_on(diagnosed({path})) > 0);

    const std::string task = a_task(path);
    const Outcome why = run({"diagnose", path, "--explain", task});
    CHECK(why.exit_code == 0);
    CHECK_THAT(why.out, ContainsSubstring(task + ": It may be stale: real time is down.") &&
                            ContainsSubstring("Subscription  did not"));
    CHECK(run({"diagnose", path, "--explain", task, "--fail-on-open"}).exit_code == 3);
    CHECK(run({"diagnose", path, "--explain", task, "--fail-on", "error"}).exit_code == 3);
}

TEST_CASE("an incident that is over has a line, and all of its text on request") {
    const std::string path = record("back.fhirscope", true);
    const Outcome lines = run({"diagnose", path});
    CHECK_THAT(lines.out, ContainsSubstring("--all shows") && ContainsSubstring(" for "));
    const auto json = diagnosed({path});
    const auto states = members(json, "state");
    const auto over = states.size() - going_on(json);
    CHECK(over > 0);
    CHECK(json["over_count"].GetUint64() == over);
    CHECK(std::is_sorted(states.begin(), states.end(), [](const std::string& a, const std::string& b) {
        return a == "going-on" && b != "going-on"; // those first
    }));
    const Outcome full = run({"diagnose", path, "--all"});
    for (std::size_t i = 0; i < states.size(); ++i) {
        const std::string heading = "## " + members(json, "headline")[i] + "\n";
        INFO(heading);
        CHECK_THAT(full.out, ContainsSubstring(heading));
        if (states[i] != "going-on") CHECK_THAT(lines.out, ContainsSubstring(members(json, "headline")[i]));
    }
    CHECK_THAT(full.out, !ContainsSubstring("--all"));
}

TEST_CASE("exit code 3 follows the severity, and where it is asked for only what goes on at the end") {
    const std::string path = record("severity.fhirscope", true);
    const std::vector<std::string> severities{"info", "attention", "error"};
    const auto rank = [&](const std::string& severity) {
        return std::find(severities.begin(), severities.end(), severity) - severities.begin();
    };
    const auto json = diagnosed({path});
    int failed = 0;
    for (const std::string& severity : severities) {
        bool met = false, open = false;
        for (const auto& incident : json["incidents"].GetArray()) {
            if (rank(incident["severity"].GetString()) < rank(severity)) continue;
            met = true;
            open |= incident["state"] == "going-on";
        }
        INFO(severity);
        CHECK(run({"diagnose", path, "--fail-on", severity}).exit_code == (met ? 3 : 0));
        CHECK(run({"diagnose", path, "--fail-on", severity, "--fail-on-open"}).exit_code == (open ? 3 : 0));
        if (severity == "attention") CHECK(run({"diagnose", path, "--fail-on-open"}).exit_code == (open ? 3 : 0));
        failed += met;
    }
    CHECK(failed >= 2); // real time was lost
    CHECK(run({"diagnose", path, "--fail-on-open"}).exit_code == 0);
    CHECK(run({"diagnose", path, "--fail-on", "warning"}).exit_code == 2);
}

TEST_CASE("a recording is looked at as of a moment of it") {
    const std::string path = record("moment.fhirscope", true);
    const auto whole = diagnosed({path});
    const std::string noticed = whole["incidents"][whole["incidents"].Size() - 1]["noticed"].GetString();
    const auto before = diagnosed({path, "--at", "0:15"}), then = diagnosed({path, "--at", noticed});
    CHECK(going_on(before) == 0);
    CHECK(before["over_count"].GetUint64() == 0);
    CHECK(going_on(then) > 0);
    CHECK(std::string(before["at"].GetString()) < then["at"].GetString());
    CHECK(std::string(then["at"].GetString()) < whole["at"].GetString());
    CHECK(diagnosed({path, "--at", "15s"})["at"] == before["at"]);
    CHECK(diagnosed({path, "--at", "15000ms"})["at"] == before["at"]);

    const Outcome late = run({"diagnose", path, "--at", "2h"});
    CHECK(late.exit_code == 0);
    CHECK_THAT(late.err, ContainsSubstring("is after") && ContainsSubstring("as of then"));
    const Outcome early = run({"diagnose", path, "--at", "1999-01-01T00:00:00Z"});
    CHECK(early.exit_code == 2);
    CHECK_THAT(early.err, ContainsSubstring("before"));
    for (const char* wrong : {"soon", "83", "1:60", "1.5:10", "-3s", "s", "1:2:3:4", "2026-02-10"}) {
        const Outcome outcome = run({"diagnose", path, "--at", wrong});
        INFO(wrong);
        CHECK(outcome.exit_code == 2);
        CHECK_THAT(outcome.err, ContainsSubstring("no moment"));
    }
}

TEST_CASE("a running server is watched, and what is wrong with it is told", "[waits]") {
    const std::string secret = fresh_path("diagnose-secret.txt");
    write_file(secret, "not-a-real-secret\n");
    const auto served = [&](std::vector<std::string> more) {
        std::vector<std::string> all{"serve", "--client-id", "board", "--client-secret-file", secret, "--tasks",
                                     "20",    "--patients",  "5"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    };
    const auto watch = [&](const std::string& line, std::vector<std::string> more) {
        std::vector<std::string> all{"diagnose",
                                     line.substr(line.find("http")),
                                     "--client-id",
                                     "board",
                                     "--client-secret-file",
                                     secret,
                                     "--seconds",
                                     "6"};
        all.insert(all.end(), more.begin(), more.end());
        return run(all);
    };
    SECTION("nothing is wrong") {
        Program server(served({}));
        const std::string line = server.wait_for_line("listening on ");
        const Outcome outcome = watch(line, {"--fail-on", "attention"});
        INFO(outcome.out << outcome.err);
        CHECK(outcome.exit_code == 0);
        CHECK_THAT(outcome.out, ContainsSubstring("no incident is going on at 20") &&
                                    ContainsSubstring("compared with the server at 20"));
    }
    SECTION("no Subscription may be made") {
        const std::string recording = fresh_path("watched.fhirscope");
        Program server(served({"--policy", "Patient", "--policy", "Task", "--policy", "Basic"}));
        const std::string line = server.wait_for_line("listening on ");
        const Outcome outcome = watch(line, {"--fail-on", "error", "--fail-on-open", "--json", "--record", recording});
        INFO(outcome.out << outcome.err);
        CHECK(outcome.exit_code == 3);
        const auto json = fhir::parse_json(outcome.out);
        REQUIRE(json);
        CHECK((*json)["schema"] == "fhirscope.diagnose/1");
        for (const char* member : {"at", "over_count", "server_equal", "compared_at"}) CHECK(json->HasMember(member));
        CHECK(going_on(*json) > 0);
        // What was recorded says the same.
        CHECK(members(diagnosed({recording}), "id").front() == members(*json, "id").front());
    }
    SECTION("what fits a recording alone, or a server alone, is refused") {
        CHECK(run({"diagnose", "http://127.0.0.1:1/", "--at", "3s"}).exit_code == 2);
        CHECK(run({"diagnose", "a.fhirscope", "--seconds", "3"}).exit_code == 2);
        CHECK(run({"diagnose", "a.fhirscope", "--profile", "ward"}).exit_code == 2);
        const Outcome nothing = run({"diagnose"});
        CHECK(nothing.exit_code == 1);
        CHECK_THAT(nothing.err, ContainsSubstring("No session file is named"));
        CHECK(run({"diagnose", "http://127.0.0.1:1/", "--seconds", "1"}).exit_code == 1);
    }
}

TEST_CASE("what cannot be diagnosed is said") {
    const Outcome missing = run({"diagnose", fresh_path("none.fhirscope")});
    CHECK(missing.exit_code == 1);
    CHECK_THAT(missing.err, ContainsSubstring("none.fhirscope"));
    const std::string path = record("unknown.fhirscope", false);
    const Outcome unknown = run({"diagnose", path, "--explain", "Task/none"});
    CHECK(unknown.exit_code == 1);
    CHECK_THAT(unknown.err, ContainsSubstring("Task/none is not in "));
    const Outcome wrong = run({"diagnose", path, "--explain", "not a resource"});
    CHECK(wrong.exit_code == 2);
    CHECK_THAT(wrong.err, ContainsSubstring("Type/id"));
}
