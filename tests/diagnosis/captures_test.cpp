// Incidents of another client's traffic: what it was told, and what the server had.

#include "capture.hpp"

#include <catch2/matchers/catch_matchers_string.hpp>

#include <string_view>

namespace fhirscope::tests {
namespace {

using Catch::Matchers::ContainsSubstring;
using diagnosis::CauseCode;
using diagnosis::IncidentState;
using diagnosis::Severity;

// A client that has subscribed to Task and was shown Task/a, version 1.
Capture listening() {
    Capture capture;
    capture.open("A").subscribe("s1", "Task", "A");
    return capture.pass(1s).fhir("GET", "Task", 200, Capture::listing({capture.task("a", 1)})).pass(1s);
}

} // namespace

TEST_CASE("a socket that a followed client lost is one incident, with what no search brought after it") {
    Capture capture = listening();
    capture.close("A", 1006).pass(3s);
    capture.fhir("PUT", "Task/a", 200, capture.task("a", 2)).pass(4s);
    capture.open("B").subscribe("s2", "Task", "B").pass(20s).say("B", "s2", "heartbeat");
    SECTION("no search") {
        const Followed followed(capture);
        const auto& one = followed.one();
        CHECK(one.cause == CauseCode::SocketClosed);
        CHECK(one.state == IncidentState::NotKnown);
        CHECK(one.scope == "Task");
        CHECK_THAT(one.headline,
                   ContainsSubstring("the socket was lost (1006), and no search followed; Task/a is stale "
                                     "since 10:30:05"));
        CHECK_FALSE(one.missed);
        CHECK(one.affects == 1);
        CHECK(one.to == followed.diagnosis.incidents().going_on().front()->to);
        CHECK_THAT(followed.text(), ContainsSubstring("to the end of the capture"));
    }
    SECTION("a search that brings it") {
        capture.fhir("GET", "Task", 200,
                     Capture::listing({R"({"resourceType":"Task","id":"a","meta":{"versionId":"2",)"
                                       R"("lastUpdated":"2026-02-10T10:30:05.000Z"}})"}));
        const Followed followed(capture.pass(1s).say("B", "s2", "heartbeat"));
        const auto& one = followed.one();
        CHECK(one.state == IncidentState::Repaired);
        CHECK(one.severity == Severity::Attention);
        CHECK(one.missed == 1);
        CHECK(one.recovered == 1);
        CHECK(one.affects == 0);
        CHECK_THAT(one.headline, ContainsSubstring("and a search followed"));
    }
}

TEST_CASE("a loss that a search followed at once, and that hid nothing, is information") {
    Capture capture = listening();
    capture.close("A", 1006).pass(100ms).open("B").subscribe("s2", "Task", "B");
    capture.fhir("GET", "Task", 200, Capture::listing({})).pass(1s).say("B", "s2", "heartbeat");
    const Followed followed(capture);
    CHECK(followed.one().state == IncidentState::Repaired);
    CHECK(followed.one().severity == Severity::Info);
    CHECK(followed.one().missed == 0);
}

TEST_CASE("of two sockets the one that is lost takes its own Subscription and no other") {
    Capture capture = listening();
    capture.open("P").subscribe("p1", "Patient", "P").pass(1s);
    capture.close("A", 1006).pass(30s).say("P", "p1", "heartbeat");
    const Followed followed(capture);
    CHECK(followed.one().scope == "Task");
    CHECK_THAT(followed.one().headline, ContainsSubstring("nothing of Task any more"));
}

TEST_CASE("sockets that are lost one after the other are an incident each") {
    Capture capture = listening();
    capture.close("A", 1006).pass(2s).open("B").subscribe("s2", "Task", "B").pass(5s);
    capture.close("B", 1006).pass(3s).open("C").subscribe("s3", "Task", "C").pass(5s).say("C", "s3", "heartbeat");
    const Followed followed(capture);
    CHECK(followed.said() == std::vector<std::string>(2, "D42 not-known attention [Task]"));
    for (const auto& one : followed.incidents) CHECK_THAT(one->headline, ContainsSubstring("no search followed"));
}

TEST_CASE("who closes in order and is not seen again has left") {
    const Followed followed(listening().close("A", 1000));
    CHECK(followed.said().empty());
}

TEST_CASE("what a client gave up itself is an incident only where it goes on showing what has changed") {
    Capture capture = listening();
    capture.send("A", R"({"type":"unbind-from-token","payload":{"token":"6a1f0c52-3f0e-4b0a-9a34-0d8f7b1f-s1"}})")
        .pass(5s);
    capture.fhir("POST", "Task", 201, capture.task("new", 1)).pass(20s);
    SECTION("nothing that it shows") { CHECK(Followed(capture.fhir("GET", "metadata", 200)).said().empty()); }
    SECTION("one of its rows") {
        capture.fhir("PUT", "Task/a", 200, capture.task("a", 2)).pass(20s).fhir("GET", "metadata", 200);
        const Followed followed(capture);
        CHECK(followed.one().cause == CauseCode::Asked);
        CHECK(followed.one().affects == 1);
        CHECK_THAT(followed.one().headline, ContainsSubstring("the client ended it itself; Task/a is stale since"));
    }
}

TEST_CASE("a socket that was open before the capture is followed like any other") {
    Capture capture;
    capture.say("A", "s1", "event-notification", capture.task("a", 1)).pass(2s);
    capture.close("A", 1006).pass(5s).open("B").pass(1s);
    const Followed followed(capture);
    CHECK(followed.said() == std::vector<std::string>{"D42 not-known attention [Task]"});
}

TEST_CASE("a client of HAPI that binds anew and does not search has not caught up") {
    Capture capture;
    capture.fhir("POST", "Subscription", 201, R"({"resourceType":"Subscription","id":"7","criteria":"Task"})");
    capture.open("A").send("A", "bind 7").receive("A", "bound 7").receive("A", "ping 7");
    capture.fhir("GET", "Task", 200, Capture::listing({capture.task("a", 1)})).pass(2s);
    capture.close("A", 1006).pass(4s).open("B").send("B", "bind 7").receive("B", "bound 7").pass(2s);
    SECTION("at all") { CHECK(Followed(capture).said() == std::vector<std::string>{"D42 not-known attention [Task]"}); }
    SECTION("until it does") {
        capture.fhir("GET", "Task", 200, Capture::listing({})).pass(1s).receive("B", "ping 7");
        CHECK(Followed(capture).said() == std::vector<std::string>{"D42 repaired info [Task]"});
    }
}

TEST_CASE("a refused token is a new login where one follows, and else the end of the login") {
    Capture capture = listening();
    capture.fhir("GET", "Task", 401);
    SECTION("a new login") {
        capture.http("POST", "oauth2/token", 200, R"({"access_token":"x"})");
        capture.fhir("GET", "Task", 200, Capture::listing({})).pass(1s).say("A", "s1", "heartbeat");
        const Followed followed(capture);
        CHECK(followed.said() == std::vector<std::string>{"D40 ended info []"});
        CHECK_THAT(followed.one().headline, ContainsSubstring("accepted after a new login"));
    }
    SECTION("no more") {
        capture.pass(1s).fhir("GET", "Task", 401).pass(30s).fhir("GET", "Task", 401);
        const Followed followed(capture);
        CHECK(followed.said() == std::vector<std::string>{"D39 not-known error []"});
        CHECK_THAT(followed.one().headline, ContainsSubstring("3 requests of the client were refused with 401"));
    }
    SECTION("by itself, among others that are accepted") {
        capture.pass(1s).fhir("GET", "Task", 200, Capture::listing({})).pass(1s).say("A", "s1", "heartbeat");
        CHECK(Followed(capture).said() == std::vector<std::string>{"D47 ended info []"});
    }
}

TEST_CASE("deletions that no frame told a followed client of") {
    Capture capture = listening();
    capture.say("A", "s1", "event-notification", capture.task("b", 1)).pass(1s);
    capture.fhir("DELETE", "Task/a", 200).pass(20s).say("A", "s1", "heartbeat");
    SECTION("one says no rule") {
        const Followed followed(capture);
        CHECK(followed.said() == std::vector<std::string>{"D15 not-known attention [Task]"});
        CHECK_THAT(followed.one().headline, ContainsSubstring("No frame told that Task/a was deleted"));
        CHECK(followed.one().deleted == 1);
    }
    SECTION("two do") {
        capture.fhir("DELETE", "Task/b", 200).pass(20s).say("A", "s1", "heartbeat");
        const Followed followed(capture);
        CHECK(followed.said() == std::vector<std::string>{"D26 not-known attention [Task]"});
        CHECK(followed.one().deleted == 2);
        CHECK(followed.one().affects == 2);
    }
}

TEST_CASE("a change that no frame told of is over when a read has shown it") {
    Capture capture = listening();
    const std::string changed = capture.task("a", 2);
    capture.fhir("PUT", "Task/a", 200, changed).pass(20s).say("A", "s1", "heartbeat");
    SECTION("nothing shows it") {
        const Followed followed(capture);
        CHECK(followed.one().cause == CauseCode::EventsLost);
        CHECK(followed.one().state == IncidentState::NotKnown);
        CHECK_THAT(followed.one().headline, ContainsSubstring("Task/a is stale since 10:30:02"));
    }
    SECTION("a read") {
        capture.fhir("GET", "Task/a", 200, changed).pass(1s).say("A", "s1", "heartbeat");
        const Followed followed(capture);
        CHECK(followed.one().state == IncidentState::Repaired);
        CHECK(followed.one().missed == 1);
        CHECK(followed.one().recovered == 1);
        CHECK(followed.one().to - followed.one().from > 20s);
    }
}

TEST_CASE("a Subscription that is refused, and accepted later, is told with both") {
    Capture capture;
    const std::string wish = R"({"resourceType":"Subscription","criteria":"Task"})";
    capture.fhir("POST", "Subscription", 403, R"({"resourceType":"OperationOutcome","id":"forbidden"})", wish)
        .pass(30s);
    SECTION("it is not") {
        const Followed followed(capture.fhir("GET", "metadata", 200));
        CHECK(followed.said() == std::vector<std::string>{"D13 not-known error [Task]"});
    }
    SECTION("it is") {
        capture.open("A").subscribe("s1", "Task", "A").pass(2s).say("A", "s1", "heartbeat");
        CHECK(Followed(capture).said() == std::vector<std::string>{"D13 ended error [Task]"});
    }
}

TEST_CASE("more losses at a time than are followed are counted") {
    Capture capture;
    capture.open("A");
    constexpr int all = 300, followed_at_most = 256;
    for (int i = 0; i < all; ++i) capture.say("A", "s" + std::to_string(i), "handshake");
    capture.pass(1s).close("A", 1006).pass(5s).fhir("GET", "metadata", 200);
    const Followed followed(capture);
    CHECK(followed.diagnosis.incidents().not_kept() == all - followed_at_most);
    CHECK(followed.incidents.size() == 1);
}

TEST_CASE("a gap in the numbers is over where a search follows") {
    const auto said = [](bool searched) {
        std::ifstream file(std::string(fixtures) + "/captures/r4b-gap.jsonl");
        std::string text, line;
        while (std::getline(file, line))
            if (line.find("ws-close") == std::string::npos) text += line + "\n";
        const std::string url = R"("method":"GET","url":"http://clinic.example/fhir/R4/Task","status":200)";
        if (searched)
            text += R"({"t":"2026-03-02T09:01:10.000Z","dir":"http-response",)" + url +
                    R"(,"ms":5,"body":{"resourceType":"Bundle","type":"searchset","entry":[]}})" + "\n";
        text += R"({"t":"2026-03-02T09:01:20.000Z","dir":"ws-send","conn":"A","body":{"type":"ping"}})"
                "\n";
        const std::string path = Capture().file();
        std::ofstream(path, std::ios::binary) << text;
        return Followed(path).said();
    };
    CHECK(said(false) == std::vector<std::string>{"D14 not-known attention [Task?status=requested]"});
    CHECK(said(true) == std::vector<std::string>{"D14 repaired info [Task?status=requested]"});
}

} // namespace fhirscope::tests
