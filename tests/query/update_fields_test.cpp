// What a filter sees of the rows of a snapshot.

#include "query/update_fields.hpp"

#include "query/query.hpp"
#include "support/synthetic_snapshot.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace fhirscope;
using namespace fhirscope::query;
using fhirscope::tests::Synthetic;
using namespace std::chrono_literals;

namespace {

engine::ConflictPtr conflict_of(std::uint64_t update) {
    auto conflict = std::make_shared<engine::Conflict>();
    conflict->number = update + 1;
    conflict->kind = engine::ConflictKind::ConcurrentModification;
    conflict->update = update;
    return conflict;
}

struct OneRow {
    engine::UpdateRow row;
    engine::Snapshot snapshot;
    OneRow() {
        row.received = row.dequeued = Synthetic::now();
        row.size = 1800;
        row.frame = 77;
        row.version = {'5', 'd', '1', '7', 'c', '4'};
        snapshot.metrics.started = Synthetic::now() - 60s;
        snapshot.subscriptions.resize(1);
        snapshot.subscriptions[0].name = "Task in progress";
        row.subscription = 0;
    }
    bool matches(std::string_view text) {
        snapshot.updates = engine::Log<engine::UpdateRow>::View::of({row});
        const auto query = Query::parse(text, update_fields());
        INFO(text);
        REQUIRE(query.has_value());
        return query->matches(UpdateFacts(snapshot, nullptr).at(0));
    }
};

} // namespace

TEST_CASE("a row is asked by what stands in its columns") {
    OneRow one;
    CHECK(one.matches("subscription:\"in progress\""));
    CHECK(one.matches("version:5d17"));
    CHECK(one.matches("size = 1.8kB & frame = 77 & seq = 0 & deleted:no"));
    CHECK(one.matches("channel:socket"));
    one.row.channel = engine::Channel::Cache; // the last but one of them
    CHECK(one.matches("channel:cache"));
    one.row.outcome = engine::Outcome::OutOfOrder;
    CHECK(one.matches("outcome:out-of-order & outcome != applied"));
    one.row.frame = UINT64_MAX;
    CHECK_FALSE(one.matches("frame > 0"));
}

TEST_CASE("latency, transport and queueing are told apart") {
    OneRow one;
    one.row.changed =
        ServerTime(std::chrono::duration_cast<ServerTime::duration>((Synthetic::now() - 300ms).time_since_epoch()));
    one.row.dequeued = one.row.received + 20ms;
    CHECK(one.matches("transport = 300ms & queued = 20ms & latency = 320ms"));
    one.row.channel = engine::Channel::Read; // its age says nothing about its way
    CHECK_FALSE(one.matches("latency > 0ms"));
    CHECK(one.matches("queued > 10ms"));
}

TEST_CASE("a rejected update is found by the resource that it was about, though it has no place in a store") {
    OneRow one;
    one.row.outcome = engine::Outcome::Rejected;
    one.row.type = engine::no_type;
    one.row.record = engine::no_record;
    engine::Rejection rejection;
    rejection.update = 0;
    rejection.reference = "Task/careplan_77_3";
    one.snapshot.rejections = engine::Log<engine::Rejection, 64>::View::of({rejection});
    CHECK(one.matches("resource:Task/careplan_77_3"));
    CHECK(one.matches("type:Task & id:careplan_77_3"));
    CHECK_FALSE(one.matches("type:Patient"));
}

TEST_CASE("a rejected update is found by its reason, and by a resource that it has not") {
    OneRow one;
    one.row.outcome = engine::Outcome::Rejected;
    engine::Rejection other;
    other.update = 5;
    other.reason = engine::said("another");
    engine::Rejection rejection;
    rejection.update = 0;
    rejection.stage = "validate";
    rejection.reason = engine::said("no id");
    one.snapshot.rejections = engine::Log<engine::Rejection, 64>::View::of({rejection, other});
    CHECK(one.matches("reason:\"no id\""));
    CHECK(one.matches("reason:validate"));
    CHECK_FALSE(one.matches("reason:another"));
    CHECK(one.matches("resource = \"\""));
}

TEST_CASE("an update belongs to the conflict that it led to and to the one whose decision it brought back") {
    Synthetic data({.patients = 2, .tasks = 20, .alerts = 0, .updates = 10, .seconds = 60, .gap = false});
    data.change_task(3, "completed", Synthetic::now());
    const auto plain = data.publish();
    const std::uint64_t led = plain->updates.end() - 1;
    auto snapshot = std::make_shared<engine::Snapshot>(*plain);
    engine::Chunked<engine::ConflictPtr> all;
    all.push_back(conflict_of(led));
    snapshot->conflicts = all.publish();
    ConflictRows rows;
    rows.update(snapshot);
    CHECK(rows.changed() == std::vector<std::uint64_t>{led});
    const auto query = *Query::parse("outcome:conflict & outcome:applied", update_fields());
    CHECK(query.matches(UpdateFacts(*snapshot, &rows).at(led)));
    CHECK_FALSE(query.matches(UpdateFacts(*snapshot, &rows).at(led - 1)));
    CHECK_FALSE(query.matches(UpdateFacts(*snapshot, nullptr).at(led)));

    // The decision is written; the server's answer is a row of the log.
    engine::UpdateRow answer = plain->updates[led];
    answer.channel = engine::Channel::Local;
    answer.version = {'a', 'b', 'c', 'd', 'e', 'f', '0', '1'};
    std::vector<engine::UpdateRow> updates;
    for (std::uint64_t n = 0; n <= led; ++n) updates.push_back(plain->updates[n]);
    updates.push_back(answer);
    auto decided = std::make_shared<engine::Conflict>(*conflict_of(led));
    decided->at = Synthetic::now() - 1s;
    decided->reference = data.task_reference(3);
    decided->outcome = engine::ConflictOutcome::Merged;
    decided->written = "abcdef01-2345-6789";
    auto later = std::make_shared<engine::Snapshot>(*snapshot);
    later->updates = engine::Log<engine::UpdateRow>::View::of(updates);
    all.set(0, decided);
    later->conflicts = all.publish();
    rows.update(later);
    CHECK(rows.changed() == std::vector<std::uint64_t>{led + 1});
    CHECK(rows.of(led) != nullptr);
    rows.update(later);
    CHECK(rows.changed().empty());
}

TEST_CASE("the session's types and subscriptions are known") {
    Synthetic data;
    const auto snapshot = data.publish();
    CHECK(known_values(*snapshot, "type").size() == snapshot->stores.size());
    CHECK(known_values(*snapshot, "subscription").at(0) == snapshot->subscriptions[0].name);
    CHECK(known_values(*snapshot, "outcome").empty());
}
