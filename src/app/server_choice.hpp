#pragma once
// Which server, as whom, and how it speaks: the options that every subcommand with a real server has.

#include "app/options.hpp"
#include "fhir/result.hpp"
#include "runtime/runtime.hpp"

#include <string>

namespace fhirscope::app {

struct ServerChoice {
    runtime::ConnectionFlags flags;
    std::string dialect = "auto", bind = "space", payload = "full-resource";
};

// All but the server's URL, which is a positional for `connect` and --server for others; and the footer that says where
// else settings come from, behind `footer`.
void add_server_options(Subcommand& command, ServerChoice& choice, const std::string& footer = {});
void add_server_url_option(Subcommand& command, ServerChoice& choice);

// A runtime's connection, dialect and probe; the rest is the caller's. Says on stderr which settings were left out.
// Errors: those of runtime::configure.
Result<runtime::RuntimeOptions> runtime_options(
    const ServerChoice& choice, const runtime::Surroundings& around = runtime::Surroundings::of_process());

} // namespace fhirscope::app
