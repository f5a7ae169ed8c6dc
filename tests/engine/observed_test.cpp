// Another client's traffic: what it was shown, what the server has, and the life of its sockets.

#include "engine/certainty.hpp"
#include "engine/engine.hpp"
#include "words/words.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace fhirscope;
using namespace fhirscope::engine;
using namespace std::chrono_literals;

namespace {

std::string observed_task(const std::string& id, const std::string& version, const std::string& time,
                          const std::string& status = "requested") {
    return R"({"resourceType":"Task","id":")" + id + R"(","meta":{"versionId":")" + version +
           R"(","lastUpdated":"2026-02-10T)" + time + R"(.000Z"},"status":")" + status + R"("})";
}

std::string searchset(const std::vector<std::string>& resources) {
    std::string entries;
    for (const std::string& resource : resources)
        entries += (entries.empty() ? "" : ",") + (R"({"resource":)" + resource + "}");
    return R"({"resourceType":"Bundle","type":"searchset","entry":[)" + entries + "]}";
}

// An engine that follows what a test says of another client; it begins at 10:30:00.
struct Follower {
    explicit Follower(fhir::Dialect dialect = fhir::Dialect::Medplum) {
        Config config;
        config.mode = Mode::Observe;
        config.base_url = "http://h/";
        config.dialect.dialect = dialect;
        feed(Start{config});
    }
    void feed(InputBody body, std::chrono::milliseconds later = 10ms) {
        pass(later);
        step(std::move(body));
        while (engine.wants_drain()) step(Drain{});
    }
    void pass(std::chrono::milliseconds time) {
        const LocalTime until = at + time;
        while (wake != LocalTime{} && wake <= until) {
            at = std::max(at, wake);
            wake = {};
            step(Tick{});
            if (wake != LocalTime{} && wake <= at) wake = at + 1ms;
            while (engine.wants_drain()) step(Drain{});
        }
        at = until;
    }
    void step(InputBody body) {
        for (const Effect& effect : engine.step({at, std::move(body)})) {
            CHECK(std::holds_alternative<WakeAt>(effect)); // nothing is sent
            if (const auto* asked = std::get_if<WakeAt>(&effect)) wake = asked->at;
        }
    }
    void exchange(const std::string& method, const std::string& path, unsigned status, const std::string& answer,
                  const std::string& sent = "") {
        Observed observed;
        observed.method = method;
        observed.url = "http://h/fhir/R4/" + path;
        observed.status = static_cast<std::uint16_t>(status);
        if (!answer.empty()) observed.response_body = make_text(answer);
        if (!sent.empty()) observed.request_body = make_text(sent);
        pass(10ms);
        observed.asked = at;
        feed(std::move(observed));
    }
    void subscribe(const std::string& id, const std::string& criteria, SocketId socket) {
        exchange("POST", "Subscription", 201,
                 R"({"resourceType":"Subscription","id":")" + id + R"(","criteria":")" + criteria + "\"}");
        exchange("GET", "Subscription/" + id + "/$get-ws-binding-token", 200,
                 R"({"resourceType":"Parameters","parameter":[{"name":"token","valueString":"t-)" + id + "\"}]}");
        feed(SocketOpened{socket});
        feed(FrameSent{socket, make_text(R"({"type":"bind-with-token","payload":{"token":"t-)" + id + "\"}}")});
        say(socket, id, "handshake");
    }
    void say(SocketId socket, const std::string& id, const std::string& type, const std::string& resource = "") {
        std::string text =
            R"({"resourceType":"Bundle","type":"history","timestamp":"2026-02-10T10:30:00.000Z","entry":[{"resource":{)"
            R"("resourceType":"SubscriptionStatus","status":"active","type":")" +
            type + R"(","subscription":{"reference":"Subscription/)" + id + R"("}}})";
        if (!resource.empty()) text += R"(,{"resource":)" + resource + "}";
        feed(Frame{socket, make_text(text + "]}")});
    }
    SubscriptionView subscription(std::size_t i = 0) { return engine.publish()->subscriptions.at(i); }
    CertaintyView sure_of(const std::string& reference) {
        const auto snapshot = engine.publish();
        const RecordPtr record = snapshot->find(reference);
        REQUIRE(record);
        return certainty_of(*record, unheard_of(*snapshot, "Task"));
    }
    const Untold* untold(const std::string& reference) {
        told = engine.publish()->untold;
        if (!told) return nullptr;
        const auto found = std::ranges::find(*told, reference, &Untold::reference);
        return found == told->end() ? nullptr : &*found;
    }
    bool says(std::string_view text) {
        const auto snapshot = engine.publish();
        for (std::uint64_t i = snapshot->events.first(); i < snapshot->events.end(); ++i)
            if (words::text(snapshot->events[i]).find(text) != std::string::npos) return true;
        return false;
    }

    Engine engine;
    LocalTime at{std::chrono::seconds(1'770'719'400)}, wake{};
    std::shared_ptr<const std::vector<Untold>> told;
};

} // namespace

TEST_CASE("what a followed client searched for and read is shown as its rows") {
    Follower client;
    client.exchange("GET", "Task?status=requested", 200,
                    searchset({observed_task("a", "1", "10:29:00"), observed_task("b", "1", "10:29:00")}));
    client.exchange("GET", "Task/c", 200, observed_task("c", "7", "10:29:30"));
    const auto snapshot = client.engine.publish();
    REQUIRE(snapshot->find("Task/a"));
    REQUIRE(snapshot->find("Task/c"));
    CHECK(snapshot->find("Task/c")->current().version_id() == "7");
    CHECK(snapshot->metrics.counters.applied == 3);
    // A later search lists one no more: nothing told why.
    client.pass(5s);
    client.exchange("GET", "Task?status=requested", 200, searchset({observed_task("a", "1", "10:29:00")}));
    CHECK(client.sure_of("Task/b").certainty == Certainty::MayBeStale);
    CHECK(client.sure_of("Task/a").certainty == Certainty::Compared);
}

TEST_CASE("what a followed client wrote is what the server has, and stale for it until something shows it") {
    Follower client;
    client.subscribe("s1", "Task?status=requested", 1);
    client.exchange("GET", "Task?status=requested", 200, searchset({observed_task("a", "1", "10:29:00")}));
    const std::string written = observed_task("a", "2", "10:30:01");
    client.exchange("PUT", "Task/a", 200, written);
    REQUIRE(client.untold("Task/a"));
    CHECK(client.untold("Task/a")->version == "2");
    CHECK(client.sure_of("Task/a").certainty == Certainty::Stale);
    SECTION("a frame") {
        client.say(1, "s1", "event-notification", written);
        CHECK_FALSE(client.untold("Task/a"));
        CHECK(client.engine.publish()->find("Task/a")->current().version_id() == "2");
        client.pass(10s);
        CHECK(client.engine.publish()->metrics.counters.missed == 0);
    }
    SECTION("nothing, though its subscription hears") {
        client.pass(10s);
        CHECK(client.engine.publish()->metrics.counters.missed == 1);
        CHECK(client.says("no frame told of it"));
        REQUIRE(client.untold("Task/a"));
        CHECK(client.untold("Task/a")->subscription == 0);
    }
    SECTION("in a batch, it left the criteria, and nobody is to tell") {
        client.exchange("POST", "", 200,
                        R"({"resourceType":"Bundle","type":"batch-response","entry":[{"resource":)" +
                            observed_task("a", "3", "10:30:02", "completed") + R"(,"response":{"status":"200 OK"}}]})",
                        R"({"resourceType":"Bundle","type":"batch","entry":[{"resource":)" +
                            observed_task("a", "2", "10:30:01", "completed") +
                            R"(,"request":{"method":"PUT","url":"Task/a"}}]})");
        client.pass(10s);
        REQUIRE(client.untold("Task/a"));
        CHECK(client.untold("Task/a")->version == "3");
        CHECK(client.engine.publish()->metrics.counters.missed == 0);
    }
}

TEST_CASE("a frame that repeats a version is a deletion where the followed client deleted it") {
    Follower client;
    client.subscribe("s1", "Task", 1);
    const std::string one = observed_task("a", "1", "10:30:00");
    client.say(1, "s1", "event-notification", one);
    SECTION("the frame comes after the answer") {
        client.exchange("DELETE", "Task/a", 200, "");
        REQUIRE(client.untold("Task/a"));
        client.say(1, "s1", "event-notification", one);
    }
    SECTION("the frame comes before the answer") {
        client.say(1, "s1", "event-notification", one);
        CHECK(client.sure_of("Task/a").certainty == Certainty::Checking);
        client.exchange("DELETE", "Task/a", 200, "");
    }
    CHECK(client.sure_of("Task/a").certainty == Certainty::Deleted);
    CHECK_FALSE(client.untold("Task/a"));
}

TEST_CASE("a socket that is lost takes its Subscriptions with it, and a search after the next one ends the gap") {
    Follower client;
    client.subscribe("s1", "Task", 1);
    client.exchange("GET", "Task", 200, searchset({observed_task("a", "1", "10:29:00")}));
    CHECK(client.sure_of("Task/a").certainty != Certainty::MayBeStale);
    client.feed(SocketClosed{1, 1006, ""});
    CHECK(client.subscription().state == SubscriptionState::Wanted);
    CHECK(client.sure_of("Task/a").certainty == Certainty::MayBeStale);
    client.pass(7s);
    client.subscribe("s2", "Task", 2); // takes its place
    CHECK(client.engine.publish()->subscriptions.size() == 1);
    CHECK(client.subscription().state == SubscriptionState::Live);
    CHECK(client.sure_of("Task/a").certainty == Certainty::MayBeStale); // no search followed
    client.exchange("GET", "Task?_count=100", 200, searchset({observed_task("a", "1", "10:29:00")}));
    CHECK(client.sure_of("Task/a").certainty == Certainty::Compared);
    REQUIRE_FALSE(client.subscription().silences.empty());
    CHECK(client.subscription().silences.back().to - client.subscription().silences.back().from > 7s);
}

TEST_CASE("elsewhere a Subscription outlives the socket, and jumped numbers are a gap") {
    Follower client(fhir::Dialect::R4B);
    const auto event = [&](const std::string& number, const std::string& id) {
        client.feed(Frame{
            1,
            make_text(
                R"({"resourceType":"Bundle","type":"history","entry":[{"resource":{"resourceType":"SubscriptionStatus","status":"active","type":"event-notification","eventsSinceSubscriptionStart":")" +
                number + R"(","notificationEvent":[{"eventNumber":")" + number + R"(","focus":{"reference":"Task/)" +
                id +
                R"("}}],"subscription":{"reference":"Subscription/s1"},"topic":"http://t/SubscriptionTopic/x"}},{"fullUrl":"http://h/fhir/R4/Task/)" +
                id + R"(","resource":)" + observed_task(id, "1", "10:30:00") +
                R"(,"request":{"method":"PUT","url":"Task/)" + id + R"("},"response":{"status":"200"}}]})")});
    };
    client.feed(SocketOpened{1});
    event("1", "a"); // the capture begins in the middle
    event("2", "b");
    event("5", "c");
    client.pass(3s);
    CHECK(client.engine.publish()->metrics.counters.gaps == 1);
    CHECK(client.engine.publish()->metrics.counters.gap_events == 2);
    CHECK(client.says("2 of events 3 to 5 did not come"));
    CHECK(client.subscription().criteria == "Task");
}

TEST_CASE("criteria are read with their escapes") {
    Follower client;
    client.exchange(
        "POST", "Subscription", 201,
        R"({"resourceType":"Subscription","id":"s1","criteria":"Task?status=requested\u0026owner=Practitioner\/dr-1"})");
    CHECK(client.subscription().criteria == "Task?status=requested&owner=Practitioner/dr-1");
}

TEST_CASE("a Subscription that the server refused, and one that it has no more, are said to be so") {
    Follower client;
    client.exchange(
        "POST", "Subscription", 403,
        R"({"resourceType":"OperationOutcome","id":"forbidden","issue":[{"details":{"text":"Forbidden"}}]})",
        R"({"resourceType":"Subscription","criteria":"Patient"})");
    CHECK(client.subscription().state == SubscriptionState::Refused);
    CHECK(client.engine.publish()->failed_requests.size() == 1);
    client.subscribe("s1", "Task", 1);
    client.exchange("GET", "Subscription/s1", 404, R"({"resourceType":"OperationOutcome","id":"not-found"})");
    CHECK(client.subscription(1).state != SubscriptionState::Live);
    CHECK(client.subscription(1).unheard_why.code == FactCode::DeafDropped);
}

TEST_CASE("changes that wait to be shown to a followed client are bounded, and those left out are counted") {
    Follower client;
    client.subscribe("s1", "Task?status=done", 1);
    constexpr int kept = 20'000, more = 3;
    for (int i = 0; i < kept + more; ++i) {
        Observed written;
        written.method = "PUT";
        written.url = "http://h/fhir/R4/Task/t" + std::to_string(i);
        written.status = 200;
        written.response_body = make_text(observed_task("t" + std::to_string(i), "1", "10:29:00"));
        written.asked = client.at;
        client.step(std::move(written));
    }
    const auto snapshot = client.engine.publish();
    REQUIRE(snapshot->untold);
    CHECK(snapshot->untold->size() == kept);
    CHECK(snapshot->untold_left_out == more);
    CHECK(client.says("further ones are left out"));
}

TEST_CASE("each loss of a followed client is kept, with when it was heard again and searched for") {
    Follower client;
    client.subscribe("s1", "Task", 1);
    client.exchange("GET", "Task", 200, searchset({observed_task("a", "1", "10:29:00")}));
    client.feed(SocketClosed{1, 1006, ""});
    client.pass(2s);
    client.subscribe("s2", "Task", 2);
    client.feed(SocketClosed{2, 1006, ""});
    client.pass(2s);
    client.subscribe("s3", "Task", 3);
    auto losses = client.subscription().losses;
    REQUIRE(losses.size() == 2);
    CHECK(losses[0].heard < losses[1].lost);
    CHECK(losses[0].heard > losses[0].lost + 2s);
    CHECK(losses[1].proved == LocalTime{});
    client.exchange("GET", "Task", 200, searchset({observed_task("a", "1", "10:29:00")}));
    losses = client.subscription().losses;
    for (const Loss& loss : losses) CHECK(loss.proved > loss.heard); // one search covers both
}
