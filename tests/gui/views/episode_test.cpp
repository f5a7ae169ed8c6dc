// The selected incident in full, with incidents filled by hand: everything that one can say is drawn, and fits.

#include "gui/frame/incident_commands.hpp"
#include "gui/inspector/incident.hpp"
#include "gui/ui/widgets.hpp"
#include "gui/views/diagnosis/episode_pane.hpp"
#include "gui/views/diagnosis/incident_table.hpp"
#include "parts.hpp"
#include "support/full_incident.hpp"
#include "window_driver.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

using namespace fhirscope;
using namespace fhirscope::gui;
using fhirscope::tests::Parts;
using fhirscope::tests::Synthetic;
using fhirscope::tests::WindowDriver;

namespace {

// The driver's window is there for its ImGui context; what it draws itself is not looked at.
struct EpisodeWindow {
    explicit EpisodeWindow(float width = 930, float height = 640)
        : driver(data.publish(), width, height), parts(data.publish()) {}

    void frame(const std::function<void(Context&, Rect)>& part) {
        for (int i = 0; i < 2; ++i) {
            ImGui::GetIO().DeltaTime = 1.0F / 60;
            ImGui::NewFrame();
            parts.draw(driver.theme(), part);
            ImGui::Render();
        }
    }
    void click(std::string_view target, const std::function<void(Context&, Rect)>& part) {
        frame(part);
        const auto at = parts.targets.find(target);
        REQUIRE(at != parts.targets.end());
        ImGuiIO& io = ImGui::GetIO();
        io.AddMousePosEvent(at->second.x + at->second.w / 2, at->second.y + at->second.h / 2);
        frame(part);
        io.AddMouseButtonEvent(0, true);
        frame(part);
        io.AddMouseButtonEvent(0, false);
        frame(part);
    }
    bool has(std::string_view target) const { return parts.targets.find(target) != parts.targets.end(); }
    Rect rect(std::string_view target) const { return parts.targets.find(target)->second; }

    Synthetic data;
    WindowDriver driver;
    Parts parts;
    EpisodePane pane;
};

} // namespace

TEST_CASE("an episode has its four stations side by side, and below what followed and what was ruled out") {
    EpisodeWindow window;
    const diagnosis::Incident incident = tests::deaf_incident();
    window.frame([&](Context& context, Rect area) { window.pane.draw(context, area, incident); });
    float right = 0;
    for (const char* station : {"cause", "effect", "noticed", "repaired"}) {
        INFO(station);
        const std::string name = std::string("diagnosis/episode/") + station;
        REQUIRE(window.has(name));
        CHECK(window.rect(name).x > right - 1); // none overlaps the one before
        right = window.rect(name).right();
    }
    CHECK(right <= 930);
    const float stations = window.rect("diagnosis/episode/cause").bottom();
    for (std::size_t i = 0; i < incident.followed.size(); ++i) {
        INFO(i);
        REQUIRE(window.has("diagnosis/followed/" + std::to_string(i)));
        REQUIRE(window.has("diagnosis/ruled-out/" + std::to_string(i)));
        CHECK(window.rect("diagnosis/followed/" + std::to_string(i)).y > stations);
        CHECK(window.rect("diagnosis/followed/" + std::to_string(i)).right() <=
              window.rect("diagnosis/ruled-out/" + std::to_string(i)).x);
    }
    REQUIRE(window.has("diagnosis/command"));
    CHECK(window.rect("diagnosis/command").bottom() <= 640);
}

TEST_CASE("a click on the command copies all of it") {
    EpisodeWindow window;
    const diagnosis::Incident incident = tests::deaf_incident();
    window.click("diagnosis/command", [&](Context& context, Rect area) { window.pane.draw(context, area, incident); });
    CHECK(window.driver.clipboard == incident.command);
}

TEST_CASE("what followed leads to the rows that are counted") {
    EpisodeWindow window;
    const diagnosis::Incident incident = tests::deaf_incident();
    const auto part = [&](Context& context, Rect area) { window.pane.draw(context, area, incident); };
    window.click("diagnosis/followed/0", part);
    CHECK(window.parts.ui.view == ViewId::Log);
    CHECK(window.parts.ui.selection.number == 19000);
    window.click("diagnosis/followed/4", part);
    CHECK(window.parts.ui.view == ViewId::Conflicts);
}

TEST_CASE("the time of an incident becomes the range of every view") {
    EpisodeWindow window;
    const diagnosis::Incident incident = tests::deaf_incident();
    window.click("diagnosis/range", [&](Context& context, Rect area) { window.pane.draw(context, area, incident); });
    REQUIRE(window.parts.ui.brush);
    CHECK(window.parts.ui.brush->begin < incident.from);
    CHECK(window.parts.ui.brush->end > incident.to);
}

TEST_CASE("what cannot be told from the cause is named, and what can be done is offered while it goes on") {
    EpisodeWindow window;
    const diagnosis::Incident incident = tests::refused_incident();
    const auto part = [&](Context& context, Rect area) { window.pane.draw(context, area, incident); };
    window.click("diagnosis/advice/1", part);
    CHECK(window.has("diagnosis/alternatives"));
    REQUIRE_FALSE(window.parts.sent.empty());
    CHECK(std::holds_alternative<engine::Verify>(window.parts.sent.back()));
}

TEST_CASE("in a small window the stations stand one below the other, and the rest behind tabs") {
    EpisodeWindow window(760, 450);
    window.parts.narrow = true;
    const diagnosis::Incident incident = tests::deaf_incident();
    const auto part = [&](Context& context, Rect area) { window.pane.draw(context, area, incident); };
    window.frame(part);
    float bottom = 0;
    for (const char* station : {"cause", "effect", "noticed", "repaired"}) {
        INFO(station);
        const std::string name = std::string("diagnosis/episode/") + station;
        REQUIRE(window.has(name));
        CHECK(window.rect(name).y >= bottom);
        CHECK(window.rect(name).right() <= 760);
        bottom = window.rect(name).bottom();
    }
    CHECK(bottom <= 450);
    CHECK(window.has("diagnosis/followed/0"));
    window.click("diagnosis/tab/ruled-out", part);
    CHECK(window.has("diagnosis/ruled-out/0"));
    CHECK_FALSE(window.has("diagnosis/followed/0"));
}

TEST_CASE("the table has a row for each incident, and says ? of what cannot be known") {
    EpisodeWindow window(930, 300);
    IncidentTable table;
    IncidentSort sort;
    const auto rows = tests::some_incidents();
    const auto part = [&](Context& context, Rect area) { table.draw(context, area, rows, sort); };
    window.frame(part);
    for (std::size_t i = 0; i < rows.size(); ++i) CHECK(window.has("diagnosis/row/" + std::to_string(i)));
    window.click("diagnosis/header/missed", part);
    CHECK(sort == IncidentSort{.key = IncidentKey::Missed, .descending = true, .by_person = true});
}

TEST_CASE("the inspector walks through the resources of an incident") {
    EpisodeWindow window(360, 700);
    IncidentInspector inspector;
    diagnosis::Incident incident = tests::deaf_incident();
    incident.about = {window.data.task_reference(0), window.data.task_reference(1)};
    const auto pointer = std::make_shared<const diagnosis::Incident>(incident);
    const auto part = [&](Context& context, Rect area) { inspector.draw(context, area, pointer); };
    window.click("incident/resource/next", part);
    window.click("incident/explain", part);
    CHECK(window.parts.ui.diagnosis.explained == window.data.task_reference(1));
    window.click("incident/tab/evidence", part);
    window.click("incident/evidence/2", part);
    CHECK(window.parts.ui.view == ViewId::Connections);
    CHECK(window.parts.ui.selection.number == 200);
}

TEST_CASE("the check of an incident is run again: what it asks, never writes, and is offered where it can be sent") {
    EpisodeWindow window;
    diagnosis::Incident incident = tests::deaf_incident();
    const auto run = [&] { window.frame([&](Context& context, Rect) { run_check_again(context, incident); }); };
    run();
    REQUIRE_FALSE(window.parts.sent.empty());
    CHECK(std::holds_alternative<engine::Verify>(window.parts.sent.back()));
    incident.about = {"Task/8d0c41f2"};
    incident.evidence.clear(); // it names others
    run();
    REQUIRE(std::holds_alternative<engine::AskServer>(window.parts.sent.back()));
    CHECK(std::get<engine::AskServer>(window.parts.sent.back()).reference == "Task/8d0c41f2");
    incident.effect = diagnosis::Effect::RealTime;
    incident.state = diagnosis::IncidentState::GoingOn;
    run();
    CHECK(std::holds_alternative<engine::Connect>(window.parts.sent.back()));
}

TEST_CASE("what an incident was made of is a tab of its own, each line with its time") {
    EpisodeWindow window(340, 800);
    IncidentInspector inspector;
    const auto incident = std::make_shared<const diagnosis::Incident>(tests::deaf_incident());
    REQUIRE(incident->observations.size() > 1);
    const auto part = [&](Context& context, Rect area) { inspector.draw(context, area, incident); };
    window.click("incident/tab/observations", part);
    window.frame(part);
    float below = 0;
    for (std::size_t i = 0; i < incident->observations.size(); ++i) {
        const std::string name = "incident/observation/" + std::to_string(i);
        REQUIRE(window.has(name));
        CHECK(window.rect(name).y >= below);
        below = window.rect(name).bottom();
    }
}
