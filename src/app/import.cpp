#include "session/import.hpp"

#include "app/command_line.hpp"
#include "app/panels.hpp"
#include "app/resource_memory.hpp"

#include <chrono>
#include <memory>

namespace fhirscope::app {

namespace {

struct ImportCommand {
    std::string file, out;
    PanelSources panels;
    MemoryOptions memory;
};

ExitCode import(const ImportCommand& command) {
    auto panels = load_panels(command.panels);
    if (!panels) return fail_with(panels.error());
    session::ImportOptions options;
    options.panels = std::move(*panels);
    options.resource_bytes = resource_memory(command.memory);
    options.tool_version = version();
    options.created = LocalTime(
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()));
    const auto imported = session::import_to_file(command.file, command.out, options);
    if (!imported) return fail_with(imported.error());
    fhir::Text text;
    text << imported->lines << " lines, " << imported->inputs << " inputs, " << imported->redacted
         << " secrets replaced, state " << engine::hash_text(imported->state_hash) << "\n";
    if (imported->left_out > 0)
        text << "left out: " << imported->left_out << (imported->left_out == 1 ? " line" : " lines")
             << ", the first: " << imported->first_left_out << "\n";
    print(text);
    return ExitCode::Ok;
}

} // namespace

void add_import(CommandLine& program) {
    const auto options = std::make_shared<ImportCommand>();
    Subcommand command =
        program.command("import", "Another client's traffic (a transcript in JSON lines) as a session file",
                        [options] { return import(*options); });
    command.option("FILE", &options->file, "Transcript: one JSON object a line, see docs/session-format.md").required();
    command.option("-o,--output", &options->out, "Session file to write (.fhirscope)")
        .required()
        .type_name("FILE.fhirscope");
    add_panel_options(command, options->panels);
    add_memory_options(command, options->memory);
    command.footer("Tokens and secrets are replaced on the way in. Then: fhirscope replay FILE.fhirscope");
}

} // namespace fhirscope::app
