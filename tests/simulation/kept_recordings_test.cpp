// Recordings of every kind, which are kept as they were written and open for ever. `expected` has what each leads to: its
// content, which no later version may change, and the state's hash, which changes with the engine's rules and never with a
// word. After such a change, and to make a recording that is not there yet:
// FHIRSCOPE_GOLDEN=write test_simulation "kept recordings*".

#include "engine/engine.hpp"
#include "session/import.hpp"
#include "session/reader.hpp"
#include "session/recorder.hpp"
#include "session/replay.hpp"
#include "simulation/record.hpp"
#include "support/paths.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

using namespace fhirscope;
using namespace std::chrono_literals;

namespace {

const std::filesystem::path folder = std::filesystem::path(tests::fixtures) / "recordings";

std::string path_of(const std::string& name) { return (folder / (name + ".fhirscope")).string(); }

bool to_be_written() {
    const char* wish = std::getenv("FHIRSCOPE_GOLDEN");
    return wish && std::string_view(wish) == "write";
}

void simulate(const std::string& path, std::uint64_t seed, unsigned clients) {
    const auto scenario =
        simulation::draw_scenario(seed, 60s, simulation::Mode::Bounded, simulation::FaultSet::all(), clients, {});
    REQUIRE(simulation::record(scenario, path, "kept"));
}

void import(const std::string& path) {
    REQUIRE(session::import_to_file(std::string(tests::fixtures) + "/medplum-5.0.10/reconnect.jsonl", path,
                                    {.panels = {}, .tool_version = "kept", .created = {}}));
}

// As a program leaves it that was killed: the inputs of another, and no end.
void cut_off(const std::string& path) {
    auto recorder = session::Recorder::create(path, {.tool_version = "kept"});
    REQUIRE(recorder);
    const auto whole = session::Reader::open(path_of("one-client"));
    REQUIRE(whole);
    REQUIRE(whole->for_each([&](const engine::Input& input) {
        (*recorder)->add(input);
        return true;
    }));
    REQUIRE((*recorder)->close({}));
}

// In the order in which they are made.
const std::vector<std::pair<std::string, std::function<void(const std::string&)>>> kept{
    {"one-client", [](const std::string& path) { simulate(path, 7, 1); }},
    {"one-client-second-line", [](const std::string& path) { simulate(path, 12, 1); }},
    {"two-clients", [](const std::string& path) { simulate(path, 5, 2); }},
    {"imported", import},
    {"cut-off", cut_off},
};

std::map<std::string, std::string> expected() {
    std::map<std::string, std::string> all;
    std::ifstream file(folder / "expected");
    for (std::string name, rest; file >> name && std::getline(file >> std::ws, rest);) all[name] = rest;
    return all;
}

} // namespace

TEST_CASE("kept recordings replay to what they were made with") {
    std::filesystem::create_directories(folder);
    std::string reached;
    auto wanted = expected();
    for (const auto& [name, make] : kept) {
        CAPTURE(name);
        if (to_be_written() && !std::filesystem::exists(path_of(name))) make(path_of(name));
        const auto reader = session::Reader::open(path_of(name));
        INFO((reader ? "" : reader.error().message));
        REQUIRE(reader);
        engine::Engine engine;
        const auto replayed = session::replay(*reader, engine);
        REQUIRE(replayed);
        CHECK(replayed->inputs > 100);
        CHECK_FALSE(reader->passed_over().any());
        CHECK(reader->summary().complete == (name != "cut-off"));
        if (replayed->by_state) CHECK(replayed->equal == true);
        const std::string line = std::to_string(replayed->inputs) + " " + to_text(replayed->content) + " " +
                                 engine::hash_text(replayed->hash);
        reached += name + " " + line + "\n";
        if (!to_be_written()) CHECK(line == wanted[name]);
    }
    if (to_be_written()) std::ofstream(folder / "expected") << reached;
}

TEST_CASE("among the kept recordings is one with edits and conflicts") {
    const auto reader = session::Reader::open(path_of("two-clients"));
    REQUIRE(reader);
    engine::Engine engine;
    REQUIRE(session::replay(*reader, engine));
    const auto snapshot = engine.publish();
    CHECK(snapshot->ended_edits.size() > 0);
    const auto& counts = snapshot->conflict_counts;
    CHECK(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}) > 0);
}
