#pragma once
// Incidents that say all that one can say, filled by hand: what a window has to have room for.

#include "diagnosis/incident.hpp"
#include "support/synthetic_snapshot.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace fhirscope::tests {

inline LocalTime before_now(double seconds) {
    return Synthetic::now() - std::chrono::microseconds(static_cast<std::int64_t>(seconds * 1e6));
}

// "Task was deaf": over and repaired, with every list filled.
inline diagnosis::Incident deaf_incident() {
    using namespace diagnosis;
    using Kind = Consequence::Kind;
    Incident one;
    one.number = 8;
    one.effect = Effect::Hearing;
    one.cause = CauseCode::SubscriptionGone;
    one.id = "D6";
    one.scope = "Task";
    one.about = {"Task/f04a6c18-2b1d-4c05-9d3e-000000000001", "Task/57be2d91-2b1d-4c05-9d3e-000000000002"};
    one.severity = Severity::Error;
    one.state = IncidentState::Repaired;
    one.headline = "Task was deaf: the server no longer had its Subscription";
    one.title = "The server no longer had its Subscription";
    one.explanation = "The Subscription is gone on the server, so nothing is sent for it.";
    one.from = before_now(280);
    one.noticed = before_now(245.2);
    one.decided = before_now(245);
    one.to = before_now(244.9);
    one.confidence = 97;
    one.missed = 12;
    one.recovered = 12;
    one.deleted = 2;
    one.affects = 14;
    one.cause_station = {
        before_now(287), before_now(280), "Subscription gone",
        "`c2a87f36` was removed, not by us. Its last frame came at 14:26:20, the first missing one was "
        "due at 14:26:27.",
        "GET 404, frame log"};
    one.effect_station = {before_now(280), before_now(244.9), "Task was deaf",
                          "12 changes and 2 deletions of Task were made, none was sent. Socket and heartbeats went on.",
                          "history of Task, frame log"};
    one.noticed_station = {before_now(245.2), before_now(245.2), "by the 60 s check",
                           "A search found `Task/f04a6c18` newer than any frame or answer so far.",
                           "search by _lastUpdated"};
    one.repaired_station = {before_now(244.9), before_now(244.9), "subscribed again",
                            "`77b0e3d2` is bound in its place. The catch-up search found 12 of 12, 2 reads confirmed "
                            "the deletions.",
                            "connection log"};
    one.followed = {
        {Kind::Missed, 12, "changes missed", {Link::Kind::Update, 19000, {}}},
        {Kind::Recovered,
         12,
         "recovered by the catch-up search, after 34.8 s at most",
         {Link::Kind::Update, 19001, {}}},
        {Kind::DeletionsLate, 2, "deletions found by reads (410)", {Link::Kind::Update, 19002, {}}},
        {Kind::Polling, 3, "polls in place of real time, for 34.8 s at most", {Link::Kind::Resource, 0, one.about[0]}},
        {Kind::NeverSeen, 1, "superseded before anybody saw it, and met by an edit", {Link::Kind::Conflict, 641, {}}}};
    one.ruled_out = {{CauseCode::DeletionsSilent, true, "48 of 48 were, before 14:26:20"},
                     {CauseCode::SocketClosed, true, "Patient frames went on, 0.4 s apart"},
                     {CauseCode::BindingEnded, true, "valid until 15:16:19"},
                     {CauseCode::LoginEnded, true, "31 requests answered 200"},
                     {CauseCode::LeftCriteria, false, "the versions of that time are no longer on the server"}};
    one.decisive = {"Does a read of the Subscription answer 404 while socket and login work?", Verdict::Passed,
                    "it answered 404"};
    one.negative = {"A read of the Subscription answers 200.", Verdict::Failed, "none did"};
    one.evidence = {
        {before_now(245), "The read of the Subscription answered 404", {Link::Kind::Event, 2, {}}},
        {before_now(245.2), "A search found a version that no frame had brought", {Link::Kind::Update, 19000, {}}},
        {before_now(250), "A heartbeat listed the dead id", {Link::Kind::Frame, 200, {}}},
        {before_now(260), "A version was newer on the server", {Link::Kind::Resource, 0, one.about[1]}}};
    one.evidence_count = 9;
    one.observations = {{Seen::Gone, "Task", 1, before_now(245), before_now(245), 404},
                        {Seen::Unlisted, "Task", 3, before_now(275), before_now(255), 0},
                        {Seen::MissedRecovered, "Task", 12, before_now(245.1), before_now(244.9), 0}};
    std::swap(one.observations[0], one.observations[1]);
    one.observations_left_out = 2;
    one.advice = {{"Find who removes Subscriptions.", "Repairs the cause. One search in the server's audit log."},
                  {"Check for deafness every 20 s.", "Limits staleness to 20 s. 3 requests a minute and type."}};
    one.command =
        "curl -H \"Authorization: Bearer $TOKEN\" \"$BASE/Subscription/c2a87f36-2b1d-4c05-9d3e-0123456789ab\"";
    return one;
}

// One that goes on, and of which not everything can be known.
inline diagnosis::Incident refused_incident() {
    using namespace diagnosis;
    Incident one;
    one.number = 11;
    one.effect = Effect::Access;
    one.cause = CauseCode::NotPermitted;
    one.alternatives = {CauseCode::LoginEnded, CauseCode::FeatureOff};
    one.id = "D13";
    one.scope = "Basic";
    one.severity = Severity::Error;
    one.headline = "Basic is refused: the login may not read it (HTTP 403)";
    one.title = "The login may not read it";
    one.from = before_now(31);
    one.noticed = before_now(30.5);
    one.recovered = 0;
    one.confidence = 60;
    one.cause_station = {before_now(31), before_now(31), "Refused", "The search for Basic was answered with 403.",
                         "connection log"};
    one.advice = {
        {"Ask for the right to read Basic.", "Repairs the cause.", Remedy::None},
        {"Compare everything with the server.", "Shows what was missed. One search a type.", Remedy::CompareAll}};
    return one;
}

// As many as a list may have: these two, and others in every state.
inline std::vector<diagnosis::IncidentPtr> some_incidents() {
    using namespace diagnosis;
    std::vector<IncidentPtr> all;
    all.push_back(std::make_shared<const Incident>(refused_incident()));
    const auto add = [&](std::uint64_t number, double from, double to, IncidentState state, std::string headline,
                         std::string scope, Severity severity, CauseCode cause, int confidence) {
        Incident one;
        one.number = number;
        one.cause = cause;
        one.id = "D1";
        one.headline = std::move(headline);
        one.scope = std::move(scope);
        one.severity = severity;
        one.state = state;
        one.from = before_now(from);
        one.to = state == IncidentState::GoingOn ? LocalTime{} : before_now(to);
        one.noticed = before_now(from - 1);
        one.confidence = confidence;
        one.missed = one.recovered = one.deleted = number == 10 ? 1 : 0;
        all.push_back(std::make_shared<const Incident>(std::move(one)));
    };
    add(10, 120, 60, IncidentState::Repaired, "A Task left its Subscription when it was completed", "Task",
        Severity::Attention, CauseCode::LeftCriteria, 98);
    add(9, 207, 195, IncidentState::Repaired, "The socket was closed: the server restarted (1012)", "", Severity::Error,
        CauseCode::Restarted, 100);
    all.push_back(std::make_shared<const Incident>(deaf_incident()));
    add(7, 500, 499, IncidentState::Ended, "Access token expired (401), renewed at the second try", "", Severity::Info,
        CauseCode::LoginRenewed, 100);
    add(6, 600, 590, IncidentState::NotKnown, "Patient was late: the server sends changes late", "Patient",
        Severity::Attention, CauseCode::ServerLate, 40);
    return all;
}

} // namespace fhirscope::tests
