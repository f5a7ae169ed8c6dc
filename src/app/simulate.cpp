#include "app/command_line.hpp"
#include "app/conflict_report.hpp"
#include "simulation/diagnosis_tally.hpp"
#include "simulation/edit_judge.hpp"
#include "simulation/minimise.hpp"
#include "simulation/record.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <memory>

namespace fhirscope::app {

namespace {

using Steady = std::chrono::steady_clock;

struct SimulateOptions {
    std::string seeds = "1..100", faults = "all", out = ".";
    double minutes = 3, limit_seconds = 0;
    unsigned clients = 1;
    std::string behaviour = "both";
    bool unbounded = false, json = false;
    bool diagnose = false, stop_on_wrong = false;
};

struct Seeds {
    std::uint64_t first = 0, last = 0;
};

struct Totals {
    std::uint64_t seeds = 0, inputs = 0, commits = 0;
    std::uint64_t edits = 0, decisions = 0, own_commits = 0, answers_lost = 0;
    std::array<std::uint64_t, engine::conflict_kinds> conflicts{};
    simulation::VirtualTime ran{0}, slowest_settling{0};
    std::array<std::uint64_t, simulation::fault_kinds> injected{};
    double real_seconds = 0;
    simulation::DiagnosisTally diagnosis, held_out; // of seeds above last_known_seed
};

// "17" or "1..100".
std::optional<Seeds> parse_seeds(const std::string& text) {
    Seeds seeds;
    const auto dots = text.find("..");
    const auto number = [](std::string_view part, std::uint64_t& value) {
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
        return error == std::errc() && end == part.data() + part.size() && !part.empty();
    };
    const std::string_view view = text;
    if (!number(view.substr(0, dots), seeds.first)) return std::nullopt;
    seeds.last = seeds.first;
    if (dots != std::string::npos && !number(view.substr(dots + 2), seeds.last)) return std::nullopt;
    return seeds.first <= seeds.last ? std::optional(seeds) : std::nullopt;
}

std::string number(double value, int digits) {
    std::array<char, 48> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%.*f", digits, value);
    return buffer.data();
}

double seconds(simulation::VirtualTime time) { return static_cast<double>(time.count()) / 1e6; }

void print_progress(const Totals& totals, const Seeds& seeds) {
    fhir::Text line;
    line << "\r" << totals.seeds << " of " << seeds.last - seeds.first + 1 << " seeds, "
         << number(static_cast<double>(totals.seeds) / totals.real_seconds, 1) << " a second, "
         << number(seconds(totals.ran) / totals.real_seconds, 0) << " x real time   ";
    print_aside(line);
}

void end_progress(bool shown) {
    if (shown) print_aside(fhir::Text() << "\n");
}

// Name and figure in columns.
void add_count(fhir::Text& text, std::string_view name, std::uint64_t count) {
    text << "  " << name;
    text.pad_to(35) << fmt::format("{:>8}", count) << "\n";
}

// Nothing where nobody edited.
void add_edits(fhir::Text& text, const Totals& totals) {
    if (totals.edits == 0) return;
    text << totals.edits << " edits and " << totals.decisions << " decisions by people; " << totals.own_commits
         << " commits by the clients, " << totals.answers_lost << " writes without an answer\nconflicts:\n";
    for (std::size_t i = 0; i < totals.conflicts.size(); ++i)
        if (totals.conflicts[i] > 0)
            add_count(text, to_string(static_cast<engine::ConflictKind>(i)), totals.conflicts[i]);
}

void write_members(fhir::JsonWriter& json, const Totals& totals) {
    json.member("seeds", totals.seeds)
        .member("inputs", totals.inputs)
        .member("commits", totals.commits)
        .member("edits", totals.edits)
        .member("decisions", totals.decisions)
        .member("own_commits", totals.own_commits)
        .member("answers_lost", totals.answers_lost)
        .decimal("virtual_seconds", seconds(totals.ran), 1)
        .decimal("real_seconds", totals.real_seconds, 2)
        .decimal("seeds_per_second", static_cast<double>(totals.seeds) / totals.real_seconds, 2)
        .decimal("virtual_to_real", seconds(totals.ran) / totals.real_seconds, 0)
        .decimal("slowest_settling_seconds", seconds(totals.slowest_settling), 1)
        .object("faults");
    for (std::size_t i = 0; i < totals.injected.size(); ++i)
        if (totals.injected[i] > 0)
            json.member(member_word(simulation::info(static_cast<simulation::FaultKind>(i)).name), totals.injected[i]);
    json.end();
    if (totals.diagnosis.seeds() + totals.held_out.seeds() == 0) return;
    json.object("diagnosis");
    totals.diagnosis.write_members(json);
    json.object("held_out");
    totals.held_out.write_members(json);
    json.end().end();
}

void print_summary(const Totals& totals) {
    fhir::Text text;
    text << totals.seeds << " seeds, " << number(seconds(totals.ran) / 60, 1) << " virtual minutes in "
         << number(totals.real_seconds, 1)
         << " s: " << number(static_cast<double>(totals.seeds) / totals.real_seconds, 1) << " seeds a second, "
         << number(seconds(totals.ran) / totals.real_seconds, 0) << " x real time\n"
         << totals.inputs << " inputs, " << totals.commits << " commits; the slowest seed was in sync again "
         << number(seconds(totals.slowest_settling), 0) << " virtual seconds after its last fault\n";
    add_edits(text, totals);
    text << "faults injected:\n";
    for (std::size_t i = 0; i < totals.injected.size(); ++i)
        if (totals.injected[i] > 0)
            add_count(text, simulation::info(static_cast<simulation::FaultKind>(i)).name, totals.injected[i]);
    if (totals.diagnosis.seeds() > 0) totals.diagnosis.write(text << "the diagnosis:\n", true);
    if (totals.held_out.seeds() > 0)
        totals.held_out.write(text << "the diagnosis, of seeds that nobody looks at one by one:\n", false);
    print(text);
}

void print_violation(const simulation::Scenario& scenario, const simulation::Violation& violation) {
    fhir::Text text;
    text << "seed " << scenario.seed << " violates " << violation.invariant << " at "
         << number(seconds(violation.at), 3) << " s, input " << violation.input;
    if (scenario.clients > 1) text << " of client " << violation.client;
    text << " (" << to_string(scenario.behaviour) << ")";
    print(text << ":\n  " << violation.text << "\n");
}

// What a seed that failed comes down to.
struct Failure {
    simulation::Scenario least;
    simulation::Violation violation;
    std::vector<std::string> story;
    std::string path; // of its session
};

void write_member(fhir::JsonWriter& json, const Failure& failure) {
    json.object("violation")
        .member("seed", failure.least.seed)
        .member("invariant", failure.violation.invariant)
        .decimal("at_seconds", seconds(failure.violation.at), 3)
        .member("input", failure.violation.input)
        .member("client", failure.violation.client)
        .member("text", failure.violation.text)
        .array("faults");
    for (const auto& fault : failure.least.faults) json.value(describe(fault));
    json.end().array("story");
    for (const std::string& line : failure.story) json.value(line);
    json.end().member("session", failure.path).end();
}

ExitCode report_failure(const SimulateOptions& options, const Totals& totals, const simulation::Scenario& scenario,
                        const simulation::Violation& violation) {
    print_violation(scenario, violation);
    const auto least = simulation::minimise(scenario, violation);
    fhir::Text faults;
    faults << least.scenario.faults.size() << " of " << scenario.faults.size() << " faults are enough (" << least.runs
           << " runs):\n";
    for (const auto& fault : least.scenario.faults) faults << "  " << describe(fault) << "\n";
    print(faults);
    const std::string path = options.out + "/seed-" + std::to_string(scenario.seed) + ".fhirscope";
    const auto recorded = simulation::record(least.scenario, path, version(), least.violation.client);
    if (!recorded) return fail_with(recorded.error());
    if (recorded->violation) print_violation(least.scenario, *recorded->violation);
    fhir::Text story;
    story << "what happened before:\n";
    for (const auto& line : recorded->story) story << "  " << line << "\n";
    print(story << "its session: fhirscope replay " << path << "\n");
    if (options.json)
        set_result("simulate", [&](fhir::JsonWriter& json) {
            write_members(json, totals);
            write_member(json, Failure{least.scenario, recorded->violation.value_or(violation), recorded->story, path});
        });
    return ExitCode::Different;
}

ExitCode simulate(const SimulateOptions& options) {
    const auto seeds = parse_seeds(options.seeds);
    if (!seeds) {
        fail_with({ErrorCode::Usage, "\"" + options.seeds + "\" names no seeds. Write one (17) or a range (1..100)."});
        return ExitCode::Usage;
    }
    const auto set = simulation::FaultSet::parse(options.faults);
    if (!set) {
        fail_with(set.error());
        return ExitCode::Usage;
    }
    const simulation::VirtualTime duration(static_cast<std::int64_t>(options.minutes * 60e6));
    const auto mode = options.unbounded ? simulation::Mode::Unbounded : simulation::Mode::Bounded;
    const bool shows_progress = isatty(STDERR_FILENO) != 0;
    const auto begin = Steady::now();
    auto shown = begin;
    Totals totals;
    for (std::uint64_t seed = seeds->first; seed <= seeds->last; ++seed) {
        auto scenario = simulation::draw_scenario(seed, duration, mode, *set, options.clients,
                                                  server::parse_behaviour(options.behaviour));
        if (options.diagnose) scenario.diagnosing = simulation::Diagnosing::Judged;
        if (options.stop_on_wrong) scenario.diagnosing = simulation::Diagnosing::MustBeRight;
        const auto verdict = simulation::run(scenario);
        const auto now = Steady::now();
        ++totals.seeds;
        totals.inputs += verdict.inputs;
        totals.commits += verdict.commits;
        totals.edits += verdict.edits;
        totals.decisions += verdict.decisions;
        totals.own_commits += verdict.own_commits;
        totals.answers_lost += verdict.answers_lost;
        for (std::size_t i = 0; i < totals.conflicts.size(); ++i) totals.conflicts[i] += verdict.conflicts[i];
        totals.ran += verdict.ran;
        totals.slowest_settling = std::max(totals.slowest_settling, verdict.settled);
        for (std::size_t i = 0; i < totals.injected.size(); ++i) totals.injected[i] += verdict.injected[i];
        if (verdict.judgement)
            (seed > simulation::DiagnosisTally::last_known_seed ? totals.held_out : totals.diagnosis)
                .add(scenario, *verdict.judgement);
        totals.real_seconds = std::max(1e-6, std::chrono::duration<double>(now - begin).count());
        if (verdict.violation) {
            end_progress(shows_progress);
            return report_failure(options, totals, scenario, *verdict.violation);
        }
        if (shows_progress && now - shown > std::chrono::milliseconds(500)) {
            print_progress(totals, *seeds);
            shown = now;
        }
        if (options.limit_seconds > 0 && totals.real_seconds >= options.limit_seconds) break;
        if (seed == UINT64_MAX) break;
    }
    end_progress(shows_progress);
    if (options.json)
        set_result("simulate", [&](fhir::JsonWriter& json) {
            write_members(json, totals);
            json.null("violation");
        });
    else
        print_summary(totals);
    return ExitCode::Ok;
}

std::string names_of_faults() {
    std::string text;
    std::size_t line = 0;
    for (const auto kind : simulation::FaultSet::all().kinds()) {
        const auto name = simulation::info(kind).name;
        if (line + name.size() > 90) {
            text += "\n  ";
            line = 0;
        }
        text += (text.empty() ? "  " : " ") + std::string(name);
        line += name.size() + 1;
    }
    return text;
}

} // namespace

void add_simulate(CommandLine& program) {
    const auto options = std::make_shared<SimulateOptions>();
    Subcommand command = program.command(
        "simulate", "The engine in virtual time against a model server and seeded faults: is anything lost?",
        [options] { return simulate(*options); });
    command.option("--seeds", &options->seeds, "One seed or a range; the same seed runs the same way everywhere")
        .type_name("A..B")
        .show_default();
    command.option("--minutes", &options->minutes, "Virtual minutes with faults, for each seed")
        .show_default()
        .range(0.1, 10'000.0);
    command
        .option("--clients", &options->clients,
                "More than one: 2 to so many clients of one server, at which people edit the same resources")
        .type_name("N")
        .show_default()
        .range(1, 8);
    command
        .option("--faults", &options->faults,
                "Which kinds may happen: all, a list, or all without some: all,-cut,-http-5xx")
        .type_name("LIST")
        .show_default();
    command
        .option("--behave-as", &options->behaviour,
                "Which Medplum the server is like: medplum-5.0, medplum-5.1; both: each seed draws one")
        .one_of({"both", std::string(to_string(server::Behaviour::Medplum50)),
                 std::string(to_string(server::Behaviour::Medplum51))})
        .type_name("NAME")
        .show_default();
    command.flag("--unbounded", options->unbounded,
                 "Faults never stop: nothing is asked to settle, only what must always hold");
    command.flag("--diagnose", options->diagnose,
                 "Look at the first client with the diagnosis once a second, and judge it by what was broken");
    command.flag("--stop-on-wrong", options->stop_on_wrong,
                 "The same, and the first wrong verdict counts as a broken invariant");
    command.option("--limit-seconds", &options->limit_seconds, "Start no further seed after so many real seconds")
        .type_name("N")
        .range(0.1, 1e7);
    command.option("--out", &options->out, "Folder for the session of a seed that fails")
        .type_name("DIR")
        .show_default()
        .existing_folder();
    command.flag("--json", options->json, "Print the summary as one JSON object");
    std::string invariants;
    for (const auto name : simulation::invariant_names()) invariants += "\n  " + std::string(name);
    for (const auto name : simulation::edit_invariant_names()) invariants += "\n  " + std::string(name);
    command.footer(
        "The first seed that breaks an invariant ends the run: it is tried again with fewer faults and written as a\n"
        "session for `fhirscope replay`.\n\nFaults:\n" +
        names_of_faults() + "\n\nInvariants:" + invariants +
        "\n\nExit codes: 0 every seed ran clean, 3 an invariant was broken, 2 wrong usage, 1 could not write.");
}

} // namespace fhirscope::app
