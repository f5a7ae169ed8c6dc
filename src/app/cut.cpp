// The beginning of a recording, up to a moment, as a recording of its own.

#include "app/command_line.hpp"
#include "app/look_into.hpp"
#include "app/new_recording.hpp"
#include "app/recording_file.hpp"
#include "diagnosis/report_parts.hpp"

#include <memory>

namespace fhirscope::app {

namespace {

struct CutOptions {
    MemoryOptions memory;
    std::string in, out, to;
};

ExitCode cut(const CutOptions& options) {
    const auto file = RecordingFile::open(options.in);
    if (!file) return fail_with(file.error());
    auto reader = session::Reader::open(file->path());
    if (!reader) return fail_with(reader.error());
    const session::Summary& summary = reader->summary();
    session::RecorderOptions header{.tool_version = summary.tool_version, .server = summary.server};
    if (const auto created = fhir::parse_instant(summary.created))
        header.created = LocalTime(created->time_since_epoch());
    header.deidentified = summary.deidentified;
    auto out = NewRecording::create(options.out, std::move(header));
    if (!out) return fail_with(out.error());
    std::uint64_t kept = 0;
    const auto looked = look_into(
        file->path(),
        {.memory = options.memory, .at_option = "--to", .at = options.to, .on_input = [&](const engine::Input& input) {
             out->add(input);
             ++kept;
         }});
    if (!looked) return fail_looking(looked.error());
    if (auto closed = out->close(); !closed) return fail_with(closed.error());
    print(fhir::Text() << kept << " of " << summary.inputs << " inputs, up to "
                       << diagnosis::instant_text(looked->last->at) << "\n");
    return ExitCode::Ok;
}

} // namespace

void add_cut(CommandLine& program) {
    const auto options = std::make_shared<CutOptions>();
    Subcommand command = program.command("cut", "A recording up to a moment, as a recording of its own",
                                         [options] { return cut(*options); });
    command.option("IN", &options->in, "Session file (.fhirscope); - reads it from the standard input").required();
    command.option("OUT", &options->out, "Session file to write").required();
    command
        .option("--to", &options->to,
                "Up to this moment: a time with its zone (2026-02-10T10:30:15Z), or how far into it (1:23, 83s, 250ms)")
        .required()
        .type_name("TIME");
    add_memory_options(command, options->memory);
    command.footer("It begins where the first one does: what is shown at a moment follows from all that came before.");
}

} // namespace fhirscope::app
