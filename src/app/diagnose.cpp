// What the diagnosis finds in a recorded session, and why a resource is as it is shown.

#include "app/command_line.hpp"
#include "app/replay_file.hpp"
#include "app/resource_memory.hpp"
#include "diagnosis/diagnosis.hpp"
#include "diagnosis/report.hpp"
#include "engine/engine.hpp"
#include "fhir/reference.hpp"
#include "session/reader.hpp"

#include <memory>

namespace fhirscope::app {

namespace {

// Findings are looked for once in so much recorded time, as a window would.
constexpr std::chrono::seconds look_every{1};

struct DiagnoseOptions {
    MemoryOptions memory;
    std::string file, reference;
    bool json = false, all = false, fail_on_open = false;
};

struct Diagnosed {
    engine::SnapshotPtr snapshot;
    diagnosis::Diagnosis diagnosis;
};

Result<Diagnosed> diagnose_file(const std::string& path, const MemoryOptions& memory) {
    auto reader = session::Reader::open(path);
    if (!reader) return tl::unexpected(reader.error());
    reader->bound_resources(resource_memory(memory));
    if (reader->summary().as_is) complain(interrupted_change(path));
    if (!reader->summary().complete) complain(path + " was cut off while it was recorded; what is in it is looked at.");
    engine::Engine engine;
    Diagnosed out;
    LocalTime looked{};
    const auto fed = reader->for_each([&](const engine::Input& input) {
        engine.step(input);
        if (input.at - looked >= look_every) {
            looked = input.at;
            out.diagnosis.update(engine.publish());
        }
        return true;
    });
    if (!fed) return tl::unexpected(fed.error());
    if (const std::string lowered = lowered_text(*reader); !lowered.empty()) complain(path + ": " + lowered);
    out.snapshot = engine.publish();
    out.diagnosis.update(out.snapshot);
    return out;
}

void write_members(fhir::JsonWriter& json, const Diagnosed& found) {
    json.array("open");
    for (const auto& finding : found.diagnosis.open()) diagnosis::write(json, *finding);
    json.end().array("closed");
    for (const auto& finding : found.diagnosis.closed()) diagnosis::write(json, *finding);
    json.end().member("closed_count", found.diagnosis.closed_count());
}

fhir::Text findings_text(const Diagnosed& found, bool all) {
    fhir::Text text;
    for (const auto& finding : found.diagnosis.open()) text << diagnosis::to_text(*finding) << "\n";
    if (text.empty()) text << "no open findings\n\n";
    const std::uint64_t closed = found.diagnosis.closed_count();
    if (closed == 0) return text;
    text << closed << (all ? " closed:" : " closed (--all lists them)") << "\n";
    if (!all) return text;
    text << "\n";
    for (const auto& finding : found.diagnosis.closed()) text << diagnosis::to_text(*finding) << "\n";
    if (closed > found.diagnosis.closed().size())
        text << "The oldest " << closed - found.diagnosis.closed().size() << " are no longer kept.\n";
    return text;
}

ExitCode diagnose(const DiagnoseOptions& options) {
    const bool asks = !options.reference.empty();
    if (asks && !fhir::is_reference(options.reference)) {
        complain("--explain " + options.reference + ": name a resource as Type/id, such as Task/8d0c41f2.");
        return ExitCode::Usage;
    }
    auto found = diagnose_file(options.file, options.memory);
    if (!found) return fail_with(found.error());
    const auto mode = found->diagnosis.facts().medplum() ? fhir::MatchMode::Medplum : fhir::MatchMode::Spec;
    const auto explanation =
        asks ? std::optional(diagnosis::explain(*found->snapshot, options.reference, mode)) : std::nullopt;
    if (options.json) {
        set_result(
            "diagnose",
            [&](fhir::JsonWriter& json) {
                write_members(json, *found);
                if (explanation) diagnosis::write(json.name("explained"), *explanation);
            });
    } else {
        print(explanation ? diagnosis::to_text(*explanation) : findings_text(*found, options.all));
    }
    if (explanation && !explanation->known)
        return fail_with({ErrorCode::NotHeld, options.reference + " is not in " + options.file + "."});
    const bool wrong = explanation ? explanation->stale : found->diagnosis.worst() != nullptr;
    return options.fail_on_open && wrong ? ExitCode::Different : ExitCode::Ok;
}

} // namespace

void add_diagnose(CommandLine& program) {
    const auto options = std::make_shared<DiagnoseOptions>();
    Subcommand command = program.command(
        "diagnose", "What was wrong in a recorded session, with the evidence, and why a resource is as it is shown",
        [options] { return diagnose(*options); });
    command.option("FILE", &options->file, "Session file (.fhirscope)").required();
    command
        .option("--explain", &options->reference,
                "The way of this resource's newest version, from the server to the screen")
        .type_name("TYPE/ID");
    command.flag("--all", options->all, "Findings that have closed by themselves, too");
    command.flag("--json", options->json, "One JSON object: findings open and closed, and what is explained");
    add_memory_options(command, options->memory);
    command.flag("--fail-on-open", options->fail_on_open,
                 "Exit with 3 where a finding that wants attention is open at the end, or what is explained is "
                 "stale");
    command.footer(
        "Exit codes: 0 done, 1 the file cannot be read or does not hold the resource, 2 wrong usage,\n"
        "3 as --fail-on-open says. The findings: docs/diagnosis.md.");
}

} // namespace fhirscope::app
