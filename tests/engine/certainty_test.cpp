// What may be said of the server: received, compared, may be stale, out of view; and what is counted and asked.

#include "engine/certainty.hpp"

#include "fhir/reference.hpp"
#include "step_client.hpp"

using namespace fhirscope;
using namespace fhirscope::tests;

namespace {

void go_live(Client& client, const std::vector<std::string>& resources) {
    client.bind("s1");
    client.answer("Task?", 200, page(resources));
    REQUIRE(client.engine.publish()->connection.phase == Phase::Live);
}

CertaintyView sure_of(Client& client, const std::string& reference) {
    const RecordPtr record = client.engine.publish()->find(reference);
    REQUIRE(record);
    return certainty_of(*record, unheard_of(*client.engine.publish(), fhir::type_part(reference)));
}

std::string count_of(unsigned total) {
    return R"({"resourceType":"Bundle","type":"searchset","total":)" + std::to_string(total) + "}";
}

// The minute's check: is the Subscription there, and did the socket bring all?
void pass_check(Client& client) {
    client.wait_in_peace("s1", std::chrono::seconds(60));
    client.answer("Subscription/s1", 200, R"({"resourceType":"Subscription","id":"s1"})");
    client.answer("_elements=id,meta", 200, page({}));
    client.answer("_deleted=true", 200, page({}));
}

} // namespace

TEST_CASE("current is said only of what was compared, and when") {
    Client client;
    go_live(client, {task("a", "1", "10:29:59")});
    CHECK(sure_of(client, "Task/a").certainty == Certainty::Compared); // a search has just listed it

    client.say("s1", "event-notification", "10:30:05", task("a", "2", "10:30:05"));
    CHECK(sure_of(client, "Task/a").certainty == Certainty::Received);

    client.in(Command{ReadResource{"Task/a"}});
    client.answer("GET fhir/R4/Task/a", 200, task("a", "2", "10:30:05"));
    CHECK(sure_of(client, "Task/a").certainty == Certainty::Compared);
    const auto compared = sure_of(client, "Task/a").since;
    client.wait(std::chrono::seconds(5));
    CHECK(sure_of(client, "Task/a").since == compared);
}

TEST_CASE("what is known to differ is stale, and says how, until its read has answered") {
    Client client({{"tasks", "Task"}}, [](Config& config) {
        PanelDefinition panel;
        panel.id = "tasks";
        panel.type = "Task";
        panel.columns = {{"id", "Id", "id"}, {"status", "Status", "status"}, {"who", "Who", "owner"}};
        config.panels = {panel};
    });
    go_live(client, {task("a", "1", "10:29:58"), task("b", "1", "10:29:59"), task("c", "1", "10:29:59")});
    client.in(Command{Verify{}});
    std::string newer = task("b", "2", "10:30:05");
    newer.replace(newer.find("requested"), 9, "completed");
    client.answer("_elements=id,meta,owner,status&", 200, page({task("a", "1", "10:29:58"), newer}));
    CHECK(sure_of(client, "Task/a").certainty == Certainty::Compared);
    CHECK_FALSE(client.engine.publish()->find("Task/a")->server_side);
    CHECK(sure_of(client, "Task/b").certainty == Certainty::Stale);
    CHECK(sure_of(client, "Task/c").certainty == Certainty::Stale); // it is not listed
    REQUIRE(client.engine.publish()->find("Task/b")->server_side);
    CHECK(client.engine.publish()->find("Task/b")->server_side->version == "2");
    REQUIRE(client.engine.publish()->find("Task/b")->server_side->row);
    CHECK(client.engine.publish()->find("Task/b")->server_side->row->cells ==
          std::vector<std::string>{"b", "completed", ""});
    CHECK(client.engine.publish()->find("Task/b")->row->cells[1] == "requested"); // nothing is shown that was not read
    REQUIRE(client.engine.publish()->find("Task/c")->server_side);
    CHECK(client.engine.publish()->find("Task/c")->server_side->version.empty());
    CHECK_FALSE(client.engine.publish()->find("Task/c")->server_side->row);
    client.answer("GET fhir/R4/Task/c", 410, "{}");
    CHECK(sure_of(client, "Task/c").certainty == Certainty::Deleted);
    SECTION("the newer version") {
        client.answer("GET fhir/R4/Task/b", 200, newer);
        CHECK(sure_of(client, "Task/b").certainty == Certainty::Compared);
    }
    SECTION("what was shown after all") {
        client.answer("GET fhir/R4/Task/b", 200, task("b", "1", "10:29:59"));
        CHECK(sure_of(client, "Task/b").certainty == Certainty::Compared);
    }
    SECTION("nothing that can be used") {
        client.answer("GET fhir/R4/Task/b", 400, "{}");
        CHECK(sure_of(client, "Task/b").certainty == Certainty::MayBeStale);
    }
    CHECK_FALSE(client.engine.publish()->find("Task/b")->server_side);
}

TEST_CASE("while the connection is not live, whatever nobody vouched for since the loss may be stale") {
    Client client;
    go_live(client, {task("a", "1", "10:29:59")});
    client.in(SocketClosed{1, 1006, "gone"});
    const auto lost = client.engine.publish()->at;
    client.wait(std::chrono::seconds(3)); // before searches stand in
    CHECK(sure_of(client, "Task/a").certainty == Certainty::MayBeStale);
    CHECK(sure_of(client, "Task/a").since == lost);

    client.bind("s2");
    CHECK(sure_of(client, "Task/a").certainty == Certainty::MayBeStale); // bound is not caught up
    client.answer("Task?", 200, page({}));
    client.answer("_deleted=true", 200, page({}));
    CHECK(sure_of(client, "Task/a").certainty == Certainty::Compared);
    const auto snapshot = client.engine.publish();
    REQUIRE(snapshot->subscriptions[0].silences.size() == 2); // before it was bound first, and this one
    CHECK(snapshot->subscriptions[0].silences[1].from == lost);
    CHECK(snapshot->subscriptions[0].silences[1].why.status == 1006);
}

TEST_CASE("when the connection fell silent, what came last is the last that is certain") {
    Client client;
    go_live(client, {task("a", "1", "10:29:59")});
    const auto last = client.engine.publish()->connection.last_frame;
    client.wait(std::chrono::seconds(10));
    client.wait(std::chrono::seconds(6));
    REQUIRE(client.engine.publish()->connection.phase == Phase::BackingOff);
    CHECK(sure_of(client, "Task/a").since >= last);
    CHECK(sure_of(client, "Task/a").since < client.engine.publish()->at - std::chrono::seconds(10));
}

TEST_CASE("a Subscription that is found gone was deaf since its last sign of life") {
    Client client;
    go_live(client, {task("a", "1", "10:29:59")});
    client.say("s1", "event-notification", "10:30:05", task("a", "2", "10:30:05"));
    const auto last = client.engine.publish()->at;
    client.wait_in_peace("s1", std::chrono::seconds(60));
    client.answer("Subscription/s1", 404, R"({"resourceType":"OperationOutcome","id":"not-found"})");
    const auto snapshot = client.engine.publish();
    CHECK(snapshot->subscriptions[0].unheard_since >= last - std::chrono::milliseconds(20));
    CHECK(snapshot->subscriptions[0].unheard_since <= last);
    CHECK(snapshot->subscriptions[0].unheard_why.code == FactCode::DeafDropped);
}

TEST_CASE("a resource that leaves the login's view is found by the minute's count, and is out of view") {
    Client client;
    go_live(client, {task("a", "1", "10:29:58"), task("b", "1", "10:29:59")});
    pass_check(client);
    client.answer("_summary=count", 200, count_of(1)); // of two
    CHECK_FALSE(client.asks("_sort=_lastUpdated"));    // what was just changed may be on its way
    client.wait(std::chrono::seconds(6));
    client.answer("_summary=count", 200, count_of(1));
    CHECK(client.told("the server counts 1, 2 are shown here"));
    client.wait(std::chrono::seconds(1));
    client.answer("_elements=id,meta", 200, page({task("b", "1", "10:29:59")}));
    client.answer("GET fhir/R4/Task/a", 404, R"({"resourceType":"OperationOutcome","id":"not-found"})");
    CHECK(sure_of(client, "Task/a").certainty == Certainty::OutOfView);

    SECTION("and is no difference for ever after") {
        client.in(Command{Verify{}});
        client.answer("_elements=id,meta", 200, page({task("b", "1", "10:29:59")}));
        CHECK(client.engine.publish()->verify.state == VerifyView::State::Equal);
        // The refusal may have been for the moment: it is read once more, and a 410 says what became of it.
        client.answer("GET fhir/R4/Task/a", 410, R"({"resourceType":"OperationOutcome","id":"gone"})");
        CHECK(sure_of(client, "Task/a").certainty == Certainty::Deleted);
    }
    SECTION("until it is seen again") {
        client.in(Command{Verify{}});
        client.answer("_elements=id,meta", 200, page({task("a", "1", "10:29:58"), task("b", "1", "10:29:59")}));
        CHECK(sure_of(client, "Task/a").certainty == Certainty::Compared);
    }
    SECTION("what is shown agrees with the count then") {
        pass_check(client);
        client.answer("_summary=count", 200, count_of(1));
        client.wait(std::chrono::seconds(6));
        CHECK_FALSE(client.asks("Task?"));
    }
}

TEST_CASE("a count that agrees is not asked for again within the minute; one that is not given, never") {
    Client client;
    go_live(client, {task("a", "1", "10:29:58")});
    pass_check(client);
    SECTION("agrees") {
        client.answer("_summary=count", 200, count_of(1));
        client.wait(std::chrono::seconds(8));
        CHECK_FALSE(client.asks("_summary=count"));
        client.say("s1", "heartbeat", client.server_time());
        client.in(Frame{1, make_text(R"({"type":"pong"})")});
    }
    SECTION("not given") {
        client.answer("_summary=count", 200, page({}));
        pass_check(client);
        CHECK_FALSE(client.asks("_summary=count"));
    }
}

TEST_CASE("a type whose search is refused twice is not heard any more, and says so") {
    const std::string forbidden = R"({"resourceType":"OperationOutcome","id":"forbidden"})";
    Client client;
    go_live(client, {task("a", "1", "10:29:58")});
    client.wait_in_peace("s1", std::chrono::seconds(60));
    client.answer("Subscription/s1", 200, R"({"resourceType":"Subscription","id":"s1"})");
    client.answer("_elements=id,meta", 403, forbidden);
    CHECK(client.engine.publish()->subscriptions[0].state == SubscriptionState::Live);
    client.wait(std::chrono::seconds(6));
    client.answer("Subscription/s1", 200, R"({"resourceType":"Subscription","id":"s1"})");
    client.answer("_elements=id,meta", 403, forbidden);
    CHECK(client.engine.publish()->subscriptions[0].state == SubscriptionState::Refused);
    CHECK(sure_of(client, "Task/a").certainty == Certainty::MayBeStale);
}

TEST_CASE("what differed and was read again is repaired, with the time") {
    Client client;
    go_live(client, {task("a", "1", "10:29:58")});
    client.in(Command{Verify{}});
    client.answer("_elements=id,meta", 200, page({task("a", "2", "10:30:10")}));
    auto verify = client.engine.publish()->verify;
    CHECK(verify.state == VerifyView::State::Different);
    CHECK(verify.repaired == LocalTime{});
    client.answer("GET fhir/R4/Task/a", 200, task("a", "2", "10:30:10"));
    verify = client.engine.publish()->verify;
    CHECK(verify.repaired != LocalTime{});
    CHECK(verify.repaired > verify.at);
}

TEST_CASE("what somebody wants explained is read, with its history") {
    Client client;
    go_live(client, {task("a", "1", "10:29:58")});
    client.in(Command{AskServer{"Task/a"}});
    CHECK(client.engine.publish()->asked.pending);
    client.answer("/_history", 200,
                  R"({"resourceType":"Bundle","type":"history","entry":[{"request":{"method":"DELETE","url":"Task/a"},)"
                  R"("response":{"status":"410"}},{"resource":)" +
                      task("a", "2", "10:30:10") + "}]}");
    CHECK(client.engine.publish()->asked.pending);
    client.answer("GET fhir/R4/Task/a", 410, R"({"resourceType":"OperationOutcome","id":"gone"})");
    const auto asked = client.engine.publish()->asked;
    CHECK_FALSE(asked.pending);
    CHECK(asked.status == 410);
    REQUIRE(asked.history.size() == 2);
    CHECK(asked.history[0].deleted);
    CHECK(asked.history[1].version_id == "2");

    SECTION("where nothing can be asked, nothing is pending") {
        client.in(SocketClosed{1, 1006, "gone"});
        client.in(Command{AskServer{"Task/a"}});
        CHECK_FALSE(client.engine.publish()->asked.pending);
        CHECK(client.engine.publish()->asked.read_at == LocalTime{});
    }
}

TEST_CASE("of a history not more is kept than was asked for") {
    Client client;
    go_live(client, {task("a", "1", "10:29:58")});
    client.in(Command{AskServer{"Task/a"}});
    std::string entries;
    for (int version = 500; version > 0; --version)
        entries +=
            (entries.empty() ? "" : ",") + (R"({"resource":)" + task("a", std::to_string(version), "10:30:10")) + "}";
    client.answer("/_history", 200, R"({"resourceType":"Bundle","type":"history","entry":[)" + entries + "]}");
    const auto asked = client.engine.publish()->asked;
    CHECK(asked.history.size() == 20);
    CHECK(asked.history.front().version_id == "500");
}

TEST_CASE("the event of a deletion that carries an old version is counted, and is no latency") {
    Client client;
    client.bind("s1", true);
    client.answer("Task?", 200, page({}));
    client.say("s1", "event-notification", "10:30:01", task("old", "1", "03:30:00")); // deleted just now
    CHECK(client.engine.publish()->metrics.counters.untimed == 1);
    CHECK(client.engine.publish()->metrics.all.end_to_end.count() == 0);
    client.say("s1", "event-notification", "10:30:01", task("new", "1", "10:30:01"));
    CHECK(client.engine.publish()->metrics.all.end_to_end.count() == 1);
}
