#include "app/command_line.hpp"
#include "app/live.hpp"
#include "app/panels.hpp"
#include "app/state_cache.hpp"
#include "runtime/config.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace fhirscope::app {

namespace {

struct ConnectOptions {
    ViewOptions view;
    RecordOptions record;
    runtime::ConnectionFlags flags;
    bool no_cache = false;
};

ExitCode connect(const ConnectOptions& options) {
    StopSignals signals;
    auto connection = runtime::configure(options.flags);
    if (!connection) return fail_with(connection.error());
    for (const std::string& note : connection->notes) complain(note);
    auto panels = load_panels(options.record.panels_folder);
    if (!panels) return fail_with(panels.error());

    LiveSession session;
    session.title = connection->base_url;
    session.connection = std::move(*connection);
    session.engine = config_for(std::move(*panels));
    if (!options.no_cache) session.cache = state_cache_path(session.connection, session.engine);
    session.view = options.view;
    session.record = options.record.record;
    return run_live(std::move(session), signals);
}

} // namespace

void add_connect(CLI::App& program, Run& run) {
    auto* command = program.add_subcommand("connect", "Live updates of a real FHIR server (Medplum first)");
    const auto options = std::make_shared<ConnectOptions>();
    command->add_option("URL", options->flags.base_url,
                        "The server, e.g. https://api.medplum.com/ (or from the profile or environment)");
    command
        ->add_option("--profile", options->flags.profile,
                     "Read server and credentials from ~/.medplum/NAME.json, as Medplum's own CLI does")
        ->type_name("NAME");
    command->add_option("--client-id", options->flags.client_id, "Client credentials: the id")->type_name("ID");
    command
        ->add_option("--client-secret-file", options->flags.client_secret_file,
                     "Client credentials: a file whose first line is the secret")
        ->type_name("FILE");
    command
        ->add_option("--token-url", options->flags.token_url, "Where to log in, if not at oauth2/token of the server")
        ->type_name("URL");
    command
        ->add_option("--ca-file", options->flags.ca_file, "Certificate authorities to trust beside the system's (PEM)")
        ->type_name("FILE");
    command->add_flag("--no-cache", options->no_cache,
                      "Neither show at once what the last session with this server left, nor leave anything");
    add_view_options(*command, options->view);
    add_record_options(*command, options->record);
    command->footer(
        "What is not said here comes from ~/.medplum/<profile>.json, then from the environment: MEDPLUM_BASE_URL,\n"
        "MEDPLUM_CLIENT_ID, MEDPLUM_CLIENT_SECRET, MEDPLUM_CLIENT_ACCESS_TOKEN, MEDPLUM_TOKEN_URL, "
        "MEDPLUM_FHIR_URL_PATH.\n"
        "A secret is never an option's value, because other users of the machine can read command lines.");
    command->callback([&run, options] { run = [options] { return connect(*options); }; });
}

} // namespace fhirscope::app
