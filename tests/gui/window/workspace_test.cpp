// The window under a null backend: what clicks and keys do to its state, and which commands it sends.

#include "support/synthetic_conflicts.hpp"
#include "window_driver.hpp"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <variant>

using namespace fhirscope;
using namespace fhirscope::gui;
using fhirscope::tests::Synthetic;
using fhirscope::tests::WindowDriver;

namespace {

std::size_t drawn_rows(const WindowDriver& window, std::string_view table) {
    const std::string prefix = std::string(table) + "/row/";
    return static_cast<std::size_t>(std::count_if(window.targets.begin(), window.targets.end(), [&](const auto& entry) {
        return entry.first.compare(0, prefix.size(), prefix) == 0;
    }));
}

template <class T>
const T* sent_command(const WindowDriver& window) {
    for (const engine::Command& command : window.commands)
        if (const T* found = std::get_if<T>(&command)) return found;
    return nullptr;
}

} // namespace

TEST_CASE("an empty snapshot draws every view") {
    WindowDriver window(empty_snapshot());
    for (const ImGuiKey key : {ImGuiKey_1, ImGuiKey_2, ImGuiKey_3, ImGuiKey_4, ImGuiKey_6, ImGuiKey_8, ImGuiKey_5}) {
        window.key(key, true);
        window.key(ImGuiKey_J);
        window.key(ImGuiKey_End);
    }
    CHECK(window.shell.ui().view == ViewId::Connections);
    CHECK(window.shell.ui().selection.kind == Selection::Kind::None);
}

TEST_CASE("the rail names the views that work and no other") {
    Synthetic data;
    WindowDriver window(data.publish());
    std::vector<std::string> entries;
    for (const auto& [name, rect] : window.targets)
        if (name.rfind("rail/", 0) == 0) entries.push_back(name);
    CHECK(entries == std::vector<std::string>{"rail/conflicts", "rail/connections", "rail/diagnosis", "rail/latency",
                                              "rail/log", "rail/panels", "rail/profiler", "rail/settings"});
}

TEST_CASE("the rail and Ctrl with a digit switch the view") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.click("rail/log");
    CHECK(window.shell.ui().view == ViewId::Log);
    CHECK(window.has("log/filter"));
    window.key(ImGuiKey_4, true);
    CHECK(window.shell.ui().view == ViewId::Conflicts);
    window.key(ImGuiKey_5, true);
    CHECK(window.shell.ui().view == ViewId::Connections);
    CHECK(window.has("connections/frames/body"));
    window.key(ImGuiKey_3, true);
    CHECK(window.shell.ui().view == ViewId::Latency);
    window.key(ImGuiKey_1, true);
    CHECK(window.has("panels/tasks/body"));
}

TEST_CASE("a click on a row selects its resource and tells the engine where the user looks") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.click("panels/tasks/row/3");
    const UiState& ui = window.shell.ui();
    REQUIRE(ui.selection.kind == Selection::Kind::Resource);
    CHECK(ui.selection.reference.rfind("Task/", 0) == 0);
    const auto* look = sent_command<engine::SetFocus>(window);
    REQUIRE(look != nullptr);
    CHECK(look->reference == ui.selection.reference);
    CHECK(look->type == "Task");
    CHECK(window.has("inspector/versions/row/0"));
}

TEST_CASE("J, K and the arrows walk through the rows of the panel that has the selection") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.click("panels/tasks/row/0");
    const std::string first = window.shell.ui().selection.reference;
    window.key(ImGuiKey_J);
    const std::string second = window.shell.ui().selection.reference;
    CHECK(second != first);
    window.key(ImGuiKey_DownArrow);
    CHECK(window.shell.ui().selection.reference != second);
    window.key(ImGuiKey_K);
    window.key(ImGuiKey_UpArrow);
    CHECK(window.shell.ui().selection.reference == first);
    window.key(ImGuiKey_K);
    CHECK(window.shell.ui().selection.reference == first);
}

TEST_CASE("slash takes the keyboard to the filter, and the rows follow the words") {
    Synthetic data;
    WindowDriver window(data.publish());
    const std::size_t all = drawn_rows(window, "panels/patients");
    window.key(ImGuiKey_Slash);
    window.type("okafor amara");
    const std::size_t some = drawn_rows(window, "panels/patients");
    CHECK(some > 0);
    CHECK(some < all);
    // Letters are text now, not commands.
    window.key(ImGuiKey_B);
    CHECK_FALSE(window.shell.ui().brush.has_value());
    window.click("panels/filter/clear");
    CHECK(drawn_rows(window, "panels/patients") == all);
}

TEST_CASE("a click on a column's header sorts by it, a second one turns the order") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.click("panels/tasks/header/status");
    window.click("panels/tasks/row/0");
    const std::string first = window.shell.ui().selection.reference;
    window.click("panels/tasks/header/status");
    window.click("panels/tasks/row/0");
    CHECK(window.shell.ui().selection.reference != first);
}

TEST_CASE("an older version opens from the list of versions, with its differences") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.shell.ui().selection = Selection{Selection::Kind::Resource, data.task_reference(0), 0};
    window.frame();
    window.click("inspector/versions/row/2");
    CHECK_FALSE(window.shell.ui().inspector.version.empty());
    window.click("inspector/tab/diff");
    CHECK(window.shell.ui().inspector.tab == InspectorTab::Diff);
    CHECK(window.has("inspector/diff/body"));
    window.click("inspector/versions/row/0");
    CHECK(window.shell.ui().inspector.version.empty());
}

TEST_CASE("check now asks the engine to read the resource") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.shell.ui().selection = Selection{Selection::Kind::Resource, data.task_reference(1), 0};
    window.frame();
    window.click("inspector/check");
    const auto* read = sent_command<engine::ReadResource>(window);
    REQUIRE(read != nullptr);
    CHECK(read->reference == data.task_reference(1));
}

TEST_CASE("a content that was given up is asked for once by who looks at it") {
    Synthetic data;
    const auto snapshot = data.publish();
    auto& store = snapshot->stores.at(1);
    std::vector<engine::RecordPtr> records;
    for (std::size_t i = 0; i < store.records.size(); ++i) records.push_back(store.records[i]);
    engine::Record record = *records[1];
    auto version = std::make_shared<engine::Version>(record.current());
    version->resource = fhir::key_of(*version->resource);
    version->key_only = true;
    record.history.back() = version;
    records[1] = std::make_shared<const engine::Record>(record);
    store.records = engine::Chunked<engine::RecordPtr>::View::of(records);
    WindowDriver window(snapshot);
    window.shell.ui().selection = Selection{Selection::Kind::Resource, record.reference, 0};
    for (int i = 0; i < 5; ++i) window.frame();
    CHECK(window.has("inspector/missing"));
    CHECK_FALSE(window.has("inspector/tree/row/0"));
    const auto* look = sent_command<engine::SetFocus>(window);
    REQUIRE(look != nullptr);
    CHECK(look->reference == record.reference);
    const auto looks = std::count_if(window.commands.begin(), window.commands.end(), [](const engine::Command& one) {
        return std::holds_alternative<engine::SetFocus>(one);
    });
    CHECK(looks == 1);
}

TEST_CASE("the tree folds and unfolds") {
    Synthetic data;
    WindowDriver window(data.publish(), 1440, 1600);
    window.shell.ui().selection = Selection{Selection::Kind::Resource, data.task_reference(0), 0};
    window.frame();
    window.frame();
    const std::size_t before = drawn_rows(window, "inspector/tree");
    window.click("inspector/tree/row/2"); // meta
    CHECK(drawn_rows(window, "inspector/tree") != before);
}

TEST_CASE("dragging over the timeline brushes a range in every view, Esc clears it") {
    Synthetic data;
    WindowDriver window(data.publish());
    const Rect chart = window.rect("timeline/chart");
    window.drag(chart.x + 400, chart.y + 30, chart.x + 500, chart.y + 30);
    REQUIRE(window.shell.ui().brush.has_value());
    const auto length = window.shell.ui().brush->end - window.shell.ui().brush->begin;
    // 100 of 1276 pixels that stand for ten minutes
    CHECK(length > std::chrono::seconds(44));
    CHECK(length < std::chrono::seconds(50));
    window.click("rail/log");
    window.frame();
    window.click("log/row/0");
    const std::uint64_t number = window.shell.ui().selection.number;
    const auto received = window.input.snapshot->updates[number].received;
    CHECK(received >= window.shell.ui().brush->begin);
    CHECK(received < window.shell.ui().brush->end);
    window.key(ImGuiKey_Escape);
    CHECK_FALSE(window.shell.ui().brush.has_value());
}

TEST_CASE("B brushes the last half minute and clears it again") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.key(ImGuiKey_B);
    REQUIRE(window.shell.ui().brush.has_value());
    CHECK(window.shell.ui().brush->end - window.shell.ui().brush->begin == std::chrono::seconds(30));
    window.key(ImGuiKey_B);
    CHECK_FALSE(window.shell.ui().brush.has_value());
}

TEST_CASE("paused, the window keeps its picture and says how far it is behind") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.click("rail/log");
    window.key(ImGuiKey_Space);
    CHECK(window.shell.ui().paused);
    window.click("log/row/0");
    const std::uint64_t newest = window.shell.ui().selection.number;
    data.change_task(5, "completed", Synthetic::now());
    window.input.snapshot = data.publish();
    window.frame();
    window.click("log/row/0");
    CHECK(window.shell.ui().selection.number == newest);
    window.key(ImGuiKey_F);
    CHECK_FALSE(window.shell.ui().paused);
    window.frame();
    window.click("log/row/0");
    CHECK(window.shell.ui().selection.number == newest + 1);
}

TEST_CASE("the log follows a query; one that is not understood keeps the rows and says where it stops") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.click("rail/log");
    window.shell.ui().log.filter = "outcome:rejected";
    window.frame();
    window.frame();
    window.settle();
    const std::size_t rejected = drawn_rows(window, "log");
    CHECK(rejected > 0);
    CHECK(rejected == std::min<std::size_t>(rejected, 40));
    window.click("log/row/0");
    CHECK(window.input.snapshot->updates[window.shell.ui().selection.number].outcome == engine::Outcome::Rejected);
    window.shell.ui().log.filter = "outcome:rejected & color:red";
    window.frame();
    window.frame();
    window.settle();
    CHECK(drawn_rows(window, "log") >= rejected - 2); // the reason takes a line
    window.shell.ui().log.filter = "type:Nothing";
    window.frame();
    window.frame();
    window.settle();
    CHECK(drawn_rows(window, "log") == 0);
}

TEST_CASE("an outcome's chip filters the log and a second click clears it") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.click("rail/log");
    window.click("log/chip/out of order");
    CHECK(window.shell.ui().log.filter == "outcome:out-of-order");
    window.click("log/chip/out of order");
    CHECK(window.shell.ui().log.filter.empty());
}

TEST_CASE("scrolled away, the log stays where it is while rows arrive") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.click("rail/log");
    const Rect body = window.rect("log/body");
    window.wheel(body.x + 50, body.y + 100, -5);
    window.click("log/row/20");
    const std::uint64_t seen = window.shell.ui().selection.number;
    const float y = window.rect("log/row/20").y;
    for (int i = 0; i < 7; ++i) data.change_task(static_cast<std::size_t>(i), "accepted", Synthetic::now());
    window.input.snapshot = data.publish();
    window.frame();
    window.frame();
    CHECK(window.rect("log/row/27").y == y);
    window.click("log/row/27");
    CHECK(window.shell.ui().selection.number == seen);
    CHECK(window.has("log/new"));
    window.click("log/new");
    window.frame();
    CHECK_FALSE(window.has("log/new"));
}

TEST_CASE("a row of the log opens its trace, and its resource from there") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.click("rail/log");
    window.click("log/row/4");
    CHECK(window.shell.ui().selection.kind == Selection::Kind::Update);
    window.frame();
    CHECK(window.shell.ui().inspector.tab == InspectorTab::Trace);
    window.click("inspector/open-resource");
    CHECK(window.shell.ui().selection.kind == Selection::Kind::Resource);
    CHECK_FALSE(window.shell.ui().selection.reference.empty());
}

TEST_CASE("a frame opens as indented JSON and leads to its update") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.click("rail/connections");
    window.click("connections/kinds/events");
    window.click("connections/frames/row/6");
    REQUIRE(window.shell.ui().selection.kind == Selection::Kind::Frame);
    window.frame();
    CHECK(window.has("inspector/pretty/body"));
    window.click("inspector/tab/raw");
    CHECK(window.has("inspector/raw/body"));
    if (window.has("inspector/update")) {
        window.click("inspector/update");
        CHECK(window.shell.ui().selection.kind == Selection::Kind::Update);
    }
}

TEST_CASE("the buttons of the connection send commands, and are absent in a replay") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.click("rail/connections");
    window.click("connections/drop");
    CHECK(sent_command<engine::DropSocket>(window) != nullptr);
    window.click("connections/connect");
    CHECK(sent_command<engine::Connect>(window) != nullptr);
    window.click("connections/disconnect");
    CHECK(sent_command<engine::Disconnect>(window) != nullptr);
    window.input.session.source = Source::Replay;
    window.frame();
    CHECK_FALSE(window.has("connections/connect"));
    CHECK_FALSE(window.has("connections/drop"));
}

TEST_CASE("Ctrl K finds a command by its words and runs it") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.key(ImGuiKey_K, true);
    REQUIRE(window.shell.ui().overlays.palette);
    window.frame();
    window.type("compare");
    window.key(ImGuiKey_Enter);
    CHECK(sent_command<engine::Verify>(window) != nullptr);
    CHECK_FALSE(window.shell.ui().overlays.palette);
}

TEST_CASE("Ctrl K finds a resource by name") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.key(ImGuiKey_K, true);
    window.frame();
    window.type("Lindqvist");
    window.key(ImGuiKey_Enter);
    CHECK(window.shell.ui().selection.reference.rfind("Patient/", 0) == 0);
}

TEST_CASE("Esc closes the list of commands") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.key(ImGuiKey_K, true);
    window.frame();
    window.key(ImGuiKey_Escape);
    CHECK_FALSE(window.shell.ui().overlays.palette);
}

TEST_CASE("Ctrl C copies the resource as JSON, C its id") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.shell.ui().selection = Selection{Selection::Kind::Resource, data.task_reference(0), 0};
    window.frame();
    window.key(ImGuiKey_C, true);
    CHECK(window.clipboard.rfind(R"({"resourceType":"Task")", 0) == 0);
    window.key(ImGuiKey_C);
    CHECK("Task/" + window.clipboard == data.task_reference(0));
}

TEST_CASE("inspector and timeline open and close by key") {
    Synthetic data;
    WindowDriver window(data.publish());
    CHECK(window.has("timeline/chart"));
    window.key(ImGuiKey_T, true);
    CHECK_FALSE(window.has("timeline/chart"));
    window.key(ImGuiKey_I, true);
    CHECK(window.has("inspector/open"));
    window.click("inspector/open");
    CHECK(window.shell.ui().inspector.open);
}

TEST_CASE("below 1100 px the inspector lies over the view and Esc closes it") {
    Synthetic data;
    WindowDriver window(data.publish(), 800, 600);
    CHECK(window.rect("rail/panels").w < 40);
    window.click("panels/tasks/row/2");
    window.key(ImGuiKey_Enter);
    REQUIRE(window.shell.ui().inspector.overlay);
    window.frame();
    CHECK(window.has("inspector/tree/body"));
    window.key(ImGuiKey_Escape);
    CHECK_FALSE(window.shell.ui().inspector.overlay);
}

TEST_CASE("the spans of the timeline change by click and by plus and minus") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.click("timeline/span/1h");
    CHECK(window.shell.ui().timeline.span == TimelineSpan::OneHour);
    window.key(ImGuiKey_KeypadAdd);
    CHECK(window.shell.ui().timeline.span == TimelineSpan::TenMinutes);
    window.key(ImGuiKey_KeypadSubtract);
    CHECK(window.shell.ui().timeline.span == TimelineSpan::OneHour);
}

TEST_CASE("the slowest updates of a range lead to their traces") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.click("rail/latency");
    window.frame();
    window.click("latency/slowest/row/1");
    CHECK(window.shell.ui().selection.kind == Selection::Kind::Update);
    CHECK(window.has("inspector/tab/trace"));
    window.key(ImGuiKey_Escape);
    window.frame();
    window.click("latency/open-in-log");
    CHECK(window.shell.ui().view == ViewId::Log);
    CHECK(window.shell.ui().log.filter == "latency > 200ms");
}

TEST_CASE("with nothing that fades, the next frame is due when ages change") {
    Synthetic data({.patients = 5, .tasks = 9, .alerts = 0, .updates = 50, .seconds = 60, .gap = false});
    WindowDriver window(data.publish());
    window.input.now += std::chrono::minutes(10);
    window.frame();
    CHECK(window.redraw_in == std::chrono::milliseconds(1000));
    data.change_task(0, "completed", window.input.now);
    window.input.snapshot = data.publish();
    window.frame();
    CHECK(window.redraw_in <= std::chrono::milliseconds(100));
    window.input.now += std::chrono::seconds(20);
    for (int i = 0; i < 70; ++i) // until the new snapshot has been looked at for findings
        window.frame();
    CHECK(window.redraw_in == std::chrono::milliseconds(1000));
}

TEST_CASE("with reduced motion a changed cell is marked steadily, and then no more") {
    Synthetic data({.patients = 5, .tasks = 9, .alerts = 0, .updates = 50, .seconds = 60, .gap = false});
    WindowDriver window(data.publish());
    const auto marks = [&] {
        std::size_t count = 0;
        const ImDrawData& drawn = *ImGui::GetDrawData();
        for (int i = 0; i < drawn.CmdListsCount; ++i)
            for (const ImDrawVert& vertex : drawn.CmdLists[i]->VtxBuffer)
                count += vertex.col == builtin_dark().tlive2 ? 1 : 0;
        return count;
    };
    window.click("rail/settings");
    window.click("settings/motion/reduced");
    window.click("rail/panels");
    REQUIRE(window.shell.ui().look.reduced_motion);
    window.input.now += std::chrono::minutes(10);
    window.frame();
    CHECK(marks() == 0);
    data.change_task(0, "completed", window.input.now);
    window.input.snapshot = data.publish();
    window.input.now += std::chrono::milliseconds(300);
    for (int i = 0; i < 70; ++i) // until the new snapshot has been looked at for findings
        window.frame();
    CHECK(marks() > 0);
    CHECK(window.redraw_in == std::chrono::milliseconds(600));
    window.input.now += std::chrono::milliseconds(600);
    window.frame();
    CHECK(marks() == 0);
}

TEST_CASE("the pill says what the connection is, and is red where nothing will be tried") {
    Synthetic data;
    const auto snapshot = data.publish();
    WindowDriver window(snapshot);
    CHECK(window.has("top/pill/Live"));
    const auto closed = std::make_shared<engine::Snapshot>(*snapshot);
    closed->connection.phase = engine::Phase::Closed;
    closed->connection.since = window.input.now - std::chrono::seconds(12);
    closed->connection.reason = engine::said("the login was refused");
    window.input.snapshot = closed;
    window.frame();
    CHECK(window.has("top/pill/Offline"));
    window.click("top/pill");
    CHECK(window.shell.ui().view == ViewId::Connections);
    window.input.session.source = Source::Replay; // what is replayed was never on line
    window.frame();
    CHECK_FALSE(window.has("top/pill/Offline"));
}

TEST_CASE("a selection whose resource or row has gone says so instead of failing") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.shell.ui().selection = Selection{Selection::Kind::Resource, "Task/not-there", 0};
    window.frame();
    window.shell.ui().selection = Selection{Selection::Kind::Update, {}, 99999999};
    window.frame();
    window.shell.ui().selection = Selection{Selection::Kind::Frame, {}, 99999999};
    window.frame();
    data.delete_task(0, Synthetic::now());
    window.input.snapshot = data.publish();
    window.shell.ui().selection = Selection{Selection::Kind::Resource, data.task_reference(0), 0};
    for (const InspectorTab tab : {InspectorTab::Tree, InspectorTab::Diff, InspectorTab::Json, InspectorTab::Trace}) {
        window.shell.ui().inspector.tab = tab;
        window.frame();
    }
    CHECK(window.has("inspector/versions/row/0"));
}

TEST_CASE("the window stays usable at every size") {
    Synthetic data;
    const auto snapshot = data.publish();
    for (const auto& [width, height] :
         {std::pair{640.0F, 480.0F}, {1099.0F, 699.0F}, {1100.0F, 700.0F}, {2560.0F, 1440.0F}, {200.0F, 120.0F}}) {
        WindowDriver window(snapshot, width, height);
        for (const ImGuiKey key :
             {ImGuiKey_1, ImGuiKey_2, ImGuiKey_3, ImGuiKey_4, ImGuiKey_6, ImGuiKey_8, ImGuiKey_5}) {
            window.key(key, true);
            window.key(ImGuiKey_J);
            window.key(ImGuiKey_Enter);
            window.key(ImGuiKey_I, true);
        }
        CHECK(window.shell.ui().view == ViewId::Connections);
    }
}

TEST_CASE("the edges between the parts of the window are dragged where they are drawn") {
    Synthetic data;
    WindowDriver window(tests::publish_with_conflicts(data));
    const auto drag = [&](const char* edge, float dx, float dy) {
        const Rect r = window.rect(edge);
        const float x = r.x + r.w / 2, y = r.y + r.h / 2;
        window.drag(x, y, x + dx, y + dy);
    };
    const float timeline = window.shell.ui().timeline.height, inspector = window.shell.ui().inspector.width;
    drag("timeline/splitter", 0, -40);
    CHECK(window.shell.ui().timeline.height == Catch::Approx(timeline + 40).margin(1));
    drag("inspector/splitter", -50, 0);
    CHECK(window.shell.ui().inspector.width == Catch::Approx(inspector + 50).margin(1));
    const float panels = window.rect("panels/splitter").y;
    drag("panels/splitter", 0, 60);
    CHECK(window.rect("panels/splitter").y == Catch::Approx(panels + 60).margin(2));
    window.key(ImGuiKey_4, true);
    window.shell.ui().selection = {Selection::Kind::Conflict, {}, tests::SyntheticConflicts::edited};
    window.frame();
    window.frame();
    const float conflicts = window.rect("conflicts/splitter").y;
    drag("conflicts/splitter", 0, -30);
    CHECK(window.rect("conflicts/splitter").y == Catch::Approx(conflicts - 30).margin(2));
}
