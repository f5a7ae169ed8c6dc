// The engine against servers of the standard's dialects and HAPI: what it sends, and how gaps by number are found and
// closed.

#include "support/dialect_client.hpp"

#include <catch2/generators/catch_generators.hpp>

using namespace fhirscope;
using namespace fhirscope::tests::numbered;

TEST_CASE("each dialect has its own Subscription") {
    const auto body = [](Dialect dialect) {
        Client client(dialect);
        return *client.request("Subscription", "POST").body;
    };
    CHECK(
        body(Dialect::Medplum) ==
        R"({"resourceType":"Subscription","status":"active","reason":"fhirscope: Tasks","criteria":"Task?status=requested","channel":{"type":"websocket"}})");
    for (const Dialect backport : {Dialect::BackportR4, Dialect::R4B}) {
        const std::string text = body(backport);
        CHECK(text.find(R"("status":"requested")") != std::string::npos);
        CHECK(text.find("\"criteria\":\"" + topic + "\"") != std::string::npos);
        CHECK(text.find(R"(backport-filter-criteria","valueString":"Task?status=requested")") != std::string::npos);
        CHECK(text.find(R"(backport-payload-content","valueCode":"full-resource")") != std::string::npos);
        CHECK(text.find(R"("end":"2026-02-11T10:31:00.000Z")") != std::string::npos);
    }
    const std::string r5 = body(Dialect::R5);
    CHECK(r5.find("\"topic\":\"" + topic + "\"") != std::string::npos);
    CHECK(r5.find(R"("filterBy":[{"resourceType":"Task","filterParameter":"status","value":"requested"}])") !=
          std::string::npos);
    CHECK(body(Dialect::Hapi).find(R"("criteria":"Task?status=requested","channel":{"type":"websocket"})") !=
          std::string::npos);
}

TEST_CASE("a type without a topic is refused, and the reason names it") {
    Client client(Dialect::R5, {}, {{"Devices", "Device"}});
    CHECK_FALSE(client.asked("Subscription"));
    CHECK(client.asked("Device?"));             // searches stand in at once
    CHECK(client.phase() == Phase::BackingOff); // servers learn: it is tried again
    CHECK(client.logged("no SubscriptionTopic for Device"));
}

TEST_CASE("the bind frame is a setting") {
    const auto frame = [](BindStyle style) {
        Client client(Dialect::BackportR4, [&](Config& c) {
            c.dialect.bind_style = style;
            c.dialect.bind_template = "hello {token}!";
        });
        client.answer(client.request("Subscription", "POST"), 201,
                      R"({"resourceType":"Subscription","id":"s1","status":"requested"})");
        client.answer(client.request("$get-ws-binding-token"), 200, token_answer);
        CHECK(client.opened.at(0).url == "ws://h/subscriptions");
        client.in(SocketOpened{1});
        return *client.sent.at(0).text;
    };
    CHECK(frame(BindStyle::TextSpace) == "bind-with-token <binding-token-1>");
    CHECK(frame(BindStyle::TextColon) == "bind-with-token: <binding-token-1>");
    CHECK(frame(BindStyle::MedplumJson) == R"({"type":"bind-with-token","payload":{"token":"<binding-token-1>"}})");
    CHECK(frame(BindStyle::Template) == "hello <binding-token-1>!");
}

TEST_CASE("events with numbers are applied, and numbers that come again are passed over") {
    Client client(Dialect::R5);
    client.become_live(3, found(task("t1", 1)));
    client.frame(notification("event-notification", 4, {{4, "Task/t1", task("t1", 2)}}));
    client.frame(notification("event-notification", 5, {{5, "Task/t2", task("t2", 3)}}));
    CHECK(client.version("Task/t1") == "2");
    CHECK(client.version("Task/t2") == "3");
    const auto received = client.counters().received;
    client.frame(notification("event-notification", 4, {{4, "Task/t1", task("t1", 2)}}));
    CHECK(client.counters().received == received);
    CHECK(client.counters().repeated_events == 1);
    CHECK(client.counters().gaps == 0);
    CHECK_FALSE(client.asked("Task/t1")); // no read settles what a number has settled
}

TEST_CASE("a number that was jumped is waited for, and then asked for") {
    Client client(Dialect::R5);
    client.become_live();
    client.frame(notification("event-notification", 1, {{1, "Task/t1", task("t1", 1)}}));
    client.frame(notification("event-notification", 4, {{4, "Task/t4", task("t4", 4)}}));
    SECTION("stragglers fill it") {
        client.frame(notification("event-notification", 3, {{3, "Task/t3", task("t3", 3)}}));
        client.frame(notification("event-notification", 2, {{2, "Task/t2", task("t2", 2)}}));
        client.pass(2s);
        CHECK_FALSE(client.asked("$events"));
        CHECK(client.counters().gaps == 0);
    }
    SECTION("nothing comes") {
        client.pass(500ms);
        CHECK_FALSE(client.asked("$events"));
        client.pass(1s);
        const SendRequest ask = client.request("$events");
        CHECK(ask.url ==
              "fhir/R4/Subscription/s1/$events?eventsSinceNumber=2&eventsUntilNumber=4&content=full-resource");
        CHECK(client.counters().gaps == 1);
        CHECK(client.counters().gap_events == 2);
        CHECK(client.logged("a gap: 2 of events 2 to 4 did not come; asking $events"));
        client.answer(
            ask, 200,
            notification("query-event", 4,
                         {{2, "Task/t2", task("t2", 2)}, {3, "Task/t1", "DELETE"}, {4, "Task/t4", task("t4", 4)}}));
        CHECK(client.version("Task/t2") == "2");
        CHECK(client.version("Task/t1") == "deleted");
        client.pass(6s);
        CHECK(client.counters().missed == 2);
        CHECK(client.counters().recovered == 2);
        CHECK(client.phase() == Phase::Live);
        CHECK_FALSE(client.asked("Task?"));
    }
}

TEST_CASE("a heartbeat whose count is ahead shows a gap") {
    Client client(Dialect::R4B);
    client.become_live(7);
    client.frame(notification("heartbeat", 7));
    client.pass(2s);
    CHECK(client.counters().gaps == 0);
    client.frame(notification("heartbeat", 8));
    client.pass(2s);
    client.answer(client.request("eventsSinceNumber=8&eventsUntilNumber=8"), 200,
                  notification("query-event", 8, {{8, "Task/t8", task("t8", 8)}}));
    CHECK(client.version("Task/t8") == "8");
}

TEST_CASE("$status shows events that never came, though the socket lives and nothing else says so") {
    Client client(Dialect::R4B);
    client.become_live();
    for (int i = 0; i < 6; ++i) { // the count stays behind: what a proxy holds back, it holds back alike
        client.pass(10s);
        client.frame(notification("heartbeat", 0));
    }
    client.answer(client.request("Subscription/s1/$status"), 200, notification("query-status", 2));
    client.pass(5s); // stragglers are waited for
    client.request("$events?eventsSinceNumber=1&eventsUntilNumber=2");
    CHECK(client.counters().gap_events == 2);
}

TEST_CASE("where $status is not offered, the Subscription itself is asked after") {
    Client client(Dialect::R4B);
    client.become_live();
    for (int i = 0; i < 6; ++i) {
        client.pass(10s);
        client.frame(notification("heartbeat", 0));
    }
    client.answer(client.request("Subscription/s1/$status"), 404,
                  R"({"resourceType":"OperationOutcome","id":"not-found"})");
    const SendRequest probe = client.request("Subscription/s1");
    CHECK(probe.url.ends_with("Subscription/s1"));
    client.answer(probe, 404, R"({"resourceType":"OperationOutcome","id":"not-found"})");
    CHECK(client.counters().deaf == 1);
}

TEST_CASE("where $events is not offered, fails, or gives too little, a search closes the gap") {
    const auto how = GENERATE(0, 1, 2);
    Client client(Dialect::R5, [&](Config& c) { c.dialect.has_events = how != 0; });
    client.become_live(0, found(task("t1", 1)));
    client.frame(notification("event-notification", 2, {{2, "Task/t9", task("t9", 9)}}));
    client.pass(2s);
    if (how == 1)
        client.answer(client.request("$events"), 404,
                      R"({"resourceType":"OperationOutcome","issue":[{"code":"not-found"}]})");
    if (how == 2) client.answer(client.request("$events"), 200, notification("query-event", 2));
    // From the last search on, whatever came by the socket since.
    const SendRequest search = client.request("Task?");
    INFO(search.url);
    CHECK(search.url.find("_lastUpdated=ge2026-02-10T10:29:58.000Z") != std::string::npos);
    client.answer(search, 200, page(found(task("t5", 5)) + "," + found(task("t9", 9))));
    client.answer(client.request("Task/_history"), 404, "");
    client.answer(client.request("_elements"), 200, page());
    CHECK(client.version("Task/t5") == "5");
    CHECK(client.phase() == Phase::Live);
    client.pass(6s);
    CHECK(client.counters().missed == 1);
    CHECK(client.counters().gaps == 1); // the numbers are accounted for
}

TEST_CASE("a Subscription that survives is bound again, and its numbers say what was missed") {
    Client client(Dialect::BackportR4);
    client.become_live(0, found(task("t1", 1)));
    client.frame(notification("event-notification", 1, {{1, "Task/t1", task("t1", 2)}}));
    client.lose_socket();
    for (const SendRequest& request : client.requests) CHECK(request.method == "GET"); // none is created
    SECTION("nothing") {
        client.bind_again(1);
        CHECK(client.phase() == Phase::Live);
        CHECK(client.logged("nothing was missed"));
        // What no event told of is looked for all the same, beside the live connection.
        client.answer(client.request("Task?"), 200, page());
        client.answer(
            client.request("Task/_history"), 200,
            page(R"({"request":{"method":"DELETE","url":"Task/t1"},"response":{"status":"204"}})", "history"));
        client.answer(client.request("Task?"), 200, page());
        client.answer(client.read("Task/t1"), 410, "{}");
        CHECK(client.version("Task/t1") == "deleted");
        CHECK(client.phase() == Phase::Live);
    }
    SECTION("two events") {
        client.bind_again(3);
        CHECK(client.phase() == Phase::CatchingUp);
        client.answer(client.request("eventsSinceNumber=2&eventsUntilNumber=3"), 200,
                      notification("query-event", 3, {{2, "Task/t1", task("t1", 3)}, {3, "Task/t2", task("t2", 4)}}));
        CHECK(client.phase() == Phase::Live);
        CHECK(client.version("Task/t1") == "3");
        client.pass(6s);
        CHECK(client.counters().missed == 2);
        CHECK(client.counters().recovered == 2);
    }
    SECTION("the server counts anew") {
        client.bind_again(0);
        CHECK(client.logged("counts its events anew"));
        CHECK(client.asked("Task?"));
    }
    SECTION("the server has lost it") {
        client.answer(client.request("$get-ws-binding-token"), 404, "");
        client.answer(client.request("Subscription/s1"), 404, ""); // not the operation is missing
        CHECK(client.request("Subscription", "POST").body);
    }
}

TEST_CASE("id-only events are read, empty ones are searched for") {
    SECTION("id-only") {
        Client client(Dialect::R5, [](Config& c) { c.dialect.content = fhir::Payload::IdOnly; });
        client.become_live();
        client.frame(notification("event-notification", 1, {{1, "Task/t1", ""}}));
        client.answer(client.read("Task/t1"), 200, task("t1", 1));
        CHECK(client.version("Task/t1") == "1");
    }
    SECTION("empty") {
        Client client(Dialect::R5, [](Config& c) { c.dialect.content = fhir::Payload::Empty; });
        client.become_live(0, found(task("t1", 1)));
        client.frame(notification("event-notification", 1, {{1, "", ""}}));
        client.frame(notification("event-notification", 2,
                                  {{2, "", ""}})); // joins what is under way, which may have been too early
        client.answer(client.request("Task?"), 200, page(found(task("t2", 2))));
        client.answer(client.request("_history"), 200, page("", "history"));
        client.answer(client.request("_elements"), 200, page());
        CHECK(client.version("Task/t2") == "2");
        client.answer(client.request("Task?"), 200, page(found(task("t3", 3))));
        CHECK(client.version("Task/t3") == "3");
        CHECK(client.counters().gaps == 0);
        client.pass(6s);
        CHECK(client.counters().missed == 0);
    }
}

TEST_CASE("a resource without a version is read rather than believed") {
    Client client(Dialect::R5);
    client.become_live();
    client.frame(notification("event-notification", 1, {{1, "Task/t1", R"({"resourceType":"Task","id":"t1"})"}}));
    CHECK(client.counters().rejected == 0);
    client.answer(client.read("Task/t1"), 200, task("t1", 1));
    CHECK(client.version("Task/t1") == "1");
}

TEST_CASE("heartbeats are per subscription, no pings are sent, and silence is counted by the server's period") {
    Client client(Dialect::R5, [](Config& c) { c.ping_period = 1s; });
    client.answer(client.request("Subscription", "POST"), 201,
                  R"({"resourceType":"Subscription","id":"s1","status":"requested","heartbeatPeriod":40})");
    client.bind_again(0);
    client.answer(client.request("Task?"), 200, page());
    client.pass(90s); // below 2.5 × 40 s
    CHECK(client.phase() == Phase::Live);
    CHECK(client.counters().pings == 0);
    client.frame(notification("heartbeat", 0));
    client.pass(99s);
    CHECK(client.phase() == Phase::Live);
    client.pass(2s);
    CHECK(client.phase() == Phase::BackingOff);
}

TEST_CASE("an error in the status is said once") {
    Client client(Dialect::R5);
    client.become_live();
    client.frame(notification("heartbeat", 0, {}, "error"));
    client.frame(notification("heartbeat", 0, {}, "error"));
    CHECK(client.logged("the server says: error"));
}

TEST_CASE("the end of a Subscription is moved on, without a successor") {
    Client client(Dialect::R4B, [](Config& c) {
        c.subscription_renew_after = 60s;
        c.check_period = 3'600s;
    });
    client.become_live();
    for (int i = 0; i < 4; ++i) {
        client.pass(16s);
        client.frame(notification("heartbeat", 0));
    }
    const SendRequest put = client.request("Subscription/s1", "PUT");
    CHECK(put.body->find(R"("id":"s1")") != std::string::npos);
    client.answer(put, 200, *put.body);
    CHECK(client.phase() == Phase::Live);
}

TEST_CASE("HAPI: awaited, bound by text on a socket of its own, searched for after a ping") {
    Client client(Dialect::Hapi, [](Config& c) { c.dialect.socket_url = "ws://h/websocket"; },
                  {{"Tasks", "Task"}, {"Patients", "Patient"}});
    for (const char* id : {"1", "2"})
        client.answer(client.request("Subscription", "POST"), 201,
                      std::string(R"({"resourceType":"Subscription","id":")") + id + R"(","status":"requested"})");
    CHECK(client.opened.empty()); // before it is active a bind would fail
    client.pass(300ms);
    client.answer(client.request("Subscription/1"), 200,
                  R"({"resourceType":"Subscription","id":"1","status":"requested"})");
    client.answer(client.request("Subscription/2"), 200,
                  R"({"resourceType":"Subscription","id":"2","status":"active"})");
    client.pass(300ms);
    client.answer(client.request("Subscription/1"), 200,
                  R"({"resourceType":"Subscription","id":"1","status":"active"})");
    REQUIRE(client.opened.size() == 2);
    CHECK(client.opened[0].url == "ws://h/websocket");
    CHECK(client.opened[0].socket != client.opened[1].socket);
    client.in(SocketOpened{client.opened[0].socket});
    client.in(SocketOpened{client.opened[1].socket});
    REQUIRE(client.sent.size() == 2);
    CHECK(*client.sent[0].text == "bind 2"); // the first to be active
    CHECK(*client.sent[1].text == "bind 1");
    CHECK(client.sent[1].socket == client.opened[1].socket);
    client.frame("bound 2", client.opened[0].socket);
    client.frame("bound 1", client.opened[1].socket);
    client.answer(client.request("Patient?"), 200, page());
    client.answer(client.request("Task?"), 200, page(found(task("t1", 1))));
    REQUIRE(client.phase() == Phase::Live);

    client.frame("ping 1", client.opened[1].socket);
    client.frame("ping 1", client.opened[1].socket);
    client.answer(client.request("Task?_lastUpdated=ge"), 200, page(found(task("t1", 2))));
    CHECK(client.version("Task/t1") == "2");
    client.answer(
        client.request("Task/_history?_since="), 200,
        page(
            R"({"fullUrl":"http://h/fhir/R4/Task/t1","request":{"method":"DELETE","url":"Task/t1"},"response":{"status":"204"}})",
            "history"));
    client.answer(client.read("Task/t1"), 410, "");
    CHECK(client.version("Task/t1") == "deleted");
    CHECK(client.asked("Task?_lastUpdated=ge")); // for the second ping

    // One socket gone takes the others along; the Subscriptions are bound again, once they are known to live.
    client.in(SocketClosed{client.opened[1].socket, 1006, ""});
    CHECK(client.closed == std::vector<SocketId>{client.opened[0].socket});
    client.requests.clear();
    client.pass(31s);
    client.answer(client.request("Subscription/1"), 200,
                  R"({"resourceType":"Subscription","id":"1","status":"active"})");
    client.answer(client.request("Subscription/2"), 404, "");
    CHECK(client.request("Subscription", "POST").body->find("Patient") != std::string::npos);
}

TEST_CASE("the dialect is part of what is recorded, and of a keyframe") {
    Client client(Dialect::R5);
    client.become_live(2);
    client.frame(notification("event-notification", 5, {{5, "Task/t5", task("t5", 5)}}));
    auto restored = Engine::restore(client.engine.keyframe());
    REQUIRE(restored);
    CHECK(restored->state_hash() == client.engine.state_hash());
    Client other(Dialect::R4B);
    Client same(Dialect::R4B);
    CHECK(other.engine.state_hash() == same.engine.state_hash());
    CHECK(other.engine.state_hash() != Client(Dialect::BackportR4).engine.state_hash());
}
