#include "app/command_line.hpp"
#include "app/live.hpp"
#include "app/panels.hpp"
#include "sim/server.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace fhirscope::app {

namespace {

struct DemoOptions {
    ViewOptions view;
    RecordOptions record;
    ClinicOptions clinic;
};

ExitCode demo(const DemoOptions& options) {
    StopSignals signals;
    auto panels = load_panels(options.record.panels_folder);
    if (!panels) return fail_with(panels.error());

    sim::ServerOptions server_options;
    server_options.seed = options.clinic.seed;
    server_options.patients = options.clinic.patients;
    server_options.tasks = options.clinic.tasks;
    server_options.rate = options.clinic.rate;
    sim::EmbeddedServer server(std::move(server_options));
    if (auto started = server.start(); !started) return fail_with(started.error());

    LiveSession session;
    session.connection.base_url = server.base_url();
    session.connection.token_url = server.base_url() + "oauth2/token";
    session.connection.client_id = server.client_id();
    session.connection.client_secret = runtime::make_secret(server.client_secret());
    session.engine = config_for(std::move(*panels));
    session.engine.seed = options.clinic.seed;
    session.view = options.view;
    session.record = options.record.record;
    session.title = "Cardiology follow-up";
    session.demo = true;
    session.settle = [&] { server.set_rate(0); };
    return run_live(std::move(session), signals);
}

} // namespace

void add_demo(CLI::App& program, Run& run) {
    auto* command = program.add_subcommand(
        "demo",
        "Live updates of an invented clinic, served by a FHIR server inside the program; nothing else is needed");
    const auto options = std::make_shared<DemoOptions>();
    add_view_options(*command, options->view);
    add_record_options(*command, options->record);
    add_clinic_options(*command, options->clinic);
    command->callback([&run, options] { run = [options] { return demo(*options); }; });
}

} // namespace fhirscope::app
