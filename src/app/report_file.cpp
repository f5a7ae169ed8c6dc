// A recording as one page for a ticket: summary, timeline, incidents, state and changes, conflicts.

#include "app/command_line.hpp"
#include "app/deidentifying.hpp"
#include "app/look_into.hpp"
#include "app/page.hpp"
#include "app/recording_file.hpp"
#include "query/export.hpp"

#include <filesystem>
#include <memory>
#include <optional>

namespace fhirscope::app {

namespace {

struct ReportFileOptions {
    MemoryOptions memory;
    std::string file, output, at;
    bool deidentify = false, shift_time = false;
};

Result<std::string> page_of(const std::string& path, const std::string& name, const ReportFileOptions& options) {
    PageFacts facts;
    facts.name = name;
    LookOptions look{.memory = options.memory, .at = options.at};
    look.on_snapshot = [&](const engine::SnapshotPtr& snapshot) { facts.take(*snapshot); };
    auto looked = look_into(path, look);
    if (!looked) return tl::unexpected(looked.error());
    facts.looked = std::move(*looked);
    return make_page(facts);
}

ExitCode report_file(const ReportFileOptions& options) {
    const auto file = RecordingFile::open(options.file);
    if (!file) return fail_with(file.error());
    std::string path = file->path(), name = std::filesystem::path(file->name()).filename().string();
    std::optional<RecordingFile> without_people;
    if (options.deidentify) {
        auto fresh = RecordingFile::fresh();
        if (!fresh) return fail_with(fresh.error());
        without_people.emplace(std::move(*fresh));
        path = without_people->path();
        name = "A recording"; // a file's name may name somebody
        if (auto made = deidentify_file(file->path(), path, options.memory, options.shift_time); !made)
            return fail_with(made.error());
    }
    const auto page = page_of(path, name, options);
    if (!page) return fail_looking(page.error());
    auto output = query::PrivateFile::create(options.output, query::PrivateFile::Existing::Replace);
    if (!output) return fail_with(output.error());
    if (auto written = output->write(*page); !written) return fail_with(written.error());
    if (auto written = output->commit(); !written) return fail_with(written.error());
    print_aside(fhir::Text() << options.output << ": " << page->size() << " bytes\n");
    return ExitCode::Ok;
}

} // namespace

void add_report(CommandLine& program) {
    const auto options = std::make_shared<ReportFileOptions>();
    Subcommand command = program.command(
        "report", "A recording as one page for a ticket: incidents, timeline, state, changes; needs nothing else",
        [options] { return report_file(*options); });
    command.option("FILE", &options->file, "Session file (.fhirscope); - reads it from the standard input").required();
    command.option("-o,--output", &options->output, "The page (only its owner can read it)")
        .required()
        .type_name("FILE.html");
    add_at_option(command, options->at);
    Option people = command.flag("--deidentify", options->deidentify,
                                 "Without the people in it: invented names, ids and texts (docs/deidentify.md)");
    command.flag("--shift-time", options->shift_time, "Move all times, too, by one number of days").needs(people);
    add_memory_options(command, options->memory);
    command.footer("Without --deidentify it holds health data, as the recording does.");
}

} // namespace fhirscope::app
