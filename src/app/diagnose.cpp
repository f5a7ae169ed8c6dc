// The incidents of a recorded session or of a running server, and why a resource is as it is shown.

#include "app/connect.hpp"
#include "app/incident_report.hpp"
#include "app/look_into.hpp"
#include "app/recording_file.hpp"
#include "diagnosis/diagnosis.hpp"
#include "diagnosis/report.hpp"
#include "diagnosis/report_parts.hpp"
#include "fhir/reference.hpp"
#include "query/lookup.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace fhirscope::app {

namespace {

constexpr double watched_by_default = 60; // seconds: as long as it takes until a deaf subscription is checked

struct DiagnoseOptions {
    ConnectOptions connect; // of a server; the memory, of a file, too
    std::string source, at; // file or URL; --at
    std::string reference;  // --explain
    std::string fail_on;    // a severity; "": see fail_on_open
    bool all = false, fail_on_open = false;

    bool json() const { return connect.view.json; }
    bool of_server() const { return source.empty() || source.starts_with("http://") || source.starts_with("https://"); }
};

// Prints what was found, and says in the exit code whether it is what must not be.
ExitCode conclude(const DiagnoseOptions& options, const engine::Snapshot& last, const diagnosis::Diagnosis& diagnosis,
                  const std::optional<diagnosis::Explanation>& explanation) {
    const MetIncidents met = met_incidents(diagnosis.incidents(), last.at);
    if (options.json()) {
        set_result(
            "diagnose",
            [&](fhir::JsonWriter& json) {
                json.member("at", diagnosis::instant_text(last.at));
                write_incidents(json, met);
                write_comparison(json, last.verify);
                json.member("untold_left_out", last.untold_left_out);
                write_checks(json, last.connection.checks_last_minute, last.connection.check_budget);
                if (explanation) diagnosis::write(json.name("explained"), *explanation);
            });
    } else if (explanation) {
        print(diagnosis::to_text(*explanation));
    } else {
        const auto name_of = [&](std::string_view reference) { return query::person_of(last, reference); };
        print(incidents_text(met, options.all ? OverIncidents::InFull : OverIncidents::InLines, name_of)
              << "\n"
              << (last.connection.observing ? captured_text(last) : compared_text(last.verify)));
    }
    if (explanation && !explanation->known)
        return fail_with(
            {ErrorCode::NotHeld,
             options.reference + (options.of_server() ? " is not known here." : " is not in " + options.source + ".")});
    const auto severity = severity_named(options.fail_on);
    if (!severity && !options.fail_on_open) return ExitCode::Ok;
    const bool wrong = explanation
                           ? explanation->stale
                           : std::any_of(met.all.begin(), met.all.end(), [&](const diagnosis::IncidentPtr& incident) {
                                 return (!incident->settled() || !options.fail_on_open) &&
                                        incident->severity >= severity.value_or(diagnosis::Severity::Attention);
                             });
    return wrong ? ExitCode::Different : ExitCode::Ok;
}

ExitCode diagnose_file(const DiagnoseOptions& options) {
    const auto file = RecordingFile::open(options.source);
    if (!file) return fail_with(file.error());
    const auto looked = look_into(file->path(), {.memory = options.connect.memory, .at = options.at});
    if (!looked) return fail_looking(looked.error());
    const auto mode = looked->diagnosis.facts().medplum() ? fhir::MatchMode::Medplum : fhir::MatchMode::Spec;
    return conclude(options, *looked->last, looked->diagnosis,
                    options.reference.empty()
                        ? std::nullopt
                        : std::optional(diagnosis::explain(*looked->last, options.reference, mode)));
}

ExitCode diagnose_server(const DiagnoseOptions& options) {
    ConnectOptions connect = options.connect;
    connect.view.headless = true;
    connect.server.flags.base_url = options.source;
    connect.no_cache = true; // what an earlier session left would have to be confirmed first
    connect.explain = options.reference;
    auto session = connect_session(connect);
    if (!session && session.error().code == ErrorCode::NoServer) // a file may have been meant
        return fail_with({ErrorCode::NoServer,
                          "No session file is named, and no server. Name a file or give the "
                          "server's address (https://…), a --profile, or MEDPLUM_BASE_URL."});
    if (!session) return fail_with(session.error());
    session->explain = options.reference;
    session->conclude = [&options](const Concluded& end) {
        return conclude(options, end.last, end.diagnosis, end.explanation);
    };
    StopSignals signals;
    return run_live(std::move(*session), signals);
}

ExitCode diagnose(const DiagnoseOptions& options) {
    if (!options.reference.empty() && !fhir::is_reference(options.reference)) {
        complain("--explain " + options.reference + ": name a resource as Type/id, such as Task/8d0c41f2.");
        return ExitCode::Usage;
    }
    return options.of_server() ? diagnose_server(options) : diagnose_file(options);
}

} // namespace

void add_diagnose(CommandLine& program) {
    const auto options = std::make_shared<DiagnoseOptions>();
    options->connect.view.seconds = watched_by_default;
    Subcommand command = program.command("diagnose",
                                         "What was wrong in a recorded session, or is with a running server: "
                                         "incidents, each with its cause and evidence",
                                         [options] { return diagnose(*options); });
    command
        .option("SOURCE", &options->source,
                "Session file (.fhirscope), or the URL of a server (or that from the profile or environment)")
        .type_name("FILE|URL");
    add_at_option(command, options->at);
    Option seconds = command.option("--seconds", &options->connect.view.seconds, "Watch a server for so long");
    seconds.type_name("N").range(0.1, 1e6).show_default();
    command
        .option("--explain", &options->reference,
                "The way of this resource's newest version, from the server to the screen")
        .type_name("TYPE/ID");
    command.flag("--all", options->all, "Incidents that are over in full, too, and not in a line each");
    command.flag("--json", options->connect.view.json, "One JSON object: all incidents in full, and what is explained");
    command
        .option("--fail-on", &options->fail_on,
                "Exit with 3 where the session met an incident of at least this severity, those that are over "
                "included (with --fail-on-open: of those that go on at the end)")
        .one_of({"info", "attention", "error"})
        .type_name("SEVERITY");
    command.flag("--fail-on-open", options->fail_on_open,
                 "Exit with 3 where an incident that wants attention goes on at the end (with --fail-on: one of that "
                 "severity)");
    add_memory_options(command, options->connect.memory);
    add_record_options(command, options->connect.record);
    command.get("--record").excludes(command.get("--at"));
    add_server_options(command, options->connect.server,
                       "With either of --fail-on and --fail-on-open, --explain exits with 3 where the resource is "
                       "stale.\nExit codes: 0 done, 1 the file cannot be read, the server cannot be reached, or the "
                       "resource is not\nknown, 2 wrong usage, 3 as said above. The incidents: docs/diagnosis.md.\n\n");
    command.check([options, seconds, command]() mutable {
        const bool server = options->of_server();
        if (server && !options->at.empty()) return std::string("--at is for a recording, and not for a server");
        if (server) return std::string();
        for (const char* name : {"--seconds", "--record", "--panels", "--no-built-in-panels", "--profile",
                                 "--client-id", "--client-secret-file", "--token-url", "--dialect"})
            if (command.get(name).given()) return std::string(name) + " is for a server, and not for a recording";
        return std::string();
    });
}

} // namespace fhirscope::app
