// What a Medplum 5.1.26 does otherwise than a 5.0.10 (PROTOCOL A14), line by line, and what ends a login on both.
#include "bench.hpp"
#include "fhir/base64.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>

using namespace fhirscope;
using namespace fhirscope::server;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr ConnectionId one_socket = 1, other_socket = 2;
constexpr const char* type_of_status = "/entry/0/resource/type";

ServerOptions newer_server() {
    auto options = empty_server();
    options.behaviour = Behaviour::Medplum51;
    return options;
}

struct Newer : Bench {
    explicit Newer(const ServerOptions& options = newer_server()) : Bench(options) { collect_events(); }

    // What the heartbeat on this socket lists.
    std::size_t listed(ConnectionId socket) {
        for (const auto& frame : world.hub.heartbeat(now))
            if (frame.to == socket) return count(*frame.text, "\"heartbeat\"");
        return 0;
    }
    std::size_t events_of_a_task() {
        events.clear();
        create_task();
        return events.size();
    }
    std::string token_error(const std::string& subscription) {
        const auto answer = get("Subscription/" + subscription + "/$get-ws-binding-token");
        return std::to_string(answer.status) + " " + at(answer.body, issue_text);
    }
    std::vector<std::string> unbind(ConnectionId socket, const std::string& binding) {
        return say(socket, R"({"type":"unbind-from-token","payload":{"token":")" + binding + "\"}}");
    }
};

std::string claims_of(const std::string& token) {
    const auto begin = token.find('.') + 1;
    return fhir::decode_base64(token.substr(begin, token.rfind('.') - begin)).value_or("");
}

} // namespace

TEST_CASE("5.1: a Subscription that is gone is listed until unbind or close, and brings nothing", "[behaviour]") {
    Newer bench;
    const auto id = bench.subscribe("Task");
    const auto token = bench.binding_token(id);
    bench.bind(one_socket, token);
    bench.listen(one_socket, "Patient");
    REQUIRE(bench.events_of_a_task() == 1);
    const bool deleted = GENERATE(true, false);
    if (deleted)
        CHECK(bench.call("DELETE", "Subscription/" + id).status == 200);
    else
        bench.world.hub.forget();
    CHECK(bench.events_of_a_task() == 0);
    CHECK(bench.listed(one_socket) == 2);
    CHECK(bench.get("Subscription/" + id).status == 404);
    CHECK(bench.token_error(id) == "400 Error reading subscription: Not found");
    CHECK(bench.unbind(one_socket, token).empty());
    CHECK(bench.listed(one_socket) == 1);
}

TEST_CASE("5.1: a binding past its end is listed and 200, and a new bind repairs it", "[behaviour]") {
    Newer bench;
    const auto id = bench.listen(one_socket, "Task");
    bench.pass(minutes(61));
    bench.token = bench.log_in();
    CHECK(bench.events_of_a_task() == 0);
    CHECK(bench.listed(one_socket) == 1);
    CHECK(bench.get("Subscription/" + id).status == 200);
    bench.bind(one_socket, bench.binding_token(id));
    CHECK(bench.events_of_a_task() == 1);
}

TEST_CASE("5.1: a dead login is found by the first change that matches, on every socket", "[behaviour]") {
    Newer bench;
    const auto id = bench.listen(one_socket, "Task"), quiet = bench.listen(one_socket, "Basic");
    bench.bind(other_socket, bench.binding_token(id));
    SECTION("revoked") { bench.world.tokens.end_all_logins(); }
    SECTION("the client is no member of the project any more") { bench.world.project.clients.front().active = false; }
    CHECK(bench.get("Task").status == 401);
    CHECK(bench.listed(one_socket) == 2);
    CHECK(bench.listed(other_socket) == 1);
    REQUIRE(bench.world.put(R"({"resourceType":"Task","id":"t","status":"requested","intent":"order"})"));
    CHECK(bench.events.empty());
    CHECK(bench.listed(one_socket) == 1); // the quiet one stays
    CHECK(bench.listed(other_socket) == 0);
    CHECK(bench.world.hub.find(id, bench.now) == nullptr);
    CHECK(bench.world.hub.find(quiet, bench.now) != nullptr);
}

TEST_CASE("What ends an access token does not end what is bound; what ends the login does", "[behaviour]") {
    auto options = empty_server();
    options.behaviour = GENERATE(Behaviour::Medplum50, Behaviour::Medplum51);
    options.token_lifetime = seconds(20);
    Newer bench(options);
    const auto id = bench.listen(one_socket, "Task");
    const auto task = [&] {
        bench.events.clear();
        REQUIRE(bench.world.set_member("Task/t", "description", fhir::quote(random_uuid())));
        return bench.events.size();
    };
    REQUIRE(bench.world.put(R"({"resourceType":"Task","id":"t","status":"requested","intent":"order"})"));
    SECTION("its time") {
        bench.pass(seconds(25));
        CHECK(bench.get("Task").status == 401);
        CHECK(task() == 1);
        bench.token = bench.log_in();
        CHECK(bench.get("Task").status == 200);
    }
    SECTION("expired by an administrator") {
        bench.world.tokens.expire_access_tokens();
        CHECK(bench.get("Task").status == 401);
        CHECK(task() == 1);
        bench.token = bench.log_in();
        CHECK(bench.get("Task").status == 200);
    }
    SECTION("a rotated secret ends neither, but no new login comes") {
        bench.world.project.clients.front().secret = "another-secret";
        CHECK(bench.get("Task").status == 200);
        CHECK(bench.get("Subscription/" + id + "/$get-ws-binding-token").status == 200);
        CHECK(task() == 1);
        const auto refused = bench.form(
            "grant_type=client_credentials&client_id=0b1c0000-0000-4000-8000-000000000001&client_secret=not-a-real-"
            "secret");
        CHECK(refused.status == 400);
        CHECK(at(refused.body, "/error_description") == "Invalid secret");
    }
    SECTION("revoked") {
        bench.world.tokens.end_all_logins();
        CHECK(bench.get("Task").status == 401);
        CHECK(task() == 0);
    }
}

TEST_CASE("5.1: a bind is answered by a handshake, an error, or nothing", "[behaviour]") {
    Newer bench;
    const auto id = bench.subscribe("Task");
    const auto token = bench.binding_token(id);
    SECTION("a revoked login, and a project without the feature, get a handshake all the same") {
        if (GENERATE(true, false))
            bench.world.tokens.end_all_logins();
        else
            bench.world.project.websocket_feature = false;
        const auto frames = bench.bind(one_socket, token);
        REQUIRE(frames.size() == 1);
        CHECK(at(frames[0], type_of_status) == "handshake");
        CHECK(bench.events_of_a_task() == 0);
    }
    SECTION("one that is gone gets nothing, and is not listed") {
        bench.call("DELETE", "Subscription/" + id);
        CHECK(bench.bind(one_socket, token).empty());
        CHECK(bench.listed(one_socket) == 0);
    }
    SECTION("claims that are missing end the socket") {
        const auto reaction = bench.world.hub.receive(
            one_socket, R"({"type":"unbind-from-token","payload":{"token":")" + bench.token + "\"}}", bench.now);
        REQUIRE(reaction.frames.size() == 1);
        CHECK(at(reaction.frames[0], issue_text) ==
              "Token claims missing subscription_id. Make sure you are sending the correct token.");
        CHECK(reaction.terminate);
    }
}

TEST_CASE("The feature removed: no token, no event; both come back by themselves", "[behaviour]") {
    auto options = empty_server();
    options.behaviour = GENERATE(Behaviour::Medplum50, Behaviour::Medplum51);
    Newer bench(options);
    const auto id = bench.listen(one_socket, "Task");
    bench.world.project.websocket_feature = false;
    CHECK(bench.token_error(id) == "400 WebSocket subscriptions not enabled for current project");
    CHECK(bench.events_of_a_task() == 0);
    CHECK(bench.listed(one_socket) == 1);
    CHECK(bench.get("Subscription/" + id).status == 200);
    CHECK_FALSE(bench.subscribe("Task").empty());
    bench.world.project.websocket_feature = true;
    CHECK(bench.events_of_a_task() == 1);
}

TEST_CASE("5.1: nobody is told before the bind, and the last bind decides for all sockets", "[behaviour]") {
    Newer bench;
    bench.world.project.clients.push_back({.id = "ward",
                                           .secret = "w",
                                           .name = "Ward",
                                           .membership = "m",
                                           .policy = *AccessPolicy::parse({"Patient", "Subscription"})});
    const auto id = bench.subscribe("Task");
    CHECK(bench.events_of_a_task() == 0);
    const auto older = bench.binding_token(id);
    bench.bind(one_socket, older);
    bench.pass(minutes(30));
    bench.bind(other_socket, bench.binding_token(id));
    CHECK(bench.events_of_a_task() == 2);
    SECTION("its token's end") {
        bench.bind(one_socket, older);
        bench.pass(minutes(31));
        bench.token = bench.log_in();
        CHECK(bench.events_of_a_task() == 0); // although other_socket's own token is good for half an hour more
    }
    SECTION("its policy") {
        const auto login =
            at(bench.form("grant_type=client_credentials&client_id=ward&client_secret=w").body, "/access_token");
        const auto mine = std::exchange(bench.token, login);
        const auto restricted = bench.binding_token(id);
        REQUIRE_FALSE(restricted.empty());
        CHECK(bench.bind(other_socket, restricted).size() == 1);
        bench.token = mine;
        CHECK(bench.events_of_a_task() == 0);
        bench.bind(one_socket, bench.binding_token(id));
        CHECK(bench.events_of_a_task() == 2);
    }
}

TEST_CASE("5.0: the author's policy decides, and each socket's own token", "[behaviour]") {
    Newer bench(empty_server());
    const auto id = bench.listen(one_socket, "Task");
    bench.pass(minutes(30));
    bench.bind(other_socket, bench.binding_token(id));
    bench.pass(minutes(31));
    bench.token = bench.log_in();
    CHECK(bench.events_of_a_task() == 1);
    bench.world.project.clients.front().policy = *AccessPolicy::parse({"Patient", "Subscription"});
    REQUIRE(bench.world.put(R"({"resourceType":"Task","id":"t","status":"requested","intent":"order"})"));
    CHECK(bench.events.size() == 1);
}

TEST_CASE("5.1: criteria are judged as they were at the last bind and as they are now", "[behaviour]") {
    Newer bench;
    const auto id = bench.subscribe("Task?status=requested,in-progress");
    const auto token = bench.binding_token(id);
    bench.bind(one_socket, token);
    const auto put = [&](const std::string& criteria) {
        return bench
            .call("PUT", "Subscription/" + id,
                  R"({"resourceType":"Subscription","status":"active","reason":"r","criteria":")" + criteria +
                      R"(","channel":{"type":"websocket"},"id":")" + id + "\"}")
            .status;
    };
    const auto told = [&](const char* status) {
        bench.events.clear();
        bench.create_task(status);
        return bench.events.size();
    };
    REQUIRE(put("Task?status=requested") == 200);
    CHECK(told("in-progress") == 0); // narrower: at once
    CHECK(told("requested") == 1);
    REQUIRE(put("Task") == 200);
    CHECK(told("draft") == 0); // wider: not before a bind
    bench.bind(one_socket, token);
    CHECK(told("draft") == 1);
    REQUIRE(put("Patient") == 200);
    CHECK(told("requested") == 0);
    bench.events.clear();
    bench.create_patient();
    CHECK(bench.events.empty());
    bench.bind(one_socket, token);
    bench.create_patient();
    CHECK(bench.events.size() == 1);
}

TEST_CASE("5.1: an unbind works on the socket that holds the binding, with any good token of the Subscription",
          "[behaviour]") {
    Newer bench;
    const auto id = bench.subscribe("Task");
    const auto bound = bench.binding_token(id), other = bench.binding_token(id);
    bench.bind(one_socket, bound);
    CHECK(bench.unbind(other_socket, bound).empty());
    CHECK(bench.get("Subscription/" + id).status == 200);
    CHECK(bench.unbind(one_socket, other).empty());
    CHECK(bench.get("Subscription/" + id).status == 404);
    CHECK(bench.listed(one_socket) == 0);
    bench.pass(minutes(61));
    const auto frames = bench.unbind(one_socket, bound);
    REQUIRE(frames.size() == 1);
    CHECK(at(frames[0], issue_text) == "Token failed to validate. Check token expiry.");
}

TEST_CASE("5.1: a close removes all that was bound on the socket, whatever became of the last", "[behaviour]") {
    Newer bench;
    const auto first = bench.listen(one_socket, "Task"), last = bench.listen(one_socket, "Patient");
    bench.bind(other_socket, bench.binding_token(first));
    bench.call("DELETE", "Subscription/" + last);
    bench.world.hub.close(one_socket);
    CHECK(bench.get("Subscription/" + first).status == 404);
    CHECK(bench.listed(other_socket) == 1);
    CHECK(bench.events_of_a_task() == 0);
}

TEST_CASE("5.1: several interactions are all honoured", "[behaviour]") {
    Newer bench;
    const auto extension = [](const char* code) {
        return R"({"url":"https://medplum.com/fhir/StructureDefinition/subscription-supported-interaction","valueCode":")" +
               std::string(code) + "\"}";
    };
    bench.listen(one_socket, "Task", ",\"extension\":[" + extension("delete") + "," + extension("create") + "]");
    const auto id = bench.create_task();
    CHECK(bench.events.size() == 1);
    bench.call("PATCH", "Task/" + id, R"([{"op":"replace","path":"/status","value":"ready"}])");
    CHECK(bench.events.size() == 1);
    bench.call("DELETE", "Task/" + id);
    CHECK(bench.events.size() == 2);
}

TEST_CASE("5.1: tokens say so: whole seconds, earlier than the expiration, with a membership", "[behaviour]") {
    Newer bench;
    const auto answer = bench.get("Subscription/" + bench.subscribe("Task") + "/$get-ws-binding-token");
    const auto claims = claims_of(at(answer.body, "/parameter/0/valueString"));
    CHECK(at(answer.body, "/parameter/1/valueDateTime") == "2026-02-10T11:30:00.123Z");
    CHECK(at(claims, "/exp") == "1770723000"); // 11:30:00
    CHECK_FALSE(at(claims, "/membership_id").empty());
    CHECK_FALSE(at(claims, "/jti").empty());
    CHECK(at(claims, "/aud") == Bench::base);
    CHECK(at(claims_of(bench.token), "/membership_id").empty());
    const auto unauthorized = bench.world.api.handle({"GET", "/fhir/R4/Task", {}, "", "127.0.0.1"});
    CHECK(unauthorized.header("WWW-Authenticate") == "Bearer realm=\"http://sim.test/\"");
}

TEST_CASE("5.1: no binding token for another channel, or for criteria without a type", "[behaviour]") {
    Newer bench;
    const auto hook = bench.create(
        "Subscription",
        R"({"resourceType":"Subscription","status":"active","reason":"r","criteria":"Task","channel":{"type":"rest-hook","endpoint":"https://x.example"}})");
    CHECK(bench.token_error(hook) == "400 Invalid channel type for this operation: rest-hook");
    CHECK(bench.token_error(bench.subscribe("/Task?status=ready")) ==
          "400 Invalid Subscription criteria: '/Task?status=ready'. '/Task' is not a valid resource type.");
    CHECK(bench.get("Subscription/" + bench.subscribe("Task?nosuchparam=1") + "/$get-ws-binding-token").status == 200);
}

TEST_CASE("The limit counts what one client has bound, and is asked for on create only", "[behaviour]") {
    auto options = newer_server();
    options.max_subscriptions = 2;
    Newer bench(options);
    std::vector<std::string> ids;
    for (int i = 0; i < 3; ++i) ids.push_back(bench.subscribe("Task"));
    for (const auto& id : ids) CHECK(bench.bind(one_socket, bench.binding_token(id)).size() == 1);
    const auto body =
        R"({"resourceType":"Subscription","status":"active","reason":"r","criteria":"Task","channel":{"type":"websocket"}})";
    const auto refused = bench.call("POST", "Subscription", body);
    CHECK(refused.status == 400);
    CHECK(at(refused.body, issue_text) ==
          "User has exceeded allotted maximum number of concurrent WebSocket subscriptions: 2");
    bench.call("DELETE", "Subscription/" + ids[0]);
    bench.unbind(one_socket, bench.binding_token(ids[1]));
    CHECK(bench.call("POST", "Subscription", body).status == 201);
    CHECK(Newer().world.project.max_subscriptions == 20);
}

TEST_CASE("Under a policy with criteria, deleted and hidden look the same: 404", "[behaviour]") {
    Newer bench;
    REQUIRE(
        bench.world.put(R"({"resourceType":"Patient","id":"0f000000-0000-4000-8000-000000000001","gender":"female"})"));
    REQUIRE(
        bench.world.put(R"({"resourceType":"Patient","id":"0a000000-0000-4000-8000-000000000001","gender":"male"})"));
    bench.world.project.clients.front().policy =
        *AccessPolicy::parse({"Patient?gender=female", "Task", "Subscription"});
    bench.listen(one_socket, "Patient");
    const auto ids = [&] {
        const auto body = bench.get("Patient?_total=accurate").body;
        return at(body, "/total") + " " + at(body, "/entry/0/resource/id");
    };
    CHECK(ids() == "1 0f000000-0000-4000-8000-000000000001");
    CHECK(bench.get("Patient/0a000000-0000-4000-8000-000000000001").status == 404);
    CHECK(bench.get("Patient/0a000000-0000-4000-8000-000000000001/_history").status == 404);
    CHECK(bench
              .call("PUT", "Patient/0a000000-0000-4000-8000-000000000001",
                    R"({"resourceType":"Patient","id":"0a000000-0000-4000-8000-000000000001","gender":"female"})")
              .status == 404);
    CHECK(bench
              .call("PUT", "Patient/0f000000-0000-4000-8000-000000000001",
                    R"({"resourceType":"Patient","id":"0f000000-0000-4000-8000-000000000001","gender":"male"})")
              .status == 403);
    CHECK(bench.get("Observation").status == 403);
    CHECK(bench.get("Observation/x").status == 403);

    REQUIRE(bench.world.set_member("Patient/0a000000-0000-4000-8000-000000000001", "active", "true"));
    CHECK(bench.events.empty());
    REQUIRE(bench.world.set_member("Patient/0f000000-0000-4000-8000-000000000001", "active", "true"));
    CHECK(bench.events.size() == 1);
    REQUIRE(bench.world.set_member("Patient/0f000000-0000-4000-8000-000000000001", "gender",
                                   "\"male\"")); // leaves the view: no frame
    CHECK(bench.events.size() == 1);
    CHECK(bench.get("Patient/0f000000-0000-4000-8000-000000000001").status == 404);
    REQUIRE(bench.world.set_member("Patient/0f000000-0000-4000-8000-000000000001", "gender",
                                   "\"female\"")); // and comes back
    CHECK(bench.events.size() == 2);
    REQUIRE(bench.world.remove("Patient/0f000000-0000-4000-8000-000000000001"));
    CHECK(bench.events.size() == 3); // judged by the old content
    CHECK(bench.get("Patient/0f000000-0000-4000-8000-000000000001").status == 404);
    CHECK(bench.get("Patient/0f000000-0000-4000-8000-000000000001/_history").status == 404);
    CHECK(at(bench.get("Patient?_deleted=true&_total=accurate").body, "/total") == "0");
    const auto task = bench.create_task(); // a type without criteria
    bench.call("DELETE", "Task/" + task);
    CHECK(bench.get("Task/" + task).status == 410);
}

TEST_CASE("A policy without Subscription refuses it; one that loses it keeps what is bound", "[behaviour]") {
    Newer bench;
    const auto id = bench.listen(one_socket, "Task");
    bench.world.project.clients.front().policy = *AccessPolicy::parse({"Task"});
    CHECK(bench.call("POST", "Subscription", "{}").status == 403);
    CHECK(bench.get("Subscription/" + id).status == 403);
    CHECK(bench.call("DELETE", "Subscription/" + id).status == 403);
    CHECK(bench.token_error(id) == "400 Error reading subscription: Forbidden");
    CHECK(bench.events_of_a_task() == 1);
    bench.world.project.clients.front().policy = *AccessPolicy::parse({"Subscription"});
    CHECK(bench.get("Task").status == 403);
    REQUIRE(bench.world.put(R"({"resourceType":"Task","id":"t","status":"requested","intent":"order"})"));
    CHECK(bench.events.size() == 1);
}

TEST_CASE("5.1: a deletion's history entry is a DELETE of the resource", "[behaviour]") {
    Newer bench;
    const auto id = bench.create_task();
    bench.call("DELETE", "Task/" + id);
    const auto history = bench.get("Task/" + id + "/_history").body;
    CHECK(at(history, "/entry/0/request/method") == "DELETE");
    CHECK(at(history, "/entry/0/request/url") == "Task/" + id);
    CHECK(at(history, "/entry/0/response/status") == "410");
    CHECK(at(history, "/entry/1/request/method") == "GET");
}
