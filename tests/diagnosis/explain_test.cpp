// The chain of stations for one resource, and what follows from it.

#include "diagnosis/explain.hpp"

#include "diagnosis/report.hpp"
#include "fhir/json.hpp"
#include "watch.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace fhirscope;
using namespace fhirscope::tests;
using diagnosis::Explanation;
using diagnosis::Reached;
using diagnosis::StationName;
using engine::Channel;

namespace {

std::string reached(const Explanation& e) { // one letter a station
    std::string text;
    for (const auto& station : e.stations)
        text += station.reached == Reached::Happened   ? 'y'
                : station.reached == Reached::DidNot   ? 'n'
                : station.reached == Reached::NotKnown ? '?'
                                                       : '-';
    return text;
}

} // namespace

TEST_CASE("what the socket brought has passed every station") {
    Stage stage;
    const auto index = stage.hold(task("1", "requested", "14:31:00"));
    stage.next_version(index, task("2", "accepted", "14:31:50"), Channel::Socket);
    const auto e = diagnosis::explain(*stage.publish(), "Task/t1");
    CHECK(reached(e) == "?yyyyyyy"); // the server was not asked since
    CHECK(e.known);
    CHECK_FALSE(e.stale);
    CHECK(e.verdict == "Last received 0.0 s ago, not compared.");
    CHECK(e.because.find("It was never compared with the server.") != std::string::npos);
    CHECK(e.at(StationName::Received).link == diagnosis::Link{diagnosis::Link::Kind::Update, 0});
}

TEST_CASE("a deletion that an event named and a read settled was told by the socket, whatever the old version's age") {
    Stage stage;
    const auto index = stage.hold(task("1", "requested", "06:00:00")); // before this session
    const bool is_named = GENERATE(true, false);
    engine::UpdateRow row = stage.update(index, Channel::Read, engine::Outcome::Applied);
    row.deleted = true;
    if (is_named) row.frame = stage.frame(engine::FrameKind::Event, "{}", 0);
    stage.change(index, [&](engine::Record& record) {
        auto gone = std::make_shared<engine::Version>();
        gone->last_updated = record.current().last_updated;
        gone->channel = Channel::Read;
        gone->received = stage.now();
        record.history.push_back(std::move(gone));
        record.compared_at = stage.now();
    });
    stage.push(row);
    const auto e = diagnosis::explain(*stage.publish(), "Task/t1");
    CHECK(e.at(StationName::Subscription).reached == Reached::Happened);
    CHECK(e.at(StationName::Notification).reached == (is_named ? Reached::Happened : Reached::DidNot));
    CHECK(e.severity == (is_named ? diagnosis::Severity::Info : diagnosis::Severity::Attention));
    CHECK((e.because.find("An event named it") != std::string::npos) == is_named);
}

TEST_CASE("while real time is down, what is shown may be old, and the chain breaks at the subscription") {
    Stage stage;
    const auto index = stage.hold(task("1", "requested", "14:31:00"));
    stage.next().at += 5s;
    stage.lose();
    stage.change(index, [](engine::Record& record) { record.standing = engine::Standing::Unconfirmed; });
    const auto e = diagnosis::explain(*stage.publish(), "Task/t1");
    CHECK(reached(e) == "?ynn---y");
    CHECK(e.stale);
    CHECK(e.stale_since == Stage::start() + 5s); // since the loss
    CHECK(e.verdict == "It may be stale: real time is down.");
    CHECK(e.because.find("socket closed (1006)") != std::string::npos);
    REQUIRE_FALSE(e.advice.empty());
    CHECK(e.advice.front().remedy == diagnosis::Remedy::ReadResource);
}

TEST_CASE("nothing is missing is said as of a comparison, and with what the server was asked") {
    Stage stage;
    const auto index = stage.hold(task("1", "requested", "14:31:00"));
    stage.next_version(index, task("2", "accepted", "14:31:50"), Channel::Socket);
    stage.next().at += 5s;
    stage.change(index, [&](engine::Record& record) { record.compared_at = stage.now(); });
    auto e = diagnosis::explain(*stage.publish(), "Task/t1");
    CHECK(reached(e) == "yyyyyyyy");
    CHECK(e.verdict == "Nothing is missing as of the comparison at 14:32:12 UTC.");

    engine::AskedView& asked = stage.next().asked;
    asked.reference = "Task/t1";
    asked.asked_at = stage.now();
    asked.pending = true;
    e = diagnosis::explain(*stage.publish(), "Task/t1");
    CHECK(e.verdict == "The server is being asked.");
    CHECK(e.at(StationName::Server).word == "is being asked");

    asked.pending = false;
    asked.read_at = asked.history_at = stage.now();
    asked.status = 200;
    asked.version_id = "2";
    asked.history_status = 200;
    asked.history = {{"2", {}, false}, {"1", {}, false}};
    e = diagnosis::explain(*stage.publish(), "Task/t1");
    CHECK(e.at(StationName::Server).word == "has this version");
    CHECK(e.at(StationName::Server).at == stage.now());
    CHECK(e.at(StationName::Server).text.find("History, the newest first: `2`, `1`.") != std::string::npos);

    SECTION("no other resource is spoken of") {
        asked.reference = "Task/t2";
        e = diagnosis::explain(*stage.publish(), "Task/t1");
        CHECK(e.at(StationName::Server).word == "changed");
    }
}

TEST_CASE("what left the view, and what nobody tells of any more, is never said to be complete") {
    Stage stage;
    const auto index = stage.hold(task("1", "requested", "14:31:00"));
    SECTION("out of view") {
        stage.change(index, [](engine::Record& record) { record.standing = engine::Standing::OutOfView; });
        const auto e = diagnosis::explain(*stage.publish(), "Task/t1");
        CHECK(e.stale);
        CHECK(e.verdict == "It is out of view.");
    }
    SECTION("the login has ended") {
        stage.next().at += 5s;
        stage.next().connection.phase = engine::Phase::LoginEnded;
        stage.subscription().unheard_since = stage.subscription().unheard_noticed = stage.now();
        const auto e = diagnosis::explain(*stage.publish(), "Task/t1");
        CHECK(e.stale);
        CHECK(e.verdict == "It may be stale: the login has ended.");
        CHECK(e.because.find("It was never compared with the server.") != std::string::npos);
    }
    SECTION("its subscription is deaf") {
        stage.next().at += 5s;
        stage.subscription().unheard_since = stage.subscription().unheard_noticed = stage.now();
        const auto e = diagnosis::explain(*stage.publish(), "Task/t1");
        CHECK(e.stale);
        CHECK(e.stale_since == stage.now());
        CHECK(e.at(StationName::Server).reached == Reached::NotKnown);
    }
}

TEST_CASE("what left the criteria names the clause that it fails") {
    Stage stage;
    stage.next().subscriptions.clear();
    stage.subscribe("Task?intent=order&status=requested,accepted");
    const auto index = stage.hold(task("1", "requested", "14:31:00"));
    stage.next().at += 5s;
    stage.next_version(index, task("2", "completed", "14:31:50"), Channel::Read);
    const auto e = diagnosis::explain(*stage.publish(), "Task/t1");
    CHECK(e.at(StationName::Criteria).reached == Reached::DidNot);
    CHECK(e.at(StationName::Criteria).text.find("status=requested,accepted") != std::string::npos);
    CHECK(e.at(StationName::Notification).reached == Reached::DidNot);
    CHECK(e.verdict == "It left the subscription when it changed.");
}

TEST_CASE("a rejected version stops at validation, with its reason") {
    Stage stage;
    const auto index = stage.hold(task("1", "requested", "14:31:00"));
    stage.next_version(index, task("1", "requested", "14:31:00"), Channel::Socket);
    auto row = stage.update(index, Channel::Socket, engine::Outcome::Rejected);
    stage.push(row);
    stage.reject({1, "Task/t1", "validate", engine::said("status is missing"), nullptr});
    const auto e = diagnosis::explain(*stage.publish(), "Task/t1");
    CHECK(e.at(StationName::Received).reached == Reached::Happened);
    CHECK(e.at(StationName::Validated).reached == Reached::DidNot);
    CHECK(e.at(StationName::Validated).text.find("status is missing") != std::string::npos);
    CHECK(e.at(StationName::Applied).reached == Reached::NotReached);
    CHECK(e.stale);
}

TEST_CASE("a type that nobody watches, and a resource that nobody named") {
    Stage stage;
    auto e = diagnosis::explain(*stage.publish(), "Device/d1");
    CHECK_FALSE(e.known);
    CHECK(e.at(StationName::Criteria).word == "not watched");
    e = diagnosis::explain(*stage.publish(), "Task/unknown");
    CHECK_FALSE(e.known);
    CHECK(e.at(StationName::Server).reached == Reached::NotKnown);
    CHECK(e.verdict == "Nothing is known of it.");
}

TEST_CASE("a difference that a comparison found") {
    Stage stage;
    stage.hold(task("1", "requested", "14:31:00"));
    stage.next().at += 1s;
    stage.next().verify.state = engine::VerifyView::State::Different;
    stage.next().verify.at = stage.now();
    stage.next().verify.differences = {{.code = FactCode::OtherVersion, .about = "Task/t1", .name = "1", .words = "2"}};
    const auto e = diagnosis::explain(*stage.publish(), "Task/t1");
    CHECK(e.stale);
    CHECK(e.verdict == "The store differs from the server.");
    CHECK(e.at(StationName::Server).text.find("the server has 2") != std::string::npos);
}

TEST_CASE("what changed during an outage says so when it was found later") {
    Stage stage;
    const auto index = stage.hold(task("1", "requested", "14:31:00"));
    stage.lose();
    stage.next().at += 30s;
    stage.come_back();
    stage.next().at += 1s;
    // By the clock of the stage: 20 s after the loss.
    stage.next_version(index, task("2", "accepted", "14:32:27"), Channel::CatchUp);
    const auto e = diagnosis::explain(*stage.publish(), "Task/t1");
    CHECK(e.at(StationName::Subscription).word == "was down then");
    CHECK(e.verdict == "It changed while real time was down, and was found later.");
    CHECK_FALSE(e.stale);
}

TEST_CASE("as text and as JSON") {
    Stage stage;
    stage.hold(task("1", "requested", "14:31:00"));
    stage.lose(closed(1006, "\"quoted\""));
    const auto snapshot = stage.publish();
    stage.diagnosis.update(snapshot);
    const auto e = diagnosis::explain(*snapshot, "Task/t1");
    CHECK(diagnosis::to_text(e).str().find("Task/t1: ") == 0);
    CHECK(diagnosis::to_text(e).str().find('`') == std::string::npos);
    fhir::JsonWriter json;
    diagnosis::write(json, e);
    const auto parsed = fhir::parse_json(json.take());
    REQUIRE(parsed);
    CHECK(parsed->IsObject());
}

TEST_CASE("what a server says forges no line of a report and steers no terminal") {
    Stage stage;
    stage.hold(task("1", "requested", "14:31:00"));
    stage.lose(closed(4001, "bye \x1b[2J\r\nD37  error  fake\u202e\xff"));
    stage.diagnosis.update(stage.publish());
    const auto finding = open_one(stage.diagnosis, "D37");
    REQUIRE(finding);
    const std::string text = diagnosis::to_text(*finding).str();
    CHECK(text.find("bye \\x1b[2J\\r\\nD37  error  fake\\u202e\\xff") != std::string::npos);
    CHECK(text.find_first_of("\x1b\r") == std::string::npos);
}
