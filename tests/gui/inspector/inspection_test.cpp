// The inspector: any two versions, links both ways, the past; all of it by key too.

#include "gui/model/link_index.hpp"
#include "window_driver.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace fhirscope;
using namespace fhirscope::gui;
using fhirscope::tests::Synthetic;
using fhirscope::tests::WindowDriver;
using namespace std::chrono_literals;

namespace {

void select(WindowDriver& window, const std::string& reference) {
    window.shell.ui().selection = Selection{Selection::Kind::Resource, reference, 0};
    window.frame();
}

void alt_key(WindowDriver& window, ImGuiKey key, bool shift = false) {
    ImGuiIO& io = ImGui::GetIO();
    io.AddKeyEvent(ImGuiMod_Alt, true);
    io.AddKeyEvent(ImGuiMod_Shift, shift);
    window.key(key);
    io.AddKeyEvent(ImGuiMod_Alt, false);
    io.AddKeyEvent(ImGuiMod_Shift, false);
    window.frame();
}

std::string version_at(const Synthetic& data, std::size_t task, std::size_t back) {
    const auto& history = data.task(task).history;
    return std::string(history[history.size() - 1 - back]->version_id());
}

} // namespace

TEST_CASE("references are found with their places, wherever they stand") {
    const auto resource = fhir::parse_resource(R"({"resourceType":"Task","id":"t","for":{"reference":"Patient/p"},
        "basedOn":[{"reference":"https://h/fhir/R4/ServiceRequest/s/_history/2"},{"reference":"#inner"}],
        "note":[{"text":"says \"reference\": \"Patient/x\""}]})");
    REQUIRE(resource);
    const auto links = links_of(**resource);
    REQUIRE(links.size() == 3);
    CHECK(links[0].path == "for");
    CHECK(links[1].path == "basedOn[0]");
    CHECK(links[1].target == "ServiceRequest/s");
    CHECK(links[2].target.empty());
    std::vector<std::string> targets;
    find_targets((*resource)->text(), targets);
    CHECK(targets == std::vector<std::string>{"Patient/p", "ServiceRequest/s"});
    find_targets(R"({"a":{"reference" : "Patient\/q"}})", targets);
    CHECK(targets == std::vector<std::string>{"Patient/q"});
}

TEST_CASE("who names a resource is known once the worker has looked, then follows what changes") {
    Synthetic data({.patients = 20, .tasks = 5000, .alerts = 0, .updates = 10, .seconds = 60, .gap = false});
    auto snapshot = data.publish();
    Worker worker([] {});
    LinkIndex index;
    index.update(snapshot, &worker);
    CHECK_FALSE(index.complete());
    CHECK(index.examined() == 0);
    worker.wait();
    index.update(snapshot, &worker);
    CHECK(index.complete());
    // The same as a look at every task.
    const std::string patient = snapshot->stores[0].records[3]->reference;
    std::vector<std::uint32_t> expected;
    for (std::size_t i = 0; i < snapshot->stores[1].records.size(); ++i) {
        const auto links = links_of(*snapshot->stores[1].records[i]->resource());
        if (std::any_of(links.begin(), links.end(), [&](const Link& link) { return link.target == patient; }))
            expected.push_back(static_cast<std::uint32_t>(i));
    }
    std::vector<std::uint32_t> found;
    for (const LinkIndex::Place place : index.to(patient))
        if (place.store == 1) found.push_back(place.index);
    std::sort(found.begin(), found.end());
    REQUIRE_FALSE(expected.empty());
    CHECK(found == expected);
    data.delete_task(expected[0], Synthetic::now());
    data.change_task(expected[1], "draft", Synthetic::now());
    index.update(data.publish(), &worker);
    CHECK(index.examined() == 2);
    CHECK(index.to(patient).size() + 1 == expected.size());
    CHECK(index.to("Patient/nobody").empty());
}

TEST_CASE("a link is followed by click to the patient, and back by key") {
    Synthetic data;
    WindowDriver window(data.publish());
    select(window, data.task_reference(0));
    window.click("inspector/tab/links");
    REQUIRE(window.has("inspector/links/row/0"));
    window.click("inspector/links/row/0");
    const std::string patient = window.shell.ui().selection.reference;
    CHECK(patient.rfind("Patient/", 0) == 0);
    window.settle();
    // Among those that name the patient is the task.
    CHECK(window.has("inspector/named-by/row/0"));
    alt_key(window, ImGuiKey_LeftArrow);
    CHECK(window.shell.ui().selection.reference == data.task_reference(0));
}

TEST_CASE("links are walked and followed by key") {
    Synthetic data;
    WindowDriver window(data.publish());
    select(window, data.task_reference(0));
    window.shell.ui().inspector.tab = InspectorTab::Links;
    window.frame();
    alt_key(window, ImGuiKey_DownArrow);
    alt_key(window, ImGuiKey_Enter);
    CHECK(window.shell.ui().selection.reference.rfind("Patient/", 0) == 0);
}

TEST_CASE("any two versions are compared, by Shift click and by key") {
    Synthetic data;
    for (int i = 0; i < 4; ++i)
        data.change_task(0, i % 2 == 0 ? "draft" : "completed", Synthetic::now() - 10s + std::chrono::seconds(i));
    WindowDriver window(data.publish());
    select(window, data.task_reference(0));
    ImGui::GetIO().AddKeyEvent(ImGuiMod_Shift, true);
    window.frame();
    window.click("inspector/versions/row/2");
    ImGui::GetIO().AddKeyEvent(ImGuiMod_Shift, false);
    window.frame();
    CHECK(window.shell.ui().inspector.tab == InspectorTab::Diff);
    CHECK(window.shell.ui().inspector.version.empty()); // the newest is still the one that is looked at
    CHECK(window.shell.ui().inspector.against == version_at(data, 0, 2));
    // Both are "completed": only the version and its time differ.
    CHECK_FALSE(window.has("inspector/diff/row/2"));
    CHECK(window.has("inspector/diff/row/1"));
    alt_key(window, ImGuiKey_DownArrow, true);
    CHECK(window.shell.ui().inspector.against == version_at(data, 0, 3));
    CHECK(window.has("inspector/diff/row/2"));
    alt_key(window, ImGuiKey_DownArrow);
    CHECK(window.shell.ui().inspector.version == version_at(data, 0, 1));
    window.click("inspector/diff/reset");
    CHECK(window.shell.ui().inspector.against.empty());
}

TEST_CASE("tabs of the inspector are walked by brackets") {
    Synthetic data;
    WindowDriver window(data.publish());
    select(window, data.task_reference(0));
    window.key(ImGuiKey_RightBracket);
    CHECK(window.shell.ui().inspector.tab == InspectorTab::Diff);
    window.key(ImGuiKey_LeftBracket);
    window.key(ImGuiKey_LeftBracket);
    CHECK(window.shell.ui().inspector.tab == InspectorTab::Links);
}

TEST_CASE("Ctrl C copies the version that is open") {
    Synthetic data;
    data.change_task(0, "draft", Synthetic::now() - 10s);
    data.change_task(0, "completed", Synthetic::now() - 5s);
    WindowDriver window(data.publish());
    select(window, data.task_reference(0));
    window.click("inspector/versions/row/1");
    window.key(ImGuiKey_C, true);
    CHECK(window.clipboard.find("\"draft\"") != std::string::npos);
}

TEST_CASE("a range does not choose the version that is inspected") {
    Synthetic data;
    data.change_task(0, "draft", Synthetic::now() - 20s);
    data.change_task(0, "completed", Synthetic::now() - 5s);
    WindowDriver window(data.publish());
    select(window, data.task_reference(0));
    window.shell.ui().brush = TimeRange{Synthetic::now() - 30s, Synthetic::now() - 10s};
    window.frame();
    window.key(ImGuiKey_C, true);
    CHECK(window.clipboard.find("\"completed\"") != std::string::npos);
}

TEST_CASE("a frame leads to its update, also when that leaves the queue while the frame is looked at") {
    Synthetic data({.patients = 5, .tasks = 20, .alerts = 0, .updates = 300, .seconds = 60, .gap = false});
    data.add_frame(Synthetic::now());
    WindowDriver window(data.publish());
    const std::uint64_t frame = window.input.snapshot->frames.end() - 1;
    REQUIRE(window.input.snapshot->frames[frame].kind == engine::FrameKind::Event);
    window.shell.ui().selection = Selection{Selection::Kind::Frame, {}, frame};
    window.frame();
    CHECK_FALSE(window.has("inspector/update"));

    data.change_task(3, "accepted", Synthetic::now());
    const auto next = [&](std::uint64_t of) {
        const auto snapshot = data.publish();
        engine::Log<engine::UpdateRow> rows;
        for (std::uint64_t n = snapshot->updates.first(); n < snapshot->updates.end(); ++n) {
            engine::UpdateRow row = snapshot->updates[n];
            if (n + 1 == snapshot->updates.end()) row.frame = of;
            rows.push_back(row);
        }
        snapshot->updates = rows.publish();
        return snapshot;
    };
    window.input.snapshot = next(frame - 1);
    window.frame();
    CHECK_FALSE(window.has("inspector/update"));
    data.change_task(4, "accepted", Synthetic::now());
    window.input.snapshot = next(frame);
    window.frame();
    REQUIRE(window.has("inspector/update"));
    window.click("inspector/update");
    const Selection opened{Selection::Kind::Update, {}, window.input.snapshot->updates.end() - 1};
    CHECK(window.shell.ui().selection == opened);
}
