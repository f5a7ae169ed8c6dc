// The caches between snapshots and tables: they must cost what changed, and say the same as a fresh look at everything.

#include "gui/model/labels.hpp"
#include "gui/model/log/log_index.hpp"
#include "gui/model/log/range_counts.hpp"
#include "gui/model/log/shown_log.hpp"
#include "gui/model/panels/flaw_texts.hpp"
#include "gui/model/panels/panel_index.hpp"
#include "gui/model/panels/task_summaries.hpp"
#include "gui/model/timeline_data.hpp"
#include "support/synthetic_snapshot.hpp"

#include <catch2/catch_test_macros.hpp>

#include <map>
#include <set>

using namespace fhirscope;
using namespace fhirscope::gui;
using fhirscope::query::Query;
using fhirscope::tests::Synthetic;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t tasks_store = 1;

PanelIndex::Question by_status() {
    PanelIndex::Question question;
    question.sort_column = 3;
    question.sort_kind = engine::ColumnKind::Status;
    return question;
}

Query parsed(std::string_view text) { return *Query::parse(text, query::update_fields()); }

const query::ConflictRows no_conflicts;

} // namespace

TEST_CASE("a resource of a visible row is looked through for flaws once, until another is there") {
    const auto resource = [](std::string_view text) { return fhir::parse_resource(text).value(); };
    const auto bad = resource(R"({"resourceType":"Task","id":"1"})");
    const auto good =
        resource(R"({"resourceType":"Task","id":"1","meta":{"versionId":"1","lastUpdated":"2026-02-10T10:30:15Z"}})");
    FlawTexts flaws;
    for (int frame = 0; frame < 3; ++frame) {
        CHECK(flaws.of(0, bad) == fhir::flaws_of(*bad));
        CHECK(flaws.of(1, good).empty());
    }
    CHECK_FALSE(flaws.of(0, bad).empty());
    CHECK(flaws.examined() == 2);
    CHECK(flaws.of(0, good).empty());
    CHECK(flaws.examined() == 3);

    // Bounded, whatever was scrolled through.
    for (std::uint32_t row = 0; row < 3 * FlawTexts::most_rows; ++row) flaws.of(row, bad);
    CHECK(flaws.size() <= FlawTexts::most_rows);
}

TEST_CASE("a panel's index looks only at records that changed and ends in the order of a fresh one") {
    Synthetic data({.patients = 50, .tasks = 3000, .alerts = 0, .updates = 10, .seconds = 60, .gap = false});
    PanelIndex index;
    index.update(data.publish(), tasks_store, by_status(), Synthetic::now());
    CHECK(index.order().size() == 3000);
    for (int round = 0; round < 30; ++round) {
        const std::size_t at = static_cast<std::size_t>(round) * 97 % 3000;
        data.change_task(at, round % 2 == 0 ? "completed" : "accepted", Synthetic::now());
        data.change_task((at + 1) % 3000, "draft", Synthetic::now());
        const auto snapshot = data.publish();
        index.update(snapshot, tasks_store, by_status(), Synthetic::now());
        CHECK(index.examined() == 2);
        PanelIndex fresh;
        fresh.update(snapshot, tasks_store, by_status(), Synthetic::now());
        REQUIRE(index.order() == fresh.order());
    }
    index.update(data.publish(), tasks_store, by_status(), Synthetic::now());
    CHECK(index.examined() == 0);
}

TEST_CASE("a record enters and leaves a filtered panel as it changes") {
    Synthetic data({.patients = 20, .tasks = 100, .alerts = 0, .updates = 10, .seconds = 60, .gap = false});
    PanelIndex index;
    PanelIndex::Question question = by_status();
    question.filter = "DRAFT";
    index.update(data.publish(), tasks_store, question, Synthetic::now());
    CHECK(index.order().empty());
    data.change_task(7, "draft", Synthetic::now());
    index.update(data.publish(), tasks_store, question, Synthetic::now());
    CHECK(index.order() == std::vector<std::uint32_t>{7});
    data.change_task(7, "requested", Synthetic::now());
    index.update(data.publish(), tasks_store, question, Synthetic::now());
    CHECK(index.order().empty());
}

TEST_CASE("a deleted record stays for five seconds with the cells that it had") {
    Synthetic data({.patients = 20, .tasks = 100, .alerts = 0, .updates = 10, .seconds = 60, .gap = false});
    PanelIndex index;
    index.update(data.publish(), tasks_store, by_status(), Synthetic::now());
    data.delete_task(4, Synthetic::now());
    const auto snapshot = data.publish();
    index.update(snapshot, tasks_store, by_status(), Synthetic::now());
    CHECK(index.total() == 99);
    CHECK(index.order().size() == 100);
    REQUIRE(index.leaving(4) != nullptr);
    CHECK_FALSE(index.leaving(4)->cells.empty());
    index.update(snapshot, tasks_store, by_status(), Synthetic::now() + 5s);
    CHECK(index.order().size() == 99);
    CHECK(index.leaving(4) == nullptr);
}

TEST_CASE("cells are ordered by value where they have one, and empty ones come last") {
    using engine::ColumnKind;
    CHECK(compare_cells("9", "10", ColumnKind::Text) < 0);
    CHECK(compare_cells("", "a", ColumnKind::Text) > 0);
    CHECK(compare_cells("stat", "routine", ColumnKind::Priority) > 0);
    CHECK(compare_cells("2026-01-02", "2026-01-10", ColumnKind::Date) < 0);
    CHECK(compare_cells("x", "x", ColumnKind::Code) == 0);
}

TEST_CASE("a log index finds what a look at every row finds, and shows the query before until then") {
    Synthetic data;
    const auto snapshot = data.publish();
    const Query query = parsed("type:Task outcome:applied | latency > 200ms");
    std::vector<std::uint64_t> expected;
    query::UpdateFacts facts(*snapshot, nullptr);
    for (std::uint64_t n = snapshot->updates.end(); n > snapshot->updates.first(); --n)
        if (query.matches(facts.at(n - 1))) expected.push_back(n - 1);
    LogIndex index;
    Worker worker([] {});
    index.update(snapshot, no_conflicts, std::nullopt, &worker);
    CHECK(index.size() == snapshot->updates.size()); // no query: nothing has to be looked at
    CHECK_FALSE(index.complete());
    worker.wait();
    index.ask(query);
    index.update(snapshot, no_conflicts, std::nullopt, &worker);
    CHECK(index.size() == snapshot->updates.size());
    CHECK(index.examined() == 0);
    worker.wait();
    index.update(snapshot, no_conflicts, std::nullopt, &worker);
    REQUIRE(index.complete());
    CHECK(index.examined() == 0);
    REQUIRE(index.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) REQUIRE(index.number(i) == expected[i]);
    CHECK(index.place_of(expected[5]) == 5U);
    // Without a query again: at once.
    index.ask({});
    index.update(snapshot, no_conflicts, std::nullopt, &worker);
    CHECK(index.size() == snapshot->updates.size());
}

TEST_CASE("rows that arrive are found, newest first, and a range cuts the list") {
    Synthetic data({.patients = 5, .tasks = 20, .alerts = 0, .updates = 500, .seconds = 60, .gap = false});
    LogIndex index;
    index.ask(parsed("type:Task"));
    index.update(data.publish(), no_conflicts, std::nullopt);
    const std::size_t before = index.size();
    data.change_task(3, "completed", Synthetic::now());
    const auto snapshot = data.publish();
    index.update(snapshot, no_conflicts, std::nullopt);
    CHECK(index.size() == before + 1);
    CHECK(index.number(0) == snapshot->updates.end() - 1);
    const TimeRange range{Synthetic::now() - 10s, Synthetic::now() - 5s};
    index.update(snapshot, no_conflicts, range);
    REQUIRE(index.size() > 0);
    CHECK(index.size() < before);
    for (std::size_t i = 0; i < index.size(); ++i) {
        const LocalTime at = snapshot->updates[index.number(i)].received;
        CHECK((at >= range.begin && at < range.end));
    }
}

TEST_CASE("a row that comes to belong to a conflict enters the list, and no other row is looked at again") {
    Synthetic data({.patients = 5, .tasks = 20, .alerts = 0, .updates = 9000, .seconds = 60, .gap = false});
    const auto plain = data.publish();
    engine::Chunked<engine::ConflictPtr> conflicts;
    const auto with = [&] {
        auto snapshot = std::make_shared<engine::Snapshot>(*plain);
        snapshot->conflicts = conflicts.publish();
        return snapshot;
    };
    const auto conflict = [](std::uint64_t number, std::uint64_t update) {
        auto made = std::make_shared<engine::Conflict>();
        made->number = number;
        made->update = update;
        return made;
    };
    const std::uint64_t begin = plain->updates.first();
    for (const char* text : {"outcome:conflict", "outcome != conflict", ""}) {
        INFO(text);
        conflicts.clear();
        conflicts.push_back(conflict(1, begin + 6000));
        query::ConflictRows rows;
        LogIndex index;
        index.ask(parsed(text));
        auto snapshot = with();
        rows.update(snapshot);
        index.update(snapshot, rows, std::nullopt);
        REQUIRE(index.complete());
        const std::size_t before = index.size();
        conflicts.push_back(conflict(2, begin + 4000));
        conflicts.set(0, conflict(1, begin + 100)); // the first is another row's now
        snapshot = with();
        rows.update(snapshot);
        index.update(snapshot, rows, std::nullopt);
        CHECK(index.examined() == 3);
        LogIndex fresh;
        fresh.ask(parsed(text));
        fresh.update(snapshot, rows, std::nullopt);
        REQUIRE(index.size() == fresh.size());
        for (std::size_t i = 0; i < fresh.size(); ++i) REQUIRE(index.number(i) == fresh.number(i));
        REQUIRE(index.bins().size() == fresh.bins().size());
        std::uint32_t in_conflict = 0;
        for (std::size_t i = 0; i < fresh.bins().size(); ++i) {
            CHECK(index.bins()[i].matches == fresh.bins()[i].matches);
            CHECK(index.bins()[i].conflicts == fresh.bins()[i].conflicts);
            in_conflict += fresh.bins()[i].conflicts;
        }
        CHECK(in_conflict == (std::string_view(text).find("!=") == std::string_view::npos ? 2U : 0U));
        CHECK((text[0] == 0 || index.size() != before));
    }
}

TEST_CASE("rows that left the log leave the index") {
    engine::Log<engine::UpdateRow> log(2048);
    const auto snapshot_of = [&] {
        auto snapshot = std::make_shared<engine::Snapshot>();
        snapshot->updates = log.publish();
        return snapshot;
    };
    const auto add = [&](int count) {
        for (int i = 0; i < count; ++i) {
            engine::UpdateRow row;
            row.received = LocalTime(std::chrono::seconds(log.end()));
            row.outcome = i % 3 == 0 ? engine::Outcome::Rejected : engine::Outcome::Applied;
            log.push_back(row);
        }
    };
    add(3000);
    LogIndex index;
    index.ask(parsed("outcome:rejected"));
    index.update(snapshot_of(), no_conflicts, std::nullopt);
    for (int round = 0; round < 10; ++round) {
        add(3000);
        const auto snapshot = snapshot_of();
        index.update(snapshot, no_conflicts, std::nullopt);
        std::size_t expected = 0;
        for (std::uint64_t n = snapshot->updates.first(); n < snapshot->updates.end(); ++n)
            expected += snapshot->updates[n].outcome == engine::Outcome::Rejected ? 1 : 0;
        REQUIRE(index.size() == expected);
        REQUIRE(index.number(index.size() - 1) >= snapshot->updates.first());
    }
}

TEST_CASE("a patient's tasks are summed up and follow a change") {
    Synthetic data({.patients = 3, .tasks = 30, .alerts = 0, .updates = 10, .seconds = 60, .gap = false});
    TaskSummaries tasks;
    const auto first = data.publish();
    tasks.update(first);
    const std::string patient = first->stores[0].records[0]->reference;
    const TaskSummaries::Summary* before = tasks.of(patient);
    REQUIRE(before != nullptr);
    std::uint32_t open = before->open();
    std::uint32_t all = 0;
    for (const auto& store_patient : {0, 1, 2}) {
        const auto* summary = tasks.of(first->stores[0].records[static_cast<std::size_t>(store_patient)]->reference);
        for (std::size_t group = 0; summary != nullptr && group < TaskSummaries::GroupCount; ++group)
            all += summary->counts[group];
    }
    CHECK(all == 30);
    for (std::size_t i = 0; i < 30; ++i) data.change_task(i, "completed", Synthetic::now());
    tasks.update(data.publish());
    const TaskSummaries::Summary* after = tasks.of(patient);
    REQUIRE(after != nullptr);
    CHECK(open > 0);
    CHECK(after->open() == 0);
    CHECK(after->next_due.empty());
}

TEST_CASE("the timeline counts every update of its range once") {
    Synthetic data({.patients = 5, .tasks = 20, .alerts = 3, .updates = 2000, .seconds = 300, .gap = false});
    const auto snapshot = data.publish();
    TimelineData timeline;
    const TimeRange range = timeline_range(*snapshot, TimelineSpan::TenMinutes, Synthetic::now());
    timeline.update(*snapshot, diagnosis::Diagnosis(), range, 200, 4);
    std::uint64_t counted = 0;
    std::uint64_t merged = 0;
    for (const TimelineLane& lane : timeline.lanes())
        for (const std::uint32_t count : lane.counts) counted += count;
    for (const std::uint32_t count : timeline.merged().counts) merged += count;
    std::uint64_t expected = 0;
    for (std::uint64_t n = snapshot->seconds.first(); n < snapshot->seconds.end(); ++n)
        for (const std::uint32_t count : snapshot->seconds[n].updates) expected += count;
    CHECK(counted == expected);
    CHECK(merged == expected);
    timeline.update(*snapshot, diagnosis::Diagnosis(), range, 200, 2);
    CHECK(timeline.lanes().size() == 2);
}

TEST_CASE("the time at which an update was shown is that of the first frame that had it") {
    ShownLog shown;
    const LocalTime start = Synthetic::now();
    shown.frame(10, start);
    CHECK_FALSE(shown.shown_at(9).has_value());
    CHECK_FALSE(shown.shown_at(10).has_value());
    shown.frame(12, start + 16ms);
    shown.frame(12, start + 32ms);
    shown.frame(20, start + 48ms);
    CHECK(shown.shown_at(10) == start + 16ms);
    CHECK(shown.shown_at(11) == start + 16ms);
    CHECK(shown.shown_at(12) == start + 48ms);
    CHECK_FALSE(shown.shown_at(20).has_value());
}

TEST_CASE("only what was committed just now and pushed has a latency") {
    engine::Snapshot snapshot;
    snapshot.metrics.started = Synthetic::now() - 60s;
    const auto latency = [&](engine::Outcome outcome, engine::Channel channel, std::chrono::milliseconds before) {
        engine::UpdateRow row;
        row.received = row.dequeued = Synthetic::now();
        const auto changed = Synthetic::now().time_since_epoch() - before;
        row.changed = ServerTime(std::chrono::duration_cast<std::chrono::milliseconds>(changed));
        row.outcome = outcome;
        row.channel = channel;
        snapshot.updates = engine::Log<engine::UpdateRow>::View::of({row});
        return latency_of(snapshot, 0);
    };
    using engine::Channel;
    using engine::Outcome;
    CHECK(latency(Outcome::Applied, Channel::Socket, 40ms) == 40ms);
    CHECK(latency(Outcome::OutOfOrder, Channel::Socket, 40ms).has_value());
    CHECK_FALSE(latency(Outcome::Applied, Channel::Baseline, 40ms).has_value());
    CHECK_FALSE(latency(Outcome::Duplicate, Channel::Socket, 40ms).has_value());
    // A deletion arrives as the version before it, hours old.
    CHECK_FALSE(latency(Outcome::Checking, Channel::Socket, 40ms).has_value());
    CHECK_FALSE(latency(Outcome::Applied, Channel::Socket, 3h).has_value());
}

TEST_CASE(
    "the outcomes of a range are those of its rows, counted by the worker where they are many, and gone on with") {
    Synthetic data({.patients = 5, .tasks = 20, .alerts = 0, .updates = 100000, .seconds = 720, .gap = false});
    RangeCounts counts;
    Worker worker([] {});
    auto snapshot = data.publish();
    // Returns whether the worker was asked.
    const auto check = [&](const TimeRange& range) {
        counts.update(snapshot, range, &worker);
        const bool asked = !counts.complete();
        worker.wait();
        counts.update(snapshot, range, &worker);
        REQUIRE(counts.complete());
        std::map<engine::Outcome, std::uint64_t> expected;
        std::uint64_t rows = 0;
        for (std::uint64_t n = snapshot->updates.first(); n < snapshot->updates.end(); ++n) {
            const engine::UpdateRow& row = snapshot->updates[n];
            if (row.received >= range.begin && row.received < range.end) {
                ++expected[row.outcome];
                ++rows;
            }
        }
        CHECK(counts.end() - counts.begin() == rows);
        for (std::size_t i = 0; i < engine::outcome_count; ++i)
            CHECK(counts.of(static_cast<engine::Outcome>(i)) == expected[static_cast<engine::Outcome>(i)]);
        return asked;
    };
    CHECK_FALSE(check({Synthetic::now() - 60s, Synthetic::now() - 30s}));
    CHECK(check({Synthetic::now() - 700s, Synthetic::now() + 60s}));
    data.add_update(1, 7, Synthetic::now() + 1s, engine::Outcome::Rejected);
    snapshot = data.publish();
    CHECK_FALSE(check({Synthetic::now() - 700s, Synthetic::now() + 60s})); // the new row alone
    counts.update(snapshot, std::nullopt, &worker);
    CHECK(counts.end() == counts.begin());
}
