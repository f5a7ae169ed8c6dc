// What makes a frame cheap: what looks as it did is not drawn again.

#include "gui/grid.hpp"
#include "gui/part_cache.hpp"
#include "gui/widgets.hpp"
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
        if (name.find("/status_") != std::string::npos) {
            continue;
        }
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
        for (std::size_t k = 0; same && k < shape.sums.size(); ++k) {
            same = std::fabs(other->second.sums[k] - shape.sums[k]) < 0.2;
        }
        names += same ? "" : name + " ";
    }
    for (const auto& [name, shape] : a) {
        names += b.contains(name) ? "" : name + " (gone) ";
    }
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
        // Looking through the log takes as many frames as it takes.
        for (int i = 0; i < 6 || (i < 200 && fresh.redraw_in <= 10ms); ++i) {
            fresh.frame();
        }
        shapes = picture();
    }
    ImGui::SetCurrentContext(mine);
    return shapes;
}

// Frames of a null window, drawn by hand.
class FrameDriver {
public:
    FrameDriver() : window_(data_.publish()) {
        theme_.c = builtin_dark();
        theme_.f = load_fonts(*ImGui::GetIO().Fonts, 1.0F);
        unsigned char* pixels = nullptr;
        int w = 0;
        int h = 0;
        ImGui::GetIO().Fonts->GetTexDataAsRGBA32(&pixels, &w, &h);
    }

    template <class Draw>
    void frame(const Draw& draw) {
        const SessionInfo session;
        const FrameStats stats;
        const std::function<void(engine::Command)> send = [](const engine::Command&) {};
        const ShownLog shown;
        const diagnosis::Diagnosis findings;
        Context context{.snapshot = *window_.input.snapshot,
                        .snapshot_ptr = window_.input.snapshot,
                        .session = session,
                        .stats = stats,
                        .theme = theme_,
                        .ui = window_.shell.ui(),
                        .layout = {},
                        .now = now,
                        .send = send,
                        .shown = shown,
                        .findings = findings};
        context.input = input;
        ImGui::NewFrame();
        ImGui::SetNextWindowPos({0, 0});
        ImGui::SetNextWindowSize({400, 300});
        ImGui::Begin("outer", nullptr, ImGuiWindowFlags_NoDecoration);
        draw(context);
        ImGui::End();
        ImGui::Render();
        redraw_in = context.redraw_in;
        vertices = ImGui::GetDrawData()->TotalVtxCount;
    }

    bool input = false;
    LocalTime now = Synthetic::now();
    std::chrono::milliseconds redraw_in{0};
    int vertices = 0;

private:
    Synthetic data_{{.patients = 2, .tasks = 4, .alerts = 1, .updates = 10, .seconds = 60, .gap = false}};
    WindowDriver window_;
    Theme theme_;
};

class PartDriver : public FrameDriver {
public:
    // Whether the part was drawn.
    bool frame(const PartLook& look, std::chrono::milliseconds fades = std::chrono::milliseconds::max()) {
        bool drawn = false;
        FrameDriver::frame([&](Context& context) {
            drawn = part.begin(context, "part", Rect{100, 100, 100, 50}, look);
            if (drawn) {
                ImGui::GetWindowDrawList()->AddRectFilled({110, 110}, {120, 120}, IM_COL32_WHITE);
                context.redraw_within(fades);
            }
            part.end(context);
        });
        return drawn;
    }

    Part part;
};

// A list of numbers, the newest first, of which ten are shown.
class ListDriver : public FrameDriver {
public:
    // The rows that were drawn.
    std::vector<std::int64_t> frame(std::int64_t newest, std::int64_t selected = -1) {
        std::vector<std::int64_t> drawn;
        FrameDriver::frame([&](Context& context) {
            constexpr std::array<GridColumn, 1> kColumns = {{{"number", "Number", 100}}};
            GridStyle style;
            style.row_height = 20;
            style.keeps = true;
            grid.begin(context, "list", Rect{0, 0, 300, 22 + 200}, kColumns, 1000, style);
            for (std::int64_t i = grid.first(); i < grid.last(); ++i) {
                const std::int64_t number = newest - i;
                grid.row(context, i, {number == selected, 0, 0});
                if (!grid.kept(context, Key().add(number))) {
                    drawn.push_back(number);
                    grid.text(context, 0, context.theme.f.mono, IM_COL32_WHITE, std::to_string(number));
                }
            }
            grid.end(context);
        });
        return drawn;
    }

    Grid grid;
};

} // namespace

TEST_CASE("a part is drawn again when what it shows at once changes, and stands there otherwise") {
    PartDriver driver;
    CHECK(driver.frame({.at_once = 1}));
    const int vertices = driver.vertices;
    CHECK(vertices > 0);
    for (int i = 0; i < 3; ++i) {
        CHECK_FALSE(driver.frame({.at_once = 1}));
        CHECK(driver.vertices == vertices);
    }
    CHECK(driver.frame({.at_once = 2}));
    CHECK_FALSE(driver.frame({.at_once = 2}));
}

TEST_CASE("what may wait is drawn when its time has come, and the window is told when that is") {
    PartDriver driver;
    CHECK(driver.frame({.at_once = 1, .soon = 1}));
    driver.now += 100ms;
    CHECK_FALSE(driver.frame({.at_once = 1, .soon = 2}));
    CHECK(driver.redraw_in == 150ms);
    driver.now += 150ms;
    CHECK(driver.frame({.at_once = 1, .soon = 2}));
    CHECK_FALSE(driver.frame({.at_once = 1, .soon = 2}));
    CHECK(driver.redraw_in == std::chrono::milliseconds::max());
}

TEST_CASE("a part that fades is drawn when it said so") {
    PartDriver driver;
    CHECK(driver.frame({.at_once = 1}, 40ms));
    driver.now += 15ms;
    CHECK_FALSE(driver.frame({.at_once = 1}));
    CHECK(driver.redraw_in == 25ms);
    driver.now += 25ms;
    CHECK(driver.frame({.at_once = 1}));
}

TEST_CASE("a part under the mouse is drawn every frame, and once more when the mouse has left") {
    PartDriver driver;
    CHECK(driver.frame({.at_once = 1}));
    ImGui::GetIO().AddMousePosEvent(120, 120);
    CHECK(driver.frame({.at_once = 1}));
    CHECK(driver.frame({.at_once = 1}));
    ImGui::GetIO().AddMousePosEvent(300, 20);
    CHECK(driver.frame({.at_once = 1}));
    CHECK_FALSE(driver.frame({.at_once = 1}));
    ImGui::GetIO().AddMousePosEvent(120, 120);
    driver.frame({.at_once = 1, .answers = Answers::nowhere});
    CHECK_FALSE(driver.frame({.at_once = 1, .answers = Answers::nowhere})); // a picture does not mind
    driver.input = true;
    CHECK(driver.frame({.at_once = 1, .answers = Answers::nowhere}));
}

TEST_CASE("a part that tells its mouse regions is drawn when the mouse comes to another one, and to another row") {
    FrameDriver driver;
    Part part;
    int presses = 0;
    const auto frame = [&](float x, float y) {
        ImGui::GetIO().AddMousePosEvent(x, y);
        bool drawn = false;
        driver.frame([&](Context& context) {
            drawn = part.begin(context, "part", Rect{100, 100, 100, 100}, {.answers = Answers::regions});
            if (drawn) {
                presses += hit(context, "button", Rect{110, 110, 20, 20}, Overlap::yes).pressed ? 1 : 0;
                context.mouse_region(Rect{100, 140, 100, 60}, 20);
            }
            part.end(context);
        });
        return drawn;
    };
    const auto settled = [&](float x, float y) {
        const bool drawn = frame(x, y);
        CHECK(frame(x, y) == drawn); // what the mouse is over counts from the next frame on
        return drawn;
    };
    frame(150, 105);
    frame(150, 105);
    CHECK_FALSE(frame(160, 106));
    CHECK(settled(115, 115)); // the button
    CHECK_FALSE(frame(120, 120));
    CHECK_FALSE(frame(125, 125));
    CHECK(settled(150, 145)); // the first row
    CHECK_FALSE(frame(160, 155));
    CHECK(settled(150, 165)); // the second
    CHECK(settled(150, 105));
    CHECK_FALSE(frame(155, 105));
    // A press counts although the part was not drawn while the mouse lay over it.
    settled(115, 115);
    for (int i = 0; i < 5; ++i) {
        CHECK_FALSE(frame(115, 115));
    }
    ImGui::GetIO().AddMouseButtonEvent(0, true);
    driver.input = true;
    frame(115, 115);
    CHECK(presses == 1);
}

TEST_CASE("a part that stands keeps the windows within it") {
    FrameDriver driver;
    Part part;
    RowCanvas rows;
    const auto frame = [&] {
        bool drawn = false;
        driver.frame([&](Context& context) {
            drawn = part.begin(context, "part", Rect{100, 100, 100, 50}, {.answers = Answers::regions});
            if (drawn) {
                rows.begin("rows", Rect{100, 100, 100, 50}, 1);
                if (!rows.stands(context, 7, 100)) {
                    rows.begin_row(context, 7, 100, nullptr);
                    ImGui::GetWindowDrawList()->AddRectFilled({110, 110}, {120, 120}, IM_COL32_WHITE);
                    rows.end_row(context);
                }
                rows.end();
            }
            part.end(context);
        });
        return drawn;
    };
    CHECK(frame());
    const DrawnFrame first = picture();
    for (int i = 0; i < 3; ++i) {
        CHECK_FALSE(frame());
        CHECK(difference(picture(), first).empty());
    }
    part.forget();
    CHECK(frame());
    CHECK(rows.drawn() == 0); // the row as well stood where it was
    CHECK(difference(picture(), first).empty());
}

TEST_CASE("a list that moves on by two rows draws two rows, and one that stays none") {
    ListDriver list;
    CHECK(list.frame(1000).size() == 10);
    const DrawnFrame first = picture();
    CHECK(list.frame(1000).empty());
    CHECK(difference(picture(), first).empty());
    CHECK(list.frame(1002) == std::vector<std::int64_t>{1002, 1001});
    // For as long as it goes on: rows that have left are given up on the way.
    std::int64_t newest = 1002;
    for (int i = 0; i < 500; ++i) {
        newest += 2;
        REQUIRE(list.frame(newest) == std::vector<std::int64_t>{newest, newest - 1});
        REQUIRE(list.vertices < 10000);
    }
    const DrawnFrame moved = picture();
    ListDriver fresh;
    fresh.frame(newest);
    fresh.frame(newest);
    CHECK(difference(moved, picture()).empty());
}

TEST_CASE("a row that is selected or under the mouse is drawn, and stands as before when it is not any more") {
    ListDriver list;
    list.frame(1000);
    list.frame(1000);
    const DrawnFrame before = picture();
    CHECK(list.frame(1000, 997) == std::vector<std::int64_t>{997});
    CHECK(list.frame(1000, 997).empty());
    CHECK(list.frame(1000).empty());
    ImGui::GetIO().AddMousePosEvent(50, 22 + 20 * 2 + 5); // the third
    list.frame(1000);                                     // what the mouse is over counts from the next frame on
    CHECK(list.frame(1000) == std::vector<std::int64_t>{998});
    CHECK_FALSE(difference(picture(), before).empty());
    ImGui::GetIO().AddMousePosEvent(-1, -1);
    list.frame(1000);
    list.frame(1000);
    CHECK(difference(picture(), before).empty());
}

TEST_CASE("what is taken from the last frame looks as if it were drawn") {
    Synthetic data({.patients = 60, .tasks = 240, .alerts = 30, .updates = 4000, .seconds = 700, .gap = true});
    const auto with_conflicts = tests::publish_with_conflicts(data);
    LocalTime now = Synthetic::now();
    for (const auto& view : make_views()) {
        CAPTURE(std::string(view->title()));
        WindowDriver driver(with_conflicts);
        driver.input.targets = nullptr;
        driver.input.now = now; // what is received later never bears an earlier time
        driver.shell.ui().view = view->id();
        driver.shell.ui().selection = {Selection::Kind::resource, data.task_reference(3), 0};
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
            // Findings are brought up to date once a second; looking through the log takes as many frames as it takes.
            for (int i = 0; i < 70 || (i < 300 && driver.redraw_in <= 10ms); ++i) {
                driver.frame();
            }
            const DrawnFrame kept = picture();
            CHECK(difference(kept, fresh_picture(driver, mouse)) == "");
        }
        now = driver.input.now;
    }
}

TEST_CASE("what a person waits for is shown in the next frame, not half a second later") {
    Synthetic data({.patients = 20, .tasks = 60, .alerts = 5, .updates = 500, .seconds = 60, .gap = false});
    WindowDriver driver(data.publish());
    driver.input.targets = nullptr;
    for (int i = 0; i < 5; ++i) {
        driver.frame();
    }
    const auto before = picture();
    auto lost = data.publish();
    lost->connection.phase = engine::Phase::BackingOff;
    driver.input.snapshot = lost;
    driver.input.now += 16ms;
    driver.frame();
    CHECK_FALSE(difference(picture(), before).empty());
}

TEST_CASE("rows of a panel come ten times a second, and at once when a person asks for something") {
    Synthetic data({.patients = 20, .tasks = 60, .alerts = 5, .updates = 500, .seconds = 60, .gap = false});
    WindowDriver driver(data.publish());
    driver.input.targets = nullptr;
    driver.shell.ui().timeline_open = false;
    const auto rows = [] {
        DrawnFrame shapes = picture();
        std::erase_if(shapes, [](const auto& shape) { return shape.first.find("panels/") == std::string::npos; });
        return shapes;
    };
    driver.input.now += 1s;
    for (int i = 0; i < 5; ++i) {
        driver.frame();
    }
    const DrawnFrame before = rows();
    REQUIRE_FALSE(before.empty());
    for (std::size_t i = 0; i < 60; ++i) {
        data.change_task(i, "completed", driver.input.now);
    }
    driver.input.snapshot = data.publish();
    driver.input.now += 16ms;
    driver.frame();
    CHECK(difference(rows(), before).empty());
    CHECK(driver.redraw_in <= 84ms);
    SECTION("in a tenth of a second") { driver.input.now += 84ms; }
    SECTION("at a key") { ImGui::GetIO().AddKeyEvent(ImGuiKey_F9, true); }
    driver.frame();
    CHECK_FALSE(difference(rows(), before).empty());
}
