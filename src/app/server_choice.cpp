#include "app/server_choice.hpp"

#include "app/command_line.hpp"

namespace fhirscope::app {

namespace {

// How the token is sent on servers of the standard, which does not say.
void set_bind_frame(engine::DialectConfig& config, const std::string& text) {
    if (text == "space") {
        config.bind_style = engine::BindStyle::TextSpace;
    } else if (text == "colon") {
        config.bind_style = engine::BindStyle::TextColon;
    } else if (text == "json") {
        config.bind_style = engine::BindStyle::MedplumJson;
    } else {
        config.bind_style = engine::BindStyle::Template;
        config.bind_template = text;
    }
}

} // namespace

void add_server_url_option(Subcommand& command, ServerChoice& choice) {
    command
        .option("--server", &choice.flags.base_url,
                "The server, e.g. https://api.medplum.com/ (or from the profile or environment)")
        .type_name("URL");
}

void add_server_options(Subcommand& command, ServerChoice& choice, const std::string& footer) {
    command
        .option("--profile", &choice.flags.profile,
                "Read server and credentials from ~/.medplum/NAME.json, as Medplum's own CLI does")
        .type_name("NAME");
    command.option("--client-id", &choice.flags.client_id, "Client credentials: the id").type_name("ID");
    command
        .option("--client-secret-file", &choice.flags.client_secret_file,
                "Client credentials: a file whose first line is the secret")
        .type_name("FILE");
    command.option("--token-url", &choice.flags.token_url, "Where to log in, if not at oauth2/token of the server")
        .type_name("URL");
    command
        .option("--fhir-path", &choice.flags.fhir_path,
                "Where the FHIR base is below URL, e.g. fhir/R4, or / for URL itself; without it the usual places are "
                "tried")
        .type_name("PATH");
    command.option("--ca-file", &choice.flags.ca_file, "Certificate authorities to trust beside the system's (PEM)")
        .type_name("FILE");
    command.flag("--insecure-http", choice.flags.insecure_http,
                 "Allow credentials to travel unencrypted (http) to another machine");
    command
        .option(
            "--dialect", &choice.dialect,
            "How the server speaks of subscriptions: medplum, backport-r4, r4b, r5, hapi; auto: as its metadata says")
        .one_of({"auto", "medplum", "backport-r4", "r4b", "r5", "hapi"})
        .show_default()
        .type_name("NAME");
    command
        .option("--bind-frame", &choice.bind,
                "How a token is bound in the standard's dialects: space, colon, json, or a text with {token}")
        .check([](const std::string& text) {
            const bool known =
                text == "space" || text == "colon" || text == "json" || text.find("{token}") != std::string::npos;
            return known ? std::string() : "expected space, colon, json, or a text with {token}";
        })
        .show_default()
        .type_name("FORM");
    command.option("--payload", &choice.payload, "What events are to carry in the standard's dialects")
        .one_of({"full-resource", "id-only", "empty"})
        .show_default()
        .type_name("KIND");
    command.footer(
        footer +
        "What is not said here comes from ~/.medplum/<profile>.json, then from the environment: MEDPLUM_BASE_URL,\n"
        "MEDPLUM_CLIENT_ID, MEDPLUM_CLIENT_SECRET, MEDPLUM_CLIENT_ACCESS_TOKEN, MEDPLUM_TOKEN_URL, "
        "MEDPLUM_FHIR_URL_PATH.\n"
        "A secret is never an option's value, because other users of the machine can read command lines.");
}

Result<runtime::RuntimeOptions> runtime_options(const ServerChoice& choice, const runtime::Surroundings& around) {
    auto connection = runtime::configure(choice.flags, around);
    if (!connection) return tl::unexpected(connection.error());
    for (const std::string& note : connection->notes) complain(note);
    runtime::RuntimeOptions options;
    options.connection = std::move(*connection);
    options.probe = true;
    options.dialect = fhir::parse_dialect(choice.dialect);
    set_bind_frame(options.engine.dialect, choice.bind);
    for (const auto payload : {fhir::Payload::Empty, fhir::Payload::IdOnly, fhir::Payload::Full})
        if (choice.payload == fhir::to_string(payload)) options.engine.dialect.content = payload;
    return options;
}

} // namespace fhirscope::app
