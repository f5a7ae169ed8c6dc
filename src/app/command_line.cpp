#include "app/command_line.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <iostream>

namespace fhirscope::app {

namespace {

// In the order of the help text.
constexpr void (*subcommands[])(CLI::App&, Run&) = {add_demo,     add_connect, add_replay, add_edit,    add_conflicts,
                                                    add_diagnose, add_serve,   add_import, add_simulate};

} // namespace

int main(int argc, char** argv) {
    CLI::App program(
        "Shows the real-time update flow between a FHIR server and an application: live, recorded or simulated.",
        "fhirscope");
    program.set_version_flag("--version", "fhirscope " + version());
    program.require_subcommand(0, 1);
    program.footer(
        "Try first: fhirscope demo. Each command has its own --help.\n"
        "Exit codes: 0 fine, 1 could not start, 2 wrong usage, 3 not in sync, not equal, or a conflict or finding is "
        "open.");
    Run run;
    for (const auto add : subcommands) add(program, run);

    try {
        program.parse(argc, argv);
    } catch (const CLI::Success& help) { // --help, --version
        return program.exit(help);
    } catch (const CLI::ParseError& error) {
        program.exit(error);
        return static_cast<int>(ExitCode::Usage);
    }
    if (!run) {
        std::cout << program.help();
        return static_cast<int>(ExitCode::Ok);
    }
    return static_cast<int>(run());
}

void complain(const std::string& message) { std::cerr << "fhirscope: " << message << std::endl; }

ExitCode fail_with(const Error& error) {
    complain(error.message);
    return ExitCode::Failed;
}

std::string version() { return FHIRSCOPE_VERSION; }

void add_view_options(CLI::App& command, ViewOptions& options) {
    auto* headless = command.add_flag("--headless", options.headless, "Without a window");
    command
        .add_option("--seconds", options.seconds,
                    "End after so many seconds, having compared the stores with the server")
        ->type_name("N")
        ->check(CLI::Range(0.1, 1e6));
    command.add_flag("--json", options.json, "Print the summary as one JSON object, last");
    command.add_option("--screenshot", options.screenshot, "Save the window as it is at the end")
        ->type_name("FILE.png")
        ->excludes(headless);
    command.add_option("--view", options.view, "Shown first")
        ->capture_default_str()
        ->check(CLI::IsMember({"panels", "log", "latency", "conflicts", "connections", "diagnosis", "profiler"}));
    command.add_flag("--light", options.light, "Light colours");
}

void add_record_options(CLI::App& command, RecordOptions& options) {
    command
        .add_option("--record", options.record,
                    "Record the session (without tokens and secrets) for `fhirscope replay`")
        ->type_name("FILE.fhirscope");
    command
        .add_option(
            "--panels", options.panels_folder,
            "Folder with panel definitions (*.json) beside the built-in ones and those in ~/.config/fhirscope/panels;\n"
            "a definition for the same resource type takes the place of an earlier one")
        ->type_name("DIR");
}

void add_clinic_options(CLI::App& command, ClinicOptions& options) {
    command.add_option("--seed", options.seed, "The same seed gives the same people and the same work")
        ->capture_default_str();
    command.add_option("--patients", options.patients, "Synthetic patients")
        ->capture_default_str()
        ->check(CLI::Range(0, 1'000'000));
    command.add_option("--tasks", options.tasks, "Tasks at the start")
        ->capture_default_str()
        ->check(CLI::Range(0, 1'000'000));
    command.add_option("--rate", options.rate, "Changes a second that the clinic makes")
        ->capture_default_str()
        ->check(CLI::Range(0.0, 100'000.0));
}

} // namespace fhirscope::app
