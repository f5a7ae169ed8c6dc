// Servers as they are met: success without a body, no handshake, no operation, a search that is refused, pages at
// another host. And nothing of ours is left on any of them.

#include "support/dialect_client.hpp"
#include "words/words.hpp"

#include <catch2/generators/catch_generators.hpp>

#include <algorithm>

using namespace fhirscope;
using namespace fhirscope::tests::numbered;

namespace {

const std::string created = R"({"resourceType":"Subscription","id":"s1","meta":{"versionId":"1"},"status":"active"})";
const std::string refusal =
    R"({"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"forbidden","details":{"text":"Forbidden"}}]})";

void answer_with_location(Client& client, const SendRequest& request, const std::string& location) {
    HttpAnswer answer;
    answer.request = request.request;
    answer.status = 201;
    answer.location = location;
    answer.body = make_text("");
    client.in(std::move(answer));
}

std::string medplum(const std::string& type, const std::vector<std::string>& ids) {
    std::string entries;
    for (const std::string& id : ids)
        entries += (entries.empty() ? "" : ",") +
                   (R"({"resource":{"resourceType":"SubscriptionStatus","status":"active","type":")" + type +
                    R"(","subscription":{"reference":"Subscription/)" + id + R"("}}})");
    return R"({"resourceType":"Bundle","type":"history","timestamp":"2026-02-10T10:31:00Z","entry":[)" + entries + "]}";
}

std::size_t count(const Client& client, const std::string& method, const std::string& part) {
    return static_cast<std::size_t>(std::count_if(
        client.requests.begin(), client.requests.end(),
        [&](const auto& r) { return r.method == method && r.url.find(part) != std::string::npos; }));
}

bool unbound(const Client& client) {
    return std::any_of(
        client.sent.begin(), client.sent.end(),
        [](const SendFrame& frame) { return frame.text->find("unbind-from-token") != std::string::npos; });
}

std::string page_with_next(const std::string& entries, const std::string& next, int total) {
    return R"({"resourceType":"Bundle","type":"searchset","total":)" + std::to_string(total) +
           R"(,"link":[{"relation":"next","url":")" + next + R"("}],"entry":[)" + entries + "]}";
}

SubscriptionView subscription(Client& client, std::size_t i = 0) {
    return client.engine.publish()->subscriptions.at(i);
}

} // namespace

TEST_CASE("a Subscription created without a body is the one that Location names, and is read") {
    const Dialect dialect = GENERATE(Dialect::Medplum, Dialect::R4B);
    Client client(dialect, {}, {{"Tasks", "Task"}});
    answer_with_location(client, client.request("Subscription", "POST"), "http://h/fhir/R4/Subscription/s1/_history/1");
    const SendRequest read = client.request("Subscription/s1");
    SECTION("it can be read") { client.answer(read, 200, created); }
    SECTION("it may not be read, which is no matter") { client.answer(read, 403, refusal); }
    client.answer(client.request("Subscription/s1/$get-ws-binding-token"), 200, token_answer);
    client.in(SocketOpened{client.opened.back().socket});
    client.frame(dialect == Dialect::Medplum ? medplum("handshake", {"s1"}) : notification("handshake", 0));
    client.answer(client.request("Task?"), 200, page(found(task("t1", 1))));
    CHECK(client.phase() == Phase::Live);
}

TEST_CASE("a binding is renewed before its token ends, whatever the server calls its expiration") {
    Client client(Dialect::R4B);
    client.answer(client.request("Subscription", "POST"), 201, created);
    HttpAnswer answer; // which says 2099
    answer.request = client.request("$get-ws-binding-token").request;
    answer.status = 200;
    answer.body = make_text(token_answer);
    const LocalTime end = client.now + 100s;
    answer.token_end = ServerTime(std::chrono::duration_cast<std::chrono::milliseconds>(end.time_since_epoch()));
    client.in(answer);
    CHECK(subscription(client).token_expires == end);
    client.in(SocketOpened{client.opened.back().socket});
    client.frame(notification("handshake", 0));
    client.requests.clear();
    for (int i = 0; i < 100 && !client.asked("$get-ws-binding-token"); ++i) client.pass(1s);
    CHECK(client.asked("$get-ws-binding-token"));
    CHECK(client.now < end);
}

TEST_CASE("a creation that names nothing is not repeated within a minute, and says what is missing") {
    Client client(Dialect::R4B);
    client.answer(client.request("Subscription", "POST"), 201, "");
    CHECK(client.logged("without a Location"));
    for (int i = 0; i < 59; ++i) client.pass(1s);
    CHECK(count(client, "POST", "Subscription") == 0);
    CHECK(client.asked("Task?")); // meanwhile searches stand in
    for (int i = 0; i < 10; ++i) client.pass(1s);
    CHECK(count(client, "POST", "Subscription") == 1);
    CHECK(client.late_wakes == 0);
}

TEST_CASE("while searches stand in, the end of a session waits for nothing but its farewell") {
    Client client(Dialect::R4B);
    client.answer(client.request("Subscription", "POST"), 201, created);
    for (int i = 0; i < 5; ++i) client.pass(1s);
    client.answer(client.request("Task?"), 200, page());
    REQUIRE(client.engine.publish()->connection.polling);
    client.in(Command{Leave{}});
    client.requests.clear();
    for (int i = 0; i < 60; ++i) client.pass(1s);
    CHECK(client.requests.empty());
    CHECK(client.late_wakes == 0);
}

TEST_CASE("whatever comes for a Subscription proves its bind, where the server sends no handshake") {
    Client client(Dialect::R5);
    client.answer(client.request("Subscription", "POST"), 201, created);
    client.answer(client.request("$get-ws-binding-token"), 200, token_answer);
    client.in(SocketOpened{client.opened.back().socket});
    SECTION("a heartbeat") { client.frame(notification("heartbeat", 0)); }
    SECTION("an event, which is applied") {
        client.frame(notification("event-notification", 4, {{4, "Task/t2", task("t2", 3)}}));
        CHECK(client.version("Task/t2") == "3");
    }
    client.answer(client.request("Task?"), 200, page(found(task("t1", 1))));
    CHECK(client.phase() == Phase::Live);
    CHECK(subscription(client).handshakes == 0);
}

TEST_CASE("the baseline waits no longer than five seconds for a bind, and no second Subscription is made") {
    Client client(Dialect::R5);
    client.answer(client.request("Subscription", "POST"), 201, created);
    client.answer(client.request("$get-ws-binding-token"), 200, token_answer);
    client.in(SocketOpened{client.opened.back().socket});
    for (int i = 0; i < 5 && !client.asked("Task?"); ++i) client.pass(1s);
    client.answer(client.request("Task?"), 200, page(found(task("t1", 1))));
    CHECK(client.version("Task/t1") == "1");
    for (int i = 0; i < 55; ++i) {
        client.pass(1s);
        client.frame(R"({"resourceType":"Basic","id":"x"})"); // the socket lives
    }
    CHECK(client.logged("no handshake within 10 s"));
    CHECK(count(client, "POST", "Subscription") == 0);
    CHECK(client.engine.publish()->connection.polling);
    client.frame(notification("heartbeat", 0));
    CHECK(client.asked("Task?"));
    CHECK(client.late_wakes == 0);
}

TEST_CASE("data is there by search though no socket ever opens") {
    Client client(Dialect::Medplum);
    client.answer(client.request("Subscription", "POST"), 201, created);
    client.answer(client.request("$get-ws-binding-token"), 200, token_answer);
    const auto began = client.now;
    while (!client.asked("Task?") && client.now < began + 20s) client.pass(500ms);
    CHECK(client.now <= began + 5s);

    // What was made for the socket that did not open is used for the next one.
    for (int i = 0; i < 2; ++i) // where the server says, and where sockets usually are
        client.in(SocketFailed{client.opened.back().socket, Failure::UpgradeRefused, "no"});
    for (int i = 0; i < 100 && !client.asked("$get-ws-binding-token"); ++i) client.pass(1s);
    CHECK(client.request("$get-ws-binding-token").url.find("Subscription/s1/") != std::string::npos);
    CHECK(count(client, "POST", "Subscription") == 0);
    CHECK(count(client, "DELETE", "Subscription") == 0);
}

TEST_CASE("a server without the operation for a token is said to be one, polled, and left clean") {
    const Dialect dialect = GENERATE(Dialect::Medplum, Dialect::R4B);
    Client client(dialect);
    client.answer(client.request("Subscription", "POST"), 201, created);
    client.answer(client.request("$get-ws-binding-token"), 404,
                  R"({"resourceType":"OperationOutcome","issue":[{"severity":"fatal","code":"not-found",)"
                  R"("details":{"text":"Operation 'get-ws-binding-token' not found"}}]})");
    client.answer(client.request("Subscription/s1"), 200, created);
    CHECK(words::text(subscription(client).problem).find("offers no $get-ws-binding-token") != std::string::npos);
    client.answer(client.request("Task?"), 200, page(found(task("t1", 1))));
    CHECK(client.version("Task/t1") == "1");
    client.answer(client.request("Subscription/s1", "DELETE"), 204, "");
    for (int i = 0; i < 300; ++i) client.pass(1s);
    CHECK(count(client, "POST", "Subscription") == 0);
    CHECK(client.opened.empty());
    CHECK(client.late_wakes == 0);
}

TEST_CASE("a type whose search is refused is left out, and only its search is tried again") {
    Client client(Dialect::Medplum, {}, {{"Tasks", "Task"}, {"Alerts", "Basic"}});
    for (const char* id : {"s1", "s2"}) {
        std::string body = created;
        body.replace(body.find("s1"), 2, id);
        client.answer(client.request("Subscription", "POST"), 201, body);
        client.answer(client.request(std::string(id) + "/$get-ws-binding-token"), 200, token_answer);
    }
    client.in(SocketOpened{client.opened.back().socket});
    client.frame(medplum("handshake", {"s1"}));
    client.frame(medplum("handshake", {"s2"}));
    client.answer(client.request("Task?"), 200, page(found(task("t1", 1))));
    client.answer(client.request("Basic?"), 403, refusal);

    CHECK(client.phase() == Phase::Live);
    CHECK(subscription(client, 1).left_out);
    CHECK(words::text(subscription(client, 1).problem) == "left out: the search was refused: HTTP 403: Forbidden");
    CHECK_FALSE(client.engine.publish()->connection.polling);
    CHECK(unbound(client));
    client.answer(client.request("Subscription/s2", "DELETE"), 200, "");

    const auto beat = [&] {
        client.pass(5s);
        client.frame(medplum("heartbeat", {"s1", "s2"}));
        client.frame(R"({"type":"pong"})");
    };
    for (int i = 0; i < 13; ++i) beat();
    CHECK(count(client, "POST", "Subscription") == 0);
    const SendRequest tried = client.request("Basic?");
    CHECK(tried.url.find("_count=1") != std::string::npos);

    SECTION("the rest is compared without it") {
        client.requests.clear();
        client.in(Command{Verify{}});
        client.answer(client.request("Task?_elements"), 200, page(found(task("t1", 1))));
        client.answer(client.request("Basic?_elements"), 403, refusal);
        const auto verify = client.engine.publish()->verify;
        CHECK(verify.state == VerifyView::State::Equal);
        REQUIRE(verify.left_out.size() == 1);
        CHECK(words::text(verify.left_out[0]) == "Basic: HTTP 403: Forbidden");
    }
    SECTION("once it is answered, it has real time like the others") {
        client.answer(tried, 200, page());
        CHECK(count(client, "POST", "Subscription") == 1);
        CHECK_FALSE(subscription(client, 1).left_out);
    }
    SECTION("ids of this session are ours") {
        const auto own = client.engine.publish()->own_subscriptions;
        CHECK(*own == std::vector<std::string>{"s1", "s2"});
    }
}

TEST_CASE("a search that is sent to another server is not repeated, and says where it leads") {
    Client client(Dialect::R4B, {}, {{"Tasks", "Task"}});
    client.answer(client.request("Subscription", "POST"), 201, created);
    client.bind_again(0);
    HttpAnswer answer;
    answer.request = client.request("Task?").request;
    answer.status = 302;
    answer.location = "http://elsewhere/fhir/R4/Task";
    client.in(std::move(answer));
    CHECK(subscription(client).left_out);
    CHECK(words::text(subscription(client).problem).find("HTTP 302: it leads to http://elsewhere/fhir/R4/Task") !=
          std::string::npos);
}

TEST_CASE("a search that fails does not cost the binding") {
    Client client(Dialect::Medplum);
    client.answer(client.request("Subscription", "POST"), 201, created);
    client.answer(client.request("$get-ws-binding-token"), 200, token_answer);
    client.in(SocketOpened{client.opened.back().socket});
    client.frame(medplum("handshake", {"s1"}));
    client.answer(client.request("Task?"), 200, "<html>not FHIR</html>");
    CHECK(client.logged("catch-up failed"));
    CHECK(count(client, "DELETE", "Subscription") == 0);
    client.pass(5s);
    client.answer(client.request("Task?"), 200, page(found(task("t1", 1))));
    CHECK(client.phase() == Phase::Live);
    CHECK(client.version("Task/t1") == "1");
}

TEST_CASE("a next page at another address is had at the known one where the path fits") {
    Client client(Dialect::R4B, {}, {{"Tasks", "Task"}});
    client.answer(client.request("Subscription", "POST"), 201, created);
    client.bind_again(0);
    const auto [next, asked] = GENERATE(table<std::string, std::string>({
        {"http://inner:8080/fhir/R4/Task?_offset=20", "http://h/fhir/R4/Task?_offset=20"},
        {"https://h/fhir/R4/Task?_offset=20", "http://h/fhir/R4/Task?_offset=20"},
        {"http://h:443:8080/fhir/R4/Task?_offset=20", "http://h/fhir/R4/Task?_offset=20"},
        {"http://inner/fhir/R4?_getpages=7", "http://h/fhir/R4?_getpages=7"},
        {"http://inner/internal/Task?_offset=20", "fhir/R4/Task?_offset=20"},
        {"http://h/other/path?cursor=3", "http://h/other/path?cursor=3"},
        {"/fhir/R4/Task?_offset=20", "/fhir/R4/Task?_offset=20"},
        {"Task?_offset=20", "fhir/R4/Task?_offset=20"},
    }));
    client.answer(client.request("Task?"), 200, page_with_next(found(task("t1", 1)), next, 2));
    const auto request = std::find_if(client.requests.begin(), client.requests.end(),
                                      [&, wanted = asked](const SendRequest& r) { return r.url == wanted; });
    REQUIRE(request != client.requests.end());
    client.answer(SendRequest(*request), 200, page(found(task("t2", 2))));
    CHECK(client.phase() == Phase::Live);
    CHECK(subscription(client).partial.empty());
    CHECK(client.version("Task/t2") == "2");
}

TEST_CASE("a listing that cannot be read to its end is shown, and said to be a part") {
    Client client(Dialect::R4B, {}, {{"Tasks", "Task"}});
    client.answer(client.request("Subscription", "POST"), 201, created);
    client.bind_again(0);
    const SendRequest search = client.request("Task?");
    std::string expected;
    SECTION("its next page is elsewhere") {
        client.answer(search, 200, page_with_next(found(task("t1", 1)), "http://inner/pages/77", 45));
        expected = "1 of 45: the next page is at http://inner/pages/77";
        CHECK_FALSE(client.asked("inner"));
    }
    SECTION("its next page is refused") {
        client.answer(search, 200, page_with_next(found(task("t1", 1)), "http://h/fhir/R4/Task?p=2", 45));
        client.answer(client.request("p=2"), 404, "");
        expected = "page 2 was refused: HTTP 404";
    }
    SECTION("no next page is named") {
        client.answer(
            search, 200,
            R"({"resourceType":"Bundle","type":"searchset","total":45,"entry":[)" + found(task("t1", 1)) + "]}");
        expected = "1 of 45: the server names no next page";
    }
    CHECK(client.phase() == Phase::Live);
    CHECK(client.version("Task/t1") == "1");
    CHECK(words::text(subscription(client).partial).starts_with(expected));
    CHECK(client.logged("only a part of the server's listing was read"));
}

TEST_CASE("a topic that brings another type than its name says is given up, and its type polled") {
    Client client(Dialect::R5, {}, {{"Tasks", "Task"}});
    client.become_live();
    client.frame(
        notification("event-notification", 1,
                     {{1, "Encounter/e1",
                       R"({"resourceType":"Encounter","id":"e1","meta":{"versionId":"1"},"status":"finished"})"}}));
    CHECK(words::text(subscription(client).problem).find("is not of Task: it brings Encounter") != std::string::npos);
    CHECK(client.asked("Task?"));
    CHECK(count(client, "DELETE", "Subscription/s1") == 1);
}

TEST_CASE("a session that ends leaves no Subscription behind") {
    const Dialect dialect = GENERATE(Dialect::Medplum, Dialect::R4B, Dialect::R5, Dialect::Hapi);
    Client client(dialect, {}, {{"Tasks", "Task"}});
    client.answer(client.request("Subscription", "POST"), 201, created);
    if (dialect != Dialect::Hapi) client.answer(client.request("$get-ws-binding-token"), 200, token_answer);
    client.in(SocketOpened{client.opened.back().socket});
    client.frame(dialect == Dialect::Medplum ? medplum("handshake", {"s1"})
                 : dialect == Dialect::Hapi  ? std::string("bound s1")
                                             : notification("handshake", 0));
    client.answer(client.request("Task?"), 200, page());
    REQUIRE(client.phase() == Phase::Live);
    client.requests.clear();

    client.in(Command{Leave{}});
    CHECK(unbound(client) == (dialect == Dialect::Medplum));
    const SendRequest deletion = client.request("Subscription/s1", "DELETE");
    CHECK_FALSE(client.engine.publish()->connection.left);
    SECTION("it is deleted") {
        client.answer(deletion, 204, "");
        CHECK(client.engine.publish()->connection.unreleased.empty());
    }
    SECTION("it was gone already") {
        client.answer(deletion, 404, "");
        CHECK(client.engine.publish()->connection.unreleased.empty());
    }
    SECTION("it may not be deleted: it is turned off where that works, else said to be left") {
        client.answer(deletion, 405, "");
        if (dialect != Dialect::Medplum) {
            const SendRequest off = client.request("Subscription/s1", "PUT");
            CHECK(off.body->find(R"("status":"off")") != std::string::npos);
            client.answer(off, 200, "");
        }
        CHECK(client.engine.publish()->connection.unreleased.size() == (dialect == Dialect::Medplum ? 1 : 0));
    }
    CHECK(client.engine.publish()->connection.left);
    CHECK(client.phase() == Phase::Live); // the session's last state stays as it was
    if (dialect == Dialect::Medplum) client.frame(medplum("heartbeat", {}));
    for (int i = 0; i < 100; ++i) client.pass(1s);
    CHECK(count(client, "POST", "Subscription") == 0);
    CHECK(client.requests.empty());
    CHECK(client.late_wakes == 0);
}

TEST_CASE("what is still being created when the session ends is deleted, too") {
    Client client(Dialect::R4B);
    const SendRequest creation = client.request("Subscription", "POST");
    client.in(Command{Leave{}});
    CHECK_FALSE(client.engine.publish()->connection.left);
    SECTION("its answer holds it") { client.answer(creation, 201, created); }
    SECTION("its answer names it") {
        answer_with_location(client, creation, "http://h/fhir/R4/Subscription/s1/_history/1");
    }
    client.answer(client.request("Subscription/s1", "DELETE"), 204, "");
    CHECK(client.engine.publish()->connection.left);
}

TEST_CASE("disconnecting leaves no Subscription behind either") {
    Client client(Dialect::R4B);
    client.become_live();
    client.in(Command{Disconnect{}});
    client.answer(client.request("Subscription/s1", "DELETE"), 204, "");
    client.in(Command{Connect{}});
    CHECK(count(client, "POST", "Subscription") == 1);
}
