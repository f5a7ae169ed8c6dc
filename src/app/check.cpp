// A recorded session against what is expected of it.

#include "app/expectations.hpp"
#include "checks/evaluator.hpp"
#include "checks/report.hpp"

#include <memory>
#include <utility>

namespace fhirscope::app {

namespace {

struct CheckOptions {
    MemoryOptions memory;
    ExpectOptions expect;
    std::string file;
    bool json = false;
};

ExitCode check(const CheckOptions& options) {
    auto expected = load_expectations(options.expect);
    if (!expected) return unusable(expected.error());
    checks::Evaluator evaluator(std::move(*expected));
    if (auto fed = feed_file(options.file, options.memory, evaluator); !fed) return fail_with(fed.error());
    const auto outcomes = evaluator.conclude();
    if (options.json)
        set_result("check", [&](fhir::JsonWriter& json) { checks::write_members(json, outcomes); });
    else
        print(checks::to_text(outcomes, options.file));
    return keep_outcomes(options.expect, outcomes, options.file);
}

} // namespace

void add_check(CommandLine& program) {
    const auto options = std::make_shared<CheckOptions>();
    Subcommand command = program.command(
        "check",
        "A recorded session against what is expected of it: what failed, when, and the incident that explains it",
        [options] { return check(*options); });
    command.option("FILE", &options->file, "Session file (.fhirscope)").required();
    add_expect_options(command, options->expect);
    command.flag("--json", options->json, "One JSON object: every expectation with its outcome");
    add_memory_options(command, options->memory);
    command.footer(
        "Exit codes: 0 all passed, 1 the session cannot be read, 2 wrong usage or expectations that cannot be "
        "used, 3 one failed\nor could not be decided. The expectations: docs/expectations.md.");
    command.check([options] {
        return options->expect.any() ? std::string()
                                     : std::string("name what is expected: --expect FILE.expect.json, or --fail-on");
    });
}

} // namespace fhirscope::app
