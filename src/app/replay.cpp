#include "app/command_line.hpp"
#include "app/replay_file.hpp"
#include "app/report.hpp"
#include "app/signals.hpp"
#include "app/window.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

namespace fhirscope::app {

namespace {

struct ReplayOptions {
    ViewOptions view;
    std::string file;
};

ExitCode replay(const ReplayOptions& options) {
    StopSignals signals;
    if (!options.view.headless) {
        if (auto display = check_display(); !display) return fail_with(display.error());
    }
    const auto replayed = replay_file(options.file);
    if (!replayed) return fail_with(replayed.error());
    const engine::SnapshotPtr snapshot = replayed->snapshot;

    if (!options.view.headless) {
        gui::SessionInfo info;
        info.title = options.file.substr(options.file.rfind('/') + 1);
        info.source = gui::Source::replay;
        const auto nothing_to_ask = [](const engine::Command&) {}; // it is over
        if (auto shown = show_window(
                options.view, info, [&] { return snapshot; }, nothing_to_ask, signals);
            !shown) {
            return fail_with(shown.error());
        }
    }
    Report report = make_report(*snapshot, replayed->end.hash);
    report.recorded_hash = replayed->recorded_hash;
    report.equal = replayed->end.equal;
    std::cout << (options.view.json ? to_json(report) + "\n" : to_text(report)) << std::flush;
    return replayed->end.equal.value_or(true) ? ExitCode::Ok : ExitCode::Different;
}

} // namespace

void add_replay(CLI::App& program, Run& run) {
    auto* command = program.add_subcommand(
        "replay", "A recorded session again: reaches the recorded state, or says that it does not");
    const auto options = std::make_shared<ReplayOptions>();
    command->add_option("FILE", options->file, "Session file (.fhirscope)")->required();
    add_view_options(*command, options->view);
    command->footer("Exit code 0 when the state reached is the recorded one, 3 when it is not.");
    command->callback([&run, options] { run = [options] { return replay(*options); }; });
}

} // namespace fhirscope::app
