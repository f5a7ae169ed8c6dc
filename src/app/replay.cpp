#include "app/command_line.hpp"
#include "app/open_session.hpp"
#include "app/panels.hpp"
#include "app/replay_file.hpp"
#include "app/report.hpp"
#include "app/resource_memory.hpp"
#include "app/signals.hpp"
#include "app/window.hpp"
#include "session/import.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>

namespace fhirscope::app {

namespace {

struct ReplayOptions {
    ViewOptions view;
    MemoryOptions memory;
    std::string file;
};

// The state that a file leads to. Nothing can be asked of it: it is over.
class RecordedSession final : public OpenSession {
public:
    RecordedSession(std::string path, engine::SnapshotPtr snapshot, bool json)
        : path_(std::move(path)), snapshot_(std::move(snapshot)), json_(json) {}

    gui::SessionInfo info() const override {
        gui::SessionInfo info;
        info.title = path_.substr(path_.rfind('/') + 1);
        info.source = gui::Source::Replay;
        return info;
    }
    engine::SnapshotPtr snapshot() const override { return snapshot_; }
    void send(engine::Command) override {}
    gui::RecentSettings::Entry recent() const override {
        std::error_code none;
        const auto path = std::filesystem::absolute(path_, none);
        const auto began = std::chrono::duration_cast<std::chrono::seconds>(snapshot_->at.time_since_epoch()).count();
        return {gui::Source::Replay, info().title, none ? path_ : path.string(), std::max<std::int64_t>(began, 0)};
    }
    ExitCode end(SessionEnd, Summary summary) override {
        if (summary == Summary::Print && json_)
            set_result("replay", [&](fhir::JsonWriter& json) { write_members(json, report_); });
        if (summary == Summary::Print && !json_) print(to_text(report_));
        return report_.equal.value_or(report_.not_compared.empty()) ? ExitCode::Ok : ExitCode::Different;
    }
    Report& report() { return report_; }

private:
    std::string path_;
    engine::SnapshotPtr snapshot_;
    bool json_;
    Report report_;
};

Opened open_file(const std::string& path, const MemoryOptions& memory, bool json, Progress& progress) {
    const auto replayed = replay_file(path, memory, &progress);
    if (!replayed) return tl::unexpected(replayed.error());
    auto session = std::make_unique<RecordedSession>(path, replayed->snapshot, json);
    session->report() = make_report(*replayed->snapshot, replayed->end.hash);
    session->report().recorded_hash = replayed->recorded_hash;
    session->report().equal = replayed->end.equal;
    session->report().not_compared = replayed->not_compared;
    return session;
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
    const auto imported = session::import_transcript(path, reading, engine, [](const engine::Input&) {});
    if (!imported) return tl::unexpected(imported.error());
    auto session = std::make_unique<RecordedSession>(path, engine.publish(), false);
    session->report() = make_report(*session->snapshot(), imported->state_hash);
    return session;
}

ExitCode replay(const ReplayOptions& options) {
    StopSignals signals;
    if (!options.view.headless) {
        if (auto display = check_display(); !display) return fail_with(display.error());
    }
    const MemoryOptions memory = with_settings(options.memory, options.view);
    Progress progress;
    auto opened = signals.hearing([&](const std::stop_token& stop) {
        progress.stop = stop;
        return open_file(options.file, memory, options.view.json, progress);
    });
    if (!opened) return fail_with(opened.error());
    if (options.view.headless) return (*opened)->end(SessionEnd::Closed, Summary::Print);
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
