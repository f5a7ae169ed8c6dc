// A recording for other tools: its traffic as HAR or as a transcript, its updates as NDJSON or CSV.

#include "app/command_line.hpp"
#include "app/recording_file.hpp"
#include "app/replay_file.hpp"
#include "app/row_output.hpp"
#include "app/traffic_formats.hpp"

#include <memory>
#include <numeric>
#include <vector>

namespace fhirscope::app {

namespace {

struct ExportOptions {
    MemoryOptions memory;
    std::string file, as, output;
};

Result<fhir::Text> export_traffic(const std::string& path, const ExportOptions& options, RowOutput& output) {
    fhir::Text said;
    if (options.as == "transcript") {
        TranscriptWriter writer(output);
        if (auto walked = walk_traffic(path, options.memory, writer); !walked) return tl::unexpected(walked.error());
        return said << writer.lines() << " lines\n";
    }
    HarWriter writer(output);
    if (auto written = writer.begin(); !written) return tl::unexpected(written.error());
    if (auto walked = walk_traffic(path, options.memory, writer); !walked) return tl::unexpected(walked.error());
    if (auto written = writer.end(); !written) return tl::unexpected(written.error());
    return said << writer.entries() << " entries\n";
}

Result<fhir::Text> export_updates(const std::string& path, const ExportOptions& options, RowOutput& output) {
    const auto replayed = replay_file(path, options.memory);
    if (!replayed) return tl::unexpected(replayed.error());
    const engine::Snapshot& snapshot = *replayed->snapshot;
    query::ConflictRows conflicts;
    conflicts.update(replayed->snapshot);
    std::vector<std::uint64_t> numbers(snapshot.updates.size());
    std::iota(numbers.begin(), numbers.end(), snapshot.updates.first());
    const query::RowWriter writer(snapshot, conflicts, *query::format_named(options.as));
    if (auto written = write_rows(writer, numbers, output); !written) return tl::unexpected(written.error());
    fhir::Text said;
    said << numbers.size() << " updates";
    if (snapshot.updates.first() > 0) said << "; the oldest " << snapshot.updates.first() << " are no longer kept";
    return said << "\n";
}

ExitCode export_file(const ExportOptions& options) {
    const auto file = RecordingFile::open(options.file);
    if (!file) return fail_with(file.error());
    auto output = RowOutput::open(options.output);
    if (!output) return fail_with(output.error());
    const bool is_traffic = options.as == "har" || options.as == "transcript";
    auto said =
        is_traffic ? export_traffic(file->path(), options, *output) : export_updates(file->path(), options, *output);
    if (!said) return fail_with(said.error());
    if (auto closed = output->close(); !closed) return fail_with(closed.error());
    print_aside(*said);
    return ExitCode::Ok;
}

} // namespace

void add_export(CommandLine& program) {
    const auto options = std::make_shared<ExportOptions>();
    Subcommand command =
        program.command("export", "A recording for other tools: HAR, a transcript, or its updates as NDJSON or CSV",
                        [options] { return export_file(*options); });
    command.option("FILE", &options->file, "Session file (.fhirscope); - reads it from the standard input").required();
    command
        .option(
            "--as", &options->as,
            "har: requests, answers and frames as browsers' tools read them; transcript: the same as `import` reads "
            "it; ndjson, csv: the update log")
        .required()
        .one_of({"har", "ndjson", "csv", "transcript"});
    command.option("-o,--output", &options->output, "Into this file (only its owner can read it) instead of stdout")
        .type_name("FILE");
    add_memory_options(command, options->memory);
    command.footer("It holds health data as the recording does: see fhirscope deidentify.");
}

} // namespace fhirscope::app
