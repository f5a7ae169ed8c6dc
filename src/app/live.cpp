#include "app/live.hpp"

#include "app/deidentifying.hpp"
#include "app/live_checks.hpp"
#include "app/live_flight.hpp"
#include "app/lookout.hpp"
#include "app/report.hpp"
#include "app/state_cache.hpp"
#include "app/wall_clock.hpp"
#include "app/window.hpp"
#include "checks/report.hpp"
#include "deidentify/deidentifier.hpp"
#include "diagnosis/report.hpp"
#include "engine/cache.hpp"
#include "engine/engine.hpp"
#include "gui/window/window.hpp"
#include "session/recorder.hpp"
#include "words/words.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <memory>
#include <optional>

namespace fhirscope::app {

namespace {

using namespace std::chrono_literals;

// How long the end of a session may take: for what is still under way to arrive, and for the full read of the server.
constexpr auto quiet_timeout = 15s;
constexpr auto verify_timeout = 60s;
constexpr auto leaving_timeout = 3s;
constexpr int verify_attempts = 5;

bool is_quiet(const engine::Snapshot& snapshot) {
    // While searches stand in for real time some request is mostly under way; what was polled for can be compared.
    const engine::Phase phase = snapshot.connection.phase;
    if (phase != engine::Phase::Live)
        return snapshot.connection.polling && (phase == engine::Phase::BackingOff || phase == engine::Phase::Binding) &&
               snapshot.queue_size == 0;
    return snapshot.queue_size == 0 && snapshot.requests_open == 0;
}

// Compares all stores with a full read of the server; says what differs, or why there was no answer.
void verify(runtime::Runtime& runtime) {
    using State = engine::VerifyView::State;
    constexpr const char* not_compared = "the stores were not compared with the server";
    const auto login_ended = [](const engine::Snapshot& s) { return s.connection.phase == engine::Phase::LoginEnded; };
    const bool quiet = runtime.run_until([&](const auto& s) { return is_quiet(s) || login_ended(s); }, quiet_timeout);
    if (const auto snapshot = runtime.snapshot(); login_ended(*snapshot))
        return complain(not_compared, "the login has ended (" + words::text(snapshot->connection.login_problem) + ").");
    if (!quiet) {
        const auto snapshot = runtime.snapshot();
        complain(not_compared, "there was no quiet moment within 15 s (connection: " +
                                   std::string(engine::to_string(snapshot->connection.phase)) + ", " +
                                   words::text(snapshot->connection.reason) + ").");
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
            complain(not_compared, "the server did not answer within 60 s.");
            return;
        }
        if (runtime.snapshot()->verify.state != State::Different) break;
        if (attempt < verify_attempts) runtime.run_until(is_quiet, quiet_timeout); // what differs is read first
    }
    const engine::SnapshotPtr snapshot = runtime.snapshot();
    const engine::VerifyView& view = snapshot->verify;
    if (view.state == State::Failed) complain(not_compared, words::text(view.problem));
    for (const engine::Fact& criteria : view.left_out)
        complain("left out of the comparison with the server", words::text(criteria));
    for (const engine::SubscriptionView& subscription : snapshot->subscriptions)
        if (!subscription.partial.empty())
            complain("only a part of the server's listing of " + subscription.criteria + " was read",
                     words::text(subscription.partial));
    for (const engine::Fact& difference : view.differences) complain("differs", words::text(difference));
}

// Knows the recorder's whole life, so that a session that never starts leaves no file.
class Recording {
public:
    Result<void> open(const std::string& path, const std::string& server, bool deidentified) {
        session::RecorderOptions options{.tool_version = version(), .server = server, .created = wall_clock()};
        if (deidentified) {
            auto key = chance_bytes();
            if (!key) return tl::unexpected(key.error());
            clean_ = std::make_unique<Clean>(std::move(*key));
            options.server = clean_->deidentifier.address(server);
            options.deidentified = deidentify::what_is_kept();
        }
        options.on_error = [](const Error& error) { complain(error.message); };
        auto recorder = session::Recorder::create(path, std::move(options));
        if (!recorder) return tl::unexpected(recorder.error());
        recorder_ = std::move(*recorder);
        path_ = path;
        return {};
    }
    void add(const engine::Input& input) {
        if (!recorder_) return;
        if (!clean_) return recorder_->add(input);
        engine::Input clean = input;
        clean_->deidentifier.apply(clean);
        clean_->engine.step(clean);
        recorder_->add(clean);
    }
    // Whole up to the last input, and without an ending.
    void cut() {
        if (recorder_) static_cast<void>(recorder_->close({}));
    }
    // "" where nothing is recorded, or not any more.
    std::string path() const { return closed_ ? std::string() : path_; }
    void discard() {
        if (!recorder_) return;
        const bool ours = !recorder_->failed(); // else another file may lie there
        recorder_.reset();
        if (ours) ::unlink(path_.c_str());
    }
    // False when the file is not what was asked for; the reason was said.
    bool close(session::Ending ending) {
        if (!recorder_) return true;
        closed_ = true;
        const bool stopped_before = recorder_->failed();
        if (clean_) {
            const engine::SnapshotPtr clean = clean_->engine.publish();
            ending = {clean_->engine.state_hash(), clean->metrics.counters, session::content_digest(*clean)};
        }
        const auto closed = recorder_->close(ending);
        if (!closed && !stopped_before) complain(closed.error().message);
        return closed.has_value();
    }

private:
    // Other inputs than ours lead to another state, which is what a replay of the file must reach.
    struct Clean {
        explicit Clean(std::string key) : deidentifier({std::move(key)}) {}
        deidentify::Deidentifier deidentifier;
        engine::Engine engine;
    };
    std::unique_ptr<Clean> clean_; // null: recorded as it comes
    std::unique_ptr<session::Recorder> recorder_;
    std::string path_;
    std::atomic<bool> closed_ = false;
};

class LiveRun final : public OpenSession {
public:
    static Opened open(LiveSession session, const std::stop_token& stop) {
        std::unique_ptr<LiveRun> run(new LiveRun(std::move(session)));
        if (auto started = run->start(stop); !started) return tl::unexpected(started.error());
        return run;
    }
    ~LiveRun() override {
        if (!ended_) abandon();
    }

    gui::SessionInfo info() const override {
        gui::SessionInfo info;
        info.title = session_.title;
        info.source = session_.demo ? gui::Source::Demo : gui::Source::Live;
        info.recording = recording_.path();
        info.recording_since = began_;
        if (info.recording.empty() && flight_) {
            info.recording = flight_->recording();
            info.recording_since = flight_->recording_since();
        }
        info.demo = session_.control;
        info.playhead = flight_ ? flight_->playhead() : nullptr;
        return info;
    }
    engine::SnapshotPtr snapshot() const override {
        const engine::SnapshotPtr past = looked_back_at();
        return past ? past : whole();
    }
    engine::SnapshotPtr whole() const override {
        runtime_->check();
        return runtime_->snapshot();
    }
    void send(engine::Command command) override {
        if (!looked_back_at()) return runtime_->send(std::move(command));
        // What is selected is told by itself, and is about another moment now.
        if (!std::holds_alternative<engine::SetFocus>(command))
            complain("Back to live first: what is shown is not what the server has now");
    }
    void start_recording(bool whole_session) override {
        if (recording_.path().empty())
            flight_->record(whole_session ? LaterRecording::From::Kept : LaterRecording::From::Now);
    }
    void stop_recording() override {
        flight_->stop_recording();
        if (recording_.path().empty()) return;
        if (!flight_->keeps())
            return complain("the recording goes on to the end of the session", "the flight recorder is off");
        flight_->mark([this](const session::FlightRecorder::Mark& mark) {
            recording_failed_ = !recording_.close({mark.state_hash, mark.counters, {}});
        });
    }
    void save_what_is_kept() override { flight_->save(); }
    gui::RecentSettings::Entry recent() const override {
        const auto began = std::chrono::duration_cast<std::chrono::seconds>(began_.time_since_epoch()).count();
        return {session_.demo ? gui::Source::Demo : gui::Source::Live, session_.title,
                session_.place.empty() ? gui::without_secrets(server_) : session_.place, began};
    }

    ExitCode end(SessionEnd how, Summary summary) override {
        ended_ = true;
        const bool time_is_over = how == SessionEnd::TimeOver;
        if (session_.companion) session_.companion->end();
        if (time_is_over) {
            if (session_.companion) session_.companion->settle();
            if (session_.explain.empty()) verify(*runtime_);
        }
        const auto explanation = explained(time_is_over);
        keeper_.reset(); // it must not write after the last state
        take_leave(*runtime_);
        runtime_->stop();
        const engine::SnapshotPtr last = runtime_->snapshot();
        const std::uint64_t hash = runtime_->state_hash();
        if (auto kept = save_state_cache(session_.cache, engine::make_cache(*last)); !kept)
            complain(kept.error().message);
        const session::Ending ending{hash, last->metrics.counters, session::content_digest(*last)};
        const bool recorded = recording_.close(ending) && !recording_failed_ && flight_->finish(ending);

        const std::string problem = session_.companion ? session_.companion->problem() : "";
        if (session_.conclude && lookout_) {
            const ExitCode code = session_.conclude({*last, lookout_->end(last), explanation});
            if (!problem.empty()) complain(problem);
            return recorded && problem.empty() ? code : ExitCode::Failed;
        }
        Report report = make_report(*last, hash);
        if (lookout_) add_incidents(report, lookout_->end(last), *last);
        if (!time_is_over) report.server_equal.reset(); // an earlier comparison says nothing about the end
        std::vector<checks::Outcomes> outcomes;
        if (checks_) outcomes = checks_->conclude();
        if (summary == Summary::Print) show(report, explanation, outcomes);
        const ExitCode expected = keep_outcomes(session_.expect, outcomes, name());
        if (!problem.empty()) complain(problem);
        if (explanation && !explanation->known) complain(session_.explain + " is not known here.");
        if (explanation && !explanation->known) return ExitCode::Failed;
        if (explanation) return explanation->stale ? ExitCode::Different : ExitCode::Ok;
        if (time_is_over && !report.server_equal.value_or(false)) return ExitCode::Different;
        return recorded && problem.empty() ? expected : ExitCode::Failed;
    }

private:
    explicit LiveRun(LiveSession session) : session_(std::move(session)), began_(wall_clock()) {}

    Result<void> start(const std::stop_token& stop) {
        server_ = session_.runtime.connection.base_url;
        if (!session_.record.empty()) {
            if (auto opened = recording_.open(session_.record, server_, session_.deidentify); !opened)
                return tl::unexpected(opened.error());
        }
        runtime::RuntimeOptions options = std::move(session_.runtime);
        options.known = load_state_cache(session_.cache);
        if (!session_.expected.empty()) checks_.emplace(std::move(session_.expected));
        flight_.emplace(session_.deidentify || (session_.view.headless && session_.flight.file.empty())
                            ? FlightChoice{.off = true}
                            : session_.flight,
                        server_);
        options.loop.on_input = [this](const engine::Input& input) {
            recording_.add(input);
            if (checks_) checks_->add(input);
            flight_->add(input);
        };
        options.loop.between = [this](engine::Engine& engine) { flight_->between(engine); };
        options.loop.on_impossible = [this] {
            recording_.cut();
            flight_->save_after_crash();
        };
        if (!session_.view.headless) options.loop.on_snapshot = [] { gui::wake_window(); };
        runtime_.emplace(std::move(options));
        if (auto started = runtime_->start(stop); !started) return tl::unexpected(started.error());
        if (const std::string note = runtime_->note(); !note.empty()) complain(note);
        if (session_.companion) session_.companion->begin(*runtime_);
        begun_ = true;
        keeper_.emplace(session_.cache, [this] { return runtime_->snapshot(); });
        if (!session_.view.headless) flight_->look();
        if (!session_.view.headless) return {};
        lookout_.emplace([this] { return runtime_->snapshot(); },
                         flight_->saves_on_incident() ? [this] { flight_->save(); } : std::function<void()>());
        return {};
    }

    engine::SnapshotPtr looked_back_at() const {
        const Playhead* playhead = flight_ ? flight_->playhead() : nullptr;
        return playhead ? playhead->shown() : nullptr;
    }

    // The server is asked first: only it can tell what is so there.
    std::optional<diagnosis::Explanation> explained(bool time_is_over) {
        if (session_.explain.empty() || !time_is_over) return std::nullopt;
        runtime_->run_until(is_quiet, quiet_timeout);
        runtime_->send(engine::AskServer{session_.explain});
        runtime_->run_until(
            [&](const engine::Snapshot& s) {
                return s.asked.reference == session_.explain && !s.asked.pending && s.queue_size == 0;
            },
            quiet_timeout);
        const engine::SnapshotPtr snapshot = runtime_->snapshot();
        const bool medplum = !lookout_ || lookout_->end(snapshot).facts().medplum();
        return diagnosis::explain(*snapshot, session_.explain,
                                  medplum ? fhir::MatchMode::Medplum : fhir::MatchMode::Spec);
    }

    std::string name() const { return session_.record.empty() ? session_.title : session_.record; }

    void show(const Report& report, const std::optional<diagnosis::Explanation>& explanation,
              const std::vector<checks::Outcomes>& outcomes) const {
        if (session_.view.json)
            set_result(session_.demo ? "demo" : "connect", [&](fhir::JsonWriter& json) {
                write_members(json, report);
                if (explanation) diagnosis::write(json.name("explained"), *explanation);
                if (outcomes.empty()) return;
                json.object("expectations");
                checks::write_members(json, outcomes);
                json.end();
            });
        else if (explanation)
            print(diagnosis::to_text(*explanation));
        else
            print(to_text(report));
        if (!session_.view.json && !outcomes.empty()) print(checks::to_text(outcomes, name()));
    }

    void abandon() {
        if (begun_ && session_.companion) session_.companion->end();
        keeper_.reset();
        lookout_.reset();
        if (begun_) take_leave(*runtime_);
        if (runtime_) runtime_->stop();
        recording_.discard();
    }

    // In this order: what is used comes first.
    LiveSession session_;
    std::string server_;
    LocalTime began_;
    Recording recording_;
    std::optional<LiveChecks> checks_;
    std::atomic<bool> recording_failed_ = false;
    std::optional<LiveFlight> flight_;
    std::optional<runtime::Runtime> runtime_;
    std::optional<StateCacheKeeper> keeper_;
    std::optional<Lookout> lookout_;
    bool begun_ = false, ended_ = false;
};

} // namespace

void take_leave(runtime::Runtime& runtime) {
    runtime.send(engine::Leave{});
    const auto has_left = [](const engine::Snapshot& s) { return s.connection.left; };
    runtime.run_until(has_left, leaving_timeout);
    const std::vector<std::string> ids = runtime.snapshot()->connection.unreleased;
    if (ids.empty()) return;
    std::string names;
    for (std::size_t i = 0; i < std::min<std::size_t>(ids.size(), 5); ++i)
        names += (i ? ", " : "") + ("Subscription/" + ids[i]);
    if (ids.size() > 5) names += " and " + std::to_string(ids.size() - 5) + " more";
    complain(names + (ids.size() == 1 ? " is" : " are") +
             " perhaps left on the server: it did not say within 3 s that they were deleted.");
}

Opened open_live(LiveSession session, const std::stop_token& stop) { return LiveRun::open(std::move(session), stop); }

ExitCode run_live(LiveSession session, StopSignals& signals) {
    const ViewOptions view = session.view;
    const SourceOptions sources = session.sources;
    if (!view.headless) {
        if (auto display = check_display(); !display) return fail_with(display.error());
    }
    set_up_program_log(view.headless);
    const std::shared_ptr<const Companion> companion = session.companion;
    OpenSession* saved = nullptr; // by a request from outside, once there is something
    if (!session.flight.file.empty())
        signals.hear_requests([&saved] {
            if (saved) saved->save_what_is_kept();
        });
    auto opened = signals.hearing([&](const std::stop_token& stop) { return open_live(std::move(session), stop); });
    if (!opened) return fail_with(opened.error());
    if (view.headless) saved = opened->get();
    if (!view.headless) return show_session(std::move(*opened), view, signals, sources);
    bool signalled = false;
    if (view.limit() || !companion)
        signalled = signals.wait(view.limit());
    else
        while (!signalled && !companion->over()) signalled = signals.wait(100ms);
    return (*opened)->end(signalled ? SessionEnd::Closed : SessionEnd::TimeOver, Summary::Print);
}

} // namespace fhirscope::app
