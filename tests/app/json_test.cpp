// What every subcommand prints with --json: one object, by one set of rules (docs/json.md).

#include "fhir/json.hpp"

#include "fhir/bundle.hpp"
#include "fhir/harmless.hpp"
#include "fhir/utf8.hpp"
#include "program.hpp"
#include "server/server.hpp"
#include "session/recorder.hpp"
#include "support/paths.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>

using namespace fhirscope;
using namespace fhirscope::tests;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::Matches;

namespace {

// Names of members are ours, except inside values of resources.
void check_names(const rapidjson::Value& value) {
    constexpr std::array<std::string_view, 7> kept{"base", "local", "server", "before", "after", "sent", "stored"};
    if (value.IsArray())
        for (const auto& element : value.GetArray()) check_names(element);
    if (!value.IsObject()) return;
    for (const auto& member : value.GetObject()) {
        const std::string name = member.name.GetString();
        CHECK_THAT(name, Matches("[a-z][a-z0-9]*(_[a-z0-9]+)*"));
        if (std::find(kept.begin(), kept.end(), name) == kept.end()) check_names(member.value);
    }
}

rapidjson::Document check_result(const Outcome& outcome, const std::string& kind) {
    INFO("stdout: " << outcome.out << "stderr: " << outcome.err);
    REQUIRE(outcome.out.ends_with('\n'));
    const std::string line = outcome.out.substr(0, outcome.out.size() - 1);
    CHECK(line.find('\n') == std::string::npos);
    CHECK(fhir::find_invalid_utf8(line) == std::string::npos);
    CHECK(fhir::harmless(line) == line);
    auto json = fhir::parse_json(line);
    REQUIRE(json);
    REQUIRE(json->IsObject());
    REQUIRE(json->MemberCount() > 2);
    CHECK(std::string_view(json->MemberBegin()->name.GetString()) == "schema");
    CHECK(fhir::string_at(*json, "schema") == "fhirscope." + kind + "/1");
    CHECK(std::string_view((json->MemberBegin() + 1)->name.GetString()) == "version");
    CHECK_THAT(std::string(fhir::string_at(*json, "version")), Matches("[0-9]+\\.[0-9]+\\.[0-9]+"));
    check_names(*json);
    const bool failed = outcome.exit_code == 1 || outcome.exit_code == 2;
    REQUIRE(json->HasMember("error") == failed);
    if (failed) {
        CHECK_FALSE(fhir::string_at((*json)["error"], "code").empty());
        const std::string message(fhir::string_at((*json)["error"], "message"));
        CHECK_FALSE(message.empty());
        CHECK_THAT(outcome.err, ContainsSubstring(fhir::harmless(message)));
    }
    return std::move(*json);
}

std::string imported_session() {
    const std::string path = fresh_path("json.fhirscope");
    REQUIRE(run({"import", std::string(fixtures) + "/medplum-5.0.10/happy.jsonl", "-o", path}).exit_code == 0);
    return path;
}

// A session in which a server said what does harm where it is not looked at.
std::string hostile_session() {
    const std::string said = "bye \x1b[2J\x1b]0;owned\x07\r\nfhirscope: fake line \x1a\x1b\x1c\x1d\x1e\x1f\u009b\u202e";
    const std::string path = fresh_path("hostile.fhirscope");
    auto recorder = session::Recorder::create(path, {});
    REQUIRE(recorder);
    LocalTime now{std::chrono::seconds(1'770'719'400)};
    const auto add = [&](engine::InputBody body) {
        (*recorder)->add({now += std::chrono::seconds(1), std::move(body)});
    };
    engine::Start start;
    start.config.subscriptions = {{"Tasks", "Task"}};
    add(start);
    engine::HttpAnswer refused;
    refused.request = 1;
    refused.status = 403;
    fhir::Outcome outcome;
    outcome.code = "forbidden";
    outcome.text = outcome.diagnostics = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx " + said + " yyyyyyyyyyyyyyyyyyyyyyyyyyyy";
    refused.body = engine::make_text(fhir::make_outcome(outcome));
    add(refused);
    add(engine::SocketOpened{1});
    add(engine::Frame{1, engine::make_text("\x01\x02\xff" + said)});
    add(engine::SocketClosed{1, 4001, said});
    REQUIRE((*recorder)->close({}));
    return path;
}

} // namespace

TEST_CASE("each command's result is one object with schema and version, and nothing else") {
    const std::string session = imported_session();
    const auto [kind, arguments] = GENERATE_COPY(table<std::string, std::vector<std::string>>({
        {"demo", {"demo", "--headless", "--seconds", "1"}},
        {"demo", {"demo", "--headless", "--scenario", "conflicts", "--speed", "20"}}, // with captions
        {"replay", {"replay", session, "--headless"}},
        {"conflicts", {"conflicts", session}},
        {"diagnose", {"diagnose", session, "--all"}},
        {"info", {"info", session}},
        {"diagnose", {"diagnose", session, "--explain", "Task/none"}},
        {"simulate", {"simulate", "--seeds", "1..2", "--minutes", "0.3", "--clients", "2"}},
    }));
    auto with_json = arguments;
    with_json.push_back("--json");
    const Outcome outcome = run(with_json);
    const auto json = check_result(outcome, kind);
    CHECK(outcome.exit_code == (arguments.back() == "Task/none" ? 1 : 0));
}

TEST_CASE("the docs name every member of what a session came to, and of its incidents") {
    std::ifstream file(std::string(assets) + "/../docs/json.md");
    const std::string docs{std::istreambuf_iterator<char>(file), {}};
    const auto check = [&](const rapidjson::Value& object, std::string_view row) {
        const std::size_t at = docs.find(row);
        REQUIRE(at != std::string::npos);
        const std::string text = docs.substr(at, docs.find("\n\n", at) - at);
        for (const auto& member : object.GetObject()) {
            const std::string name = member.name.GetString();
            INFO(name);
            CHECK((name == "schema" || name == "version" || text.find("`" + name + "`") != std::string::npos));
        }
    };
    const Outcome demo = run({"demo", "--headless", "--scenario", "tour", "--speed", "20", "--json"});
    const auto json = check_result(demo, "demo");
    check(json, "| `fhirscope.demo/1`");
    REQUIRE(json["incidents"].Size() > 0);
    check(json["incidents"][0], "| member |");
    CHECK(json["checks_last_minute"].IsUint());
    CHECK(json["check_budget"].GetUint() > 0); // live to the end
    const auto recorded = check_result(run({"diagnose", imported_session(), "--json"}), "diagnose");
    check(recorded, "| `fhirscope.diagnose/1`");
    check(check_result(run({"info", imported_session(), "--json"}), "info"), "| `fhirscope.info/1`");
    CHECK(recorded["check_budget"].IsNull()); // another client's traffic: nothing is asked
}

TEST_CASE("a failure is one object, too, whether the line was wrong or the work") {
    const std::string missing = fresh_path("missing.fhirscope");
    const auto [code, arguments] = GENERATE_COPY(table<std::string, std::vector<std::string>>({
        {"usage", {"demo", "--dance"}},
        {"usage", {"dance"}},
        {"usage", {"replay"}},
        {"usage", {"demo", "--seconds", "\x1b[2J"}},
        {"usage", {"simulate", "--seeds", "9..1"}},
        {"fault", {"simulate", "--faults", "flood"}},
        {"filter", {"conflicts", missing, "--filter", "color:red"}},
        {"", {"replay", missing, "--headless"}},
        {"", {"conflicts", missing}},
        {"", {"diagnose", missing}},
        {"usage", {"diagnose", missing, "--explain", "nothing"}},
        {"", {"edit", "Task/1", "status", "ready", "--server", "http://127.0.0.1:1/"}},
        {"", {"connect", "http://127.0.0.1:1/", "--headless", "--seconds", "1"}},
        {"no-display", {"demo"}},
    }));
    auto with_json = arguments;
    with_json.push_back("--json");
    const Outcome outcome = run(with_json);
    const auto json = check_result(outcome, "error");
    CHECK(outcome.exit_code == run(arguments).exit_code);
    if (!code.empty()) CHECK(fhir::string_at(json["error"], "code") == code);
}

TEST_CASE("a command that knows no --json says so in JSON") {
    const auto json = check_result(run({"log", fresh_path("missing.fhirscope"), "--json"}), "error");
    CHECK(fhir::string_at(json["error"], "code") == "usage");
}

TEST_CASE("an edit's result says what it came to, also where it is refused") {
    server::ServerOptions options;
    options.read_only = true;
    options.patients = 2;
    options.tasks = 3;
    options.rate = 0;
    server::EmbeddedServer server(options);
    REQUIRE(server.start());
    REQUIRE(server.put(R"({"resourceType":"Task","id":"5ce7a210-0000-4000-8000-000000000001","status":"requested",)"
                       R"("intent":"order","description":"a\u202e b"})"));
    const std::string secret = fresh_path("json-secret.txt");
    write_file(secret, server.client_secret() + "\n");
    const auto edit = [&](const char* path, const char* value) {
        return run({"edit", "Task/5ce7a210-0000-4000-8000-000000000001", path, value, "--json", "--server",
                    server.base_url(), "--client-id", server.client_id(), "--client-secret-file", secret});
    };
    const Outcome refused = edit("description", "c");
    const auto json = check_result(refused, "edit");
    CHECK(refused.exit_code == 1);
    CHECK(json["outcome"] == "refused");
    CHECK(json["before"] == "a\u202e b");
    CHECK(json["error"]["code"] == "refused");
    const Outcome wrong = edit("status", "nonsense");
    CHECK(wrong.exit_code == 2);
    CHECK(check_result(wrong, "edit")["error"]["code"] == "invalid");
}

TEST_CASE("what a server says in a recorded session reaches no terminal as it is") {
    const std::string path = hostile_session();
    const auto [kind, arguments] = GENERATE_COPY(table<std::string, std::vector<std::string>>({
        {"", {"diagnose", path, "--all"}},
        {"", {"log", path}},
        {"", {"log", path, "--format", "csv"}},
        {"", {"log", path, "--format", "ndjson"}},
        {"", {"conflicts", path}},
        {"", {"replay", path, "--headless"}},
        {"diagnose", {"diagnose", path, "--all", "--json"}},
        {"conflicts", {"conflicts", path, "--json"}},
        {"replay", {"replay", path, "--headless", "--json"}},
    }));
    const Outcome outcome = run(arguments);
    INFO(arguments.front() << "\n" << outcome.out << outcome.err);
    for (const std::string* text : {&outcome.out, &outcome.err}) {
        std::string plain = *text;
        std::replace(plain.begin(), plain.end(), '\n', ' ');
        CHECK(fhir::harmless(plain) == plain);
        CHECK(text->find("\nfhirscope: fake") == std::string::npos);
        CHECK_FALSE(text->starts_with("fhirscope: fake"));
    }
    if (!kind.empty()) check_result(outcome, kind);
    if (arguments.front() == "diagnose" && kind.empty()) CHECK_THAT(outcome.out, ContainsSubstring("\\x1b[2J"));
}

TEST_CASE("a result that cannot be written is no success") {
    const std::string said = fresh_path("full.err");
    const std::string line = std::string(program) + " simulate --seeds 1 --minutes 0.2 --json >/dev/full 2>" + said;
    const int status = std::system(line.c_str());
    CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 1));
    CHECK_THAT(read_file(said), ContainsSubstring("could not be written"));
}
