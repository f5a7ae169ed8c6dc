#include "app/command_line.hpp"
#include "app/demo_director.hpp"
#include "app/live.hpp"
#include "app/outages.hpp"
#include "app/panels.hpp"
#include "app/scenario.hpp"
#include "gui/window.hpp"
#include "sim/fault_proxy.hpp"
#include "sim/server.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <memory>

namespace fhirscope::app {

namespace {

struct DemoOptions {
    ViewOptions view;
    RecordOptions record;
    ClinicOptions clinic;
    double outage_every = 0; // seconds; 0: never
    std::string scenario;    // name or path; "": none
    double speed = 1;        // of the scenario
};

std::chrono::milliseconds shortened(double seconds, double speed) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(std::max(1.0, seconds / speed) * 1000));
}

// The built-in scenarios and the one that was asked for, by that name. One that cannot be used is said and left out.
std::map<std::string, Scenario> load_scenarios(std::string& wanted, std::string& notice) {
    std::map<std::string, Scenario> scenarios;
    std::vector<std::string> names = scenario_names();
    if (!wanted.empty() && std::find(names.begin(), names.end(), wanted) == names.end()) names.push_back(wanted);
    for (const std::string& name : names) {
        if (auto loaded = load_scenario(name)) {
            scenarios.emplace(name, std::move(*loaded));
            continue;
        } else if (name == wanted) {
            notice = "the scenario was left out, and the demo goes on without it: " + loaded.error().message;
            wanted.clear();
        } else {
            notice = "a scenario was left out: " + loaded.error().message;
        }
        complain(notice);
    }
    return scenarios;
}

ExitCode demo(const DemoOptions& options) {
    StopSignals signals;
    auto panels = load_panels(options.record.panels_folder);
    if (!panels) return fail_with(panels.error());
    DemoDirector::Options director_options;
    std::string notice;
    director_options.first = options.scenario;
    director_options.scenarios = load_scenarios(director_options.first, notice);
    director_options.speed = options.speed;
    director_options.changed = [] { gui::wake_window(); };
    if (options.view.headless)
        director_options.say = [](const std::string& text) { std::cout << "caption     " << text << std::endl; };
    const bool plays = !director_options.first.empty();

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

    LiveSession session;
    session.connection.base_url = server.base_url();
    session.connection.token_url = server.base_url() + "oauth2/token";
    session.connection.client_id = server.client_id();
    session.connection.client_secret = runtime::make_secret(server.client_secret());
    session.engine = config_for(std::move(*panels));
    session.engine.seed = options.clinic.seed;
    // An audience does not wait a minute for what a check finds.
    session.engine.check_period = shortened(20, options.speed);
    session.engine.missed_grace = shortened(5, options.speed);
    session.view = options.view;
    session.record = options.record.record;
    session.title = "Cardiology follow-up";
    session.demo = true;
    Outages outages(network, std::chrono::milliseconds(static_cast<std::int64_t>(options.outage_every * 1000)));
    DemoDirector director(server, network, std::move(director_options));
    session.control = &director;
    session.notice = std::move(notice);
    session.settle = [&] {
        outages.stop();
        server.set_rate(0);
    };
    session.begun = [&](runtime::Runtime& client) { director.begin(client); };
    session.ending = [&] { director.end(); };
    if (plays) session.over = [&] { return director.over(); };
    const ExitCode code = run_live(std::move(session), signals);
    if (director.problem().empty()) return code;
    complain(director.problem());
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
                     "Play a script beside the clinic's work: \"tour\" shows everything in 3 minutes, with captions; "
                     "\"conflicts\" makes every kind of conflict once within 20 s; or a path. Without a window and "
                     "--seconds, the demo ends with it")
        ->type_name("NAME");
    command->add_option("--speed", options->speed, "How many times faster the scenario is played")
        ->capture_default_str()
        ->check(CLI::Range(0.1, 100.0));
    command->callback([&run, options] { run = [options] { return demo(*options); }; });
}

} // namespace fhirscope::app
