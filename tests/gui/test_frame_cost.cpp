// What makes a frame cheap: parts that look as they did are not drawn again, and without news there is one frame a
// second.

#include "gui/frame_pacer.hpp"
#include "gui/latency_data.hpp"
#include "gui/part_cache.hpp"
#include "support/synthetic_conflicts.hpp"
#include "window_driver.hpp"

#include <catch2/catch_test_macros.hpp>
#include <imgui_internal.h>

#include <array>
#include <cmath>
#include <map>
#include <string>

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
using Picture = std::map<std::string, Shape>;

// A frame, window by window, without the figures that measure the window itself.
Picture picture() {
    Picture shapes;
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
std::string difference(const Picture& a, const Picture& b) {
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
Picture fresh_picture(const WindowDriver& like) {
    ImGuiContext* mine = ImGui::GetCurrentContext();
    Picture shapes;
    {
        WindowDriver fresh(like.input.snapshot);
        fresh.input.now = like.input.now;
        fresh.input.targets = nullptr;
        fresh.shell.ui() = like.shell.ui();
        for (int i = 0; i < 6; ++i) {
            fresh.frame();
        }
        shapes = picture();
    }
    ImGui::SetCurrentContext(mine);
    return shapes;
}

// A part of a null window, driven by hand.
class PartDriver {
public:
    PartDriver() : window_(data_.publish()) {}

    // Whether the part was drawn.
    bool frame(const PartLook& look, std::chrono::milliseconds fades = std::chrono::milliseconds::max()) {
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
        const bool drawn = part.begin(context, "part", Rect{100, 100, 100, 50}, look);
        if (drawn) {
            ImGui::GetWindowDrawList()->AddRectFilled({110, 110}, {120, 120}, IM_COL32_WHITE);
            context.redraw_within(fades);
        }
        part.end(context);
        ImGui::End();
        ImGui::Render();
        redraw_in = context.redraw_in;
        vertices = ImGui::GetDrawData()->TotalVtxCount;
        return drawn;
    }

    Part part;
    bool input = false;
    LocalTime now = Synthetic::now();
    std::chrono::milliseconds redraw_in{0};
    int vertices = 0;

private:
    Synthetic data_{{.patients = 2, .tasks = 4, .alerts = 1, .updates = 10, .seconds = 60, .gap = false}};
    WindowDriver window_;
    Theme theme_;
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
    driver.frame({.at_once = 1, .answers = false});
    CHECK_FALSE(driver.frame({.at_once = 1, .answers = false})); // a picture does not mind
    driver.input = true;
    CHECK(driver.frame({.at_once = 1, .answers = false}));
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
            auto snapshot = std::make_shared<engine::Snapshot>(*data.publish());
            snapshot->conflicts = with_conflicts->conflicts;
            snapshot->open_conflicts = with_conflicts->open_conflicts;
            driver.input.snapshot = snapshot;
            for (int step = 0; step < 20; ++step) {
                io.AddMousePosEvent(static_cast<float>((round * 331 + step * 67) % 1440),
                                    static_cast<float>((round * 97 + step * 41) % 900));
                driver.frame();
                driver.input.now += 16ms;
            }
            io.AddMousePosEvent(-1, -1);
            driver.input.now += 1s;
            for (int i = 0; i < 4; ++i) {
                driver.frame();
            }
            const Picture kept = picture();
            CHECK(difference(kept, fresh_picture(driver)) == "");
        }
        now = driver.input.now;
    }
}

TEST_CASE("what a person waits for is shown in the next frame, not a quarter of a second later") {
    Synthetic data({.patients = 20, .tasks = 60, .alerts = 5, .updates = 500, .seconds = 60, .gap = false});
    WindowDriver driver(data.publish());
    driver.input.targets = nullptr;
    for (int i = 0; i < 5; ++i) {
        driver.frame();
    }
    const auto before = picture();
    auto lost = std::make_shared<engine::Snapshot>(*data.publish());
    lost->connection.phase = engine::Phase::BackingOff;
    driver.input.snapshot = lost;
    driver.input.now += 16ms;
    driver.frame();
    CHECK_FALSE(difference(picture(), before).empty());
}

TEST_CASE("connected and without an update the window asks for one frame a second, in every view") {
    Synthetic data({.patients = 60, .tasks = 240, .alerts = 30, .updates = 4000, .seconds = 700, .gap = true});
    const auto snapshot = tests::publish_with_conflicts(data);
    for (const auto& view : make_views()) {
        CAPTURE(std::string(view->title()));
        WindowDriver driver(snapshot);
        driver.input.targets = nullptr;
        driver.shell.ui().view = view->id();
        driver.input.now += 60s; // nothing is fresh any more
        for (int i = 0; i < 8; ++i) {
            driver.frame();
        }
        CHECK(driver.redraw_in == 1s);
        // Second after second.
        for (int i = 0; i < 5; ++i) {
            driver.input.now += 1s;
            driver.frame();
            CHECK(driver.redraw_in == 1s);
        }
    }
}

TEST_CASE("frames are drawn for input, for news and for time, each at its pace, and never for a hidden window") {
    const FramePacer::Clock::time_point began{};
    FramePacer pacer(began);
    FramePacer::State state{.revision = 1};
    auto now = began;
    const auto draw = [&](std::chrono::milliseconds redraw_in) {
        pacer.begin_frame(now, state.revision);
        pacer.end_frame(redraw_in);
    };
    for (int i = 0; i < FramePacer::settle_frames; ++i) {
        CHECK(pacer.due(now, state) == FrameReason::input);
        draw(1000ms);
    }
    // Idle: ten seconds, looked at every millisecond, cost ten frames.
    int frames = 0;
    for (int ms = 0; ms < 10000; ++ms) {
        now += 1ms;
        if (const FrameReason reason = pacer.due(now, state); reason != FrameReason::none) {
            CHECK(reason == FrameReason::time);
            draw(1000ms);
            ++frames;
        }
    }
    CHECK(frames == 10);
    // A stream of news: at most one frame in sixteen milliseconds.
    frames = 0;
    for (int ms = 0; ms < 1000; ++ms) {
        now += 1ms;
        ++state.revision;
        if (pacer.due(now, state) == FrameReason::news) {
            draw(1000ms);
            ++frames;
        }
    }
    CHECK(frames == 62);
    ++state.revision;
    now += 16ms;
    state.paused = true;
    CHECK(pacer.due(now, state) == FrameReason::none);
    state.paused = false;
    state.hidden = true;
    pacer.input();
    CHECK(pacer.due(now + 60s, state) == FrameReason::none);
    CHECK(pacer.next(state) == FramePacer::Clock::time_point::max());
    state.hidden = false;
    CHECK(pacer.due(now, state) == FrameReason::input);
}

TEST_CASE("the figures of a range that moves on are those of one counted anew, and cost what came and left") {
    Synthetic data({.patients = 20, .tasks = 60, .alerts = 5, .updates = 6000, .seconds = 600, .gap = true});
    LatencyData kept;
    LatencyData::Question question;
    LocalTime now = std::chrono::floor<std::chrono::seconds>(Synthetic::now().time_since_epoch()) + LocalTime{};
    for (int second = 0; second < 40; ++second) {
        for (int i = 0; i < 5; ++i) {
            data.change_task(static_cast<std::size_t>(second * 5 + i) % 60, "completed", now + 100ms * i);
        }
        now += 1s;
        data.finish_seconds(now);
        const auto snapshot = data.publish();
        question.range = question.charts = {now - 300s, now};
        kept.update(*snapshot, question);
        if (second > 0) {
            CHECK(kept.examined() < 200);
        }
        LatencyData fresh;
        fresh.update(*snapshot, question);
        REQUIRE(kept.groups().size() == fresh.groups().size());
        for (std::size_t i = 0; i < kept.groups().size(); ++i) {
            const LatencyGroupRow& a = kept.groups()[i];
            const LatencyGroupRow& b = fresh.groups()[i];
            CHECK(a.name == b.name);
            CHECK(a.count == b.count);
            CHECK(a.measured == b.measured);
            CHECK(a.end_to_end.counts() == b.end_to_end.counts());
            CHECK(a.end_to_end.percentile(0.99) == b.end_to_end.percentile(0.99));
            CHECK(a.end_to_end.percentile(1) == b.end_to_end.percentile(1));
            CHECK(a.transport_us == b.transport_us);
            CHECK(a.stages_us == b.stages_us);
        }
        CHECK(kept.figures().updates == fresh.figures().updates);
        CHECK(kept.figures().measured == fresh.figures().measured);
        CHECK(kept.figures().p50 == fresh.figures().p50);
        CHECK(kept.figures().p99 == fresh.figures().p99);
        CHECK(kept.figures().max == fresh.figures().max);
        CHECK(kept.figures().over_target == fresh.figures().over_target);
        REQUIRE(kept.points().size() == fresh.points().size());
        for (std::size_t i = 0; i < kept.points().size(); ++i) {
            CHECK(kept.points()[i].p50 == fresh.points()[i].p50);
            CHECK(kept.points()[i].p99 == fresh.points()[i].p99);
        }
        REQUIRE(kept.slowest().size() == fresh.slowest().size());
        for (std::size_t i = 0; i < kept.slowest().size(); ++i) {
            CHECK(kept.slowest()[i].micros == fresh.slowest()[i].micros);
        }
    }
}
