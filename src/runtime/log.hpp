#pragma once
// The program's own log (spdlog's default logger): what it did and what failed, for the person who runs it. Never
// patient data, never a token: resources are named by type only, and messages are redacted before they get here. What
// others say in a message comes out harmless (fhir/harmless.hpp), and each message as one line.

#include <filesystem>
#include <string>

namespace fhirscope::runtime {

struct LogOptions {
    std::filesystem::path directory; // "" is $XDG_STATE_HOME/fhirscope, or ~/.local/state/fhirscope
    bool headless = false;           // warnings and errors go to stderr as well
    bool verbose = false;            // debug messages too
};

struct LogPlace {
    std::filesystem::path file; // "" where none could be opened; then stderr has the log
    std::string problem;        // why not
};

// The file is readable by its owner alone, and bounded: at 4 MB it is set aside, once.
LogPlace set_up_log(const LogOptions& options);

} // namespace fhirscope::runtime
