// Diagnosis and profiler under a null backend: from a stale row to the reason, and what the figures are made of.

#include "gui/frame/incident_links.hpp"
#include "gui/model/profiler_data.hpp"
#include "gui/window/thread_loads.hpp"
#include "window_driver.hpp"

#include <catch2/catch_test_macros.hpp>

#include <variant>

using namespace fhirscope;
using namespace fhirscope::gui;
using fhirscope::tests::Synthetic;
using fhirscope::tests::WindowDriver;

namespace {

bool has_prefix(const WindowDriver& window, std::string_view prefix) {
    const auto at = window.targets.lower_bound(prefix);
    return at != window.targets.end() && at->first.compare(0, prefix.size(), prefix) == 0;
}

template <class T>
bool was_sent(const WindowDriver& window) {
    for (const engine::Command& command : window.commands)
        if (std::holds_alternative<T>(command)) return true;
    return false;
}

} // namespace

TEST_CASE("E on a stale row leads to the reason, and to the button that repairs it") {
    Synthetic data;
    WindowDriver window(data.publish());
    const std::string stale = data.task_reference(2); // unconfirmed in the synthetic data
    window.shell.ui().selection = {Selection::Kind::Resource, stale, 0};
    window.key(ImGuiKey_E);
    CHECK(window.shell.ui().view == ViewId::Diagnosis);
    CHECK(window.shell.ui().diagnosis.explained == stale);
    CHECK(window.has("diagnosis/explained/" + stale));
    CHECK(was_sent<engine::AskServer>(window)); // only the server can tell
    CHECK(window.has("diagnosis/verdict"));
    CHECK(window.has("diagnosis/station/subscription"));
    window.click("diagnosis/advice/0");
    CHECK(was_sent<engine::ReadResource>(window));
    window.key(ImGuiKey_Escape);
    CHECK(window.shell.ui().diagnosis.explained.empty());
}

TEST_CASE("an incident shows how it was decided and its evidence, and the evidence opens") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.key(ImGuiKey_6, true);
    REQUIRE(window.has("diagnosis/row/0"));
    window.click("diagnosis/row/0");
    CHECK(window.shell.ui().diagnosis.incident != 0);
    window.click("incident/tab/evidence");
    CHECK(has_prefix(window, "incident/evidence/0"));
    window.click("incident/tab/json");
    CHECK_FALSE(has_prefix(window, "incident/evidence/0"));
    window.click("incident/copy");
    CHECK_FALSE(window.clipboard.empty());
}

TEST_CASE("the worst incident is shown unasked, until it is closed") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.key(ImGuiKey_6, true);
    CHECK(has_prefix(window, "diagnosis/episode/cause"));
    window.key(ImGuiKey_Escape);
    CHECK_FALSE(has_prefix(window, "diagnosis/episode/"));
    window.key(ImGuiKey_1, true);
    window.key(ImGuiKey_6, true);
    CHECK_FALSE(has_prefix(window, "diagnosis/episode/"));
}

TEST_CASE("J and K walk through the incidents, E explains a resource of the selected one") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.key(ImGuiKey_6, true);
    const std::uint64_t first = window.shell.ui().diagnosis.incident;
    window.key(ImGuiKey_J);
    const std::uint64_t second = window.shell.ui().diagnosis.incident;
    CHECK(second != first);
    window.key(ImGuiKey_K);
    CHECK(window.shell.ui().diagnosis.incident == first);
    REQUIRE(window.has("incident/explain"));
    window.key(ImGuiKey_E);
    CHECK(window.has("diagnosis/explained/" + window.shell.ui().diagnosis.explained));
    CHECK_FALSE(has_prefix(window, "diagnosis/episode/"));
}

TEST_CASE("the filter and the headers of the columns arrange the incidents") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.key(ImGuiKey_6, true);
    REQUIRE(window.has("diagnosis/row/0"));
    window.key(ImGuiKey_Slash);
    window.type("no incident has this");
    CHECK(window.shell.ui().diagnosis.filter == "no incident has this");
    window.frame();
    CHECK_FALSE(window.has("diagnosis/row/0"));
    window.click("diagnosis/clear");
    CHECK(window.has("diagnosis/row/0"));
    window.key(ImGuiKey_End);
    const std::uint64_t last = window.shell.ui().diagnosis.incident;
    window.click("diagnosis/header/from");
    window.click("diagnosis/header/from");
    window.key(ImGuiKey_Home);
    CHECK(window.shell.ui().diagnosis.incident != 0);
    window.click("diagnosis/header/from"); // back to the order of the program
    window.key(ImGuiKey_End);
    CHECK(window.shell.ui().diagnosis.incident == last);
}

TEST_CASE("the healthy line says that nothing was compared, and compares") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.key(ImGuiKey_6, true);
    REQUIRE(window.has("diagnosis/compared"));
    window.click("diagnosis/compare");
    CHECK(was_sent<engine::Verify>(window));
}

TEST_CASE("a reference that is typed is explained; an unknown one says so") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.key(ImGuiKey_6, true);
    window.click("diagnosis/explain");
    window.type("Device/x");
    CHECK(window.shell.ui().diagnosis.explained == "Device/x");
    window.frame();
    CHECK(window.has("diagnosis/explained/Device/x"));
}

TEST_CASE("a station opens what it names") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.shell.ui().diagnosis.explained = data.task_reference(0);
    window.key(ImGuiKey_6, true);
    window.frame();
    window.click("diagnosis/station/applied");
    CHECK(window.shell.ui().view == ViewId::Panels);
    CHECK(window.shell.ui().selection.reference == data.task_reference(0));
}

TEST_CASE("without incidents, and before anything happened, the diagnosis says so") {
    WindowDriver window(empty_snapshot());
    window.key(ImGuiKey_6, true);
    CHECK(has_prefix(window, "diagnosis/empty/Nothing has happened yet."));
}

TEST_CASE("the bars say in one sentence what is not well, and lead to it") {
    for (const char* bar : {"top/health", "status/news"}) {
        Synthetic data;
        WindowDriver window(data.publish());
        INFO(bar);
        REQUIRE(window.has(bar));
        window.click(bar);
        CHECK(window.shell.ui().view == ViewId::Diagnosis);
        CHECK(window.shell.ui().diagnosis.incident != 0);
    }
}

TEST_CASE("an incident is a stretch on the timeline, and a click on it shows it") {
    Synthetic data;
    WindowDriver window(data.publish());
    REQUIRE(has_prefix(window, "timeline/incident/"));
    const auto at = window.targets.lower_bound("timeline/incident/");
    const Rect box = at->second;
    window.click_at(box.x + box.w / 2, box.y + box.h / 2);
    CHECK(window.shell.ui().view == ViewId::Diagnosis);
    CHECK(window.shell.ui().diagnosis.incident != 0);
}

TEST_CASE("the diagnosis and the profiler fit into a small window") {
    Synthetic data;
    WindowDriver window(data.publish(), 800, 600);
    window.shell.ui().diagnosis.explained = data.task_reference(2);
    window.key(ImGuiKey_6, true);
    window.frame();
    REQUIRE(window.has("diagnosis/verdict"));
    CHECK(window.rect("diagnosis/verdict").bottom() < 600);
    window.click("diagnosis/segment/going-on");
    REQUIRE(window.has("diagnosis/row/0"));
    window.click("diagnosis/row/0");
    CHECK_FALSE(has_prefix(window, "diagnosis/episode/"));
    window.key(ImGuiKey_Enter);
    CHECK(has_prefix(window, "diagnosis/episode/repaired"));
    window.key(ImGuiKey_Escape);
    CHECK(window.has("diagnosis/row/0"));
    window.key(ImGuiKey_8, true);
    for (const auto& [part, drawn] : {std::pair("stages", "profiler/stages/row/0"),
                                      {"threads", "profiler/threads"},
                                      {"memory", "profiler/memory"},
                                      {"frames", "profiler/frames/none"}}) {
        INFO(part);
        window.click("profiler/part/" + std::string(part));
        CHECK(window.has(drawn));
    }
}

TEST_CASE("the profiler shows frames, stages, memory and threads, and copies them as text") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.key(ImGuiKey_8, true);
    CHECK(window.has("profiler/frames/none"));
    CHECK(window.has("profiler/threads/none"));
    auto history = std::make_shared<FrameHistory>();
    for (int i = 0; i < 700; ++i) history->push({Synthetic::now(), 0.1F, i == 650 ? 30.0F : 2.0F, 0.5F});
    window.input.stats.history = history;
    window.input.stats.threads = std::make_shared<const std::vector<ThreadLoad>>(
        std::vector<ThreadLoad>{{1, "engine", 0.2, false}, {2, "fhirscope", 0.1, true}});
    window.input.stats.memory = 200'000'000;
    window.input.now += std::chrono::seconds(1);
    window.frame();
    CHECK(window.has("profiler/frames"));
    CHECK(window.has("profiler/stages/row/0"));
    CHECK(window.has("profiler/memory"));
    CHECK(window.has("profiler/threads"));
    window.click("profiler/copy");
    CHECK(window.clipboard.find("Validated\t") != std::string::npos);
    CHECK(window.clipboard.find("engine\t20.0") != std::string::npos);
    window.click("profiler/freeze");
    CHECK(window.shell.ui().paused);
}

TEST_CASE("stage costs are those of the range") {
    Synthetic data;
    const auto snapshot = data.publish();
    const auto costs = stage_costs(*snapshot, Synthetic::now() - std::chrono::seconds(10), Synthetic::now());
    REQUIRE(costs.stages.size() == 6);
    CHECK(costs.stages[0].name == "Queued");
    CHECK(costs.stages[1].name == "Validated");
    CHECK(costs.stages[1].p50 <= costs.stages[1].p99);
    CHECK(costs.stages[1].p99 <= costs.stages[1].max);
    CHECK(costs.stages[1].per_second > 0);
    const auto none =
        stage_costs(*snapshot, Synthetic::now() + std::chrono::hours(1), Synthetic::now() + std::chrono::hours(2));
    CHECK(none.stages.empty());
    // Twice the range, twice the updates; the sample stays bounded.
    const auto all = stage_costs(*snapshot, Synthetic::now() - std::chrono::hours(1), Synthetic::now());
    CHECK(all.updates > costs.updates);
    CHECK(all.measured <= 4096);
}

TEST_CASE("memory by part adds up to what the process uses") {
    Synthetic data;
    const auto snapshot = data.publish();
    std::uint64_t sum = 0;
    for (const MemoryPart& part : memory_parts(*snapshot, 500'000'000)) sum += part.bytes;
    CHECK(sum == 500'000'000);
}

TEST_CASE("the frame history keeps the newest") {
    FrameHistory history;
    CHECK(history.size() == 0);
    for (int i = 0; i < 1000; ++i) history.push({LocalTime{}, static_cast<float>(i), 0, 0});
    CHECK(history.size() == FrameHistory::kept);
    CHECK(history[history.count() - 1].apply == 999);
    CHECK(history[history.count() - FrameHistory::kept].apply == 1000 - FrameHistory::kept);
}

TEST_CASE("a thread's name may hold spaces and parentheses") {
    const auto stat = parse_thread_stat("12 (a (b) c) S 1 1 1 0 -1 4194560 5 0 0 0 17 4 0 0 20 0 3 0 1");
    REQUIRE(stat);
    CHECK(stat->name == "a (b) c");
    CHECK(stat->ticks == 21);
    CHECK_FALSE(parse_thread_stat("12 (short) S 1 2"));
    CHECK_FALSE(parse_thread_stat(""));
    ThreadLoads loads;
    CHECK(loads.read() == nullptr); // nothing to compare with yet
    const auto second = loads.read();
    REQUIRE(second);
    CHECK_FALSE(second->empty());
}

TEST_CASE("R runs the check of the selected incident again, G shows its time in the log, C copies it") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.key(ImGuiKey_6, true);
    window.key(ImGuiKey_End);
    REQUIRE(window.shell.ui().diagnosis.incident != 0);
    window.key(ImGuiKey_C);
    CHECK(window.clipboard.find("onfidence") != std::string::npos);
    const std::size_t before = window.commands.size();
    window.key(ImGuiKey_R);
    CHECK(window.commands.size() == before + 1);
    window.key(ImGuiKey_G);
    CHECK(window.shell.ui().view == ViewId::Log);
    CHECK(window.shell.ui().brush);
    // Elsewhere R and G are no keys of an incident.
    const std::size_t sent = window.commands.size();
    window.key(ImGuiKey_R);
    CHECK(window.commands.size() == sent);
}
