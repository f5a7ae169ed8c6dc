// The whole client through a network that goes wrong, against the embedded server: whatever happens in between, in the
// end the stores show what the server has.
#include "runtime/runtime.hpp"
#include "server/fault_proxy.hpp"
#include "server/server.hpp"
#include "support.hpp"
#include "support/same_as_server.hpp"

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::runtime::test {
namespace {

using namespace std::chrono_literals;
using engine::Phase;
using engine::Snapshot;
using server::Links;

server::ServerOptions clinic_behind(const server::FaultProxy& proxy) {
    server::ServerOptions options;
    options.public_url = proxy.base_url();
    options.patients = 5;
    options.tasks = 20;
    options.rate = 0;
    options.heartbeat = 400ms;
    return options;
}

// A client, a server, and between them a network that the test breaks.
struct Ward {
    Ward() {
        REQUIRE(proxy.start());
        server.emplace(clinic_behind(proxy));
        REQUIRE(server->start());
        proxy.set_target(server->port());
        RuntimeOptions options;
        options.connection.base_url = server->base_url();
        options.connection.client_id = server->client_id();
        options.connection.client_secret = make_secret(server->client_secret());
        // Everything as by default but quicker, so that a test waits for conditions of seconds, not of half minutes.
        options.engine.subscriptions = {{"tasks", "Task"}, {"patients", "Patient"}};
        options.engine.heartbeat_period = 400ms;
        options.engine.ping_period = 500ms;
        options.engine.pong_timeout = 1'000ms;
        options.engine.open_timeout = options.engine.bind_timeout = 3'000ms;
        options.engine.request_timeout = 3'000ms;
        options.engine.backoff_min = 20ms;
        options.engine.backoff_max = 200ms;
        runtime.emplace(std::move(options));
        const auto started = runtime->start();
        INFO((started ? "" : started.error().message));
        REQUIRE(started);
        REQUIRE(is_live());
    }

    bool until(const std::function<bool(const Snapshot&)>& predicate) {
        return runtime->run_until(predicate, patience);
    }
    bool is_live() {
        return until([](const Snapshot& s) { return s.connection.phase == Phase::Live; });
    }
    bool is_lost() {
        return until([](const Snapshot& s) { return s.connection.phase != Phase::Live; });
    }
    std::uint64_t opens() const { return runtime->snapshot()->metrics.counters.opens; }
    bool opens_again(std::uint64_t than) {
        return until([than](const Snapshot& s) { return s.metrics.counters.opens > than; });
    }

    // Live again, every current version shown and nothing else, and the engine's own comparison says the same.
    void check_nothing_is_lost() {
        REQUIRE(is_live());
        std::vector<std::string> different;
        const bool same = until([&](const Snapshot& s) {
            different.clear();
            for (const std::string type : {"Task", "Patient"})
                for (std::string& one : tests::differences(s, type, server->current(type)))
                    different.push_back(std::move(one));
            return s.connection.phase == Phase::Live && different.empty();
        });
        INFO((different.empty() ? std::string() : different.front()) << " (" << different.size() << " differences)");
        CHECK(same);
        const LocalTime before = runtime->snapshot()->verify.at;
        runtime->send(engine::Verify{});
        using State = engine::VerifyView::State;
        CHECK(until([&](const Snapshot& s) { return s.verify.at != before && s.verify.state != State::Running; }));
        CHECK(runtime->snapshot()->verify.state == State::Equal);
        CHECK(runtime->snapshot()->metrics.counters.missed == runtime->snapshot()->metrics.counters.recovered);
    }

    server::FaultProxy proxy;
    std::optional<server::EmbeddedServer> server;
    std::optional<Runtime> runtime;
};

// As a server sends it: not masked, in one frame of at most 125 bytes.
std::string text_frame(std::string_view text) {
    return "\x81" + std::string(1, static_cast<char>(text.size())) + std::string(text);
}

} // namespace

TEST_CASE("a slow network makes updates late, and loses none", "[faults]") {
    Ward ward;
    ward.proxy.delay(100ms);
    ward.server->work(50);
    ward.check_nothing_is_lost();
    CHECK(ward.opens() == 1);
}

TEST_CASE("a narrow network slows the baseline and the stream down, and loses nothing", "[faults]") {
    Ward ward;
    ward.proxy.limit(100'000);
    ward.server->work(50);
    ward.check_nothing_is_lost();
}

TEST_CASE("after a reset of every connection nothing is lost", "[faults]") {
    Ward ward;
    const auto before = ward.opens();
    ward.proxy.cut();
    ward.server->work(50);
    REQUIRE(ward.opens_again(before));
    ward.check_nothing_is_lost();
}

TEST_CASE("after a reset of the WebSocket alone nothing is lost", "[faults]") {
    Ward ward;
    const auto before = ward.opens();
    REQUIRE(ward.proxy.cut(Links::WebSockets) == 1);
    ward.server->work(50);
    REQUIRE(ward.opens_again(before));
    ward.check_nothing_is_lost();
}

TEST_CASE("a stalled network is noticed by its silence, and nothing is lost", "[faults]") {
    Ward ward;
    ward.proxy.stall();
    ward.server->work(50);
    REQUIRE(ward.is_lost());
    ward.proxy.resume();
    ward.check_nothing_is_lost();
}

TEST_CASE("a stall that ends in time costs nothing but time", "[faults]") {
    Ward ward;
    ward.proxy.stall();
    ward.server->work(50);
    ward.proxy.resume();
    ward.check_nothing_is_lost();
}

TEST_CASE("a half-open WebSocket is noticed by its silence, and nothing is lost", "[faults]") {
    Ward ward;
    const auto before = ward.opens();
    REQUIRE(ward.proxy.half_open(Links::WebSockets) == 1);
    ward.server->work(50);
    REQUIRE(ward.opens_again(before));
    ward.check_nothing_is_lost();
}

TEST_CASE("half-open connections of every kind are noticed, and nothing is lost", "[faults]") {
    Ward ward;
    const auto before = ward.opens();
    CHECK(ward.proxy.half_open() >= 1);
    ward.server->work(50);
    REQUIRE(ward.opens_again(before));
    ward.check_nothing_is_lost();
}

TEST_CASE("an outage with refused connections is waited out, and nothing is lost", "[faults]") {
    Ward ward;
    ward.proxy.refuse();
    ward.proxy.cut();
    ward.server->work(50);
    REQUIRE(ward.until([](const Snapshot& s) { return s.connection.attempts.size() >= 4; }));
    REQUIRE(ward.proxy.accept());
    ward.check_nothing_is_lost();
}

TEST_CASE("a server behind the network that goes away and comes back, with all tokens void, is found again",
          "[faults]") {
    Ward ward;
    const auto before = ward.opens();
    ward.server->set_reachable(false);
    ward.server->work(50);
    REQUIRE(ward.is_lost());
    ward.server->revoke_logins();
    ward.server->set_reachable(true);
    REQUIRE(ward.opens_again(before));
    ward.check_nothing_is_lost();
}

TEST_CASE("bytes that are no WebSocket frame end the socket, and nothing is lost", "[faults]") {
    Ward ward;
    const auto before = ward.opens();
    REQUIRE(ward.proxy.garbage(std::string(64, '\xff')) == 1);
    ward.server->work(50);
    REQUIRE(ward.opens_again(before));
    ward.check_nothing_is_lost();
}

TEST_CASE("a frame that cannot be read is counted, and the socket lives on", "[faults]") {
    Ward ward;
    REQUIRE(ward.proxy.garbage(text_frame("{\"resourceType\":")) == 1);
    REQUIRE(ward.until([](const Snapshot& s) { return s.metrics.counters.bad_frames == 1; }));
    ward.server->work(20);
    ward.check_nothing_is_lost();
    CHECK(ward.opens() == 1);
}

TEST_CASE("garbage in answers to requests is told from answers, and nothing is lost", "[faults]") {
    Ward ward;
    for (int i = 0; i < 5; ++i) {
        ward.proxy.garbage("HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n<html>", Links::All);
        ward.proxy.cut(Links::WebSockets);
        ward.server->work(10);
    }
    ward.check_nothing_is_lost();
}

TEST_CASE("frames that break the protocol change nothing that is shown", "[faults]") {
    Ward ward;
    const std::string deep(5'000, '[');
    const std::array<std::string, 12> rude = {
        "",
        "null",
        "[]",
        "0",
        "\"text\"",
        "{}",
        deep,
        R"({"type":"pong","type":"pong"})",
        R"({"resourceType":"Bundle","type":"history","entry":null})",
        R"({"resourceType":"Bundle","type":"history","entry":[{"resource":{"resourceType":"SubscriptionStatus","type":"handshake","subscription":{"reference":"Subscription/nobody"}}}]})",
        // An event whose resource has no version and no time, and one whose id is no id.
        R"({"resourceType":"Bundle","type":"history","entry":[{"resource":{"resourceType":"SubscriptionStatus","type":"event-notification","subscription":{"reference":"Subscription/nobody"},"notificationEvent":[{"focus":{"reference":"Task/x"}}]}},{"resource":{"resourceType":"Task","id":"x"}}]})",
        R"({"resourceType":"Bundle","type":"history","entry":[{"resource":{"resourceType":"SubscriptionStatus","type":"event-notification","subscription":{"reference":"Subscription/nobody"},"notificationEvent":[{"focus":{"reference":"Task/../x"}}]}},{"resource":{"resourceType":"Task","id":"../x","meta":{"versionId":"1","lastUpdated":"2026-01-01T00:00:00Z"}}}]})",
    };
    for (const std::string& frame : rude) ward.server->send_to_sockets(frame);
    ward.server->work(20);
    ward.check_nothing_is_lost();
    const auto snapshot = ward.runtime->snapshot();
    const auto& counters = snapshot->metrics.counters;
    CHECK(counters.bad_frames + counters.unknown_frames >= 6);
    CHECK(counters.rejected >= 1);
}

TEST_CASE("every fault in turn, while the clinic works, loses nothing", "[faults]") {
    Ward ward;
    ward.server->set_rate(100);
    for (int round = 0; round < 2; ++round) {
        auto opens = ward.opens();
        ward.proxy.cut();
        REQUIRE(ward.opens_again(opens));
        opens = ward.opens();
        ward.proxy.half_open();
        REQUIRE(ward.opens_again(opens));
        ward.proxy.stall();
        REQUIRE(ward.is_lost());
        ward.proxy.resume();
        opens = ward.opens();
        ward.proxy.garbage("\xff\xff\xff", Links::All);
        REQUIRE(ward.opens_again(opens));
        ward.server->revoke_logins();
        ward.proxy.refuse();
        ward.proxy.cut();
        REQUIRE(ward.is_lost());
        REQUIRE(ward.proxy.accept());
        REQUIRE(ward.is_live());
    }
    ward.server->set_rate(0);
    ward.check_nothing_is_lost();
}

} // namespace fhirscope::runtime::test
