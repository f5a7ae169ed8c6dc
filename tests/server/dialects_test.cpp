// The embedded server in the standard's dialects and as HAPI (PROTOCOL B, C).
#include "bench.hpp"
#include "fhir/notification.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace fhirscope;
using namespace fhirscope::server;
using fhir::Notification;
using fhir::NotificationKind;
using fhir::Payload;

namespace {

constexpr ConnectionId first_socket = 1, second_socket = 2;

class DialectBench : public Bench {
public:
    explicit DialectBench(Dialect dialect) : Bench(options(dialect)), dialect_(dialect) { collect_events(); }

    // What a client posts for all Tasks, or those that a filter lets through.
    std::string body(std::string_view content = "full-resource", std::string_view filter = "") const {
        const std::string backport = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/";
        std::string text = R"({"resourceType":"Subscription","status":"requested","reason":"test",)";
        if (dialect_ == Dialect::Hapi)
            return text + R"("criteria":"Task?)" + std::string(filter) + R"(","channel":{"type":"websocket"}})";
        if (dialect_ == Dialect::R5) {
            text += R"("topic":")" + topic_url("Task") +
                    R"(","channelType":{"code":"websocket"},"heartbeatPeriod":60,"content":")" + std::string(content) +
                    "\"";
            if (const auto equals = filter.find('='); equals != std::string_view::npos)
                text += R"(,"filterBy":[{"resourceType":"Task","filterParameter":")" +
                        std::string(filter.substr(0, equals)) + R"(","value":")" +
                        std::string(filter.substr(equals + 1)) + "\"}]";
            return text + "}";
        }
        text += R"("criteria":")" + topic_url("Task") + "\"";
        if (!filter.empty())
            text += R"(,"_criteria":{"extension":[{"url":")" + backport +
                    R"(backport-filter-criteria","valueString":"Task?)" + std::string(filter) + "\"}]}";
        return text +
               R"(,"channel":{"type":"websocket","payload":"application/fhir+json","_payload":{"extension":[{"url":")" +
               backport + R"(backport-payload-content","valueCode":")" + std::string(content) + "\"}]}}}";
    }
    std::string make(std::string_view content = "full-resource", std::string_view filter = "") {
        return create("Subscription", body(content, filter));
    }
    std::vector<Notification> bind_text(ConnectionId connection, const std::string& subscription) {
        return decode(say(connection, "bind-with-token " + binding_token(subscription)));
    }
    Notification decode(const std::string& text) const {
        INFO(text);
        auto decoded = fhir::decode_frame(dialect_, text);
        REQUIRE(decoded);
        return std::move(*decoded);
    }
    std::vector<Notification> decode(const std::vector<std::string>& texts) const {
        std::vector<Notification> all;
        for (const auto& text : texts) all.push_back(decode(text));
        return all;
    }
    Notification last_event() const {
        REQUIRE_FALSE(events.empty());
        return decode(*events.back().text);
    }
    std::string token_of(const std::string& subscription) {
        auto body = get("Subscription/" + subscription + "/$get-ws-binding-token").body;
        return at(body, "/parameter/0/valueString");
    }

private:
    static ServerOptions options(Dialect dialect) {
        auto options = empty_server();
        options.dialect = dialect;
        return options;
    }
    Dialect dialect_;
};

Dialect numbered() { return GENERATE(Dialect::BackportR4, Dialect::R4B, Dialect::R5); }

} // namespace

TEST_CASE("A topic subscription is requested, and active once it is bound") {
    DialectBench bench(numbered());
    const auto id = bench.make();
    REQUIRE_FALSE(id.empty());
    CHECK(at(bench.get("Subscription/" + id).body, "/status") == "requested");
    const auto frames = bench.bind_text(first_socket, id);
    REQUIRE(frames.size() == 1);
    CHECK(frames[0].kind == NotificationKind::Handshake);
    CHECK(frames[0].subscriptions == std::vector<std::string>{id});
    CHECK(frames[0].status == "requested");
    CHECK(frames[0].events_since_start == 0u);
    CHECK(frames[0].topic == topic_url("Task"));
    CHECK(at(bench.get("Subscription/" + id).body, "/status") == "active");
}

TEST_CASE("The server writes its own heartbeat period into the Subscription") {
    DialectBench r5(Dialect::R5);
    CHECK(at(r5.get("Subscription/" + r5.make()).body, "/heartbeatPeriod") == "10");
    DialectBench r4(Dialect::BackportR4);
    CHECK(at(r4.get("Subscription/" + r4.make()).body, "/channel/extension/0/valueUnsignedInt") == "10");
}

TEST_CASE("Events count from 1, and heartbeats carry the count without raising it") {
    DialectBench bench(numbered());
    const auto id = bench.make();
    bench.bind_text(first_socket, id);
    const auto first = bench.create_task();
    const auto event = bench.last_event();
    CHECK(event.kind == NotificationKind::Event);
    CHECK(event.payload == Payload::Full);
    REQUIRE(event.events.size() == 1);
    CHECK(event.events[0].number == 1u);
    CHECK(event.events[0].focus == "Task/" + first);
    REQUIRE(event.events[0].resource);
    bench.create_task();
    CHECK(bench.last_event().events[0].number == 2u);
    CHECK(bench.last_event().events_since_start == 2u);
    for (int i = 0; i < 2; ++i) {
        const auto beats = bench.world.hub.heartbeat(bench.now);
        REQUIRE(beats.size() == 1);
        CHECK(bench.decode(*beats[0].text).kind == NotificationKind::Heartbeat);
        CHECK(bench.decode(*beats[0].text).events_since_start == 2u);
    }
}

TEST_CASE("Payloads show nothing, the focus, or the resource") {
    const auto dialect = numbered();
    for (const auto payload : {Payload::Empty, Payload::IdOnly, Payload::Full}) {
        DialectBench bench(dialect);
        bench.bind_text(first_socket, bench.make(fhir::to_string(payload)));
        const auto task = bench.create_task();
        const auto event = bench.last_event();
        CHECK(event.payload == payload);
        REQUIRE(event.events.size() == 1);
        CHECK(event.events[0].number == 1u);
        CHECK(event.events[0].focus == (payload == Payload::Empty ? "" : "Task/" + task));
        CHECK((event.events[0].resource != nullptr) == (payload == Payload::Full));
        CHECK(event.topic.empty() == (payload == Payload::Empty));
    }
}

TEST_CASE("A deletion is told as one") {
    DialectBench bench(numbered());
    bench.bind_text(first_socket, bench.make());
    const auto task = bench.create_task();
    bench.call("DELETE", "Task/" + task);
    const auto event = bench.last_event();
    REQUIRE(event.events.size() == 1);
    CHECK(event.events[0].deleted);
    CHECK(event.events[0].number == 2u);
    CHECK(event.events[0].focus == "Task/" + task);
}

TEST_CASE("Filters let through what they say") {
    DialectBench bench(numbered());
    bench.bind_text(first_socket, bench.make("full-resource", "status=requested"));
    bench.create_task("completed");
    CHECK(bench.events.empty());
    bench.create_task("requested");
    CHECK(bench.events.size() == 1);
}

TEST_CASE("A topic subscription outlives its socket, and goes on counting") {
    DialectBench bench(numbered());
    const auto id = bench.make();
    bench.bind_text(first_socket, id);
    bench.create_task();
    bench.world.hub.close(first_socket);
    bench.create_task();
    bench.create_task();
    CHECK(bench.events.size() == 1);
    const auto frames = bench.bind_text(second_socket, id);
    REQUIRE(frames.size() == 1);
    CHECK(frames[0].events_since_start == 3u);
    bench.create_task();
    CHECK(bench.last_event().events[0].number == 4u);
}

TEST_CASE("$events brings what was missed, both ends included") {
    DialectBench bench(numbered());
    const auto id = bench.make();
    for (int i = 0; i < 5; ++i) bench.create_task();
    const auto answer = bench.get("Subscription/" + id + "/$events?eventsSinceNumber=2&eventsUntilNumber=4");
    REQUIRE(answer.status == 200);
    const auto events = bench.decode(answer.body);
    CHECK(events.kind == NotificationKind::QueryEvent);
    CHECK(events.events_since_start == 5u);
    REQUIRE(events.events.size() == 3);
    CHECK(events.events.front().number == 2u);
    CHECK(events.events.back().number == 4u);
    for (const auto& event : events.events) CHECK(event.resource);
    const auto hinted = bench.decode(bench.get("Subscription/" + id + "/$events?content=id-only").body);
    CHECK(hinted.events.size() == 5);
    CHECK(hinted.payload == Payload::IdOnly);
    CHECK(bench.get("Subscription/unknown/$events").status == 404);
}

TEST_CASE("$status tells the state of one subscription or of several") {
    DialectBench bench(numbered());
    const auto a = bench.make(), b = bench.make();
    bench.bind_text(first_socket, a);
    bench.create_task();
    const auto one = bench.decode(bench.get("Subscription/" + a + "/$status").body);
    CHECK(one.kind == NotificationKind::QueryStatus);
    CHECK(one.status == "active");
    CHECK(one.events_since_start == 1u);
    CHECK(bench.decode(bench.get("Subscription/$status").body).subscriptions.size() == 2);
    CHECK(bench.decode(bench.get("Subscription/$status?status=requested").body).subscriptions ==
          std::vector<std::string>{b});
    CHECK(bench.decode(bench.get("Subscription/$status?id=" + a).body).subscriptions == std::vector<std::string>{a});
    CHECK(bench.get("Subscription/unknown/$status").status == 404);
}

TEST_CASE("One token binds several subscriptions, each with its handshake") {
    DialectBench bench(numbered());
    const auto a = bench.make(), b = bench.make();
    const auto answer = bench.call("POST", "Subscription/$get-ws-binding-token",
                                   R"({"resourceType":"Parameters","parameter":[{"name":"id","valueId":")" + a +
                                       R"("},{"name":"id","valueId":")" + b + "\"}]}");
    REQUIRE(answer.status == 200);
    const auto frames =
        bench.decode(bench.say(first_socket, "bind-with-token: " + at(answer.body, "/parameter/0/valueString")));
    REQUIRE(frames.size() == 2);
    CHECK(frames[1].subscriptions == std::vector<std::string>{b});
    bench.create_task();
    CHECK(bench.events.size() == 2);
}

TEST_CASE("A Subscription past its end is gone") {
    DialectBench bench(numbered());
    auto body = bench.body();
    body.insert(body.size() - 1, R"(,"end":"2026-02-10T11:00:00Z")");
    const auto id = bench.create("Subscription", body);
    CHECK(bench.get("Subscription/" + id).status == 200);
    bench.pass(std::chrono::minutes(31));
    CHECK(bench.get("Subscription/" + id).status == 404);
    bench.create_task();
    CHECK(bench.get("Subscription/" + id + "/$events").status == 404);
}

TEST_CASE("What a dialect's shape demands is demanded") {
    DialectBench bench(numbered());
    const auto refused = [&](std::string body) {
        const auto answer = bench.call("POST", "Subscription", body);
        INFO(body);
        INFO(answer.body);
        CHECK(answer.status == 400);
    };
    auto unknown = bench.body();
    unknown.replace(unknown.find("task-changed"), 12, "moon-changed");
    refused(unknown);
    refused(bench.body("everything"));
    refused(R"({"resourceType":"Subscription","status":"requested","reason":"r"})");
    CHECK(bench.decode(bench.say(first_socket, "bind-with-token nonsense")).at(0).kind == NotificationKind::Outcome);
    CHECK(bench.decode(bench.say(first_socket, "hello")).at(0).kind == NotificationKind::Outcome);
}

TEST_CASE("metadata lets a client tell which dialect it faces") {
    const auto text = [](Dialect dialect) { return DialectBench(dialect).get("metadata").body; };
    CHECK(at(text(Dialect::Medplum), "/software/name") == "medplum");
    CHECK(at(text(Dialect::BackportR4), "/fhirVersion") == "4.0.1");
    CHECK(count(text(Dialect::BackportR4), "capabilitystatement-subscriptiontopic-canonical") == topic_types().size());
    CHECK(at(text(Dialect::R4B), "/fhirVersion") == "4.3.0");
    CHECK(at(text(Dialect::R5), "/fhirVersion") == "5.0.0");
    CHECK(at(text(Dialect::Hapi), "/rest/0/extension/0/valueUri") ==
          "ws://sim.test/ws/subscriptions-r4"); // as the bench named it
    CHECK(count(text(Dialect::Hapi), "$events") == 0);
    for (const auto dialect : {Dialect::R4B, Dialect::R5}) {
        DialectBench bench(dialect);
        CHECK(at(bench.get("SubscriptionTopic").body, "/total") == std::to_string(topic_types().size()));
    }
}

TEST_CASE("HAPI binds by text, one subscription to a socket, and pings") {
    DialectBench bench(Dialect::Hapi);
    const auto id = bench.make("", "status=requested");
    bench.pass(std::chrono::seconds(1));
    CHECK(bench.say(first_socket, "bind Subscription/" + id) == std::vector<std::string>{"bound " + id});
    CHECK(bench.say(first_socket, "bind " + id).at(0).starts_with("Unexpected client message"));
    CHECK(bench.say(first_socket, std::string(199, 'x') + "é").at(0).ends_with("x\\xc3")); // cut within a character
    const auto task = bench.create_task();
    REQUIRE(bench.events.size() == 1);
    CHECK(*bench.events[0].text == "ping " + id);
    bench.create_task("completed");
    bench.call("DELETE", "Task/" + task); // deletions are not told
    CHECK(bench.events.size() == 1);
    CHECK(bench.world.hub.heartbeat(bench.now).empty());
    bench.world.hub.close(first_socket);
    CHECK(bench.say(second_socket, "bind " + id) == std::vector<std::string>{"bound " + id}); // it survived
}

TEST_CASE("HAPI activates by itself, and closes a bind that is wrong with 1002") {
    DialectBench bench(Dialect::Hapi);
    const auto id = bench.make();
    CHECK(at(bench.get("Subscription/" + id).body, "/status") == "requested");
    const auto refusal = [&](const std::string& text) {
        const auto reaction = bench.world.hub.receive(first_socket, text, bench.now);
        CHECK(reaction.close_code == 1002);
        return reaction.close_reason;
    };
    CHECK(refusal("bind " + id) == "Invalid bind request - Unknown subscription: " + id);
    bench.pass(std::chrono::seconds(1));
    CHECK(at(bench.get("Subscription/" + id).body, "/status") == "active");
    CHECK(refusal("bind 123") == "Invalid bind request - Unknown subscription: 123");
    CHECK(refusal("bind") == "Invalid bind request - No ID included");
    CHECK(bench.get("Subscription/" + id + "/$get-ws-binding-token").status == 404);
}

TEST_CASE("HAPI counts versions, and answers a stale If-Match with 409") {
    DialectBench bench(Dialect::Hapi);
    const auto id = bench.create_task();
    CHECK(at(bench.get("Task/" + id).body, "/meta/versionId") == "1");
    const auto body = R"({"resourceType":"Task","intent":"order","status":"completed","id":")" + id + "\"}";
    CHECK(bench.call("PUT", "Task/" + id, body, {{"If-Match", "W/\"1\""}}).status == 200);
    CHECK(at(bench.get("Task/" + id).body, "/meta/versionId") == "2");
    CHECK(bench
              .call("PUT", "Task/" + id,
                    R"({"resourceType":"Task","intent":"order","status":"failed","id":")" + id + "\"}",
                    {{"If-Match", "W/\"1\""}})
              .status == 409);
}

TEST_CASE("Other servers than Medplum's list the deletions of a type in its history") {
    DialectBench bench(Dialect::Hapi);
    const auto kept = bench.create_task(), gone = bench.create_task();
    bench.pass(std::chrono::seconds(10));
    const auto since = fhir::format_instant(bench.now);
    bench.call("DELETE", "Task/" + gone);
    const auto history = bench.get("Task/_history?_since=" + since).body;
    CHECK(at(history, "/total") == "1");
    CHECK(at(history, "/entry/0/request/method") == "DELETE");
    CHECK(at(history, "/entry/0/request/url") == "Task/" + gone);
    CHECK(at(bench.get("Task/_history").body, "/total") == "3");
    Bench medplum;
    CHECK(medplum.get("Task/_history").status != 200);
}
