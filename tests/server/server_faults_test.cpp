// What `fhirscope serve` lets go wrong, by option and by the administrative endpoints, on real sockets; and what it
// asks of those who have not logged in.
#include "fhir/base64.hpp"
#include "server_bench.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <atomic>

using namespace fhirscope;
using namespace fhirscope::server;
using namespace std::chrono_literals;

namespace {

ServerOptions fast(Behaviour behaviour) {
    auto options = fast_server();
    options.behaviour = behaviour;
    return options;
}

Headers first_secret(EmbeddedServer& server) {
    auto text = fhir::encode_base64(server.client_id() + ":" + server.client_secret(), fhir::Base64::Url);
    while (text.size() % 4 != 0) text += '=';
    return {{"Authorization", "Basic " + text}};
}

// A client with one Subscription for Tasks, bound.
struct Listener {
    explicit Listener(EmbeddedServer& server) : client(server), socket(server), subscription(client.subscribe("Task")) {
        socket.bind(client.binding_token(subscription));
        REQUIRE(socket.read("handshake"));
    }
    HttpClient client;
    Socket socket;
    std::string subscription;

    int administer(const std::string& target) { return static_cast<int>(client.send("POST", target).result_int()); }
    // Whether a change of this Task is told before the next two heartbeats.
    bool hears(EmbeddedServer& server, const std::string& task) {
        REQUIRE(server.set_member(task, "description", fhir::quote(random_uuid())));
        for (int heartbeats = 0; heartbeats < 2;) {
            const auto frame = socket.read();
            if (!frame) return false;
            const auto type = at(*frame, "/entry/0/resource/type");
            if (type == "event-notification") return true;
            heartbeats += type == "heartbeat" ? 1 : 0;
        }
        return false;
    }
};

} // namespace

TEST_CASE("Another client deletes the Subscription: heartbeats go on listing it, and it is 404", "[server-faults]") {
    Server server(fast(GENERATE(Behaviour::Medplum50, Behaviour::Medplum51)));
    Listener listener(server.server);
    const auto task = "Task/" + listener.client.create_task();
    REQUIRE(listener.socket.read("event-notification"));
    CHECK(listener.administer("/$delete-subscriptions?value=Patient") == 204);
    CHECK(listener.hears(server.server, task));
    CHECK(listener.administer("/$delete-subscriptions?value=Task") == 204);
    CHECK_FALSE(listener.hears(server.server, task));
    CHECK(at(*listener.socket.read("heartbeat"), "/entry/0/resource/subscription/reference") ==
          "Subscription/" + listener.subscription);
    CHECK(listener.client.fhir("GET", "Subscription/" + listener.subscription).result_int() == 404);
}

TEST_CASE("A revoked login is 401 at once; a new login works, an old secret after a rotation does not",
          "[server-faults]") {
    Server server(fast(GENERATE(Behaviour::Medplum50, Behaviour::Medplum51)));
    Listener listener(server.server);
    const auto task = "Task/" + listener.client.create_task();
    REQUIRE(listener.socket.read("event-notification"));
    CHECK(listener.administer("/$rotate-secret") == 204);
    CHECK(listener.client.fhir("GET", task).result_int() == 200);
    CHECK(listener.administer("/$revoke-logins") == 204);
    CHECK(listener.client.fhir("GET", task).result_int() == 401);
    listener.client.log_in(server.server);
    CHECK(listener.client.fhir("GET", task).result_int() == 401);
    // Whoever knows the secret that the server began with can put it right.
    CHECK(listener.client.send("POST", "/$rotate-secret?undo=1", {}, {}, first_secret(server.server)).result_int() ==
          204);
    listener.client.log_in(server.server);
    CHECK(listener.client.fhir("GET", task).result_int() == 200);
}

TEST_CASE("Access tokens expire while what is bound goes on; lifetimes are options", "[server-faults]") {
    auto options = fast(GENERATE(Behaviour::Medplum50, Behaviour::Medplum51));
    SECTION("by an administrator") {
        Server server(options);
        Listener listener(server.server);
        const auto task = "Task/" + listener.client.create_task();
        CHECK(listener.administer("/$expire-access-tokens") == 204);
        CHECK(listener.client.fhir("GET", task).result_int() == 401);
        CHECK(listener.hears(server.server, task));
    }
    SECTION("by their own time") {
        options.token_lifetime = 600ms;
        Server server(options);
        Listener listener(server.server);
        const auto task = server->put(R"({"resourceType":"Task","id":"t","status":"requested","intent":"order"})");
        REQUIRE(task);
        CHECK(eventually([&] { return listener.client.fhir("GET", "Task/t").result_int() == 401; }));
        CHECK(listener.hears(server.server, "Task/t"));
    }
    SECTION("and bindings by theirs") {
        options.binding_lifetime = 600ms;
        Server server(options);
        Listener listener(server.server);
        const auto task = "Task/" + listener.client.create_task();
        CHECK(eventually([&] { return !listener.hears(server.server, task); }));
        CHECK(listener.client.fhir("GET", task).result_int() == 200);
        listener.socket.bind(listener.client.binding_token(listener.subscription));
        REQUIRE(listener.socket.read("handshake"));
        CHECK(listener.hears(server.server, task));
    }
}

TEST_CASE("A server that hangs answers nothing, and goes on where it was", "[server-faults]") {
    Server server(fast(GENERATE(Behaviour::Medplum50, Behaviour::Medplum51)));
    Listener listener(server.server);
    server->set_hanging(true);
    const auto heartbeats = server->stats().heartbeats;
    unsigned answered = 0; // threads do not assert
    std::thread waiting([&] { answered = listener.client.fhir("GET", "Task").result_int(); });
    std::atomic<HttpClient*> second{nullptr}; // the system takes its connection, nobody answers
    std::thread connecting([&] { second = new HttpClient(server.server); });
    listener.socket.say(R"({"type":"ping"})");
    CHECK(eventually([&] { return server->stats().connections == 3; }));
    Server other; // whose heartbeats tell that there was time for some
    Listener ticking(other.server);
    CHECK(eventually([&] { return other->stats().heartbeats >= 4; }));
    CHECK(server->stats().heartbeats == heartbeats);
    CHECK(second == nullptr);
    server->set_hanging(false);
    waiting.join();
    connecting.join();
    CHECK(answered == 200);
    delete second.load();
    CHECK(eventually([&] { return listener.socket.read() == R"({"type":"pong"})"; }));
}

TEST_CASE("Requests hang while heartbeats go on", "[server-faults]") {
    Server server;
    Listener listener(server.server);
    CHECK(listener.administer("/$hang-requests?seconds=0.3") == 204);
    const auto begin = std::chrono::steady_clock::now();
    CHECK(listener.client.fhir("GET", "Task").result_int() == 200); // when it is over
    CHECK(std::chrono::steady_clock::now() - begin >= 250ms);
    CHECK(listener.socket.read("heartbeat"));
}

TEST_CASE("A fault begins when it was ordered for, and is undone after its time", "[server-faults]") {
    Server server;
    HttpClient client(server.server);
    REQUIRE(server->cause(*parse_fault_order("fail-requests=418@0.05-0.3")));
    CHECK(eventually([&] { return client.fhir("GET", "Task").result_int() == 418; }));
    CHECK(eventually([&] { return client.fhir("GET", "Task").result_int() == 200; }));
    CHECK(client.send("POST", "/$policy?value=Patient%3Fgender%3Dfemale%3BSubscription").result_int() == 204);
    CHECK(client.fhir("GET", "Task").result_int() == 403);
    CHECK(client.send("POST", "/$policy?undo=1").result_int() == 204);
    CHECK(client.fhir("GET", "Task").result_int() == 200);
    const auto wrong = client.send("POST", "/$policy?value=%3F%3F");
    CHECK(wrong.result_int() == 400);
    CHECK(client.send("POST", "/$latency").result_int() == 400);
    CHECK(client.send("POST", "/$nonsense").result_int() == 404);
    CHECK(client.send("POST", "/$drop-sockets?undo=1").result_int() == 400);
}

TEST_CASE("Every fault can be caused by its name, and what lasts can be undone", "[server-faults]") {
    const auto value_of = [](const ServerFault& fault) -> std::string {
        if (fault.value == "ENTRIES") return "Task;Subscription";
        if (fault.value == "TYPE/ID") return "Task/t";
        return fault.value.starts_with("STATUS")                     ? "503"
               : fault.value.empty() || fault.value.starts_with('[') ? ""
                                                                     : "1";
    };
    for (const auto& fault : server_faults()) {
        Server server;
        REQUIRE(server->put(R"({"resourceType":"Task","id":"t","status":"requested","intent":"order"})"));
        const auto value = value_of(fault);
        const auto order = parse_fault_order(std::string(fault.name) + (value.empty() ? "" : "=" + value));
        INFO(fault.name << ": " << (order ? "" : order.error().message));
        REQUIRE(order);
        CHECK(server->cause(*order));
        CHECK(server->undo(fault.name).has_value() == fault.can_be_undone);
        if (!fault.can_be_undone) continue;
        HttpClient client(server.server);
        CHECK(client.fhir("GET", "Task/t").result_int() == 200);
    }
}

TEST_CASE("The order of a fault is read, and what is wrong with it is said", "[server-faults]") {
    const auto order = parse_fault_order("policy=Patient?email=a@b;Task@10.5-20");
    REQUIRE(order);
    CHECK(order->name == "policy");
    CHECK(order->value == "Patient?email=a@b;Task");
    CHECK(order->after == 10'500ms);
    CHECK(order->lasts == 9'500ms);
    for (const char* wrong : {"", "flood", "hang=5", "latency", "hang@soon", "hang@5-2", "revoke-logins@1-2"})
        CHECK(parse_fault_order(wrong).error().code == ErrorCode::Fault);
    CHECK(parse_fault_order("flood").error().message.find("revoke-logins") != std::string::npos);
}

TEST_CASE("An expunged resource is 404 and nobody is told; 5,000 deletions are remembered as 410", "[server-faults]") {
    Server server;
    Listener listener(server.server);
    const auto task = "Task/" + listener.client.create_task();
    REQUIRE(listener.socket.read("event-notification"));
    REQUIRE(server->expunge(task));
    CHECK(listener.client.fhir("GET", task).result_int() == 404);
    CHECK(listener.client.fhir("GET", task + "/_history").result_int() == 404);
    REQUIRE(listener.socket.read("heartbeat"));
    CHECK(server->stats().events == 1);
    CHECK(server->expunge(task).error().code == ErrorCode::NotFound);

    Store store({.project = "p"}, Random(1));
    const auto first = *fhir::parse_json(R"({"resourceType":"Basic","code":{"text":"x"}})");
    ServerTime now{std::chrono::milliseconds(1'770'719'400'000)};
    std::string oldest;
    for (int i = 0; i < 5'000; ++i) {
        rapidjson::Document content;
        content.CopyFrom(first, content.GetAllocator());
        const auto id = store.create(std::move(content), {}, now)->id;
        store.remove("Basic", id, now += 1ms);
        if (i == 0) oldest = id;
    }
    REQUIRE(store.current("Basic", oldest));
    CHECK(store.current("Basic", oldest)->deleted());
}

TEST_CASE("On 5.1 a write's frame comes before its answer, on 5.0 after it", "[server-faults]") {
    auto options = fast(GENERATE(Behaviour::Medplum50, Behaviour::Medplum51));
    options.write_answer_lag = 2s;
    options.heartbeat = 1h;
    Server server(options);
    Listener listener(server.server);
    std::chrono::steady_clock::time_point answered;
    std::thread writing([&] {
        listener.client.create_task();
        answered = std::chrono::steady_clock::now();
    });
    REQUIRE(listener.socket.read("event-notification"));
    const auto told = std::chrono::steady_clock::now();
    writing.join();
    if (options.behaviour == Behaviour::Medplum51) CHECK(answered - told >= 1s);
    // Two sockets of one machine: what left first may be seen a moment later.
    else
        CHECK(answered - told < 1s);
}

TEST_CASE("On 5.1 a change waits in a queue and is matched when it is taken from it", "[server-faults]") {
    auto options = fast(Behaviour::Medplum51);
    options.event_delay = 1h;
    Server server(options);
    HttpClient client(server.server);
    const auto task = client.create_task();
    Listener listener(server.server); // binds after the commit
    server->set_event_delay(0ms);
    const auto event = listener.socket.read("event-notification");
    REQUIRE(event);
    CHECK(at(*event, focus) == "Task/" + task);
}

TEST_CASE("Pages of an origin that is named may call it, those of others may not", "[server-faults]") {
    auto options = fast(Behaviour::Medplum51);
    options.cors_origins = {"http://localhost:3000"};
    Server server(options);
    HttpClient client(server.server);
    const auto header = [](const auto& response, std::string_view name) { return std::string(response[name]); };
    const Headers page = {{"Origin", "http://localhost:3000"},
                          {"Access-Control-Request-Method", "PUT"},
                          {"Access-Control-Request-Headers", "authorization,content-type,if-match,x-medplum"}};
    const auto preflight = client.send("OPTIONS", "/fhir/R4/Task/1", {}, {}, page);
    CHECK(preflight.result_int() == 204);
    CHECK(header(preflight, "Access-Control-Allow-Origin") == "http://localhost:3000");
    CHECK(header(preflight, "Access-Control-Allow-Credentials") == "true");
    CHECK(header(preflight, "Access-Control-Allow-Methods").find("PATCH") != std::string::npos);
    CHECK(header(preflight, "Access-Control-Allow-Headers") == "authorization,content-type,if-match,x-medplum");
    CHECK(header(preflight, "Vary") == "Origin, Access-Control-Request-Headers");
    const auto answer = client.send("GET", "/fhir/R4/Task", {}, {}, page);
    CHECK(header(answer, "Access-Control-Allow-Origin") == "http://localhost:3000");
    CHECK(header(answer, "Access-Control-Expose-Headers") == "Content-Location,ETag,Last-Modified,Location,RateLimit");
    CHECK(header(answer, "Vary") == "Origin, Accept-Encoding");
    for (const char* origin : {"http://localhost:3001", "http://localhost:30000", "null"}) {
        const auto other = client.send("GET", "/fhir/R4/Task", {}, {}, {{"Origin", origin}});
        CHECK(other.result_int() == 200);
        CHECK(header(other, "Access-Control-Allow-Origin").empty());
        CHECK(header(client.send("OPTIONS", "/fhir/R4/Task", {}, {}, {{"Origin", origin}}),
                     "Access-Control-Allow-Methods")
                  .empty());
    }
    CHECK(header(client.send("GET", "/fhir/R4/Task"), "Access-Control-Allow-Origin").empty());

    options.cors_origins = {"*"};
    Server open(options);
    HttpClient any(open.server);
    const auto allowed = any.send("GET", "/fhir/R4/Task", {}, {}, {{"Origin", "https://app.example"}});
    CHECK(header(allowed, "Access-Control-Allow-Origin") == "https://app.example");
}

TEST_CASE("Before a login a body is small, and not read to its end", "[server-faults]") {
    Server server;
    asio::io_context io;
    beast::tcp_stream stream(io);
    stream.connect(tcp::endpoint(asio::ip::make_address("127.0.0.1"), server->port()));
    stream.expires_after(patience);
    // 32 MB are announced and never sent: the answer comes all the same.
    const std::string head = "POST /fhir/R4/Task HTTP/1.1\r\nHost: x\r\nContent-Length: 33000000\r\n\r\n";
    asio::write(stream, asio::buffer(head));
    beast::flat_buffer buffer;
    http::response<http::string_body> response;
    http::read(stream, buffer, response);
    CHECK(response.result_int() == 401);
    HttpClient client(server.server);
    CHECK(client
              .fhir("POST", "Task",
                    R"({"resourceType":"Task","status":"requested","intent":"order","description":")" +
                        std::string(200'000, 'x') + "\"}")
              .result_int() == 201);
}

TEST_CASE("Before a login a header has little time, and one address few connections", "[server-faults]") {
    auto options = fast_server();
    options.header_deadline = 300ms;
    options.max_unknown_connections = 8;
    Server server(options);
    HttpClient known(server.server);
    REQUIRE(known.fhir("GET", "Task").result_int() == 200);
    asio::io_context io;
    std::vector<tcp::socket> idle;
    for (int i = 0; i < 40; ++i) {
        idle.emplace_back(io).connect(tcp::endpoint(asio::ip::make_address("127.0.0.1"), server->port()));
        asio::write(idle.back(), asio::buffer(std::string_view("GET / HT"))); // and no more
    }
    CHECK(eventually([&] { return server->stats().connections <= 9; }));
    CHECK(known.fhir("GET", "Task").result_int() == 200); // who logged in keeps its place
    HttpClient another(server.server);                    // and who comes gets one
    CHECK(another.fhir("GET", "Task").result_int() == 200);
    CHECK(eventually([&] { return server->stats().connections == 2; }));
    // One more that says nothing is ended at its deadline; by then those that logged in have been idle for longer.
    tcp::socket late(io);
    late.connect(tcp::endpoint(asio::ip::make_address("127.0.0.1"), server->port()));
    char byte = 0;
    beast::error_code ended;
    asio::read(late, asio::buffer(&byte, 1), ended);
    CHECK(ended == asio::error::eof);
    CHECK(known.fhir("GET", "Task").result_int() == 200);
}
