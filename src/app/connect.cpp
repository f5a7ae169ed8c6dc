#include "app/command_line.hpp"
#include "app/live.hpp"
#include "app/panels.hpp"
#include "app/server_choice.hpp"
#include "app/state_cache.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace fhirscope::app {

namespace {

struct ConnectOptions {
    ViewOptions view;
    RecordOptions record;
    ServerChoice server;
    bool no_cache = false;
};

ExitCode connect(const ConnectOptions& options) {
    StopSignals signals;
    auto chosen = runtime_options(options.server);
    if (!chosen) return fail_with(chosen.error());
    auto panels = load_panels(options.record.panels_folder);
    if (!panels) return fail_with(panels.error());

    LiveSession session;
    session.title = chosen->connection.base_url;
    session.connection = std::move(chosen->connection);
    session.engine = config_for(std::move(*panels));
    session.engine.dialect = chosen->engine.dialect;
    session.probe = chosen->probe;
    session.dialect = chosen->dialect;
    if (!options.no_cache) session.cache = state_cache_path(session.connection, session.engine);
    session.view = options.view;
    session.record = options.record.record;
    return run_live(std::move(session), signals);
}

} // namespace

void add_connect(CLI::App& program, Run& run) {
    auto* command =
        program.add_subcommand("connect", "Live updates of a real FHIR server (Medplum, the standard's topics, HAPI)");
    const auto options = std::make_shared<ConnectOptions>();
    command->add_option("URL", options->server.flags.base_url,
                        "The server, e.g. https://api.medplum.com/ (or from the profile or environment)");
    add_server_options(*command, options->server);
    command->add_flag("--no-cache", options->no_cache,
                      "Neither show at once what the last session with this server left, nor leave anything");
    add_view_options(*command, options->view);
    add_record_options(*command, options->record);
    command->callback([&run, options] { run = [options] { return connect(*options); }; });
}

} // namespace fhirscope::app
