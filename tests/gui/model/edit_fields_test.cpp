// Editing without a window: which field a column means, what may be chosen, when a form may be sent.

#include "gui/model/edit/edit_fields.hpp"

#include "fhir/task.hpp"
#include "gui/model/edit/edit_choices.hpp"
#include "gui/model/edit/edit_form.hpp"
#include "gui/model/labels.hpp"
#include "gui/model/panels/panel_index.hpp"
#include "gui/model/panels/task_summaries.hpp"
#include "query/conflict_rows.hpp"
#include "support/synthetic_snapshot.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace fhirscope;
using namespace fhirscope::gui;
using fhir::FieldEdit;
using fhirscope::tests::Synthetic;

namespace {

constexpr std::string_view task_text =
    R"({"resourceType":"Task","id":"t1","meta":{"versionId":"v1","lastUpdated":"2026-03-12T14:00:00.000Z"},)"
    R"("status":"completed","intent":"order","priority":"routine","description":"Call \"Amara\"",)"
    R"("owner":{"reference":"Practitioner/p1","display":"N. Abadi"},"note":[{"text":"first"},{"text":"second"}],)"
    R"("restriction":{"repetitions":2,"period":{"end":"2026-03-12T14:45:00Z"}}})";

fhir::ResourcePtr resource(std::string_view text) { return fhir::parse_resource(text).value(); }

EditField field(std::string_view label) {
    for (const std::string_view type : {"Task", "Patient"}) {
        for (EditField& known : known_fields(type))
            if (known.label == label) return known;
    }
    throw std::runtime_error("no field is called that");
}

} // namespace

TEST_CASE("columns of the panels name the fields that they edit") {
    Synthetic data({.patients = 1, .tasks = 1, .alerts = 1, .updates = 1, .seconds = 60, .gap = false});
    const auto snapshot = data.publish();
    const auto path_of = [&](std::string_view panel, std::string_view column) {
        for (const engine::PanelDefinition& definition : snapshot->panels) {
            for (const engine::Column& candidate : definition.columns) {
                if (definition.id == panel && candidate.id == column) {
                    const auto found = field_of(definition.type, candidate);
                    return found ? found->path : std::string(to_string(found.error().code));
                }
            }
        }
        return std::string("no such column");
    };
    CHECK(path_of("tasks", "status") == "status");
    CHECK(path_of("tasks", "priority") == "priority");
    CHECK(path_of("tasks", "due") == "restriction.period.end");
    CHECK(path_of("tasks", "assignee") == "owner");
    CHECK(path_of("tasks", "description") == "description");
    CHECK(path_of("tasks", "patient") == "unsupported");
    CHECK(path_of("patients", "born") == "birthDate");
    CHECK(path_of("patients", "gender") == "gender");
    CHECK(path_of("patients", "name") == "unsupported"); // several names with parts: edited in the tree
    CHECK(path_of("patients", "tasks") == "unsupported");
    CHECK(path_of("patients", "due") == "unsupported");
    CHECK(path_of("alerts", "message") == "unsupported");
}

TEST_CASE("a value is read at a path as a person would type it") {
    const auto task = resource(task_text);
    CHECK(typed_at(*task, "description") == "Call \"Amara\"");
    CHECK(json_at(*task, "description") == R"("Call \"Amara\"")");
    CHECK(typed_at(*task, "restriction.period.end") == "2026-03-12T14:45:00Z");
    CHECK(typed_at(*task, "restriction.repetitions") == "2");
    CHECK(typed_at(*task, "note[1].text") == "second");
    CHECK(typed_at(*task, "note[2].text").empty());
    CHECK(typed_at(*task, "note[+].text").empty());
    CHECK(typed_at(*task, "nothing.here").empty());
}

TEST_CASE("the usual next states come first, and no other is forbidden") {
    const auto choices = status_choices("requested");
    const auto usual = fhir::usual_next("requested");
    REQUIRE(choices.size() == fhir::task_states().size() - 1);
    for (std::size_t i = 0; i < usual.size(); ++i) {
        CHECK(choices[i].value == usual[i]);
        CHECK(choices[i].note.empty());
    }
    CHECK(std::none_of(choices.begin(), choices.end(), [](const EditChoice& c) { return c.value == "requested"; }));
}

TEST_CASE("a step out of an end is warned about") {
    const auto choices = status_choices("completed");
    const auto accepted =
        std::find_if(choices.begin(), choices.end(), [](const EditChoice& c) { return c.value == "accepted"; });
    REQUIRE(accepted != choices.end());
    CHECK(accepted->warn);
    CHECK(accepted->note == "not a usual transition from completed");
}

TEST_CASE("codes are offered without the one that is there, and a required one is not removed") {
    const auto task = resource(task_text);
    const auto values = [&](const EditField& of, std::string_view now) {
        std::vector<std::string> found;
        for (const EditChoice& choice : choices_for("Task", of, *fhir::rule_for(*task, of.path), now))
            found.push_back(choice.value);
        return found;
    };
    CHECK(values(field("priority"), "routine") == std::vector<std::string>{"urgent", "asap", "stat", ""});
    const auto states = values(field("status"), "completed");
    CHECK(std::find(states.begin(), states.end(), "") == states.end());
    CHECK(values(field("description"), "x").empty());
}

TEST_CASE("what is typed becomes exactly the edits that are sent") {
    const auto task = resource(task_text);
    using Edits = std::vector<FieldEdit>;
    CHECK(edits_for(*task, field("due"), "2026-03-13") == Edits{{"restriction.period.end", R"("2026-03-13")"}});
    CHECK(edits_for(*task, field("due"), "2026-03-12T14:45:00Z") == Edits{});
    CHECK(edits_for(*task, field("due"), "") == Edits{{"restriction.period.end", ""}});
    CHECK_FALSE(edits_for(*task, field("due"), "2026-02-30"));
    CHECK_FALSE(edits_for(*task, field("due"), "tomorrow"));
    CHECK_FALSE(edits_for(*task, field("status"), ""));
    CHECK(edits_for(*task, field("description"), "say \"so\"") == Edits{{"description", R"("say \"so\"")"}});
    CHECK(edits_for(*task, field("note"), "third") == Edits{{"note[+].text", R"("third")"}});
    CHECK_FALSE(edits_for(*task, field("note"), "  "));
}

TEST_CASE("an owner is a name, a reference, or both from the list") {
    const auto task = resource(task_text);
    using Edits = std::vector<FieldEdit>;
    CHECK(edits_for(*task, field("assignee"), "N. Abadi") == Edits{});
    // A name alone must not stay beside another person's reference.
    CHECK(edits_for(*task, field("assignee"), "K. Lund") ==
          Edits{{"owner.reference", ""}, {"owner.display", R"("K. Lund")"}});
    CHECK(edits_for(*task, field("assignee"), "Practitioner/p2") ==
          Edits{{"owner.reference", R"("Practitioner/p2")"}, {"owner.display", ""}});
    CHECK(edits_for(*task, field("assignee"), "") == Edits{{"owner.reference", ""}, {"owner.display", ""}});
    CHECK(owner_edits(*task, "Practitioner/p2", "K. Lund") ==
          Edits{{"owner.reference", R"("Practitioner/p2")"}, {"owner.display", R"("K. Lund")"}});
}

TEST_CASE("what named the owner before goes with it") {
    const auto task = resource(
        R"({"resourceType":"Task","id":"t","status":"draft","intent":"order","owner":{"reference":"Practitioner/p1",)"
        R"("type":"Practitioner","identifier":{"system":"urn:s","value":"7"},"display":"N. Abadi"}})");
    const auto edits = owner_edits(*task, "Organization/o1", "Ward 3");
    REQUIRE(edits);
    CHECK(*edits == std::vector<FieldEdit>{{"owner.reference", R"("Organization/o1")"},
                                           {"owner.display", R"("Ward 3")"},
                                           {"owner.type", ""},
                                           {"owner.identifier.system", ""},
                                           {"owner.identifier.value", ""}});
    const auto text = fhir::apply_edits(*task, *edits);
    REQUIRE(text);
    CHECK(text->find(R"("owner":{"reference":"Organization/o1","display":"Ward 3"})") != std::string::npos);
}

TEST_CASE("owners are those of the tasks that are held, each once") {
    Synthetic data({.patients = 5, .tasks = 60, .alerts = 0, .updates = 1, .seconds = 60, .gap = false});
    const auto owners = owners_seen(data.publish()->stores[1]);
    REQUIRE(owners.size() == 4);
    CHECK(owners[0].label == "I. Marsh");
    CHECK(owners[0].reference == "Practitioner/p1");
    CHECK(owners_seen(data.publish()->stores[1], 2).size() == 2);
}

TEST_CASE("a form is sent only while what was typed is valid and new") {
    const auto task = resource(task_text);
    EditForm form = EditForm::make(task, task, field("due"), EditPlace::Panel);
    CHECK(form.editable());
    CHECK(form.type_name() == "dateTime");
    CHECK(form.edits().empty());
    form.typed = "2026-03-4";
    form.check(task);
    CHECK_FALSE(form.problem().empty());
    CHECK(form.edits().empty());
    form.typed = "2026-03-14";
    form.check(task);
    CHECK(form.problem().empty());
    CHECK(form.edits() == std::vector<FieldEdit>{{"restriction.period.end", R"("2026-03-14")"}});
}

TEST_CASE("a form keeps what was typed when a newer version arrives, and tells of it") {
    const auto task = resource(task_text);
    EditForm form = EditForm::make(task, task, field("description"), EditPlace::Panel);
    form.typed = "mine";
    form.check(task);
    CHECK(form.news().empty());
    std::string text(task_text);
    text.replace(text.find(R"(Call \"Amara\")"), std::string_view(R"(Call \"Amara\")").size(), "theirs");
    form.check(resource(text));
    CHECK(form.typed == "mine");
    CHECK(form.news() == "It is “theirs” now.");
    CHECK(form.edits().size() == 1);
}

TEST_CASE("a field that cannot be edited says why") {
    const auto task = resource(task_text);
    for (const char* path : {"id", "meta.versionId", "owner", "resourceType"}) {
        const EditForm form = EditForm::make(task, task, field_at(path), EditPlace::Tree);
        CHECK_FALSE(form.editable());
        CHECK_FALSE(form.problem().empty());
    }
}

TEST_CASE("the grade of a state counts from what the server has, not from a pending edit") {
    const auto server = resource(task_text);
    std::string text(task_text);
    text.replace(text.find("completed"), 9, "accepted");
    const EditForm form = EditForm::make(resource(text), server, field("status"), EditPlace::Panel);
    const auto choices = form.choices();
    CHECK(std::none_of(
        choices.begin(), choices.end(), [](const EditChoice& c) { return c.value == "accepted"; }));
    const auto draft =
        std::find_if(choices.begin(), choices.end(), [](const EditChoice& c) { return c.value == "draft"; });
    REQUIRE(draft != choices.end());
    CHECK(draft->note == "not a usual transition from completed");
    CHECK(choices.back().value == "completed");
    CHECK(choices.back().note == "as on the server");
}

TEST_CASE("the full name of an owner in the list means that owner") {
    const auto task = resource(task_text);
    EditForm form = EditForm::make(task, task, field("assignee"), EditPlace::Panel, "K. Lund");
    form.offer({{"K. Lund", "K. Lund", "Practitioner/p2", false, "Practitioner/p2"}});
    CHECK(form.edits() ==
          std::vector<FieldEdit>{{"owner.reference", R"("Practitioner/p2")"}, {"owner.display", R"("K. Lund")"}});
    form.typed = "lun";
    form.check(task);
    CHECK(form.choices().size() == 1);
    form.typed = "nobody";
    form.check(task);
    CHECK(form.choices().empty());
}

TEST_CASE("what was asked for is told from what was sent") {
    const std::vector<FieldEdit> sent = {{"status", R"("accepted")"},
                                         {"owner.reference", R"("Practitioner/p2")"},
                                         {"owner.display", R"("K. Lund")"},
                                         {"note[+].text", R"("a")"},
                                         {"note[+].text", R"("b")"},
                                         {"status", R"("in-progress")"},
                                         {"code.text", ""}};
    const auto asked = asked_fields("Task", sent);
    REQUIRE(asked.size() == 5);
    CHECK(asked[0].field.path == "status");
    CHECK(asked[0].typed == "in-progress");
    CHECK(asked[1].field.ask == Ask::Owner);
    CHECK(asked[1].typed == "K. Lund");
    CHECK(asked[2].typed == "a");
    CHECK(asked[3].typed == "b");
    CHECK(asked[4].field.label == "text");
    CHECK(asked[4].typed.empty());
}

TEST_CASE("a panel sorts, filters and counts by what is shown of an edit, at the cost of the change") {
    Synthetic data({.patients = 20, .tasks = 500, .alerts = 0, .updates = 10, .seconds = 60, .gap = false});
    PanelIndex::Question question;
    question.sort_column = 3;
    question.filter = "entered-in-error";
    PanelIndex index;
    index.update(data.publish(), 1, question, Synthetic::now());
    CHECK(index.order().empty());
    data.edit_task(7, "entered-in-error", engine::EditState::Waiting);
    index.update(data.publish(), 1, question, Synthetic::now());
    CHECK(index.order() == std::vector<std::uint32_t>{7});
    CHECK(index.examined() == 1);
    CHECK(index.pending() == 1);
    data.edit_task(7, "entered-in-error", engine::EditState::Conflicted);
    data.delete_task(7, Synthetic::now());
    const auto snapshot = data.publish();
    index.update(snapshot, 1, question, Synthetic::now());
    CHECK(index.pending() == 0);
    CHECK(index.conflicts() == 1);
    CHECK(index.order() == std::vector<std::uint32_t>{7}); // what was deleted waits for a decision
    CHECK(in_conflict(*snapshot->stores[1].records[7]));
    data.end_edit(7);
    index.update(data.publish(), 1, question, Synthetic::now() + std::chrono::seconds(9));
    CHECK(index.order().empty());
    CHECK(index.conflicts() == 0);
}

TEST_CASE("rows of a conflict are looked up, and the index is made anew only when conflicts change") {
    Synthetic data({.patients = 5, .tasks = 20, .alerts = 0, .updates = 100, .seconds = 60, .gap = false});
    const auto conflict = [](std::uint64_t update, engine::ConflictKind kind) {
        auto made = std::make_shared<engine::Conflict>();
        made->update = update;
        made->kind = kind;
        return made;
    };
    engine::Chunked<engine::ConflictPtr> all;
    all.push_back(conflict(40, engine::ConflictKind::ConcurrentModification));
    all.push_back(conflict(41, engine::ConflictKind::OutOfOrder));
    all.push_back(conflict(engine::no_update, engine::ConflictKind::RefusedEdit));
    const auto publish = [&](const engine::Chunked<engine::ConflictPtr>::View& conflicts) {
        auto snapshot = data.publish();
        snapshot->conflicts = conflicts;
        return snapshot;
    };
    const auto view = all.publish();
    query::ConflictRows rows;
    rows.update(publish(view));
    REQUIRE(rows.of(40) != nullptr);
    CHECK(rows.of(40)->kind == engine::ConflictKind::ConcurrentModification);
    CHECK(rows.of(41) == nullptr);
    CHECK(rows.of(engine::no_update) == nullptr);
    rows.update(publish(view));
    CHECK(rows.rebuilt() == 1);
    all.push_back(conflict(44, engine::ConflictKind::DeleteVersusEdit));
    rows.update(publish(all.publish()));
    CHECK(rows.rebuilt() == 2);
    CHECK(rows.of(44) != nullptr);
}

TEST_CASE("a patient's tasks count as they are shown, those in conflict too") {
    Synthetic data({.patients = 1, .tasks = 6, .alerts = 0, .updates = 10, .seconds = 60, .gap = false});
    TaskSummaries tasks;
    const auto first = data.publish();
    const std::string patient = first->stores[0].records[0]->reference;
    for (std::size_t i = 0; i < 6; ++i) data.change_task(i, "completed", Synthetic::now());
    tasks.update(data.publish());
    REQUIRE(tasks.of(patient) != nullptr);
    CHECK(tasks.of(patient)->open() == 0);
    data.edit_task(2, "in-progress", engine::EditState::Conflicted);
    tasks.update(data.publish());
    CHECK(tasks.of(patient)->open() == 1);
    CHECK(tasks.of(patient)->in_conflict == 1);
    data.end_edit(2);
    tasks.update(data.publish());
    CHECK(tasks.of(patient)->open() == 0);
    CHECK(tasks.of(patient)->in_conflict == 0);
}
