#include "app/command_line.hpp"
#include "app/demo_director.hpp"
#include "app/live.hpp"
#include "app/outages.hpp"
#include "app/panels.hpp"
#include "app/resource_memory.hpp"
#include "app/scenario.hpp"
#include "gui/window/window.hpp"
#include "server/fault_proxy.hpp"
#include "server/server.hpp"

#include <algorithm>
#include <memory>

namespace fhirscope::app {

namespace {

struct DemoOptions {
    ViewOptions view;
    RecordOptions record;
    ClinicOptions clinic;
    MemoryOptions memory;
    ExpectOptions expect;
    double outage_every = 0; // seconds; 0: never
    std::string scenario;    // name or path; "": none
    double speed = 1;        // of the scenario
    std::string title = "Cardiology follow-up";
};

std::chrono::milliseconds shortened(double seconds, double speed) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(std::max(1.0, seconds / speed) * 1000));
}

// The built-in scenarios and the one that was asked for, by that name. One that cannot be used is said and left out.
std::map<std::string, Scenario> load_scenarios(std::string& wanted) {
    std::map<std::string, Scenario> scenarios;
    std::vector<std::string> names = scenario_names();
    if (!wanted.empty() && std::find(names.begin(), names.end(), wanted) == names.end()) names.push_back(wanted);
    for (const std::string& name : names) {
        if (auto loaded = load_scenario(name)) {
            scenarios.emplace(name, std::move(*loaded));
            continue;
        } else if (name == wanted) {
            complain("the scenario was left out, and the demo goes on without it", loaded.error().message);
            wanted.clear();
        } else {
            complain("a scenario was left out", loaded.error().message);
        }
    }
    return scenarios;
}

// The invented clinic, its server, and the network between the two. That can break, so the client reaches the server by
// way of it only.
class DemoWorld : public Companion {
public:
    Result<void> start(const DemoOptions& wish, DemoDirector::Options director_options) {
        if (auto started = network.start(); !started) return tl::unexpected(started.error());
        server::ServerOptions options;
        options.public_url = network.base_url();
        options.seed = wish.clinic.seed;
        options.patients = wish.clinic.patients;
        options.tasks = wish.clinic.tasks;
        options.rate = wish.clinic.rate;
        server.emplace(std::move(options));
        if (auto started = server->start(); !started) return tl::unexpected(started.error());
        network.set_target(server->port());
        outages.emplace(network, std::chrono::milliseconds(static_cast<std::int64_t>(wish.outage_every * 1000)));
        plays_ = !director_options.first.empty();
        director.emplace(*server, network, std::move(director_options));
        return {};
    }

    void begin(runtime::Runtime& client) override { director->begin(client); }
    void end() override { director->end(); }
    void settle() override {
        outages->stop();
        server->set_rate(0);
    }
    bool over() const override { return plays_ && director->over(); }
    std::string problem() const override { return director->problem(); }

    server::FaultProxy network;
    std::optional<server::EmbeddedServer> server;
    std::optional<Outages> outages;
    std::optional<DemoDirector> director;

private:
    bool plays_ = false; // a scenario, from the beginning
};

Result<LiveSession> make_demo(const DemoOptions& options) {
    auto panels = load_panels(options.record.panels);
    if (!panels) return tl::unexpected(panels.error());
    DemoDirector::Options director_options;
    director_options.first = options.scenario;
    director_options.scenarios = load_scenarios(director_options.first);
    director_options.speed = options.speed;
    director_options.changed = [] { gui::wake_window(); };
    if (options.view.headless)
        director_options.say = [](const std::string& text) { print(fhir::Text() << "caption     " << text << "\n"); };
    const auto world = std::make_shared<DemoWorld>();
    if (auto started = world->start(options, std::move(director_options)); !started)
        return tl::unexpected(started.error());

    LiveSession session;
    session.companion = world;
    session.runtime.connection.base_url = world->server->base_url();
    session.runtime.connection.token_url = world->server->base_url() + "oauth2/token";
    session.runtime.connection.client_id = world->server->client_id();
    session.runtime.connection.client_secret = runtime::make_secret(world->server->client_secret());
    session.runtime.engine = config_for(std::move(*panels));
    session.runtime.engine.seed = options.clinic.seed;
    // An audience does not wait a minute for what a check finds.
    session.runtime.engine.check_period = shortened(20, options.speed);
    session.runtime.engine.check_budget *= static_cast<std::uint32_t>(std::max(1.0, options.speed));
    session.runtime.engine.missed_grace = shortened(5, options.speed);
    session.runtime.engine.backoff_max = shortened(30, options.speed);
    session.view = options.view;
    session.record = options.record.record;
    session.flight = options.record.flight;
    session.deidentify = options.record.deidentify;
    const MemoryOptions memory = with_settings(options.memory, options.view);
    session.runtime.engine.store.max_resource_bytes = resource_memory(memory);
    session.sources = {options.record.panels, false, memory};
    session.title = options.title;
    session.place = std::to_string(options.clinic.seed);
    session.demo = true;
    session.control = &*world->director;
    return session;
}

ExitCode demo(const DemoOptions& options) {
    auto expected = load_expectations(options.expect);
    if (!expected) return unusable(expected.error());
    StopSignals signals;
    auto session = make_demo(options);
    if (!session) return fail_with(session.error());
    session->expect = options.expect;
    session->expected = std::move(*expected);
    return run_live(std::move(*session), signals);
}

// What the start page offers: the subcommand's options by another name.
struct ReadyDemo {
    const char *name, *title, *detail;
    double rate, outage_every;
    const char* scenario;
};
constexpr ReadyDemo ready_demos[] = {
    {"clinic", "Cardiology follow-up", "4 updates/s, everything goes well", 4, 0, ""},
    {"busy", "Busy clinic", "100 updates/s", 100, 0, ""},
    {"flaky", "Flaky network", "drops every 30 s, recovery closes the gap", 8, 30, ""},
    {"tour", "Tour", "everything that can go wrong, told in 3 minutes", 4, 0, "tour"},
    {"conflicts", "Two editors", "every kind of conflict once within 20 s", 4, 0, "conflicts"},
};

} // namespace

std::vector<gui::DemoChoice> demo_choices() {
    std::vector<gui::DemoChoice> choices;
    for (const ReadyDemo& demo : ready_demos) choices.push_back({demo.name, demo.title, demo.detail});
    return choices;
}

Opened open_demo(const gui::OpenDemo& wish, const SourceOptions& options) {
    for (const ReadyDemo& ready : ready_demos) {
        if (ready.name != wish.name) continue;
        DemoOptions demo;
        demo.record.panels = options.panels;
        demo.memory = options.memory;
        demo.clinic.seed = wish.seed;
        demo.clinic.rate = ready.rate;
        demo.outage_every = ready.outage_every;
        demo.scenario = ready.scenario;
        demo.title = ready.title;
        auto session = make_demo(demo);
        if (!session) return tl::unexpected(session.error());
        return open_live(std::move(*session));
    }
    return fail(ErrorCode::NotFound, "there is no demo \"" + wish.name + "\"");
}

void add_demo(CommandLine& program) {
    const auto options = std::make_shared<DemoOptions>();
    Subcommand command = program.command(
        "demo",
        "Live updates of an invented clinic, served by a FHIR server inside the program; nothing else is needed",
        [options] { return demo(*options); });
    add_view_options(command, options->view);
    add_record_options(command, options->record);
    add_expect_options(command, options->expect);
    add_clinic_options(command, options->clinic);
    add_memory_options(command, options->memory);
    command
        .option("--outage-every", &options->outage_every,
                "Break every connection each N seconds, and refuse new ones for a moment (at most 3 s)")
        .type_name("SECONDS")
        .range(0.5, 1e6);
    command
        .option("--scenario", &options->scenario,
                "Play a script beside the clinic's work: \"tour\" shows everything in 3 minutes, with captions; "
                "\"conflicts\" makes every kind of conflict once within 20 s; or a path. Without a window and "
                "--seconds, the demo ends with it")
        .type_name("NAME");
    command.option("--speed", &options->speed, "How many times faster the scenario is played")
        .show_default()
        .range(0.1, 100.0);
}

} // namespace fhirscope::app
