// Two clients and a clinic that change the same Tasks, on real sockets: no acknowledged edit is lost, nothing is
// overwritten unseen, and in the end all have what the server has. Prints what it came to as JSON.

#include "app/options.hpp"
#include "histories.hpp"
#include "server/server.hpp"
#include "support/same_as_server.hpp"
#include "writer.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

namespace fhirscope::edits {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

struct Options {
    double seconds = 60, rate = 15;
    std::string method = "put";
    std::uint64_t seed = 1;
};

constexpr std::size_t tasks = 50;
constexpr auto step = 15ms;          // between edits of one writer
constexpr auto quiet_timeout = 120s; // for what is under way at the end
constexpr std::size_t problems_listed = 30;
// Every other five seconds answers and events are late, so that more happens while they are on their way.
constexpr auto weather_lasts = 5s;
constexpr auto late_answers = 40ms, late_events = 80ms;

struct Count {
    std::uint64_t asked = 0, acknowledged = 0, refused = 0, dropped = 0, merged = 0, decided = 0, met = 0;
};

Count count(const Writer& writer) {
    Count all;
    all.asked = writer.asked().size();
    for (const auto& edit : writer.ended()) {
        all.acknowledged += edit->state == engine::EditState::Acknowledged;
        all.refused += edit->state == engine::EditState::Refused;
        all.dropped += edit->state == engine::EditState::Dropped;
    }
    const auto snapshot = writer.snapshot();
    for (std::size_t i = 0; i < snapshot->conflicts.size(); ++i) {
        const auto& conflict = snapshot->conflicts[i];
        all.met += conflict->edit != 0;
        all.merged += conflict->edit != 0 && conflict->strategy == "merge";
    }
    all.decided = writer.decided();
    return all;
}

std::string json(const Count& all) {
    return fmt::format(
        R"({{"asked":{},"acknowledged":{},"refused":{},"dropped":{},"conflicts":{},"merged":{},"decisions":{}}})",
        all.asked, all.acknowledged, all.refused, all.dropped, all.met, all.merged, all.decided);
}

void wait(const Writer& writer, std::chrono::milliseconds time) { // for time alone: the predicate never holds
    writer.wait([](const engine::Snapshot&) { return false; }, time);
}

void edit_at_random(const Options& options, server::EmbeddedServer& server, const std::vector<Writer*>& writers,
                    const std::vector<std::string>& references) {
    std::mt19937_64 random(options.seed);
    const auto some = [&] { // every other edit is of one of five, so that they meet
        return references[random() % (random() % 2 ? 5 : references.size())];
    };
    const auto end = Clock::now() + std::chrono::milliseconds(static_cast<std::int64_t>(options.seconds * 1000));
    bool late = false;
    auto turn = Clock::now();
    while (Clock::now() < end) {
        if (Clock::now() >= turn) {
            server.set_delay(late ? late_answers : 0ms);
            server.set_jitter(late ? late_events : 0ms);
            late = !late;
            turn += weather_lasts;
        }
        const std::string both = some();
        for (Writer* writer : writers) {
            writer->edit(random() % 3 == 0 ? both : some());
            writer->decide(false);
            writer->collect();
        }
        wait(*writers.front(), step);
    }
    server.set_delay(0ms);
    server.set_jitter(0ms);
}

// False where something is still under way after a long time.
bool settle(const std::vector<Writer*>& writers) {
    for (Writer* writer : writers) writer->equal_to_server(); // its answer comes after all that was asked before
    const auto deadline = Clock::now() + quiet_timeout;
    const auto all_settled = [&] {
        return std::all_of(writers.begin(), writers.end(), [](const Writer* one) { return one->settled(); });
    };
    while (!all_settled() && Clock::now() < deadline) {
        for (Writer* writer : writers) {
            writer->decide(true);
            writer->collect();
        }
        wait(*writers.front(), step);
    }
    for (Writer* writer : writers) writer->collect();
    return all_settled();
}

int run(const Options& options) {
    spdlog::set_level(spdlog::level::off);
    server::ServerOptions server_options;
    server_options.seed = options.seed;
    server_options.patients = 10;
    server_options.tasks = tasks;
    server_options.rate = 0;
    server_options.max_history = 1'000'000;
    server::EmbeddedServer server(std::move(server_options));
    if (auto started = server.start(); !started) throw std::runtime_error(started.error().message);
    std::vector<std::string> references;
    for (const auto& one : server.current("Task"))
        if (references.size() < tasks) references.push_back(one.type + "/" + one.id);

    const auto method = options.method == "patch" ? engine::EditMethod::Patch : engine::EditMethod::Put;
    Writer anna("Anna-", server, method, options.seed * 2), ben("Ben-", server, method, options.seed * 2 + 1);
    server.set_rate(options.rate);
    edit_at_random(options, server, {&anna, &ben}, references);
    server.set_rate(0);

    std::vector<std::string> problems;
    const bool settled = settle({&anna, &ben});
    for (Writer* writer : {&anna, &ben}) {
        const auto last = writer->snapshot();
        if (!settled)
            problems.push_back(fmt::format("{}: still under way: {} edits, {} open conflicts, {} requests",
                                           writer->name(), last->edits.size(), last->open_conflicts,
                                           last->requests_open));
        if (!writer->equal_to_server()) problems.push_back(writer->name() + " does not have what the server has");
        for (const std::string& one : tests::differences(*writer->snapshot(), "Task", server.current("Task")))
            problems.push_back(writer->name() + ": " + one);
    }
    Findings findings = check(server, {&anna, &ben});
    problems.insert(problems.end(), findings.problems.begin(), findings.problems.end());
    for (std::size_t i = 0; i < std::min(problems.size(), problems_listed); ++i)
        std::fprintf(stderr, "%s\n", problems[i].c_str());
    const Count of_anna = count(anna), of_ben = count(ben);
    fmt::print(
        R"({{"method":"{}","seconds":{},"seed":{},"anna":{},"ben":{},"versions":{},"by_writers":{},"overwrites":{},)"
        R"("brought_back":{},"problems":{}}})"
        "\n",
        options.method, options.seconds, options.seed, json(of_anna), json(of_ben), findings.versions,
        findings.by_writers, findings.overwrites, findings.brought_back, problems.size());
    // A run in which nothing met proves nothing.
    const bool met = of_anna.met + of_ben.met > 0 && of_anna.merged + of_ben.merged > 0 &&
                     of_anna.decided + of_ben.decided > 0 && findings.overwrites > 0;
    if (!met) std::fprintf(stderr, "the writers did not meet often enough\n");
    return problems.empty() && met ? 0 : 1;
}

} // namespace

} // namespace fhirscope::edits

int main(int argc, char** argv) {
    fhirscope::edits::Options options;
    fhirscope::app::CommandLine program("fhirscope_edits",
                                        "Clients that edit the same Tasks: no edit lost, or exit code 1");
    program.option("--seconds", &options.seconds, "Of edits").show_default();
    program.option("--rate", &options.rate, "Changes a second that the clinic makes").show_default();
    program.option("--method", &options.method, "How edits are written").one_of({"put", "patch"}).show_default();
    program.option("--seed", &options.seed, "Of edits and decisions").show_default();
    return static_cast<int>(program.main(argc, argv, [&options] {
        try {
            return static_cast<fhirscope::app::ExitCode>(fhirscope::edits::run(options));
        } catch (const std::exception& error) {
            std::fprintf(stderr, "fhirscope_edits: %s\n", error.what());
            return fhirscope::app::ExitCode::Failed;
        }
    }));
}
