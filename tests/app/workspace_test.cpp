// What the window's start page sets off, without the window; and the window without a subcommand.

#include "app/workspace.hpp"

#include "app/live.hpp"
#include "fhir/json.hpp"
#include "port.hpp"
#include "program.hpp"
#include "server/server.hpp"
#include "session/recorder.hpp"
#include "session/replay.hpp"
#include "support/eventually.hpp"
#include "support/paths.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <future>
#include <optional>
#include <thread>

using namespace fhirscope;
using namespace fhirscope::app;
using namespace fhirscope::tests;
using Catch::Matchers::ContainsSubstring;

namespace {

// Looks, as the window's loop does, until something is so.
void look_until(Workspace& workspace, const std::function<bool()>& is_so) {
    REQUIRE(eventually([&] {
        workspace.look();
        return is_so();
    }));
}

std::string small_recording(const std::string& name, int inputs = 1) {
    const std::string path = fresh_path(name);
    auto recorder = session::Recorder::create(path, {});
    REQUIRE(recorder);
    for (int i = 0; i < inputs; ++i) (*recorder)->add({LocalTime(std::chrono::seconds(1 + i)), engine::Start{}});
    REQUIRE((*recorder)->close({}));
    return path;
}

} // namespace

TEST_CASE("a demo of the start page runs, and closing it leads back") {
    take_complaints();
    Workspace workspace(nullptr, {});
    CHECK_FALSE(workspace.info().open);
    CHECK(workspace.start().demos.size() >= 3);
    CHECK(workspace.start().criteria.size() == 3);
    workspace.request(gui::OpenDemo{"clinic", 7});
    REQUIRE(workspace.opening().has_value());
    CHECK_FALSE(workspace.opening()->what.empty());
    look_until(workspace, [&] { return workspace.session() != nullptr; });
    CHECK_FALSE(workspace.opening().has_value());
    CHECK(workspace.info().open);
    CHECK(workspace.info().source == gui::Source::Demo);
    CHECK(workspace.generation() == 1);
    look_until(workspace, [&] { return workspace.session()->snapshot()->connection.phase == engine::Phase::Live; });
    const auto opened = workspace.take_opened();
    REQUIRE(opened.size() == 1);
    CHECK(opened[0].title == "Cardiology follow-up");
    CHECK(opened[0].place == "7");
    workspace.request(gui::CloseSession{});
    CHECK(workspace.session() == nullptr);
    CHECK(workspace.generation() == 2);
    CHECK(workspace.take_notices().empty());
}

TEST_CASE("closing leaves the window at once, and what is opened next finds all of it") {
    struct Slow final : OpenSession {
        explicit Slow(std::future<void> go) : may_end(std::move(go)) {}
        gui::SessionInfo info() const override { return {}; }
        engine::SnapshotPtr snapshot() const override { return nullptr; }
        void send(engine::Command) override {}
        gui::RecentSettings::Entry recent() const override { return {}; }
        ExitCode end(SessionEnd, Summary) override {
            may_end.wait();
            small_recording("slow.fhirscope");
            return ExitCode::Ok;
        }
        std::future<void> may_end;
    };
    take_complaints();
    std::promise<void> gate;
    Workspace workspace(std::make_unique<Slow>(gate.get_future()), {});
    const std::string path = fresh_path("slow.fhirscope");
    workspace.request(gui::CloseSession{});
    CHECK(workspace.session() == nullptr);
    CHECK_FALSE(workspace.info().open);
    CHECK(workspace.generation() == 1);
    CHECK_FALSE(workspace.finish(std::chrono::milliseconds(1)));
    workspace.request(gui::OpenRecording{path});
    gate.set_value();
    look_until(workspace, [&] { return workspace.session() != nullptr || !workspace.opening(); });
    CHECK(workspace.session() != nullptr);
    CHECK(workspace.finish(std::chrono::seconds(60)));
}

TEST_CASE("what is closed as the program ends is recorded to its last input") {
    server::EmbeddedServer server(server::ServerOptions{});
    REQUIRE(server.start());
    LiveSession session;
    session.runtime.connection.base_url = server.base_url();
    session.runtime.connection.client_id = server.client_id();
    session.runtime.connection.client_secret = runtime::make_secret(server.client_secret());
    session.runtime.engine.subscriptions = {{"tasks", "Task"}, {"patients", "Patient"}};
    session.record = fresh_path("closed.fhirscope");
    const std::string path = session.record;
    auto opened = open_live(std::move(session));
    REQUIRE(opened);
    engine::SnapshotPtr shown;
    {
        Workspace workspace(std::move(*opened), {});
        look_until(workspace, [&] { return workspace.session()->snapshot()->updates.end() > 200; });
        shown = workspace.session()->snapshot();
        workspace.request(gui::CloseSession{});
    }
    const auto reader = session::Reader::open(path);
    REQUIRE(reader);
    CHECK(reader->summary().complete);
    engine::Engine engine;
    const auto replayed = session::replay(*reader, engine);
    REQUIRE(replayed);
    CHECK(replayed->equal == true);
    CHECK(engine.publish()->updates.end() >= shown->updates.end());
}

TEST_CASE("what cannot be opened is said, and what is open stays open") {
    take_complaints();
    const std::string path = small_recording("small.fhirscope");
    Workspace workspace(nullptr, {});
    workspace.request(gui::OpenRecording{path});
    look_until(workspace, [&] { return workspace.session() != nullptr; });
    CHECK(workspace.info().source == gui::Source::Replay);
    CHECK(workspace.take_opened().at(0).place == path);
    workspace.take_notices();

    workspace.request(gui::OpenRecording{"/nowhere/a.fhirscope"});
    std::vector<gui::Notice> notices;
    look_until(workspace, [&] { return !(notices = workspace.take_notices()).empty(); });
    CHECK(notices[0].severity == gui::Notice::Severity::Error);
    CHECK_THAT(notices[0].cause, ContainsSubstring("/nowhere/a.fhirscope"));
    CHECK(workspace.session() != nullptr);
    CHECK(workspace.generation() == 1);

    gui::OpenServer server;
    server.url = "http://127.0.0.1:1/";
    server.login = gui::Login::Typed;
    server.client_id = "board";
    server.secret = std::make_shared<const std::string>("hunter2");
    server.criteria = {{true, "Task", "Task"}};
    workspace.request(server);
    look_until(workspace, [&] { return !(notices = workspace.take_notices()).empty(); });
    CHECK_THAT(notices[0].text, ContainsSubstring("http://127.0.0.1:1/"));
    CHECK_THAT(notices[0].text + notices[0].cause, !ContainsSubstring("hunter2"));
}

TEST_CASE("another client's transcript opens without an import") {
    Workspace workspace(nullptr, {});
    workspace.request(gui::OpenRecording{std::string(fixtures) + "/medplum-5.0.10/happy.jsonl"});
    look_until(workspace, [&] { return workspace.session() != nullptr; });
    CHECK(workspace.session()->snapshot()->updates.end() > 0);
}

TEST_CASE("what is being opened can be given up") {
    take_complaints();
    Workspace workspace(nullptr, {});
    workspace.request(gui::OpenDemo{"clinic", 1});
    workspace.request(gui::CancelOpening{});
    CHECK_FALSE(workspace.opening().has_value());
    workspace.request(gui::OpenRecording{small_recording("after.fhirscope")}); // the next may begin at once
    look_until(workspace, [&] { return workspace.session() != nullptr; });
    CHECK(workspace.info().source == gui::Source::Replay);
}

TEST_CASE("a login that the server does not answer holds the end of the program for no time") {
    take_complaints();
    Port silent;
    silent.listen();
    gui::OpenServer server;
    server.url = silent.url();
    server.login = gui::Login::Typed;
    server.client_id = "board";
    server.secret = std::make_shared<const std::string>("hunter2");
    server.criteria = {{true, "Task", "Task"}};
    std::optional<Workspace> workspace(std::in_place, nullptr, SourceOptions{});
    workspace->request(server);
    silent.take_client();
    workspace->request(gui::CancelOpening{});
    CHECK_FALSE(workspace->opening().has_value());
    workspace->request(server); // and one that nobody cancelled
    silent.take_client();
    const auto before = std::chrono::steady_clock::now();
    workspace.reset();
    CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(5)); // a login's own bound is 15 s
    CHECK(take_complaints().empty());
}

TEST_CASE("a recording's path is judged before it is opened") {
    const std::string path = small_recording("judged.fhirscope");
    CHECK(check_recording(path).empty());
    CHECK_THAT(check_recording("/nowhere/x.fhirscope"), ContainsSubstring("no such file"));
    CHECK_THAT(check_recording("/tmp"), ContainsSubstring("folder"));
    const std::string other = fresh_path("judged.txt");
    write_file(other, "x");
    CHECK_THAT(check_recording(other), ContainsSubstring(".fhirscope"));
    Workspace workspace(nullptr, {});
    workspace.request(gui::CheckPath{other});
    CHECK(workspace.start().checked_path == other);
    CHECK_FALSE(workspace.start().path_problem.empty());
}

TEST_CASE("a complaint's beginning is what is true, the rest is why") {
    const gui::Notice split = notice_of({"a panel was left out", "/a/b.json:3: \"columns\" must be a list"});
    CHECK(split.text == "A panel was left out.");
    CHECK(split.cause == "/a/b.json:3: \"columns\" must be a list");
    const gui::Notice scenario =
        notice_of({"the scenario was left out, and the demo goes on without it", "my.json:2:28: step 1: no"});
    CHECK(scenario.text == "The scenario was left out, and the demo goes on without it.");
    CHECK(scenario.cause == "my.json:2:28: step 1: no");
    const gui::Notice whole = notice_of({"/a/b was cut off while it was recorded: all of it is shown", ""});
    CHECK(whole.text == "/a/b was cut off while it was recorded: all of it is shown");
    CHECK(whole.cause.empty());
}

TEST_CASE("an unreadable panel definition is named with its line, and the others are used") {
    take_complaints();
    const std::string folder = fresh_path("bad-panels");
    std::filesystem::create_directories(folder);
    write_file(folder + "/tasks.json",
               "{\n \"id\": \"t\",\n \"type\": \"Task\",\n \"columns\": [\n  {\"id\": \"a\"}\n ]\n}\n");
    Workspace workspace(nullptr,
                        {.panels = {.folder = folder, .built_in = true}, .insecure_http = false, .memory = {}});
    CHECK(workspace.start().criteria.size() == 3);
    workspace.look();
    const auto notices = workspace.take_notices();
    REQUIRE(notices.size() == 1);
    CHECK_THAT(notices[0].cause, ContainsSubstring("tasks.json:5: columns[0]"));
}

TEST_CASE("fhirscope alone opens at its start page and keeps its settings", "[display]") {
    const char* display = std::getenv("DISPLAY");
    if (display == nullptr) SKIP("there is no display; run under Xvfb");
    const std::string home = fresh_path("start-home"), picture = fresh_path("start.png");
    const Environment window{{"DISPLAY", display}, {"HOME", home}, {"ASAN_OPTIONS", "detect_leaks=0"}};
    const Outcome drawn = run({"start", "--seconds", "1", "--light", "--screenshot", picture}, window);
    INFO(drawn.err);
    CHECK(drawn.exit_code == 0);
    CHECK(std::filesystem::file_size(picture) > 10'000);
    CHECK_FALSE(std::filesystem::exists(home + "/.config/fhirscope/settings.json")); // a picture keeps nothing

    const std::string settings = home + "/.config/fhirscope/settings.json";
    CHECK(run({"start", "--seconds", "1", "--light"}, window).exit_code == 0);
    CHECK_THAT(read_file(settings), ContainsSubstring("\"light\""));
    write_file(settings, "{\n\"look\": {\n");
    const Outcome broken = run({"start", "--seconds", "1", "--scale", "150"}, window);
    CHECK(broken.exit_code == 0);
    CHECK(read_file(settings + ".broken") == "{\n\"look\": {\n");
    CHECK_THAT(read_file(settings), ContainsSubstring("150"));

    // Once it has a log it waits for signals.
    const std::string log = home + "/.local/state/fhirscope";
    std::filesystem::remove_all(log);
    Program alone({}, window);
    REQUIRE(eventually([&] { return std::filesystem::exists(log); }));
    alone.signal(SIGTERM);
    CHECK(alone.wait().exit_code == 0);
}

TEST_CASE("a driver without OpenGL 3.3 is named with its version", "[display]") {
    const char* display = std::getenv("DISPLAY");
    if (display == nullptr) SKIP("there is no display; run under Xvfb");
    const Outcome outcome = run({"start", "--seconds", "1", "--no-settings"}, {{"DISPLAY", display},
                                                                               {"LIBGL_ALWAYS_SOFTWARE", "1"},
                                                                               {"MESA_GL_VERSION_OVERRIDE", "2.1"},
                                                                               {"ASAN_OPTIONS", "detect_leaks=0"}});
    CHECK(outcome.exit_code == 1);
    CHECK_THAT(outcome.err,
               ContainsSubstring("OpenGL 2.1") && ContainsSubstring("3.3") && ContainsSubstring("--headless"));
}
