// What a filter sees of a panel's resources.

#include "query/resource_fields.hpp"

#include "query/lookup.hpp"
#include "query/query.hpp"
#include "support/synthetic_snapshot.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace fhirscope;
using namespace fhirscope::query;
using fhirscope::tests::Synthetic;

namespace {

bool matches(const engine::Snapshot& snapshot, std::size_t store, std::size_t record, std::string_view text) {
    const ResourceFields fields(*std::find_if(snapshot.panels.begin(), snapshot.panels.end(), [&](const auto& panel) {
        return panel.type == snapshot.stores[store].type;
    }));
    const auto query = Query::parse(text, fields.fields());
    INFO(text);
    REQUIRE(query.has_value());
    const engine::Record& one = *snapshot.stores[store].records[record];
    return query->matches(ResourceFacts(fields).at(one, shown_row(one)));
}

} // namespace

TEST_CASE("a panel's resources are asked by what is known of each and by its columns") {
    Synthetic data({.patients = 3, .tasks = 20, .alerts = 0, .updates = 10, .seconds = 60, .gap = false});
    data.change_task(4, "on-hold", Synthetic::now());
    auto snapshot = data.publish();
    CHECK(matches(*snapshot, 1, 4, "type = Task & status = on-hold"));
    CHECK(matches(*snapshot, 1, 4, "on-hold"));
    CHECK(matches(*snapshot, 1, 4, "id = " + std::string(data.task_reference(4)).substr(5)));
    CHECK(matches(*snapshot, 1, 4, data.task_reference(4)));
    CHECK(matches(*snapshot, 1, 4, "freshness:current & stale:no & conflict:no & pending:no"));
    CHECK_FALSE(matches(*snapshot, 1, 4, "status:completed"));
    data.edit_task(4, "completed", engine::EditState::Conflicted);
    snapshot = data.publish();
    CHECK(matches(*snapshot, 1, 4, "conflict:yes & freshness:conflict"));
    // As it is shown: with the edit.
    CHECK(matches(*snapshot, 1, 4, "status = completed"));
    data.edit_task(5, "completed", engine::EditState::Sending);
    CHECK(matches(*data.publish(), 1, 5, "pending:yes"));
}

TEST_CASE("dates of a panel are compared as dates") {
    engine::PanelDefinition panel;
    panel.columns = {{"due", "Due", "handler:due", engine::ColumnKind::DateTime},
                     {"type", "Kind", "code", engine::ColumnKind::Text}};
    const ResourceFields fields(panel);
    engine::Record record;
    record.reference = "Task/1";
    const engine::Row row{{"2026-03-12T09:00:00Z", "visit"}};
    const auto holds = [&](std::string_view text) {
        return Query::parse(text, fields.fields())->matches(ResourceFacts(fields).at(record, &row));
    };
    CHECK(holds("due < 2026-04"));
    CHECK_FALSE(holds("due > 2026-03-12"));
    // A column called as a field of every resource gives way.
    CHECK(holds("type = Task & column-type = visit"));
}
