#include "program.hpp"
#include "session/recorder.hpp"
#include "support/paths.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <sqlite3.h>

#include <filesystem>

using namespace fhirscope;
using namespace fhirscope::tests;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("fhirscope alone needs a display, and says what can be done without") {
    const Outcome outcome = run({});
    CHECK(outcome.exit_code == 1);
    CHECK_THAT(outcome.err, ContainsSubstring("no display") && ContainsSubstring("fhirscope --help"));
}

TEST_CASE("the help says what fhirscope can do") {
    const Outcome outcome = run({"--help"});
    CHECK(outcome.exit_code == 0);
    for (const char* command :
         {"start", "demo", "connect", "replay", "edit", "log", "conflicts", "diagnose", "serve", "import", "simulate"})
        CHECK_THAT(outcome.out, ContainsSubstring(command));
}

TEST_CASE("the version can be asked") {
    const Outcome outcome = run({"--version"});
    CHECK(outcome.exit_code == 0);
    CHECK_THAT(outcome.out, Catch::Matchers::Matches("fhirscope [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST_CASE("every subcommand explains its options") {
    const auto [command, options] = GENERATE(table<std::string, std::vector<std::string>>({
        {"demo",
         {"--headless", "--seconds", "--json", "--seed", "--patients", "--tasks", "--rate", "--record", "--screenshot",
          "--panels", "--outage-every", "--scenario", "--settings", "--no-settings", "--scale", "--light", "--dark"}},
        {"start", {"--settings", "--screenshot", "--view"}},
        {"connect",
         {"URL", "--profile", "--ca-file", "--client-secret-file", "--record", "--headless", "MEDPLUM_BASE_URL"}},
        {"replay", {"FILE", "--headless", "--json", "Exit code"}},
        {"edit",
         {"RESOURCE", "PATH", "VALUE", "--remove", "--method", "--on-conflict", "--server", "--profile", "--json",
          "--seconds", "Exit codes", "MEDPLUM_BASE_URL"}},
        {"conflicts", {"FILE", "--filter", "strategy", "--json", "--fail-on-open", "--server", "--seconds"}},
        {"diagnose",
         {"FILE|URL", "--explain", "--all", "--json", "--at", "--seconds", "--fail-on", "--fail-on-open", "--profile",
          "Exit codes"}},
        {"log", {"FILE", "--filter", "--format", "--output", "--limit", "outcome"}},
        {"serve",
         {"--port", "--seed", "--tls-certificate", "listening on", "--behave-as", "--cors", "--token-lifetime",
          "--policy", "--quota", "--max-subscriptions", "--latency", "--client-secret-file", "--fault", "revoke-logins",
          "delete-subscriptions[=TYPE]"}},
        {"import", {"FILE", "-o", "--panels"}},
        {"simulate",
         {"--seeds", "--minutes", "--faults", "--behave-as", "--unbounded", "--out", "half-open", "settles",
          "Exit codes"}},
    }));
    const Outcome outcome = run({command, "--help"});
    CHECK(outcome.exit_code == 0);
    for (const std::string& option : options) CHECK_THAT(outcome.out, ContainsSubstring(option));
}

TEST_CASE("a wrong command line is told apart from a failure") {
    const auto arguments = GENERATE(values<std::vector<std::string>>({
        {"dance"},
        {"--dance"},
        {"demo", "--dance"},
        {"demo", "--seconds", "-3"},
        {"demo", "--seconds", "soon"},
        {"demo", "--rate", "-1"},
        {"demo", "--outage-every", "0"},
        {"demo", "--patients", "-1"},
        {"demo", "--headless", "--screenshot", "a.png"},
        {"demo", "--view", "nothing"},
        {"demo", "--scale", "20"},
        {"demo", "--light", "--dark"},
        {"demo", "--settings", "a.json", "--no-settings"},
        {"start", "--headless"},
        {"demo", "too", "much"},
        {"replay"},
        {"import"},
        {"import", "a.jsonl"},
        {"serve", "--port", "70000"},
        {"serve", "--tls-key", "k.pem"},
        {"log", "a.fhirscope", "--limit", "0"},
        {"conflicts", "a.fhirscope", "--server", "http://127.0.0.1:1/"},
        {"demo", "serve"},
        {"simulate", "--seeds", "9..1"},
        {"simulate", "--seeds", "many"},
        {"simulate", "--faults", "flood"},
        {"simulate", "--minutes", "0"},
        {"demo", "--resource-memory", "1M"},
        {"replay", "a.fhirscope", "--resource-memory", "much"},
    }));
    const Outcome outcome = run(arguments);
    INFO(outcome.err);
    CHECK(outcome.exit_code == 2);
    CHECK(outcome.out.empty());
    CHECK_FALSE(outcome.err.empty());
}

TEST_CASE("without a display the program says how to go on without one") {
    const auto arguments = GENERATE(values<std::vector<std::string>>({
        {"demo", "--seconds", "1"},
        {"connect", "http://127.0.0.1:1/"},
        {"replay", "a.fhirscope"},
    }));
    const Outcome outcome = run(arguments);
    CHECK(outcome.exit_code == 1);
    CHECK_THAT(outcome.err, ContainsSubstring("--headless") && ContainsSubstring("xvfb-run"));
}

TEST_CASE("a display that does not answer is named") {
    const Outcome outcome = run({"demo", "--seconds", "1"}, {{"DISPLAY", ":9999"}});
    CHECK(outcome.exit_code == 1);
    CHECK_THAT(outcome.err, ContainsSubstring("--headless"));
}

TEST_CASE("replaying what is no session names the file and what it is") {
    const std::string path = fresh_path("no-session.fhirscope");
    SECTION("missing") { CHECK_THAT(run({"replay", path, "--headless"}).err, ContainsSubstring("no file " + path)); }
    SECTION("text") {
        write_file(path, "hello\n");
        const Outcome outcome = run({"replay", path, "--headless"});
        CHECK_THAT(outcome.err, ContainsSubstring(path + " is not a fhirscope session"));
        CHECK(outcome.out.empty());
    }
    CHECK(run({"replay", path, "--headless"}).exit_code == 1);
}

TEST_CASE("what cannot be used is named with the reason, and nothing else is said") {
    const std::string folder = fresh_path("a-folder"), empty = fresh_path("empty.fhirscope"),
                      scenario = fresh_path("folder.json"), out = fresh_path("never.fhirscope");
    std::filesystem::create_directories(folder);
    std::filesystem::create_directories(scenario);
    write_file(empty, "");
    struct Wrong {
        std::vector<std::string> arguments;
        std::string said;
        int exit_code;
    };
    const std::vector<Wrong> all{
        {{"replay", empty, "--headless"}, empty + " is empty", 1},
        {{"log", empty}, empty + " is empty", 1},
        {{"diagnose", folder}, folder + " is not a file", 1},
        {{"conflicts", folder}, folder + " is not a file", 1},
        {{"import", folder, "-o", out}, "cannot read " + folder + ": it is a folder", 1},
        {{"import", empty, "-o", out}, empty + " holds no traffic", 1},
        {{"log", std::string(fixtures) + "/none", "--limit", "0"}, "1 to 1000000000", 2},
        {{"serve", "--port", "70000"}, "0 to 65535", 2},
        {{"conflicts"}, "No server is named", 1},
        {{"demo", "--headless", "--seconds", "1", "--record", folder + "/no/a.fhirscope"}, "No such file", 1},
        {{"demo", "--headless", "--seconds", "1", "--panels", empty}, "there is no folder " + empty, 1},
        {{"demo", "--headless", "--seconds", "1", "--scenario", scenario},
         "cannot read " + scenario + ": it is a folder",
         0},
    };
    for (const Wrong& wrong : all) {
        const Outcome outcome = run(wrong.arguments);
        INFO(wrong.arguments[0] << ": " << outcome.err);
        CHECK(outcome.exit_code == wrong.exit_code);
        CHECK_THAT(outcome.err, ContainsSubstring(wrong.said));
        CHECK(outcome.out.empty() == (wrong.exit_code != 0));
        CHECK_FALSE(std::filesystem::exists(out));
    }
}

TEST_CASE("a session that is imported replays to its hash, and one that is cut off does not pass") {
    const std::string path = fresh_path("imported.fhirscope");
    const Outcome imported = run({"import", std::string(fixtures) + "/medplum-5.0.10/happy.jsonl", "-o", path});
    INFO(imported.err);
    REQUIRE(imported.exit_code == 0);
    CHECK_THAT(imported.out, ContainsSubstring("140 lines"));

    const Outcome replayed = run({"replay", path, "--headless", "--json"});
    CHECK(replayed.exit_code == 0);
    CHECK_THAT(replayed.last_line(), ContainsSubstring("\"equal\":true"));
    CHECK_THAT(run({"replay", path, "--headless"}).out, ContainsSubstring("equal"));

    std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
    const Outcome cut = run({"replay", path, "--headless"});
    CHECK(cut.exit_code == 1);
    CHECK_THAT(cut.err, ContainsSubstring(path) && ContainsSubstring("damaged"));
}

TEST_CASE("a replay that reaches another state exits with 3") {
    const std::string path = fresh_path("other.fhirscope");
    auto recorder = session::Recorder::create(path, {});
    REQUIRE(recorder);
    (*recorder)->add({LocalTime(std::chrono::seconds(1)), engine::Start{}});
    REQUIRE((*recorder)->close({42, {}}));
    const Outcome outcome = run({"replay", path, "--headless", "--json"});
    CHECK(outcome.exit_code == 3);
    CHECK_THAT(outcome.last_line(),
               ContainsSubstring("\"recorded_hash\":\"000000000000002a\"") && ContainsSubstring("\"equal\":false"));
}

TEST_CASE("a session of another build is compared by its content, and what is not understood of it is said") {
    const std::string path = fresh_path("another-build.fhirscope");
    REQUIRE(run({"import", std::string(fixtures) + "/medplum-5.0.10/happy.jsonl", "-o", path}).exit_code == 0);
    const auto change = [&](const char* sql) {
        sqlite3* database = nullptr;
        REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
        const int result = sqlite3_exec(database, sql, nullptr, nullptr, nullptr);
        sqlite3_close(database);
        REQUIRE(result == SQLITE_OK);
    };
    change("UPDATE header SET value = 'another' WHERE key = 'build'");
    const Outcome equal = run({"replay", path, "--headless", "--json"});
    CHECK(equal.exit_code == 0);
    CHECK_THAT(equal.last_line(), ContainsSubstring("\"equal\":true") && ContainsSubstring("\"compared\":\"content\""));
    CHECK_THAT(run({"replay", path, "--headless"}).out, ContainsSubstring("the content is equal"));

    change("UPDATE header SET value = '3' WHERE key = 'format_version'; CREATE TABLE notes (text TEXT)");
    const Outcome newer = run({"replay", path, "--headless"});
    CHECK(newer.exit_code == 0);
    CHECK_THAT(newer.err, ContainsSubstring("1 table") && ContainsSubstring("passed over"));

    change("UPDATE header SET value = '0123456789abcdef' WHERE key = 'content_digest'");
    const Outcome different = run({"replay", path, "--headless"});
    CHECK(different.exit_code == 3);
    CHECK_THAT(different.out, ContainsSubstring("the content is DIFFERENT"));
}

TEST_CASE("a session that was cut off while it was recorded is replayed, and that is said") {
    const std::string path = fresh_path("unfinished.fhirscope");
    auto recorder = session::Recorder::create(path, {});
    REQUIRE(recorder);
    (*recorder)->add({LocalTime(std::chrono::seconds(1)), engine::Start{}});
    REQUIRE((*recorder)->close({})); // without an ending
    const Outcome outcome = run({"replay", path, "--headless"});
    CHECK(outcome.exit_code == 0);
    CHECK_THAT(outcome.err, ContainsSubstring("cut off"));
}

TEST_CASE("an import that cannot be done says at which line and leaves nothing") {
    const std::string transcript = fresh_path("bad.jsonl"), out = fresh_path("bad.fhirscope");
    write_file(transcript, "{\"t\":\"2026-02-10T10:30:00.000Z\",\"dir\":\"note\"}\noops\n");
    const Outcome outcome = run({"import", transcript, "-o", out});
    CHECK(outcome.exit_code == 1);
    CHECK_THAT(outcome.err, ContainsSubstring("line 2"));
    CHECK_FALSE(std::filesystem::exists(out));
}

TEST_CASE("an import does not overwrite") {
    const std::string out = fresh_path("precious.txt");
    write_file(out, "precious");
    const Outcome outcome = run({"import", std::string(fixtures) + "/medplum-5.0.10/poll.jsonl", "-o", out});
    CHECK(outcome.exit_code == 1);
    CHECK_THAT(outcome.err, ContainsSubstring("exists already"));
    CHECK(read_file(out) == "precious");
}

TEST_CASE("simulated seeds that run clean exit with 0 and say how many they were") {
    const Outcome outcome = run({"simulate", "--seeds", "1..3", "--minutes", "0.5", "--faults", "cut,burst", "--json"});
    INFO(outcome.err << outcome.out);
    CHECK(outcome.exit_code == 0);
    CHECK_THAT(outcome.last_line(), ContainsSubstring("\"seeds\":3") && ContainsSubstring("\"virtual_to_real\":"));
}
