// A seek is a replay: whatever a player went through before, at each moment it has the state that all inputs up to there
// lead to, texts of frames included.

#include "session/player.hpp"

#include "session/kept_inputs.hpp"
#include "session/recorded_inputs.hpp"
#include "simulation/runner.hpp"
#include "support/paths.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <random>

using namespace fhirscope;
using namespace std::chrono_literals;

namespace {

struct At {
    std::uint64_t hash = 0;
    std::string keyframe; // of every tenth: it has all texts
};

// By a replay from the beginning.
std::map<std::uint64_t, At> moments_of(const session::Inputs& inputs, std::size_t count, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::map<std::uint64_t, At> moments;
    while (moments.size() < std::min<std::size_t>(count, inputs.end() / 2)) moments[random() % (inputs.end() + 1)] = {};
    engine::Engine engine;
    std::uint64_t number = 0, seen = 0;
    const auto look = [&] {
        const auto moment = moments.find(number);
        if (moment == moments.end()) return;
        moment->second.hash = engine.state_hash();
        if (++seen % 10 == 0) moment->second.keyframe = engine.keyframe();
    };
    look();
    REQUIRE(inputs.for_each(0, [&](const engine::Input& input) {
        engine.step(input);
        ++number;
        look();
        return true;
    }));
    return moments;
}

void check_every_seek(const session::Inputs& inputs, session::PlayerOptions options) {
    const auto moments = moments_of(inputs, 200, 11);
    std::vector<std::uint64_t> order;
    for (const auto& [number, moment] : moments) order.push_back(number);
    std::shuffle(order.begin(), order.end(), std::mt19937_64(12));
    session::Player player(inputs, options);
    std::size_t hashes = 0, keyframes = 0;
    for (const std::uint64_t number : order) {
        CAPTURE(number, options.budget, options.packs_up_to);
        REQUIRE(player.seek(number).value());
        REQUIRE(player.position() == number);
        const At& expected = moments.at(number);
        REQUIRE(player.state_hash() == expected.hash);
        ++hashes;
        if (expected.keyframe.empty()) continue;
        REQUIRE(player.read_texts());
        CHECK_FALSE(player.engine().first_text_to_read());
        REQUIRE(player.engine().keyframe() == expected.keyframe);
        ++keyframes;
    }
    CHECK(hashes >= std::min<std::uint64_t>(200, inputs.end() / 2));
    CHECK(keyframes >= hashes / 10 - 1);
    CHECK(player.moments().size() > 1);
}

session::PlayerOptions dense() {
    session::PlayerOptions options;
    options.apart = 64;
    return options;
}

void check_all_ways(const session::Inputs& inputs) {
    check_every_seek(inputs, dense());
    session::PlayerOptions shared = dense();
    shared.packs_up_to = 0;
    check_every_seek(inputs, shared);
    session::PlayerOptions small = dense();
    small.budget = 1u << 20; // some are given up
    check_every_seek(inputs, small);
}

void record(const simulation::Scenario& scenario, session::KeptInputs& inputs) {
    simulation::run(
        scenario, simulation::Thoroughness::Quick,
        [&](unsigned client, const engine::Input& input) {
            if (client == 0) inputs.add(input);
        });
}

} // namespace

TEST_CASE("a seek in a kept recording reaches the state of a replay from the beginning") {
    std::size_t files = 0;
    for (const auto& file :
         std::filesystem::directory_iterator(std::filesystem::path(tests::fixtures) / "recordings")) {
        if (file.path().extension() != ".fhirscope") continue;
        CAPTURE(file.path().filename().string());
        auto reader = session::Reader::open(file.path().string());
        REQUIRE(reader);
        const session::RecordedInputs inputs(std::move(*reader));
        check_all_ways(inputs);
        ++files;
    }
    CHECK(files >= 3);
}

TEST_CASE("a seek in a simulated session reaches the state of a replay from the beginning") {
    for (const std::uint64_t seed : {3u, 8u}) {
        CAPTURE(seed);
        session::KeptInputs inputs;
        record(simulation::draw_scenario(seed, 240s, simulation::Mode::Bounded, simulation::FaultSet::all(),
                                         seed == 8 ? 2 : 1),
               inputs);
        REQUIRE(inputs.end() > 500);
        check_all_ways(inputs);
    }
}

TEST_CASE("a seek that is stopped stays at an input between, and another one goes on from there") {
    session::KeptInputs inputs;
    record(simulation::draw_scenario(5, 240s, simulation::Mode::Bounded, simulation::FaultSet::all()), inputs);
    session::Player player(inputs, dense());
    std::uint64_t asked = 0;
    CHECK_FALSE(player.seek(inputs.end(), [&] { return ++asked <= 200; }).value());
    CHECK(player.position() == 200);
    CHECK(player.seek(inputs.end()).value());
    const std::uint64_t end = player.state_hash();
    CHECK(player.seek(100).value());
    CHECK(player.state_hash() != end);
    CHECK(player.seek(UINT64_MAX).value());
    CHECK(player.position() == inputs.end());
    CHECK(player.state_hash() == end);
}

TEST_CASE("snapshots of a player are told apart, also of one moment before and after its texts were read") {
    session::KeptInputs inputs;
    record(simulation::draw_scenario(5, 240s, simulation::Mode::Bounded, simulation::FaultSet::all()), inputs);
    session::Player player(inputs, dense());
    REQUIRE(player.seek(inputs.end()).value());
    const auto end = player.publish();
    REQUIRE(player.seek(inputs.end() / 2).value());
    const auto without = player.publish();
    REQUIRE(player.read_texts().value());
    const auto with = player.publish();
    CHECK(end->revision != without->revision);
    CHECK(without->revision != with->revision);
    CHECK(without->inputs == inputs.end() / 2);
    std::size_t lacking = 0;
    for (std::uint64_t n = without->frames.first(); n < without->frames.end(); ++n) {
        if (!without->frames[n].text && with->frames[n].text) ++lacking;
        CHECK_FALSE(with->frames[n].has_to_be_read());
    }
    CHECK(lacking > 10);
    // What was shown stays as it was.
    CHECK(end->inputs == inputs.end());
    for (std::uint64_t n = end->frames.first(); n < end->frames.end(); ++n)
        CHECK_FALSE(end->frames[n].has_to_be_read());
}
