#include "app/command_line.hpp"
#include "app/open_session.hpp"
#include "app/panels.hpp"
#include "app/playhead.hpp"
#include "app/replay_file.hpp"
#include "app/report.hpp"
#include "app/resource_memory.hpp"
#include "app/signals.hpp"
#include "app/window.hpp"
#include "gui/window/window.hpp"
#include "session/import.hpp"
#include "session/kept_inputs.hpp"
#include "session/recorded_inputs.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>

namespace fhirscope::app {

namespace {

using namespace std::chrono_literals;

struct ReplayOptions {
    ViewOptions view;
    MemoryOptions memory;
    std::string file;
};

constexpr auto opens_at_end = 1s; // what takes longer is shown from its beginning while it is read

ExitCode show(const Report& report, bool json) {
    if (json)
        set_result("replay", [&](fhir::JsonWriter& out) { write_members(out, report); });
    else
        print(to_text(report));
    return report.equal.value_or(report.not_compared.empty()) ? ExitCode::Ok : ExitCode::Different;
}

// Any moment of it can be shown. Nothing can be asked of it: it is over.
class RecordedSession final : public OpenSession {
public:
    RecordedSession(std::string path, Playhead::Options options, std::optional<std::uint64_t> recorded_hash, bool json)
        : path_(std::move(path)), recorded_hash_(recorded_hash), json_(json), playhead_(std::move(options)) {}

    // Errors: why nothing of it can be shown.
    Result<void> wait_a_moment(const std::stop_token& stop) {
        const auto enough = std::chrono::steady_clock::now() + opens_at_end;
        while (!playhead_.wait_for_end(20ms)) {
            if (stop.stop_requested()) return fail(ErrorCode::Cancelled, path_ + " was not read to its end.");
            if (playhead_.whole() && std::chrono::steady_clock::now() > enough) return {};
        }
        const auto reached = playhead_.whole();
        if (const auto status = playhead_.status(); !status.problem.empty() && (!reached || reached->inputs == 0))
            return fail(ErrorCode::Damaged, status.problem);
        return {};
    }

    gui::SessionInfo info() const override {
        gui::SessionInfo info;
        info.title = path_.substr(path_.rfind('/') + 1);
        info.source = gui::Source::Replay;
        info.playhead = &playhead_;
        return info;
    }
    engine::SnapshotPtr snapshot() const override { return playhead_.shown(); }
    engine::SnapshotPtr whole() const override { return playhead_.whole(); }
    void send(engine::Command) override {}
    gui::RecentSettings::Entry recent() const override {
        std::error_code none;
        const auto path = std::filesystem::absolute(path_, none);
        const auto began = std::chrono::duration_cast<std::chrono::seconds>(whole()->at.time_since_epoch()).count();
        return {gui::Source::Replay, info().title, none ? path_ : path.string(), std::max<std::int64_t>(began, 0)};
    }
    ExitCode end(SessionEnd, Summary summary) override {
        const bool is_read = playhead_.wait_for_end(0ms);
        const gui::PlayheadStatus status = playhead_.status();
        Report report = make_report(*whole(), playhead_.end_hash());
        report.recorded_hash = recorded_hash_;
        report.equal = status.as_recorded;
        report.not_compared = is_read ? status.not_compared : "it was closed before all of it was read";
        if (summary == Summary::Print) return show(report, json_);
        return ExitCode::Ok;
    }

private:
    std::string path_;
    std::optional<std::uint64_t> recorded_hash_;
    bool json_;
    mutable Playhead playhead_;
};

Opened open_session(std::string path, Playhead::Options options, std::optional<std::uint64_t> recorded_hash, bool json,
                    const std::stop_token& stop) {
    options.notes = path + ".notes";
    options.changed = [] { gui::wake_window(); };
    auto session = std::make_unique<RecordedSession>(std::move(path), std::move(options), recorded_hash, json);
    if (auto shown = session->wait_a_moment(stop); !shown) return tl::unexpected(shown.error());
    return session;
}

Opened open_file(const std::string& path, const MemoryOptions& memory, bool json, Progress& progress) {
    std::stop_source given_up; // of the opening alone: the reader goes on for as long as the session is open
    const std::stop_callback bridge(progress.stop, [&] { given_up.request_stop(); });
    auto reader = open_reader(path, memory, given_up.get_token());
    if (!reader) return tl::unexpected(reader.error());
    const std::optional<std::uint64_t> recorded = session::recorded_state(reader->summary());
    auto inputs = std::make_shared<session::RecordedInputs>(std::move(*reader));
    Playhead::Options options;
    options.inputs = inputs;
    options.judge = [inputs = inputs.get()](std::uint64_t hash, const engine::Snapshot& last) {
        complain_of(inputs->reader());
        const auto compared = session::compare_with_recorded(inputs->reader(), hash, session::content_digest(last));
        return Playhead::Judged{compared.equal, lowered_text(inputs->reader())};
    };
    return open_session(path, std::move(options), recorded, json, progress.stop);
}

// Another client's traffic, as `import` reads it, without a file between.
Opened open_transcript(const std::string& path, const SourceOptions& options, Progress& progress) {
    auto panels = load_panels(options.panels);
    if (!panels) return tl::unexpected(panels.error());
    session::ImportOptions reading;
    reading.panels = std::move(*panels);
    reading.resource_bytes = resource_memory(options.memory);
    reading.go_on = [&](std::uint64_t bytes) {
        progress.done = bytes;
        return !progress.stop.stop_requested();
    };
    std::error_code none;
    const auto size = std::filesystem::file_size(path, none);
    progress.of = none ? 0 : size;
    engine::Engine engine;
    auto inputs = std::make_shared<session::KeptInputs>();
    const auto imported =
        session::import_transcript(path, reading, engine, [&](const engine::Input& input) { inputs->add(input); });
    if (!imported) return tl::unexpected(imported.error());
    Playhead::Options playing;
    playing.inputs = std::move(inputs);
    return open_session(path, std::move(playing), std::nullopt, false, progress.stop);
}

ExitCode replay(const ReplayOptions& options) {
    StopSignals signals;
    if (!options.view.headless) {
        if (auto display = check_display(); !display) return fail_with(display.error());
    }
    const MemoryOptions memory = with_settings(options.memory, options.view);
    Progress progress;
    if (options.view.headless) {
        const auto replayed = signals.hearing([&](const std::stop_token& stop) {
            progress.stop = stop;
            return replay_file(options.file, memory, &progress);
        });
        if (!replayed) return fail_with(replayed.error());
        Report report = make_report(*replayed->snapshot, replayed->end.hash);
        report.recorded_hash = replayed->recorded_hash;
        report.equal = replayed->end.equal;
        report.not_compared = replayed->not_compared;
        return show(report, options.view.json);
    }
    auto opened = signals.hearing([&](const std::stop_token& stop) {
        progress.stop = stop;
        return open_file(options.file, memory, options.view.json, progress);
    });
    if (!opened) return fail_with(opened.error());
    return show_session(std::move(*opened), options.view, signals, SourceOptions{{}, false, memory});
}

} // namespace

Opened open_recording(const gui::OpenRecording& wish, const SourceOptions& options, Progress& progress) {
    if (wish.path.ends_with(".jsonl")) return open_transcript(wish.path, options, progress);
    return open_file(wish.path, options.memory, false, progress);
}

void add_replay(CommandLine& program) {
    const auto options = std::make_shared<ReplayOptions>();
    Subcommand command =
        program.command("replay", "A recorded session again: reaches the recorded state, or says that it does not",
                        [options] { return replay(*options); });
    command.option("FILE", &options->file, "Session file (.fhirscope)").required();
    add_view_options(command, options->view);
    add_memory_options(command, options->memory);
    command.footer("Exit code 0 when the state reached is the recorded one, 3 when it is not or cannot be compared.");
}

} // namespace fhirscope::app
