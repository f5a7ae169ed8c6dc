// Silent deafness: who is asked after how often, and what has a subscription checked at once.

#include "step_client.hpp"

using namespace fhirscope;
using namespace fhirscope::tests;
using namespace std::chrono_literals;

namespace {

constexpr const char* forbidden = R"({"resourceType":"OperationOutcome","id":"forbidden"})";

const std::vector<SubscriptionWish> two_types = {{"tasks", "Task"}, {"patients", "Patient"}};

struct Watched : Client {
    using Client::Client;
    void go_live(std::size_t count = 1) {
        bind("s1");
        answer("Task?", 200, page({task("a", "1", "10:29:59")}));
        if (count > 1) {
            bind("s2", false, "Patient");
            answer("Patient?", 200, page({}));
            ids_.emplace_back("s2");
        }
        REQUIRE(engine.publish()->connection.phase == Phase::Live);
    }
    void pass(std::chrono::seconds time) {
        for (; time.count() > 0; time -= 10s) {
            wait(10s);
            beat(ids_);
        }
    }
    void event(const std::string& version) {
        const std::string now = server_time();
        say("s1", "event-notification", now, task("a", version, now));
    }
    bool is_asked_after(const std::string& id) const { return asks("GET fhir/R4/Subscription/" + id); }
    void is_there(const std::string& id) {
        answer("GET fhir/R4/Subscription/" + id, 200, R"({"resourceType":"Subscription","id":")" + id + "\"}");
    }
    void is_gone(const std::string& id) {
        answer("GET fhir/R4/Subscription/" + id, 404, R"({"resourceType":"OperationOutcome","id":"not-found"})");
    }
    bool searches(const std::string& type) const { return asks(type + "?_elements=id,meta"); }

private:
    std::vector<std::string> ids_ = {"s1"};
};

} // namespace

TEST_CASE("a subscription that falls silent is asked after once, and not searched behind before its time") {
    Watched client;
    client.go_live();
    client.pass(10s);
    CHECK_FALSE(client.is_asked_after("s1"));
    client.pass(20s);
    REQUIRE(client.is_asked_after("s1"));
    client.is_there("s1");
    CHECK_FALSE(client.searches("Task"));
    client.pass(30s);
    client.is_there("s1");
    CHECK(client.searches("Task")); // the minute's check
}

TEST_CASE("a subscription that brings events is not asked after before its time") {
    Watched client;
    client.go_live();
    for (int i = 2; i < 7; ++i) {
        client.pass(10s);
        client.event(std::to_string(i));
        CHECK_FALSE(client.is_asked_after("s1"));
    }
}

TEST_CASE("the longer a subscription is silent, the more rarely it is asked after") {
    Watched client({{"tasks", "Task"}}, [](Config& config) { config.check_period = 600s; });
    client.go_live();
    std::vector<int> asked;
    for (int seconds = 10; seconds < 600; seconds += 10) {
        client.pass(10s);
        if (!client.is_asked_after("s1")) continue;
        asked.push_back(seconds);
        client.is_there("s1");
    }
    CHECK(asked.size() >= 6);
    CHECK(asked.size() <= 9);
    REQUIRE(asked.size() > 2);
    CHECK(asked.front() <= 30);
    CHECK(asked.back() - asked[asked.size() - 2] >= 100);
}

TEST_CASE(
    "a Subscription found gone though heartbeats list it has the others checked at once, behind their backs too") {
    Watched client(two_types);
    client.go_live(2);
    client.pass(30s);
    client.is_there("s2");
    CHECK_FALSE(client.searches("Patient"));
    client.is_gone("s1");
    CHECK(client.told("Task was found deaf"));
    client.wait(10ms);
    client.is_there("s2");
    CHECK(client.searches("Patient")); // a token that has ended shows by nothing else
}

TEST_CASE("a heartbeat that stays away while pings are answered has it checked before the minute's check") {
    Watched client;
    client.go_live();
    client.pass(20s);
    client.is_there("s1");
    for (int i = 0; i < 8; ++i) {
        client.wait(2s);
        client.pong();
    }
    REQUIRE(client.is_asked_after("s1"));
    CHECK(client.told("no heartbeat has listed it for 15"));
    client.is_there("s1");
    client.answer("Task?_elements=id,meta", 200, page({}));
    SECTION("once") {
        client.wait(2s);
        client.pong();
        CHECK_FALSE(client.is_asked_after("s1"));
    }
}

TEST_CASE("a write that no frame tells of has what it matches checked at once") {
    Watched client;
    client.go_live();
    client.in(Command{Edit{"Task/a", {{"status", "\"accepted\""}}}});
    std::string written = task("a", "2", "10:30:01");
    written.replace(written.find("requested"), 9, "accepted");
    client.answer("PUT fhir/R4/Task/a", 200, written);
    SECTION("checked") {
        client.wait(6s);
        client.wait(10ms);
        CHECK(client.told("Task/a was written here, and no frame told of it"));
        client.is_there("s1");
        CHECK(client.searches("Task"));
        CHECK(client.engine.publish()->metrics.counters.missed == 0); // it is shown
    }
    SECTION("not, when the frame comes after the answer") {
        client.say("s1", "event-notification", "10:30:02", written);
        client.wait(6s);
        client.wait(10ms);
        CHECK_FALSE(client.is_asked_after("s1"));
    }
}

TEST_CASE("a read that is forbidden has its type checked at once: rights may have changed") {
    Watched client;
    client.go_live();
    client.pass(10s);
    client.in(Command{ReadResource{"Task/a"}});
    client.answer("GET fhir/R4/Task/a", 403, forbidden);
    client.wait(10ms);
    client.is_there("s1");
    CHECK(client.searches("Task"));
}

TEST_CASE("checks stay within their budget of requests a minute, which is shown") {
    Watched client({{"tasks", "Task"}}, [](Config& config) {
        config.check_period = 5s;
        config.check_budget = 8;
    });
    client.go_live();
    CHECK(client.engine.publish()->connection.check_budget == 8);
    CHECK(client.engine.publish()->connection.checks_last_minute == 0);
    for (int i = 0; i < 120; ++i) {
        client.wait(1s);
        if (i % 5 == 0) client.beat({"s1"});
        if (client.is_asked_after("s1")) client.is_there("s1");
        if (client.searches("Task")) client.answer("Task?_elements=id,meta", 200, page({}));
        if (client.asks("_deleted=true")) client.answer("_deleted=true", 200, page({}));
        if (client.asks("_summary=count"))
            client.answer("_summary=count", 200, R"({"resourceType":"Bundle","type":"searchset","total":1})");
        CHECK(client.engine.publish()->connection.checks_last_minute <= 8);
    }
    CHECK(client.engine.publish()->metrics.counters.checks >= 4);
    CHECK(client.engine.publish()->connection.checks_last_minute > 0);
}

TEST_CASE("a binding token ends when it says so itself, however late the operation puts it, and is replaced before") {
    Watched client;
    client.token_end =
        fhir::parse_instant("2026-02-10T10:36:00Z"); // six minutes; the operation names no end or a later
    client.go_live();
    const auto view = client.engine.publish()->subscriptions[0];
    CHECK(view.token_expires - client.engine.publish()->at < 361s);
    CHECK(view.token_expires - client.engine.publish()->at > 350s);
    std::chrono::seconds waited{0};
    while (waited < 360s && !client.asks("$get-ws-binding-token")) {
        client.pass(10s);
        waited += 10s;
    }
    CHECK(client.asks("$get-ws-binding-token"));
    CHECK(waited > 200s); // at three quarters of its life
    CHECK(waited < 300s);
}

TEST_CASE(
    "what was made here is unbound before it is deleted, and is known as ours while heartbeats go on listing it") {
    Watched client;
    client.go_live();
    client.pass(30s);
    client.is_gone("s1");
    CHECK(client.sent("unbind-from-token"));
    client.beat({"s1"});
    const auto own = client.engine.publish()->own_subscriptions;
    REQUIRE(own);
    CHECK(std::find(own->begin(), own->end(), "s1") != own->end());
    CHECK_FALSE(client.told("not ours"));
}
