// A login that ends while a session goes on, as the program's users meet it; and a resource explained by asking.

#include "../runtime/test_server.hpp"
#include "fhir/json.hpp"
#include "program.hpp"

#include <catch2/catch_all.hpp>

#include <atomic>
#include <mutex>
#include <set>
#include <string>

using namespace fhirscope;
using namespace fhirscope::tests;
using Catch::Matchers::ContainsSubstring;
using runtime::test::http_reply;
using runtime::test::Peer;
using runtime::test::Reply;
using runtime::test::Seen;

namespace {

// One Task, and an event each 200 ms that carries no content, so that it is read.
class OneTask {
public:
    OneTask()
        : server({[this](const Seen& seen) { return answer(seen); }, [this](Peer& peer) { converse(peer); }, "", ""}) {}

    std::atomic<bool> refuses{false};
    std::atomic<int> accepted{0}, refused{0};
    int refuses_after = 1'000'000; // requests accepted
    int accepts_after = 1'000'000; // requests refused

private:
    Reply answer(const Seen& seen) {
        if (seen.target.starts_with("/ws")) return runtime::test::upgrade();
        if (seen.target.find("/metadata") != std::string::npos) // is for everybody
            return http_reply(
                200, R"({"resourceType":"CapabilityStatement","fhirVersion":"4.0.1","software":{"name":"Medplum"}})");
        const std::size_t lists = lists_asked(seen.target);
        if (accepted >= refuses_after && lists == 3 && refused < accepts_after) refuses = true;
        if (refused >= accepts_after) refuses = false;
        if (refuses) {
            ++refused;
            return http_reply(401, R"({"resourceType":"OperationOutcome","id":"unauthorized","issue":[{)"
                                   R"("severity":"error","code":"login","details":{"text":"Unauthorized"}}]})");
        }
        ++accepted;
        const std::string task =
            R"({"resourceType":"Task","id":"t1","meta":{"versionId":"1","lastUpdated":"2026-02-10T10:30:15.123Z"},)"
            R"("status":"requested","intent":"order"})";
        if (seen.target.find("$get-ws-binding-token") != std::string::npos)
            return http_reply(
                200,
                R"({"resourceType":"Parameters","parameter":[{"name":"token","valueString":"t"},{"name":"expiration","valueDateTime":"2099-02-10T11:30:00.000Z"}]})");
        if (seen.method == "POST")
            return http_reply(201, R"({"resourceType":"Subscription","id":"s)" + std::to_string(++subscriptions_) +
                                       R"(","status":"active","criteria":"Task"})");
        if (seen.target.find("/_history") != std::string::npos)
            return http_reply(200, R"({"resourceType":"Bundle","type":"history","entry":[{"resource":)" + task + "}]}");
        if (seen.target.find("/Task/t1") != std::string::npos) return http_reply(200, task);
        const bool has_task =
            seen.target.find("/Task?") != std::string::npos && seen.target.find("_deleted") == std::string::npos;
        return http_reply(200, R"({"resourceType":"Bundle","type":"searchset","total":1,"entry":[)" +
                                   (has_task ? R"({"resource":)" + task + "}" : "") + "]}");
    }

    // How many types were searched for before; this one counts from the next request on.
    std::size_t lists_asked(const std::string& target) {
        const std::lock_guard lock(mutex_);
        const std::size_t before = listed_.size();
        if (const auto mark = target.find('?'); mark != std::string::npos) listed_.insert(target.substr(0, mark));
        return before;
    }
    static std::string status(const std::string& id, const std::string& type, const std::string& more = "") {
        return R"({"resourceType":"Bundle","type":"history","entry":[{"resource":{"resourceType":"SubscriptionStatus","status":"active","type":")" +
               type + R"(","subscription":{"reference":"Subscription/)" + id + R"("})" + more + "}}]}";
    }
    void converse(Peer& peer) {
        while (const auto frame = peer.receive()) {
            if (frame->find("bind-with-token") == std::string::npos) continue;
            // Which of the Subscriptions is bound the token does not say: all of them are.
            for (int i = 1; i <= subscriptions_; ++i) peer.send(status("s" + std::to_string(i), "handshake"));
            if (events) {
                for (int i = 0; i < 40; ++i)
                    peer.send(status("s1", "event-notification",
                                     R"(,"notificationEvent":[{"eventNumber":"0","focus":{"reference":"Task/t1"}}])"));
            }
        }
    }

    std::atomic<int> subscriptions_{0};
    std::mutex mutex_;
    std::set<std::string> listed_; // paths: each of the three types has to be, before all is refused

public:
    bool events = true;
    runtime::test::TestServer server; // last, because its threads use the rest
};

} // namespace

TEST_CASE("an access token that is refused ends Live, is said, and is not asked for again and again", "[waits]") {
    OneTask world;
    world.refuses_after = 9; // so many are needed until it is live, if nothing else is asked
    const Outcome outcome = run({"connect", world.server.url(), "--headless", "--seconds", "7", "--json", "--no-cache"},
                                {{"MEDPLUM_CLIENT_ACCESS_TOKEN", "a-token-from-elsewhere"}});
    INFO(outcome.out << outcome.err);
    REQUIRE(world.refuses);
    CHECK(outcome.exit_code == 3);
    CHECK_THAT(outcome.out, ContainsSubstring(R"("server_equal":null)") && ContainsSubstring(R"("id":"D39")") &&
                                ContainsSubstring(R"("severity":"error")") &&
                                ContainsSubstring("HTTP 401: Unauthorized"));
    CHECK_THAT(outcome.out, ContainsSubstring(R"("not_confirmed_since":"20)"));
    CHECK_THAT(outcome.err, ContainsSubstring("the login has ended (HTTP 401: Unauthorized)"));
    CHECK(world.refused < 20); // what was under way, the question whether it is the login, and a slow retry
}

TEST_CASE("a login that is accepted again is recovered from without help", "[waits]") {
    OneTask world;
    world.refuses_after = 9;
    world.accepts_after = 2;
    const Outcome outcome =
        run({"connect", world.server.url(), "--headless", "--seconds", "14", "--json", "--no-cache"},
            {{"MEDPLUM_CLIENT_ACCESS_TOKEN", "a-token-from-elsewhere"}});
    INFO(outcome.out << outcome.err);
    CHECK(world.refused >= 2);
    CHECK_THAT(outcome.out, ContainsSubstring(R"("server_equal":true)"));
    const auto json = fhir::parse_json(outcome.out);
    REQUIRE(json);
    for (const auto& incident : (*json)["incidents"].GetArray())
        CHECK((incident["id"] != "D39" || incident["state"] != "going-on"));
    CHECK_THAT(outcome.out, ContainsSubstring(R"("not_confirmed":0)"));
}

TEST_CASE("a resource is explained by asking the server for it and its history") {
    OneTask world;
    world.events = false;
    const Environment environment{{"MEDPLUM_CLIENT_ACCESS_TOKEN", "a-token-from-elsewhere"}};
    const Outcome outcome = run({"connect", world.server.url(), "--explain", "Task/t1", "--no-cache"}, environment);
    INFO(outcome.out << outcome.err);
    CHECK(outcome.exit_code == 0);
    CHECK_THAT(outcome.out, ContainsSubstring("Task/t1: Nothing is missing as of the comparison at "));
    CHECK_THAT(outcome.out, ContainsSubstring("has this version") && ContainsSubstring("History, the newest first: 1"));

    const Outcome unknown = run({"connect", world.server.url(), "--explain", "nothing"}, environment);
    CHECK(unknown.exit_code == 2);
}
