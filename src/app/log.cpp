// The update log of a recorded session, as the filter of the log view shows it: for people, spreadsheets and programs.

#include "app/command_line.hpp"
#include "app/filter_option.hpp"
#include "app/recording_file.hpp"
#include "app/replay_file.hpp"
#include "app/row_output.hpp"
#include "query/export.hpp"
#include "query/update_fields.hpp"

#include <memory>
#include <vector>

namespace fhirscope::app {

namespace {

struct LogOptions {
    MemoryOptions memory;
    std::string file, filter, format = "text", output;
    std::uint64_t limit = 0; // 0: all
};

// The newest that match, oldest first.
std::vector<std::uint64_t> matching(const engine::Snapshot& snapshot, const query::ConflictRows& conflicts,
                                    const query::Query& query, std::uint64_t limit) {
    std::vector<std::uint64_t> numbers;
    query::UpdateFacts facts(snapshot, &conflicts);
    for (std::uint64_t n = snapshot.updates.end(); n > snapshot.updates.first(); --n)
        if (query.matches(facts.at(n - 1))) {
            numbers.push_back(n - 1);
            if (numbers.size() == limit) break;
        }
    return {numbers.rbegin(), numbers.rend()};
}

ExitCode log(const LogOptions& options) {
    const auto query = read_filter(options.filter, query::update_fields());
    if (!query) return ExitCode::Usage;
    const auto file = RecordingFile::open(options.file);
    if (!file) return fail_with(file.error());
    const auto replayed = replay_file(file->path(), options.memory);
    if (!replayed) return fail_with(replayed.error());
    const engine::Snapshot& snapshot = *replayed->snapshot;
    query::ConflictRows conflicts;
    conflicts.update(replayed->snapshot);
    const auto numbers = matching(snapshot, conflicts, *query, options.limit);
    auto output = RowOutput::open(options.output);
    if (!output) return fail_with(output.error());
    const query::RowWriter writer(snapshot, conflicts, *query::format_named(options.format));
    if (auto written = write_rows(writer, numbers, *output); !written) return fail_with(written.error());
    if (auto closed = output->close(); !closed) return fail_with(closed.error());
    fhir::Text counts;
    counts << numbers.size() << " of " << snapshot.updates.size() << " updates";
    if (snapshot.updates.first() > 0) counts << "; the oldest " << snapshot.updates.first() << " are no longer kept";
    print_aside(counts << "\n");
    return ExitCode::Ok;
}

} // namespace

void add_log(CommandLine& program) {
    const auto options = std::make_shared<LogOptions>();
    Subcommand command = program.command("log", "The update log of a recorded session, filtered: text, CSV or NDJSON",
                                         [options] { return log(*options); });
    command.option("FILE", &options->file, "Session file (.fhirscope)").required();
    add_filter_option(command, options->filter, query::update_fields(), "updates",
                      "type:Task & (latency > 200ms | outcome:conflict)");
    command.option("--format", &options->format, "How the rows are written")
        .show_default()
        .one_of({"text", "csv", "ndjson"});
    command.option("-o,--output", &options->output, "Into this file (only its owner can read it) instead of stdout")
        .type_name("FILE");
    command.option("--limit", &options->limit, "The newest N of those that match")
        .type_name("N")
        .range(1, 1'000'000'000);
    add_memory_options(command, options->memory);
}

} // namespace fhirscope::app
