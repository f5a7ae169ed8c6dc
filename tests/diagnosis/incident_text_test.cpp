// An incident as text and as JSON.

#include "diagnosis/incident_text.hpp"

#include "diagnosis/causes/table.hpp"
#include "fhir/json.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <chrono>
#include <set>

using namespace fhirscope;
using namespace fhirscope::diagnosis;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr LocalTime noon{1'773'316'800s}; // 2026-03-12T12:00:00Z

Incident deaf_task() {
    Incident incident;
    incident.number = 8;
    incident.effect = Effect::Hearing;
    incident.cause = CauseCode::SubscriptionGone;
    incident.id = "D6";
    incident.scope = "Task";
    incident.about = {"Task"};
    incident.severity = Severity::Error;
    incident.state = IncidentState::Repaired;
    incident.headline = "Task was deaf: the server no longer had its Subscription";
    incident.title = "The server no longer had its Subscription";
    incident.explanation = "It was deleted there.";
    incident.from = noon;
    incident.to = noon + 35'100ms;
    incident.noticed = noon + 34'800ms;
    incident.confidence = 97;
    incident.missed = 12;
    incident.recovered = 12;
    incident.cause_station = {noon - 7s, noon, "Subscription gone", "`c2a87f36` was removed.", "GET 404, frame log"};
    incident.noticed_station = {noon + 34'800ms, noon + 34'800ms, "by the 60 s check", "", ""};
    incident.followed = {{Consequence::Kind::Missed, 12, "changes missed", {}},
                         {Consequence::Kind::DeletionsLate,
                          2,
                          "deletions found late",
                          {Link::Kind::Resource, 0, "Task/f04a6c18-1111-4222-8333-123456789012"}}};
    incident.ruled_out = {{CauseCode::LoginEnded, true, "31 requests answered 200"},
                          {CauseCode::EventsLost, false, "the history was not asked"}};
    incident.decisive = {"Does the server answer 404?", Verdict::Passed, "it did"};
    incident.negative = {"Did it bring an event since?", Verdict::Failed, "it did not"};
    for (int i = 3; i-- > 0;)
        incident.evidence.push_back({noon + i * 10s, "missed " + std::to_string(i), {Link::Kind::Frame, 40}, {}});
    incident.evidence_count = 3;
    incident.observations = {{Seen::Closed, "", 1, noon, noon, 1006},
                             {Seen::Unlisted, "Task", 4, noon + 10s, noon + 30s, 0}};
    incident.observations_left_out = 5;
    incident.advice = {{"Find who removes Subscriptions", "Repairs the cause."}};
    incident.command = "curl -H \"Authorization: Bearer $TOKEN\" \"$BASE/Subscription/c2a87f36\"";
    return incident;
}

rapidjson::Document json_of(const Incident& incident) {
    fhir::JsonWriter json;
    write(json, incident);
    auto parsed = fhir::parse_json(json.take());
    REQUIRE(parsed);
    return std::move(*parsed);
}

} // namespace

TEST_CASE("an incident's text has all that is known of it, in the order in which it is read") {
    const std::string text = to_text(deaf_task()).str();
    std::size_t at = 0;
    for (const char* part :
         {"## Task was deaf: the server no longer had its Subscription\n",
          "Incident 8: cause D6 subscription-gone, error, repaired, confidence 97 %\n",
          "From 2026-03-12T12:00:00.000Z to 2026-03-12T12:00:35.100Z (35.1 s), noticed 12:00:34.800\n",
          "Concerns Task\n",
          "Resources: 12 missed, 12 recovered, deleted ?\n",
          "It was deleted there.\n",
          "- Cause, 11:59:53.000 – 12:00:00.000: Subscription gone. c2a87f36 was removed. (GET 404, frame log)\n",
          "- Noticed, 12:00:34.800: by the 60 s check\n",
          "- 12 changes missed\n",
          "- 2 deletions found late [Task/f04a6c18-1111-4222-8333-123456789012]\n",
          "- D39 login-ended (the login has ended): 31 requests answered 200\n",
          ": not tested, the history was not asked\n",
          "- Confirmed by: Does the server answer 404? passed: it did\n",
          "- Ruled out if: Did it bring an event since? failed: it did not\n",
          "\n    curl -H \"Authorization: Bearer $TOKEN\"",
          "### Evidence: 3\n",
          "- 12:00:00.000  missed 0 [frame 40]\n",
          "- 12:00:20.000  missed 2",
          "### Observations\n\n- 12:00:00.000  The socket was closed from the other end (1006)\n",
          "- 12:00:10.000 – 12:00:30.000, 4 times  A heartbeat did not list the Subscription: Task\n",
          "- 5 more, not kept\n",
          "1. Find who removes Subscriptions. Repairs the cause.\n"}) {
        INFO(text << "\nlooked for: " << part);
        at = text.find(part, at);
        REQUIRE(at != std::string::npos);
    }
}

TEST_CASE("a long list of evidence is summed up with the first, the last and the count") {
    Incident incident = deaf_task();
    incident.evidence.clear();
    for (int i = 20; i-- > 0;) incident.evidence.push_back({noon + i * 1s, "missed " + std::to_string(i), {}, {}});
    incident.evidence_count = 20;
    std::string text = to_text(incident).str();
    CHECK_THAT(text, ContainsSubstring("### Evidence: 20\n") &&
                         ContainsSubstring("- first: 12:00:00.000  missed 0\n") &&
                         ContainsSubstring("- last: 12:00:19.000  missed 19\n") && !ContainsSubstring("missed 7"));
    incident.evidence_count = 400;
    text = to_text(incident).str();
    CHECK_THAT(text, ContainsSubstring("### Evidence: 400\n") && ContainsSubstring("- first of those kept: "));
}

TEST_CASE("an incident that goes on has no end, and lasts as long as the session says") {
    Incident incident = deaf_task();
    incident.state = IncidentState::GoingOn;
    incident.to = {};
    CHECK_THAT(to_text(incident).str(), ContainsSubstring("From 2026-03-12T12:00:00.000Z, noticed"));
    CHECK_THAT(to_text(incident, noon + 134s).str(), ContainsSubstring("2026-03-12T12:00:00.000Z (2 m 14 s), noticed"));
    CHECK_THAT(to_line(incident, noon + 134s).str(), ContainsSubstring(" for 2 m 14 s "));
    const auto json = json_of(incident);
    CHECK(json["to"].IsNull());
    CHECK(json["lasted_ms"].IsNull());
    CHECK(json["state"] == "going-on");
}

TEST_CASE("an incident has a line for lists") {
    CHECK(to_line(deaf_task()).str() ==
          "D6   error      2026-03-12T12:00:00.000Z for 35.1 s    repaired: Task was deaf: the server no longer had "
          "its Subscription (12 missed, 12 recovered, deleted ?)\n");
}

TEST_CASE("an incident's JSON has codes for scripts, and null for what cannot be known") {
    Incident incident = deaf_task();
    incident.alternatives = {CauseCode::BindingEnded};
    const auto json = json_of(incident);
    CHECK(json["number"].GetUint64() == 8);
    CHECK(json["id"] == "D6");
    CHECK(json["cause"] == "subscription-gone");
    CHECK(json["alternatives"][0] == "binding-ended");
    CHECK(json["effect"] == "hearing");
    CHECK(json["state"] == "repaired");
    CHECK(json["severity"] == "error");
    CHECK(json["scope"] == "Task");
    CHECK(json["from"] == "2026-03-12T12:00:00.000Z");
    CHECK(json["to"] == "2026-03-12T12:00:35.100Z");
    CHECK(json["lasted_ms"].GetInt64() == 35'100);
    CHECK(json["decided"].IsNull());
    CHECK(json["missed"].GetUint64() == 12);
    CHECK(json["deleted"].IsNull());
    CHECK(json["stations"]["cause"]["what"] == "Subscription gone");
    CHECK(json["stations"]["repaired"].IsNull());
    CHECK(json["followed"][1]["kind"] == "deletions-late");
    CHECK(json["followed"][1]["link"]["reference"] == "Task/f04a6c18-1111-4222-8333-123456789012");
    CHECK(json["ruled_out"][1]["cause"] == "events-lost");
    CHECK(json["ruled_out"][1]["tested"].IsFalse());
    CHECK(json["evidence"][0]["link"]["number"].GetUint64() == 40);
    CHECK(json["evidence"][0]["code"].IsNull());
    CHECK(json["evidence_count"].GetUint64() == 3);
    CHECK(json["observations"][0]["seen"] == "closed");
    CHECK(json["observations"][0]["criteria"].IsNull());
    CHECK(json["observations"][0]["status"].GetInt() == 1006);
    CHECK(json["observations"][1]["criteria"] == "Task");
    CHECK(json["observations"][1]["count"].GetUint64() == 4);
    CHECK(json["observations"][1]["last"] == "2026-03-12T12:00:30.000Z");
    CHECK(json["observations_left_out"].GetUint64() == 5);
    CHECK(json["advice"][0]["do"] == "Find who removes Subscriptions");
    incident.scope.clear();
    incident.command.clear();
    CHECK(json_of(incident)["scope"].IsNull());
    CHECK(json_of(incident)["command"].IsNull());
}

TEST_CASE("what a server says in an incident does no harm to a terminal") {
    Incident incident = deaf_task();
    incident.headline = "a\x1b[2Jb\n## c";
    incident.evidence[0].text = "\xe2\x80\xae";
    for (const std::string& text : {to_text(incident).str(), to_line(incident).str()}) {
        CHECK(text.find('\x1b') == std::string::npos);
        CHECK(text.find("\xe2\x80\xae") == std::string::npos);
        CHECK(text.find("\n## c") == std::string::npos);
    }
}

TEST_CASE("a resource has the name that people call it by in the text, and its reference alone in JSON") {
    Incident incident = deaf_task();
    incident.about = {"Task", "Task/1", "Task/2"};
    incident.evidence[0].link = {Link::Kind::Resource, 0, "Task/1"};
    const auto name_of = [](std::string_view reference) {
        return std::string(reference == "Task/1" ? "Maria Weber" : "");
    };
    CHECK_THAT(to_text(incident, {}, name_of).str(), ContainsSubstring("About Task/1 (Maria Weber), Task/2\n") &&
                                                         ContainsSubstring("missed 2 [Task/1] (Maria Weber)\n"));
    CHECK_THAT(to_text(incident).str(), !ContainsSubstring("Weber"));
    CHECK(json_of(incident)["about"][1] == "Task/1");
    for (int i = 3; i < 20; ++i) incident.about.push_back("Task/" + std::to_string(i));
    CHECK_THAT(to_text(incident).str(), ContainsSubstring("Task/8 and 11 more\n"));
}

TEST_CASE("every observation has a code of its own and a sentence") {
    std::set<std::string_view> codes;
    for (std::size_t i = 0; i < seen_kinds; ++i) {
        const auto seen = static_cast<Seen>(i);
        codes.insert(to_string(seen));
        CHECK(text({.seen = seen}).size() > 15);
    }
    CHECK(codes.size() == seen_kinds);
    CHECK(text({.seen = Seen::Gone, .criteria = "Task", .status = 404}) ==
          "The Subscription was not there when it was asked after (HTTP 404): Task");
}

TEST_CASE("how long it lasted is written in one form") {
    CHECK(lasting_text(0us) == "0 ms");
    CHECK(lasting_text(412ms) == "412 ms");
    CHECK(lasting_text(1180ms) == "1.18 s");
    CHECK(lasting_text(35'100ms) == "35.1 s");
    CHECK(lasting_text(134s) == "2 m 14 s");
    CHECK(lasting_text(2h + 41min) == "2 h 41 m");
    CHECK(lasting_text(50h) == "2 d 2 h");
}
