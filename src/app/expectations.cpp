#include "app/expectations.hpp"

#include "app/incident_report.hpp"
#include "app/replay_file.hpp"
#include "app/resource_memory.hpp"
#include "checks/report.hpp"
#include "diagnosis/report_parts.hpp"
#include "files/regular_file.hpp"
#include "query/export.hpp"
#include "session/reader.hpp"

#include <deque>
#include <utility>

namespace fhirscope::app {

namespace {

constexpr std::size_t runs_kept = 200; // of one file of expectations, the newest
constexpr std::uint64_t largest_runs = 16u << 20;

Result<void> write_file(const std::string& path, std::string_view text) {
    auto file = query::PrivateFile::create(path, query::PrivateFile::Existing::Replace);
    if (!file) return tl::unexpected(file.error());
    if (auto written = file->write(text); !written) return written;
    return file->commit();
}

// "ward.expect.json" → "ward.expect.runs.jsonl".
std::string runs_path(const std::string& expectations) {
    const std::string_view ending = ".json";
    return (expectations.ends_with(ending) ? expectations.substr(0, expectations.size() - ending.size())
                                           : expectations) +
           ".runs.jsonl";
}

std::string run_line(const checks::Outcomes& outcomes, const std::string& source) {
    fhir::JsonWriter json;
    json.object().member("version", version()).member("session", source);
    diagnosis::write_time(json, "first", outcomes.first);
    diagnosis::write_time(json, "last", outcomes.last);
    json.member("inputs", outcomes.inputs).array("expectations");
    for (const checks::Outcome& outcome : outcomes.all)
        json.object()
            .member("name", outcome.name)
            .member("verdict", checks::to_string(outcome.verdict))
            .member("figure", outcome.figure)
            .member("measured", outcome.measured)
            .end();
    json.end().end();
    return json.take();
}

Result<void> keep_run(const checks::Outcomes& outcomes, const std::string& source) {
    const std::string path = runs_path(outcomes.path);
    std::deque<std::string> lines;
    if (auto file = files::RegularFile::open(path, largest_runs)) {
        files::LineReader reader(std::move(*file), largest_runs);
        for (auto next = reader.next(); next && *next == files::LineReader::Next::Line; next = reader.next()) {
            lines.emplace_back(reader.line());
            if (lines.size() >= runs_kept) lines.pop_front();
        }
    } else if (file.error().code != ErrorCode::Missing) {
        return tl::unexpected(file.error());
    }
    lines.push_back(run_line(outcomes, source));
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return write_file(path, text);
}

} // namespace

void add_expect_options(Subcommand& command, ExpectOptions& options) {
    Option expect = command.option("--expect", &options.files,
                                   "What is expected of the session (docs/expectations.md; several times: of several "
                                   "files). Exit with 3 where not all of it passed");
    expect.type_name("FILE.expect.json");
    command
        .option("--fail-on", &options.fail_on,
                "Expect also that no incident of at least this severity is met, over or not")
        .one_of({"info", "attention", "error"})
        .type_name("SEVERITY");
    command.option("--junit", &options.junit, "Write the outcomes into this file as JUnit's XML, for Jenkins or GitHub")
        .type_name("FILE.xml");
    command
        .flag("--keep-runs", options.keep_runs,
              "Add a line with the outcomes to FILE.expect.runs.jsonl beside the expectations; the newest 200 stay")
        .needs(expect);
}

Result<std::vector<checks::ExpectFile>> load_expectations(const ExpectOptions& options) {
    std::vector<checks::ExpectFile> files;
    for (const std::string& path : options.files) {
        auto file = checks::read_expectations(path);
        if (!file) return tl::unexpected(file.error());
        files.push_back(std::move(*file));
    }
    if (const auto severity = severity_named(options.fail_on))
        files.push_back({"", {checks::no_incident_of(*severity)}});
    return files;
}

ExitCode unusable(const Error& error) {
    fail_with(error);
    return ExitCode::Usage;
}

Result<void> feed_file(const std::string& path, const MemoryOptions& memory, checks::Evaluator& evaluator) {
    auto reader = session::Reader::open(path);
    if (!reader) return tl::unexpected(reader.error());
    reader->bound_resources(resource_memory(memory));
    const session::Summary& summary = reader->summary();
    if (summary.as_is) complain(interrupted_change(path));
    if (!summary.complete) complain(path + " was cut off while it was recorded; what is in it is checked.");
    const auto fed = reader->for_each([&](const engine::Input& input) {
        evaluator.step(input);
        return true;
    });
    if (!fed) return tl::unexpected(fed.error());
    if (const std::string lowered = lowered_text(*reader); !lowered.empty()) complain(path + ": " + lowered);
    return {};
}

ExitCode keep_outcomes(const ExpectOptions& options, const std::vector<checks::Outcomes>& all,
                       const std::string& source) {
    ExitCode code = checks::all_passed(all) ? ExitCode::Ok : ExitCode::Different;
    if (!options.junit.empty())
        if (auto written = write_file(options.junit, checks::to_junit(all, source)); !written)
            code = fail_with(written.error());
    for (const checks::Outcomes& outcomes : all) {
        if (!options.keep_runs || outcomes.path.empty()) continue;
        if (auto kept = keep_run(outcomes, source); !kept) code = fail_with(kept.error());
    }
    return code;
}

} // namespace fhirscope::app
