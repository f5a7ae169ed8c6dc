// What a recording is: what, when, how long, of which server, how it went, and whether it is whole.

#include "app/command_line.hpp"
#include "app/incident_report.hpp"
#include "app/look_into.hpp"
#include "app/recording_file.hpp"
#include "diagnosis/incident_text.hpp"
#include "diagnosis/report_parts.hpp"
#include "engine/engine.hpp"
#include "fhir/notification.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>

namespace fhirscope::app {

namespace {

struct InfoOptions {
    MemoryOptions memory;
    std::string file;
    bool json = false;
};

struct Info {
    std::string name;
    std::uintmax_t bytes = 0;
    std::map<std::string, std::uint64_t> kinds; // inputs by what they are
    LookedInto looked;

    const session::Summary& summary() const { return looked.summary; }
    std::chrono::microseconds length() const { return summary().last - summary().first; }
    std::string dialect() const {
        return looked.last->server ? std::string(fhir::to_string(looked.last->server->dialect.dialect)) : std::string();
    }
    MetIncidents incidents() const { return met_incidents(looked.diagnosis.incidents(), looked.last->at); }
};

Result<Info> info_of(const InfoOptions& options) {
    const auto file = RecordingFile::open(options.file);
    if (!file) return tl::unexpected(file.error());
    Info info;
    info.name = file->name();
    LookOptions look{.memory = options.memory};
    look.on_input = [&](const engine::Input& input) { ++info.kinds[std::string(engine::name_of(input.body))]; };
    auto looked = look_into(file->path(), look);
    if (!looked) return tl::unexpected(looked.error());
    info.looked = std::move(*looked);
    std::error_code none;
    info.bytes = std::filesystem::file_size(file->path(), none);
    return info;
}

std::string_view state_word(const Info& info) {
    if (!info.summary().state_hash) return "none was recorded";
    if (!info.looked.equal) return "NOT COMPARED with the recorded one";
    return *info.looked.equal ? "as recorded" : "DIFFERENT from the recorded one";
}

fhir::Text to_text(const Info& info) {
    const session::Summary& summary = info.summary();
    const engine::Counters& c = info.looked.last->metrics.counters;
    fhir::Text text;
    if (!summary.deidentified.empty())
        text << "de-identified: invented names, ids and texts; kept: " << summary.deidentified << "\n\n";
    text << "file         " << info.name << ", " << info.bytes << " bytes\n";
    text << "recorded     " << summary.created << " by fhirscope " << summary.tool_version << ", format "
         << summary.format_version << (summary.complete ? ", complete" : ", CUT OFF") << "\n";
    text << "server       " << summary.server;
    if (const std::string dialect = info.dialect(); !dialect.empty()) text << " (" << dialect << ")";
    text << "\ntime         " << diagnosis::instant_text(summary.first) << " to "
         << diagnosis::instant_text(summary.last) << ", " << diagnosis::lasting_text(info.length()) << "\n";
    text << "inputs       " << summary.inputs;
    for (const auto& [kind, count] : info.kinds)
        text << (kind == info.kinds.begin()->first ? ": " : ", ") << count << " " << kind;
    text << "\nupdates      " << c.received << " received, " << c.applied << " applied, " << c.missed << " missed, "
         << c.recovered << " recovered, " << c.reconnects << " reconnects\n";
    text << "conflicts    " << info.looked.last->conflicts.size() << ", " << info.looked.last->open_conflicts
         << " open\n";
    if (summary.redacted > 0) text << "secrets      " << summary.redacted << " replaced\n";
    text << "state        " << engine::hash_text(info.looked.state_hash) << ", " << state_word(info) << "\n\n";
    const MetIncidents met = info.incidents();
    text << met.all.size();
    if (met.all.empty())
        text << " incidents\n";
    else if (met.all.size() == 1)
        text << " incident (fhirscope diagnose tells of it):\n";
    else
        text << " incidents (fhirscope diagnose tells of each):\n";
    for (const diagnosis::IncidentPtr& incident : met.all) text << diagnosis::to_line(*incident, met.at);
    return text;
}

void write_members(fhir::JsonWriter& json, const Info& info) {
    const session::Summary& summary = info.summary();
    json.member("file", info.name)
        .member("bytes", static_cast<std::uint64_t>(info.bytes))
        .member("format_version", summary.format_version)
        .member("recorded_by", summary.tool_version)
        .member("created", summary.created)
        .member("server", summary.server)
        .member("dialect", info.dialect())
        .member("complete", summary.complete)
        .member("deidentified", !summary.deidentified.empty())
        .member("kept", summary.deidentified.empty() ? std::nullopt : std::optional(summary.deidentified))
        .member("first", diagnosis::instant_text(summary.first))
        .member("last", diagnosis::instant_text(summary.last))
        .member("length_ms", info.length().count() / 1000)
        .member("inputs", summary.inputs);
    json.object("inputs_by_kind");
    for (const auto& [kind, count] : info.kinds) {
        std::string name = kind;
        std::ranges::replace(name, '-', '_');
        json.member(name, count);
    }
    const engine::Counters& c = info.looked.last->metrics.counters;
    json.end()
        .member("updates_received", c.received)
        .member("updates_applied", c.applied)
        .member("missed", c.missed)
        .member("recovered", c.recovered)
        .member("reconnects", c.reconnects)
        .member("conflicts", info.looked.last->conflicts.size())
        .member("open_conflicts", info.looked.last->open_conflicts)
        .member("redacted", summary.redacted)
        .member("state_hash", engine::hash_text(info.looked.state_hash))
        .member("equal", info.looked.equal);
    write_incidents(json, info.incidents());
}

ExitCode info(const InfoOptions& options) {
    const auto info = info_of(options);
    if (!info) return fail_looking(info.error());
    if (options.json)
        set_result("info", [&](fhir::JsonWriter& json) { write_members(json, *info); });
    else
        print(to_text(*info));
    return info->looked.equal.value_or(true) ? ExitCode::Ok : ExitCode::Different;
}

} // namespace

void add_info(CommandLine& program) {
    const auto options = std::make_shared<InfoOptions>();
    Subcommand command = program.command(
        "info", "What a recording is: when, how long, of which server, what is in it, and whether it is whole",
        [options] { return info(*options); });
    command.option("FILE", &options->file, "Session file (.fhirscope); - reads it from the standard input").required();
    command.flag("--json", options->json, "One JSON object");
    add_memory_options(command, options->memory);
    command.footer("Exit code 3 where the state that the recording leads to is not the recorded one.");
}

} // namespace fhirscope::app
