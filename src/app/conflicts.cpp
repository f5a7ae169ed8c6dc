// What two truths there were in a session, and what became of them.

#include "app/command_line.hpp"
#include "app/conflict_report.hpp"
#include "app/filter_option.hpp"
#include "app/live.hpp"
#include "app/panels.hpp"
#include "app/replay_file.hpp"
#include "app/resource_memory.hpp"
#include "app/server_choice.hpp"
#include "app/signals.hpp"
#include "query/conflict_fields.hpp"
#include "runtime/log.hpp"

#include <fmt/format.h>

#include <memory>

namespace fhirscope::app {

namespace {

struct ConflictsOptions {
    ServerChoice server;
    MemoryOptions memory;
    std::string file, filter;
    PanelSources panels;
    double seconds = 0; // 0: until Ctrl-C
    bool json = false, fail_on_open = false;
};

std::vector<engine::ConflictPtr> matching(const engine::Snapshot& snapshot, const query::Query& query) {
    std::vector<engine::ConflictPtr> found;
    query::ConflictFacts facts;
    for (std::size_t i = 0; i < snapshot.conflicts.size(); ++i)
        if (query.matches(facts.at(*snapshot.conflicts[i]))) found.push_back(snapshot.conflicts[i]);
    return found;
}

std::uint64_t count_of(const engine::Snapshot& snapshot) {
    std::uint64_t count = 0;
    for (const std::uint64_t one : snapshot.conflict_counts) count += one;
    return count;
}

void write_members(fhir::JsonWriter& json, const engine::Snapshot& snapshot, const query::Query& query) {
    write_conflicts(json, matching(snapshot, query));
    json.object("counts");
    for (std::size_t kind = 0; kind < engine::conflict_kinds; ++kind)
        json.member(member_word(engine::to_string(static_cast<engine::ConflictKind>(kind))),
                    snapshot.conflict_counts[kind]);
    json.end().member("total", count_of(snapshot)).member("open", snapshot.open_conflicts);
}

fhir::Text listed_text(const engine::Snapshot& snapshot, const query::Query& query) {
    fhir::Text text;
    if (snapshot.conflicts.size() == 0) return text << "no conflicts\n";
    const auto found = matching(snapshot, query);
    const auto figure = [](std::uint64_t value) { return fmt::format("{:>7}  ", value); };
    if (found.empty()) text << "no conflict matches\n";
    text << conflicts_table(found) << "\n";
    for (std::size_t kind = 0; kind < engine::conflict_kinds; ++kind)
        if (snapshot.conflict_counts[kind] > 0)
            text << figure(snapshot.conflict_counts[kind]) << engine::to_string(static_cast<engine::ConflictKind>(kind))
                 << "\n";
    text << figure(snapshot.open_conflicts) << "open\n";
    if (count_of(snapshot) > snapshot.conflicts.size())
        text << "The oldest " << count_of(snapshot) - snapshot.conflicts.size()
             << " are counted, but no longer kept.\n";
    return text;
}

Result<engine::SnapshotPtr> watch(const ConflictsOptions& options) {
    auto chosen = runtime_options(options.server);
    if (!chosen) return tl::unexpected(chosen.error());
    auto panels = load_panels(options.panels);
    if (!panels) return tl::unexpected(panels.error());
    const engine::DialectConfig dialect = chosen->engine.dialect;
    chosen->engine = config_for(std::move(*panels));
    chosen->engine.dialect = dialect;
    chosen->engine.store.max_resource_bytes = resource_memory(options.memory);
    const auto log = runtime::set_up_log({.directory = {}, .headless = true, .verbose = false});
    if (!log.problem.empty()) complain("no log file", log.problem);
    StopSignals signals;
    runtime::Runtime runtime(std::move(*chosen));
    if (auto started = signals.hearing([&](const std::stop_token& stop) { return runtime.start(stop); }); !started)
        return tl::unexpected(started.error());
    signals.wait(options.seconds > 0
                     ? std::optional(std::chrono::milliseconds(static_cast<std::int64_t>(options.seconds * 1000)))
                     : std::nullopt);
    const engine::SnapshotPtr last = runtime.snapshot();
    take_leave(runtime);
    runtime.stop();
    return last;
}

ExitCode conflicts(const ConflictsOptions& options) {
    const auto query = read_filter(options.filter, query::conflict_fields());
    if (!query) return ExitCode::Usage;
    engine::SnapshotPtr snapshot;
    if (options.file.empty()) {
        auto watched = watch(options);
        if (!watched) return fail_with(watched.error());
        snapshot = std::move(*watched);
    } else {
        auto replayed = replay_file(options.file, options.memory);
        if (!replayed) return fail_with(replayed.error());
        if (!replayed->end.equal.value_or(true))
            complain("the replay reached another state than the recorded one; what is listed is the replay's.");
        snapshot = std::move(replayed->snapshot);
    }
    if (options.json)
        set_result("conflicts", [&](fhir::JsonWriter& json) { write_members(json, *snapshot, *query); });
    else
        print(listed_text(*snapshot, *query));
    return options.fail_on_open && snapshot->open_conflicts > 0 ? ExitCode::Different : ExitCode::Ok;
}

} // namespace

void add_conflicts(CommandLine& program) {
    const auto options = std::make_shared<ConflictsOptions>();
    Subcommand command = program.command(
        "conflicts", "What a recorded session, or a running server, met in conflicts, and what became of them",
        [options] { return conflicts(*options); });
    Option file = command.option("FILE", &options->file, "Session file (.fhirscope); without it, a server is watched");
    add_filter_option(command, options->filter, query::conflict_fields(), "conflicts",
                      "outcome:waiting-for-a-decision type:Task");
    command.option("--seconds", &options->seconds, "Watch a server for so long (else until Ctrl-C)")
        .range(0.1, 1e6)
        .type_name("N")
        .excludes(file);
    command.flag("--json", options->json,
                 "One JSON object: conflicts with both sides' values, and the session's counts");
    command.flag("--fail-on-open", options->fail_on_open, "Exit with 3 where one waits for a decision, listed or not");
    add_panel_options(command, options->panels);
    command.get("--panels").excludes(file);
    add_memory_options(command, options->memory);
    add_server_url_option(command, options->server);
    add_server_options(command, options->server);
    for (const char* server : {"--server", "--profile", "--client-id"}) command.get(server).excludes(file);
}

} // namespace fhirscope::app
