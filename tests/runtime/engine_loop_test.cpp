#include "runtime/engine_loop.hpp"

#include "fhir/assert.hpp"
#include "support.hpp"

#include <catch2/catch_test_macros.hpp>

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace fhirscope::runtime::test {
namespace {

using namespace std::chrono_literals;

engine::Start start_of(std::uint64_t seed = 1) {
    engine::Start start;
    start.config.base_url = "http://127.0.0.1:1/";
    start.config.seed = seed;
    start.config.subscriptions = {{"tasks", "Task"}};
    return start;
}

engine::Frame numbered_event(int number) {
    const std::string n = std::to_string(number);
    return {
        1,
        engine::make_text(
            R"({"resourceType":"Bundle","type":"history","timestamp":"2026-02-10T10:30:15.140Z","entry":[{"resource":{"resourceType":"SubscriptionStatus","status":"active","type":"event-notification","subscription":{"reference":"Subscription/s1"},"notificationEvent":[{"eventNumber":"0","focus":{"reference":"Task/t)" +
            n + R"("}}]}},{"fullUrl":"http://h/fhir/R4/Task/t)" + n + R"(","resource":{"resourceType":"Task","id":"t)" +
            n +
            R"(","meta":{"versionId":"v1","lastUpdated":"2026-02-10T10:30:15.123Z"},"status":"requested","intent":"order"}}]})")};
}

// A loop whose effects a test answers, and whose inputs it keeps.
struct LoopWorld : EngineHost {
    explicit LoopWorld(EngineLoopOptions options = {}) : loop(with_taps(std::move(options)), *this) {}
    ~LoopWorld() override { loop.stop(); }

    EngineLoopOptions with_taps(EngineLoopOptions options) {
        options.on_input = [this](const engine::Input& input) {
            inputs.add(input);
            if (on_input) on_input(input);
        };
        options.on_snapshot = [this] { ++snapshots; };
        options.on_finish = [this](const engine::Engine& engine) { final_hash = engine.state_hash(); };
        return options;
    }

    void perform(engine::Effect effect) override {
        effects.add(effect);
        if (respond) respond(effect);
    }
    void on_room() override {
        if (room) room();
    }

    // Plays a server that grants everything, so that the engine takes events on socket 1.
    void play_server() {
        respond = [this](const engine::Effect& effect) {
            if (const auto* request = std::get_if<engine::SendRequest>(&effect)) {
                const bool token = request->url.find("$get-ws-binding-token") != std::string::npos;
                const bool create = request->method == "POST";
                engine::HttpAnswer answer;
                answer.request = request->request;
                answer.status = create ? 201 : 200;
                answer.body = engine::make_text(
                    create ? R"({"resourceType":"Subscription","id":"s1","status":"active","criteria":"Task"})"
                    : token
                        ? R"({"resourceType":"Parameters","parameter":[{"name":"token","valueString":"<binding-token-1>"},{"name":"expiration","valueDateTime":"2099-02-10T11:30:00.000Z"}]})"
                        : R"({"resourceType":"Bundle","type":"searchset","entry":[]})");
                loop.push(std::move(answer));
            } else if (const auto* open = std::get_if<engine::OpenSocket>(&effect)) {
                loop.push(engine::SocketOpened{open->socket});
            } else if (const auto* frame = std::get_if<engine::SendFrame>(&effect)) {
                if (frame->text->find("bind-with-token") == std::string::npos) return;
                loop.push(engine::Frame{
                    frame->socket,
                    engine::make_text(
                        R"({"resourceType":"Bundle","type":"history","entry":[{"resource":{"resourceType":"SubscriptionStatus","status":"active","type":"handshake","subscription":{"reference":"Subscription/s1"}}}]})")});
            }
        };
    }
    // The engine thread stops before the step of the marker, until the gate opens.
    void hold_at_marker() {
        on_input = [this](const engine::Input& input) {
            if (!is_marker(input)) return;
            reached.open();
            gate.wait();
        };
    }
    static bool is_marker(const engine::Input& input) {
        const auto* command = std::get_if<engine::Command>(&input.body);
        const auto* look = command ? std::get_if<engine::SetFocus>(command) : nullptr;
        return look && look->reference == "marker";
    }
    void push_marker() {
        loop.push(engine::Command{engine::SetFocus{"Task", "marker"}});
        if (!reached.wait()) throw std::runtime_error("the engine did not reach the marker");
    }
    std::size_t marker_index() const {
        const auto all = inputs.all();
        return static_cast<std::size_t>(std::find_if(all.begin(), all.end(), is_marker) - all.begin());
    }
    bool live() {
        return loop.run_until([](const engine::Snapshot& s) { return s.connection.phase == engine::Phase::Live; },
                              patience);
    }

    std::function<void(const engine::Input&)> on_input;
    std::function<void(const engine::Effect&)> respond;
    std::function<void()> room;
    Collector<engine::Input> inputs;
    Collector<engine::Effect> effects;
    std::atomic<int> snapshots{0};
    std::uint64_t final_hash = 0;
    Gate reached, gate;
    EngineLoop loop;
};

template <class T>
std::size_t count(const std::vector<engine::Input>& inputs) {
    std::size_t n = 0;
    for (const engine::Input& input : inputs) n += std::holds_alternative<T>(input.body);
    return n;
}

} // namespace

TEST_CASE("the first input is Start, and the same inputs give a second engine the same hash") {
    LoopWorld world;
    world.play_server();
    world.loop.start(start_of());
    REQUIRE(world.live());
    for (int i = 0; i < 500; ++i) world.loop.push(numbered_event(i));
    REQUIRE(
        world.loop.run_until([](const engine::Snapshot& s) { return s.metrics.counters.applied == 500; }, patience));
    world.loop.stop();
    const auto inputs = world.inputs.all();
    REQUIRE(!inputs.empty());
    CHECK(std::holds_alternative<engine::Start>(inputs[0].body));
    engine::Engine again;
    for (const engine::Input& input : inputs) again.step(input);
    CHECK(engine::hash_text(again.state_hash()) == engine::hash_text(world.loop.state_hash()));
    CHECK(world.final_hash == world.loop.state_hash());
}

TEST_CASE("times never go back, whatever the order of receipt") {
    LoopWorld world;
    world.loop.start(start_of());
    const LocalTime now = world.loop.clock().now();
    for (int i = 0; i < 1'000; ++i)
        world.loop.push(engine::Command{engine::SetFocus{"Task", ""}},
                        now + std::chrono::microseconds((i * 7919) % 1'000));
    REQUIRE(world.inputs.wait([](const auto& all) { return count<engine::Command>(all) == 1'000; }));
    world.loop.stop();
    std::size_t backwards = 0;
    const auto inputs = world.inputs.all();
    for (std::size_t i = 1; i < inputs.size(); ++i) backwards += inputs[i].at < inputs[i - 1].at;
    CHECK(backwards == 0);
}

TEST_CASE("updates are drained when nothing else waits") {
    LoopWorld world;
    world.play_server();
    world.loop.start(start_of());
    REQUIRE(world.live());
    world.loop.push(numbered_event(1));
    REQUIRE(world.loop.run_until([](const engine::Snapshot& s) { return s.metrics.counters.applied == 1; }, patience));
    const auto inputs = world.inputs.all();
    CHECK(count<engine::Drain>(inputs) >= 1);
}

TEST_CASE("a flood cannot keep updates in the queue: a drain comes after so many inputs, at the time of the last") {
    EngineLoopOptions options;
    options.inputs_per_drain = 10;
    LoopWorld world(std::move(options));
    world.play_server();
    world.hold_at_marker();
    world.loop.start(start_of());
    REQUIRE(world.live());
    world.push_marker();
    for (int i = 0; i < 100; ++i) world.loop.push(numbered_event(i));
    world.gate.open();
    REQUIRE(
        world.loop.run_until([](const engine::Snapshot& s) { return s.metrics.counters.applied == 100; }, patience));
    world.loop.stop();

    const auto inputs = world.inputs.all();
    std::size_t since = 0, most = 0, wrong_time = 0, drains = 0;
    for (std::size_t i = world.marker_index() + 1; i < inputs.size() && drains < 9;
         ++i) { // the last ones come when all is taken
        since = std::holds_alternative<engine::Drain>(inputs[i].body) ? 0 : since + 1;
        most = std::max(most, since);
        if (since != 0) continue;
        ++drains;
        wrong_time += inputs[i].at != inputs[i - 1].at;
    }
    CHECK(drains == 9);
    CHECK(most <= 10);
    CHECK(wrong_time == 0);
}

TEST_CASE("ticks come before inputs that were received after the time asked for") {
    LoopWorld world;
    world.play_server();
    world.loop.start(start_of());
    REQUIRE(world.live());
    const LocalTime later = world.loop.clock().now() + 60s;
    world.loop.push(engine::Command{engine::SetFocus{"Task", ""}}, later);
    REQUIRE(world.inputs.wait([](const auto& all) { return count<engine::Command>(all) == 1; }));
    world.loop.stop();
    const auto inputs = world.inputs.all();
    std::vector<LocalTime> ticks;
    for (const engine::Input& input : inputs) {
        if (std::holds_alternative<engine::Command>(input.body)) break;
        if (std::holds_alternative<engine::Tick>(input.body)) ticks.push_back(input.at);
    }
    REQUIRE(ticks.size() >= 2);
    CHECK(ticks.back() <= later);
    CHECK(std::adjacent_find(ticks.begin(), ticks.end(), std::greater_equal<>()) ==
          ticks.end()); // each later than the one before
}

TEST_CASE("a backlog of frames cannot make a live connection look dead") {
    LoopWorld world;
    world.play_server();
    world.hold_at_marker();
    world.loop.start(start_of());
    REQUIRE(world.live());
    world.push_marker();
    // A minute of frames waits when the engine goes on.
    const LocalTime begin = world.loop.clock().now();
    for (int second = 2; second <= 60; second += 2) {
        world.loop.push(numbered_event(second), begin + std::chrono::seconds(second));
        world.loop.push(engine::Frame{1, engine::make_text(R"({"type":"pong"})")},
                        begin + std::chrono::seconds(second));
    }
    world.gate.open();
    REQUIRE(world.loop.run_until([](const engine::Snapshot& s) { return s.metrics.counters.applied == 30; }, patience));
    const auto snapshot = world.loop.snapshot();
    CHECK(snapshot->connection.phase == engine::Phase::Live);
    CHECK(snapshot->metrics.counters.opens == 1);
    CHECK(snapshot->metrics.counters.pings >= 3); // its timers ran in between
}

TEST_CASE("a process that was stopped says so before anything is concluded from its silence") {
    LoopWorld world;
    world.play_server();
    world.loop.start(start_of());
    REQUIRE(world.live());
    const pid_t stopped = getpid();
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const timespec while_stopped{.tv_sec = 4, .tv_nsec = 0};
        kill(stopped, SIGSTOP);
        nanosleep(&while_stopped, nullptr);
        kill(stopped, SIGCONT);
        _exit(0);
    }
    REQUIRE(world.inputs.wait([](const auto& all) { return count<engine::Woken>(all) == 1; }));
    CHECK(waitpid(child, nullptr, 0) == child);
    world.loop.stop();
    for (const engine::Input& input : world.inputs.all())
        if (const auto* woken = std::get_if<engine::Woken>(&input.body)) CHECK(woken->slept > 1s);
    CHECK(world.loop.snapshot()->events.size() > 0);
}

TEST_CASE("a tick comes when its time has come, without any input") {
    LoopWorld world; // no server: nothing is answered
    engine::Start start = start_of();
    start.config.bind_timeout = start.config.open_timeout = start.config.request_timeout = 5ms;
    start.config.backoff_min = start.config.backoff_max = 5ms;
    start.config.ping_period = start.config.pong_timeout = 5ms;
    world.play_server();
    world.loop.start(std::move(start));
    CHECK(world.inputs.wait([](const auto& all) { return count<engine::Tick>(all) >= 3; }));
}

TEST_CASE("snapshots come no faster than the interval, and only when something happened") {
    EngineLoopOptions options;
    options.publish_interval = 20ms;
    LoopWorld world(std::move(options));
    const auto begin = std::chrono::steady_clock::now();
    world.loop.start(start_of());
    for (int i = 0; i < 20'000; ++i) world.loop.push(engine::Command{engine::SetFocus{"Task", ""}});
    REQUIRE(world.loop.run_until([](const engine::Snapshot& s) { return s.inputs >= 20'001; }, patience));
    const auto intervals = (std::chrono::steady_clock::now() - begin) / 20ms;
    CHECK(world.snapshots <= intervals + 2);
    const int before = world.snapshots;
    CHECK_FALSE(
        world.loop.run_until([](const engine::Snapshot&) { return false; }, 200ms)); // nothing happens meanwhile
    CHECK(world.snapshots - before <= 2);
}

TEST_CASE("waiting for a snapshot ends when the loop stops") {
    LoopWorld world;
    world.loop.start(start_of());
    std::thread stopper([&] { world.loop.stop(); });
    CHECK_FALSE(world.loop.run_until([](const engine::Snapshot&) { return false; }, patience));
    stopper.join();
    CHECK(world.loop.snapshot() != nullptr);
}

TEST_CASE("an engine that came to what cannot be is stepped no more, and whoever waits for it is told") {
    std::atomic<int> ended{0};
    EngineLoopOptions options;
    options.on_impossible = [&] { ++ended; };
    LoopWorld world(std::move(options));
    world.on_input = [](const engine::Input& input) { FHIRSCOPE_ASSERT(!LoopWorld::is_marker(input)); };
    world.loop.start(start_of());
    CHECK_NOTHROW(world.loop.check());
    world.loop.push(engine::Command{engine::SetFocus{"Task", "marker"}});
    CHECK_THROWS_AS(world.loop.run_until([](const engine::Snapshot&) { return false; }, patience), Impossible);
    CHECK_THROWS_AS(world.loop.check(), Impossible);
    CHECK(ended == 1);
    CHECK(world.final_hash == 0); // nobody asks a state that cannot be
    CHECK(world.loop.snapshot() != nullptr);
    const std::size_t stepped = world.inputs.all().size();
    world.loop.push(engine::Command{engine::SetFocus{"Task", ""}});
    world.loop.stop();
    CHECK(world.inputs.all().size() == stepped);
}

TEST_CASE("a full inbox reports room when the engine has caught up") {
    EngineLoopOptions options;
    options.inbox_max = 16;
    std::promise<void> room;
    std::atomic<bool> told{false};
    LoopWorld world(std::move(options));
    world.room = [&] {
        if (!told.exchange(true)) room.set_value();
    };
    world.hold_at_marker();
    world.loop.start(start_of());
    world.push_marker();
    bool full = false;
    for (int i = 0; i < 100; ++i) full = !world.loop.push(engine::Command{engine::SetFocus{"Task", ""}}) || full;
    CHECK(full);
    CHECK_FALSE(told);
    world.gate.open();
    CHECK(room.get_future().wait_for(patience) == std::future_status::ready);
    CHECK(world.inputs.wait([](const auto& all) { return count<engine::Command>(all) == 101; })); // none was dropped
}

} // namespace fhirscope::runtime::test
