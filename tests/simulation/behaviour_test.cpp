// Both Medplums in virtual time, and what their administrators and other clients do: the world shows it as the real
// servers do, and the engine ends equal to the server.

#include "simulation/runner.hpp"
#include "simulation/virtual_world.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>

namespace fhirscope::simulation {

using namespace std::chrono_literals;
using server::Behaviour;

namespace {

WorldOptions quiet_world(Behaviour behaviour) {
    WorldOptions options;
    options.seed = 11;
    options.rate = 0;
    options.behaviour = behaviour;
    return options;
}

// Listens to one client of a world: what it was told of, and what its heartbeats list.
struct Observer {
    explicit Observer(VirtualWorld& world) {
        world.client().before_step = [this](const engine::Input& input) {
            const auto* frame = std::get_if<engine::Frame>(&input.body);
            if (!frame || !frame->text) return;
            events += frame->text->find("event-notification") != std::string::npos;
            if (frame->text->find("\"heartbeat\"") == std::string::npos) return;
            listed = 0;
            for (auto at = frame->text->find("\"heartbeat\""); at != std::string::npos;
                 at = frame->text->find("\"heartbeat\"", at + 1))
                ++listed;
        };
    }
    std::size_t events = 0, listed = 0;
};

std::string a_task(VirtualWorld& world) { return world.server().store.all("Task").front()->reference(); }

void change(VirtualWorld& world, const std::string& text) {
    REQUIRE(world.server().set_member(a_task(world), "description", fhir::quote(text)));
}

} // namespace

TEST_CASE("5.1 in virtual time: a change waits in the queue, and is matched when it is taken from it") {
    VirtualWorld world(quiet_world(Behaviour::Medplum51));
    Observer observer(world);
    world.apply({FaultKind::QueueDelay, world.now(), 40s, 20'000, 1});
    change(world, "before anybody listens");
    REQUIRE(world.run_until_live());
    world.run_for(5s);
    CHECK(observer.events == 0);
    world.run_for(20s);
    CHECK(observer.events == 1);
}

TEST_CASE("5.0 in virtual time: whom to tell is known at the commit") {
    VirtualWorld world(quiet_world(Behaviour::Medplum50));
    Observer observer(world);
    world.apply({FaultKind::QueueDelay, world.now(), 40s, 20'000, 1});
    change(world, "before anybody listens");
    REQUIRE(world.run_until_live());
    world.run_for(30s);
    CHECK(observer.events == 0);
}

TEST_CASE("a server that hangs answers nothing and sends nothing, and goes on where it was") {
    VirtualWorld world(quiet_world(GENERATE(Behaviour::Medplum50, Behaviour::Medplum51)));
    Observer observer(world);
    REQUIRE(world.run_until_live());
    world.run_for(1s);
    const Fault hang{FaultKind::HangingServer, world.now(), 8s, 0, 1};
    world.queue().after(hang.lasts, [&] { world.end(hang); });
    world.apply(hang);
    const auto answers = world.engine().publish()->metrics.counters.frames_in;
    change(world, "while it hangs");
    world.run_for(7s);
    CHECK(world.engine().publish()->metrics.counters.frames_in == answers);
    world.run_for(2s);
    CHECK(observer.events == 1);
    CHECK(world.settle_and_verify().state == engine::VerifyView::State::Equal);
}

TEST_CASE("heartbeats list what is gone until the socket closes, and the engine is not led astray") {
    VirtualWorld world(quiet_world(GENERATE(Behaviour::Medplum50, Behaviour::Medplum51)));
    Observer observer(world);
    REQUIRE(world.run_until_live());
    world.run_for(11s);
    CHECK(observer.listed == 3);
    world.apply({FaultKind::DeadListed, world.now(), 0s, 4, 1});
    world.run_for(11s);
    CHECK(observer.listed == 7);
    change(world, "heard all the same");
    world.run_for(2s);
    CHECK(observer.events == 1);
    world.cut_socket();
    REQUIRE(world.run_until_live());
    world.run_for(11s);
    CHECK(observer.listed == 3);
}

TEST_CASE("a project without the feature tells nobody, and tells again when it is back") {
    VirtualWorld world(quiet_world(GENERATE(Behaviour::Medplum50, Behaviour::Medplum51)));
    Observer observer(world);
    REQUIRE(world.run_until_live());
    const Fault removed{FaultKind::FeatureRemoved, world.now(), 5s, 0, 1};
    world.apply(removed);
    change(world, "silent");
    world.run_for(2s);
    CHECK(observer.events == 0);
    world.end(removed);
    change(world, "told");
    world.run_for(2s);
    CHECK(observer.events == 1);
}

TEST_CASE("after each thing that is done to logins, Subscriptions and policies the engine equals the server",
          "[seeds]") {
    const auto behaviour = GENERATE(Behaviour::Medplum50, Behaviour::Medplum51);
    const auto kind =
        GENERATE(FaultKind::LoginRevoked, FaultKind::SecretRotated, FaultKind::FeatureRemoved, FaultKind::PolicyChanged,
                 FaultKind::SubscriptionDeleted, FaultKind::SubscriptionsExpired, FaultKind::DeadListed,
                 FaultKind::HangingServer, FaultKind::QueueDelay);
    for (std::int64_t amount = info(kind).least; amount <= std::min(info(kind).most, info(kind).least + 3); ++amount) {
        Scenario scenario;
        scenario.seed = 21 + static_cast<std::uint64_t>(amount);
        scenario.duration = 2min;
        scenario.behaviour = behaviour;
        const VirtualTime lasts = info(kind).longest_ms > 0 ? VirtualTime(40s) : VirtualTime(0);
        scenario.faults = {{kind, 10s, lasts, amount, 1}, {kind, 70s, lasts, amount, 2}};
        const auto verdict = run(scenario);
        INFO(to_string(behaviour) << ": " << describe(scenario.faults.front()) << ": "
                                  << (verdict.violation ? verdict.violation->text : ""));
        CHECK_FALSE(verdict.violation);
        CHECK(verdict.injected[static_cast<std::size_t>(kind)] == 2);
    }
}

// The event of a version waits in the server's queue while a read says that the resource is deleted.
TEST_CASE("an event that was queued before a deletion became known does not bring the resource back") {
    VirtualWorld world(quiet_world(GENERATE(Behaviour::Medplum50, Behaviour::Medplum51)));
    REQUIRE(world.run_until_live());
    world.run_for(1s);
    const std::string task = a_task(world);
    world.apply({FaultKind::QueueDelay, world.now(), 60s, 20'000, 1});
    change(world, "queued");
    world.run_for(1s);
    REQUIRE(world.server().remove(task));
    world.input(engine::Command{engine::ReadResource{task}});
    bool deleted = false, back = false;
    world.engine().observe({}, [&](const engine::Change& change) {
        if (change.after->reference != task) return;
        back = back || (deleted && change.after->resource());
        deleted = deleted || !change.after->resource();
    });
    world.run_for(2s);
    CHECK(deleted);
    world.run_for(30s);
    CHECK_FALSE(back);
    CHECK(world.settle_and_verify().state == engine::VerifyView::State::Equal);
}

// What no longer fitted into the queue is read, and a proxy says 404 to the read of what a search has just listed.
TEST_CASE("a read that finds nothing of what was just listed is asked again before it is believed") {
    // Those that there were when the seed was found: with others it would draw another schedule.
    const auto set = FaultSet::parse(
        "frame-delay,frame-reorder,frame-duplicate,frame-drop,malformed-frame,oversized-frame,cut,half-open,"
        "refused-connect,stalled-response,split-response,http-401,http-403,http-404,http-409,http-410,http-412,"
        "http-429,http-5xx,html-answer,local-clock-jump,client-suspended,server-clock-jump,server-skew,"
        "access-token-expired,binding-expired,login-revoked,subscription-deleted,restart-with-subscriptions,"
        "restart-without-subscriptions,silent-bind,heartbeat-before-handshake,ghost-delete,version-tie,deletes,burst,"
        "writers,slow-consumer,user-commands");
    REQUIRE(set);
    const auto scenario =
        draw_scenario(406933177, 3min, Mode::Bounded, *set, 1, GENERATE(Behaviour::Medplum50, Behaviour::Medplum51));
    const auto verdict = run(scenario);
    INFO((verdict.violation ? verdict.violation->text : ""));
    CHECK_FALSE(verdict.violation);
    CHECK(verdict.counters.front().overflowed > 0);
    CHECK(verdict.injected[static_cast<std::size_t>(FaultKind::Http404)] == 3);
}

TEST_CASE("a seed draws one of the two behaviours, unless it is named") {
    std::size_t newer = 0;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        newer += draw_scenario(seed, 1min, Mode::Bounded, FaultSet::all()).behaviour == Behaviour::Medplum51;
        CHECK(draw_scenario(seed, 1min, Mode::Bounded, FaultSet::all(), 1, Behaviour::Medplum50).behaviour ==
              Behaviour::Medplum50);
    }
    CHECK((newer > 25 && newer < 75));
}

} // namespace fhirscope::simulation
