// What a session keeps of itself: the last stretches, each beginning with a state, from which everything that is kept
// can be reached.

#include "session/flight_recorder.hpp"

#include "engine/engine.hpp"
#include "session/player.hpp"
#include "simulation/runner.hpp"
#include "support/eventually.hpp"

#include <catch2/catch_test_macros.hpp>

#include <vector>

using namespace fhirscope;
using namespace std::chrono_literals;

namespace {

struct Ran {
    std::vector<std::uint64_t> hashes; // after so many inputs
    std::uint64_t begins_moved = 0;
};

Ran run_into(session::FlightRecorder& recorder) {
    Ran ran;
    engine::Engine engine;
    ran.hashes.push_back(engine.state_hash());
    std::uint64_t begin = 0;
    simulation::run(simulation::draw_scenario(7, 240s, simulation::Mode::Bounded, simulation::FaultSet::all()),
                    simulation::Thoroughness::Quick, [&](unsigned client, const engine::Input& input) {
                        if (client != 0) return;
                        recorder.add(input);
                        engine.step(input);
                        recorder.between(engine);
                        ran.hashes.push_back(engine.state_hash());
                        if (recorder.begin() != begin) ++ran.begins_moved;
                        begin = recorder.begin();
                    });
    return ran;
}

void check_every_moment(const session::FlightRecorder& recorder, const Ran& ran) {
    REQUIRE(recorder.end() == ran.hashes.size() - 1);
    REQUIRE(recorder.begin() < recorder.end());
    session::PlayerOptions options;
    options.apart = 64;
    session::Player player(recorder, options);
    std::size_t checked = 0;
    for (std::uint64_t number = recorder.end(); number >= recorder.begin() && number != UINT64_MAX; number -= 7) {
        CAPTURE(number);
        REQUIRE(player.seek(number).value());
        REQUIRE(player.state_hash() == ran.hashes[number]);
        ++checked;
        if (number < recorder.begin() + 7) break;
    }
    CHECK(checked > 5);
}

} // namespace

TEST_CASE("a flight recorder gives up whole stretches, and every moment that is left can be reached") {
    session::FlightOptions options;
    options.longest = 60s;
    options.stretch = 10s;
    session::FlightRecorder recorder(options);
    const Ran ran = run_into(recorder);
    CHECK(ran.begins_moved > 3);
    CHECK(recorder.last() - recorder.first() >= 60s);
    const auto frame = recorder.keyframe_before(recorder.begin());
    REQUIRE(frame);
    CHECK(frame->inputs == recorder.begin());
    CHECK_FALSE(recorder.keyframe_before(recorder.begin() - 1));
    check_every_moment(recorder, ran);
    session::Player player(recorder);
    CHECK(player.seek(recorder.begin()).has_value());
    session::Player too_early(recorder);
    const auto gone = too_early.seek(recorder.begin() - 1);
    REQUIRE_FALSE(gone);
    CHECK(gone.error().code == ErrorCode::Missing);
}

TEST_CASE("a flight recorder with room keeps a session from its first input on") {
    session::FlightRecorder recorder;
    const Ran ran = run_into(recorder);
    CHECK(ran.begins_moved == 0);
    CHECK(recorder.begin() == 0);
    check_every_moment(recorder, ran);
}

TEST_CASE("a flight recorder stays within its bytes, but for the newest stretch") {
    session::FlightOptions options;
    options.most_bytes = 96u << 10;
    options.stretch_bytes = 16u << 10;
    options.stretch = 3600s;
    session::FlightRecorder recorder(options);
    const Ran ran = run_into(recorder);
    CHECK(ran.begins_moved > 1);
    CHECK(recorder.bytes() < 2 * options.most_bytes);
    check_every_moment(recorder, ran);
}

TEST_CASE("a mark is made between two inputs, with the state there") {
    session::FlightRecorder recorder;
    engine::Engine engine;
    std::vector<session::FlightRecorder::Mark> marks;
    const auto put = [&](engine::InputBody body) {
        const engine::Input input{LocalTime(1s), std::move(body)};
        recorder.add(input);
        engine.step(input);
    };
    put(engine::Start{});
    recorder.mark([&](const session::FlightRecorder::Mark& mark) { marks.push_back(mark); });
    CHECK(marks.empty());
    recorder.between(engine);
    recorder.between(engine);
    put(engine::Command{engine::Connect{}});
    REQUIRE(marks.size() == 1);
    CHECK(marks[0].inputs == 1);
    auto resumed = engine::Engine::resume(marks[0].state);
    REQUIRE(resumed);
    CHECK(resumed->state_hash() == marks[0].state_hash);
    CHECK(resumed->state_hash() != engine.state_hash());
    resumed->step({LocalTime(1s), engine::Command{engine::Connect{}}});
    CHECK(resumed->state_hash() == engine.state_hash());
}
