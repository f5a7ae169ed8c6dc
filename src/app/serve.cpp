#include "app/command_line.hpp"
#include "app/signals.hpp"
#include "sim/server.hpp"

#include <memory>

namespace fhirscope::app {

namespace {

struct ServeOptions {
    ClinicOptions clinic;
    std::string host = "127.0.0.1", client_id, client_secret, certificate, key;
    std::uint16_t port = 0;
    std::string dialect = "medplum";
};

ExitCode serve(const ServeOptions& options) {
    StopSignals signals;
    sim::EmbeddedServer server({.host = options.host,
                                .port = options.port,
                                .client_id = options.client_id,
                                .client_secret = options.client_secret,
                                .tls_certificate_file = options.certificate,
                                .tls_key_file = options.key,
                                .dialect = fhir::parse_dialect(options.dialect).value_or(fhir::Dialect::Medplum),
                                .seed = options.clinic.seed,
                                .patients = options.clinic.patients,
                                .tasks = options.clinic.tasks,
                                .rate = options.clinic.rate});
    if (auto started = server.start(); !started) return fail_with(started.error());
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

} // namespace

void add_serve(CommandLine& program) {
    const auto options = std::make_shared<ServeOptions>();
    Subcommand command = program.command("serve", "The demo's FHIR server for other clients, until Ctrl-C",
                                         [options] { return serve(*options); });
    command.option("--host", &options->host, "Numeric address to listen on").show_default();
    command.option("--port", &options->port, "0: any free one").show_default().range(0, 65'535);
    command.option("--client-id", &options->client_id, "Made at random when not given, and printed").type_name("ID");
    command.option("--client-secret", &options->client_secret, "Made at random when not given, and printed")
        .type_name("TEXT");
    command
        .option("--dialect", &options->dialect, "How it speaks of subscriptions: medplum, backport-r4, r4b, r5 or hapi")
        .one_of({"medplum", "backport-r4", "r4b", "r5", "hapi"})
        .show_default()
        .type_name("NAME");
    Option certificate =
        command.option("--tls-certificate", &options->certificate, "Serve https and wss with this certificate (PEM)");
    Option key = command.option("--tls-key", &options->key, "The certificate's key (PEM)");
    certificate.type_name("FILE").needs(key);
    key.type_name("FILE").needs(certificate);
    add_clinic_options(command, options->clinic);
    command.footer(
        "Prints one line, \"listening on http://127.0.0.1:PORT/\", when it can be reached. All people in it are "
        "invented.");
}

} // namespace fhirscope::app
