#include "fhir/json.hpp"
#include "fhir/time.hpp"
#include "port.hpp"
#include "program.hpp"
#include "session/reader.hpp"
#include "support/eventually.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <thread>

using namespace fhirscope;
using namespace fhirscope::tests;
using Catch::Matchers::ContainsSubstring;

namespace {

rapidjson::Document summary_of(const Outcome& outcome) {
    INFO(outcome.out << outcome.err);
    auto json = fhir::parse_json(outcome.last_line());
    REQUIRE(json);
    REQUIRE(json->IsObject());
    return std::move(*json);
}

std::uint64_t count_of(const rapidjson::Document& summary, const char* member) {
    INFO(member);
    REQUIRE(summary.HasMember(member));
    return summary[member].GetUint64();
}

// `fhirscope serve`, and what a client needs to know of it.
class Server {
public:
    explicit Server(std::vector<std::string> more = {}) : program_(arguments(std::move(more))) {
        const std::string line = program_.wait_for_line("listening on ");
        url = line.substr(std::string("listening on ").size());
        secret_file = fresh_path("secret.txt");
        write_file(secret_file, secret + "\n");
    }
    std::vector<std::string> connect(std::vector<std::string> more) const {
        std::vector<std::string> all{"connect",   url,         "--client-id", "board", "--client-secret-file",
                                     secret_file, "--headless"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    Outcome stop() {
        program_.signal(SIGTERM);
        return program_.wait();
    }

    std::string url, secret_file;
    static inline const std::string secret = "a-secret-that-must-not-be-seen";

private:
    static std::vector<std::string> arguments(std::vector<std::string> more) {
        std::vector<std::string> all{"serve", "--client-id", "board", "--client-secret", secret, "--patients",
                                     "10",    "--tasks",     "20"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    Program program_;
};

} // namespace

TEST_CASE("a demo without a window ends in sync with its server", "[waits]") {
    const Outcome outcome =
        run({"demo", "--headless", "--seconds", "3", "--json", "--rate", "30", "--patients", "20", "--tasks", "40"});
    const auto summary = summary_of(outcome);
    CHECK(outcome.exit_code == 0);
    CHECK(summary["server_equal"].IsTrue());
    CHECK(count_of(summary, "updates_applied") >= 60); // at least the baseline
    CHECK(count_of(summary, "updates_received") >= count_of(summary, "updates_applied"));
    CHECK(count_of(summary, "rejected") == 0);
    CHECK(count_of(summary, "missed") == 0);
    CHECK(count_of(summary, "reconnects") == 0);
    CHECK(count_of(summary, "inputs") > 10);
    for (const char* member : {"duplicates", "superseded", "out_of_order", "recovered"})
        CHECK(summary[member].IsUint64());
    for (const char* member : {"p50", "p99", "max"}) CHECK(summary["latency_ms"][member].GetDouble() >= 0);
    CHECK(std::string(summary["state_hash"].GetString()).size() == 16);
}

TEST_CASE("a demo for people says the same in words") {
    const Outcome outcome = run({"demo", "--headless", "--seconds", "1", "--patients", "3", "--tasks", "3"});
    CHECK(outcome.exit_code == 0);
    CHECK_THAT(outcome.out,
               ContainsSubstring("updates") && ContainsSubstring("every resource has the server's current version"));
}

TEST_CASE("a demo with outages reconnects, and ends in sync with its server", "[waits]") {
    // On a machine that does much else it takes seconds until it is live, and again after each outage.
    const Outcome outcome =
        run({"demo", "--headless", "--seconds", "26", "--json", "--rate", "30", "--outage-every", "8"});
    const auto summary = summary_of(outcome);
    CHECK(outcome.exit_code == 0);
    CHECK(summary["server_equal"].IsTrue());
    CHECK(count_of(summary, "reconnects") >= 1);
}

TEST_CASE("a recorded live demo replays to the recorded hash, 20 times in a row") {
    const std::string path = fresh_path("demo.fhirscope");
    const Outcome live = run({"demo", "--headless", "--seconds", "3", "--json", "--rate", "60", "--record", path});
    REQUIRE(live.exit_code == 0);
    const auto summary = summary_of(live);
    for (int i = 0; i < 20; ++i) {
        const Outcome outcome = run({"replay", path, "--headless", "--json"});
        INFO("replay " << i << ": " << outcome.out << outcome.err);
        REQUIRE(outcome.exit_code == 0);
        const auto replayed = summary_of(outcome);
        CHECK(replayed["state_hash"] == summary["state_hash"]);
        CHECK(replayed["recorded_hash"] == summary["state_hash"]);
        for (const char* member :
             {"updates_received", "updates_applied", "duplicates", "inputs", "latency_ms", "server_equal"}) {
            INFO(member);
            CHECK(replayed[member] == summary[member]);
        }
    }
}

TEST_CASE("Ctrl-C ends a session in order") {
    const std::string path = fresh_path("interrupted.fhirscope");
    Program demo({"demo", "--headless", "--json", "--record", path});
    REQUIRE(eventually([&] { return recorded_inputs(path) >= 10; }));
    demo.signal(SIGINT);
    const Outcome outcome = demo.wait();
    CHECK(outcome.exit_code == 0);
    CHECK(summary_of(outcome)["server_equal"].IsNull());
    CHECK(session::Reader::open(path)->summary().complete);
    CHECK(run({"replay", path, "--headless"}).exit_code == 0);
}

TEST_CASE("Ctrl-C is heard while the server does not answer the login") {
    Port silent;
    silent.listen();
    const std::string secret = fresh_path("unheard-secret.txt"), recording = fresh_path("unheard.fhirscope");
    write_file(secret, "hunter2\n");
    const std::vector<std::string> server{silent.url(), "--client-id", "board",    "--client-secret-file",
                                          secret,       "--headless",  "--record", recording};
    for (const int number : {SIGINT, SIGTERM}) {
        std::vector<std::string> arguments{"connect"};
        arguments.insert(arguments.end(), server.begin(), server.end());
        Program connecting(arguments);
        silent.take_client();
        const auto before = std::chrono::steady_clock::now();
        connecting.signal(number);
        const Outcome outcome = connecting.wait();
        CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(5)); // a login's own bound is 15 s
        CHECK(outcome.exit_code == 1);
        CHECK_THAT(outcome.err, ContainsSubstring(silent.url().substr(0, silent.url().size() - 1)) &&
                                    ContainsSubstring("was given up"));
        CHECK_FALSE(std::filesystem::exists(recording));
    }
}

TEST_CASE("serve says where it listens and ends when it is told to") {
    Server server;
    CHECK_THAT(server.url, Catch::Matchers::Matches("http://127\\.0\\.0\\.1:[0-9]+/"));
    const Outcome outcome = server.stop();
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.out == "listening on " + server.url + "\n");
}

TEST_CASE("a port that is taken is named") {
    const Port taken;
    taken.listen();
    const Outcome outcome = run({"serve", "--port", taken.number()});
    CHECK(outcome.exit_code == 1);
    CHECK_THAT(outcome.err, ContainsSubstring(taken.number()));
    CHECK(outcome.out.empty());
}

TEST_CASE("connect follows a server that changes, and records no secret") {
    const Server server({"--rate", "3"});
    const std::string path = fresh_path("connected.fhirscope");
    const Outcome outcome = run(server.connect({"--seconds", "3", "--json", "--record", path}));
    INFO(outcome.out << outcome.err);
    CHECK(outcome.exit_code == 0);
    CHECK(summary_of(outcome)["server_equal"].IsTrue());

    std::string all;
    const auto reader = session::Reader::open(path);
    REQUIRE(reader);
    REQUIRE(reader->for_each([&](const engine::Input& input) {
        all += engine::to_bytes(input);
        return true;
    }));
    CHECK(reader->summary().redacted == 0); // nothing got as far as the recorder
    CHECK(all.size() > 10'000);
    CHECK(all.find(Server::secret) == std::string::npos);
    CHECK(all.find("eyJ") == std::string::npos);
    CHECK((outcome.out + outcome.err).find(Server::secret) == std::string::npos);
}

TEST_CASE("a wrong secret is told, without the secret") {
    const Server server;
    const std::string wrong = fresh_path("wrong.txt");
    write_file(wrong, "not-the-right-secret\n");
    const std::string record = fresh_path("never.fhirscope");
    const Outcome outcome = run({"connect", server.url, "--client-id", "board", "--client-secret-file", wrong,
                                 "--headless", "--seconds", "2", "--record", record});
    CHECK(outcome.exit_code == 1);
    CHECK_THAT(outcome.err, ContainsSubstring("secret"));
    CHECK(outcome.err.find("not-the-right-secret") == std::string::npos);
    CHECK_FALSE(std::filesystem::exists(record));
}

TEST_CASE("the profile and the environment stand in for what the command line does not say") {
    const Server server;
    SECTION("environment") {
        const Outcome outcome =
            run({"connect", "--headless", "--seconds", "1", "--json"}, {{"MEDPLUM_BASE_URL", server.url},
                                                                        {"MEDPLUM_CLIENT_ID", "board"},
                                                                        {"MEDPLUM_CLIENT_SECRET", Server::secret}});
        INFO(outcome.err);
        CHECK(outcome.exit_code == 0);
    }
    SECTION("profile") {
        const std::string home = fresh_path("profile-home");
        std::filesystem::create_directories(home + "/.medplum");
        write_file(
            home + "/.medplum/ward.json",
            R"({"baseUrl":")" + server.url + R"(","clientId":"board","clientSecret":")" + Server::secret + R"("})");
        const Outcome outcome = run({"connect", "--profile", "ward", "--headless", "--seconds", "1", "--json"},
                                    {{"HOME", home}, {"MEDPLUM_BASE_URL", "http://127.0.0.1:1/"}});
        INFO(outcome.err);
        CHECK(outcome.exit_code == 0);
    }
}

TEST_CASE("a secret travels in clear to no other machine unless that is allowed") {
    // Nothing answers there; without the rule it would be tried.
    const Environment login{{"MEDPLUM_CLIENT_ID", "board"}, {"MEDPLUM_CLIENT_SECRET", Server::secret}};
    const Outcome refused = run({"connect", "http://no-such-host.invalid/", "--headless", "--seconds", "1"}, login);
    CHECK(refused.exit_code == 1);
    CHECK_THAT(refused.err, ContainsSubstring("Nothing was sent") && ContainsSubstring("--insecure-http") &&
                                !ContainsSubstring("no host"));
    const Outcome allowed =
        run({"connect", "http://no-such-host.invalid/", "--insecure-http", "--headless", "--seconds", "1"}, login);
    CHECK(allowed.exit_code == 1);
    CHECK_THAT(allowed.err,
               ContainsSubstring("travel unencrypted to no-such-host.invalid") && ContainsSubstring("no host"));
    const Outcome edit = run({"edit", "Task/1", "status", "accepted", "--server", "https://no-such-host.invalid/",
                              "--token-url", "http://127.0.0.1:1/token", "--insecure-http"},
                             login);
    CHECK(edit.exit_code == 1);
    CHECK_THAT(edit.err, ContainsSubstring("not protected"));
}

TEST_CASE("a recording with larger bounds than are allowed is replayed, and claims nothing") {
    const std::string path = fresh_path("greedy.fhirscope");
    const Outcome demo = run({"demo", "--headless", "--seconds", "1", "--json", "--patients", "3", "--tasks", "3",
                              "--record", path, "--resource-memory", "4G"});
    REQUIRE(demo.exit_code == 0);
    const Outcome lowered = run({"replay", path, "--headless", "--json"});
    CHECK(lowered.exit_code == 3);
    CHECK(summary_of(lowered)["equal"].IsNull());
    CHECK_THAT(lowered.err, ContainsSubstring("larger bounds") && ContainsSubstring("--resource-memory"));
    const Outcome allowed = run({"replay", path, "--headless", "--json", "--resource-memory", "4G"});
    CHECK(allowed.exit_code == 0);
    CHECK(summary_of(allowed)["equal"].IsTrue());
}

TEST_CASE("a server that cannot be reached is named") {
    const Port closed;
    const std::string url = "http://127.0.0.1:" + closed.number() + "/";
    const Outcome outcome =
        run({"connect", url, "--client-id", "a", "--client-secret-file", "/dev/null", "--headless", "--seconds", "1"});
    CHECK(outcome.exit_code == 1);
    CHECK_FALSE(outcome.err.empty());

    const std::string secret = fresh_path("some-secret.txt");
    write_file(secret, "abc\n");
    const Outcome refused =
        run({"connect", url, "--client-id", "a", "--client-secret-file", secret, "--headless", "--seconds", "1"});
    CHECK(refused.exit_code == 1);
    CHECK_THAT(refused.err, ContainsSubstring(closed.number()));
}

TEST_CASE("connect ends with 3 when the server is gone at the end, so that nothing could be compared") {
    Server server;
    const std::string path = fresh_path("abandoned.fhirscope");
    Program client(server.connect({"--seconds", "8", "--json", "--record", path}));
    REQUIRE(eventually([&] { return recorded_inputs(path) >= 10; }));
    REQUIRE(server.stop().exit_code == 0);
    const Outcome outcome = client.wait();
    INFO(outcome.out << outcome.err);
    CHECK(outcome.exit_code == 3);
    CHECK(summary_of(outcome)["server_equal"].IsNull());
    CHECK_THAT(outcome.err, ContainsSubstring("not compared with the server"));
}

TEST_CASE("a session that is killed leaves its state for the next one") {
    Server server({"--rate", "0.2"});
    const std::string cache = fresh_path("cache");
    const Environment home{{"XDG_CACHE_HOME", cache}};
    {
        Program client(server.connect({"--seconds", "100"}), home);
        const auto states = [&] {
            std::vector<std::filesystem::path> found;
            std::error_code missing;
            for (const auto& entry : std::filesystem::directory_iterator(cache + "/fhirscope", missing))
                if (entry.path().extension() == ".state") found.push_back(entry.path());
            return found;
        };
        REQUIRE(eventually([&] { return states().size() == 1; }));
        CHECK((std::filesystem::status(states().front()).permissions() & std::filesystem::perms::all) ==
              (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
        client.signal(SIGKILL);
        CHECK(client.wait().exit_code == -1);
    }
    const std::string record = fresh_path("again.fhirscope");
    const Outcome again = run(server.connect({"--seconds", "2", "--json", "--record", record}), home);
    INFO(again.out << again.err);
    CHECK(again.exit_code == 0);
    const auto reader = session::Reader::open(record);
    REQUIRE(reader);
    bool began_with_it = false;
    REQUIRE(reader->for_each([&](const engine::Input& input) {
        const auto* start = std::get_if<engine::Start>(&input.body);
        began_with_it = start && start->known && !start->known->empty();
        return false;
    }));
    CHECK(began_with_it);
}

TEST_CASE("with the server away a session shows what the last one left, and since when nobody confirmed it") {
    const Environment home{{"XDG_CACHE_HOME", fresh_path("left-cache")}};
    auto server = std::make_unique<Server>(std::vector<std::string>{"--rate", "0.2"});
    const auto arguments = server->connect({"--seconds", "2", "--json"});
    const Outcome first = run(arguments, home);
    INFO(first.err);
    REQUIRE(first.exit_code == 0);
    server->stop();
    const std::string between = fhir::format_instant(ServerTime(
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())));
    const Outcome again = run(arguments, home);
    INFO(again.out << again.err);
    CHECK(again.exit_code == 3); // not in sync
    CHECK_THAT(again.err, ContainsSubstring("What the last session left is shown"));
    const auto summary = summary_of(again);
    CHECK(count_of(summary, "not_confirmed") >= 30); // patients and tasks
    CHECK(count_of(summary, "not_confirmed") == count_of(summary, "updates_applied"));
    const std::string since = summary["not_confirmed_since"].GetString();
    CHECK(since < between);
}

TEST_CASE("connect without a server says where one could be named") {
    const Outcome outcome = run({"connect", "--headless", "--seconds", "1"});
    CHECK(outcome.exit_code == 1);
    CHECK_THAT(outcome.err, ContainsSubstring("MEDPLUM_BASE_URL"));
}

TEST_CASE("a recording does not overwrite a file") {
    const std::string path = fresh_path("kept.txt");
    write_file(path, "kept");
    const Outcome outcome = run({"demo", "--headless", "--seconds", "1", "--record", path});
    CHECK(outcome.exit_code == 1);
    CHECK_THAT(outcome.err, ContainsSubstring("exists already"));
    CHECK(read_file(path) == "kept");
}

TEST_CASE("a panel that cannot be read is named, and the others go on") {
    const std::string folder = fresh_path("panels");
    std::filesystem::create_directories(folder);
    write_file(folder + "/broken.json", "{\"title\":");
    const Outcome outcome = run({"demo", "--headless", "--seconds", "1", "--json", "--panels", folder});
    CHECK(outcome.exit_code == 0);
    CHECK_THAT(outcome.err, ContainsSubstring(folder + "/broken.json"));
    CHECK(count_of(summary_of(outcome), "updates_applied") > 0);
}

TEST_CASE("the built-in panels can be left out, and then only what the others show is subscribed to") {
    const std::string folder = fresh_path("one-panel"), record = fresh_path("one-panel.fhirscope");
    std::filesystem::create_directories(folder);
    write_file(folder + "/patients.json",
               R"({"id":"patients","title":"Patients","type":"Patient","criteria":"Patient","columns":[)"
               R"({"id":"id","title":"Id","path":"id","kind":"id","width":76}]})");
    const Outcome outcome = run({"demo", "--headless", "--seconds", "2", "--json", "--no-built-in-panels", "--panels",
                                 folder, "--record", record});
    INFO(outcome.err);
    CHECK(outcome.exit_code == 0);
    const auto reader = session::Reader::open(record);
    REQUIRE(reader);
    std::vector<std::string> criteria;
    REQUIRE(reader->for_each([&](const engine::Input& input) {
        if (const auto* start = std::get_if<engine::Start>(&input.body))
            for (const engine::SubscriptionWish& wish : start->config.subscriptions) criteria.push_back(wish.criteria);
        return true;
    }));
    CHECK(criteria == std::vector<std::string>{"Patient"});
}

TEST_CASE("a panel folder that is not there ends the command") {
    const Outcome outcome = run({"demo", "--headless", "--seconds", "1", "--panels", "/nonexistent-folder"});
    CHECK(outcome.exit_code == 1);
    CHECK_THAT(outcome.err, ContainsSubstring("/nonexistent-folder"));
}

TEST_CASE("the user's own panels are found without being named") {
    const std::string home = fresh_path("panel-home");
    std::filesystem::create_directories(home + "/.config/fhirscope/panels");
    write_file(home + "/.config/fhirscope/panels/mine.json", "[]");
    const Outcome outcome = run({"demo", "--headless", "--seconds", "1"}, {{"HOME", home}});
    CHECK(outcome.exit_code == 0);
    CHECK_THAT(outcome.err, ContainsSubstring("mine.json"));
}

TEST_CASE("the window shows a demo, leaves a picture of it and ends in sync") {
    const char* display = std::getenv("DISPLAY");
    if (!display || !*display) SKIP("there is no display; script/test has one");
    // Graphics drivers keep what they allocate until the process ends.
    const Environment window{{"DISPLAY", display}, {"ASAN_OPTIONS", "detect_leaks=0"}};
    const std::string picture = fresh_path("demo.png"), record = fresh_path("window.fhirscope");
    const Outcome outcome =
        run({"demo", "--seconds", "2", "--json", "--screenshot", picture, "--record", record}, window);
    INFO(outcome.err);
    CHECK(outcome.exit_code == 0);
    CHECK(summary_of(outcome)["server_equal"].IsTrue());
    CHECK(read_file(picture).starts_with("\x89PNG"));

    const std::string replayed = fresh_path("replay.png");
    CHECK(run({"replay", record, "--seconds", "1", "--view", "log", "--screenshot", replayed}, window).exit_code == 0);
    CHECK(read_file(replayed).starts_with("\x89PNG"));
    CHECK(run({"demo", "--seconds", "1", "--screenshot", "/nonexistent-folder/a.png"}, window).exit_code == 1);
}
