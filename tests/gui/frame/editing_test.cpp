// Edits made in the window: a double click, what is typed, Enter, and the command that is sent.

#include "window_driver.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <variant>

using namespace fhirscope;
using namespace fhirscope::gui;
using fhir::FieldEdit;
using fhirscope::tests::Synthetic;
using fhirscope::tests::WindowDriver;

namespace {

std::vector<engine::Edit> edits_sent(const WindowDriver& window) {
    std::vector<engine::Edit> found;
    for (const engine::Command& command : window.commands)
        if (const auto* edit = std::get_if<engine::Edit>(&command)) found.push_back(*edit);
    return found;
}

struct Point {
    float x, y;
};

Point cell(const WindowDriver& window, std::string_view panel, int row, std::string_view column) {
    const std::string table = "panels/" + std::string(panel);
    const Rect header = window.rect(table + "/header/" + std::string(column));
    const Rect line = window.rect(table + "/row/" + std::to_string(row));
    return {header.x + header.w / 2, line.y + line.h / 2};
}

void double_click(WindowDriver& window, std::string_view panel, int row, std::string_view column) {
    const Point at = cell(window, panel, row, column);
    window.double_click_at(at.x, at.y);
}

// The number of the task that is selected.
std::size_t selected_task(const WindowDriver& window, const Synthetic& data) {
    std::size_t i = 0;
    while (data.task_reference(i) != window.shell.ui().selection.reference) ++i;
    return i;
}

void replace_text(WindowDriver& window, std::string_view text) {
    window.key(ImGuiKey_A, true);
    window.type(text);
}

// A snapshot with edits that have ended.
engine::SnapshotPtr with_ended(const engine::SnapshotPtr& snapshot, std::vector<engine::LocalEditPtr> ended) {
    auto made = std::make_shared<engine::Snapshot>(*snapshot);
    made->ended_edits = engine::Log<engine::LocalEditPtr, 64>::View::of(std::move(ended));
    return made;
}

} // namespace

TEST_CASE("a double click on a due date opens a form there; Enter sends exactly what was typed") {
    Synthetic data;
    WindowDriver window(data.publish());
    double_click(window, "tasks", 3, "due");
    REQUIRE(window.has("edit/input"));
    const Point at = cell(window, "tasks", 3, "due");
    CHECK(window.rect("edit/input").contains(ImVec2(at.x, at.y)));
    replace_text(window, "2026-04-01T09:30:00Z");
    CHECK_FALSE(window.has("edit/problem"));
    window.key(ImGuiKey_Enter);
    const auto sent = edits_sent(window);
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].reference == window.shell.ui().selection.reference);
    CHECK(sent[0].fields == std::vector<FieldEdit>{{"restriction.period.end", R"("2026-04-01T09:30:00Z")"}});
    CHECK(sent[0].method == engine::EditMethod::Put);
    CHECK_FALSE(window.shell.ui().overlays.editing.open());
}

TEST_CASE("an invalid date stays open with its reason and what was typed, and sends nothing") {
    Synthetic data;
    WindowDriver window(data.publish());
    double_click(window, "tasks", 3, "due");
    replace_text(window, "2026-02-30");
    CHECK(window.has("edit/problem"));
    window.key(ImGuiKey_Enter);
    CHECK(edits_sent(window).empty());
    REQUIRE(window.has("edit/input"));
    CHECK(window.shell.ui().overlays.editing.form->typed == "2026-02-30");
    // The keyboard is back in the field, behind what was typed.
    window.frame();
    window.key(ImGuiKey_Backspace);
    window.type("1");
    CHECK(window.shell.ui().overlays.editing.form->typed == "2026-02-31");
    window.key(ImGuiKey_Backspace);
    window.key(ImGuiKey_Backspace);
    window.type("28");
    CHECK_FALSE(window.has("edit/problem"));
    window.key(ImGuiKey_Enter);
    REQUIRE(edits_sent(window).size() == 1);
    CHECK(edits_sent(window)[0].fields[0].value == R"("2026-02-28")");
}

TEST_CASE("Esc closes the form, sends nothing and keeps the selection") {
    Synthetic data;
    WindowDriver window(data.publish());
    double_click(window, "tasks", 3, "description");
    replace_text(window, "something else");
    window.key(ImGuiKey_Escape);
    CHECK_FALSE(window.has("edit/input"));
    CHECK(edits_sent(window).empty());
    CHECK(window.shell.ui().selection.kind == Selection::Kind::Resource);
}

TEST_CASE("Enter without a change sends nothing") {
    Synthetic data;
    WindowDriver window(data.publish());
    double_click(window, "tasks", 3, "description");
    REQUIRE(window.has("edit/input"));
    window.key(ImGuiKey_Enter);
    CHECK_FALSE(window.has("edit/input"));
    CHECK(edits_sent(window).empty());
}

TEST_CASE("a press elsewhere closes an untouched form, but not one with something typed") {
    Synthetic data;
    WindowDriver window(data.publish());
    double_click(window, "tasks", 3, "description");
    window.click("panels/patients/row/1");
    CHECK_FALSE(window.has("edit/input"));
    double_click(window, "tasks", 3, "description");
    window.type("typed");
    window.click("panels/patients/row/1");
    REQUIRE(window.has("edit/input"));
    CHECK(window.shell.ui().overlays.editing.form->typed == "typed");
}

TEST_CASE("a status is chosen from a list, by mouse or keyboard") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.click("panels/tasks/row/3");
    data.change_task(selected_task(window, data), "requested", Synthetic::now() - std::chrono::minutes(1));
    window.input.snapshot = data.publish();
    window.frame();
    double_click(window, "tasks", 3, "status");
    CHECK_FALSE(window.has("edit/input"));
    REQUIRE(window.has("edit/choice/received"));
    CHECK_FALSE(window.has("edit/choice/requested"));
    window.click("edit/choice/received");
    REQUIRE(edits_sent(window).size() == 1);
    CHECK(edits_sent(window)[0].fields == std::vector<FieldEdit>{{"status", R"("received")"}});

    double_click(window, "tasks", 3, "status");
    window.key(ImGuiKey_DownArrow);
    window.key(ImGuiKey_Enter);
    REQUIRE(edits_sent(window).size() == 2);
    CHECK(edits_sent(window)[1].fields[0].path == "status");
    CHECK_FALSE(window.shell.ui().overlays.editing.open());
}

TEST_CASE("an assignee from the list sends reference and display") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.click("panels/tasks/row/3");
    const std::size_t task = selected_task(window, data);
    const std::string json(window.input.snapshot->stores[1].records[task]->resource()->text());
    const std::string other = json.find("T. Reyes") == std::string::npos ? "T. Reyes" : "K. Lund";
    double_click(window, "tasks", 3, "assignee");
    REQUIRE(window.has("edit/input"));
    replace_text(window, other.substr(0, 4));
    REQUIRE(window.has("edit/choice/" + other));
    window.key(ImGuiKey_DownArrow);
    window.key(ImGuiKey_Enter);
    REQUIRE(edits_sent(window).size() == 1);
    const auto fields = edits_sent(window)[0].fields;
    CHECK(std::find(fields.begin(), fields.end(), FieldEdit{"owner.display", '"' + other + '"'}) != fields.end());
    // All invented owners have one reference: it is sent where the task had none.
    const bool had = json.find("\"owner\"") != std::string::npos;
    CHECK(fields.size() == (had ? 1U : 2U));
}

TEST_CASE("F2 offers the fields of the selected row, and a note is added") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.click("panels/tasks/row/2");
    window.key(ImGuiKey_F2);
    REQUIRE(window.has("edit/choice/Edit status…"));
    window.click("edit/choice/Add a note…");
    REQUIRE(window.has("edit/input"));
    window.type("INR 3.9, hold dose");
    window.key(ImGuiKey_Enter);
    REQUIRE(edits_sent(window).size() == 1);
    CHECK(edits_sent(window)[0].fields == std::vector<FieldEdit>{{"note[+].text", R"("INR 3.9, hold dose")"}});
}

TEST_CASE("a right click selects the row and opens its menu") {
    Synthetic data;
    WindowDriver window(data.publish());
    const Point at = cell(window, "tasks", 4, "due");
    window.right_click_at(at.x, at.y);
    window.frame();
    REQUIRE(window.has("edit/choice/Edit priority…"));
    CHECK(window.shell.ui().selection.reference.rfind("Task/", 0) == 0);
    window.click("edit/choice/Edit priority…");
    CHECK(window.has("edit/choice/stat"));
    window.key(ImGuiKey_Escape);
    CHECK_FALSE(window.shell.ui().overlays.editing.open());
}

TEST_CASE("Find or run edits the field of the selected task that its title names") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.click("panels/tasks/row/2");
    const std::pair<std::string_view, std::string_view> commands[] = {
        {"edit priority", "priority"}, {"edit due", "restriction.period.end"}, {"edit description", "description"},
        {"edit assignee", "owner"},    {"add a note", "note[+].text"},         {"edit status", "status"},
    };
    for (const auto& [title, path] : commands) {
        INFO(title);
        window.key(ImGuiKey_K, true);
        window.frame();
        window.type(title);
        window.key(ImGuiKey_Enter);
        window.frame();
        REQUIRE(window.shell.ui().overlays.editing.form.has_value());
        CHECK(window.shell.ui().overlays.editing.form->field().path == path);
        CHECK(window.has("edit/list/body") == (path == "status" || path == "priority" || path == "owner"));
        window.shell.ui().overlays.editing.close();
    }
}

TEST_CASE("what cannot be edited in place opens the inspector as before") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.key(ImGuiKey_I, true);
    double_click(window, "tasks", 3, "id");
    CHECK_FALSE(window.shell.ui().overlays.editing.open());
    CHECK(window.shell.ui().inspector.open);
}

TEST_CASE("nothing is edited in a replay, while another client is observed, or paused") {
    Synthetic data;
    WindowDriver window(data.publish());
    const auto try_it = [&] {
        double_click(window, "tasks", 3, "due");
        CHECK_FALSE(window.has("edit/input"));
        window.key(ImGuiKey_F2);
        REQUIRE(window.has("edit/choice/Edit status…"));
        window.click("edit/choice/Edit status…");
        CHECK_FALSE(window.shell.ui().overlays.editing.form.has_value());
        window.key(ImGuiKey_Escape);
        CHECK_FALSE(window.shell.ui().overlays.editing.open());
        window.click("panels/tasks/row/3");
    };
    window.input.session.source = Source::Replay;
    try_it();
    window.input.session.source = Source::Live;
    auto observed = std::make_shared<engine::Snapshot>(*window.input.snapshot);
    observed->connection.observing = true;
    window.input.snapshot = observed;
    try_it();
    window.input.snapshot = data.publish();
    window.key(ImGuiKey_Space);
    REQUIRE(window.shell.ui().paused);
    try_it();
    CHECK(edits_sent(window).empty());
}

TEST_CASE("a row with a pending edit shows the edited cell, also where it is sorted") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.click("panels/tasks/header/status");
    data.edit_task(30, "cancelled", engine::EditState::Waiting);
    window.input.snapshot = data.publish();
    window.frame();
    window.key(ImGuiKey_Slash);
    window.type("cancelled");
    window.frame();
    REQUIRE(window.has("panels/tasks/row/0"));
    window.click("panels/tasks/row/0");
    CHECK(window.shell.ui().selection.reference == data.task_reference(30));
    CHECK(window.has("inspector/edit/pending"));
}

TEST_CASE("a pending edit is discarded, but not while it is on its way") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.shell.ui().selection = Selection{Selection::Kind::Resource, data.task_reference(5), 0};
    data.edit_task(5, "cancelled", engine::EditState::Waiting);
    window.input.snapshot = data.publish();
    window.frame();
    window.click("inspector/edit/discard");
    const auto* discard = std::get_if<engine::DiscardEdit>(&window.commands.back());
    REQUIRE(discard != nullptr);
    CHECK(discard->reference == data.task_reference(5));
    for (const auto state : {engine::EditState::Sending, engine::EditState::Checking}) {
        data.edit_task(5, "cancelled", state);
        window.input.snapshot = data.publish();
        window.frame();
        CHECK(window.has("inspector/edit/pending"));
        CHECK_FALSE(window.has("inspector/edit/discard"));
    }
    data.edit_task(5, "cancelled", engine::EditState::Conflicted);
    window.input.snapshot = data.publish();
    window.frame();
    CHECK(window.has("inspector/edit/discard"));
    window.click("inspector/edit/decide");
    CHECK(window.shell.ui().view == ViewId::Conflicts);
    CHECK(window.shell.ui().selection.kind == Selection::Kind::Conflict);
}

TEST_CASE("a refused edit says why and opens again with what was typed") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.shell.ui().selection = Selection{Selection::Kind::Resource, data.task_reference(5), 0};
    auto refused = std::make_shared<engine::LocalEdit>(*data.edit_task(5, "draft", engine::EditState::Refused));
    refused->ended = Synthetic::now();
    refused->problem = {.code = engine::FactCode::Answered, .words = "the description is too long", .status = 422};
    refused->fields = {{"description", R"("A long description")"}};
    data.end_edit(5);
    window.input.snapshot = with_ended(data.publish(), {refused});
    window.frame();
    REQUIRE(window.has("inspector/edit/ended"));
    window.click("inspector/edit/again/0");
    REQUIRE(window.has("edit/input"));
    CHECK(window.shell.ui().overlays.editing.form->typed == "A long description");
    window.key(ImGuiKey_End);
    window.type("!");
    window.key(ImGuiKey_Enter);
    REQUIRE(edits_sent(window).size() == 1);
    CHECK(edits_sent(window)[0].fields == std::vector<FieldEdit>{{"description", R"("A long description!")"}});
    window.click("inspector/edit/dismiss");
    CHECK_FALSE(window.has("inspector/edit/ended"));
}

TEST_CASE("a written edit is told of until the next version") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.shell.ui().selection = Selection{Selection::Kind::Resource, data.task_reference(5), 0};
    auto written = std::make_shared<engine::LocalEdit>(*data.edit_task(5, "draft", engine::EditState::Acknowledged));
    data.end_edit(5);
    data.change_task(5, "draft", Synthetic::now());
    const auto snapshot = data.publish();
    written->ended = Synthetic::now();
    written->version = snapshot->stores[1].records[5]->current().version_id();
    written->server_changed = {{"priority", fhir::ChangeKind::Changed, R"("stat")", R"("urgent")"},
                               {"businessStatus", fhir::ChangeKind::Added, "", R"({"text":"x"})"}};
    window.input.snapshot = with_ended(snapshot, {written});
    window.frame();
    CHECK(window.has("inspector/edit/ended"));
    data.change_task(5, "received", Synthetic::now());
    window.input.snapshot = with_ended(data.publish(), {written});
    window.frame();
    CHECK_FALSE(window.has("inspector/edit/ended"));
}

TEST_CASE("a field of the tree is edited in place") {
    Synthetic data;
    WindowDriver window(data.publish(), 1440, 1600);
    window.shell.ui().selection = Selection{Selection::Kind::Resource, data.task_reference(3), 0};
    window.frame();
    window.frame();
    // Rows: resourceType, id, meta and what it holds, status, intent, priority, …
    int row = 0;
    const auto try_rows = [&](std::string_view label) {
        for (row = 0; window.has("inspector/tree/row/" + std::to_string(row)); ++row) {
            const Rect r = window.rect("inspector/tree/row/" + std::to_string(row));
            window.double_click_at(r.x + 120, r.y + r.h / 2);
            const auto& form = window.shell.ui().overlays.editing.form;
            if (form && form->field().path == label) return true;
            window.key(ImGuiKey_Escape);
            window.shell.ui().selection = Selection{Selection::Kind::Resource, data.task_reference(3), 0};
            window.frame();
        }
        return false;
    };
    REQUIRE(try_rows("description"));
    replace_text(window, "Another text");
    window.key(ImGuiKey_Enter);
    REQUIRE(edits_sent(window).size() == 1);
    CHECK(edits_sent(window)[0].fields == std::vector<FieldEdit>{{"description", R"("Another text")"}});
    const Rect r = window.rect("inspector/tree/row/" + std::to_string(row));
    window.right_click_at(r.x + 120, r.y + r.h / 2);
    window.frame();
    window.click("edit/choice/Remove field");
    REQUIRE(edits_sent(window).size() == 2);
    CHECK(edits_sent(window)[1].fields == std::vector<FieldEdit>{{"description", ""}});
}

TEST_CASE("ids and what the server sets are not edited in the tree") {
    Synthetic data;
    WindowDriver window(data.publish(), 1440, 1600);
    window.shell.ui().selection = Selection{Selection::Kind::Resource, data.task_reference(3), 0};
    window.frame();
    window.frame();
    for (const char* row : {"inspector/tree/row/0", "inspector/tree/row/1"}) {
        const Rect r = window.rect(row);
        window.double_click_at(r.x + 120, r.y + r.h / 2);
        CHECK_FALSE(window.shell.ui().overlays.editing.open());
        window.right_click_at(r.x + 120, r.y + r.h / 2);
        window.frame();
        window.click("edit/choice/Remove field");
        window.key(ImGuiKey_Escape);
    }
    CHECK(edits_sent(window).empty());
}

TEST_CASE("while a form is open, letters and Enter are its own") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.click("panels/tasks/row/3");
    const std::string reference = window.shell.ui().selection.reference;
    double_click(window, "tasks", 3, "status");
    window.key(ImGuiKey_J);
    window.key(ImGuiKey_B);
    CHECK(window.shell.ui().selection.reference == reference);
    CHECK_FALSE(window.shell.ui().brush.has_value());
    CHECK(window.shell.ui().overlays.editing.open());
}
