#include "app/command_line.hpp"
#include "app/live.hpp"
#include "app/outages.hpp"
#include "app/panels.hpp"
#include "app/scenario_runner.hpp"
#include "sim/fault_proxy.hpp"
#include "sim/server.hpp"

#include <CLI/CLI.hpp>

#include <memory>
#include <optional>

namespace fhirscope::app {

namespace {

struct DemoOptions {
    ViewOptions view;
    RecordOptions record;
    ClinicOptions clinic;
    double outage_every = 0; // seconds; 0: never
    std::string scenario;    // name or path; "": none
};

ExitCode demo(const DemoOptions& options) {
    StopSignals signals;
    auto panels = load_panels(options.record.panels_folder);
    if (!panels) return fail_with(panels.error());
    Scenario scenario;
    if (!options.scenario.empty()) {
        auto loaded = load_scenario(options.scenario);
        if (!loaded) return fail_with(loaded.error());
        scenario = std::move(*loaded);
    }

    // The network between the two can break, so the client reaches the server by way of it only.
    sim::FaultProxy network;
    if (auto started = network.start(); !started) return fail_with(started.error());
    sim::ServerOptions server_options;
    server_options.public_url = network.base_url();
    server_options.seed = options.clinic.seed;
    server_options.patients = options.clinic.patients;
    server_options.tasks = options.clinic.tasks;
    server_options.rate = options.clinic.rate;
    sim::EmbeddedServer server(std::move(server_options));
    if (auto started = server.start(); !started) return fail_with(started.error());
    network.set_target(server.port());
    if (auto set_up = set_up_scenario(scenario, server); !set_up) return fail_with(set_up.error());

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
    Outages outages(network, std::chrono::milliseconds(static_cast<std::int64_t>(options.outage_every * 1000)));
    session.settle = [&] {
        outages.stop();
        server.set_rate(0);
    };
    std::optional<ScenarioRunner> runner;
    if (!scenario.steps.empty()) {
        session.begun = [&](runtime::Runtime& client) { runner.emplace(std::move(scenario), server, client); };
        session.ending = [&] { runner->stop(); };
    }
    const ExitCode code = run_live(std::move(session), signals);
    if (!runner || runner->problem().empty()) return code;
    complain(runner->problem());
    return code == ExitCode::Ok ? ExitCode::Failed : code;
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
    command
        ->add_option("--outage-every", options->outage_every,
                     "Break every connection each N seconds, and refuse new ones for a moment (at most 3 s)")
        ->type_name("SECONDS")
        ->check(CLI::Range(0.5, 1e6));
    command
        ->add_option("--scenario", options->scenario,
                     "Play a script beside the clinic's work: \"conflicts\" makes every kind of conflict once within "
                     "20 s; or a path")
        ->type_name("NAME");
    command->callback([&run, options] { run = [options] { return demo(*options); }; });
}

} // namespace fhirscope::app
