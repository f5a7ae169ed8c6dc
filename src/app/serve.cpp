#include "app/command_line.hpp"
#include "app/signals.hpp"
#include "runtime/config.hpp"
#include "runtime/transport.hpp"
#include "server/server.hpp"

#include <algorithm>
#include <memory>

namespace fhirscope::app {

namespace {

struct ServeOptions {
    ClinicOptions clinic;
    std::string host = "127.0.0.1", client_id, client_secret, client_secret_file, certificate, key;
    std::uint16_t port = 0;
    std::string dialect = "medplum", behaviour{to_string(server::default_behaviour())};
    std::vector<std::string> cors, policy, faults;
    bool read_only = false;
    double token_lifetime = 3600, binding_lifetime = 3600, subscription_lifetime = 24 * 3600;
    std::uint64_t quota = 0, requests = 0;
    int max_subscriptions = -1; // below 0: as Medplum
    int latency_ms = 0, queue_delay_ms = 0, jitter_ms = 0;
};

std::chrono::milliseconds lifetime(double value) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(value * 1000));
}

server::ServerOptions options_of_server(const ServeOptions& options) {
    server::ServerOptions server;
    server.host = options.host;
    server.port = options.port;
    server.client_id = options.client_id;
    server.client_secret = options.client_secret;
    server.tls_certificate_file = options.certificate;
    server.tls_key_file = options.key;
    server.dialect = fhir::parse_dialect(options.dialect).value_or(fhir::Dialect::Medplum);
    server.behaviour = server::parse_behaviour(options.behaviour).value_or(server.behaviour);
    server.seed = options.clinic.seed;
    server.patients = options.clinic.patients;
    server.tasks = options.clinic.tasks;
    server.rate = options.clinic.rate;
    server.token_lifetime = lifetime(options.token_lifetime);
    server.binding_lifetime = lifetime(options.binding_lifetime);
    server.subscription_lifetime = lifetime(options.subscription_lifetime);
    server.event_delay = std::chrono::milliseconds(options.queue_delay_ms);
    server.jitter = std::chrono::milliseconds(options.jitter_ms);
    server.read_only = options.read_only;
    server.policy = options.policy;
    server.cors_origins = options.cors;
    server.interaction_quota = options.quota;
    server.request_quota = options.requests;
    if (options.max_subscriptions >= 0) server.max_subscriptions = static_cast<std::size_t>(options.max_subscriptions);
    return server;
}

ExitCode serve(const ServeOptions& given) {
    StopSignals signals;
    ServeOptions options = given;
    if (!options.client_secret_file.empty()) {
        std::vector<std::string> notes;
        const auto secret = runtime::read_secret_file(options.client_secret_file, notes);
        if (!secret) return fail_with(secret.error());
        options.client_secret = std::string((*secret)->expose());
        for (const auto& note : notes) complain(note);
    }
    std::vector<server::FaultOrder> faults;
    for (const auto& text : options.faults) {
        auto order = server::parse_fault_order(text);
        if (!order) return fail_with(order.error()), ExitCode::Usage;
        faults.push_back(std::move(*order));
    }
    server::EmbeddedServer server(options_of_server(options));
    if (auto started = server.start(); !started) return fail_with(started.error());
    server.set_delay(std::chrono::milliseconds(options.latency_ms));
    for (const auto& order : faults)
        if (auto caused = server.cause(order); !caused) return fail_with(caused.error());
    if (!runtime::is_loopback(options.host))
        complain("Other machines can reach this server" +
                 std::string(options.certificate.empty()
                                 ? ", and what they send and get, passwords among it, travels unencrypted"
                                 : "") +
                 ". It is made for tests: keep it off networks that you do not trust, or leave out --host.");
    // Everything in it is invented, so its secret protects nothing: whoever wants to connect needs to know it.
    if (options.client_secret.empty()) {
        fhir::Text login;
        login << "MEDPLUM_CLIENT_ID=" << server.client_id() << "\nMEDPLUM_CLIENT_SECRET=" << server.client_secret()
              << "\n";
        print_aside(login);
    }
    print(fhir::Text() << "listening on " << server.base_url() << "\n");
    signals.wait(std::nullopt);
    server.stop();
    return ExitCode::Ok;
}

std::string names_of_server_faults() {
    std::string text;
    for (const auto& fault : server::server_faults()) {
        std::string head = "  " + std::string(fault.name);
        if (!fault.value.empty())
            head += fault.value.starts_with('[') ? "[=" + std::string(fault.value.substr(1))
                                                 : "=" + std::string(fault.value);
        head.resize(std::max<std::size_t>(head.size() + 2, 34), ' ');
        text += head + std::string(fault.about) + "\n";
    }
    return text;
}

void add_login_options(Subcommand& command, ServeOptions& options) {
    command.option("--client-id", &options.client_id, "Made at random when not given, and printed").type_name("ID");
    Option secret =
        command
            .option("--client-secret", &options.client_secret,
                    "Made at random when not given, and printed; other users see it in the list of processes")
            .type_name("TEXT");
    command.option("--client-secret-file", &options.client_secret_file, "A file whose first line is the secret")
        .type_name("FILE")
        .excludes(secret);
    command.option("--token-lifetime", &options.token_lifetime, "Seconds that an access token is good for")
        .range(0.1, 1e8)
        .show_default()
        .type_name("SECONDS");
    command.option("--binding-lifetime", &options.binding_lifetime, "The same of binding tokens")
        .range(0.1, 1e8)
        .show_default()
        .type_name("SECONDS");
    command.option("--subscription-lifetime", &options.subscription_lifetime, "The same of Subscriptions")
        .range(0.1, 1e8)
        .show_default()
        .type_name("SECONDS");
    command
        .option(
            "--policy", &options.policy,
            "What the client may see: a type (Task) or criteria (Patient?gender=female); several times. A type that "
            "is not named is refused, Subscription too. Without it: everything")
        .type_name("ENTRY");
    command.flag("--read-only", options.read_only, "Refuse the client's writes with 403");
}

void add_limit_options(Subcommand& command, ServeOptions& options) {
    command.option("--quota", &options.quota, "FHIR interaction points a minute (Medplum: 50000); 0: no limit")
        .show_default()
        .type_name("POINTS");
    command.option("--requests", &options.requests, "Requests a minute and address (Medplum: 60000); 0: no limit")
        .show_default()
        .type_name("COUNT");
    command
        .option("--max-subscriptions", &options.max_subscriptions,
                "Subscriptions bound at once; 0: no limit (default: 20 as Medplum 5.1, 5.0 has no limit)")
        .range(0, 100'000)
        .type_name("COUNT");
    command.option("--latency", &options.latency_ms, "Milliseconds before each answer")
        .range(0, 600'000)
        .type_name("MS");
    command.option("--queue-delay", &options.queue_delay_ms, "Milliseconds by which every event is late, in order")
        .range(0, 600'000)
        .type_name("MS");
    command.option("--jitter", &options.jitter_ms, "Milliseconds by which an event is late at most, out of order")
        .range(0, 600'000)
        .type_name("MS");
    command
        .option("--fault", &options.faults,
                "Something that goes wrong, see below: NAME[=VALUE][@SECONDS or @FROM-TO], counted from the start; "
                "several times")
        .type_name("FAULT");
}

} // namespace

void add_serve(CommandLine& program) {
    const auto options = std::make_shared<ServeOptions>();
    Subcommand command = program.command("serve", "The demo's FHIR server for other clients, until Ctrl-C",
                                         [options] { return serve(*options); });
    command.option("--host", &options->host, "Numeric address to listen on").show_default();
    command.option("--port", &options->port, "0: any free one").show_default().range(0, 65'535);
    command
        .option(
            "--behave-as", &options->behaviour,
            "Which Medplum it is like: medplum-5.0 or medplum-5.1, which differ in what heartbeats list, what a bind "
            "proves and what ends a login")
        .one_of({std::string(to_string(server::Behaviour::Medplum50)),
                 std::string(to_string(server::Behaviour::Medplum51))})
        .show_default()
        .type_name("NAME");
    command
        .option("--dialect", &options->dialect, "How it speaks of subscriptions: medplum, backport-r4, r4b, r5 or hapi")
        .one_of({"medplum", "backport-r4", "r4b", "r5", "hapi"})
        .show_default()
        .type_name("NAME");
    command
        .option("--cors", &options->cors,
                "An origin whose pages may call it from a browser (http://localhost:3000), or * for any; several times")
        .type_name("ORIGIN");
    add_login_options(command, *options);
    add_limit_options(command, *options);
    Option certificate =
        command.option("--tls-certificate", &options->certificate, "Serve https and wss with this certificate (PEM)");
    Option key = command.option("--tls-key", &options->key, "The certificate's key (PEM)");
    certificate.type_name("FILE").needs(key);
    key.type_name("FILE").needs(certificate);
    add_clinic_options(command, options->clinic);
    command.footer(
        "Prints one line, \"listening on http://127.0.0.1:PORT/\", when it can be reached. All people in it are "
        "invented.\n\nFaults, each also by POST /$NAME?value=VALUE&seconds=SECONDS (undo=1 ends it) from this machine, "
        "with a "
        "login or with HTTP Basic:\n" +
        names_of_server_faults());
}

} // namespace fhirscope::app
