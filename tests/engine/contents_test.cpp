// What is shown is bounded in bytes: contents used least recently are given up, and read again where they are wanted.

#include "engine/cache.hpp"
#include "engine/edits/conflict_store.hpp"
#include "step_client.hpp"

using namespace fhirscope;
using namespace fhirscope::tests;

namespace {

constexpr std::size_t long_text = 4'000;

std::string long_task(const std::string& id, const std::string& version, const std::string& time,
                      const std::string& status = "requested") {
    return R"({"resourceType":"Task","id":")" + id + R"(","meta":{"versionId":")" + version +
           R"(","lastUpdated":"2026-02-10T)" + time + R"(.000Z"},"status":")" + status + R"(","priority":"routine",)" +
           R"("description":")" + std::string(long_text, 'd') + "\"}";
}

std::string nth_task(std::size_t i) { return "t" + std::to_string(i); }

// Live, with so many long Tasks in a baseline, of which `bytes` are room for some.
struct LongWard : Client {
    LongWard(std::size_t count, std::size_t bytes)
        : Client({{"tasks", "Task"}}, [&](Config& config) {
              config.store.max_resource_bytes = bytes;
              PanelDefinition panel{"tasks", "Tasks", "Task", "Task", {}, ""};
              panel.columns = {{"status", "Status", "status"}, {"priority", "Priority", "priority"}};
              config.panels = {panel};
          }) {
        bind("s1");
        std::vector<std::string> all;
        for (std::size_t i = 0; i < count; ++i) all.push_back(long_task(nth_task(i), "1", "10:30:00"));
        answer("Task?", 200, page(all));
        while (engine.wants_drain()) in(Drain{});
    }
    RecordPtr record(std::size_t i) {
        const auto snapshot = engine.publish();
        const auto& records = snapshot->stores.at(0).records;
        for (std::size_t r = 0; r < records.size(); ++r)
            if (records[r]->reference == "Task/" + nth_task(i)) return records[r];
        FAIL("not held: " << nth_task(i));
        return nullptr;
    }
    void look_at(std::size_t i) { in(Command{SetFocus{"Task", "Task/" + nth_task(i)}}); }
    void edit(std::size_t i) {
        in(Command{Edit{"Task/" + nth_task(i), {{"status", "\"accepted\""}}, EditMethod::Put}});
    }
};

constexpr std::size_t room_for_twenty = 100'000;

} // namespace

TEST_CASE("what is shown keeps to its bytes, and what was used least recently keeps its key alone") {
    LongWard ward(60, room_for_twenty);
    const SnapshotPtr snapshot = ward.engine.publish();
    CHECK(snapshot->memory_resources <= room_for_twenty);
    CHECK(snapshot->memory_resources > room_for_twenty / 2);
    CHECK(snapshot->memory_bound == room_for_twenty);
    CHECK(snapshot->keys_only > 20);
    CHECK(snapshot->metrics.counters.contents_given_up == snapshot->keys_only);
    CHECK(ward.told("keep type, id, version and time alone"));

    const RecordPtr first = ward.record(0), last = ward.record(59);
    CHECK_FALSE(last->key_only());
    CHECK(last->resource()->text().size() > long_text);
    REQUIRE(first->key_only());
    CHECK(first->resource()->text().size() < 400);
    CHECK(first->resource()->reference() == "Task/t0");
    CHECK(first->current().version_id() == "1");
    CHECK(first->resource()->last_updated() == last->resource()->last_updated());
    CHECK(first->standing == Standing::Current);
    CHECK(first->row->cells == std::vector<std::string>{"requested", "routine"}); // the panel goes on

    auto restored = Engine::restore(ward.engine.keyframe());
    REQUIRE(restored);
    CHECK(restored->state_hash() == ward.engine.state_hash());
    CHECK(restored->publish()->keys_only == snapshot->keys_only);
}

TEST_CASE("who is looked at is read again, and stays when others go") {
    LongWard ward(60, room_for_twenty);
    REQUIRE(ward.record(3)->key_only());
    ward.look_at(3);
    ward.answer("GET fhir/R4/Task/t3", 200, long_task("t3", "1", "10:30:00"));
    CHECK_FALSE(ward.record(3)->key_only());
    CHECK(ward.record(3)->resource()->text().size() > long_text);
    CHECK(ward.engine.publish()->metrics.counters.contents_read == 1);

    for (std::size_t i = 100; i < 110; ++i) {
        ward.look_at(58); // so 59 goes, and 58 does not
        ward.say("s1", "event-notification", "10:30:40", long_task(nth_task(i), "1", "10:30:40"));
    }
    CHECK(ward.engine.publish()->memory_resources <= room_for_twenty);
    CHECK_FALSE(ward.record(58)->key_only());
    CHECK(ward.record(59)->key_only());
}

TEST_CASE("a new version of what has its key alone is a whole one, and the key is no version of the history") {
    LongWard ward(60, room_for_twenty);
    REQUIRE(ward.record(0)->key_only());
    ward.say("s1", "event-notification", "10:30:50", long_task("t0", "2", "10:30:50", "accepted"));
    const RecordPtr record = ward.record(0);
    CHECK_FALSE(record->key_only());
    CHECK(record->current().version_id() == "2");
    CHECK(record->history.size() == 1);
    CHECK(record->versions_seen == 2);
    CHECK(record->changed_cells == 1); // the row had been kept to compare with
}

TEST_CASE("an edit of what has its key alone waits for the content, and writes all of it") {
    LongWard ward(60, room_for_twenty);
    REQUIRE(ward.record(0)->key_only());
    ward.edit(0);
    CHECK_FALSE(ward.asks("PUT"));
    SECTION("which comes") {
        ward.answer("GET fhir/R4/Task/t0", 200, long_task("t0", "1", "10:30:00"));
        const std::string sent = ward.asked("PUT fhir/R4/Task/t0");
        CHECK(sent.find("If-Match W/\"1\"") != std::string::npos);
        CHECK(sent.find(std::string(long_text, 'd')) != std::string::npos);
        CHECK(sent.find("accepted") != std::string::npos);
        CHECK(sent.find("SUBSETTED") == std::string::npos);
    }
    SECTION("which does not come") {
        ward.answer("GET fhir/R4/Task/t0", 404, "{}");
        CHECK_FALSE(ward.asks("PUT"));
        const SnapshotPtr snapshot = ward.engine.publish();
        REQUIRE(snapshot->ended_edits.size() == 1);
        CHECK(snapshot->ended_edits[0]->state == EditState::Refused);
        CHECK(snapshot->ended_edits[0]->problem.code == FactCode::OnlyPart);
    }
    SECTION("what is edited is not given up") {
        ward.answer("GET fhir/R4/Task/t0", 200, long_task("t0", "1", "10:30:00"));
        for (std::size_t i = 100; i < 110; ++i)
            ward.say("s1", "event-notification", "10:30:40", long_task(nth_task(i), "1", "10:30:40"));
        CHECK_FALSE(ward.record(0)->key_only());
    }
}

TEST_CASE("where keys alone are too much, nothing new is shown, and that is said") {
    LongWard ward(300, 64'000);
    const SnapshotPtr snapshot = ward.engine.publish();
    CHECK(snapshot->memory_resources <= 64'000 / 8 * 9 + 2 * long_text); // and what came last
    CHECK(snapshot->metrics.counters.rejected > 100);
    CHECK(ward.told("no further resource is shown"));
    // What is shown goes on.
    ward.say("s1", "event-notification", "10:30:50", long_task("t0", "2", "10:30:50"));
    CHECK(ward.shown("Task/t0") == "2");
}

TEST_CASE("what a session leaves for the next one is whole, or the next one reads all of it") {
    for (const std::size_t bytes : {room_for_twenty, std::size_t{1} << 30}) {
        LongWard ward(60, bytes);
        Config config;
        config.base_url = "http://h/";
        config.subscriptions = {{"tasks", "Task"}};
        const std::string known = make_cache(*ward.engine.publish());
        CHECK(known.empty() == (bytes == room_for_twenty));
    }
}

TEST_CASE("conflicts are bounded in bytes, too: the oldest of those decided go") {
    const auto content = fhir::parse_resource(long_task("t", "1", "10:30:00")).value();
    const std::size_t size = content->memory_bytes();
    ConflictStore store;
    const auto put = [&](std::size_t copies) {
        Conflict conflict;
        conflict.outcome = ConflictOutcome::OlderDropped;
        conflict.server = content;
        conflict.fields.resize(1);
        conflict.fields[0].server.assign(copies * size, 'x');
        return store.add(std::move(conflict), 1'024);
    };
    for (int i = 0; i < 100; ++i) put(1'000); // 4 MB each
    const std::uint64_t newest = put(1'000);
    CHECK(store.publish().size() < 70); // of 256 MB
    CHECK(store.find(newest));
    CHECK_FALSE(store.find(1));
}

TEST_CASE("edits that have ended are bounded in bytes: what was asked for goes before that it was") {
    Client client;
    for (int i = 0; i < 60; ++i)
        client.in(Command{Edit{"Task/nobody", {{"description", std::string(2u << 20, 'x')}}, EditMethod::Put}});
    const SnapshotPtr snapshot = client.engine.publish();
    std::size_t bytes = 0;
    for (std::uint64_t n = snapshot->ended_edits.first(); n < snapshot->ended_edits.end(); ++n)
        for (const fhir::FieldEdit& field : snapshot->ended_edits[n]->fields) bytes += field.value.size();
    CHECK(snapshot->ended_edits.size() == 60);
    CHECK(bytes <= 64u << 20);
    CHECK(Engine::restore(client.engine.keyframe()).value().state_hash() == client.engine.state_hash());
}

TEST_CASE("what a server says is kept shortened, and what names no resource is not read") {
    Client client;
    client.bind("s1");
    client.answer("Task?", 200, page({}));
    client.in(Command{ReadResource{std::string(1u << 20, 'x')}});
    CHECK(client.engine.publish()->requests_open == 0);
    CHECK(client.told("names no resource that could be read"));

    client.in(SocketClosed{1, 1006, std::string(1u << 20, 'x')});
    const SnapshotPtr snapshot = client.engine.publish();
    REQUIRE_FALSE(snapshot->connection.transitions.empty());
    for (const Transition& transition : snapshot->connection.transitions)
        CHECK(transition.reason.text_bytes() <= 2'048);
}

TEST_CASE("a WebSocket at another server's is said once") {
    Client client;
    const auto connect = [&](const std::string& id) {
        client.answer(R"("criteria":"Task")", 201,
                      R"({"resourceType":"Subscription","id":")" + id + R"(","criteria":"Task"})");
        client.answer("$get-ws-binding-token", 200,
                      R"({"resourceType":"Parameters","parameter":[{"name":"token","valueString":"t"},)"
                      R"({"name":"websocket-url","valueUrl":"ws://elsewhere.example/ws"}]})");
    };
    connect("s1");
    CHECK(client.told("elsewhere.example, which is not h"));
    Client usual;
    usual.bind("s1"); // ws://h/ws
    CHECK_FALSE(usual.told("which is not"));
}
