#pragma once
// What every subcommand shares. A subcommand is one file with one function, listed in command_line.cpp.

#include "fhir/result.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace fhirscope::app {

enum class ExitCode : int {
    Ok = 0,
    Failed = 1,    // could not start, or could not go on
    Usage = 2,     // the command line is wrong
    Different = 3, // the stores are not the server's, the replay is not the recording, or a conflict or finding is open
};

// Set by the subcommand that the command line names; run when the whole line was read.
using Run = std::function<ExitCode()>;

void add_demo(CLI::App& program, Run& run);
void add_connect(CLI::App& program, Run& run);
void add_replay(CLI::App& program, Run& run);
void add_serve(CLI::App& program, Run& run);
void add_import(CLI::App& program, Run& run);
void add_simulate(CLI::App& program, Run& run);
void add_edit(CLI::App& program, Run& run);
void add_conflicts(CLI::App& program, Run& run);
void add_diagnose(CLI::App& program, Run& run);
void add_start(CLI::App& program, Run& run);
// What `fhirscope` does without a subcommand: the window at its start page.
ExitCode start();
void add_log(CLI::App& program, Run& run);

// The whole program.
int main(int argc, char** argv);

// "fhirscope: …" on stderr, and a notice in the window where there is one. Any thread.
void complain(const std::string& message);
// What was complained about since the last call; at most the last hundred.
std::vector<std::string> take_complaints();
ExitCode fail_with(const Error& error);

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
void add_view_options(CLI::App& command, ViewOptions& options);
// Those of a window that is there in any case.
void add_window_options(CLI::App& command, ViewOptions& options);

struct RecordOptions {
    std::string record;        // session file; "": none
    std::string panels_folder; // beside the built-in and the user's own
};
void add_record_options(CLI::App& command, RecordOptions& options);

struct ClinicOptions {
    std::uint64_t seed = 1;
    std::size_t patients = 60, tasks = 240;
    double rate = 4;
};
void add_clinic_options(CLI::App& command, ClinicOptions& options);

} // namespace fhirscope::app
