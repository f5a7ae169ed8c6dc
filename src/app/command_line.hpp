#pragma once
// What every subcommand shares. A subcommand is one file with one function, listed in command_line.cpp.

#include "app/options.hpp"
#include "app/output.hpp"
#include "engine/store.hpp"
#include "fhir/result.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace fhirscope::app {

void add_demo(CommandLine& program);
void add_connect(CommandLine& program);
void add_replay(CommandLine& program);
void add_serve(CommandLine& program);
void add_import(CommandLine& program);
void add_simulate(CommandLine& program);
void add_edit(CommandLine& program);
void add_conflicts(CommandLine& program);
void add_diagnose(CommandLine& program);
void add_check(CommandLine& program);
void add_expect(CommandLine& program);
void add_start(CommandLine& program);
// What `fhirscope` does without a subcommand: the window at its start page.
ExitCode start();
void add_log(CommandLine& program);
void add_info(CommandLine& program);
void add_show(CommandLine& program);
void add_frames(CommandLine& program);
void add_deidentify(CommandLine& program);
void add_export(CommandLine& program);
void add_cut(CommandLine& program);
void add_report(CommandLine& program);

// The whole program.
int main(int argc, char** argv);

std::string version();

// --- options that several subcommands have

struct ViewOptions {
    bool headless = false;
    bool json = false;
    double seconds = 0; // 0: until closed
    std::string screenshot;
    std::string text;     // file that has what the window shows
    std::string view;     // shown first; "": the last one
    std::string theme;    // "dark", "light"; "": the last one
    int scale = 0;        // percent of the monitor's; 0: the last one
    std::string settings; // file; "": the user's own
    bool no_settings = false;

    std::optional<std::chrono::milliseconds> limit() const {
        if (seconds <= 0) return std::nullopt;
        return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
    }
};
void add_view_options(Subcommand& command, ViewOptions& options);
// Those of a window that is there in any case.
void add_window_options(Subcommand& command, ViewOptions& options);

struct PanelSources {
    std::string folder;   // beside the built-in and the user's own; "": none
    bool built_in = true; // else those are left out
};
void add_panel_options(Subcommand& command, PanelSources& panels);

// What a session keeps of itself beside a recording.
struct FlightChoice {
    bool off = false;
    std::string file{}; // written to when it is asked for by SIGUSR1; "": nowhere
    std::string on{};   // "incident", "crash": then, too
    double minutes = 15;
    std::uint64_t bytes = 256u << 20;
};
struct RecordOptions {
    std::string record;      // session file; "": none
    bool deidentify = false; // the people are left out of it
    FlightChoice flight;
    PanelSources panels;
};
void add_record_options(Subcommand& command, RecordOptions& options);

struct MemoryOptions {
    std::uint64_t resource_bytes = 0;              // 0: as the settings say (resource_memory.hpp)
    std::optional<std::filesystem::path> settings; // where they lie, "": nowhere; none: where the user's own are
};
void add_memory_options(Subcommand& command, MemoryOptions& options);

struct ClinicOptions {
    std::uint64_t seed = 1;
    std::size_t patients = 60, tasks = 240;
    double rate = 4;
};
void add_clinic_options(Subcommand& command, ClinicOptions& options);

} // namespace fhirscope::app
