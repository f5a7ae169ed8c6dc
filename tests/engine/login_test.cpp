// A login that ends: noticed with the request that is refused, said, waited out at a slow pace, and recovered from.

#include "step_client.hpp"
#include "words/words.hpp"

using namespace fhirscope;
using namespace fhirscope::tests;

namespace {

const std::string unauthorized =
    R"({"resourceType":"OperationOutcome","id":"unauthorized","issue":[{"severity":"error","code":"login","details":{"text":"Unauthorized"}}]})";
constexpr const char* the_check = "Task?_elements=id&_count=1";

void go_live(Client& client) {
    client.bind("s1");
    client.answer("Task?", 200, page({task("a", "1", "10:29:59")}));
    REQUIRE(client.engine.publish()->connection.phase == Phase::Live);
}

} // namespace

TEST_CASE("a request that is refused, and one that asks whether it is the login, end Live") {
    Client client;
    go_live(client);
    client.in(Command{ReadResource{"Task/a"}});
    client.answer("GET fhir/R4/Task/a", 401, unauthorized);
    client.answer(the_check, 401, unauthorized);

    const auto snapshot = client.engine.publish();
    CHECK(snapshot->connection.phase == Phase::LoginEnded);
    CHECK(snapshot->connection.login_ended == snapshot->at - std::chrono::milliseconds(10)); // then came a Drain
    CHECK(words::text(snapshot->connection.login_problem) == "HTTP 401: Unauthorized");
    CHECK(snapshot->connection.login_accepted < snapshot->connection.login_ended);
    CHECK_FALSE(client.asks("GET")); // nothing else is asked

    SECTION("and then only whether it is accepted again, ever more slowly") {
        int checks = 0;
        for (int second = 0; second < 300; ++second) {
            client.wait(std::chrono::seconds(1));
            if (!client.asks("GET")) continue;
            ++checks;
            client.answer(the_check, 401, unauthorized);
        }
        CHECK(checks >= 6);
        CHECK(checks <= 9);
        CHECK(client.engine.publish()->connection.login_refusals == static_cast<unsigned>(checks));
    }
    SECTION("a check that a rate limit holds back is made once it may be") {
        client.wait(std::chrono::seconds(6));
        client.answer(the_check, 429, "{}");
        client.in(Command{Connect{}});
        CHECK_FALSE(client.asks(the_check));
        for (int second = 0; second < 60 && !client.asks(the_check); ++second) client.wait(std::chrono::seconds(1));
        CHECK(client.asks(the_check));
    }
    SECTION("events that the socket still brings are shown meanwhile") {
        client.say("s1", "event-notification", "10:31:00", task("a", "2", "10:31:00"));
        CHECK(client.shown("Task/a") == "2");
        CHECK(client.engine.publish()->connection.phase == Phase::LoginEnded);
    }
    SECTION("when it is accepted again, all is made anew and caught up with, and what was to be read is read") {
        client.wait(std::chrono::seconds(6));
        client.answer(the_check, 200, page({}));
        client.bind("s2");
        CHECK(client.asked("Task?").find("_lastUpdated=ge2026-02-10T10:29:56") != std::string::npos);
        client.answer("GET fhir/R4/Task/a", 200, task("a", "3", "10:31:10"));
        client.answer("Task?", 200, page({task("a", "3", "10:31:10")}));
        client.answer("_deleted=true", 200, page({}));
        CHECK(client.shown("Task/a") == "3");
        CHECK(client.engine.publish()->connection.phase == Phase::Live);
        CHECK(client.engine.publish()->connection.login_ended == LocalTime{});
    }
    SECTION("a person who asks to connect has it tried at once") {
        client.in(Command{Connect{}});
        CHECK(client.asks(the_check));
    }
    SECTION("the socket may close: nothing but the login is tried") {
        client.in(SocketClosed{1, 1006, "gone"});
        client.wait(std::chrono::seconds(3));
        CHECK_FALSE(client.asks("Subscription\""));
        CHECK(client.engine.publish()->connection.phase == Phase::LoginEnded);
    }
}

TEST_CASE("a login that cannot be renewed ends at once, since the server says so itself") {
    Client client;
    go_live(client);
    client.in(Command{ReadResource{"Task/a"}});
    client.fail("Task/a", Failure::Login);
    CHECK(client.engine.publish()->connection.phase == Phase::LoginEnded);
    client.wait(std::chrono::seconds(6));
    client.fail(the_check, Failure::Login);
    CHECK(client.engine.publish()->connection.login_refusals == 1);
    client.wait(std::chrono::seconds(11));
    client.answer(the_check, 200, page({}));
    client.bind("s2");
    CHECK(client.asks("fhir/R4/Task/a")); // what was to be read is read
}

TEST_CASE("a refusal that is not about the login is about its request") {
    Client client;
    go_live(client);
    client.in(Command{ReadResource{"Task/a"}});
    client.answer("GET fhir/R4/Task/a", 401, unauthorized);
    CHECK(client.engine.publish()->connection.phase == Phase::Live);
    client.answer(the_check, 200, page({}));
    client.answer("GET fhir/R4/Task/a", 401, unauthorized); // asked once more, and not again
    CHECK(client.engine.publish()->connection.phase == Phase::Live);
    CHECK_FALSE(client.asks("GET"));
    CHECK(client.told("reading Task/a: HTTP 401: Unauthorized"));
}

TEST_CASE("an edit that is refused with 401 waits for the login, and is refused where the login is good") {
    Client client;
    go_live(client);
    client.in(Command{Edit{"Task/a", {{"status", "\"accepted\""}}, EditMethod::Put}});
    client.answer("PUT", 401, unauthorized);
    SECTION("the login has ended: it is kept, and sent later") {
        client.answer(the_check, 401, unauthorized);
        REQUIRE(client.engine.publish()->edits.size() == 1);
        CHECK(client.engine.publish()->edits[0]->state == EditState::Waiting);
        client.wait(std::chrono::seconds(6));
        client.answer(the_check, 200, page({}));
        client.bind("s2");
        CHECK(client.asks("PUT"));
    }
    SECTION("the login is good: this client may not write") {
        client.answer(the_check, 200, page({}));
        CHECK(client.engine.publish()->edits.empty());
        CHECK_FALSE(client.asks("PUT"));
    }
}

TEST_CASE("a check that is not answered leaves the last word to the refusal") {
    Client client;
    go_live(client);
    client.in(Command{ReadResource{"Task/a"}});
    client.answer("GET fhir/R4/Task/a", 401, unauthorized);
    client.fail(the_check, Failure::Timeout);
    CHECK(client.engine.publish()->connection.phase == Phase::LoginEnded);
}

TEST_CASE("without a login the first request says so, and nothing else is tried") {
    Client client({{"tasks", "Task"}, {"patients", "Patient"}});
    client.answer(R"("criteria":"Task")", 401, unauthorized);
    client.answer(R"("criteria":"Patient")", 401, unauthorized);
    client.answer(the_check, 401, unauthorized);
    CHECK(client.engine.publish()->connection.phase == Phase::LoginEnded);
    CHECK_FALSE(client.asks("fhir"));
}

TEST_CASE("where every subscription is refused, searches stand in at once, and it is tried again each minute") {
    const std::string forbidden = R"({"resourceType":"OperationOutcome","id":"forbidden"})";
    Client client({{"tasks", "Task"}, {"patients", "Patient"}});
    for (int round = 0; round < 3; ++round) {
        client.answer(R"("criteria":"Task")", 403, forbidden);
        client.answer(R"("criteria":"Patient")", 403, forbidden);
        const auto snapshot = client.engine.publish();
        CHECK(snapshot->connection.polling);
        CHECK(snapshot->connection.attempts.at(snapshot->connection.attempts.size() - 2).refused);
        for (const auto& subscription : snapshot->subscriptions)
            CHECK(subscription.state == SubscriptionState::Refused);
        client.wait(std::chrono::seconds(55));
        CHECK_FALSE(client.asks(R"("criteria")"));
        client.wait(std::chrono::seconds(6));
        CHECK(client.asks(R"("criteria":"Task")"));
    }
}

TEST_CASE("a login that was refused and made anew has its bindings made anew, which may be dead with it") {
    Client client;
    go_live(client);
    client.in(Command{ReadResource{"Task/a"}});
    client.answer("GET fhir/R4/Task/a", 200, task("a", "1", "10:29:59"), true);
    CHECK(client.told("the login was refused, and a new one made"));
    client.wait(std::chrono::milliseconds(1));
    client.answer(
        "s1/$get-ws-binding-token", 200,
        R"({"resourceType":"Parameters","parameter":[{"name":"token","valueString":"t2"},{"name":"websocket-url","valueUrl":"ws://h/ws"}]})");
    CHECK(client.engine.publish()->subscriptions[0].state == SubscriptionState::Refreshing);
    client.say("s1", "handshake", client.server_time());
    CHECK(client.engine.publish()->subscriptions[0].state == SubscriptionState::Live);
    client.wait(std::chrono::seconds(6));
    CHECK(client.asks("GET fhir/R4/Subscription/s1")); // and what was lost before is looked for
}

TEST_CASE("a session that ends without a login says what stays behind, and does not wait for it") {
    Client client;
    go_live(client);
    client.in(Command{ReadResource{"Task/a"}});
    client.answer("GET fhir/R4/Task/a", 401, unauthorized);
    client.answer(the_check, 401, unauthorized);
    client.in(Command{Leave{}});
    client.answer("DELETE fhir/R4/Subscription/s1", 401, unauthorized);
    CHECK(client.told("Subscription/s1 stays on the server"));
    client.wait(std::chrono::seconds(30)); // no deadline is left behind
}
