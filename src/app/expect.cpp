// Expectations to begin with: proposed from a run that went well, and the schema of their files.

#include "app/expectations.hpp"
#include "app/panels.hpp"
#include "checks/propose.hpp"
#include "files/regular_file.hpp"
#include "query/export.hpp"

#include <cstdio>
#include <memory>

namespace fhirscope::app {

namespace {

struct ProposeOptions {
    MemoryOptions memory;
    std::string what, file, output;
};

Result<void> put(const std::string& output, const std::string& text) {
    if (output.empty()) {
        if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return {};
        return fail(ErrorCode::Write, "the text could not be written to the standard output.");
    }
    auto file = query::PrivateFile::create(output, query::PrivateFile::Existing::Refuse);
    if (!file) return tl::unexpected(file.error());
    if (auto written = file->write(text); !written) return written;
    return file->commit();
}

Result<std::string> proposed(const ProposeOptions& options) {
    checks::Evaluator evaluator({checks::probes()});
    if (auto fed = feed_file(options.file, options.memory, evaluator); !fed) return tl::unexpected(fed.error());
    const auto outcomes = evaluator.conclude();
    const auto proposal = checks::proposal(outcomes.front(), evaluator.diagnosis(), options.file);
    fhir::Text aside;
    if (proposal.left_out > 0) aside << proposal.left_out << " that did not hold in this run are left out\n";
    if (proposal.unmeasured > 0) aside << proposal.unmeasured << " that this run has nothing for are left out\n";
    if (!aside.empty()) print_aside(aside);
    return proposal.json;
}

ExitCode expect(const ProposeOptions& options) {
    const auto text = options.what == "schema"
                          ? files::read_whole(assets_folder() / "expect.schema.json", checks::largest_file)
                          : proposed(options);
    if (!text) return fail_with(text.error());
    if (auto written = put(options.output, *text); !written) return fail_with(written.error());
    return ExitCode::Ok;
}

} // namespace

void add_expect(CommandLine& program) {
    const auto options = std::make_shared<ProposeOptions>();
    Subcommand command = program.command(
        "expect",
        "Expectations to begin with: init proposes some from a run that went well, schema prints what a file may hold",
        [options] { return expect(*options); });
    command.option("WHAT", &options->what, "init or schema").required().one_of({"init", "schema"});
    command.option("FILE", &options->file, "Session file (.fhirscope) of a run that went well, for init");
    command.option("-o,--output", &options->output, "Into this new file instead of stdout").type_name("FILE");
    add_memory_options(command, options->memory);
    command.check([options] {
        if (options->what == "init" && options->file.empty()) return std::string("init needs a session file");
        if (options->what == "schema" && !options->file.empty()) return std::string("schema takes no session file");
        return std::string();
    });
}

} // namespace fhirscope::app
