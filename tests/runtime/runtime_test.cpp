#include "runtime/runtime.hpp"

#include "server/server.hpp"
#include "support.hpp"
#include "test_server.hpp"

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <stop_token>
#include <string>

namespace fhirscope::runtime::test {
namespace {

using namespace std::chrono_literals;

// A runtime, with every input and every snapshot that it made.
struct Session {
    explicit Session(RuntimeOptions options) : runtime(with_tap(std::move(options))) {}

    RuntimeOptions with_tap(RuntimeOptions options) {
        if (options.engine.subscriptions.empty())
            options.engine.subscriptions = {{"tasks", "Task"}, {"patients", "Patient"}};
        options.loop.on_input = [this](const engine::Input& input) { inputs.add(input); };
        return options;
    }
    bool until(const std::function<bool(const engine::Snapshot&)>& predicate) {
        return runtime.run_until(predicate, patience);
    }
    bool live() {
        return until([](const engine::Snapshot& s) {
            if (s.connection.phase != engine::Phase::Live) return false;
            for (const auto& subscription : s.subscriptions)
                if (subscription.state != engine::SubscriptionState::Live) return false;
            return true;
        });
    }
    bool equal_to_server() {
        runtime.send(engine::Verify{});
        return until([](const engine::Snapshot& s) {
                   return s.verify.state != engine::VerifyView::State::None &&
                          s.verify.state != engine::VerifyView::State::Running;
               }) &&
               runtime.snapshot()->verify.state == engine::VerifyView::State::Equal;
    }
    // The bytes of all inputs: what a recording would hold.
    std::string all_bytes() const {
        std::string out;
        for (const engine::Input& input : inputs.all()) out += engine::to_bytes(input);
        return out;
    }

    Collector<engine::Input> inputs;
    Runtime runtime;
};

RuntimeOptions options_for(const server::EmbeddedServer& server) {
    RuntimeOptions options;
    options.connection.base_url = server.base_url();
    options.connection.client_id = server.client_id();
    options.connection.client_secret = make_secret(server.client_secret());
    return options;
}

server::ServerOptions small_clinic() {
    server::ServerOptions options;
    options.patients = 5;
    options.tasks = 20;
    options.rate = 0;
    return options;
}

RuntimeOptions options_for(const TestServer& server) {
    RuntimeOptions options;
    options.connection.base_url = server.url();
    return options;
}

RuntimeOptions with_login(RuntimeOptions options) {
    options.connection.client_id = "some-id";
    options.connection.client_secret = make_secret("some-long-secret");
    return options;
}

// A server that grants everything, as far as a test does not see to it.
Reply grant(const Seen& seen) {
    if (auto granted = let_in(seen, "opaque-access-token")) return *granted;
    return http_reply(200, R"({"resourceType":"Bundle","type":"searchset","entry":[]})");
}

std::string event(int number) {
    const std::string n = std::to_string(number);
    return R"({"resourceType":"Bundle","type":"history","entry":[{"resource":{"resourceType":"SubscriptionStatus","status":"active","type":"event-notification","subscription":{"reference":"Subscription/s1"},"notificationEvent":[{"eventNumber":"0","focus":{"reference":"Task/t)" +
           n + R"("}}]}},{"resource":{"resourceType":"Task","id":"t)" + n +
           R"(","meta":{"versionId":"v1","lastUpdated":"2026-02-10T10:30:15.123Z"},"status":"requested","intent":"order"}}]})";
}

const char* const handshake =
    R"({"resourceType":"Bundle","type":"history","entry":[{"resource":{"resourceType":"SubscriptionStatus","status":"active","type":"handshake","subscription":{"reference":"Subscription/s1"}}}]})";

} // namespace

TEST_CASE("a runtime follows a server, and its stores equal the server's") {
    server::EmbeddedServer server(small_clinic());
    REQUIRE(server.start());
    Session session(options_for(server));
    const auto started = session.runtime.start();
    INFO((started ? "" : started.error().message));
    REQUIRE(started);
    CHECK(session.runtime.profile().starts_with("ClientApplication/"));
    REQUIRE(session.live());
    server.work(200);
    CHECK(session.until([&](const engine::Snapshot& s) { return s.metrics.counters.applied >= 100; }));
    CHECK(session.equal_to_server());
    session.runtime.stop();

    engine::Engine again;
    for (const engine::Input& input : session.inputs.all()) again.step(input);
    CHECK(again.state_hash() == session.runtime.state_hash());
}

TEST_CASE("a dropped socket is opened again, and nothing is lost meanwhile") {
    server::EmbeddedServer server(small_clinic());
    REQUIRE(server.start());
    RuntimeOptions options = options_for(server);
    options.engine.backoff_min = options.engine.backoff_max = 20ms;
    Session session(std::move(options));
    REQUIRE(session.runtime.start());
    REQUIRE(session.live());
    server.drop_sockets();
    server.work(50);
    REQUIRE(session.until([](const engine::Snapshot& s) { return s.metrics.counters.opens >= 2; }));
    REQUIRE(session.live());
    CHECK(session.equal_to_server());
}

TEST_CASE("no secret reaches an input") {
    // Opaque tokens, so that their shape does not give them away.
    Session session([] {
        static TestServer server({grant,
                                  [](Peer& peer) {
                                      while (const auto frame = peer.receive()) {
                                          if (frame->find("bind-with-token") == std::string::npos) continue;
                                          // The server sees the real token, and a rude one repeats it.
                                          peer.send(*frame);
                                          peer.send(handshake);
                                          peer.send(event(1));
                                      }
                                  },
                                  "", ""});
        RuntimeOptions options = with_login(options_for(server));
        options.engine.subscriptions = {{"tasks", "Task"}};
        return options;
    }());
    REQUIRE(session.runtime.start());
    REQUIRE(session.until([](const engine::Snapshot& s) { return s.metrics.counters.applied == 1; }));
    session.runtime.stop();
    const std::string bytes = session.all_bytes();
    CHECK(bytes.find("opaque-access-token") == std::string::npos);
    CHECK(bytes.find("opaque-binding-token") == std::string::npos);
    CHECK(bytes.find("some-long-secret") == std::string::npos);
    CHECK(bytes.find("<binding-token-1>") != std::string::npos);
}

TEST_CASE("the server is bound with the real token, and asked with the access token") {
    Collector<std::string> frames;
    TestServer server({grant,
                       [&](Peer& peer) {
                           while (auto frame = peer.receive()) frames.add(std::move(*frame));
                       },
                       "", ""});
    RuntimeOptions options = with_login(options_for(server));
    options.engine.subscriptions = {{"tasks", "Task"}};
    Session session(std::move(options));
    REQUIRE(session.runtime.start());
    REQUIRE(frames.wait_for_size(1));
    session.runtime.stop();
    CHECK(frames.all()[0].find("opaque-binding-token") != std::string::npos);
    std::size_t wrong = 0;
    for (const Seen& seen : server.requests()) {
        const auto found = seen.headers.find("authorization");
        const std::string authorization = found == seen.headers.end() ? "" : found->second;
        const bool expected = seen.target != "/oauth2/token" && !seen.target.starts_with("/ws");
        wrong += authorization != (expected ? "Bearer opaque-access-token" : "");
    }
    CHECK(wrong == 0);
}

TEST_CASE("the engine is told when a binding token ends, of which it sees an alias only") {
    const std::string token = "e30.eyJleHAiOjQxMDI0NDQ4MDB9.c2ln"; // a JWT whose exp is 2100
    TestServer server({[&](const Seen& seen) {
                           if (seen.target.find("$get-ws-binding-token") == std::string::npos) return grant(seen);
                           return http_reply(200, R"({"resourceType":"Parameters","parameter":[{"name":"token",)"
                                                  R"("valueString":")" +
                                                      token + R"("}]})");
                       },
                       [](Peer& peer) {
                           while (peer.receive()) {
                           }
                       },
                       "", ""});
    RuntimeOptions options = with_login(options_for(server));
    options.engine.subscriptions = {{"tasks", "Task"}};
    Session session(std::move(options));
    REQUIRE(session.runtime.start());
    REQUIRE(session.runtime.run_until(
        [](const engine::Snapshot& s) {
            return !s.subscriptions.empty() && s.subscriptions[0].token_expires != LocalTime{};
        },
        patience));
    session.runtime.stop();
    std::vector<std::string> ends;
    for (const engine::Input& input : session.inputs.all())
        if (const auto* answer = std::get_if<engine::HttpAnswer>(&input.body)) {
            CHECK((!answer->body || answer->body->find(token) == std::string::npos));
            if (answer->token_end) ends.push_back(fhir::format_instant(*answer->token_end));
        }
    CHECK(ends == std::vector<std::string>{"2100-01-01T00:00:00.000Z"});
}

TEST_CASE("a wrong secret ends the start with what the server said") {
    server::EmbeddedServer server(small_clinic());
    REQUIRE(server.start());
    RuntimeOptions options = options_for(server);
    options.connection.client_secret = make_secret("not the secret");
    Session session(std::move(options));
    const auto started = session.runtime.start();
    REQUIRE_FALSE(started);
    CHECK(started.error().code == ErrorCode::Login);
    CHECK(started.error().message.find("refused the client id or secret (Invalid secret)") != std::string::npos);
    CHECK(started.error().message.find("not the secret") == std::string::npos);
    CHECK(session.inputs.all().empty());
}

TEST_CASE("a server that cannot be reached ends the start, with or without a login") {
    RuntimeOptions options;
    options.connection.base_url = "http://127.0.0.1:" + std::to_string(closed_port()) + "/";
    SECTION("without") {}
    SECTION("with") { options = with_login(std::move(options)); }
    Runtime runtime(std::move(options));
    const auto started = runtime.start();
    REQUIRE_FALSE(started);
    CHECK(started.error().code == ErrorCode::Refused);
    CHECK(started.error().message.find("Nothing listens at 127.0.0.1:") != std::string::npos);
}

TEST_CASE("a host that does not exist ends the start") {
    RuntimeOptions options;
    options.connection.base_url = "http://no-such-host.invalid/";
    Runtime runtime(std::move(options));
    const auto started = runtime.start();
    REQUIRE_FALSE(started);
    CHECK(started.error().code == ErrorCode::Unreachable);
}

TEST_CASE("a 401 renews the token once, and the request is made again") {
    std::atomic<int> tokens{0}, refusals{0};
    TestServer server({[&](const Seen& seen) {
                           if (seen.target == "/oauth2/token")
                               return http_reply(200, R"({"expires_in":3600,"access_token":"access-token-)" +
                                                          std::to_string(++tokens) + R"("})");
                           if (seen.headers.contains("authorization") &&
                               seen.headers.at("authorization") == "Bearer access-token-1") {
                               ++refusals;
                               return http_reply(401, R"({"resourceType":"OperationOutcome","id":"unauthorized"})");
                           }
                           return grant(seen);
                       },
                       [](Peer& peer) {
                           while (peer.receive()) peer.send(handshake);
                       },
                       "", ""});
    RuntimeOptions options = with_login(options_for(server));
    options.engine.subscriptions = {{"tasks", "Task"}};
    Session session(std::move(options));
    REQUIRE(session.runtime.start());
    REQUIRE(session.live());
    CHECK(tokens == 2);
    CHECK(refusals >= 1);
    for (const engine::Input& input : session.inputs.all())
        if (const auto* answer = std::get_if<engine::HttpAnswer>(&input.body)) CHECK(answer->status != 401);
}

TEST_CASE("a server that refuses every token is asked twice, and its answer passed on") {
    std::atomic<int> tokens{0};
    TestServer server({[&](const Seen& seen) {
                           if (seen.target != "/oauth2/token")
                               return http_reply(401, R"({"resourceType":"OperationOutcome","id":"unauthorized"})");
                           return http_reply(200, R"({"expires_in":3600,"access_token":"access-token-)" +
                                                      std::to_string(++tokens) + R"("})");
                       },
                       nullptr, "", ""});
    Session session(with_login(options_for(server)));
    REQUIRE(session.runtime.start());
    REQUIRE(session.inputs.wait([](const auto& all) {
        for (const engine::Input& input : all)
            if (const auto* answer = std::get_if<engine::HttpAnswer>(&input.body)) return answer->status == 401;
        return false;
    }));
}

TEST_CASE("a flood through a small inbox is slowed down, not lost") {
    constexpr int count = 3'000;
    TestServer server({grant,
                       [](Peer& peer) {
                           if (!peer.receive()) return;
                           peer.send(handshake);
                           for (int i = 0; i < count; ++i)
                               if (!peer.send(event(i))) return;
                           while (peer.receive()) {
                           }
                       },
                       "", ""});
    RuntimeOptions options = options_for(server);
    options.engine.subscriptions = {{"tasks", "Task"}};
    options.loop.inbox_max = 8;
    Session session(std::move(options));
    REQUIRE(session.runtime.start());
    CHECK(session.until([](const engine::Snapshot& s) { return s.metrics.counters.applied == count; }));
}

TEST_CASE("a link to another server is had at the known one, and the other is not asked") {
    TestServer other(
        {[](const Seen&) { return http_reply(200, R"({"resourceType":"Bundle","type":"searchset","entry":[]})"); },
         nullptr, "", ""});
    TestServer server({[&](const Seen& seen) {
                           if (seen.method != "GET" || seen.target.find("Task?") == std::string::npos ||
                               seen.target.find("page=2") != std::string::npos)
                               return grant(seen);
                           return http_reply(
                               200,
                               R"({"resourceType":"Bundle","type":"searchset","link":[{"relation":"next","url":")" +
                                   other.url() + R"(fhir/R4/Task?page=2"}],"entry":[]})");
                       },
                       [](Peer& peer) {
                           while (peer.receive()) peer.send(handshake);
                       },
                       "", ""});
    RuntimeOptions options = with_login(options_for(server));
    options.engine.subscriptions = {{"tasks", "Task"}};
    Session session(std::move(options));
    REQUIRE(session.runtime.start());
    REQUIRE(session.live());
    CHECK(other.requests().empty());
    const auto seen = server.requests();
    CHECK(std::any_of(seen.begin(), seen.end(), [](const Seen& one) {
        return one.target == "/fhir/R4/Task?page=2" && one.headers.contains("authorization");
    }));
}

TEST_CASE("a secret of a server with https goes to no login without it") {
    TestServer login({[](const Seen& seen) { return grant(seen); }, nullptr, "", ""});
    RuntimeOptions options;
    options = with_login(std::move(options));
    options.connection.base_url = "https://127.0.0.1:" + std::to_string(closed_port()) + "/";
    options.connection.token_url = login.url() + "oauth2/token";
    options.connection.insecure_http = true; // allows http to another machine, and nothing else
    Runtime runtime(std::move(options));
    const auto started = runtime.start();
    REQUIRE_FALSE(started);
    CHECK(started.error().code == ErrorCode::Insecure);
    CHECK(login.requests().empty());
}

TEST_CASE("a start is given up at once, whatever the server owes an answer to") {
    for (const char* unanswered : {"/oauth2/token", "/fhir/R4/metadata"}) {
        INFO(unanswered);
        TestServer server({[&](const Seen& seen) {
                               if (seen.target == unanswered) return Reply{"", false, true, false};
                               return grant(seen);
                           },
                           nullptr, "", ""});
        RuntimeOptions options = with_login(options_for(server));
        options.probe = true;
        Session session(std::move(options));
        std::stop_source stop;
        auto started = std::async(std::launch::async, [&] { return session.runtime.start(stop.get_token()); });
        REQUIRE(server.wait_for_requests(std::string(unanswered) == "/oauth2/token" ? 1 : 2));
        const auto before = std::chrono::steady_clock::now();
        stop.request_stop();
        const auto result = started.get();
        CHECK(std::chrono::steady_clock::now() - before < 5s); // the login's own bound is 15 s
        REQUIRE_FALSE(result);
        CHECK(result.error().code == ErrorCode::Cancelled);
        CHECK(session.inputs.all().empty());
    }
}

TEST_CASE("stopping while the server hangs takes no time, and twice is once") {
    TestServer server({[](const Seen& seen) {
                           if (seen.target == "/oauth2/token") return grant(seen);
                           return Reply{"", false, true, false};
                       },
                       nullptr, "", ""});
    Session session(with_login(options_for(server)));
    REQUIRE(session.runtime.start());
    REQUIRE(server.wait_for_requests(2));
    const auto before = std::chrono::steady_clock::now();
    session.runtime.stop();
    session.runtime.stop();
    CHECK(std::chrono::steady_clock::now() - before < 5s); // the request's own timeout is 30 s
    CHECK(session.runtime.snapshot() != nullptr);
}

} // namespace fhirscope::runtime::test
