// The whole flow in virtual time, against the embedded server's rules.

#include "support/virtual_world.hpp"
#include "words/words.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace fhirscope;
using namespace fhirscope::test;
using namespace std::chrono_literals;
using engine::Phase;
using engine::VerifyView;

TEST_CASE("create, token, bind, handshake, baseline search, live: then every change is shown") {
    VirtualWorld world({.seed = 7});
    REQUIRE(world.run_until_live());
    const auto live = world.engine().publish();
    CHECK(live->stores.size() >= 3);
    CHECK(live->metrics.counters.applied > 0);
    world.run_for(60s);
    const auto verify = world.settle_and_verify();
    INFO(words::text(verify.differences.empty() ? verify.problem : verify.differences.front()));
    CHECK(verify.state == VerifyView::State::Equal);
    CHECK(verify.compared > 32);
    const auto end = world.engine().publish();
    const auto& c = end->metrics.counters;
    CHECK(c.missed == 0);
    CHECK(c.rejected == 0);
    CHECK(c.received == c.applied + c.duplicates + c.superseded + c.out_of_order + c.rejected + c.checking);
    CHECK(end->metrics.all.end_to_end.count() > 100);
    CHECK(world.stale_effects() == 0);
}

TEST_CASE("the phases come in order, each with its reason") {
    VirtualWorld world({.seed = 3});
    REQUIRE(world.run_until_live());
    std::vector<Phase> phases;
    const auto live = world.engine().publish();
    for (const auto& t : live->connection.transitions) {
        phases.push_back(t.to);
        CHECK_FALSE(words::text(t.reason).empty());
    }
    CHECK(phases == std::vector{Phase::Opening, Phase::Binding, Phase::CatchingUp, Phase::Live});
}

TEST_CASE("what changed while the socket was away is found, counted as missed, and recovered") {
    VirtualWorld world({.seed = 11, .rate = 50});
    REQUIRE(world.run_until_live());
    world.run_for(5s);
    world.set_reachable(false);
    world.run_for(10s);
    CHECK(world.engine().publish()->connection.phase == Phase::BackingOff);
    world.set_reachable(true);
    REQUIRE(world.run_until_live());
    const auto verify = world.settle_and_verify();
    INFO((verify.differences.empty() ? "" : words::text(verify.differences.front())));
    CHECK(verify.state == VerifyView::State::Equal);
    const auto end = world.engine().publish();
    const auto& c = end->metrics.counters;
    CHECK(c.missed > 10);
    CHECK(c.recovered == c.missed);
    CHECK(c.reconnects >= 1);
}

TEST_CASE("a socket on which nothing comes any more is given up after two and a half heartbeats at the latest") {
    VirtualWorld world({.seed = 5});
    REQUIRE(world.run_until_live());
    world.set_silent(true);
    world.run_for(26s);
    const auto s = world.engine().publish();
    CHECK(s->metrics.counters.opens >= 1);
    bool lost = false;
    for (const auto& t : s->connection.transitions) lost = lost || t.to == Phase::BackingOff;
    CHECK(lost);
    world.set_silent(false);
    REQUIRE(world.run_until_live());
    const auto verify = world.settle_and_verify();
    INFO(words::text(verify.differences.empty() ? verify.problem : verify.differences.front()));
    CHECK(verify.state == VerifyView::State::Equal);
}

TEST_CASE("a bind that the server ignores times out and is tried with a new Subscription") {
    VirtualWorld world({.seed = 5});
    world.set_ignores_bind(true);
    world.run_for(12s);
    CHECK(world.engine().publish()->connection.phase != Phase::Live);
    world.set_ignores_bind(false);
    REQUIRE(world.run_until_live());
    CHECK(world.settle_and_verify().state == VerifyView::State::Equal);
}

TEST_CASE("a token is refreshed before it expires, and nothing is missed") {
    VirtualWorld world({.seed = 9, .rate = 30, .binding_lifetime = 40s});
    REQUIRE(world.run_until_live());
    world.run_for(120s);
    const auto s = world.engine().publish();
    CHECK(s->metrics.counters.reconnects == 0);
    for (const auto& subscription : s->subscriptions) CHECK(subscription.handshakes >= 3);
    CHECK(world.settle_and_verify().state == VerifyView::State::Equal);
    CHECK(world.engine().publish()->metrics.counters.missed == 0);
}

TEST_CASE("a Subscription gets a successor before its own end, and nothing is missed") {
    VirtualWorld world(
        {.seed = 13, .rate = 30, .configure = [](engine::Config& c) { c.subscription_renew_after = 30s; }});
    REQUIRE(world.run_until_live());
    const std::string first = world.engine().publish()->subscriptions[0].id;
    world.run_for(65s);
    const auto s = world.engine().publish();
    CHECK(s->subscriptions[0].id != first);
    CHECK(s->metrics.counters.reconnects == 0);
    CHECK(world.settle_and_verify().state == VerifyView::State::Equal);
    CHECK(world.engine().publish()->metrics.counters.missed == 0);
    CHECK(world.server().hub.size() == 3); // the predecessors are unbound, so gone
}

TEST_CASE("updates that overtake each other end with the newest version") {
    VirtualWorld world(
        {.seed = 17, .patients = 3, .tasks = 3, .rate = 200, .frame_delay_max_us = 120'000, .overtaking = true});
    REQUIRE(world.run_until_live());
    world.run_for(30s);
    const auto verify = world.settle_and_verify();
    INFO((verify.differences.empty() ? "" : words::text(verify.differences.front())));
    CHECK(verify.state == VerifyView::State::Equal);
    CHECK(world.engine().publish()->metrics.counters.out_of_order > 20);
}

TEST_CASE("server errors during the set-up are waited out") {
    VirtualWorld world({.seed = 23});
    world.fail_next_requests(8, 503);
    REQUIRE(world.run_until_live(120s));
    CHECK(world.settle_and_verify().state == VerifyView::State::Equal);
}

TEST_CASE("bad frames are counted and shown, and lose no update") {
    VirtualWorld world({.seed = 29});
    REQUIRE(world.run_until_live());
    world.send_raw("{not json");
    world.send_raw(R"({"hello":"world"})");
    world.send_raw(
        R"({"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid","details":{"text":"Token failed"}}]})");
    world.send_raw(std::string(5'000'000, ' '));
    world.send_raw(std::string(100'000, '['));
    world.run_for(10s);
    const auto s = world.engine().publish();
    CHECK(s->metrics.counters.bad_frames == 3);
    CHECK(s->metrics.counters.unknown_frames == 1);
    bool outcome_shown = false;
    for (auto n = s->events.first(); n < s->events.end(); ++n)
        outcome_shown = outcome_shown || s->events[n].what.words == "Token failed";
    CHECK(outcome_shown);
    CHECK(world.settle_and_verify().state == VerifyView::State::Equal);
}

TEST_CASE("events that are lost without a sign are found by the comparison, not hidden") {
    VirtualWorld world({.seed = 31});
    REQUIRE(world.run_until_live());
    world.set_deaf(true);
    world.run_for(10s);
    world.set_deaf(false);
    const auto verify = world.settle_and_verify();
    CHECK(verify.state == VerifyView::State::Different);
    CHECK(verify.difference_count == verify.differences.size());
    CHECK(verify.difference_count > 0);
}
