// Every cause of the demo panel, against the embedded server: it has the effect that its words promise, stopping it
// puts everything right, and at the end local = server.
#include "app/demo_director.hpp"
#include "app/panels.hpp"
#include "runtime/runtime.hpp"
#include "server/fault_proxy.hpp"
#include "server/server.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>

using namespace fhirscope;
using namespace std::chrono_literals;
using engine::ConflictKind;
using engine::Snapshot;
using gui::Cause;

namespace {

constexpr auto patience = 60s;

// The server calls itself by the network's address, so the network comes first.
server::ServerOptions small_clinic(server::FaultProxy& network) {
    REQUIRE(network.start());
    server::ServerOptions options;
    options.public_url = network.base_url();
    options.patients = 5;
    options.tasks = 10;
    options.rate = 4;
    options.heartbeat = 500ms;
    return options;
}

app::Scenario one_edit() {
    auto scenario = app::parse_scenario(R"({"title":"One edit","resources":{"task":{"resourceType":"Task",
        "id":"5ce7a211-0000-4000-9000-000000000001","status":"requested","intent":"order","description":"Renew it"}},
        "steps":[{"at":0.1,"do":"server-edit","resource":"task","member":"status","value":"accepted"}]})",
                                        "edit.json");
    REQUIRE(scenario);
    return std::move(*scenario);
}

struct Demo {
    Demo() : server(small_clinic(network)) {
        REQUIRE(server.start());
        network.set_target(server.port());
        auto panels = app::load_panels({});
        REQUIRE(panels);
        runtime::RuntimeOptions options;
        options.connection.base_url = server.base_url();
        options.connection.token_url = server.base_url() + "oauth2/token";
        options.connection.client_id = server.client_id();
        options.connection.client_secret = runtime::make_secret(server.client_secret());
        options.engine = app::config_for(std::move(*panels));
        options.engine.check_period = 1s;
        options.engine.check_budget = 10'000;
        options.engine.backoff_max = 500ms; // and a Subscription a second instead of one a minute
        options.engine.missed_grace = 500ms;
        options.engine.ping_period = 500ms;
        options.engine.pong_timeout = 1s;
        client.emplace(std::move(options));
        REQUIRE(client->start());
        app::DemoDirector::Options scenarios;
        scenarios.scenarios.emplace("edit", one_edit());
        director.emplace(server, network, std::move(scenarios));
        director->begin(*client);
        REQUIRE(live());
    }
    ~Demo() {
        director->end();
        client->stop();
    }
    bool until(const std::function<bool(const Snapshot&)>& condition) const {
        return client->run_until(condition, patience);
    }
    bool live() const {
        return until([](const Snapshot& s) {
            return s.connection.phase == engine::Phase::Live && s.queue_size == 0 && s.requests_open == 0;
        });
    }
    // What can still be stopped is; then nothing goes on any more.
    bool stop_all() {
        return until([&](const Snapshot&) {
            const gui::DemoStatus status = director->status();
            for (const auto& one : status.running)
                if (one.left) director->stop(one.number);
            return status.running.empty();
        });
    }
    bool equal() {
        using State = engine::VerifyView::State;
        server.set_rate(0);
        for (int i = 0; i < 3 && live(); ++i) { // the first may find what a fault has left
            const LocalTime before = client->snapshot()->verify.at;
            client->send(engine::Verify{});
            if (!until([&](const Snapshot& s) { return s.verify.at != before && s.verify.state != State::Running; }))
                return false;
            if (client->snapshot()->verify.state == State::Equal) return true;
        }
        return false;
    }
    server::FaultProxy network;
    server::EmbeddedServer server;
    std::optional<runtime::Runtime> client;
    std::optional<app::DemoDirector> director;
};

using Effect = std::function<bool(const Snapshot& before, const Snapshot& now)>;

Effect more(std::uint64_t engine::Counters::*counter) {
    return [counter](const Snapshot& before, const Snapshot& now) {
        return now.metrics.counters.*counter > before.metrics.counters.*counter;
    };
}
Effect conflict(ConflictKind kind) {
    return [kind](const Snapshot& before, const Snapshot& now) {
        const auto at = static_cast<std::size_t>(kind);
        return now.conflict_counts[at] > before.conflict_counts[at];
    };
}
bool down(const Snapshot&, const Snapshot& now) { return now.connection.phase != engine::Phase::Live; }
bool edit_waits(const Snapshot&, const Snapshot& now) { return !now.edits.empty(); }
bool late(const Snapshot&, const Snapshot& now) {
    const auto& rows = now.updates;
    for (std::uint64_t n = rows.first(); n < rows.end(); ++n)
        if (rows[n].channel == engine::Channel::Socket && rows[n].changed != ServerTime{} &&
            rows[n].sent - rows[n].changed > 1s)
            return true;
    return false;
}
// A heartbeat leaves a Subscription out: Medplum 5.1 drops a dead login with the first change that matches.
bool unlisted(const Snapshot& before, const Snapshot& now) {
    for (std::size_t i = 0; i < now.subscriptions.size(); ++i)
        if (now.subscriptions[i].missed_heartbeats > before.subscriptions[i].missed_heartbeats) return true;
    return false;
}
bool many(const Snapshot& before, const Snapshot& now) { return now.updates.end() > before.updates.end() + 100; }
bool clock_set(const Snapshot& before, const Snapshot& now) { // it is put right in the end, which is back
    for (auto n = std::max(before.events.end(), now.events.first()); n < now.events.end(); ++n)
        if (now.events[n].what.code == engine::FactCode::ClockSetBack) return true;
    return false;
}

Effect effect_of(Cause cause) {
    using engine::Counters;
    switch (cause) {
        case Cause::Outage:
        case Cause::Restart:
        case Cause::Silence:
            return down;
        case Cause::Revoke:
            return unlisted;
        case Cause::Expire:
            return more(&Counters::deaf);
        case Cause::Throttle:
        case Cause::Slow:
            return edit_waits;
        case Cause::Late:
            return late;
        case Cause::Storm:
            return many;
        case Cause::Duplicate:
            return more(&Counters::duplicates);
        case Cause::Overtaking:
            return more(&Counters::out_of_order);
        case Cause::Malformed:
            return more(&Counters::bad_frames);
        case Cause::Clock:
            return clock_set;
        case Cause::Deafness:
        case Cause::Lost:
            return more(&Counters::missed);
        case Cause::Deletion:
            return more(&Counters::deletes);
        case Cause::Merge:
        case Cause::Ask:
            return conflict(ConflictKind::ConcurrentModification);
        case Cause::Version:
            return conflict(ConflictKind::VersionConflict);
        case Cause::Refused:
            return conflict(ConflictKind::RefusedEdit);
        case Cause::Deleted:
            return conflict(ConflictKind::DeleteVersusEdit);
        case Cause::Undeleted:
            return conflict(ConflictKind::Undelete);
        case Cause::Tie:
            return conflict(ConflictKind::Tie);
        case Cause::Drift:
            return conflict(ConflictKind::Drift);
        case Cause::Count:
            break;
    }
    return {};
}

} // namespace

TEST_CASE("every cause of the panel has its effect, and stopping puts it right", "[waits]") {
    Demo demo;
    for (std::size_t i = 0; i < gui::cause_count; ++i) {
        const auto cause = static_cast<Cause>(i);
        INFO(gui::text_of(cause).id);
        REQUIRE(demo.live());
        const auto before = demo.client->snapshot();
        const Effect effect = effect_of(cause);
        demo.director->cause(cause);
        CHECK_FALSE(demo.director->status().running.empty());
        const bool came = demo.until([&](const Snapshot& now) { return effect(*before, now); });
        INFO(demo.director->status().said);
        REQUIRE(came);
        REQUIRE(demo.stop_all());
        const gui::DemoStatus status = demo.director->status();
        INFO(status.said);
        CHECK_FALSE(status.failed);
    }
    CHECK(demo.equal());
}

TEST_CASE("what needs the client to hear begins when another cause lets it hear again, and says so", "[waits]") {
    Demo demo;
    const auto running = [&](std::size_t at) {
        const auto all = demo.director->status().running;
        return at < all.size() ? all[at] : gui::DemoStatus::Running{};
    };
    demo.director->cause(Cause::Deafness);
    REQUIRE(demo.until([&](const Snapshot&) { return running(0).left.has_value(); }));
    const auto before = demo.client->snapshot();
    demo.director->cause(Cause::Merge);
    REQUIRE(demo.until([&](const Snapshot&) { return !running(1).waits_for.empty(); }));
    CHECK(running(1).waits_for == gui::text_of(Cause::Deafness).title);
    CHECK_FALSE(demo.server.get(running(1).reference)); // so that the client can hear of it from the first

    demo.director->stop(running(0).number);
    const Effect effect = effect_of(Cause::Merge);
    CHECK(demo.until([&](const Snapshot& now) { return effect(*before, now); }));
    REQUIRE(demo.until([&](const Snapshot&) { return demo.director->status().running.empty(); }));
    INFO(demo.director->status().said);
    CHECK_FALSE(demo.director->status().failed);
}

TEST_CASE("a scenario that is played waits as a cause does, and says for what", "[waits]") {
    Demo demo;
    demo.director->cause(Cause::Silence);
    const auto silent = [&](const Snapshot&) {
        const auto running = demo.director->status().running;
        return running.size() == 1 && running[0].left;
    };
    REQUIRE(demo.until(silent));
    demo.director->play("edit");
    const auto playing = [&] { return demo.director->status().playing.value_or(gui::DemoStatus::Playing{}); };
    REQUIRE(demo.until([&](const Snapshot&) { return !playing().waits_for.empty(); }));
    CHECK(playing().waits_for == gui::text_of(Cause::Silence).title);
    CHECK(playing().position == 0ms);
    CHECK(playing().step == 0);
    demo.director->stop(demo.director->status().running.at(0).number);
    REQUIRE(demo.until([&](const Snapshot&) { return !demo.director->status().playing; }));
    CHECK_FALSE(demo.director->status().failed);
    CHECK(demo.equal());
}

TEST_CASE("what waits for another cause can be stopped, and has left nothing", "[waits]") {
    Demo demo;
    demo.director->cause(Cause::Silence);
    REQUIRE(demo.until([&](const Snapshot&) { return demo.director->status().running.at(0).left.has_value(); }));
    demo.director->cause(Cause::Tie);
    demo.director->cause(Cause::Late); // breaks nothing of the client's own, so it begins at once
    REQUIRE(demo.until([&](const Snapshot&) {
        const auto running = demo.director->status().running;
        return running.size() == 3 && !running[1].waits_for.empty() && running[2].left;
    }));
    const auto waiting = demo.director->status().running[1];
    demo.director->stop(waiting.number);
    REQUIRE(demo.until([&](const Snapshot&) { return demo.director->status().running.size() == 2; }));
    CHECK_FALSE(demo.server.get(waiting.reference));
    CHECK_FALSE(demo.director->status().failed);
    REQUIRE(demo.stop_all());
    CHECK(demo.equal());
}

TEST_CASE("two causes go on at once, and stopping one leaves the other", "[waits]") {
    Demo demo;
    demo.director->cause(Cause::Late);
    demo.director->cause(Cause::Storm);
    REQUIRE(demo.until([&](const Snapshot&) {
        const auto running = demo.director->status().running;
        return running.size() == 2 && running[0].left && running[1].left;
    }));
    demo.director->stop(demo.director->status().running[1].number);
    REQUIRE(demo.until([&](const Snapshot&) { return demo.director->status().running.size() == 1; }));
    CHECK(demo.server.rate() == 4);
    CHECK(demo.director->status().running[0].title == gui::text_of(Cause::Late).title);
    REQUIRE(demo.stop_all());
    CHECK(demo.equal());
}
