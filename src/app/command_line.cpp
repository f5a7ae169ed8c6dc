#include "app/command_line.hpp"

#include "app/uncaught.hpp"
#include "fhir/assert.hpp"
#include "gui/model/settings/settings_parts.hpp"

#include <algorithm>
#include <string_view>

namespace fhirscope::app {

namespace {

// In the order of the help text.
constexpr void (*subcommands[])(CommandLine&) = {add_start,    add_demo,   add_connect, add_replay,     add_edit,
                                                 add_info,     add_log,    add_frames,  add_show,       add_conflicts,
                                                 add_diagnose, add_check,  add_expect,  add_deidentify, add_export,
                                                 add_cut,      add_report, add_serve,   add_import,     add_simulate};

// Before the line is read, so that one that cannot be read is answered in JSON, too.
bool wants_json(int argc, char** argv) {
    const auto end = std::find(argv, argv + argc, std::string_view("--"));
    return std::find(argv, end, std::string_view("--json")) != end;
}

} // namespace

int main(int argc, char** argv) {
    end_in_words();
    CommandLine program(
        "fhirscope",
        "Shows the real-time update flow between a FHIR server and an application: live, recorded or simulated.");
    program.version("fhirscope " + version());
    program.footer(
        "Without a command the window opens at its start page. Try first: fhirscope demo. Each command has its own "
        "--help.\n"
        "Exit codes: 0 fine, 1 could not start, 2 wrong usage, 3 not in sync, not equal, or a conflict or incident is "
        "open.");
    for (const auto add : subcommands) add(program);
    if (wants_json(argc, argv)) expect_json();
    try {
        return static_cast<int>(finish_output(program.main(argc, argv, start)));
    } catch (const Impossible& bug) {
        complain("the session was ended by a bug of the program",
                 bug.what() + std::string(". A recording of it is closed and replays up to here: please report it."));
        return static_cast<int>(finish_output(ExitCode::Failed));
    }
}

std::string version() { return FHIRSCOPE_VERSION; }

void add_window_options(Subcommand& command, ViewOptions& options) {
    command
        .option("--seconds", &options.seconds, "End after so many seconds, having compared the stores with the server")
        .type_name("N")
        .range(0.1, 1e6);
    command.option("--screenshot", &options.screenshot, "Save the window as it is at the end").type_name("FILE.png");
    command
        .option("--text", &options.text,
                "Keep what the window shows in this file as text with its places, for programs that read it")
        .type_name("FILE");
    std::vector<std::string> views;
    for (const auto& [name, view] : gui::view_names) views.emplace_back(name);
    command.option("--view", &options.view, "Shown first; otherwise what was shown last").one_of(views);
    Option light = command.flag(
        "--light", [&options] { options.theme = "light"; }, "Light colors");
    command
        .flag(
            "--dark", [&options] { options.theme = "dark"; }, "Dark colors")
        .excludes(light);
    command.option("--scale", &options.scale, "Size of all that is in the window, in percent of the monitor's")
        .type_name("PERCENT")
        .range(gui::least_scale, gui::most_scale);
    Option settings = command.option("--settings", &options.settings,
                                     "Keep layout, filters and recent ones in this file rather than in "
                                     "~/.config/fhirscope/settings.json");
    settings.type_name("FILE");
    command
        .flag("--no-settings", options.no_settings,
              "Neither read settings nor keep them; so it is with --screenshot, unless --settings is given")
        .excludes(settings);
}

void add_view_options(Subcommand& command, ViewOptions& options) {
    Option headless = command.flag("--headless", options.headless, "Without a window");
    add_window_options(command, options);
    for (const char* shown : {"--screenshot", "--text"}) command.get(shown).excludes(headless);
    command.flag("--json", options.json, "Print the summary as one JSON object, last");
}

void add_record_options(Subcommand& command, RecordOptions& options) {
    command
        .option("--record", &options.record, "Record the session (without tokens and secrets) for `fhirscope replay`")
        .type_name("FILE.fhirscope");
    FlightChoice& flight = options.flight;
    Option off = command.flag("--no-flight-recorder", flight.off,
                              "Keep nothing of the session in memory: it cannot be looked back at, nor recorded later");
    Option file = command.option("--flight-recorder", &flight.file,
                                 "On SIGUSR1 write what is kept of the session to this file, which replays as one that "
                                 "was\nrecorded; again to NAME-2, NAME-3, …");
    file.type_name("FILE.fhirscope").excludes(off);
    command
        .option("--flight-recorder-on", &flight.on,
                "Write it as well when the first incident is found (without a window), or when the program itself "
                "fails")
        .one_of({"incident", "crash"})
        .needs(file);
    command.option("--flight-minutes", &flight.minutes, "So much of a session is kept")
        .type_name("MINUTES")
        .show_default()
        .range(0.05, 1e5)
        .excludes(off);
    command.option("--flight-memory", &flight.bytes, "In so many bytes at most (default: 256M)")
        .type_name("SIZE")
        .size(std::uint64_t{1} << 20, std::uint64_t{1} << 40)
        .excludes(off);
    command
        .flag("--deidentify", options.deidentify,
              "Record without the people in it: invented names, ids and texts (docs/deidentify.md)")
        .needs(command.get("--record"));
    add_panel_options(command, options.panels);
}

void add_panel_options(Subcommand& command, PanelSources& panels) {
    command
        .option(
            "--panels", &panels.folder,
            "Folder with panel definitions (*.json) beside the built-in ones and those in ~/.config/fhirscope/panels;\n"
            "a definition for the same resource type takes the place of an earlier one")
        .type_name("DIR");
    command.flag(
        "--no-built-in-panels", [&panels] { panels.built_in = false; },
        "Leave out the built-in panels: only what the others show is subscribed to");
}

void add_memory_options(Subcommand& command, MemoryOptions& options) {
    command
        .option(
            "--resource-memory", &options.resource_bytes,
            "What the resources shown may take, at least 16M (default: as in the settings, at first 1G). Beyond it\n"
            "those that were not looked at for longest keep type, id, version and time alone, and are read again\n"
            "when they are wanted")
        .type_name("SIZE")
        .size(std::uint64_t{16} << 20, std::uint64_t{1} << 40);
}

void add_clinic_options(Subcommand& command, ClinicOptions& options) {
    command.option("--seed", &options.seed, "The same seed gives the same people and the same work").show_default();
    command.option("--patients", &options.patients, "Synthetic patients").show_default().range(0, 1'000'000);
    command.option("--tasks", &options.tasks, "Tasks at the start").show_default().range(0, 1'000'000);
    command.option("--rate", &options.rate, "Changes a second that the clinic makes")
        .show_default()
        .range(0.0, 100'000.0);
}

} // namespace fhirscope::app
