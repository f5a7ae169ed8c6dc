// What a frame shows: the snapshot that it is of, whatever was shown before.

#include "support/synthetic_conflicts.hpp"
#include "window_driver.hpp"

#include <catch2/catch_test_macros.hpp>
#include <imgui_internal.h>

#include <array>
#include <cmath>
#include <map>
#include <string>
#include <vector>

using namespace fhirscope;
using namespace fhirscope::gui;
using namespace std::chrono_literals;
using tests::Synthetic;
using tests::WindowDriver;

namespace {

// What a window shows, whatever the order of its triangles: how many corners, and sums over them that each of them
// would change.
struct Shape {
    std::size_t corners = 0;
    std::array<double, 6> sums{};
};
using DrawnFrame = std::map<std::string, Shape>;

// A frame, window by window, without the figures that measure the window itself.
DrawnFrame picture() {
    DrawnFrame shapes;
    const ImDrawData& data = *ImGui::GetDrawData();
    for (const ImDrawList* list : data.CmdLists) {
        const std::string name = list->_OwnerName;
        if (name.find("/status_") != std::string::npos) continue;
        for (const ImDrawCmd& command : list->CmdBuffer) {
            for (unsigned i = 0; i < command.ElemCount; ++i) {
                const ImDrawIdx index = list->IdxBuffer[static_cast<int>(command.IdxOffset + i)];
                const ImDrawVert& vertex = list->VtxBuffer[static_cast<int>(command.VtxOffset + index)];
                Shape& shape = shapes[name];
                ++shape.corners;
                for (std::size_t k = 0; k < shape.sums.size(); ++k) {
                    const double f = 0.13 + 0.071 * static_cast<double>(k);
                    shape.sums[k] += std::cos(f * vertex.pos.x + 1.7 * f * vertex.pos.y + 900 * f * vertex.uv.x +
                                              500 * f * vertex.uv.y + f * (vertex.col % 1009) +
                                              f * (command.ClipRect.x + command.ClipRect.w));
                }
            }
        }
    }
    return shapes;
}

// The windows that differ.
std::string difference(const DrawnFrame& a, const DrawnFrame& b) {
    std::string names;
    for (const auto& [name, shape] : b) {
        const auto other = a.find(name);
        bool same = other != a.end() && other->second.corners == shape.corners;
        for (std::size_t k = 0; same && k < shape.sums.size(); ++k)
            same = std::fabs(other->second.sums[k] - shape.sums[k]) < 0.2;
        names += same ? "" : name + " ";
    }
    for (const auto& [name, shape] : a) names += b.contains(name) ? "" : name + " (gone) ";
    return names;
}

// A frame of a window that has drawn nothing before, except those in which ImGui settles.
DrawnFrame fresh_picture(const WindowDriver& like, ImVec2 mouse) {
    ImGuiContext* mine = ImGui::GetCurrentContext();
    DrawnFrame shapes;
    {
        WindowDriver fresh(like.input.snapshot);
        fresh.input.now = like.input.now;
        fresh.input.targets = nullptr;
        fresh.shell.ui() = like.shell.ui();
        ImGui::GetIO().AddMousePosEvent(mouse.x, mouse.y);
        for (int i = 0; i < 6; ++i) fresh.frame();
        fresh.settle();
        shapes = picture();
    }
    ImGui::SetCurrentContext(mine);
    return shapes;
}

} // namespace

TEST_CASE("a window that has followed a session shows what a fresh window shows") {
    Synthetic data({.patients = 60, .tasks = 240, .alerts = 30, .updates = 4000, .seconds = 700, .gap = true});
    const auto with_conflicts = tests::publish_with_conflicts(data);
    LocalTime now = Synthetic::now();
    for (const auto& view : make_views()) {
        CAPTURE(std::string(view->title()));
        WindowDriver driver(with_conflicts);
        driver.input.targets = nullptr;
        driver.input.now = now; // what is received later never bears an earlier time
        driver.shell.ui().view = view->id();
        driver.shell.ui().selection = {Selection::Kind::Resource, data.task_reference(3), 0};
        ImGuiIO& io = ImGui::GetIO();
        for (int round = 0; round < 12; ++round) {
            CAPTURE(round);
            // Rows come and change; the mouse wanders over all parts and leaves the window at last.
            data.change_task(static_cast<std::size_t>(round) * 7 % 240, round % 2 == 0 ? "completed" : "on-hold",
                             driver.input.now);
            data.add_frame(driver.input.now);
            auto snapshot = data.publish();
            snapshot->conflicts = with_conflicts->conflicts;
            snapshot->open_conflicts = with_conflicts->open_conflicts;
            driver.input.snapshot = snapshot;
            for (int step = 0; step < 20; ++step) {
                io.AddMousePosEvent(static_cast<float>((round * 331 + step * 67) % 1440),
                                    static_cast<float>((round * 97 + step * 41) % 900));
                driver.frame();
                driver.input.now += 16ms;
            }
            // It leaves the window, or rests over rows.
            const ImVec2 mouse = round % 3 == 2 ? ImVec2(500, 330) : ImVec2(-1, -1);
            io.AddMousePosEvent(mouse.x, mouse.y);
            driver.input.now += 1s;
            for (int i = 0; i < 70; ++i) driver.frame(); // findings are brought up to date once a second
            driver.settle();
            const DrawnFrame followed = picture();
            CHECK(difference(followed, fresh_picture(driver, mouse)) == "");
        }
        now = driver.input.now;
    }
}

TEST_CASE("what has happened is shown in the next frame") {
    Synthetic data({.patients = 20, .tasks = 60, .alerts = 5, .updates = 500, .seconds = 60, .gap = false});
    WindowDriver driver(data.publish());
    driver.input.targets = nullptr;
    for (int i = 0; i < 5; ++i) driver.frame();
    const auto before = picture();
    auto lost = data.publish();
    lost->connection.phase = engine::Phase::BackingOff;
    driver.input.snapshot = lost;
    driver.input.now += 16ms;
    driver.frame();
    CHECK_FALSE(difference(picture(), before).empty());
}

TEST_CASE("rows of a panel are those of the snapshot that the frame is of") {
    Synthetic data({.patients = 20, .tasks = 60, .alerts = 5, .updates = 500, .seconds = 60, .gap = false});
    WindowDriver driver(data.publish());
    driver.input.targets = nullptr;
    driver.shell.ui().timeline.open = false;
    const auto rows = [] {
        DrawnFrame shapes = picture();
        std::erase_if(shapes, [](const auto& shape) { return shape.first.find("/main_") == std::string::npos; });
        return shapes;
    };
    driver.input.now += 1s;
    for (int i = 0; i < 5; ++i) driver.frame();
    const DrawnFrame before = rows();
    REQUIRE_FALSE(before.empty());
    for (std::size_t i = 0; i < 60; ++i) data.change_task(i, "completed", driver.input.now);
    driver.input.snapshot = data.publish();
    driver.input.now += 16ms;
    driver.frame();
    CHECK_FALSE(difference(rows(), before).empty());
}
