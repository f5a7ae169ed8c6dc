// Any moment of a recording, and of a session that goes on meanwhile; recordings that are begun when trouble is seen.

#include "app/playhead.hpp"

#include "app/output.hpp"
#include "app/workspace.hpp"
#include "fhir/json.hpp"
#include "program.hpp"
#include "session/recorded_inputs.hpp"
#include "session/recorder.hpp"
#include "session/replay.hpp"
#include "support/eventually.hpp"
#include "support/paths.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <random>

using namespace fhirscope;
using namespace fhirscope::app;
using namespace fhirscope::tests;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

namespace {

const std::string kept_session = std::string(fixtures) + "/recordings/one-client.fhirscope";

std::shared_ptr<session::RecordedInputs> open_inputs(const std::string& path) {
    auto reader = session::Reader::open(path);
    INFO((reader ? "" : reader.error().message));
    REQUIRE(reader);
    return std::make_shared<session::RecordedInputs>(std::move(*reader));
}

std::unique_ptr<Playhead> playhead_of(const std::string& path, const std::string& notes = "") {
    Playhead::Options options;
    options.inputs = open_inputs(path);
    options.notes = notes;
    return std::make_unique<Playhead>(std::move(options));
}

// Of the state after all inputs until then.
std::uint64_t hash_at(const session::Inputs& inputs, LocalTime at) {
    engine::Engine engine;
    REQUIRE(inputs.for_each(inputs.begin(), [&](const engine::Input& input) {
        if (input.at > at) return false;
        engine.step(input);
        return true;
    }));
    return engine.state_hash();
}

void wait_until_shown(const Playhead& playhead, LocalTime at) {
    REQUIRE(eventually([&] {
        const auto status = playhead.status();
        return !status.seeking && status.at == at && status.hash != 0;
    }));
}

void watch_until(Workspace& workspace, const std::function<bool()>& is_so) {
    REQUIRE(eventually([&] {
        workspace.look();
        return is_so();
    }));
}

// The whole file leads to the recorded state.
void check_replays(const std::string& path, std::uint64_t least_inputs) {
    const auto reader = session::Reader::open(path);
    INFO((reader ? "" : reader.error().message));
    REQUIRE(reader);
    engine::Engine engine;
    const auto replayed = session::replay(*reader, engine);
    REQUIRE(replayed);
    CHECK(replayed->inputs >= least_inputs);
    REQUIRE(replayed->equal.has_value());
    CHECK(*replayed->equal);
}

} // namespace

TEST_CASE("a playhead shows the state of a replay up to each moment, and at the end the recorded one") {
    const auto playhead = playhead_of(kept_session);
    REQUIRE(playhead->wait_for_end(20s));
    const auto inputs = open_inputs(kept_session);
    const auto ended = playhead->status();
    CHECK(ended.at_end);
    CHECK(ended.at == inputs->last());
    CHECK(ended.inputs == inputs->end());
    CHECK(ended.hash == inputs->reader().summary().state_hash);
    std::mt19937_64 random(4);
    const auto length = static_cast<std::uint64_t>((inputs->last() - inputs->first()).count());
    for (int i = 0; i < 20; ++i) {
        const LocalTime at = inputs->first() + std::chrono::microseconds(random() % length);
        playhead->seek(at);
        wait_until_shown(*playhead, at);
        const auto status = playhead->status();
        CHECK(status.problem.empty());
        CHECK_FALSE(status.at_end);
        CHECK(status.hash == hash_at(*inputs, at));
        CHECK(playhead->shown()->inputs == status.inputs);
        CHECK(playhead->shown()->at <= at);
        CHECK(playhead->whole()->inputs == inputs->end());
    }
    playhead->seek(LocalTime{}); // before the first
    wait_until_shown(*playhead, inputs->first());
    playhead->to_end();
    REQUIRE(eventually([&] { return playhead->shown() == playhead->whole(); }));
    CHECK(playhead->status().at_end);
}

TEST_CASE("a playhead plays from its moment to the end, and again from the beginning") {
    const auto playhead = playhead_of(kept_session);
    REQUIRE(playhead->wait_for_end(20s));
    const auto inputs = open_inputs(kept_session);
    const LocalTime middle = inputs->first() + (inputs->last() - inputs->first()) / 2;
    playhead->seek(middle);
    wait_until_shown(*playhead, middle);
    const std::uint64_t before = playhead->shown()->inputs;
    playhead->play(1);
    REQUIRE(eventually([&] { return playhead->status().at > middle + 200ms; }));
    playhead->pause();
    const auto paused = playhead->status();
    CHECK_FALSE(paused.playing);
    CHECK(paused.at < inputs->last());
    wait_until_shown(*playhead, playhead->status().at);
    CHECK(playhead->shown()->inputs >= before);
    CHECK(playhead->status().hash == hash_at(*inputs, playhead->status().at));
    playhead->play(0); // as fast as possible
    REQUIRE(eventually([&] { return playhead->status().at_end; }));
    CHECK_FALSE(playhead->status().playing);
    playhead->play(64);
    REQUIRE(eventually([&] { return playhead->shown()->inputs < before; }));
    REQUIRE(eventually([&] { return playhead->status().at_end && !playhead->status().playing; }));
}

TEST_CASE("bookmarks lie beside the recording, which is not changed, and outlive the window") {
    const std::string path = fresh_path("bookmarked.fhirscope"), notes = path + ".notes";
    std::filesystem::copy_file(kept_session, path);
    std::filesystem::remove(notes);
    const std::string bytes = read_file(path);
    {
        const auto playhead = playhead_of(path, notes);
        playhead->add_bookmark(LocalTime(20s), "the drop \"here\"");
        playhead->add_bookmark(LocalTime(10s), "before");
        playhead->add_bookmark(LocalTime(30s), "gone");
        const auto bookmarks = playhead->status().bookmarks;
        REQUIRE(bookmarks.size() == 3);
        CHECK(bookmarks[0].text == "before");
        playhead->rename_bookmark(bookmarks[0].number, "well before");
        playhead->remove_bookmark(bookmarks[2].number);
        CHECK(playhead->status().bookmarks_kept_in == notes);
    }
    CHECK(read_file(path) == bytes);
    CHECK((std::filesystem::status(notes).permissions() & std::filesystem::perms::all) ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
    const auto again = playhead_of(path, notes)->status().bookmarks;
    REQUIRE(again.size() == 2);
    CHECK(again[0].text == "well before");
    CHECK(again[0].at == LocalTime(10s));
    CHECK(again[1].text == "the drop \"here\"");
}

TEST_CASE("bookmarks that cannot be read are left as they are, and new ones live in memory") {
    const std::string notes = fresh_path("foreign.notes");
    write_file(notes, "{\"version\":99}");
    take_complaints();
    const auto playhead = playhead_of(kept_session, notes);
    playhead->add_bookmark(LocalTime(10s), "x");
    CHECK(playhead->status().bookmarks.size() == 1);
    CHECK(playhead->status().bookmarks_kept_in.empty());
    CHECK(read_file(notes) == "{\"version\":99}");
    const auto complaints = take_complaints();
    REQUIRE(complaints.size() == 1);
    CHECK_THAT(complaints[0].what, ContainsSubstring(notes));
}

TEST_CASE("a session is looked back at while it goes on, and edits wait for the way back") {
    take_complaints();
    Workspace workspace(nullptr, {});
    workspace.request(gui::OpenDemo{"clinic", 7});
    watch_until(
        workspace, [&] { return workspace.session() != nullptr; });
    watch_until(
        workspace, [&] { return workspace.snapshot()->connection.phase == engine::Phase::Live; });
    watch_until(workspace, [&] { return workspace.snapshot()->metrics.counters.applied > 5; });
    gui::PlayheadControl* playhead = workspace.info().playhead;
    REQUIRE(playhead != nullptr);
    CHECK(playhead->status().at_end);
    const auto then = workspace.snapshot();
    const LocalTime past = playhead->status().first + (then->at - playhead->status().first) / 2;
    playhead->seek(past);
    watch_until(workspace, [&] { return !playhead->status().seeking && playhead->status().hash != 0; });
    const auto shown = workspace.snapshot();
    CHECK(shown->at <= past);
    CHECK(shown->inputs < then->inputs);
    CHECK_FALSE(playhead->status().at_end);
    // Live goes on meanwhile, and what is shown stays.
    const std::uint64_t applied = workspace.whole()->metrics.counters.applied;
    watch_until(workspace, [&] { return workspace.whole()->metrics.counters.applied > applied + 3; });
    CHECK(workspace.snapshot()->inputs == shown->inputs);
    workspace.take_notices();
    workspace.command(engine::SetFocus{"Task", ""});
    workspace.command(engine::Verify{});
    const auto notices = workspace.take_notices();
    REQUIRE(notices.size() == 1);
    CHECK_THAT(notices[0].text, ContainsSubstring("Back to live first"));
    playhead->to_end();
    watch_until(workspace, [&] { return workspace.snapshot()->inputs > then->inputs; });
    CHECK(playhead->status().at_end);
    workspace.request(gui::CloseSession{});
}

TEST_CASE("a recording that is begun later replays to its state, from the beginning or from a moment on") {
    const std::filesystem::path data = fresh_path("later-data");
    std::filesystem::remove_all(data);
    ::setenv("XDG_DATA_HOME", data.c_str(), 1);
    take_complaints();
    std::vector<std::string> files;
    std::uint64_t inputs_before = 0;
    {
        Workspace workspace(nullptr, {});
        workspace.request(gui::OpenDemo{"busy", 7});
        watch_until(
            workspace, [&] { return workspace.session() != nullptr; });
        watch_until(workspace, [&] { return workspace.snapshot()->metrics.counters.applied > 20; });
        CHECK(workspace.info().recording.empty());
        inputs_before = workspace.snapshot()->inputs;
        for (const bool whole : {true, false}) {
            workspace.request(gui::StartRecording{whole});
            watch_until(workspace, [&] { return !workspace.info().recording.empty(); });
            files.push_back(workspace.info().recording);
            const std::uint64_t applied = workspace.snapshot()->metrics.counters.applied;
            watch_until(workspace, [&] { return workspace.snapshot()->metrics.counters.applied > applied + 20; });
            if (!whole) continue; // closing the session ends this one
            workspace.request(gui::StopRecording{});
            watch_until(workspace, [&] { return workspace.info().recording.empty(); });
        }
        workspace.request(gui::CloseSession{});
        REQUIRE(workspace.finish(60s));
        CHECK_FALSE(workspace.failed());
    }
    ::unsetenv("XDG_DATA_HOME");
    REQUIRE(files.size() == 2);
    CHECK(files[0] != files[1]);
    check_replays(files[0], inputs_before);
    check_replays(files[1], 20);
    const auto later = open_inputs(files[1]);
    bool resumes = false;
    REQUIRE(later->for_each(0, [&](const engine::Input& input) {
        resumes = std::holds_alternative<engine::Resumed>(input.body);
        return false;
    }));
    CHECK(resumes);
    // Its moments can be shown, too.
    const auto playhead = playhead_of(files[1]);
    REQUIRE(playhead->wait_for_end(20s));
    const LocalTime middle = later->first() + (later->last() - later->first()) / 2;
    playhead->seek(middle);
    wait_until_shown(*playhead, middle);
    CHECK(playhead->status().hash == hash_at(*later, middle));
}

TEST_CASE("a recording that begins with the state of another build is refused, and that build is named") {
    const std::string path = fresh_path("of-another-build.fhirscope");
    auto recorder = session::Recorder::create(path, {.tool_version = "7.8.9"});
    REQUIRE(recorder);
    std::string keyframe = engine::Engine().keyframe();
    keyframe[0] = static_cast<char>(keyframe[0] ^ 1);
    (*recorder)->add({LocalTime(1s), engine::Resumed{engine::make_text(keyframe)}});
    REQUIRE((*recorder)->close({}));
    const Outcome outcome = run({"replay", path, "--headless"});
    CHECK(outcome.exit_code == 1);
    CHECK_THAT(outcome.err, ContainsSubstring("7.8.9"));
}

TEST_CASE("SIGUSR1 writes what a session without a window keeps, and the session goes on") {
    const std::string path = fresh_path("flight.fhirscope");
    const std::string second = fresh_path("flight-2.fhirscope");
    const std::string recorded = fresh_path("flight-beside.fhirscope");
    Program demo({"demo", "--headless", "--rate", "50", "--flight-recorder", path, "--record", recorded});
    REQUIRE(eventually([&] { return recorded_inputs(recorded) > 50; }));
    demo.signal(SIGUSR1);
    const auto is_complete = [](const std::string& file) {
        const auto reader = std::filesystem::exists(file) ? session::Reader::open(file)
                                                          : Result<session::Reader>(fail(ErrorCode::Missing, ""));
        return reader && reader->summary().complete;
    };
    REQUIRE(eventually([&] { return is_complete(path); }));
    demo.signal(SIGUSR1);
    REQUIRE(eventually([&] { return is_complete(second); }));
    demo.signal(SIGTERM);
    const Outcome ended = demo.wait();
    INFO(ended.err);
    CHECK(ended.exit_code == 0);
    check_replays(path, 20);
    check_replays(second, 20);
}
