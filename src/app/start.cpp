#include "app/command_line.hpp"
#include "app/resource_memory.hpp"
#include "app/window.hpp"

#include <memory>
#include <utility>

namespace fhirscope::app {

namespace {

struct StartOptions {
    ViewOptions view;
    SourceOptions sources;
};

ExitCode run_start(const StartOptions& options) {
    StopSignals signals;
    if (!check_display()) {
        // What other commands can do without one, this one cannot.
        complain(
            "there is no display for the window (DISPLAY is not set). Without one: fhirscope demo --headless --seconds "
            "20, and what fhirscope --help lists; or on a virtual one: xvfb-run -s '-screen 0 1440x900x24' fhirscope");
        return ExitCode::Failed;
    }
    set_up_program_log(false);
    SourceOptions sources = options.sources;
    sources.memory = with_settings(std::move(sources.memory), options.view);
    return show_session(nullptr, options.view, signals, sources);
}

} // namespace

ExitCode start() { return run_start({}); }

void add_start(CommandLine& program) {
    const auto options = std::make_shared<StartOptions>();
    Subcommand command = program.command(
        "start", "The window at its start page, as without a command: a demo, a server, a recording, or a recent one",
        [options] { return run_start(*options); });
    add_window_options(command, options->view);
    add_panel_options(command, options->sources.panels);
    add_memory_options(command, options->sources.memory);
    command.flag("--insecure-http", options->sources.insecure_http,
                 "Allow credentials to travel unencrypted (http) to another machine");
}

} // namespace fhirscope::app
