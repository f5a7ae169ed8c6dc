// Incidents of a world in which one thing was broken: one incident, its cause, its consequences inside it.
#include "diagnosis/causes/table.hpp"
#include "watch.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <optional>

namespace fhirscope::tests {
namespace {

using diagnosis::CauseCode;
using diagnosis::IncidentPtr;
using diagnosis::IncidentState;
using simulation::Fault;
using simulation::FaultKind;

// All that were, the newest first, but for information.
std::vector<IncidentPtr> met(const Diagnosis& diagnosis) {
    std::vector<IncidentPtr> all(diagnosis.incidents().going_on());
    all.insert(all.end(), diagnosis.incidents().over().begin(), diagnosis.incidents().over().end());
    std::erase_if(all, [](const IncidentPtr& one) { return one->severity == diagnosis::Severity::Info; });
    return all;
}

std::string told(const std::vector<IncidentPtr>& incidents) {
    std::string text;
    for (const IncidentPtr& one : incidents) text += std::string(one->id) + " " + one->headline + "\n";
    return text;
}

struct Broken {
    explicit Broken(FaultKind kind, std::chrono::seconds lasts = 0s, std::int64_t amount = 0) : watch(world) {
        REQUIRE(world.run_until_live());
        watch.run_for(30s);
        const Fault fault{kind, world.now(), lasts, amount, 1};
        world.apply(fault);
        if (lasts > 0s) {
            watch.run_for(lasts);
            world.end(fault);
        }
        watch.run_for(150s);
        incidents = met(watch.diagnosis);
        polls = world.engine().publish()->metrics.counters.polls;
        INFO(told(incidents));
        REQUIRE(incidents.size() == 1);
    }
    const diagnosis::Incident& one() const { return *incidents.front(); }

    simulation::VirtualWorld world{{.seed = 3}};
    Watch watch;
    std::vector<IncidentPtr> incidents;
    std::uint64_t polls = 0; // of the session
};

} // namespace

TEST_CASE("a Subscription that somebody deletes is one incident, and says so when it is over") {
    const Broken broken(FaultKind::SubscriptionDeleted);
    CHECK(broken.one().cause == CauseCode::SubscriptionGone);
    CHECK(broken.one().id == "D6");
    CHECK(broken.one().state == IncidentState::Repaired);
    CHECK(broken.one().headline.find("deaf: the server no longer had the Subscription") != std::string::npos);
    CHECK(broken.one().confidence >= 90);
    CHECK_FALSE(broken.one().scope.empty());
    CHECK(broken.one().command.find("$TOKEN") != std::string::npos);
    CHECK(broken.one().noticed_station.from >= broken.one().from);
    CHECK(broken.one().repaired_station.from == broken.one().to);
}

TEST_CASE("an incident keeps what was observed in it, in the order of time, and what it missed") {
    const Broken broken(FaultKind::SubscriptionDeleted);
    const auto& seen = broken.one().observations;
    const auto of = [&](diagnosis::Seen kind) {
        return std::find_if(seen.begin(), seen.end(), [&](const auto& one) { return one.seen == kind; });
    };
    REQUIRE(of(diagnosis::Seen::Gone) != seen.end());
    CHECK(of(diagnosis::Seen::Gone)->criteria == broken.one().scope);
    CHECK(std::is_sorted(seen.begin(), seen.end(), [](const auto& a, const auto& b) { return a.first < b.first; }));
    for (const diagnosis::Observed& one : seen) {
        CHECK(one.count > 0);
        CHECK(one.first <= one.last);
    }
    REQUIRE(of(diagnosis::Seen::MissedRecovered) != seen.end());
    CHECK(of(diagnosis::Seen::MissedRecovered)->count <= broken.one().missed.value_or(0));
    CHECK(broken.one().observations_left_out == 0);
    const auto& about = broken.one().about;
    CHECK(std::count_if(about.begin(), about.end(), [](const auto& one) { return one.starts_with("Task/"); }) > 0);
}

TEST_CASE("what a fault leads to is a part of its incident") {
    SECTION("a server that is away") {
        const Broken broken(FaultKind::RestartWithoutSubscriptions, 20s);
        CHECK(broken.one().cause == CauseCode::Restarted);
        CHECK(broken.one().scope.empty()); // all
        CHECK(broken.one().missed.value_or(0) > 0);
        CHECK_FALSE(broken.one().followed.empty());
    }
    SECTION("a connection that is dead and does not say so") {
        const Broken broken(FaultKind::HalfOpen, 0s, 60);
        CHECK(broken.one().cause == CauseCode::HalfOpen);
        CHECK(broken.one().noticed_station.what == "by an unanswered ping");
    }
    SECTION("a login that ends") {
        const Broken broken(FaultKind::LoginEnded, 40s, 1);
        CHECK(broken.one().cause == CauseCode::LoginEnded);
    }
    SECTION("a feature that is switched off") {
        const Broken broken(FaultKind::FeatureRemoved, 60s);
        CHECK(broken.one().cause == CauseCode::FeatureOff);
        const auto& followed = broken.one().followed;
        const auto polls = std::find_if(followed.begin(), followed.end(), [](const auto& one) {
            return one.kind == diagnosis::Consequence::Kind::Polling;
        });
        REQUIRE(polls != followed.end());
        CHECK(polls->count > 0);
        CHECK(polls->count <= broken.polls);
    }
}

TEST_CASE("what cannot be told apart is named together") {
    const Broken broken(FaultKind::BindingExpired);
    REQUIRE_FALSE(broken.one().alternatives.empty());
    CHECK(broken.one().confidence < 50);
    CHECK(broken.one().headline.find(", or ") != std::string::npos);
}

TEST_CASE("while nothing is heard nobody knows what is missed, and it is not written as 0") {
    simulation::VirtualWorld world({.seed = 3});
    Watch watch(world);
    REQUIRE(world.run_until_live());
    world.set_reachable(false);
    world.cut_socket();
    watch.run_for(20s);
    const IncidentPtr one = watch.diagnosis.incidents().worst();
    REQUIRE(one);
    CHECK(one->state == IncidentState::GoingOn);
    CHECK_FALSE(one->missed);
    CHECK_FALSE(one->deleted);
    world.set_reachable(true);
    watch.run_for(60s);
    const IncidentPtr over = watch.diagnosis.incidents().find(one->number);
    REQUIRE(over);
    CHECK(over->state == IncidentState::Repaired);
    CHECK(over->missed.value_or(0) > 0);
}

TEST_CASE("real time was there until the last that the socket brought, whatever was confirmed before") {
    Stage stage;
    engine::ConnectionView& c = stage.next().connection;
    const auto goes = [&](engine::Phase from, engine::Phase to, FactCode why) {
        c.transitions.push_back({stage.now(), c.state, c.state, from, to, {.code = why}});
        ++c.transition_counts[{from, to}];
        c.phase = to;
    };
    goes(engine::Phase::CatchingUp, engine::Phase::Live, FactCode::CaughtUp);
    stage.look();
    stage.next().at += 15s;
    // Found a moment before the connection was given up for it.
    stage.subscription().unheard_since = Stage::start() - 60s;
    stage.subscription().unheard_noticed = stage.now();
    stage.subscription().unheard_why = {.code = FactCode::DeafDropped};
    stage.next().at += 20ms;
    goes(engine::Phase::Live, engine::Phase::BackingOff, FactCode::NoneBound);
    const IncidentPtr one = stage.look_after(1s).incidents().worst();
    REQUIRE(one);
    CHECK(one->effect == diagnosis::Effect::RealTime);
    CHECK(one->from == Stage::start()); // its last event
}

TEST_CASE("a socket that could be opened at once was answered, however late anybody looked") {
    Stage stage;
    stage.look();
    engine::ConnectionView& c = stage.next().connection;
    stage.next().at += 10s;
    c.phase = engine::Phase::BackingOff;
    c.transitions.push_back({stage.now(), c.state, c.state, engine::Phase::Live, c.phase, {.code = FactCode::NoPong}});
    ++c.transition_counts[{engine::Phase::Live, c.phase}];
    const bool at_once = GENERATE(true, false);
    engine::Attempt attempt;
    attempt.began = attempt.ended = stage.now() + (at_once ? 1s : 8s);
    attempt.opened = true;
    c.attempts.push_back(attempt);
    c.login_accepted = stage.now() + 9s;
    const auto& going_on = stage.look_after(10s).incidents().going_on();
    REQUIRE(going_on.size() == 1);
    CHECK(going_on.front()->cause == (at_once ? CauseCode::HalfOpen : CauseCode::Hanging));
}

TEST_CASE("what is refused with each check is one incident; what fails now and then is not") {
    Stage stage;
    const int status = GENERATE(403, 500);
    for (int i = 0; i < 3; ++i) {
        stage.fail({stage.now(),
                    stage.now(),
                    engine::RequestFor::Search,
                    "GET",
                    0,
                    {},
                    answered(static_cast<std::uint16_t>(status), "no")});
        stage.look_after(60s);
    }
    const auto& all = stage.diagnosis.incidents();
    CHECK(all.going_on().size() + all.over().size() == (status == 403 ? 1 : 3));
}

TEST_CASE("what is explained only later is an incident no more") {
    Stage stage;
    const auto index = stage.hold(task("1", "requested"));
    stage.change(index, [](engine::Record& record) { record.standing = engine::Standing::OutOfView; });
    stage.say(Fact{.code = FactCode::ReadHidden, .about = "Task/t1"}.because(answered(404, "Not found")));
    const auto has = [&](CauseCode cause) {
        const auto& all = stage.diagnosis.incidents().going_on();
        return std::any_of(all.begin(), all.end(), [&](const IncidentPtr& one) { return one->cause == cause; });
    };
    stage.look_after(1s);
    CHECK(has(CauseCode::OutOfView));
    stage.next().at += 1s;
    stage.fail({stage.now(), stage.now(), engine::RequestFor::Search, "GET", 0, {}, answered(404, "Not found")});
    stage.look_after(1s);
    CHECK(has(CauseCode::OddRefusals));
    CHECK_FALSE(has(CauseCode::OutOfView));
}

TEST_CASE("where one subscription is deaf, only resources of its type may be old") {
    Stage stage;
    stage.subscribe("Patient");
    stage.hold(task("1", "requested"));
    stage.look();
    const bool is_of_it = GENERATE(true, false);
    engine::SubscriptionView& deaf = stage.subscription(is_of_it ? 0 : 1);
    deaf.unheard_since = deaf.unheard_noticed = stage.now();
    deaf.unheard_why = {.code = FactCode::DeafSilent};
    const IncidentPtr one = stage.look_after(1s).incidents().worst();
    REQUIRE(one);
    CHECK(one->affects == (is_of_it ? 1 : 0));
}

TEST_CASE("where nothing is broken there is no incident") {
    simulation::VirtualWorld world({.seed = 5});
    Watch watch(world);
    REQUIRE(world.run_until_live());
    watch.run_for(300s);
    CHECK(told(met(watch.diagnosis)).empty());
    CHECK_FALSE(watch.diagnosis.incidents().worst());
}

TEST_CASE("the same snapshots give the same incidents") {
    const auto run = [] {
        simulation::VirtualWorld world({.seed = 7});
        Watch watch(world);
        REQUIRE(world.run_until_live());
        world.cut_socket();
        watch.run_for(60s);
        return told(met(watch.diagnosis));
    };
    CHECK(run() == run());
}

} // namespace fhirscope::tests
