// Searches and their limits, answered step by step.

#include "step_client.hpp"

using namespace fhirscope;
using namespace fhirscope::tests;

TEST_CASE("a catch-up that is cut short before it asked for deletions begins again where the gap began") {
    Client client;
    client.bind("s1");
    client.answer("Task?", 200, page({task("a", "1", "10:30:00"), task("b", "1", "10:30:00")}));
    REQUIRE(client.engine.publish()->connection.phase == Phase::Live);

    client.lose();
    client.bind("s2");
    CHECK(client.asked("Task?").find("_lastUpdated=ge2026-02-10T10:29:57") != std::string::npos);
    client.answer("Task?", 200, page({task("a", "2", "10:30:40")}));
    CHECK(client.asked("_deleted=true").find("ge2026-02-10T10:29:57") != std::string::npos);

    client.lose(); // Task/b was deleted at 10:30:35, and nobody has said so yet
    client.bind("s3");
    CHECK(client.asked("Task?").find("_lastUpdated=ge2026-02-10T10:29:57") != std::string::npos);
    client.answer("Task?", 200, page({task("a", "2", "10:30:40")}));
    CHECK(client.asked("_deleted=true").find("ge2026-02-10T10:29:57") != std::string::npos);
    client.answer("_deleted=true", 200,
                  page({R"({"resourceType":"Task","id":"b","meta":{"lastUpdated":"2026-02-10T10:30:35.000Z"}})"}));
    const SnapshotPtr snapshot = client.engine.publish();
    REQUIRE(snapshot->stores.size() == 1);
    CHECK(snapshot->stores[0].deleted == 1);

    client.lose();
    client.bind("s4"); // now that it is whole, the next one begins where it ended
    CHECK(client.asked("Task?").find("_lastUpdated=ge2026-02-10T10:30:37") != std::string::npos);
}

TEST_CASE("the event of a deletion that the search has told already does not show what is gone") {
    Client client;
    client.bind("s1");
    client.answer("Task?", 200, page({task("a", "1", "10:30:00")}));
    client.lose();
    client.bind("s2");
    client.answer("Task?", 200, page({task("a", "1", "10:30:00")}));
    client.answer("_deleted=true", 200,
                  page({R"({"resourceType":"Task","id":"b","meta":{"lastUpdated":"2026-02-10T10:30:41.000Z"}})"}));
    client.say("s2", "event-notification", "10:30:41", task("b", "1", "10:30:40")); // Medplum's event of a deletion
    client.answer("GET fhir/R4/Task/b", 410, "{}");
    CHECK(client.engine.publish()->stores.at(0).deleted == 1);
}

TEST_CASE("what the server answers after the question stands, whatever the times say") {
    Client client;
    client.bind("s1");
    client.answer("Task?", 200, page({task("a", "1", "10:40:00")}));
    client.in(Command{ReadResource{"Task/a"}});

    SECTION("an older time: the server's clock was set back, or what was shown was rolled back") {
        client.answer("Task/a", 200, task("a", "2", "10:35:00"));
        CHECK(client.shown("Task/a") == "2");
    }
    SECTION("unless something came after the question: then its time decides") {
        client.say("s1", "event-notification", "10:41:00", task("a", "3", "10:41:00"));
        client.answer("Task/a", 200, task("a", "2", "10:40:30"));
        CHECK(client.shown("Task/a") == "3");
    }
    SECTION("a 410 that something came after is asked again") {
        client.say("s1", "event-notification", "10:41:00", task("a", "3", "10:41:00"));
        client.answer("Task/a", 410, R"({"resourceType":"OperationOutcome","id":"gone"})");
        CHECK(client.shown("Task/a") == "3");
        client.answer("Task/a", 200, task("a", "3", "10:41:00"));
        CHECK(client.engine.publish()->stores[0].records[0]->standing == Standing::Current);
    }
    SECTION(
        "a version that a frame brought meanwhile: that frame may have told of its deletion, so it is asked again") {
        client.say("s1", "event-notification", "10:41:00", task("a", "2", "10:41:00"));
        client.answer("Task/a", 200, task("a", "2", "10:41:00"));
        CHECK(client.shown("Task/a") == "2");
        client.wait(std::chrono::milliseconds(600));
        client.answer("Task/a", 410, R"({"resourceType":"OperationOutcome","id":"gone"})");
        CHECK(client.engine.publish()->stores[0].deleted == 1);
    }
}

TEST_CASE("when the server's clock is set back, what it stamped since then is searched for") {
    Client client;
    client.bind("s1");
    client.answer("Task?", 200, page({task("a", "1", "10:29:59")}));
    client.server_offset = -std::chrono::minutes(5);
    client.wait_in_peace("s1", std::chrono::seconds(10));
    CHECK(client.told("clock was set back"));
    client.lose();
    client.bind("s2");
    CHECK(client.asked("Task?").find("_lastUpdated=ge2026-02-10T10:24:") != std::string::npos);
    client.answer("Task?", 200, page({task("b", "1", "10:25:05"), task("a", "1", "10:29:59")}));
    client.answer("_deleted=true", 200, page({}));
    CHECK(client.shown("Task/b") == "1");
    // What is stamped ahead of the server's clock does not say that everything before it was found.
    client.lose();
    client.bind("s3");
    CHECK(client.asked("Task?").find("_lastUpdated=ge2026-02-10T10:26:") != std::string::npos);
}

TEST_CASE("an event that is older only by a clock that was set back is settled by a read") {
    Client client;
    client.bind("s1");
    client.answer("Task?", 200, page({task("a", "1", "10:29:59")}));
    client.say("s1", "event-notification", "10:25:00", task("a", "2", "10:25:00"));
    CHECK(client.shown("Task/a") == "1");
    client.answer("Task/a", 200, task("a", "2", "10:25:00"));
    CHECK(client.shown("Task/a") == "2");
}

TEST_CASE("where the server's cursor is stuck, the search begins again by offset, newest first") {
    Client client;
    client.bind("s1");
    client.answer(
        "_sort=_lastUpdated", 500,
        R"({"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"exception","details":{"text":"Cursor fails to make progress"}}]})");
    CHECK(client.asked("Task?").find("_sort=-_lastUpdated&_offset=0&_count=1000") != std::string::npos);
    CHECK(client.told("by offset"));
    client.answer("Task?", 200, page({task("a", "1", "10:40:00")}));
    CHECK(client.engine.publish()->connection.phase == Phase::Live);

    client.lose();
    client.bind("s2"); // the next search goes by cursor again
    CHECK(client.asked("Task?").find("_sort=_lastUpdated") != std::string::npos);
}

TEST_CASE("a Subscription that is refused is polled for beside the others, and tried again") {
    Client client({{"tasks", "Task"}, {"alerts", "Basic?code=device-alert"}});
    const std::string forbidden = R"({"resourceType":"OperationOutcome","id":"forbidden"})";
    client.answer(R"("criteria":"Basic)", 403, forbidden);
    client.bind("s1");
    client.answer("Task?", 200, page({task("a", "1", "10:29:59")}));
    const auto snapshot = client.engine.publish();
    CHECK(snapshot->connection.phase == Phase::Live);
    CHECK(snapshot->connection.polling);
    CHECK(snapshot->subscriptions[1].state == SubscriptionState::Refused);
    CHECK(client.asks("Basic?code=device-alert"));
    CHECK_FALSE(client.asks("Task?"));
    client.answer("Basic?code=device-alert", 200, page({}));
    client.wait_in_peace("s1", std::chrono::seconds(10));
    CHECK(client.asks("Basic?code=device-alert"));

    client.wait_in_peace("s1", std::chrono::seconds(60));
    client.answer(R"("criteria":"Basic)", 403, forbidden);
    CHECK(client.engine.publish()->connection.phase == Phase::Live); // and nothing flickered
    CHECK(client.engine.publish()->connection.transition_counts.at({Phase::CatchingUp, Phase::Live}) == 1);
}

TEST_CASE("a read that the network did not answer is asked again until it is answered") {
    Client client;
    client.bind("s1");
    client.answer("Task?", 200, page({task("a", "1", "10:29:59")}));
    client.in(Command{ReadResource{"Task/a"}});
    for (int i = 0; i < 40; ++i) { // more than any count of tries
        if (client.asks("Task/a")) client.fail("Task/a");
        client.wait_in_peace("s1", std::chrono::seconds(10));
    }
    for (int i = 0; i < 7 && !client.asks("Task/a"); ++i) client.wait_in_peace("s1", std::chrono::seconds(10));
    client.answer("Task/a", 200, task("a", "2", "10:30:30"));
    CHECK(client.shown("Task/a") == "2");
}

TEST_CASE("a search that the server refuses makes no loop: the subscription is refused, and its Subscription deleted") {
    const std::string forbidden = R"({"resourceType":"OperationOutcome","id":"forbidden"})";
    Client client({{"tasks", "Task"}, {"patients", "Patient"}});
    client.answer(R"("criteria":"Patient")", 201, R"({"resourceType":"Subscription","id":"p1","criteria":"Patient"})");
    client.answer("p1/$get-ws-binding-token", 200,
                  R"({"resourceType":"Parameters","parameter":[{"name":"token","valueString":"tp"}]})");
    client.bind("s1");
    client.say("p1", "handshake", client.server_time());
    client.answer("Patient?", 200, page({}));
    client.answer("Task?", 403, forbidden);
    const auto snapshot = client.engine.publish();
    CHECK(snapshot->subscriptions[0].state == SubscriptionState::Refused);
    CHECK(snapshot->connection.phase == Phase::Live);
    CHECK_FALSE(client.asks(R"("criteria":"Task")")); // not at once again
    CHECK(client.asks("Subscription/s1"));            // DELETE
}

TEST_CASE("a Subscription that could not be deleted while the connection was closed is deleted with the next one") {
    Client client;
    client.bind("s1");
    client.answer("Task?", 200, page({task("a", "1", "10:29:59")}));
    client.in(Command{Disconnect{}});
    client.fail("DELETE fhir/R4/Subscription/s1");
    CHECK(client.told("Subscription/s1 could not be deleted, and will be with the next connection"));
    client.wait(std::chrono::minutes(5));
    CHECK_FALSE(client.asks("Subscription/s1")); // who disconnected wants no requests
    client.in(Command{Connect{}});
    client.bind("s2");
    client.answer("Task?", 200, page({task("a", "1", "10:29:59")}));
    while (client.asks("Task?")) client.answer("Task?", 200, page({}));
    CHECK(client.engine.publish()->connection.phase == Phase::Live);
    CHECK(client.asks("DELETE fhir/R4/Subscription/s1"));
}

TEST_CASE("what a listing that ended early lacked is read by the comparison, however new it is") {
    Client client({{"tasks", "Task"}}, [](Config& config) { config.reconcile_period = std::chrono::seconds(20); });
    client.bind("s1");
    std::string first = page({task("a", "1", "10:29:59")});
    first.insert(first.find(R"("entry")"),
                 R"("link":[{"relation":"next","url":"http://h/fhir/R4/Task?_cursor=two"}],)");
    client.answer("Task?", 200, first);
    client.answer("_cursor=two", 404, R"({"resourceType":"OperationOutcome","id":"not-found"})");
    CHECK_FALSE(client.engine.publish()->subscriptions[0].partial.empty());
    for (int i = 0; i < 6 && !client.asks("_elements=id,meta&"); ++i)
        client.wait_in_peace("s1", std::chrono::seconds(10));
    const std::string now = client.server_time();
    client.answer("_elements=id,meta&", 200, page({task("a", "1", "10:29:59"), task("b", "1", now)}));
    CHECK(client.engine.publish()->subscriptions[0].partial.empty());
    client.answer("GET fhir/R4/Task/b", 200, task("b", "1", now));
    CHECK(client.shown("Task/b") == "1");
}

TEST_CASE("pages without an end are not followed") {
    Client client;
    client.bind("s1");
    const std::string url = client.asked("Task?").substr(std::string("GET ").size());
    client.answer(
        "Task?", 200,
        R"({"resourceType":"Bundle","type":"searchset","link":[{"relation":"next","url":")" + url + R"("}]})");
    CHECK(client.told("its pages have no end"));
}

TEST_CASE("a resource that cannot be used is not taken for missing, over and over") {
    Client client;
    client.bind("s1");
    client.answer("Task?", 200, page({task("a", "1", "10:29:58"), task("b", "", "10:29:59")}));
    for (int round = 0; round < 3; ++round) {
        client.wait_in_peace("s1", std::chrono::seconds(60));
        client.answer("Subscription/s1", 200, R"({"resourceType":"Subscription","id":"s1"})");
        client.answer("_elements=id,meta", 200, page({task("b", "", "10:29:59")}));
        client.answer("_deleted=true", 200, page({}));
    }
    CHECK(client.engine.publish()->metrics.counters.missed == 0);
    CHECK(client.engine.publish()->metrics.counters.deaf == 0);
}

TEST_CASE("a server's words are cut where they would fill the log") {
    Client client;
    client.bind("s1");
    client.answer("Task?", 200, page({}));
    client.complain(std::string(1u << 20, 'x'));
    const auto snapshot = client.engine.publish();
    CHECK(client.told("the server says on the socket: xxx"));
    for (std::uint64_t i = snapshot->events.first(); i < snapshot->events.end(); ++i)
        CHECK(snapshot->events[i].what.text_bytes() <= 2'048);
}

TEST_CASE("what only a refused criteria asks for is left out of the reconciliation, and is no drift") {
    Client client({{"mine", "Task?owner=Practitioner/1"}, {"tasks", "Task"}});
    const std::string forbidden = R"({"resourceType":"OperationOutcome","id":"forbidden"})";
    client.answer(R"("criteria":"Task?owner)", 403, forbidden);
    client.bind("s1");
    client.answer("Task?_sort", 200, page({task("a", "1", "10:29:59")}));
    std::string mine = task("c", "1", "10:29:58");
    mine.insert(mine.size() - 1, R"(,"owner":{"reference":"Practitioner/1"})");
    client.answer("Task?owner", 200, page({mine})); // polled for
    REQUIRE(client.shown("Task/c") == "1");

    const std::string listing = "Task?owner=Practitioner/1&_elements";
    for (int i = 0; i < 70 && !client.asks(listing); ++i) client.wait_in_peace("s1", std::chrono::seconds(10));
    client.answer(listing, 403, forbidden);
    client.wait_in_peace("s1", std::chrono::seconds(10));
    client.answer("Task?_elements", 200, page({task("a", "1", "10:29:59")}));
    CHECK(client.told("Task?owner=Practitioner/1 cannot be compared with the server"));
    CHECK(client.told("compared 1 resources with the server: all equal"));
    CHECK(client.engine.publish()->metrics.counters.drifts == 0);
}
