// What the engine notices, and how it goes on, in virtual time.

#include "engine/cache.hpp"
#include "simulation/virtual_world.hpp"
#include "words/words.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace fhirscope;
using namespace fhirscope::engine;
using World = simulation::VirtualWorld;
using simulation::WorldOptions;
using namespace std::chrono_literals;

namespace {

Counters counters(World& world) { return world.engine().publish()->metrics.counters; }

bool says(World& world, std::string_view words) {
    const auto snapshot = world.engine().publish();
    for (std::uint64_t i = snapshot->events.first(); i < snapshot->events.end(); ++i)
        if (words::text(snapshot->events[i]).find(words) != std::string::npos) return true;
    return false;
}

} // namespace

TEST_CASE("a subscription that hears nothing, though heartbeats go on, is found out by a check and made anew") {
    World world({.seed = 1});
    REQUIRE(world.run_until_live());
    world.set_deaf(true);
    world.run_for(90s); // a check period, the grace and some requests
    CHECK(counters(world).deaf >= 1);
    CHECK(counters(world).missed > 0);
    world.set_deaf(false);
    world.run_for(150s);
    CHECK(world.settle_and_verify().state == VerifyView::State::Equal);
    CHECK(counters(world).recovered + counters(world).hidden == counters(world).missed);
}

TEST_CASE("versions that were superseded while the subscription was deaf are counted as never seen") {
    World world({.seed = 2, .patients = 2, .tasks = 4, .rate = 5});
    REQUIRE(world.run_until_live());
    world.set_deaf(true);
    world.run_for(90s);
    world.set_deaf(false);
    world.run_for(30s);
    CHECK(counters(world).never_seen > 0);
    CHECK(says(world, "never seen: "));
}

TEST_CASE("a Subscription that the server deleted is noticed by the probe") {
    World world({.seed = 3, .rate = 0.1});
    REQUIRE(world.run_until_live());
    const std::string id = world.engine().publish()->subscriptions.front().id;
    world.network().remove_subscription(0);
    REQUIRE(world.run_until([](const Snapshot& s) { return s.metrics.counters.deaf > 0; }, 75s));
    CHECK(says(world, "the server no longer has the Subscription"));
    REQUIRE(world.run_until_live());
    CHECK(world.settle_and_verify().state == VerifyView::State::Equal);
}

TEST_CASE("while sockets are refused again and again, polling shows what changes; it ends when real time is back") {
    World world({.seed = 4, .rate = 2});
    REQUIRE(world.run_until_live());
    world.set_conditions([](simulation::Conditions& c) { c.refuse_sockets = true; });
    world.cut_socket();
    REQUIRE(world.run_until([](const Snapshot& s) { return s.connection.polling; }, 120s));
    const auto before = counters(world).applied;
    world.run_for(60s);
    CHECK(counters(world).applied > before + 20);
    CHECK(counters(world).polls >= 2);
    world.set_conditions([](simulation::Conditions& c) { c.refuse_sockets = false; });
    REQUIRE(world.run_until_live(120s));
    CHECK_FALSE(world.engine().publish()->connection.polling);
    CHECK(says(world, "real time is back"));
    CHECK(world.settle_and_verify().state == VerifyView::State::Equal);
}

TEST_CASE("what changed at the server behind everybody's back is drift: reported with both sides, and repaired") {
    World world({.seed = 5, .rate = 0.1, .configure = [](Config& c) {
                     c.check_period = 24h;
                     c.reconcile_period = 60s;
                 }});
    REQUIRE(world.run_until_live());
    world.stop_writers();
    world.run_for(5s);
    world.set_deaf(true);
    const std::string task = "Task/" + world.server().current("Task").front().id;
    REQUIRE(world.server().set_member(task, "description", "\"changed unseen\"").has_value());
    world.run_for(1s); // the event leaves the server's queue, and is lost
    world.set_deaf(false);
    REQUIRE(world.run_until([](const Snapshot& s) { return s.metrics.counters.drifts > 0; }, 200s));
    CHECK(says(world, "drift: " + task + ": here version "));
    world.run_for(5s);
    CHECK(world.settle_and_verify().state == VerifyView::State::Equal);
}

TEST_CASE("a restart shows at once what the last session left, unconfirmed, and catches up from there") {
    Text left;
    {
        World world({.seed = 6});
        REQUIRE(world.run_until_live());
        world.stop_writers();
        world.run_for(70s); // a check says up to where nothing is missing
        left = make_text(make_cache(*world.engine().publish()));
        REQUIRE_FALSE(left->empty());
    }
    Engine engine;
    Config config;
    config.base_url = World::base();
    config.subscriptions = {{"Patients", "Patient"}, {"Tasks", "Task"}};
    const LocalTime at{std::chrono::seconds(1'790'001'000)};
    engine.step({at, Start{config, left}});
    while (engine.wants_drain()) engine.step({at, Drain{}});
    const auto snapshot = engine.publish();
    std::size_t unconfirmed = 0;
    for (const StoreView& store : snapshot->stores)
        for (std::size_t i = 0; i < store.records.size(); ++i)
            unconfirmed += store.records[i]->standing == Standing::Unconfirmed;
    CHECK(unconfirmed == 8 + 24);
    CHECK(snapshot->subscriptions[0].watermark != ServerTime{});
}

TEST_CASE("what a damaged cache holds is not used, and that is said") {
    Engine engine;
    Config config;
    config.base_url = World::base();
    config.subscriptions = {{"Patients", "Patient"}};
    engine.step({LocalTime{std::chrono::seconds(1)}, Start{config, make_text("not a cache")}});
    CHECK_FALSE(engine.wants_drain());
    CHECK(engine.publish()->events[0].what.code == FactCode::CacheUnusable);
}

TEST_CASE("a login that ends is noticed with the first request, and recovered from when it is accepted again") {
    World world({.seed = 21, .rate = 5});
    REQUIRE(world.run_until_live());
    simulation::Fault fault;
    fault.kind = simulation::FaultKind::LoginEnded;
    fault.lasts = 120s;
    fault.salt = 7;
    SECTION("its token is refused") { fault.amount = 0; }
    SECTION("it cannot be renewed") { fault.amount = 1; }
    world.apply(fault);
    world.input(Command{ReadResource{"Task/any"}});
    REQUIRE(world.run_until([](const Snapshot& s) { return s.connection.phase == Phase::LoginEnded; }, 1s));
    const auto requests = world.network().requests();
    world.run_for(100s);
    CHECK(world.engine().publish()->connection.phase == Phase::LoginEnded);
    CHECK(world.network().requests() - requests <= 6); // a slow retry, and nothing else
    CHECK(counters(world).applied > 0);                // what the socket brings is shown all the same
    world.end(fault);
    REQUIRE(world.run_until_live(90s));
    CHECK(world.settle_and_verify().state == VerifyView::State::Equal);
}
