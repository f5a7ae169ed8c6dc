#pragma once
// A session with a real server as `connect` begins it, for every subcommand that watches one.

#include "app/command_line.hpp"
#include "app/live.hpp"
#include "app/server_choice.hpp"
#include "fhir/result.hpp"

#include <string>

namespace fhirscope::app {

struct ConnectOptions {
    ViewOptions view;
    RecordOptions record;
    ServerChoice server;
    MemoryOptions memory;
    ExpectOptions expect;
    bool no_cache = false;
    std::string explain; // "Task/8d0c…"
};

// Ready to be run (run_live). Says on stderr which settings were left out. Errors: those of runtime_options and of panel
// definitions.
Result<LiveSession> connect_session(const ConnectOptions& options);

} // namespace fhirscope::app
