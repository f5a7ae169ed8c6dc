// What a user's machine can do to the program: signals, files that are none, recordings that are taken away, too few
// descriptors, too little memory.

#include "app/command_line.hpp"
#include "app/live.hpp"
#include "app/panels.hpp"
#include "app/signals.hpp"
#include "app/state_cache.hpp"
#include "app/uncaught.hpp"
#include "app/workspace.hpp"
#include "program.hpp"
#include "session/reader.hpp"
#include "session/recorder.hpp"
#include "support/eventually.hpp"
#include "support/paths.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <future>
#include <new>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <thread>

using namespace fhirscope;
using namespace fhirscope::tests;
using Catch::Matchers::ContainsSubstring;

namespace {

namespace fs = std::filesystem;

// What a child process of this test ends with, and says on stderr.
Outcome in_child(const std::function<int()>& work) {
    const std::string said = fresh_path("child.err");
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::dup2(::open(said.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600), STDERR_FILENO);
        ::_exit(work());
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, "", read_file(said)};
}

std::string pipe_at(const std::string& path) {
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    return path;
}

unsigned permissions_of(const fs::path& path) {
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 0777U;
}

} // namespace

TEST_CASE("a terminal that closes ends a session in order, as Ctrl-C does") {
    const std::string path = fresh_path("hung-up.fhirscope");
    Program demo({"demo", "--headless", "--json", "--record", path});
    REQUIRE(eventually([&] { return recorded_inputs(path) >= 10; }));
    demo.signal(SIGHUP);
    CHECK(demo.wait().exit_code == 0);
    CHECK(session::Reader::open(path)->summary().complete);
}

TEST_CASE("a hangup is waited for unless it was to be ignored, as nohup has it") {
    const auto [ignored, ended] = GENERATE(table<bool, int>({{false, 1}, {true, 0}}));
    const Outcome outcome = in_child([ignored = ignored] {
        ::signal(SIGHUP, ignored ? SIG_IGN : SIG_DFL);
        app::StopSignals signals;
        ::raise(SIGHUP);
        return signals.wait(std::chrono::milliseconds(20)) ? 1 : 0;
    });
    CHECK(outcome.exit_code == ended);
}

TEST_CASE("an error that nobody handles ends the program with a line and not with an abort, in any thread") {
    const auto in_a_thread = [](const std::function<void()>& fails) {
        return in_child([&] {
            app::end_in_words();
            std::thread(fails).join();
            return 0;
        });
    };
    const Outcome memory = in_a_thread([] { throw std::bad_alloc(); });
    CHECK(memory.exit_code == 1);
    CHECK_THAT(memory.err, ContainsSubstring("fhirscope: there is not enough memory"));
    const Outcome files = in_a_thread([] { throw std::system_error(EMFILE, std::generic_category(), "open"); });
    CHECK(files.exit_code == 1);
    CHECK_THAT(files.err, ContainsSubstring("Too many open files") && ContainsSubstring("ulimit -n"));
    const Outcome threads = in_a_thread([] { throw std::system_error(EAGAIN, std::generic_category()); });
    CHECK(threads.exit_code == 1);
    CHECK_THAT(threads.err, ContainsSubstring("ulimit -u"));
    const Outcome nameless = in_a_thread([] { throw 7; });
    CHECK(nameless.exit_code == 1);
    CHECK_FALSE(nameless.err.empty());
    const Outcome main = in_child([]() noexcept -> int {
        app::end_in_words();
        const std::function<int()> fails = []() -> int { throw std::runtime_error("unforeseen"); };
        return fails();
    });
    CHECK(main.exit_code == 1);
    CHECK_THAT(main.err, ContainsSubstring("fhirscope: unforeseen"));
}

TEST_CASE("with very few descriptors the program says so and fails") {
    const std::string said = fresh_path("few.err");
    for (const int descriptors : {5, 6, 8, 10, 12, 16}) {
        // The shell opens what it redirects to while it still may.
        // No descriptor of whoever runs this test is handed on.
        const std::string command = "exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; exec >/dev/null 2>'" + said +
                                    "'; ulimit -n " + std::to_string(descriptors) + "; HOME='" +
                                    fresh_path("few-home") + "' exec '" + program + "' demo --headless --seconds 1";
        const int status = std::system(command.c_str());
        INFO(descriptors << " descriptors: " << read_file(said));
        REQUIRE(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 1);
        CHECK_THAT(read_file(said), ContainsSubstring("fhirscope: ") || ContainsSubstring("error while loading"));
        CHECK_THAT(read_file(said), !ContainsSubstring("terminate called"));
    }
}

TEST_CASE("a recording that is removed while it is made is said, and the program fails") {
    const std::string path = fresh_path("removed.fhirscope");
    Program demo({"demo", "--headless", "--json", "--rate", "50", "--record", path});
    REQUIRE(eventually([&] { return recorded_inputs(path) >= 10; }));
    fs::remove(path);
    demo.signal(SIGTERM);
    const Outcome outcome = demo.wait();
    CHECK(outcome.exit_code == 1);
    CHECK_THAT(outcome.err, ContainsSubstring(path) && ContainsSubstring("removed"));
}

TEST_CASE("a recording of the window that is lost is a notice, and the program fails at its end") {
    struct Lost final : app::OpenSession {
        gui::SessionInfo info() const override { return {}; }
        engine::SnapshotPtr snapshot() const override { return nullptr; }
        void send(engine::Command) override {}
        gui::RecentSettings::Entry recent() const override { return {}; }
        app::ExitCode end(app::SessionEnd, app::Summary) override { return app::ExitCode::Failed; }
    };
    app::Workspace workspace(std::make_unique<Lost>(), {});
    CHECK_FALSE(workspace.failed());
    workspace.request(gui::CloseSession{});
    REQUIRE(workspace.finish(std::chrono::seconds(60)));
    CHECK(workspace.failed());
}

TEST_CASE("an option that names a file is not given an empty name") {
    const auto arguments = GENERATE(values<std::vector<std::string>>({
        {"demo", "--headless", "--seconds", "1", "--record", ""},
        {"demo", "--headless", "--seconds", "1", "--panels", ""},
        {"demo", "--seconds", "1", "--screenshot", ""},
        {"demo", "--seconds", "1", "--text", ""},
        {"start", "--settings", ""},
        {"log", "a.fhirscope", "-o", ""},
        {"import", "a.jsonl", "-o", ""},
        {"connect", "http://127.0.0.1:1/", "--headless", "--ca-file", ""},
        {"connect", "http://127.0.0.1:1/", "--headless", "--client-secret-file", ""},
    }));
    const Outcome outcome = run(arguments);
    INFO(arguments[0] << ": " << outcome.err);
    CHECK(outcome.exit_code == 2);
    CHECK_THAT(outcome.err, ContainsSubstring("names no file"));
    CHECK(outcome.out.empty());
}

TEST_CASE("files that are none are refused at once, whatever they are for") {
    const std::string folder = fresh_path("special-panels"), pipe = pipe_at(fresh_path("a.pipe")),
                      out = fresh_path("never.fhirscope");
    fs::create_directories(folder);
    pipe_at(folder + "/pipe.json");
    fs::create_symlink("/dev/zero", folder + "/zero.json");
    write_file(folder + "/large.json", std::string(2U << 20U, ' '));
    const Outcome panels = run({"demo", "--headless", "--seconds", "1", "--panels", folder});
    CHECK(panels.exit_code == 0);
    CHECK_THAT(panels.err, ContainsSubstring("pipe.json: it is a pipe") &&
                               ContainsSubstring("zero.json: it is a device") &&
                               ContainsSubstring("large.json: it is larger than 1 MB"));

    const std::vector<std::vector<std::string>> all{
        {"connect", "http://127.0.0.1:1/", "--headless", "--client-id", "a", "--client-secret-file", pipe},
        {"connect", "http://127.0.0.1:1/", "--headless", "--ca-file", pipe},
        {"serve", "--tls-certificate", pipe, "--tls-key", pipe},
        {"replay", pipe, "--headless"},
        {"log", pipe},
        {"import", pipe, "-o", out},
        {"import", "/dev/zero", "-o", out},
    };
    for (const auto& arguments : all) {
        const Outcome outcome = run(arguments);
        INFO(arguments[0] << ": " << outcome.err);
        CHECK(outcome.exit_code == 1);
        CHECK_THAT(outcome.err, ContainsSubstring(pipe) || ContainsSubstring("/dev/zero"));
    }
    const Outcome scenario = run({"demo", "--headless", "--seconds", "1", "--scenario", folder + "/zero.json"});
    CHECK(scenario.exit_code == 0); // without it
    CHECK_THAT(scenario.err, ContainsSubstring("zero.json: it is a device"));
}

TEST_CASE("a kept state that is no file is none, and the folder that is made for one is its owner's") {
    const std::string home = fresh_path("cache-home"), path = home + "/.cache/fhirscope/a.state";
    REQUIRE(app::save_state_cache(path, "state"));
    CHECK(app::load_state_cache(path) == "state");
    CHECK(permissions_of(home + "/.cache/fhirscope") == 0700);
    CHECK(permissions_of(home + "/.cache") == 0700);
    CHECK(permissions_of(path) == 0600);
    fs::remove(path);
    pipe_at(path);
    CHECK(app::load_state_cache(path).empty());
}

TEST_CASE("a recording that somebody has locked can be given up while it opens") {
    app::take_complaints();
    const std::string path = fresh_path("locked.fhirscope");
    auto recorder = session::Recorder::create(path, {});
    REQUIRE(recorder);
    REQUIRE((*recorder)->close({1, engine::Counters{}}));
    sqlite3* other = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &other) == SQLITE_OK);
    REQUIRE(sqlite3_exec(other, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr) == SQLITE_OK);
    std::optional<app::Workspace> workspace(std::in_place, nullptr, app::SourceOptions{});
    workspace->request(gui::OpenRecording{path});
    const auto before = std::chrono::steady_clock::now();
    workspace->request(gui::CancelOpening{});
    workspace.reset();
    CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(5)); // the lock's own bound is 10 s

    Program replay({"replay", path, "--headless"});
    replay.signal(SIGTERM);
    const auto asked = std::chrono::steady_clock::now();
    static_cast<void>(replay.wait());
    CHECK(std::chrono::steady_clock::now() - asked < std::chrono::seconds(8));
    sqlite3_close(other);
}
