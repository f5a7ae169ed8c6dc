#include "bench.hpp"
#include "fhir/notification.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace fhirscope;
using namespace fhirscope::server;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr const char* status_type = "/entry/0/resource/type";
constexpr const char* status_subscription = "/entry/0/resource/subscription/reference";
constexpr ConnectionId socket_a = 1, socket_b = 2;

} // namespace

TEST_CASE("A Subscription needs status, reason, criteria and channel") {
    Bench bench;
    auto place = [&](const char* body) {
        auto answer = bench.call("POST", "Subscription", body);
        CHECK(answer.status == 400);
        CHECK(at(answer.body, issue_text) == "Missing required property");
        return at(answer.body, "/issue/0/expression/0");
    };
    CHECK(place(R"({"resourceType":"Subscription","status":"active","reason":"r","criteria":"Task"})") ==
          "Subscription.channel");
    CHECK(
        place(
            R"({"resourceType":"Subscription","status":"active","criteria":"Task","channel":{"type":"websocket"}})") ==
        "Subscription.reason");
    CHECK(
        place(
            R"({"resourceType":"Subscription","status":"active","reason":"r","criteria":"","channel":{"type":"websocket"}})") ==
        "Subscription.criteria");
}

TEST_CASE("A Subscription lives in the cache only: read by id, not found by search, with an empty history") {
    Bench bench;
    auto id = bench.subscribe("Task");
    CHECK(bench.get("Subscription/" + id).status == 200);
    CHECK(count(bench.get("Subscription").body, id) == 0);
    CHECK(at(bench.get("Subscription/" + id + "/_history").body, "/total") == "0");
    CHECK(bench.call("PATCH", "Subscription/" + id, R"([{"op":"replace","path":"/criteria","value":"Patient"}])")
              .status == 404);
    CHECK(bench.call("DELETE", "Subscription/" + id).status == 200);
    CHECK(bench.get("Subscription/" + id).status == 404);
    CHECK(bench.get("Subscription/" + id + "/_history").status == 404);
}

TEST_CASE("A Subscription ends 24 hours after its creation, whatever was bound") {
    Bench bench;
    auto id = bench.listen(socket_a, "Task");
    bench.pass(hours(23));
    bench.token = bench.log_in();
    bench.bind(socket_a, bench.binding_token(id));
    bench.collect_events();
    bench.create_task();
    CHECK(bench.events.size() == 1);
    bench.pass(minutes(61));
    bench.token = bench.log_in();
    CHECK(bench.get("Subscription/" + id).status == 404);
    bench.create_task();
    CHECK(bench.events.size() == 1);
    CHECK(bench.world.hub.heartbeat(bench.now).size() == 1); // the silent deafness of A13
}

TEST_CASE("The binding token comes by GET only, with its expiration and the socket's address") {
    Bench bench;
    auto id = bench.subscribe("Task");
    auto answer = bench.get("Subscription/" + id + "/$get-ws-binding-token");
    CHECK(answer.status == 200);
    CHECK(at(answer.body, "/resourceType") == "Parameters");
    CHECK(at(answer.body, "/parameter/1/valueDateTime") == "2026-02-10T11:30:00.123Z");
    CHECK(at(answer.body, "/parameter/2/valueString") == id);
    CHECK(at(answer.body, "/parameter/3/valueUrl") == "ws://sim.test/ws/subscriptions-r4");
    CHECK(bench.call("POST", "Subscription/" + id + "/$get-ws-binding-token", R"({"resourceType":"Parameters"})")
              .status == 404);
}

TEST_CASE("Every failure of the binding token is 400, even the rate limit; without a login it is 401") {
    auto options = empty_server();
    options.interaction_quota = 203;
    Bench bench(options);
    auto dead = bench.get("Subscription/00000000-0000-4000-8000-000000000000/$get-ws-binding-token");
    CHECK(dead.status == 400);
    CHECK(at(dead.body, issue_text) == "Error reading subscription: Not found");
    CHECK(bench.get("Subscription/nope/$get-ws-binding-token").status == 400);
    auto id = bench.subscribe("Task");
    bench.subscribe("Task");
    bench.get("Task/nope");
    auto limited = bench.get("Subscription/" + id + "/$get-ws-binding-token");
    CHECK(limited.status == 400);
    CHECK(at(limited.body, issue_text).starts_with("Error reading subscription: Too Many Requests ("));
    CHECK(bench.world.api.handle({"GET", "/fhir/R4/Subscription/" + id + "/$get-ws-binding-token", {}, "", "127.0.0.1"})
              .status == 401);
}

TEST_CASE("A bind is answered by a handshake, and so is a second bind of the same Subscription") {
    Bench bench;
    auto id = bench.subscribe("Task");
    auto token = bench.binding_token(id);
    for (int i = 0; i < 2; ++i) {
        auto frames = bench.bind(socket_a, token);
        REQUIRE(frames.size() == 1);
        CHECK(at(frames[0], "/type") == "history");
        CHECK(at(frames[0], status_type) == "handshake");
        CHECK(at(frames[0], status_subscription) == "Subscription/" + id);
    }
    bench.collect_events();
    bench.create_task();
    CHECK(bench.events.size() == 1); // bound twice, told once
}

TEST_CASE("An event has two entries: the status with the number \"0\" and the name, then the raw stored resource") {
    Bench bench;
    auto id = bench.listen(socket_a, "Patient");
    bench.collect_events();
    auto patient = bench.create_patient("Okafor");
    REQUIRE(bench.events.size() == 1);
    CHECK(bench.events[0].to == socket_a);
    const auto& frame = *bench.events[0].text;
    CHECK(at(frame, "/timestamp") == "2026-02-10T10:30:00.123Z");
    CHECK(at(frame, status_type) == "event-notification");
    CHECK(at(frame, status_subscription) == "Subscription/" + id);
    CHECK(at(frame, "/entry/0/resource/notificationEvent/0/eventNumber") == "0");
    CHECK(at(frame, "/entry/0/resource/notificationEvent/0/timestamp") == "2026-02-10T10:30:00.123Z");
    CHECK(at(frame, "/entry/0/resource/notificationEvent/0/focus/reference") == "Patient/" + patient);
    CHECK(at(frame, "/entry/0/resource/notificationEvent/0/focus/display") == "Synthetic Okafor");
    CHECK(at(frame, "/entry/1/fullUrl") == "http://sim.test/fhir/R4/Patient/" + patient);
    CHECK_FALSE(at(frame, "/entry/1/resource/meta/author/reference").empty());
    CHECK(at(frame, "/entry/2").empty());
}

TEST_CASE("Our own decoder reads what our own server says") {
    Bench bench;
    auto id = bench.subscribe("Task");
    auto handshake = fhir::decode_medplum_frame(bench.bind(socket_a, bench.binding_token(id)).front());
    REQUIRE(handshake);
    CHECK(handshake->kind == fhir::NotificationKind::Handshake);
    bench.collect_events();
    auto task = bench.create_task();
    auto event = fhir::decode_medplum_frame(*bench.events.front().text);
    REQUIRE(event);
    CHECK(event->kind == fhir::NotificationKind::Event);
    REQUIRE(event->events.size() == 1);
    CHECK(event->events[0].focus == "Task/" + task);
    CHECK(event->events[0].resource->last_updated() == bench.now);
    auto heartbeat = fhir::decode_medplum_frame(*bench.world.hub.heartbeat(bench.now).front().text);
    REQUIRE(heartbeat);
    CHECK(heartbeat->kind == fhir::NotificationKind::Heartbeat);
    CHECK(heartbeat->subscriptions == std::vector{id});
}

TEST_CASE("A heartbeat lists all that is bound on its socket; without a binding there is none") {
    Bench bench;
    auto first = bench.listen(socket_a, "Task"), second = bench.listen(socket_a, "Patient");
    bench.listen(socket_b, "Task");
    auto frames = bench.world.hub.heartbeat(bench.now);
    REQUIRE(frames.size() == 2);
    CHECK(at(*frames[0].text, status_type) == "heartbeat");
    CHECK(at(*frames[0].text, status_subscription) == "Subscription/" + first);
    CHECK(at(*frames[0].text, "/entry/1/resource/subscription/reference") == "Subscription/" + second);
    Bench quiet;
    quiet.subscribe("Task");
    CHECK(quiet.world.hub.heartbeat(quiet.now).empty());
}

TEST_CASE("Criteria are judged by the new version; leaving them is silent") {
    Bench bench;
    bench.listen(socket_a, "Task?status=requested,in-progress");
    bench.collect_events();
    auto id = bench.create_task("requested");
    auto set = [&](const char* status) {
        bench.call("PATCH", "Task/" + id,
                   R"([{"op":"replace","path":"/status","value":")" + std::string(status) + "\"}]");
        return bench.events.size();
    };
    CHECK(set("in-progress") == 2);
    CHECK(set("completed") == 2);
    CHECK(set("requested") == 3);
    CHECK(set("requested") == 3); // no change, no event
}

TEST_CASE("A delete looks like an update: the old content, the old version, no marker") {
    Bench bench;
    bench.listen(socket_a, "Task");
    bench.collect_events();
    auto id = bench.create_task();
    bench.call("DELETE", "Task/" + id);
    REQUIRE(bench.events.size() == 2);
    CHECK(at(*bench.events[1].text, "/entry/1/resource") == at(*bench.events[0].text, "/entry/1/resource"));
    bench.call("DELETE", "Task/" + id);
    CHECK(bench.events.size() == 2);
}

TEST_CASE("A transaction that failed still tells of its deletes") {
    Bench bench;
    bench.listen(socket_a, "Task");
    auto id = bench.create_task();
    bench.collect_events();
    bench.call("POST", "",
               R"({"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"Task/)" +
                   id + R"("}},{"request":{"method":"GET","url":"Task/nope"}}]})");
    CHECK(bench.events.size() == 1);
    CHECK(bench.get("Task/" + id).status == 200);
}

TEST_CASE("The interaction extension restricts to its first value") {
    Bench bench;
    auto extension = [](const char* code) {
        return R"({"url":"https://medplum.com/fhir/StructureDefinition/subscription-supported-interaction","valueCode":")" +
               std::string(code) + "\"}";
    };
    bench.listen(socket_a, "Task", ",\"extension\":[" + extension("delete") + "," + extension("create") + "]");
    bench.collect_events();
    auto id = bench.create_task();
    CHECK(bench.events.empty());
    bench.call("DELETE", "Task/" + id);
    CHECK(bench.events.size() == 1);
}

TEST_CASE("Subscriptions that can never fire are accepted all the same") {
    Bench bench;
    for (const char* criteria :
         {"NoSuchType", "Task?nosuchparam=1", "???", "AuditEvent", "Task?code=x,y&modified=2026,2027"})
        CHECK_FALSE(bench.listen(socket_a, criteria).empty());
    auto other = bench.call(
        "POST", "Subscription",
        R"({"resourceType":"Subscription","status":"active","reason":"r","criteria":"Task","channel":{"type":"carrier-pigeon"}})");
    CHECK(other.status == 201);
    bench.bind(socket_a, bench.binding_token(at(other.body, "/id")));
    bench.collect_events();
    bench.create_task();
    CHECK(bench.events.empty());
}

TEST_CASE("status off and a past end are ignored; a leading slash and a full URL are understood") {
    Bench bench;
    auto off = bench.create(
        "Subscription",
        R"({"resourceType":"Subscription","status":"off","end":"2020-01-01T00:00:00Z","reason":"r","criteria":"/Task","channel":{"type":"websocket"}})");
    bench.bind(socket_a, bench.binding_token(off));
    bench.listen(socket_a, "http://sim.test/fhir/R4/Task?status=requested");
    bench.collect_events();
    bench.create_task();
    CHECK(bench.events.size() == 2);
}

TEST_CASE("Criteria changed by PUT take effect at once") {
    Bench bench;
    auto id = bench.listen(socket_a, "Patient");
    auto body =
        R"({"resourceType":"Subscription","status":"active","reason":"r","criteria":"Task","channel":{"type":"websocket"},"id":")" +
        id + "\"}";
    CHECK(bench.call("PUT", "Subscription/" + id, body).status == 200);
    bench.collect_events();
    bench.create_patient();
    CHECK(bench.events.empty());
    bench.create_task();
    CHECK(bench.events.size() == 1);
}

TEST_CASE("After a close the Subscription is dead: 404, the old token binds to silence, a new one is refused") {
    Bench bench;
    auto id = bench.subscribe("Task");
    auto token = bench.binding_token(id);
    bench.bind(socket_a, token);
    bench.world.hub.close(socket_a);
    CHECK(bench.get("Subscription/" + id).status == 404);
    auto frames = bench.bind(socket_b, token);
    REQUIRE(frames.size() == 1);
    CHECK(at(frames[0], status_type) == "handshake");
    CHECK(bench.world.hub.heartbeat(bench.now).size() == 1);
    bench.collect_events();
    bench.create_task();
    CHECK(bench.events.empty());
    CHECK(bench.get("Subscription/" + id + "/$get-ws-binding-token").status == 400);
}

TEST_CASE("When the last one bound on a socket was deleted, the others survive its close") {
    Bench bench;
    auto first = bench.listen(socket_a, "Task"), last = bench.listen(socket_a, "Patient");
    bench.call("DELETE", "Subscription/" + last);
    bench.world.hub.close(socket_a);
    CHECK(bench.get("Subscription/" + first).status == 200);
    bench.bind(socket_b, bench.binding_token(first));
    bench.collect_events();
    bench.create_task();
    CHECK(bench.events.size() == 1);
}

TEST_CASE("Two sockets on one Subscription get the same bytes, and the first to close kills it for both") {
    Bench bench;
    auto id = bench.listen(socket_a, "Task");
    bench.bind(socket_b, bench.binding_token(id));
    bench.collect_events();
    bench.create_task();
    REQUIRE(bench.events.size() == 2);
    CHECK(bench.events[0].text == bench.events[1].text);
    bench.world.hub.close(socket_a);
    bench.create_task();
    CHECK(bench.events.size() == 2);
    REQUIRE(bench.world.hub.heartbeat(bench.now).size() == 1);
    CHECK(bench.world.hub.heartbeat(bench.now)[0].to == socket_b);
}

TEST_CASE("When the binding token runs out, events stop and heartbeats go on; a new token resumes") {
    Bench bench;
    auto id = bench.listen(socket_a, "Task");
    bench.collect_events();
    bench.pass(minutes(61));
    bench.token = bench.log_in();
    bench.create_task();
    CHECK(bench.events.empty());
    CHECK(bench.world.hub.heartbeat(bench.now).size() == 1);
    bench.bind(socket_a, bench.binding_token(id));
    bench.create_task();
    CHECK(bench.events.size() == 1);
}

TEST_CASE("When the login is revoked, events stop and heartbeats go on") {
    Bench bench;
    bench.listen(socket_a, "Task");
    bench.collect_events();
    bench.world.tokens.end_all_logins();
    bench.token = bench.log_in();
    bench.create_task();
    CHECK(bench.events.empty());
    CHECK(bench.world.hub.heartbeat(bench.now).size() == 1);
}

TEST_CASE("A Subscription deleted while bound falls silent, and its heartbeats go on") {
    Bench bench;
    auto id = bench.listen(socket_a, "Task");
    bench.call("DELETE", "Subscription/" + id);
    bench.collect_events();
    bench.create_task();
    CHECK(bench.events.empty());
    CHECK(bench.world.hub.heartbeat(bench.now).size() == 1);
}

TEST_CASE("An unbind deletes the Subscription and is not answered") {
    Bench bench;
    auto id = bench.subscribe("Task");
    auto token = bench.binding_token(id);
    bench.bind(socket_a, token);
    CHECK(bench.say(socket_a, R"({"type":"unbind-from-token","payload":{"token":")" + token + "\"}}").empty());
    CHECK(bench.get("Subscription/" + id).status == 404);
    CHECK(bench.world.hub.heartbeat(bench.now).empty());
}

TEST_CASE("A bad token gets an OperationOutcome and the socket stays; an access token is cut off") {
    Bench bench;
    for (const char* token : {"\"garbage\"", "42"}) {
        auto reaction = bench.world.hub.receive(
            socket_a, R"({"type":"bind-with-token","payload":{"token":)" + std::string(token) + "}}", bench.now);
        REQUIRE(reaction.frames.size() == 1);
        CHECK(at(reaction.frames[0], issue_text) == "Token failed to validate. Check token expiry.");
        CHECK_FALSE(reaction.terminate);
    }
    auto wrong = bench.world.hub.receive(
        socket_a, R"({"type":"bind-with-token","payload":{"token":")" + bench.token + "\"}}", bench.now);
    REQUIRE(wrong.frames.size() == 1);
    CHECK(at(wrong.frames[0], issue_text).starts_with("Token claims missing subscription_id"));
    CHECK(wrong.terminate);
}

TEST_CASE("Frames that mean nothing are not answered, and a ping is") {
    Bench bench;
    for (const char* frame :
         {"", "null", "{{{", "[]", R"({"type":"bind-with-token"})", R"({"type":"bind-with-token","payload":{}})",
          R"({"type":"subscribe","payload":{"token":"x"}})", R"({"type":7})"})
        CHECK(bench.say(socket_a, frame).empty());
    CHECK(bench.say(socket_a, R"({"type":"ping"})") == std::vector<std::string>{R"({"type":"pong"})"});
}

TEST_CASE("focus.display is a person's name, a code's text, or the reference") {
    auto display = [](const char* text) { return display_of(**fhir::parse_resource(text)); };
    CHECK(
        display(
            R"({"resourceType":"Patient","id":"1","name":[{"prefix":["Dr."],"given":["Ana","M"],"family":"Nowak"}]})") ==
        "Dr. Ana M Nowak");
    CHECK(display(R"({"resourceType":"Patient","id":"1","name":[{"text":"Only text"}]})") == "Only text");
    CHECK(display(R"({"resourceType":"Task","id":"1","code":{"text":"Call back"}})") == "Call back");
    CHECK(display(R"({"resourceType":"Task","id":"1","code":{"coding":[{"display":"Device check"}]}})") ==
          "Device check");
    CHECK(display(R"({"resourceType":"Task","id":"1"})") == "Task/1");
    CHECK(display(R"({"resourceType":"Organization","id":"1","name":"Ward 7"})") == "Ward 7");
}
