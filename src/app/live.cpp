#include "app/live.hpp"

#include "app/report.hpp"
#include "app/state_cache.hpp"
#include "app/window.hpp"
#include "engine/cache.hpp"
#include "gui/window.hpp"
#include "runtime/log.hpp"
#include "session/recorder.hpp"

#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <memory>
#include <optional>

namespace fhirscope::app {

namespace {

using namespace std::chrono_literals;

// How long the end of a session may take: for what is still under way to arrive, and for the full read of the server.
constexpr auto quiet_timeout = 15s;
constexpr auto verify_timeout = 60s;
constexpr int verify_attempts = 5;

LocalTime wall_clock() {
    return LocalTime(
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()));
}

bool is_quiet(const engine::Snapshot& snapshot) {
    return snapshot.connection.phase == engine::Phase::Live && snapshot.queue_size == 0 && snapshot.requests_open == 0;
}

// Compares all stores with a full read of the server; says what differs, or why there was no answer.
void verify(runtime::Runtime& runtime) {
    using State = engine::VerifyView::State;
    if (!runtime.run_until(is_quiet, quiet_timeout)) {
        const auto snapshot = runtime.snapshot();
        complain("the stores were not compared with the server: there was no quiet moment within 15 s (connection: " +
                 std::string(engine::to_string(snapshot->connection.phase)) + ", " + snapshot->connection.reason +
                 ").");
        return;
    }
    // A server that others change while it is read differs for a moment, so it is read again.
    for (int attempt = 1; attempt <= verify_attempts; ++attempt) {
        const LocalTime before = runtime.snapshot()->verify.at;
        runtime.send(engine::Verify{});
        const auto is_done = [&](const engine::Snapshot& snapshot) {
            const auto& view = snapshot.verify;
            return view.state != State::None && view.state != State::Running && view.at != before;
        };
        if (!runtime.run_until(is_done, verify_timeout)) {
            complain("the stores were not compared with the server: the server did not answer within 60 s.");
            return;
        }
        if (runtime.snapshot()->verify.state != State::Different) break;
    }
    const engine::SnapshotPtr snapshot = runtime.snapshot();
    const engine::VerifyView& view = snapshot->verify;
    if (view.state == State::Failed) complain("the stores were not compared with the server: " + view.problem);
    for (const std::string& difference : view.differences) complain("differs: " + difference);
}

// Knows the recorder's whole life, so that a session that never starts leaves no file.
class Recording {
public:
    Result<void> open(const std::string& path, const std::string& server) {
        session::RecorderOptions options{.tool_version = version(), .server = server, .created = wall_clock()};
        options.on_error = [](const Error& error) { complain(error.message); };
        auto recorder = session::Recorder::create(path, std::move(options));
        if (!recorder) return tl::unexpected(recorder.error());
        recorder_ = std::move(*recorder);
        path_ = path;
        return {};
    }
    void add(const engine::Input& input) {
        if (recorder_) recorder_->add(input);
    }
    void discard() {
        if (!recorder_) return;
        recorder_.reset();
        ::unlink(path_.c_str());
    }
    // False when the file is not what was asked for; the reason was said.
    bool close(std::uint64_t hash, const engine::Counters& counters) {
        if (!recorder_) return true;
        const bool stopped_before = recorder_->failed();
        const auto closed = recorder_->close({hash, counters});
        if (!closed && !stopped_before) complain(closed.error().message);
        return closed.has_value();
    }

private:
    std::unique_ptr<session::Recorder> recorder_;
    std::string path_;
};

} // namespace

ExitCode run_live(LiveSession session, StopSignals& signals) {
    if (!session.view.headless) {
        if (auto display = check_display(); !display) return fail_with(display.error());
    }
    const auto log = runtime::set_up_log({.directory = {}, .headless = session.view.headless, .verbose = false});
    if (!log.problem.empty()) complain("no log file: " + log.problem);

    Recording recording;
    if (!session.record.empty()) {
        if (auto opened = recording.open(session.record, session.connection.base_url); !opened)
            return fail_with(opened.error());
    }
    const LocalTime began = wall_clock();
    runtime::RuntimeOptions options;
    options.connection = std::move(session.connection);
    options.engine = std::move(session.engine);
    options.probe = session.probe;
    options.dialect = session.dialect;
    options.known = load_state_cache(session.cache);
    options.on_input = [&](const engine::Input& input) { recording.add(input); };
    if (!session.view.headless) options.on_snapshot = [] { gui::wake_window(); };

    runtime::Runtime runtime(std::move(options));
    if (auto started = runtime.start(); !started) {
        runtime.stop();
        recording.discard();
        return fail_with(started.error());
    }

    if (session.begun) session.begun(runtime);
    std::optional<StateCacheKeeper> keeper(std::in_place, session.cache, [&] { return runtime.snapshot(); });
    bool time_is_over = false, picture_failed = false;
    if (session.view.headless) {
        if (session.view.limit() || !session.over) {
            time_is_over = !signals.wait(session.view.limit());
        } else {
            bool signalled = false;
            while (!signalled && !session.over()) signalled = signals.wait(100ms);
            time_is_over = !signalled;
        }
    } else {
        gui::SessionInfo info;
        info.title = session.title;
        info.source = session.demo ? gui::Source::demo : gui::Source::live;
        info.recording = session.record;
        info.recording_since = began;
        info.notice = session.notice;
        info.demo = session.control;
        const auto end = show_window(
            session.view, info, [&] { return runtime.snapshot(); },
            [&](engine::Command command) { runtime.send(std::move(command)); }, signals);
        if (!end && end.error().code != "screenshot") { // it never opened
            if (session.ending) session.ending();
            runtime.stop();
            recording.discard();
            return fail_with(end.error());
        }
        // A picture that could not be written takes nothing from the session.
        if (!end) complain(end.error().message);
        picture_failed = !end;
        time_is_over = end && *end == WindowEnd::TimeOver;
    }

    if (session.ending) session.ending();
    if (time_is_over) {
        if (session.settle) session.settle();
        verify(runtime);
    }
    keeper.reset(); // it must not write after the last state
    runtime.stop();
    const engine::SnapshotPtr last = runtime.snapshot();
    const std::uint64_t hash = runtime.state_hash();
    if (auto kept = save_state_cache(session.cache, engine::make_cache(*last)); !kept) complain(kept.error().message);
    const bool recorded = recording.close(hash, last->metrics.counters);

    Report report = make_report(*last, hash);
    if (!time_is_over) report.server_equal.reset(); // an earlier comparison says nothing about the end
    std::cout << (session.view.json ? to_json(report) + "\n" : to_text(report)) << std::flush;
    if (time_is_over && !report.server_equal.value_or(false)) return ExitCode::Different;
    return recorded && !picture_failed ? ExitCode::Ok : ExitCode::Failed;
}

} // namespace fhirscope::app
