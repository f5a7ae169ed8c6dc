// Panels as a person sets them up: columns, order, widths, sorting and filter, by mouse and by key; many rows; the
// past.

#include "fhir/json.hpp"
#include "gui/model/panels/panel_index.hpp"
#include "gui/model/settings/panel_settings.hpp"
#include "gui/window/screen_text.hpp"
#include "window_driver.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <algorithm>

using namespace fhirscope;
using namespace fhirscope::gui;
using fhirscope::tests::Synthetic;
using fhirscope::tests::WindowDriver;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

namespace {

engine::PanelDefinition three_columns() {
    engine::PanelDefinition panel;
    panel.id = "tasks";
    panel.type = panel.criteria = "Task";
    panel.columns = {{"id", "Id", "id", engine::ColumnKind::Id, 76},
                     {"status", "Status", "status", engine::ColumnKind::Status, 150},
                     {"open", "Open", "derived:open-tasks", engine::ColumnKind::Text, 100}};
    panel.sort = "status";
    return panel;
}

std::vector<std::size_t> columns_of(const engine::PanelDefinition& panel, const PanelSettings& settings) {
    std::vector<std::size_t> shown;
    for (const ArrangedColumn& one : arrange(panel, settings))
        if (one.shown) shown.push_back(one.column);
    return shown;
}

using Order = std::vector<std::size_t>;

} // namespace

TEST_CASE("columns are moved, hidden, sized and put back") {
    const engine::PanelDefinition panel = three_columns();
    PanelSettings settings;
    CHECK(columns_of(panel, settings) == Order{0, 1, 2});
    move_column(panel, settings, 2, 0);
    CHECK(columns_of(panel, settings) == Order{2, 0, 1});
    CHECK(show_column(panel, settings, 1, false));
    CHECK(columns_of(panel, settings) == Order{2, 1});
    size_column(panel, settings, 0, 5);
    CHECK(arrange(panel, settings)[0].width == least_column_width);
    CHECK(arrange(panel, settings)[0].sized);
    reset_columns(settings);
    CHECK(settings == PanelSettings{});
}

TEST_CASE("the last column cannot be hidden") {
    const engine::PanelDefinition panel = three_columns();
    PanelSettings settings;
    CHECK(show_column(panel, settings, 0, false));
    CHECK(show_column(panel, settings, 1, false));
    CHECK_FALSE(show_column(panel, settings, 2, false));
    CHECK(columns_of(panel, settings) == Order{2});
}

TEST_CASE("settings outlive a definition with other columns") {
    engine::PanelDefinition panel = three_columns();
    PanelSettings settings;
    move_column(panel, settings, 1, 0);
    settings.sort = "id";
    panel.columns.erase(panel.columns.begin()); // no id any more
    panel.columns.push_back({"due", "Due", "due"});
    CHECK(columns_of(panel, settings) == Order{0, 1, 2});
    CHECK(sort_of(panel, settings).column == "status");
}

TEST_CASE("a header sorts up, down, and not at all") {
    const engine::PanelDefinition panel = three_columns();
    PanelSettings settings;
    CHECK(sort_of(panel, settings).column == "status");
    cycle_sort(panel, settings, "id");
    CHECK(sort_of(panel, settings).order == SortOrder::Ascending);
    cycle_sort(panel, settings, "id");
    CHECK(sort_of(panel, settings).order == SortOrder::Descending);
    cycle_sort(panel, settings, "id");
    CHECK(sort_of(panel, settings).order == SortOrder::None);
    cycle_sort(panel, settings, PanelSort::freshness);
    CHECK(sort_of(panel, settings).column == PanelSort::freshness);
}

TEST_CASE("a large panel is sorted by the worker, shows the order before until then, and ends as if at once") {
    Synthetic data({.patients = 20, .tasks = 20000, .alerts = 0, .updates = 10, .seconds = 60, .gap = false});
    Worker worker([] {});
    PanelIndex::Question question;
    question.sort_column = 2;
    PanelIndex index;
    index.update(data.publish(), 1, question, Synthetic::now());
    const auto before = index.order();
    question.sort_column = 3;
    question.sort_kind = engine::ColumnKind::Status;
    question.descending = true;
    index.update(data.publish(), 1, question, Synthetic::now(), &worker);
    CHECK_FALSE(index.complete());
    CHECK(index.order() == before);
    CHECK(index.examined() == 0);
    // Updates go on meanwhile.
    data.change_task(7, "completed", Synthetic::now());
    data.change_task(11111, "completed", Synthetic::now());
    const auto snapshot = data.publish();
    worker.wait();
    index.update(snapshot, 1, question, Synthetic::now(), &worker);
    CHECK(index.complete());
    CHECK(index.examined() == 2);
    PanelIndex fresh;
    fresh.update(snapshot, 1, question, Synthetic::now());
    CHECK(index.order() == fresh.order());
    CHECK(index.total() == fresh.total());
}

TEST_CASE("an answer to a question that is not asked any more is not shown") {
    Synthetic data({.patients = 20, .tasks = 20000, .alerts = 0, .updates = 10, .seconds = 60, .gap = false});
    Worker worker([] {});
    const auto snapshot = data.publish();
    PanelIndex::Question question;
    question.sort_column = 2;
    PanelIndex index;
    index.update(snapshot, 1, question, Synthetic::now());
    const auto before = index.order();
    question.sort_column = 3;
    index.update(snapshot, 1, question, Synthetic::now(), &worker);
    worker.wait();
    question.descending = true;
    index.update(snapshot, 1, question, Synthetic::now(), &worker);
    CHECK(index.order() == before);
    worker.wait();
    index.update(snapshot, 1, question, Synthetic::now(), &worker);
    PanelIndex fresh;
    fresh.update(snapshot, 1, question, Synthetic::now());
    CHECK(index.order() == fresh.order());
}

TEST_CASE("rows that compare equal stay in the order in which they became known, up and down") {
    Synthetic data({.patients = 20, .tasks = 200, .alerts = 0, .updates = 10, .seconds = 60, .gap = false});
    const auto snapshot = data.publish();
    for (const bool descending : {false, true}) {
        PanelIndex::Question question;
        question.sort_column = 3;
        question.descending = descending;
        PanelIndex index;
        index.update(snapshot, 1, question, Synthetic::now());
        const auto& order = index.order();
        for (std::size_t i = 1; i < order.size(); ++i) {
            const auto& records = snapshot->stores[1].records;
            if (records[order[i - 1]]->row->cells[3] == records[order[i]]->row->cells[3])
                CHECK(order[i - 1] < order[i]);
        }
    }
    PanelIndex::Question question;
    question.sort_column = PanelIndex::unsorted;
    PanelIndex index;
    index.update(snapshot, 1, question, Synthetic::now());
    const auto order = index.order().all();
    CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("a range counts what changed in it and hides nothing, unless only that is asked for") {
    Synthetic data({.patients = 20, .tasks = 100, .alerts = 0, .updates = 10, .seconds = 60, .gap = false});
    const LocalTime now = Synthetic::now();
    data.change_task(7, "draft", now - 20s);
    data.change_task(7, "completed", now - 5s);
    data.change_task(9, "draft", now - 8s);
    const auto snapshot = data.publish();
    PanelIndex::Question question;
    question.range = TimeRange{now - 25s, now - 10s};
    question.sort_column = PanelIndex::unsorted;
    std::vector<std::uint32_t> expected;
    for (std::uint32_t i = 0; i < 100; ++i) {
        const auto& history = data.task(i).history;
        if (std::any_of(history.begin(), history.end(), [&](const engine::VersionPtr& version) {
                return version->received >= now - 25s && version->received < now - 10s;
            }))
            expected.push_back(i);
    }
    REQUIRE(std::count(expected.begin(), expected.end(), 7U) == 1);
    REQUIRE(expected.size() < 100);
    PanelIndex index;
    index.update(snapshot, 1, question, now);
    CHECK(index.order().size() == 100);
    CHECK(index.changed() == expected.size());
    question.only_changed = true;
    index.update(snapshot, 1, question, now);
    CHECK(index.order() == expected);
    // A range is no moment: the row is as it is shown.
    REQUIRE(index.row(7, data.task(7)) != nullptr);
    CHECK(index.row(7, data.task(7))->cells[3] == "completed");
    // What changes later, outside of it, does not come in.
    std::uint32_t other = 0;
    while (std::count(expected.begin(), expected.end(), other) > 0) ++other;
    data.change_task(other, "draft", now);
    index.update(data.publish(), 1, question, now);
    CHECK(index.order() == expected);
    CHECK(index.changed() == expected.size());
}

TEST_CASE("rows that changed in the range are marked, and a switch leaves the others out") {
    Synthetic data;
    data.change_task(3, "draft", Synthetic::now() - 200s);
    WindowDriver window(data.publish());
    window.shell.ui().brush = TimeRange{Synthetic::now() - 201s, Synthetic::now() - 199s};
    window.shell.ui().panels["tasks"].filter = "draft"; // the only one
    window.frame();
    CHECK(window.has("panels/tasks/in-range/0"));
    window.shell.ui().panels["tasks"].filter.clear();
    window.frame();
    CHECK(window.has("panels/tasks/row/1"));
    window.click("panels/tasks/only-changed");
    CHECK(window.has("panels/tasks/row/0"));
    CHECK_FALSE(window.has("panels/tasks/row/1"));
    ImGui::GetIO().AddKeyEvent(ImGuiMod_Shift, true);
    window.key(ImGuiKey_B);
    ImGui::GetIO().AddKeyEvent(ImGuiMod_Shift, false);
    window.frame();
    CHECK(window.has("panels/tasks/row/1"));
}

TEST_CASE("a column goes where its header is dragged, and is as wide as its edge is dragged") {
    Synthetic data;
    WindowDriver window(data.publish());
    const Rect id = window.rect("panels/tasks/header/id");
    const Rect status = window.rect("panels/tasks/header/status");
    const float y = status.y + status.h / 2;
    window.drag(status.x + 20, y, id.x + 4, y);
    CHECK(window.rect("panels/tasks/header/status").x == id.x);
    CHECK(window.rect("panels/tasks/header/id").x > id.x);
    CHECK(window.shell.ui().panels.at("tasks").sort.empty()); // that was no click
    const Rect edge = window.rect("panels/tasks/header/status/edge");
    window.drag(edge.x + 3, y, edge.x + 43, y);
    CHECK(window.rect("panels/tasks/header/status").w == status.w + 40);
    CHECK(window.shell.ui().panels.at("tasks").columns[0].width == 190);
}

TEST_CASE("a right click on a header lists the columns, hides one, sorts, and puts all back") {
    Synthetic data;
    WindowDriver window(data.publish());
    const Rect priority = window.rect("panels/tasks/header/priority");
    window.right_click_at(priority.x + 10, priority.y + 8);
    window.frame();
    REQUIRE(window.has("columns/show/priority"));
    window.click("columns/show/priority");
    CHECK_FALSE(window.has("panels/tasks/header/priority"));
    CHECK(window.has("columns/show/priority"));
    window.click("columns/descending");
    CHECK(sort_of(window.input.snapshot->panels[1], window.shell.ui().panels.at("tasks")).column == "priority");
    window.click("columns/reset");
    CHECK(window.has("panels/tasks/header/priority"));
    window.key(ImGuiKey_Escape);
    CHECK_FALSE(window.has("columns/reset"));
}

TEST_CASE("Shift C chooses columns by key, and the list has the keys until Esc") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.click("panels/tasks/row/0");
    const std::string selected = window.shell.ui().selection.reference;
    ImGui::GetIO().AddKeyEvent(ImGuiMod_Shift, true);
    window.key(ImGuiKey_C);
    ImGui::GetIO().AddKeyEvent(ImGuiMod_Shift, false);
    window.frame();
    REQUIRE(window.has("columns/show/id"));
    window.key(ImGuiKey_J); // to the first column
    CHECK(window.shell.ui().selection.reference == selected);
    window.key(ImGuiKey_Space);
    CHECK_FALSE(window.has("panels/tasks/header/id"));
    CHECK_FALSE(window.shell.ui().paused);
    window.key(ImGuiKey_DownArrow);
    ImGui::GetIO().AddKeyEvent(ImGuiMod_Shift, true);
    window.key(ImGuiKey_DownArrow);
    ImGui::GetIO().AddKeyEvent(ImGuiMod_Shift, false);
    window.frame();
    CHECK(window.rect("panels/tasks/header/patient").x > window.rect("panels/tasks/header/description").x);
    window.key(ImGuiKey_RightArrow);
    window.key(ImGuiKey_S);
    const PanelSettings& settings = window.shell.ui().panels.at("tasks");
    CHECK(settings.columns[2].id == "patient");
    CHECK(settings.columns[2].width == 130);
    CHECK(settings.sort == "patient");
    window.key(ImGuiKey_Escape);
    CHECK_FALSE(window.shell.ui().overlays.columns);
    CHECK(window.shell.ui().selection.reference == selected);
}

TEST_CASE("what is selected elsewhere is scrolled to once, as soon as it is among the rows") {
    Synthetic data({.patients = 20, .tasks = 400, .alerts = 0, .updates = 10, .seconds = 60, .gap = false});
    WindowDriver window(data.publish());
    window.click("panels/tasks/row/0");
    const std::string first = window.shell.ui().selection.reference;
    window.key(ImGuiKey_End);
    window.frame();
    REQUIRE(window.has("panels/tasks/row/399"));
    REQUIRE_FALSE(window.has("panels/tasks/row/0"));
    window.shell.ui().selection = Selection{Selection::Kind::Resource, first, 0};
    window.frame();
    window.frame();
    CHECK(window.has("panels/tasks/row/0"));
    // Who scrolls away stays away.
    const Rect row = window.rect("panels/tasks/row/1");
    ImGui::GetIO().AddMousePosEvent(row.x + 20, row.y + 5);
    window.frame();
    for (int i = 0; i < 20; ++i) {
        ImGui::GetIO().AddMouseWheelEvent(0, -3);
        window.frame();
    }
    CHECK_FALSE(window.has("panels/tasks/row/0"));
}

TEST_CASE("the button beside the filter opens and closes the list of columns") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.click("panels/columns");
    CHECK(window.has("columns/reset"));
    window.click("panels/columns");
    CHECK_FALSE(window.has("columns/reset"));
    window.click("panels/columns");
    window.click("panels/patients/row/2");
    CHECK_FALSE(window.has("columns/reset"));
}

TEST_CASE("the panels' filter is the log's language, with the columns of each panel") {
    Synthetic data;
    WindowDriver window(data.publish());
    const auto filter = [&](const char* text) {
        for (const char* panel : {"patients", "tasks"}) window.shell.ui().panels[panel].filter = text;
        window.frame();
        window.frame();
    };
    filter("status = no-such-status");
    CHECK_FALSE(window.has("panels/tasks/row/0"));
    CHECK(window.has("panels/patients/row/0")); // it has no status: nothing is held back, and it says so
    CHECK(window.has("panels/patients/unfiltered"));
    CHECK_FALSE(window.has("panels/tasks/unfiltered"));
    filter("freshness:current & !conflict:yes");
    CHECK(window.has("panels/tasks/row/0"));
    CHECK(window.has("panels/patients/row/0"));
    CHECK_FALSE(window.has("panels/patients/unfiltered"));
    filter("status = no-such-status");
    filter("status >"); // half of one: the last that was understood holds
    CHECK_FALSE(window.has("panels/tasks/row/0"));
    filter("");
    CHECK(window.has("panels/tasks/row/0"));
}

TEST_CASE("a panel of another session's settings is drawn by them") {
    Synthetic data;
    WindowDriver window(data.publish());
    PanelSettings& tasks = window.shell.ui().panels["tasks"];
    tasks.columns = {{.id = "due"}, {.id = "id", .shown = false}};
    tasks.filter = "status = no-such-status";
    window.frame();
    CHECK_FALSE(window.has("panels/tasks/header/id"));
    CHECK(window.rect("panels/tasks/header/due").x < window.rect("panels/tasks/header/patient").x);
    CHECK_FALSE(window.has("panels/tasks/row/0"));
    CHECK(window.has("panels/patients/row/0"));
}

TEST_CASE("while nothing is heard, panels say how many rows nobody vouches for, and since when") {
    Synthetic data;
    const auto live = data.publish();
    auto lost = std::make_shared<engine::Snapshot>(*live);
    lost->revision += 1;
    lost->connection.phase = engine::Phase::BackingOff;
    lost->connection.state = engine::ConnectionState::Disconnected;
    lost->connection.reason = {.code = engine::FactCode::SocketClosed, .status = 1006};
    for (engine::SubscriptionView& subscription : lost->subscriptions)
        subscription.unheard_since = subscription.unheard_noticed = Synthetic::now() - 41s;
    WindowDriver window(lost);
    window.input.session.source = Source::Live;
    window.frame();
    CHECK(window.has("panels/strip"));
    CHECK(window.has("panels/tasks/unconfirmed"));
    window.click("panels/strip/reconnect");
    CHECK(std::any_of(window.commands.begin(), window.commands.end(),
                      [](const engine::Command& command) { return std::holds_alternative<engine::Connect>(command); }));

    SECTION("a login that has ended is said by the connection") {
        auto ended = std::make_shared<engine::Snapshot>(*lost);
        ended->revision += 1;
        ended->connection.phase = engine::Phase::LoginEnded;
        ended->connection.login_ended = Synthetic::now() - 41s;
        ended->connection.login_problem = {.code = engine::FactCode::Answered, .words = "Unauthorized", .status = 401};
        window.input.snapshot = ended;
        window.frame();
        CHECK(window.has("top/pill/Login ended"));
        CHECK(window.has("panels/strip"));
    }
    SECTION("when it is heard again, the marks go") {
        auto back = std::make_shared<engine::Snapshot>(*lost);
        back->revision += 2;
        back->connection.phase = engine::Phase::Live;
        for (engine::SubscriptionView& subscription : back->subscriptions) subscription.unheard_since = {};
        window.input.snapshot = back;
        window.frame();
        CHECK_FALSE(window.has("panels/strip/reconnect"));
    }
}

TEST_CASE("a row that differs from the server says since when, and shows both values of the cell until it is read") {
    Synthetic data;
    const auto count = [](const std::string& part) {
        const auto texts = screen_text(*ImGui::GetDrawData(), *ImGui::GetIO().Fonts);
        return std::count_if(texts.begin(), texts.end(),
                             [&](const ScreenText& one) { return one.text.find(part) != std::string::npos; });
    };
    WindowDriver window(data.publish());
    window.frame();
    CHECK(count("stale 2 m") == 0);
    const auto differing = std::string("\u2260 cancelled");
    CHECK(count(differing) == 0);

    const std::string reference = data.task_reference(3);
    data.find_stale(3, "cancelled", Synthetic::now() - 2min);
    window.input.snapshot = data.publish();
    window.shell.ui().selection = {Selection::Kind::Resource, reference, 0}; // scrolls to it
    for (int i = 0; i < 90; ++i) window.frame();                             // counts are a second old at most
    CHECK(count("stale 2 m") == 1);
    CHECK(count(differing) == 1);
    CHECK(count("1 stale") == 1); // the panel's header

    data.end_stale(3, "cancelled", Synthetic::now());
    window.input.snapshot = data.publish();
    for (int i = 0; i < 3; ++i) window.frame();
    CHECK(count(differing) == 0);
    CHECK(count("stale 2 m") == 0);
    CHECK(count("1 stale") == 0);
}
