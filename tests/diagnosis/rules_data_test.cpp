// Rules about what was brought and what is shown. Each rule fires on its evidence, stays silent where that is refuted,
// and closes when the evidence is gone.

#include "watch.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace fhirscope;
using namespace fhirscope::tests;
using diagnosis::Link;
using diagnosis::Severity;
using engine::Channel;
using engine::FrameKind;
using engine::Outcome;

TEST_CASE("D10: a version found by a search that no longer matches the criteria") {
    Stage stage;
    stage.next().subscriptions.clear();
    stage.subscribe("Task?status=requested");
    const auto index = stage.hold(task("1", "requested"));
    stage.look();
    const bool leaves = GENERATE(true, false);
    stage.next().at += 5s;
    stage.next_version(index, task("2", leaves ? "completed" : "requested", "10:00:05"), Channel::Read);
    const auto finding = open_one(stage.look(), "D10");
    REQUIRE((finding != nullptr) == leaves);
    if (!finding) return;
    CHECK(finding->subject == "Task?status=requested");
    CHECK(finding->evidence.at(0).link.reference == "Task/t1");
    CHECK(finding->affects == 1);
    for (int i = 0; i < 31; ++i) {
        stage.next().at += 10s;
        stage.beat();
        stage.look();
    }
    CHECK_FALSE(open_one(stage.diagnosis, "D10"));
}

TEST_CASE("D11: criteria that the server's matcher does not understand, until they bring something") {
    Stage stage;
    stage.next().subscriptions.clear();
    stage.subscribe("Task?status:in=http://example.org/vs");
    stage.subscription().events = 0;
    const bool lints = !fhir::Criteria::parse(stage.subscription().criteria)->lint().empty();
    REQUIRE(lints);
    CHECK(open_one(stage.look(), "D11"));
    stage.subscription().events = 1;
    CHECK_FALSE(open_one(stage.look_after(1s), "D11"));
}

TEST_CASE("D12: a read that is answered with 404 for something shown") {
    Stage stage;
    stage.say(Fact{.code = FactCode::ReadHidden, .about = "Task/t1"}.because(answered(404, "Not found")));
    CHECK(open_one(stage.look(), "D12"));
    stage.say(Fact{.code = FactCode::ReadFailed, .about = "Task/t2"}.because(answered(410, "Gone")));
    CHECK(open_one(stage.look_after(1s), "D12")->count == 1);
    CHECK_FALSE(open_one(stage.look_after(6min), "D12"));
}

TEST_CASE("D14: a hole in the numbers, until $events or a search filled it") {
    Stage stage;
    stage.say({.code = FactCode::GapAsked, .about = "Task", .count = 2, .from = 2, .to = 4}, 0);
    CHECK(open_one(stage.look(), "D14"));
    stage.next().at += 1s;
    SECTION("$events") { stage.say({.code = FactCode::ReplayBrought, .about = "Task", .count = 2}, 0); }
    SECTION("a search") { stage.subscription().since = stage.now(); }
    CHECK_FALSE(open_one(stage.look(), "D14"));
}

TEST_CASE("D15: what a search found and the socket never brought") {
    Stage stage;
    const bool after_outage = GENERATE(true, false);
    stage.say({.code = after_outage ? FactCode::MissedRecovered : FactCode::MissedFound,
               .about = "Task/t1",
               .name = "1a2b3c4d"},
              0);
    const auto finding = open_one(stage.look(), "D15");
    REQUIRE(finding);
    CHECK(finding->severity == (after_outage ? Severity::Info : Severity::Attention));
    CHECK(finding->subject == "Task");
    CHECK(finding->evidence.at(0).link.reference == "Task/t1");
    CHECK_FALSE(open_one(stage.look_after(6min), "D15"));
}

namespace {

// From the start of the stage.
engine::UpdateRow changed_at(engine::UpdateRow row, std::chrono::seconds when) {
    row.changed = ServerTime(std::chrono::floor<std::chrono::milliseconds>(Stage::start().time_since_epoch()) + when);
    return row;
}

} // namespace

TEST_CASE("D16 and D18: out of order, and again; through another subscription it is no duplicate") {
    Stage stage;
    stage.subscribe("Task?status=requested");
    const auto index = stage.hold(task("1", "requested"));
    stage.push(changed_at(stage.update(index, Channel::Socket, Outcome::Applied), 2s));
    stage.push(changed_at(stage.update(index, Channel::Socket, Outcome::OutOfOrder), 1s));
    CHECK(open_one(stage.look(), "D16", "Task"));
    CHECK_FALSE(open_one(stage.diagnosis, "D18"));
    engine::UpdateRow other = stage.update(index, Channel::Socket, Outcome::Duplicate);
    other.subscription = 1;
    stage.push(other);
    CHECK_FALSE(open_one(stage.look_after(1s), "D18"));
    stage.push(other);
    CHECK(open_one(stage.look_after(1s), "D18"));
    stage.look_after(2min);
    CHECK_FALSE(open_one(stage.diagnosis, "D16"));
    CHECK_FALSE(open_one(stage.diagnosis, "D18"));
}

TEST_CASE("D16 is silent where a search and an event overtook each other: that is no order of the socket") {
    Stage stage;
    stage.subscribe("Task?status=requested");
    const auto first = stage.hold(task("1", "requested")), second = stage.hold(task("2", "requested"));
    stage.push(changed_at(stage.update(first, Channel::Socket, Outcome::Applied), 2s));
    stage.push(changed_at(stage.update(first, Channel::Baseline, Outcome::OutOfOrder), 1s));
    stage.push(changed_at(stage.update(second, Channel::CatchUp, Outcome::Applied), 2s));
    stage.push(changed_at(stage.update(second, Channel::Socket, Outcome::OutOfOrder), 1s));
    CHECK_FALSE(open_one(stage.look(), "D16"));
}

TEST_CASE("a version of the greatest length is named whole, and no further") {
    Stage stage;
    const auto index = stage.hold(task("1", "requested"));
    stage.push(changed_at(stage.update(index, Channel::Socket, Outcome::Applied), 2s));
    engine::UpdateRow row = changed_at(stage.update(index, Channel::Socket, Outcome::OutOfOrder), 1s);
    row.version.fill('v');
    stage.push(row);
    row.received += std::chrono::microseconds(1); // what follows the first row in memory is no zero
    stage.push(row);
    const auto finding = open_one(stage.look(), "D16", "Task");
    REQUIRE(finding);
    CHECK(finding->evidence.at(0).text ==
          "Task/t1 version " + std::string(row.version.size(), 'v') + " came after a newer one");
}

TEST_CASE("D17: a comparison finds the local version newer than the server's; a later one refutes it") {
    Stage stage;
    engine::Conflict drift;
    drift.number = 1;
    drift.at = stage.now();
    drift.kind = engine::ConflictKind::Drift;
    drift.reference = "Task/t1";
    drift.local = fhir::parse_resource(task("2", "completed", "11:00:00")).value();
    drift.server = fhir::parse_resource(task("1", "requested", "10:00:00")).value();
    const bool regressed = GENERATE(true, false);
    if (!regressed) std::swap(drift.local, drift.server);
    drift.outcome = engine::ConflictOutcome::ReadAgain;
    stage.conflict(drift);
    REQUIRE((open_one(stage.look(), "D17") != nullptr) == regressed);
    stage.next().verify.state = engine::VerifyView::State::Equal;
    stage.next().verify.at = stage.now() + 1s;
    CHECK_FALSE(open_one(stage.look_after(1s), "D17"));
}

TEST_CASE("D19: the same criteria twice, whatever their order") {
    Stage stage;
    stage.next().subscriptions.clear();
    stage.subscribe("Task?status=requested,accepted&priority=stat");
    const bool same = GENERATE(true, false);
    stage.subscribe(same ? "Task?priority=stat&status=accepted,requested" : "Task?status=requested&priority=stat");
    CHECK((open_one(stage.look(), "D19") != nullptr) == same);
    stage.next().subscriptions.pop_back();
    CHECK_FALSE(open_one(stage.look_after(1s), "D19"));
}

TEST_CASE("D20: the queue stays filled for ten seconds") {
    Stage stage;
    const std::uint32_t depth = GENERATE(10U, 500U);
    const auto second = std::chrono::floor<std::chrono::seconds>(stage.now().time_since_epoch()).count();
    for (int i = 0; i < 12; ++i) {
        engine::SecondBucket bucket;
        bucket.second = second - 12 + i;
        bucket.queue_max = depth;
        bucket.updates[0] = 900;
        stage.second(bucket);
    }
    stage.next().queue_size = depth;
    CHECK((open_one(stage.look(), "D20") != nullptr) == (depth == 500));
    stage.next().queue_size = 0;
    CHECK_FALSE(open_one(stage.look_after(1s), "D20"));
}

TEST_CASE("D21: at this rate the slowest updates take more time than there is") {
    Stage stage;
    const auto index = stage.hold(task("1", "requested"));
    const std::uint32_t nanos = GENERATE(20'000'000U, 20'000U);
    for (int i = 0; i < 200; ++i) {
        engine::UpdateRow row = stage.update(index, Channel::Socket, Outcome::Applied);
        row.received = row.dequeued = stage.now() - 2s + i * 10ms;
        stage.push(row, engine::StageTimes{{nanos, 10, 10, 10, 10}});
    }
    stage.next().queue_size = 5;
    const auto finding = open_one(stage.look(), "D21");
    REQUIRE((finding != nullptr) == (nanos == 20'000'000U));
    if (finding) CHECK(finding->subject == "validate");
    stage.next().queue_size = 0;
    CHECK_FALSE(open_one(stage.look_after(1s), "D21"));
}

TEST_CASE("D22 and D54: the longer part of the way is named, the server's or the network's") {
    Stage stage;
    const auto index = stage.hold(task("1", "requested"));
    const auto network = GENERATE(20ms, 3'000ms, 6'000ms);
    for (int i = 0; i < 10; ++i) {
        engine::UpdateRow row = stage.update(index, Channel::Socket, Outcome::Applied);
        row.sent = ServerTime(std::chrono::floor<std::chrono::milliseconds>(stage.now().time_since_epoch()) - network);
        row.changed = row.sent - 4s;
        stage.push(row);
    }
    CHECK((open_one(stage.look(), "D22") != nullptr) == (network < 4s));
    CHECK((open_one(stage.look(), "D54") != nullptr) == (network > 4s));
    CHECK_FALSE(open_one(stage.look_after(2min), "D22"));
    CHECK_FALSE(open_one(stage.look(), "D54"));
}

TEST_CASE("D23: a clock offset beyond a second and beyond what the round trip explains") {
    Stage stage;
    stage.next().connection.clock_known = true;
    stage.next().connection.clock_offset = -90s;
    stage.next().connection.clock_uncertainty =
        GENERATE(std::chrono::microseconds(50ms), std::chrono::microseconds(2min));
    const bool known = stage.next().connection.clock_uncertainty < 1s;
    CHECK((open_one(stage.look(), "D23") != nullptr) == known);
    stage.next().connection.clock_offset = 3ms;
    CHECK_FALSE(open_one(stage.look_after(1s), "D23"));
}

TEST_CASE("D25: an event that brought no update, and a read after it") {
    Stage stage;
    const auto index = stage.hold(task("1", "requested"));
    const std::uint64_t frame = stage.frame(FrameKind::Event, "{}", 0);
    const bool carried = GENERATE(false, true);
    if (carried) {
        engine::UpdateRow row = stage.update(index, Channel::Socket, Outcome::Applied);
        row.frame = frame;
        stage.push(row);
    }
    stage.next().at += 1s;
    stage.push(stage.update(index, Channel::Read, Outcome::Duplicate));
    stage.look_after(2s);
    CHECK((open_one(stage.diagnosis, "D25") != nullptr) == !carried);
    CHECK_FALSE(open_one(stage.look_after(2min), "D25"));
}

TEST_CASE("D26: a deletion that a search found while real time was live; in a gap it is expected") {
    Stage stage;
    const auto index = stage.hold(task("1", "requested"));
    const bool gap = GENERATE(false, true);
    stage.subscription().last_event = stage.now() - 5s;
    if (gap) {
        stage.lose();
        stage.next().at += 10s;
    }
    engine::UpdateRow row = stage.update(index, Channel::CatchUp, Outcome::Applied);
    row.deleted = true;
    row.changed = ServerTime(std::chrono::floor<std::chrono::milliseconds>(stage.now().time_since_epoch()) - 1s);
    stage.push(row);
    if (gap) stage.come_back();
    CHECK_FALSE(open_one(stage.look(), "D26")); // it may be that the subscription is deaf
    stage.next().at += 1s;
    stage.subscription().last_event = stage.now();
    CHECK_FALSE(open_one(stage.look(), "D26")); // it may come yet
    CHECK((open_one(stage.look_after(10s), "D26") != nullptr) == !gap);
    CHECK_FALSE(open_one(stage.look_after(6min), "D26"));
}

TEST_CASE("D26: a deletion that an event named was announced, though a read had to say what it was") {
    Stage stage;
    const auto index = stage.hold(task("1", "requested"));
    engine::UpdateRow row = stage.update(index, Channel::Read, Outcome::Applied);
    row.deleted = true;
    row.frame = stage.frame(FrameKind::Event, "{}");
    stage.push(row);
    CHECK_FALSE(open_one(stage.look(), "D26"));
}

TEST_CASE("D26 waits for events that are late: what they tell of must be of after the deletion") {
    Stage stage;
    const auto gone = stage.hold(task("1", "requested")), other = stage.hold(task("2", "requested"));
    engine::UpdateRow row = changed_at(stage.update(gone, Channel::CatchUp, Outcome::Applied), -2s);
    row.deleted = true;
    stage.push(row);
    stage.push(changed_at(stage.update(other, Channel::Socket, Outcome::Applied), -3s));
    stage.look();
    stage.subscription().last_event = stage.now() + 1s;
    CHECK_FALSE(open_one(stage.look_after(20s), "D26"));
    const bool announced = GENERATE(false, true);
    if (announced) stage.push(stage.update(gone, Channel::Socket, Outcome::Superseded));
    stage.push(changed_at(stage.update(other, Channel::Socket, Outcome::Applied), -1s));
    CHECK((open_one(stage.look_after(1s), "D26") != nullptr) == !announced);
}

TEST_CASE(
    "D26: a version that came again announced the deletion, however late it could be read; not one that was there") {
    Stage stage;
    const auto index = stage.hold(task("1", "requested"));
    stage.push(stage.update(index, Channel::Socket, Outcome::Checking));
    const bool was_there = GENERATE(false, true);
    if (was_there) stage.push(stage.update(index, Channel::Read, Outcome::Duplicate));
    stage.look_after(60s);
    engine::UpdateRow row = stage.update(index, Channel::CatchUp, Outcome::Applied);
    row.deleted = true;
    stage.push(row);
    stage.look();
    stage.subscription().last_event = stage.now() + 1s;
    CHECK((open_one(stage.look_after(20s), "D26") != nullptr) == was_there);
}

TEST_CASE("D26: a deletion within a deaf stretch is not the server's silence, whatever is heard afterwards") {
    Stage stage;
    const auto index = stage.hold(task("1", "requested"));
    stage.next().at += 60s;
    engine::UpdateRow row = stage.update(index, Channel::Poll, Outcome::Applied);
    row.deleted = true;
    row.changed = ServerTime(std::chrono::floor<std::chrono::milliseconds>(stage.now().time_since_epoch()) - 30s);
    stage.push(row);
    stage.look();
    stage.next().at += 1s;
    stage.subscription().silences.push_back(
        {Stage::start(), stage.now(), stage.now(), {.code = FactCode::DeafDropped}});
    stage.subscription().last_event = stage.now();
    stage.look();
    CHECK_FALSE(open_one(stage.diagnosis, "D26"));
    // What is said instead names the cause, and is information: it was caught up with.
    const auto finding = open_one(stage.diagnosis, "D15");
    REQUIRE(finding);
    CHECK(finding->severity == diagnosis::Severity::Info);
    CHECK(finding->evidence.at(0).text.find("no longer has the Subscription") != std::string::npos);
    CHECK_FALSE(open_one(stage.look_after(6min), "D15"));
}

TEST_CASE("D29: a rate limit that is used up") {
    Stage stage;
    stage.say({.code = FactCode::RateLimited, .duration = 20s});
    CHECK(open_one(stage.look(), "D29"));
    CHECK_FALSE(open_one(stage.look_after(2min), "D29"));
}

TEST_CASE("D32: a comparison that found differences, until one finds all equal") {
    Stage stage;
    engine::VerifyView& verify = stage.next().verify;
    verify.state = engine::VerifyView::State::Different;
    verify.at = stage.now();
    verify.compared = 24;
    verify.difference_count = 1;
    verify.differences = {{.code = FactCode::OtherVersion, .about = "Task/t1", .name = "1", .words = "2"}};
    const auto finding = open_one(stage.look(), "D32");
    REQUIRE(finding);
    CHECK(finding->evidence.at(0).link.reference == "Task/t1");
    SECTION("what was repaired is information, and is over soon") {
        verify.repaired = stage.now() + 1s;
        const auto repaired = open_one(stage.look_after(2s), "D32");
        REQUIRE(repaired);
        CHECK(repaired->severity == diagnosis::Severity::Info);
        CHECK(stage.diagnosis.worst() == nullptr);
        CHECK_FALSE(open_one(stage.look_after(6min), "D32"));
    }
    verify.state = engine::VerifyView::State::Equal;
    CHECK_FALSE(open_one(stage.look_after(1s), "D32"));
}

TEST_CASE("D33: an edit that waits for a decision") {
    Stage stage;
    engine::Conflict conflict;
    conflict.number = 1;
    conflict.at = stage.now();
    conflict.kind = engine::ConflictKind::VersionConflict;
    conflict.reference = "Task/t1";
    stage.conflict(conflict);
    stage.next().open_conflicts = 1;
    CHECK(open_one(stage.look(), "D33")->evidence.at(0).link.number == 1);
    stage.resolve_conflicts();
    stage.next().open_conflicts = 0;
    CHECK_FALSE(open_one(stage.look_after(1s), "D33"));
}

TEST_CASE("D34: a frame that cannot be read names the frame") {
    Stage stage;
    stage.frame(FrameKind::Pong, "{}");
    const std::uint64_t bad = stage.frame(FrameKind::Bad, "not JSON");
    const auto finding = open_one(stage.look(), "D34");
    REQUIRE(finding);
    CHECK(finding->evidence.at(0).link == Link{Link::Kind::Frame, bad});
    CHECK_FALSE(open_one(stage.look_after(6min), "D34"));
}

TEST_CASE("D34: a rejected update names its resource whole, until a later version is shown") {
    Stage stage;
    std::string odd = task("1", "requested");
    odd.replace(odd.find("\"t1\""), 4, "\"careplan_77_3\"");
    const auto index = stage.hold(odd);
    stage.push(stage.update(index, Channel::Socket, Outcome::Rejected));
    engine::Rejection rejection;
    rejection.update = 0;
    rejection.reference = "Task/careplan_77_3";
    rejection.stage = "validate";
    rejection.reason = {.code = FactCode::Invalid, .detail = "a property name twice in one object"};
    stage.reject(rejection);
    const auto finding = open_one(stage.look(), "D34");
    REQUIRE(finding);
    CHECK(finding->evidence.at(0).link.reference == "Task/careplan_77_3");
    CHECK(finding->evidence.at(0).text.find("twice") != std::string::npos);
    std::string healed = odd;
    healed.replace(healed.find("\"1\""), 3, "\"2\"");
    stage.next_version(index, healed, Channel::Read);
    CHECK_FALSE(open_one(stage.look_after(1s), "D34"));
}

TEST_CASE("D50: flaws are named once for each type, with what is wrong") {
    Stage stage;
    CHECK_FALSE(open_one(stage.look(), "D50"));
    stage.next().flaws = {{"Patient", "odd-id", "Patient/a_b", "id \"a_b\" is odd", stage.now(), 1},
                          {"Task", "missing-version", "Task/t1", "meta is missing", stage.now(), 3},
                          {"Task", "no-zone", "Task/t2", "no zone", stage.now(), 1}};
    const auto finding = open_one(stage.look_after(1h), "D50", "Task"); // it does not age
    REQUIRE(finding);
    CHECK(finding->severity == engine::Severity::Info);
    CHECK(finding->evidence.size() == 2);
    CHECK(finding->affects == 3);
    CHECK(open_one(stage.diagnosis, "D50", "Patient"));
}

TEST_CASE("D51: one versionId with more than one content") {
    Stage stage;
    CHECK_FALSE(open_one(stage.look(), "D51"));
    stage.next().repeated_versions = {{"Task", {"Task/t1", stage.now(), stage.now(), 2}}};
    const auto finding = open_one(stage.look_after(1s), "D51", "Task");
    REQUIRE(finding);
    CHECK(finding->severity == engine::Severity::Attention);
    CHECK(finding->evidence.at(0).link.reference == "Task/t1");
}

TEST_CASE("D52: event numbers that contradict themselves, until another Subscription counts") {
    Stage stage;
    stage.say(Fact{.code = FactCode::NumbersUnreliable, .about = "Task"}.because(
                  {.code = FactCode::NumberReused, .count = 1}),
              0);
    CHECK(open_one(stage.look(), "D52", "Task"));
    CHECK(open_one(stage.look_after(5min), "D52", "Task"));
    stage.subscription().created = stage.now();
    CHECK_FALSE(open_one(stage.look_after(1s), "D52"));
}

TEST_CASE("D36: a Subscription that this session made and deleted is not called foreign") {
    Stage stage;
    stage.next().own_subscriptions =
        std::make_shared<const std::vector<std::string>>(std::vector<std::string>{"old", "s1"});
    for (int i = 0; i < 5; ++i) {
        stage.frame(FrameKind::Heartbeat, R"({"reference":"Subscription/s1"},{"reference":"Subscription/old"})");
        stage.next().at += 10s;
        stage.beat();
        stage.look();
    }
    CHECK_FALSE(open_one(stage.diagnosis, "D36"));
}

TEST_CASE("D44: a listing that is not whole, until one is") {
    Stage stage;
    stage.subscription().partial = {
        .code = FactCode::PageElsewhere, .about = "http://inner:8080/x", .count = 20, .to = 45};
    stage.look();
    const auto finding = open_one(stage.diagnosis, "D44", "Task");
    REQUIRE(finding);
    CHECK(finding->evidence.front().text.starts_with("20 of 45"));
    stage.subscription().partial = {};
    CHECK_FALSE(open_one(stage.look_after(1s), "D44"));
}

TEST_CASE("D36: a heartbeat that goes on naming a foreign id; a successor is named for a moment only") {
    Stage stage;
    const bool ours = GENERATE(false, true);
    for (int i = 0; i < 5; ++i) {
        stage.frame(FrameKind::Heartbeat, R"({"reference":"Subscription/s1"},{"reference":"Subscription/other"})");
        if (ours && i == 2) stage.subscription().id = "other";
        if (ours && i > 2) stage.subscription().id = "other";
        stage.next().at += 10s;
        stage.beat();
        stage.look();
        if (ours && i >= 2) break;
    }
    CHECK((open_one(stage.diagnosis, "D36", "Subscription/other") != nullptr) == !ours);
    for (int i = 0; i < 8; ++i) {
        stage.next().at += 10s;
        stage.beat();
        stage.look();
    }
    CHECK_FALSE(open_one(stage.diagnosis, "D36"));
}
