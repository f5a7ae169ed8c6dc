// The same inputs give the same effects and the same state, byte for byte; a state read back goes on to the same hash.

#include "support/virtual_world.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_range.hpp>

using namespace fhirscope;
using namespace fhirscope::test;
using namespace std::chrono_literals;

namespace {

// A minute with everything in it: outage, silence, overtaking frames, short tokens.
struct Eventful : VirtualWorld {
    explicit Eventful(std::uint64_t seed);
};
Eventful::Eventful(std::uint64_t seed)
    : VirtualWorld({.seed = seed,
                    .patients = 5,
                    .tasks = 12,
                    .rate = 40,
                    .binding_lifetime = 30s,
                    .frame_delay_max_us = 60'000,
                    .overtaking = true}) {
    VirtualWorld& world = *this;
    world.run_for(10s);
    world.set_reachable(false);
    world.run_for(4s);
    world.set_reachable(true);
    world.run_for(20s);
    world.send_raw("{not json");
    world.fail_next_requests(2, 500);
    world.run_for(6s);
    world.cut_socket();
    world.run_for(20s);
}

std::string bytes_of(const std::vector<engine::Input>& inputs) {
    std::string bytes;
    engine::ArchiveWriter writer(bytes);
    for (auto input : inputs) writer(input);
    return bytes;
}

} // namespace

TEST_CASE("the same seed gives the same inputs, effects and hash") {
    const Eventful first(42), second(42), other(43);
    CHECK(first.inputs().size() > 1000);
    CHECK(bytes_of(first.inputs()) == bytes_of(second.inputs()));
    CHECK(first.effects_bytes() == second.effects_bytes());
    CHECK(first.engine().state_hash() == second.engine().state_hash());
    CHECK(first.engine().state_hash() != other.engine().state_hash());
}

TEST_CASE("publishing, observing and measuring change neither state nor effects") {
    const Eventful world(42);
    engine::Engine replayed;
    replayed.set_stage_clock([]() -> std::uint64_t {
        static std::uint64_t ticks = 0;
        return ticks += 100;
    });
    std::size_t told = 0;
    replayed.observe({"Task", "", {"status"}}, [&](const engine::Change&) { ++told; });
    std::size_t n = 0;
    for (const auto& input : world.inputs()) {
        replayed.step(input);
        if (++n % 7 == 0) replayed.publish();
    }
    CHECK(replayed.state_hash() == world.engine().state_hash());
    CHECK(told > 10);
}

TEST_CASE("an engine restored in the middle goes on to the same hash and effects") {
    const auto seed = GENERATE(range(1, 13));
    INFO("seed " << seed);
    const Eventful world(static_cast<std::uint64_t>(seed));
    const auto& inputs = world.inputs();
    Random random(static_cast<std::uint64_t>(seed));
    const auto cut = static_cast<std::size_t>(random.below(inputs.size()));
    INFO("cut after input " << cut << " of " << inputs.size());

    engine::Engine whole;
    for (std::size_t i = 0; i < cut; ++i) whole.step(inputs[i]);
    auto restored = engine::Engine::restore(whole.keyframe());
    REQUIRE(restored);
    CHECK(restored->state_hash() == whole.state_hash());
    CHECK(restored->keyframe() == whole.keyframe());
    for (std::size_t i = cut; i < inputs.size(); ++i) {
        engine::Effects a = whole.step(inputs[i]), b = restored->step(inputs[i]);
        if (engine::to_bytes(a) != engine::to_bytes(b)) FAIL("effects differ at input " << i);
    }
    CHECK(restored->state_hash() == whole.state_hash());
    CHECK(restored->state_hash() == world.engine().state_hash());
    CHECK(restored->publish()->updates.size() == whole.publish()->updates.size());
}

TEST_CASE("a damaged keyframe is refused, never believed") {
    VirtualWorld world({.seed = 2, .patients = 3, .tasks = 3});
    REQUIRE(world.run_until_live());
    const std::string good = world.engine().keyframe();
    CHECK(engine::Engine::restore(good));
    CHECK_FALSE(engine::Engine::restore(""));
    CHECK_FALSE(engine::Engine::restore("not a keyframe at all"));
    CHECK_FALSE(engine::Engine::restore(good.substr(0, good.size() / 2)));
    CHECK_FALSE(engine::Engine::restore(good + "x"));
    Random random(99);
    for (int i = 0; i < 200; ++i) { // random damage: refused or harmless, never a crash
        std::string bad = good;
        bad[static_cast<std::size_t>(random.below(bad.size()))] ^= static_cast<char>(1 + random.below(255));
        if (auto restored = engine::Engine::restore(bad)) restored->publish();
    }
}
