// What an engine does not let happen, by snapshots and changes made by hand; and conflicts.

#include "checks/judge.hpp"

#include "fhir/resource.hpp"
#include "query/conflict_fields.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstring>

using namespace fhirscope;
using namespace fhirscope::checks;

namespace {

engine::RecordPtr record_of(const std::string& version, int second) {
    auto resource = fhir::parse_resource(R"({"resourceType":"Task","id":"t1","meta":{"versionId":")" + version +
                                         R"(","lastUpdated":"2026-03-12T10:00:0)" + std::to_string(second) +
                                         R"(.000Z"},"status":"requested","intent":"order"})");
    REQUIRE(resource);
    auto kept = std::make_shared<engine::Version>();
    kept->resource = *resource;
    kept->last_updated = (*resource)->last_updated();
    auto record = std::make_shared<engine::Record>();
    record->reference = "Task/t1";
    record->history = {kept};
    return record;
}

engine::UpdateRow applied(const char* version) {
    engine::UpdateRow row;
    row.type = 0, row.record = 0;
    std::memcpy(row.version.data(), version, std::strlen(version));
    return row;
}

Outcome concluded(Judge& judge) {
    Outcome outcome;
    judge.conclude(outcome);
    return outcome;
}

} // namespace

TEST_CASE("a version that is applied again is found") {
    const auto verdict = [](std::vector<engine::UpdateRow> rows) {
        const auto judge = make_judge(Never{Never::What::AppliedTwice});
        engine::Snapshot snapshot;
        const query::ConflictRows none;
        judge->begin({snapshot, none, {}});
        snapshot.stores.push_back({"Task", engine::Chunked<engine::RecordPtr>::View::of({record_of("1", 1)}), 0});
        snapshot.updates = engine::Log<engine::UpdateRow>::View::of(std::move(rows));
        judge->look({snapshot, none, {}});
        return concluded(*judge);
    };
    CHECK(verdict({applied("1"), applied("2")}).verdict == Verdict::Passed);
    const Outcome twice = verdict({applied("1"), applied("2"), applied("1")});
    CHECK(twice.verdict == Verdict::Failed);
    CHECK(twice.about == "Task/t1");
    engine::UpdateRow held = applied("1");
    held.outcome = engine::Outcome::Duplicate;
    CHECK(verdict({applied("1"), held}).verdict == Verdict::Passed);
}

TEST_CASE("a version that is older than the one before it is found") {
    const auto judge = make_judge(Never{Never::What::VersionBack});
    const auto first = record_of("1", 1), second = record_of("2", 2);
    judge->change({}, {nullptr, first.get(), {}});
    judge->change({}, {first.get(), second.get(), {}});
    CHECK(concluded(*judge).verdict == Verdict::Passed);
    const LocalTime at(std::chrono::seconds(7));
    judge->change(at, {second.get(), first.get(), {}});
    const Outcome back = concluded(*judge);
    CHECK(back.verdict == Verdict::Failed);
    CHECK(back.at == at);
}

TEST_CASE("conflicts are counted, and end as they should") {
    engine::Snapshot snapshot;
    const query::ConflictRows none;
    const auto conflict = [&](const char* reference, engine::ConflictOutcome outcome, int second) {
        engine::Conflict one;
        one.reference = reference;
        one.outcome = outcome;
        one.at = LocalTime(std::chrono::seconds(second));
        return std::make_shared<const engine::Conflict>(one);
    };
    snapshot.conflicts =
        engine::Chunked<engine::ConflictPtr>::View::of({conflict("Task/1", engine::ConflictOutcome::Waiting, 1),
                                                        conflict("Task/2", engine::ConflictOutcome::Merged, 5),
                                                        conflict("Patient/3", engine::ConflictOutcome::KeptLocal, 6)});
    snapshot.conflict_counts[0] = 3;
    const auto outcome = [&](const auto& expected, int from) {
        const auto judge = make_judge(expected);
        judge->begin({{}, none, LocalTime(std::chrono::seconds(from))});
        judge->look({snapshot, none, LocalTime(std::chrono::seconds(9))});
        judge->end({snapshot, none, LocalTime(std::chrono::seconds(9))});
        return concluded(*judge);
    };
    const auto filter = [](const char* text) { return query::Query::parse(text, query::conflict_fields()).value(); };
    const ConflictEnds merged{filter("type:Task"), {engine::ConflictOutcome::Merged}};
    CHECK(outcome(merged, 0).verdict == Verdict::Failed);
    CHECK(outcome(merged, 0).about == "Task/1");
    CHECK(outcome(merged, 3).verdict == Verdict::Passed); // the first was before
    CHECK(outcome(merged, 8).verdict == Verdict::Undecided);
    Count count{.of = Count::Of::Conflicts, .filter = filter("type:Task"), .most = 1};
    CHECK(outcome(count, 3).verdict == Verdict::Passed);
    const Outcome many = outcome(count, 0);
    CHECK(many.verdict == Verdict::Failed);
    CHECK(many.about == "Task/2");   // the one too many
    snapshot.conflict_counts[0] = 4; // one is not kept any more
    CHECK(outcome(merged, 3).verdict == Verdict::Undecided);
}
