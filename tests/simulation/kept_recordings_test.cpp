// Recordings that are kept replay to the state they were made with. What changes a hash here is a change of the rules, and
// never a word. After such a change they are recorded again: FHIRSCOPE_GOLDEN=write test_simulation "kept recordings*".

#include "session/reader.hpp"
#include "session/replay.hpp"
#include "simulation/record.hpp"
#include "support/paths.hpp"

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cstdlib>
#include <filesystem>

using namespace fhirscope;
using namespace std::chrono_literals;

namespace {

struct Kept {
    const char* name;
    std::uint64_t seed;
    unsigned clients;
};
constexpr std::array<Kept, 3> kept{{{"one-client", 7, 1}, {"one-client-second-line", 12, 1}, {"two-clients", 5, 2}}};

std::filesystem::path path_of(const Kept& which) {
    return std::filesystem::path(tests::fixtures) / "recordings" / (std::string(which.name) + ".fhirscope");
}

bool to_be_written() {
    const char* wish = std::getenv("FHIRSCOPE_GOLDEN");
    return wish && std::string_view(wish) == "write";
}

simulation::Scenario scenario_of(const Kept& which) {
    return simulation::draw_scenario(which.seed, 60s, simulation::Mode::Bounded, simulation::FaultSet::all(),
                                     which.clients, {});
}

} // namespace

TEST_CASE("kept recordings replay to the state that they were made with") {
    for (const Kept& which : kept) {
        const auto path = path_of(which);
        CAPTURE(path.filename().string());
        if (to_be_written()) {
            std::filesystem::create_directories(path.parent_path());
            std::filesystem::remove(path);
            REQUIRE(simulation::record(scenario_of(which), path.string(), "kept"));
        }
        const auto reader = session::Reader::open(path.string());
        INFO((reader ? "" : reader.error().message));
        REQUIRE(reader);
        engine::Engine engine;
        const auto replayed = session::replay(*reader, engine);
        REQUIRE(replayed);
        CHECK(replayed->inputs > 100);
        REQUIRE(replayed->equal);
        CHECK(*replayed->equal);
    }
}
