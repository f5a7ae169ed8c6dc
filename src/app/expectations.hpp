#pragma once
// `--expect FILE` of the subcommands that have a session, recorded or live: what is expected of it, and what is made of
// the outcomes.

#include "app/command_line.hpp"
#include "checks/evaluator.hpp"
#include "fhir/result.hpp"

#include <string>
#include <vector>

namespace fhirscope::app {

struct ExpectOptions {
    std::vector<std::string> files;
    std::string junit;   // "": none
    std::string fail_on; // a severity; "": none
    bool keep_runs = false;

    bool any() const { return !files.empty() || !fail_on.empty(); }
};
void add_expect_options(Subcommand& command, ExpectOptions& options);

// Those of the files in their order, and of --fail-on. Errors: those of checks::read_expectations.
Result<std::vector<checks::ExpectFile>> load_expectations(const ExpectOptions& options);

// Says it, and gives the exit code.
ExitCode unusable(const Error& error);

// All inputs of a session file. Says on stderr what is not whole about it. Errors: those of session::Reader.
Result<void> feed_file(const std::string& path, const MemoryOptions& memory, checks::Evaluator& evaluator);

// Writes what was asked for beside the result: JUnit, and a line for this run beside each file of expectations.
// `source` names the session. Ok, Different where not all passed, Failed where something could not be written.
ExitCode keep_outcomes(const ExpectOptions& options, const std::vector<checks::Outcomes>& all,
                       const std::string& source);

} // namespace fhirscope::app
