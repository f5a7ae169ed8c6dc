// The stages, through an engine in Observe mode: frames in, stores out.

#include "engine/engine.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace fhirscope;
using namespace fhirscope::engine;

namespace {

const std::string subscription_id = "5d000000-0000-4000-8000-000000000001";

class Observer {
public:
    Observer() {
        Config config;
        config.mode = Mode::Observe;
        config.base_url = "http://h/";
        config.update_rows = 2'048;
        PanelDefinition panel{"tasks", "Tasks", "Task", "Task", {}, ""};
        panel.columns = {{"status", "Status", "status"}, {"owner", "Owner", "handler:owner"}};
        config.panels = {panel};
        in(Start{config});
        in(Observed{
            "POST", "http://h/fhir/R4/Subscription", 201, nullptr,
            make_text(R"({"resourceType":"Subscription","id":")" + subscription_id + R"(","criteria":"Task"})")});
        in(SocketOpened{1});
    }
    LocalTime now() const { return at_; }
    void in(InputBody body) {
        at_ += std::chrono::milliseconds(10);
        engine.step({at_, std::move(body)});
    }
    // An event for Task/`id`; `second` of its lastUpdated within 10:30, `sent` the same unless given.
    void event(const std::string& id, const std::string& version, int second,
               const std::string& content = R"("status":"requested")", int sent = -1) {
        in(Frame{1, make_text(frame(id, version, second, content, sent < 0 ? second : sent))});
        in(Drain{});
    }
    static std::string stamp(int second) {
        return "2026-02-10T10:30:" + std::string(second < 10 ? "0" : "") + std::to_string(second) + ".000Z";
    }
    static std::string frame(const std::string& id, const std::string& version, int second, const std::string& content,
                             int sent) {
        return R"({"id":"b","resourceType":"Bundle","type":"history","timestamp":")" + stamp(sent) +
               R"(","entry":[{"resource":{"resourceType":"SubscriptionStatus","id":"s","status":"active","type":"event-notification","subscription":{"reference":"Subscription/)" +
               subscription_id + R"("},"notificationEvent":[{"eventNumber":"0","timestamp":")" + stamp(sent) +
               R"(","focus":{"reference":"Task/)" + id + R"("}}]}},{"resource":{"resourceType":"Task","id":")" + id +
               R"(","meta":{"versionId":")" + version + R"(","lastUpdated":")" + stamp(second) + R"("},)" + content +
               R"(},"fullUrl":"http://h/fhir/R4/Task/)" + id + R"("}]})";
    }
    SnapshotPtr snapshot() { return engine.publish(); }
    const Record& record(std::size_t i = 0) { return *(held_ = engine.publish())->stores.at(0).records[i]; }
    Outcome last() {
        const auto s = snapshot();
        return s->updates[s->updates.end() - 1].outcome;
    }

    Engine engine;

private:
    LocalTime at_{std::chrono::seconds(1'770'000'000)};
    SnapshotPtr held_;
};

} // namespace

TEST_CASE("a new resource is applied with its row and its first version") {
    Observer o;
    o.event("t1", "v1", 1, R"("status":"requested","owner":{"reference":"Practitioner/1","display":"N. Abadi"})");
    CHECK(o.last() == Outcome::Applied);
    const Record& r = o.record();
    CHECK(r.reference == "Task/t1");
    CHECK(r.standing == Standing::Current);
    REQUIRE(r.row);
    CHECK(r.row->cells == std::vector<std::string>{"requested", "N. Abadi"});
    CHECK(r.history.size() == 1);
}

TEST_CASE("a newer version says which fields and which cells changed") {
    Observer o;
    o.event("t1", "v1", 1, R"("status":"requested","note":[{"text":"a"}])");
    o.event("t1", "v2", 2, R"("status":"accepted","note":[{"text":"a"}])");
    const Record& r = o.record();
    CHECK(r.current().changed == std::vector<std::string>{"status"});
    CHECK(r.changed_cells == 1);
    CHECK(r.row->cells[0] == "accepted");
    CHECK(r.history.size() == 2);
}

TEST_CASE("a version that comes late goes into the history, at its place, and is not shown") {
    Observer o;
    o.event("t1", "v1", 1);
    o.event("t1", "v3", 3, R"("status":"completed")");
    o.event("t1", "v2", 2, R"("status":"accepted")");
    CHECK(o.last() == Outcome::OutOfOrder);
    const Record& r = o.record();
    CHECK(r.current().version_id() == "v3");
    REQUIRE(r.history.size() == 3);
    CHECK(r.history[1]->version_id() == "v2");
}

TEST_CASE("the same version again through the same subscription may be a delete: only a read decides") {
    Observer o;
    o.event("t1", "v1", 1);
    o.event("t1", "v1", 1);
    CHECK(o.last() == Outcome::Checking);
    CHECK(o.record().standing == Standing::Checking);

    SECTION("410: deleted") {
        o.in(Observed{"GET", "http://h/fhir/R4/Task/t1", 410, nullptr,
                      make_text(R"({"resourceType":"OperationOutcome","id":"gone"})"), o.now()});
        o.in(Drain{});
        CHECK(o.record().standing == Standing::Deleted);
        CHECK(o.record().resource() == nullptr);
        CHECK(o.snapshot()->metrics.counters.deletes == 1);
    }
    SECTION("200: a resend or a ghost, nothing changed") {
        o.in(Observed{"GET", "http://h/fhir/R4/Task/t1", 200, nullptr,
                      make_text(R"({"resourceType":"Task","id":"t1","meta":{"versionId":"v1","lastUpdated":")" +
                                Observer::stamp(1) + R"("},"status":"requested"})"),
                      o.now()});
        o.in(Drain{});
        CHECK(o.record().standing == Standing::Current);
        CHECK(o.record().history.size() == 1);
    }
    SECTION("404 alone never means deleted, but that it cannot be seen any more") {
        o.in(Observed{"GET", "http://h/fhir/R4/Task/t1", 404, nullptr,
                      make_text(R"({"resourceType":"OperationOutcome","id":"not-found"})"), o.now()});
        o.in(Drain{});
        CHECK(o.record().standing == Standing::OutOfView);
        CHECK(o.record().resource() != nullptr);
    }
}

TEST_CASE("two versions of one millisecond: neither arrival order nor text decides, but a read") {
    Observer o;
    o.event("t1", "aaa", 5, R"("status":"requested")");
    o.event("t1", "bbb", 5, R"("status":"accepted")");
    CHECK(o.last() == Outcome::Checking);
    CHECK(o.record().current().version_id() == "aaa");
    o.in(Observed{"GET", "http://h/fhir/R4/Task/t1", 200, nullptr,
                  make_text(R"({"resourceType":"Task","id":"t1","meta":{"versionId":"bbb","lastUpdated":")" +
                            Observer::stamp(5) + R"("},"status":"accepted"})"),
                  o.now()});
    o.in(Drain{});
    CHECK(o.record().current().version_id() == "bbb");
    CHECK(o.record().standing == Standing::Current);
    CHECK(o.record().history.size() == 2);
}

TEST_CASE("a resource written again after its deletion is shown again") {
    Observer o;
    o.event("t1", "v1", 1);
    o.event("t1", "v1", 1);
    o.in(Observed{"GET", "http://h/fhir/R4/Task/t1", 410, nullptr, nullptr, o.now()});
    o.in(Drain{});
    REQUIRE(o.record().standing == Standing::Deleted);
    o.event("t1", "v2", 9, R"("status":"ready")");
    CHECK(o.last() == Outcome::Applied);
    CHECK(o.record().standing == Standing::Current);
    CHECK(o.record().row->cells[0] == "ready");
}

TEST_CASE("a refused update is kept with its reason, and the rest go on") {
    Observer o;
    o.in(Frame{1, make_text(Observer::frame("t1", "v1", 1, R"("status":"ready","status":"failed")", 1))});
    o.in(Frame{1, make_text(Observer::frame("t2", "v1", 1, R"("status":"requested")", 1))});
    o.in(Drain{});
    const auto s = o.snapshot();
    CHECK(s->metrics.counters.rejected == 1);
    CHECK(s->metrics.counters.applied == 1);
    REQUIRE(s->rejections.size() == 1);
    const Rejection& r = s->rejections[s->rejections.first()];
    CHECK(r.reference == "Task/t1");
    CHECK(r.stage == "validate");
    CHECK(r.reason.detail.find("twice") != std::string::npos);
    CHECK(r.text);
}

TEST_CASE("an observer is told of the fields that it asked for, and of no others") {
    Observer o;
    std::vector<std::string> told;
    o.engine.observe(
        {"Task", "", {"status"}}, [&](const Change& c) { told.push_back("status of " + c.after->reference); });
    o.engine.observe(
        {"", "Task/t2", {}}, [&](const Change& c) { told.push_back("t2: " + std::to_string(c.fields.size())); });
    o.engine.observe({"Patient", "", {}}, [&](const Change&) { told.push_back("a Patient"); });
    o.event("t1", "v1", 1);
    o.event("t1", "v2", 2, R"("status":"requested","description":"x")"); // not the status
    o.event("t2", "v1", 3);
    CHECK(told == std::vector<std::string>{"status of Task/t1", "status of Task/t2",
                                           "t2: 3"}); // a new resource: all its members
}

TEST_CASE("the history is bounded, and what left is counted") {
    Observer o;
    for (int i = 0; i < 50; ++i) o.event("t1", "v" + std::to_string(i), i);
    CHECK(o.record().history.size() == Config{}.store.max_versions);
    CHECK(o.record().versions_seen == 50);
    CHECK(o.record().current().version_id() == "v49");
    CHECK(o.snapshot()->metrics.counters.dropped_versions == 50 - Config{}.store.max_versions);
}

TEST_CASE("what was deleted long ago is forgotten: its place is taken by a new resource") {
    Observer o;
    const std::size_t count = 6'000;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string id = "t" + std::to_string(i);
        o.event(id, "v1", 1);
        o.event(id, "v1", 1); // may be a delete
        o.in(Observed{"GET", "http://h/fhir/R4/Task/" + id, 410, nullptr, nullptr, o.now()});
        o.in(Drain{});
    }
    const auto snapshot = o.snapshot();
    const auto& records = snapshot->stores.at(0).records;
    CHECK(snapshot->metrics.counters.deletes == count);
    CHECK(records.size() < count / 2);
    // What the log still names is there, under its own name.
    const auto& log = snapshot->updates;
    for (std::uint64_t n = log.first(); n < log.end(); ++n) {
        REQUIRE(log[n].record < records.size());
        REQUIRE(records[log[n].record]->standing == Standing::Deleted);
    }
    CHECK(records[log[log.end() - 1].record]->reference == "Task/t" + std::to_string(count - 1));
    CHECK(Engine::restore(o.engine.keyframe()).value().state_hash() == o.engine.state_hash());
}

TEST_CASE("in Observe mode the engine wants nothing") {
    Observer o;
    o.event("t1", "v1", 1);
    o.event("t1", "v1", 1);
    LocalTime at{std::chrono::seconds(1'770'001'000)};
    for (const Effect& effect : o.engine.step({at, Tick{}})) CHECK(std::holds_alternative<WakeAt>(effect));
}
