// The frames of a recording's sockets, filtered as in the window.

#include "app/command_line.hpp"
#include "app/filter_option.hpp"
#include "app/recording_file.hpp"
#include "app/replay_file.hpp"
#include "app/row_output.hpp"
#include "diagnosis/report_parts.hpp"
#include "query/frame_fields.hpp"
#include "query/lookup.hpp"

#include <memory>
#include <vector>

namespace fhirscope::app {

namespace {

struct FramesOptions {
    MemoryOptions memory;
    std::string file, filter, format = "text", output;
    std::uint64_t limit = 0; // 0: all
};

// The newest that match, oldest first.
std::vector<std::uint64_t> matching_frames(const engine::Snapshot& snapshot, const query::Query& query,
                                           std::uint64_t limit) {
    std::vector<std::uint64_t> numbers;
    query::FrameFacts facts(snapshot);
    for (std::uint64_t n = snapshot.frames.end(); n > snapshot.frames.first(); --n)
        if (query.matches(facts.at(n - 1))) {
            numbers.push_back(n - 1);
            if (numbers.size() == limit) break;
        }
    return {numbers.rbegin(), numbers.rend()};
}

std::string frame_text(const engine::Snapshot& snapshot, std::uint64_t number) {
    query::FrameFacts facts(snapshot);
    return std::string(facts.at(number).text(static_cast<std::size_t>(query::FrameField::Text)));
}

std::string text_row(const engine::Snapshot& snapshot, std::uint64_t number) {
    const engine::FrameRow& frame = snapshot.frames[number];
    fhir::Text row;
    row << number;
    row.pad_to(8) << diagnosis::instant_text(frame.at);
    row.pad_to(34) << (frame.outgoing ? "out" : "in");
    row.pad_to(39) << engine::to_string(frame.kind);
    row.pad_to(50) << frame.size;
    row.pad_to(59) << query::subscription_of(snapshot, frame.subscription);
    row.pad_to(76) << frame_text(snapshot, number);
    return row.trim().str() + "\n";
}

std::string json_row(const engine::Snapshot& snapshot, std::uint64_t number) {
    const engine::FrameRow& frame = snapshot.frames[number];
    fhir::JsonWriter json;
    json.object()
        .member("number", number)
        .member("at", query::utc(frame.at))
        .member("socket", frame.socket)
        .member("direction", frame.outgoing ? "out" : "in")
        .member("kind", engine::to_string(frame.kind))
        .member("size", frame.size);
    if (const auto name = query::subscription_of(snapshot, frame.subscription); !name.empty())
        json.member("subscription", name);
    if (frame.text || frame.why) json.member("text", frame_text(snapshot, number));
    json.end();
    return json.take() + "\n";
}

ExitCode frames(const FramesOptions& options) {
    const auto query = read_filter(options.filter, query::frame_fields());
    if (!query) return ExitCode::Usage;
    const auto file = RecordingFile::open(options.file);
    if (!file) return fail_with(file.error());
    const auto replayed = replay_file(file->path(), options.memory);
    if (!replayed) return fail_with(replayed.error());
    const engine::Snapshot& snapshot = *replayed->snapshot;
    const auto numbers = matching_frames(snapshot, *query, options.limit);
    auto output = RowOutput::open(options.output);
    if (!output) return fail_with(output.error());
    const bool as_text = options.format == "text";
    Result<void> written;
    if (as_text)
        written = output->write("number  at (UTC)                  way  kind       bytes    subscription     text\n");
    for (const std::uint64_t number : numbers)
        if (written) written = output->write(as_text ? text_row(snapshot, number) : json_row(snapshot, number));
    if (written) written = output->close();
    if (!written) return fail_with(written.error());
    fhir::Text counts;
    counts << numbers.size() << " of " << snapshot.frames.size() << " frames";
    if (snapshot.frames.first() > 0) counts << "; the oldest " << snapshot.frames.first() << " are no longer kept";
    print_aside(counts << "\n");
    return ExitCode::Ok;
}

} // namespace

void add_frames(CommandLine& program) {
    const auto options = std::make_shared<FramesOptions>();
    Subcommand command = program.command("frames", "The frames of a recording's sockets, filtered: text or NDJSON",
                                         [options] { return frames(*options); });
    command.option("FILE", &options->file, "Session file (.fhirscope); - reads it from the standard input").required();
    add_filter_option(command, options->filter, query::frame_fields(), "frames", "kind:event direction:in");
    command.option("--format", &options->format, "How the rows are written").show_default().one_of({"text", "ndjson"});
    command.option("-o,--output", &options->output, "Into this file (only its owner can read it) instead of stdout")
        .type_name("FILE");
    command.option("--limit", &options->limit, "The newest N of those that match")
        .type_name("N")
        .range(1, 1'000'000'000);
    add_memory_options(command, options->memory);
}

} // namespace fhirscope::app
