#include "app/connect.hpp"

#include "app/live_flight.hpp"
#include "app/panels.hpp"
#include "app/resource_memory.hpp"
#include "app/state_cache.hpp"
#include "fhir/reference.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>

namespace fhirscope::app {

namespace {

// A session with what was chosen; `criteria` stand in for those of the panels where they are given.
Result<LiveSession> make_session(runtime::RuntimeOptions chosen, const ConnectOptions& options,
                                 const std::vector<gui::CriteriaRow>* criteria) {
    auto panels = load_panels(options.record.panels);
    if (!panels) return tl::unexpected(panels.error());
    LiveSession session;
    session.title = gui::without_secrets(chosen.connection.base_url);
    const engine::DialectConfig dialect = chosen.engine.dialect;
    session.runtime = std::move(chosen);
    session.runtime.engine = config_for(std::move(*panels));
    session.runtime.engine.dialect = dialect;
    if (criteria) {
        session.runtime.engine.subscriptions.clear();
        for (const gui::CriteriaRow& row : *criteria) {
            const auto& shown = session.runtime.engine.panels;
            const auto panel = std::find_if(shown.begin(), shown.end(), [&](const engine::PanelDefinition& definition) {
                return definition.type == row.type;
            });
            session.runtime.engine.subscriptions.push_back(
                {panel == shown.end() ? row.criteria : panel->title, row.criteria});
        }
    }
    const MemoryOptions memory = with_settings(options.memory, options.view);
    session.runtime.engine.store.max_resource_bytes = resource_memory(memory);
    if (!options.no_cache) session.cache = state_cache_path(session.runtime.connection, session.runtime.engine);
    session.view = options.view;
    session.record = options.record.record;
    session.flight = options.record.flight;
    session.deidentify = options.record.deidentify;
    session.sources = {options.record.panels, options.server.flags.insecure_http, memory};
    return session;
}

// It is over as soon as the client has caught up, unless a time was given, and after a while in any case.
class UntilLive : public Companion {
public:
    void begin(runtime::Runtime& client) override { client_ = &client; }
    bool over() const override {
        const auto snapshot = client_ ? client_->snapshot() : nullptr;
        const bool late = std::chrono::steady_clock::now() - since_ > std::chrono::seconds(20);
        return late ||
               (snapshot && (snapshot->connection.phase == engine::Phase::Live ||
                             snapshot->connection.phase == engine::Phase::LoginEnded || snapshot->connection.polling));
    }

private:
    runtime::Runtime* client_ = nullptr;
    const std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

ExitCode connect(const ConnectOptions& options) {
    if (!options.explain.empty() && !fhir::is_reference(options.explain)) {
        complain("--explain " + options.explain + ": name a resource as Type/id, such as Task/8d0c41f2.");
        return ExitCode::Usage;
    }
    auto expected = load_expectations(options.expect);
    if (!expected) return unusable(expected.error());
    auto session = connect_session(options);
    if (!session) return fail_with(session.error());
    session->expect = options.expect;
    session->expected = std::move(*expected);
    if (!options.explain.empty()) {
        session->explain = options.explain;
        session->view.headless = true;
        session->companion = std::make_shared<UntilLive>();
    }
    StopSignals signals;
    return run_live(std::move(*session), signals);
}

// The form stands in for the environment, so that its secret goes to its server and to no other. Refers to `wish`.
runtime::Surroundings surroundings_of(const gui::OpenServer& wish) {
    const runtime::Surroundings process = runtime::Surroundings::of_process();
    runtime::Surroundings around = process;
    if (wish.login == gui::Login::Profile) return around;
    around.home.clear(); // a default profile is none of the form's
    around.environment = [&wish, process](const char* name) -> std::optional<std::string> {
        const std::string_view asked = name;
        if (asked == "MEDPLUM_BASE_URL") return wish.url;
        if (asked == "MEDPLUM_TOKEN_URL" || asked == "MEDPLUM_FHIR_URL_PATH") return process.environment(name);
        if (wish.login == gui::Login::None) return std::nullopt;
        if (asked == "MEDPLUM_CLIENT_ID") return wish.client_id;
        if (asked != "MEDPLUM_CLIENT_SECRET") return std::nullopt;
        if (wish.login == gui::Login::Environment) return process.environment(name);
        return wish.secret ? std::optional(*wish.secret) : std::nullopt;
    };
    return around;
}

} // namespace

Result<LiveSession> connect_session(const ConnectOptions& options) {
    auto chosen = runtime_options(options.server);
    if (!chosen) return tl::unexpected(chosen.error());
    return make_session(std::move(*chosen), options, nullptr);
}

Opened open_server(const gui::OpenServer& wish, const SourceOptions& options, const Progress& progress) {
    ConnectOptions connect;
    connect.record.panels = options.panels;
    connect.server.flags.base_url = wish.url;
    connect.server.flags.profile = wish.login == gui::Login::Profile ? wish.profile : "";
    connect.server.flags.insecure_http = options.insecure_http;
    connect.memory = options.memory;
    if (wish.record) {
        auto path = new_recording();
        if (!path) return tl::unexpected(path.error());
        connect.record.record = std::move(*path);
    }
    auto chosen = runtime_options(connect.server, surroundings_of(wish));
    if (!chosen) return tl::unexpected(chosen.error());
    auto session = make_session(std::move(*chosen), connect, &wish.criteria);
    if (!session) return tl::unexpected(session.error());
    return open_live(std::move(*session), progress.stop);
}

void add_connect(CommandLine& program) {
    const auto options = std::make_shared<ConnectOptions>();
    Subcommand command =
        program.command("connect", "Live updates of a real FHIR server (Medplum, the standard's topics, HAPI)",
                        [options] { return connect(*options); });
    command.option("URL", &options->server.flags.base_url,
                   "The server, e.g. https://api.medplum.com/ (or from the profile or environment)");
    add_server_options(command, options->server);
    command.flag("--no-cache", options->no_cache,
                 "Neither show at once what the last session with this server left, nor leave anything");
    command
        .option(
            "--explain", &options->explain,
            "Read this resource and its history on the server, and print its newest version's way from there to the "
            "screen; without a window, and only so long as that takes")
        .type_name("TYPE/ID");
    add_view_options(command, options->view);
    add_record_options(command, options->record);
    add_expect_options(command, options->expect);
    add_memory_options(command, options->memory);
}

} // namespace fhirscope::app
