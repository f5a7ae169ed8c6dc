// One resource of a recording, as it was shown at a moment, with the versions that were seen of it.

#include "app/command_line.hpp"
#include "app/look_into.hpp"
#include "app/recording_file.hpp"
#include "diagnosis/report_parts.hpp"
#include "fhir/json.hpp"
#include "fhir/reference.hpp"
#include "query/lookup.hpp"
#include "query/resource_fields.hpp"

#include <memory>

namespace fhirscope::app {

namespace {

struct ShowOptions {
    MemoryOptions memory;
    std::string file, reference, at;
    bool json = false;
};

std::string changed_text(const engine::Version& version) {
    return version.last_updated ? fhir::format_instant(*version.last_updated) : std::string();
}

fhir::Text to_text(const engine::Snapshot& snapshot, const engine::Record& record) {
    fhir::Text text;
    text << record.reference << ", " << query::to_string(query::freshness_of(record)) << " at "
         << diagnosis::instant_text(snapshot.at) << "\n\n";
    text << "received                  server time               by         version, what changed\n";
    for (auto one = record.history.rbegin(); one != record.history.rend(); ++one) {
        const engine::Version& version = **one;
        fhir::Text line;
        line << diagnosis::instant_text(version.received);
        line.pad_to(26) << changed_text(version);
        line.pad_to(52) << engine::to_string(version.channel);
        line.pad_to(63) << (version.resource ? version.version_id() : std::string_view("deleted"));
        for (const std::string& member : version.changed) line << " " << member;
        text << line << "\n";
    }
    if (record.versions_seen > record.history.size())
        text << record.versions_seen - record.history.size() << " earlier versions are no longer kept\n";
    if (record.resource() && !record.key_only()) {
        text << "\n";
        const std::string body = fhir::pretty(record.resource()->text());
        for (std::string_view rest = body; !rest.empty();) {
            const auto end = std::min(rest.find('\n'), rest.size());
            text << rest.substr(0, end) << "\n";
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    return text;
}

void write_members(fhir::JsonWriter& json, const engine::Snapshot& snapshot, const engine::Record& record) {
    json.member("at", diagnosis::instant_text(snapshot.at))
        .member("reference", record.reference)
        .member("freshness", query::to_string(query::freshness_of(record)))
        .member("versions_seen", record.versions_seen);
    json.array("versions");
    for (auto one = record.history.rbegin(); one != record.history.rend(); ++one) {
        const engine::Version& version = **one;
        json.object()
            .member("version", std::string(version.version_id()))
            .member("deleted", version.resource == nullptr)
            .member("received", diagnosis::instant_text(version.received))
            .member("changed", version.last_updated ? std::optional(changed_text(version)) : std::nullopt)
            .member("channel", engine::to_string(version.channel));
        json.array("members");
        for (const std::string& member : version.changed) json.value(member);
        json.end().end();
    }
    json.end();
    if (record.resource() && !record.key_only())
        json.raw("resource", fhir::harmless_json(record.resource()->text()));
    else
        json.null("resource");
}

ExitCode show(const ShowOptions& options) {
    if (!fhir::is_reference(options.reference)) {
        complain(options.reference + ": name a resource as Type/id, such as Task/8d0c41f2.");
        return ExitCode::Usage;
    }
    const auto file = RecordingFile::open(options.file);
    if (!file) return fail_with(file.error());
    const auto looked = look_into(file->path(), {.memory = options.memory, .at = options.at});
    if (!looked) return fail_looking(looked.error());
    const engine::RecordPtr record = looked->last->find(options.reference);
    if (!record)
        return fail_with({ErrorCode::NotHeld, options.reference + " is not in " + file->name() + " at " +
                                                  diagnosis::instant_text(looked->last->at) + "."});
    if (options.json)
        set_result("show", [&](fhir::JsonWriter& json) { write_members(json, *looked->last, *record); });
    else
        print(to_text(*looked->last, *record));
    return ExitCode::Ok;
}

} // namespace

void add_show(CommandLine& program) {
    const auto options = std::make_shared<ShowOptions>();
    Subcommand command = program.command("show", "One resource of a recording, at any moment, with its versions",
                                         [options] { return show(*options); });
    command.option("FILE", &options->file, "Session file (.fhirscope); - reads it from the standard input").required();
    command.option("TYPE/ID", &options->reference, "The resource").required();
    add_at_option(command, options->at);
    command.flag("--json", options->json, "One JSON object");
    add_memory_options(command, options->memory);
}

} // namespace fhirscope::app
