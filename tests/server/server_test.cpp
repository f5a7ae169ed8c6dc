// The embedded server on real sockets, against a client that knows nothing of it.
#include "server_bench.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace fhirscope;
using namespace fhirscope::server;
using namespace std::chrono_literals;

TEST_CASE("A change reaches a bound socket, over the wire and in the right order") {
    Server server;
    HttpClient client(server.server);
    Socket socket(server.server);
    auto subscription = client.subscribe("Task");
    socket.bind(client.binding_token(subscription));
    auto handshake = socket.read("handshake");
    REQUIRE(handshake);
    CHECK(at(*handshake, "/entry/0/resource/subscription/reference") == "Subscription/" + subscription);
    auto task = client.create_task();
    auto event = socket.read("event-notification");
    REQUIRE(event);
    CHECK(at(*event, focus) == "Task/" + task);
    CHECK(at(*event, "/entry/1/resource/id") == task);
    socket.say(R"({"type":"ping"})");
    CHECK(eventually([&] { return socket.read() == R"({"type":"pong"})"; }));
    CHECK(eventually([&] { return server->stats().events == 1; }));
}

TEST_CASE("Connections are kept alive, and headers are Medplum's") {
    Server server;
    HttpClient client(server.server);
    auto response = client.fhir("GET", "Task");
    CHECK(response.keep_alive());
    CHECK(response[http::field::content_type] == "application/fhir+json; charset=utf-8");
    CHECK(response["Keep-Alive"] == "timeout=90");
    CHECK(response["RateLimit"].find("\"requests\";r=") != std::string_view::npos);
    CHECK(client.fhir("GET", "Task/nope").result_int() == 404);
    CHECK(server->stats().connections == 1);
    CHECK(client.send("OPTIONS", "/fhir/R4/Task").result_int() == 204);
}

TEST_CASE("Heartbeats come by one timer to everything that is bound") {
    Server server;
    HttpClient client(server.server);
    Socket socket(server.server);
    auto one = client.subscribe("Task"), two = client.subscribe("Patient");
    socket.bind(client.binding_token(one));
    socket.bind(client.binding_token(two));
    CHECK(socket.read("handshake"));
    CHECK(socket.read("handshake"));
    auto heartbeat = socket.read("heartbeat");
    REQUIRE(heartbeat);
    CHECK(count(*heartbeat, "\"heartbeat\"") == 2);
}

TEST_CASE("Only the exact path is upgraded: a query string or another path is 404") {
    Server server;
    for (const char* path : {"/ws/subscriptions-r4?x=1", "/ws/nonexistent", "/ws/subscriptions-r5"}) {
        Socket socket(server.server, path);
        CHECK(socket.error == websocket::error::upgrade_declined);
        CHECK(socket.response.result_int() == 404);
    }
    Socket good(server.server);
    CHECK_FALSE(good.error);
    CHECK(good.response.find(http::field::sec_websocket_extensions) == good.response.end());
}

TEST_CASE("Within moments of a close its Subscriptions are gone, and the old token binds to silence") {
    Server server;
    HttpClient client(server.server);
    auto subscription = client.subscribe("Task");
    auto token = client.binding_token(subscription);
    {
        Socket socket(server.server);
        socket.bind(token);
        REQUIRE(socket.read("handshake"));
        socket.drop();
    }
    CHECK(eventually([&] { return client.fhir("GET", "Subscription/" + subscription).result_int() == 404; }));
    Socket again(server.server);
    again.bind(token);
    CHECK(again.read("handshake"));
    client.create_task();
    for (int i = 0; i < 2; ++i) {
        auto frame = again.read();
        REQUIRE(frame);
        CHECK(at(*frame, "/entry/0/resource/type") == "heartbeat");
    }
    CHECK(client.fhir("GET", "Subscription/" + subscription + "/$get-ws-binding-token").result_int() == 400);
}

TEST_CASE("When the binding token has run out, heartbeats go on and events do not come") {
    auto options = fast_server();
    options.binding_lifetime = 300ms;
    Server server(options);
    HttpClient client(server.server);
    Socket socket(server.server);
    auto subscription = client.subscribe("Task");
    auto token = client.binding_token(subscription);
    socket.bind(token);
    REQUIRE(socket.read("handshake"));
    // Time out is seen by what a fresh bind with the same token says.
    Socket probe(server.server);
    CHECK(eventually([&] {
        probe.bind(token);
        auto answer = probe.read();
        return answer && at(*answer, "/resourceType") == "OperationOutcome";
    }));
    auto missed = client.create_task();
    auto frame = socket.read();
    while (frame && at(*frame, "/entry/0/resource/type") == "event-notification")
        frame = socket.read(); // whatever was sent before
    CHECK(socket.read("heartbeat"));
    socket.bind(client.binding_token(subscription));
    REQUIRE(socket.read("handshake"));
    auto seen = client.create_task();
    auto event = socket.read("event-notification");
    REQUIRE(event);
    CHECK(at(*event, focus) == "Task/" + seen);
    CHECK(missed != seen);
}

TEST_CASE("A bad token is answered and the socket stays; malformed frames are not answered") {
    Server server;
    Socket socket(server.server);
    for (const char* frame : {"{{{", "", "null"}) socket.say(frame);
    socket.bind("garbage");
    auto answer = socket.read();
    REQUIRE(answer);
    CHECK(at(*answer, issue_text) == "Token failed to validate. Check token expiry.");
    socket.say(R"({"type":"ping"})");
    CHECK(socket.read() == R"({"type":"pong"})");
}

TEST_CASE("An access token instead of a binding token: an outcome, then the connection is cut") {
    Server server;
    HttpClient client(server.server);
    auto form =
        "grant_type=client_credentials&client_id=" + server->client_id() + "&client_secret=" + server->client_secret();
    auto access =
        at(client.send("POST", "/oauth2/token", form, "application/x-www-form-urlencoded").body(), "/access_token");
    Socket socket(server.server);
    socket.bind(access);
    auto answer = socket.read();
    REQUIRE(answer);
    CHECK(at(*answer, issue_text).starts_with("Token claims missing subscription_id"));
    CHECK_FALSE(socket.read());
    CHECK(socket.error != websocket::error::closed); // without a close frame
}

TEST_CASE("A frame over 1 MB closes the socket with 1009, a body over 1 MB is 400 and the connection stays") {
    Server server;
    Socket socket(server.server);
    socket.say(std::string((1u << 20) + 1, 'x'));
    CHECK(socket.closed());
    CHECK(socket.reason().code == websocket::close_code::too_big);
    HttpClient client(server.server);
    auto large =
        client.fhir("POST", "Task", R"({"resourceType":"Task","description":")" + std::string(1'500'000, 'x') + "\"}");
    CHECK(large.result_int() == 400);
    CHECK(at(large.body(), issue_text) == "File too large");
    CHECK(client.fhir("GET", "Task").result_int() == 200);
}

TEST_CASE("A dropped socket ends without a close frame, a closed one with code and reason") {
    Server server;
    Socket dropped(server.server);
    REQUIRE(eventually([&] { return server->stats().sockets == 1; }));
    server->drop_sockets();
    CHECK(dropped.closed());
    CHECK(dropped.error != websocket::error::closed);
    Socket closed(server.server);
    REQUIRE(eventually([&] { return server->stats().sockets == 1; }));
    server->close_sockets(1012, "restarting");
    CHECK(closed.closed());
    CHECK(closed.error == websocket::error::closed);
    CHECK(closed.reason().code == 1012);
    CHECK(closed.reason().reason == "restarting");
}

TEST_CASE("Another client can have the sockets dropped, if it logged in") {
    Server server;
    HttpClient client(server.server);
    Socket socket(server.server);
    CHECK(client.send("POST", "/$drop-sockets").result_int() == 204);
    CHECK(socket.closed());
    server->expire_tokens();
    CHECK(client.send("POST", "/$drop-sockets").result_int() == 404);
}

TEST_CASE("A reader that does not read is disconnected at the bound, and the others get everything") {
    auto options = fast_server();
    options.max_output = 1u << 20;
    options.heartbeat = 60s;
    Server server(options);
    HttpClient client(server.server);
    Socket slow(server.server), good(server.server);
    slow.bind(client.binding_token(client.subscribe("Task")));
    REQUIRE(slow.read("handshake"));
    good.bind(client.binding_token(client.subscribe("Task")));
    REQUIRE(good.read("handshake"));
    const std::string body = R"({"resourceType":"Task","status":"requested","intent":"order","description":")" +
                             std::string(200'000, 'x') + "\"}";
    int written = 0;
    CHECK(eventually([&] {
        client.fhir("POST", "Task", body);
        ++written;
        REQUIRE(good.read("event-notification"));
        return server->stats().slow_readers == 1;
    }));
    CHECK(written >= 5);
    CHECK(eventually([&] { return server->stats().sockets == 1; }));
    client.create_task();
    CHECK(good.read("event-notification"));
}

TEST_CASE("A deaf server sends heartbeats and no events; a silent one sends nothing") {
    Server server;
    HttpClient client(server.server);
    Socket socket(server.server);
    socket.bind(client.binding_token(client.subscribe("Task")));
    REQUIRE(socket.read("handshake"));
    server->set_deaf(true);
    client.create_task();
    CHECK(socket.read("heartbeat"));
    CHECK(server->stats().events == 0);
    server->set_deaf(false);
    server->set_silent(true);
    auto heartbeats = server->stats().heartbeats;
    socket.say(R"({"type":"ping"})");
    client.create_task();
    server->set_silent(false);
    CHECK(server->stats().heartbeats == heartbeats);
    auto next = client.create_task();
    auto event = socket.read("event-notification");
    REQUIRE(event);
    CHECK(at(*event, focus) == "Task/" + next);
}

TEST_CASE("Events of one resource are lost or late on demand, and those of others come") {
    Server server;
    HttpClient client(server.server);
    Socket socket(server.server);
    const auto first = "Task/" + client.create_task(), second = "Task/" + client.create_task();
    socket.bind(client.binding_token(client.subscribe("Task")));
    REQUIRE(socket.read("handshake"));
    const auto next_status = [&] {
        const auto event = socket.read("event-notification");
        return event ? at(*event, "/entry/1/resource/status") : std::string();
    };
    const auto set = [&](const std::string& task, const char* status) {
        REQUIRE(server->set_member(task, "status", status));
    };
    server->lose_events(first);
    server->hold_events(second);
    set(first, "\"received\"");
    set(second, "\"accepted\"");
    set(second, "\"ready\"");
    CHECK(next_status() == "ready");
    server->release_events();
    CHECK(next_status() == "accepted");
    set(first, "\"draft\"");
    CHECK(next_status() == "draft");
}

TEST_CASE("Events of one resource come twice on demand, with the same text") {
    Server server;
    HttpClient client(server.server);
    Socket socket(server.server);
    const auto first = "Task/" + client.create_task(), second = "Task/" + client.create_task();
    socket.bind(client.binding_token(client.subscribe("Task")));
    REQUIRE(socket.read("handshake"));
    server->repeat_events(first);
    REQUIRE(server->set_member(first, "status", "\"received\""));
    REQUIRE(server->set_member(first, "status", "\"accepted\""));
    REQUIRE(server->set_member(second, "status", "\"ready\""));
    const auto one = socket.read("event-notification"), two = socket.read("event-notification");
    REQUIRE((one && two));
    CHECK(*one == *two);
    CHECK(at(*socket.read("event-notification"), "/entry/1/resource/status") == "accepted");
    CHECK(at(*socket.read("event-notification"), "/entry/1/resource/status") == "ready");
}

TEST_CASE("Events leave late and in order; without the delay those that wait leave at once") {
    Server server;
    HttpClient client(server.server);
    Socket socket(server.server);
    const auto task = "Task/" + client.create_task();
    socket.bind(client.binding_token(client.subscribe("Task")));
    REQUIRE(socket.read("handshake"));
    const auto next_status = [&] {
        const auto event = socket.read("event-notification");
        return event ? at(*event, "/entry/1/resource/status") : std::string();
    };
    server->set_event_delay(60ms);
    const auto begin = std::chrono::steady_clock::now();
    REQUIRE(server->set_member(task, "status", "\"received\""));
    REQUIRE(server->set_member(task, "status", "\"accepted\""));
    CHECK(next_status() == "received");
    CHECK(std::chrono::steady_clock::now() - begin >= 60ms);
    CHECK(next_status() == "accepted");
    server->set_event_delay(1h);
    REQUIRE(server->set_member(task, "status", "\"ready\""));
    server->set_event_delay(0ms);
    CHECK(next_status() == "ready");
}

TEST_CASE("A server that forgets its subscriptions answers 404 for them and goes on beating") {
    Server server;
    HttpClient client(server.server);
    Socket socket(server.server);
    const auto subscription = client.subscribe("Task");
    socket.bind(client.binding_token(subscription));
    REQUIRE(socket.read("handshake"));
    server->forget_subscriptions();
    CHECK(server->stats().subscriptions == 0);
    CHECK(client.fhir("GET", "Subscription/" + subscription).result_int() == 404);
    client.create_task();
    CHECK(socket.read("heartbeat"));
    CHECK(server->stats().events == 0);
}

TEST_CASE("The server's clock is set ahead and back, and the clinic works on") {
    auto options = fast_server();
    options.patients = 3;
    options.tasks = 5;
    options.rate = 200;
    Server server(options);
    HttpClient client(server.server);
    const auto written = [&] {
        const auto id = client.create_task();
        return fhir::parse_instant(at(client.fhir("GET", "Task/" + id).body(), "/meta/lastUpdated")).value();
    };
    const auto before = written();
    server->set_clock_offset(10min);
    const auto commits = server->stats().commits;
    CHECK(written() >= before + 10min);
    CHECK(eventually([&] { return server->stats().commits > commits + 5; }));
    server->set_clock_offset(0ms);
    const auto later = server->stats().commits;
    CHECK(written() < before + 5min);
    CHECK(eventually([&] { return server->stats().commits > later + 5; }));
}

TEST_CASE("An unreachable server drops its connections, refuses new ones, and comes back on its port") {
    Server server;
    auto port = server->port();
    Socket socket(server.server);
    server->set_reachable(false);
    CHECK(socket.closed());
    CHECK_THROWS(HttpClient(server.server));
    server->set_reachable(true);
    CHECK(server->port() == port);
    HttpClient client(server.server);
    CHECK(client.fhir("GET", "Task").result_int() == 200);
}

TEST_CASE("Failures on demand: requests, upgrades, delays") {
    Server server;
    HttpClient client(server.server);
    server->fail_requests(1, 503);
    CHECK(client.fhir("GET", "Task").result_int() == 503);
    CHECK(client.fhir("GET", "Task").result_int() == 200);
    server->fail_upgrades(1);
    CHECK(Socket(server.server).response.result_int() == 503);
    CHECK_FALSE(Socket(server.server).error);
    server->set_delay(50ms);
    auto begin = std::chrono::steady_clock::now();
    client.fhir("GET", "Task");
    CHECK(std::chrono::steady_clock::now() - begin >= 50ms);
}

TEST_CASE("With jitter, events overtake each other and none is lost") {
    auto options = fast_server();
    options.jitter = 40ms;
    Server server(options);
    HttpClient client(server.server);
    Socket socket(server.server);
    socket.bind(client.binding_token(client.subscribe("Task")));
    REQUIRE(socket.read("handshake"));
    std::vector<std::string> created, arrived;
    for (int i = 0; i < 40; ++i) created.push_back("Task/" + client.create_task());
    std::string sent;
    while (arrived.size() < created.size()) {
        auto event = socket.read("event-notification");
        REQUIRE(event);
        arrived.push_back(at(*event, focus));
        CHECK(at(*event, "/timestamp") >= sent); // send times grow, commit times do not
        sent = at(*event, "/timestamp");
    }
    CHECK(arrived != created);
    std::sort(arrived.begin(), arrived.end());
    std::sort(created.begin(), created.end());
    CHECK(arrived == created);
}

TEST_CASE("What a colleague does on the server is seen by everybody, and current() lists it") {
    Server server;
    HttpClient client(server.server);
    Socket socket(server.server);
    socket.bind(client.binding_token(client.subscribe("Task")));
    REQUIRE(socket.read("handshake"));
    auto task = "Task/" + client.create_task();
    REQUIRE(socket.read("event-notification"));
    auto version = server->set_member(task, "status", "\"on-hold\"").and_then([&](const std::string&) {
        return server->get(task);
    });
    REQUIRE(version);
    auto event = socket.read("event-notification");
    REQUIRE(event);
    CHECK(at(*event, "/entry/1/resource/status") == "on-hold");
    auto current = server->current("Task");
    REQUIRE(current.size() == 1);
    CHECK("Task/" + current[0].id == task);
    CHECK(current[0].version_id == at(*version, "/meta/versionId"));
    CHECK(server->remove(task));
    CHECK(server->current("Task").empty());
    CHECK(server->get(task).error().code == ErrorCode::Gone);
    CHECK(server->set_member("Task/nope", "status", "1").error().code == ErrorCode::NotFound);
    CHECK(server->put("{").error().code == ErrorCode::Malformed);
    CHECK(server->put(R"({"resourceType":"Nonsense"})").error().code == ErrorCode::Invalid);
}

TEST_CASE("The clinic works at its rate, pauses, and works on demand") {
    auto options = fast_server();
    options.patients = 10;
    options.tasks = 20;
    options.rate = 200;
    Server server(options);
    auto populated = server->current().size();
    CHECK(populated >= 38);
    auto begin = server->stats().commits;
    CHECK(eventually([&] { return server->stats().commits >= begin + 20; }));
    server->set_paused(true);
    auto paused = server->stats().commits;
    server->work(5);
    CHECK(server->stats().commits == paused + 5);
    server->set_paused(false);
    server->set_rate(500);
    CHECK(eventually([&] { return server->stats().commits >= paused + 30; }));
}

TEST_CASE("A busy port, a bad address and a missing certificate are told apart") {
    Server first;
    auto options = fast_server();
    options.port = first->port();
    auto busy = EmbeddedServer(options).start();
    REQUIRE_FALSE(busy);
    CHECK(busy.error().code == ErrorCode::PortBusy);
    CHECK(busy.error().message.find(std::to_string(options.port)) != std::string::npos);
    options.host = "no such host";
    CHECK(EmbeddedServer(options).start().error().code == ErrorCode::Address);
    options = fast_server();
    options.tls_certificate_file = options.tls_key_file = "/nonexistent/certificate.pem";
    CHECK(EmbeddedServer(options).start().error().code == ErrorCode::Certificate);
}

TEST_CASE("After stop() nothing is reached, and what was last true can still be asked") {
    Server server;
    HttpClient client(server.server);
    Socket socket(server.server);
    client.create_task();
    server->stop();
    CHECK(socket.closed());
    CHECK_THROWS(HttpClient(server.server));
    CHECK(server->current("Task").size() == 1);
    CHECK(server->stats().commits == 1);
    server->stop();
    server->set_rate(5);
    server->drop_sockets();
}

TEST_CASE("A server that never started answers emptily, and stops in the middle of everything") {
    EmbeddedServer idle(fast_server());
    CHECK(idle.base_url().empty());
    CHECK(idle.current().empty());
    CHECK(idle.put("{}").error().code == ErrorCode::NotStarted);
    auto options = fast_server();
    options.patients = 5;
    options.tasks = 10;
    options.rate = 2000;
    options.jitter = 500ms;
    Server busy(options);
    HttpClient client(busy.server);
    Socket socket(busy.server);
    socket.bind(client.binding_token(client.subscribe("Task")));
    REQUIRE(socket.read("event-notification"));
    busy->set_delay(10s); // and stop with events held back, a queue half sent, a client connected
    busy->stop();
    CHECK(socket.closed());
}

TEST_CASE("Ids and secrets of the client are made at random when none are given") {
    ServerOptions options;
    options.patients = options.tasks = 0;
    EmbeddedServer one(options), two(options);
    CHECK(one.client_id().size() == 36);
    CHECK(one.client_secret().size() == 64);
    CHECK(one.client_secret() != two.client_secret());
}
