// Rules about the connection and its subscriptions. Each rule fires on its evidence, stays silent where that is
// refuted, and closes when the evidence is gone.

#include "diagnosis/catalog.hpp"
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

static Fact no_token(const Fact& answer) { return Fact{.code = FactCode::NoToken}.because(answer); }

TEST_CASE("a session in which all is well has no findings") {
    Stage stage;
    CHECK(stage.look().open().empty());
    for (int i = 0; i < 6; ++i) {
        stage.next().at += 10s;
        stage.beat();
        stage.look();
    }
    CHECK(stage.diagnosis.open().empty());
    CHECK(stage.diagnosis.worst() == nullptr);
}

TEST_CASE("every title fits, and every entry says what decides and what refutes it") {
    for (const diagnosis::CatalogEntry& entry : diagnosis::catalog()) {
        INFO(entry.id);
        CHECK(entry.title.size() <= 45);
        CHECK_FALSE(entry.decisive.empty());
        CHECK_FALSE(entry.negative.empty());
        CHECK_FALSE(entry.explanation.empty());
        CHECK_FALSE(entry.advice[0].text.empty());
        CHECK(diagnosis::catalog_entry(entry.id) == &entry);
    }
}

TEST_CASE("D1: one binding that is quiet while the others beat") {
    Stage stage;
    stage.subscribe("Patient");
    stage.look();
    for (int i = 0; i < 3; ++i) {
        stage.next().at += 10s;
        stage.next().connection.last_frame = stage.now();
        stage.subscription(1).last_heartbeat = stage.now();
        stage.look();
    }
    const auto finding = open_one(stage.diagnosis, "D1");
    REQUIRE(finding);
    CHECK(finding->subject == "Task");
    CHECK(finding->since == Stage::start() + 25s);
    stage.next().at += 1s;
    SECTION("it closes when it is heard again, with the time") {
        stage.subscription(0).last_heartbeat = stage.now();
        stage.look();
        CHECK_FALSE(open_one(stage.diagnosis, "D1"));
        CHECK(closed_one(stage.diagnosis, "D1")->closed == stage.now());
        CHECK(stage.diagnosis.closed_count() == 1);
    }
    SECTION("where nothing at all is heard, it is not about this one") {
        stage.look_after(40s);
        CHECK_FALSE(open_one(stage.diagnosis, "D1"));
    }
}

TEST_CASE("D1, D2, D27, D28: why a connection was lost, until it is live again") {
    const auto failed = [](engine::Failure failure) {
        return Fact{.code = FactCode::Failed, .words = "the words of others", .failure = failure};
    };
    const auto [id, reason] = GENERATE_COPY(std::pair("D1", Fact{.code = FactCode::NoFrame, .duration = 25s}),
                                            std::pair("D2", Fact{.code = FactCode::NoPong, .duration = 5s}),
                                            std::pair("D27", failed(engine::Failure::UpgradeRefused)),
                                            std::pair("D28", failed(engine::Failure::Tls)));
    Stage stage;
    stage.lose(reason);
    const auto finding = open_one(stage.look(), id);
    REQUIRE(finding);
    CHECK(finding->confidence == 100);
    CHECK(finding->evidence.at(0).link.kind == Link::Kind::Event);
    for (const char* other : {"D1", "D2", "D27", "D28"})
        if (std::string_view(other) != id) CHECK_FALSE(open_one(stage.diagnosis, other));
    stage.look_after(90s);
    CHECK(open_one(stage.diagnosis, id)); // however long it takes
    stage.come_back();
    stage.look_after(1s);
    CHECK_FALSE(open_one(stage.diagnosis, id));
}

TEST_CASE("D3: a bind without an answer; with an error frame it was not ignored") {
    Stage stage;
    stage.subscription().bound = Stage::start() - 30min;
    const bool named = GENERATE(false, true);
    if (named) stage.frame(FrameKind::Outcome, R"({"resourceType":"OperationOutcome"})");
    stage.next().at += 10s;
    stage.say_problem({.code = FactCode::NoHandshake, .duration = 10s});
    CHECK((open_one(stage.look(), "D3") != nullptr) == !named);
    stage.next().at += 1s;
    stage.subscription().bound = stage.now();
    CHECK_FALSE(open_one(stage.look(), "D3"));
}

TEST_CASE("D4: a token that is over while its binding is used") {
    Stage stage;
    stage.subscription().token_expires = Stage::start() + 30s;
    CHECK_FALSE(open_one(stage.look(), "D4"));
    const auto finding = open_one(stage.look_after(31s), "D4");
    REQUIRE(finding);
    CHECK(finding->since == Stage::start() + 30s);
    CHECK(finding->severity == Severity::Error);
    stage.subscription().token_expires = stage.now() + 1h;
    stage.subscription().bound = stage.now();
    CHECK_FALSE(open_one(stage.look_after(1s), "D4"));
}

TEST_CASE("D4: the server says on the socket that the token has expired") {
    Stage stage;
    stage.frame(FrameKind::Outcome, R"({"issue":[{"diagnostics":"Token has expired"}]})");
    CHECK(open_one(stage.look(), "D4"));
    stage.next().at += 1s;
    stage.come_back();
    CHECK_FALSE(open_one(stage.look_after(1s), "D4"));
}

TEST_CASE("D5: a heartbeat does not list it; a later one that does refutes it") {
    Stage stage;
    stage.say_problem({.code = FactCode::Unlisted});
    CHECK(open_one(stage.look(), "D5"));
    stage.next().at += 10s;
    stage.subscription().last_heartbeat = stage.now();
    CHECK_FALSE(open_one(stage.look(), "D5"));
}

TEST_CASE("D6: off, in error, or gone, until it is bound or brings something") {
    Stage stage;
    SECTION("gone") {
        stage.say_problem({.code = FactCode::DeafDropped});
        CHECK(open_one(stage.look(), "D6"));
        stage.next().at += 1s;
        stage.subscription().bound = stage.now();
        CHECK_FALSE(open_one(stage.look(), "D6"));
    }
    SECTION("in error") {
        stage.say({.code = FactCode::StatusBad, .about = "Task", .words = "error no-resource"}, 0);
        CHECK(open_one(stage.look(), "D6"));
        stage.next().at += 1s;
        stage.subscription().last_event = stage.now();
        CHECK_FALSE(open_one(stage.look(), "D6"));
    }
}

TEST_CASE("D7: not active 30 s after it was asked for, though connected") {
    Stage stage;
    stage.subscription().state = engine::SubscriptionState::AwaitingToken;
    stage.subscription().since = Stage::start();
    stage.next().connection.phase = engine::Phase::Binding;
    CHECK_FALSE(open_one(stage.look_after(29s), "D7"));
    CHECK(open_one(stage.look_after(2s), "D7"));
    SECTION("without a connection it waits for that") {
        stage.next().connection.phase = engine::Phase::BackingOff;
        CHECK_FALSE(open_one(stage.look_after(1s), "D7"));
    }
    SECTION("active at last") {
        stage.subscription().state = engine::SubscriptionState::Live;
        CHECK_FALSE(open_one(stage.look_after(1s), "D7"));
    }
}

TEST_CASE("D8: tokens refused twice; once may happen") {
    Stage stage;
    stage.say_problem(no_token(answered(404, "Not found")));
    CHECK_FALSE(open_one(stage.look(), "D8"));
    stage.next().at += 20s;
    stage.say_problem(no_token(answered(404, "Not found")));
    CHECK(open_one(stage.look(), "D8"));
    stage.next().at += 1s;
    stage.subscription().bound = stage.now();
    CHECK_FALSE(open_one(stage.look(), "D8"));
}

TEST_CASE("D9: more than five attempts within a minute") {
    Stage stage;
    const auto attempts = GENERATE(5, 6);
    stage.lose();
    for (int i = 0; i < attempts; ++i) {
        engine::Attempt attempt;
        attempt.began = stage.now() + i * 5s;
        attempt.ended = attempt.began + 1s;
        attempt.result = engine::said("refused");
        stage.next().connection.attempts.push_back(attempt);
    }
    CHECK((open_one(stage.look_after(30s), "D9") != nullptr) == (attempts == 6));
    CHECK_FALSE(open_one(stage.look_after(2min), "D9"));
}

TEST_CASE("D13 and D31: refused, and refused because there are too many") {
    Stage stage;
    stage.subscription().state = engine::SubscriptionState::Refused;
    const bool quota = GENERATE(false, true);
    stage.subscription().problem = Fact{.code = FactCode::CreationRefused}.because(
        quota ? answered(400, "Subscription limit exceeded") : answered(403, "Forbidden"));
    CHECK((open_one(stage.look(), "D31") != nullptr) == quota);
    CHECK((open_one(stage.diagnosis, "D13") != nullptr) == !quota);
    stage.subscription().state = engine::SubscriptionState::Live;
    stage.look_after(1s);
    CHECK_FALSE(open_one(stage.diagnosis, quota ? "D31" : "D13"));
}

TEST_CASE("D53: a server that lacks the operation is told apart from rights that are missing") {
    Stage stage;
    stage.subscription().state = engine::SubscriptionState::Refused;
    stage.subscription().problem = Fact{.code = FactCode::NoTokenOperation}.because(no_token(answered(404)));
    CHECK(open_one(stage.look(), "D53"));
    CHECK_FALSE(open_one(stage.diagnosis, "D13"));
    stage.subscription().state = engine::SubscriptionState::Live;
    stage.look_after(1s);
    CHECK_FALSE(open_one(stage.diagnosis, "D53"));
}

TEST_CASE("all refused is one finding, and nothing else: the server answers") {
    Stage stage;
    stage.subscribe("Patient");
    stage.subscribe("Basic");
    engine::ConnectionView& c = stage.next().connection;
    c.live_since = {};
    c.phase = engine::Phase::BackingOff;
    c.polling = true;
    c.polling_since = stage.now();
    for (auto& subscription : stage.next().subscriptions) {
        subscription.state = engine::SubscriptionState::Refused;
        subscription.problem = no_token(answered(400, "WebSocket subscriptions not enabled for current project"));
        for (int i = 0; i < 3; ++i)
            stage.say_problem(subscription.problem, static_cast<engine::SubscriptionIndex>(
                                                        &subscription - stage.next().subscriptions.data()));
    }
    for (int i = 0; i < 8; ++i) {
        engine::Attempt attempt;
        attempt.began = stage.now() - (8 - i) * 5s;
        attempt.ended = attempt.began + 1s;
        attempt.refused = true;
        attempt.result = Fact{.code = FactCode::AllRefused}.because(stage.subscription().problem);
        c.attempts.push_back(attempt);
    }
    stage.look();
    REQUIRE(stage.diagnosis.open().size() == 1);
    const auto& finding = stage.diagnosis.open().front();
    CHECK(finding->id == "D13");
    CHECK(finding->subject.empty());
    CHECK(finding->evidence.size() == 3);

    SECTION("one that is accepted leaves each of the others with its own") {
        stage.subscription(2).state = engine::SubscriptionState::Live;
        stage.look_after(1s);
        CHECK(open_one(stage.diagnosis, "D13", "Task"));
        CHECK(open_one(stage.diagnosis, "D13", "Patient"));
        CHECK_FALSE(open_one(stage.diagnosis, "D13", ""));
    }
}

TEST_CASE("D30: a server that answers requests is not away, though no socket can be opened") {
    Stage stage;
    stage.lose();
    engine::ConnectionView& c = stage.next().connection;
    for (int i = 0; i < 3; ++i) {
        engine::Attempt attempt;
        attempt.began = stage.now() + i * 5s;
        attempt.ended = attempt.began + 1s;
        attempt.result = {.code = FactCode::Failed, .words = "HTTP 403", .failure = engine::Failure::UpgradeRefused};
        c.attempts.push_back(attempt);
    }
    const bool answers = GENERATE(false, true);
    if (answers) c.login_accepted = stage.now() + 8s;
    CHECK((open_one(stage.look_after(15s), "D30") != nullptr) == !answers);
}

TEST_CASE("D39: the login has ended, since when and why, and nothing else is blamed") {
    Stage stage;
    stage.hold(task("1", "requested"));
    stage.lose(answered(401, "Unauthorized"));
    engine::ConnectionView& c = stage.next().connection;
    c.phase = engine::Phase::LoginEnded;
    c.login_ended = stage.now();
    c.login_accepted = stage.now() - 10s;
    c.login_problem = answered(401, "Unauthorized");
    c.login_refusals = 2;
    stage.look_after(30s);
    REQUIRE(stage.diagnosis.open().size() == 1);
    const auto& finding = stage.diagnosis.open().front();
    CHECK(finding->id == "D39");
    CHECK(finding->severity == Severity::Error);
    CHECK(finding->since == c.login_ended);
    CHECK(finding->affects == 1);
    CHECK(finding->decisive.answer == "HTTP 401: Unauthorized");
    CHECK(finding->negative.answer.find("2 tries") != std::string::npos);
    c.phase = engine::Phase::Live;
    stage.come_back();
    CHECK_FALSE(open_one(stage.look_after(1s), "D39"));
}

TEST_CASE("D24: polling, until it ends") {
    Stage stage;
    stage.next().connection.polling = true;
    stage.next().connection.polling_since = Stage::start() - 5s;
    stage.next().connection.poll_interval = 2s;
    CHECK(open_one(stage.look(), "D24")->since == Stage::start() - 5s);
    stage.next().connection.polling = false;
    CHECK_FALSE(open_one(stage.look_after(1s), "D24"));
}

TEST_CASE("D30 and D37: real time is down; the server is away when attempts fail, too") {
    Stage stage;
    const auto index = stage.hold(task("1", "requested"));
    stage.push(stage.update(index, Channel::Socket, Outcome::Applied));
    stage.look();
    stage.lose();
    stage.change(index, [](engine::Record& record) { record.standing = engine::Standing::Unconfirmed; });
    stage.look_after(1s);
    const auto down = open_one(stage.diagnosis, "D37");
    REQUIRE(down);
    CHECK(down->affects == 1);
    CHECK(std::any_of(down->evidence.begin(), down->evidence.end(),
                      [](const auto& e) { return e.link.reference == "Task/t1"; }));
    CHECK_FALSE(open_one(stage.diagnosis, "D30"));
    engine::Attempt attempt;
    attempt.began = stage.now();
    attempt.ended = stage.now() + 1s;
    attempt.result = {.code = FactCode::Failed, .words = "connection refused", .failure = engine::Failure::Refused};
    stage.next().connection.attempts.push_back(attempt);
    CHECK(open_one(stage.look_after(2s), "D30"));
    stage.come_back();
    stage.look_after(1s);
    CHECK_FALSE(open_one(stage.diagnosis, "D37"));
    CHECK_FALSE(open_one(stage.diagnosis, "D30"));
    CHECK(open_one(stage.diagnosis, "D38")); // nobody has confirmed it yet
    stage.change(index, [](engine::Record& record) { record.standing = engine::Standing::Current; });
    CHECK_FALSE(open_one(stage.look_after(1s), "D38"));
}

TEST_CASE("a step back in time, or another session, begins anew") {
    Stage first, second;
    first.lose();
    Diagnosis diagnosis;
    diagnosis.update(first.publish());
    REQUIRE(open_one(diagnosis, "D37"));
    second.next().at -= 1h;
    diagnosis.update(second.publish());
    CHECK(diagnosis.open().empty());
    CHECK(diagnosis.closed().empty());
}

TEST_CASE("what typed text quotes is no sign") {
    Stage stage;
    stage.say({.code = FactCode::StrategyUnknown, .name = "rate limit is used up"});
    stage.say(
        {.code = FactCode::StatusBad, .about = "Task?code=no frame for", .words = "HTTP 500: the clock was set back"});
    CHECK(stage.look().open().empty());
}

TEST_CASE("D30: a server that never could be reached") {
    Stage stage;
    engine::ConnectionView& c = stage.next().connection;
    c.live_since = {};
    c.phase = engine::Phase::BackingOff;
    stage.next().subscriptions.clear();
    CHECK_FALSE(open_one(stage.look(), "D30"));
    engine::Attempt attempt;
    attempt.began = stage.now();
    attempt.ended = stage.now() + 1s;
    attempt.result = {.code = FactCode::Failed, .words = "connection refused", .failure = engine::Failure::Refused};
    c.attempts.push_back(attempt);
    const auto finding = open_one(stage.look_after(2s), "D30");
    REQUIRE(finding);
    CHECK(finding->title == "The server cannot be reached");
    stage.come_back();
    CHECK_FALSE(open_one(stage.look_after(1s), "D30"));
}

TEST_CASE("what came and went between two looks is kept as closed, with both times, once") {
    Stage stage;
    stage.look();
    stage.next().at += 1s;
    stage.lose({.code = FactCode::NoPong, .duration = 5s});
    const LocalTime lost = stage.now();
    stage.next().at += 1s;
    stage.come_back();
    stage.next().at += 1s;
    stage.look();
    for (const char* id : {"D2", "D37"}) {
        CHECK_FALSE(open_one(stage.diagnosis, id));
        const auto finding = closed_one(stage.diagnosis, id);
        REQUIRE(finding);
        CHECK(finding->since == lost);
        CHECK(finding->closed == lost + 1s);
    }
    CHECK(stage.diagnosis.closed_count() == 2);
    stage.look_after(1s);
    CHECK(stage.diagnosis.closed_count() == 2);
}

TEST_CASE("one that comes again begins anew") {
    Stage stage;
    for (int i = 0; i < 2; ++i) {
        stage.next().at += 10s;
        stage.lose({.code = FactCode::NoPong, .duration = 5s});
        CHECK(open_one(stage.look(), "D2")->since == stage.now());
        stage.next().at += 2s;
        stage.come_back();
        stage.look();
        CHECK_FALSE(open_one(stage.diagnosis, "D2"));
    }
}
