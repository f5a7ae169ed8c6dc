// The demo's panel and captions, over a control that only notes what it is asked for.
#include "gui/frame/actions/actions.hpp"
#include "gui/model/demo_control.hpp"
#include "window_driver.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <set>

using namespace fhirscope;
using namespace fhirscope::gui;
using fhirscope::tests::Synthetic;
using fhirscope::tests::WindowDriver;

namespace {

class NotedControl : public DemoControl {
public:
    NotedControl() { now.scenarios = {"conflicts", "tour"}; }
    DemoStatus status() const override { return now; }
    void cause(Cause cause) override { caused.push_back(cause); }
    void stop(std::uint64_t number) override { stopped.push_back(number); }
    void play(std::string_view scenario) override { played.emplace_back(scenario); }
    void pause(bool paused) override { now.playing->paused = paused; }
    void next() override { ++nexts; }
    void stop_playing() override { now.playing.reset(); }

    DemoStatus now;
    std::vector<Cause> caused;
    std::vector<std::uint64_t> stopped;
    std::vector<std::string> played;
    int nexts = 0;
};

struct Demo {
    explicit Demo(float width = 1440, float height = 900) : window(data.publish(), width, height) {
        window.input.session.demo = &control;
        window.frame();
    }
    void say(std::uint64_t number, std::optional<ViewId> view = {}, std::string reference = {}) {
        control.now.playing =
            DemoStatus::Playing{"The tour", 3, 80, std::chrono::seconds(60), std::chrono::seconds(180), false};
        control.now.caption = DemoStatus::Caption{number, "Watch the row.", view, std::move(reference)};
        window.frame();
        window.frame();
    }
    Synthetic data;
    NotedControl control;
    WindowDriver window;
};

} // namespace

TEST_CASE("the demo's panel opens by its key and by the top bar, in a demo only") {
    Demo demo;
    CHECK_FALSE(demo.window.has("demo"));
    demo.window.key(ImGuiKey_D, true);
    CHECK(demo.window.has("demo"));
    demo.window.click("top/demo");
    CHECK_FALSE(demo.window.has("demo"));

    demo.window.input.session.demo = nullptr;
    demo.window.key(ImGuiKey_D, true);
    CHECK_FALSE(demo.window.has("demo"));
    CHECK_FALSE(demo.window.has("top/demo"));
}

TEST_CASE("the panel takes no room from what the audience watches but its own column") {
    Demo demo;
    const Rect before = demo.window.rect("rail/panels");
    demo.window.key(ImGuiKey_D, true);
    const Rect panel = demo.window.rect("demo");
    CHECK(panel.x >= before.right());
    CHECK(panel.w < 340);
    CHECK(demo.window.has("panels/tasks/row/0"));
    CHECK(demo.window.rect("panels/tasks/row/0").x >= panel.right());

    Demo small(800, 600);
    small.window.key(ImGuiKey_D, true);
    CHECK(small.window.has("demo"));
}

TEST_CASE("beside the panel every table keeps its columns within its area") {
    Demo demo;
    demo.window.key(ImGuiKey_D, true);
    constexpr float scroll_bar = 10; // at the right of a table's body
    std::size_t columns = 0;
    for (const ImGuiKey view : {ImGuiKey_1, ImGuiKey_2, ImGuiKey_3, ImGuiKey_4, ImGuiKey_5, ImGuiKey_6, ImGuiKey_8}) {
        demo.window.key(view, true);
        for (const auto& [name, edge] : demo.window.targets) {
            const std::size_t header = name.find("/header/");
            if (header == std::string::npos || !name.ends_with("/edge")) continue;
            INFO(name);
            ++columns;
            CHECK(edge.x + edge.w / 2 <= demo.window.rect(name.substr(0, header) + "/body").right() + scroll_bar);
        }
    }
    CHECK(columns > 30);
}

TEST_CASE("columns of the log and of a panel that do not fit leave, and come back") {
    Demo demo;
    CHECK(demo.window.has("panels/tasks/header/assignee"));
    demo.window.click("rail/log");
    CHECK(demo.window.has("log/header/size/edge"));
    demo.window.key(ImGuiKey_D, true);
    CHECK_FALSE(demo.window.has("log/header/size/edge"));
    CHECK(demo.window.has("log/header/latency/edge"));
    demo.window.click("rail/panels");
    CHECK_FALSE(demo.window.has("panels/tasks/header/assignee"));
    CHECK(demo.window.has("panels/tasks/header/status"));
    demo.window.key(ImGuiKey_D, true);
    CHECK(demo.window.has("panels/tasks/header/assignee"));
}

TEST_CASE("a click on a cause causes it once, and headings cause nothing") {
    Demo demo;
    demo.window.key(ImGuiKey_D, true);
    demo.window.click("demo/cause-outage");
    REQUIRE(demo.control.caused == std::vector{Cause::Outage});
    const Rect first = demo.window.rect("demo/cause-outage");
    demo.window.click_at(first.x + 40, first.y - 10); // the heading above
    CHECK(demo.control.caused.size() == 1);
}

TEST_CASE("every cause is a command with a key of its own and with words for the audience") {
    std::set<std::string_view> ids, keys;
    const auto actions = all_actions();
    std::multiset<ImGuiKeyChord> chords;
    for (const Action& action : actions)
        if (action.chord != 0) chords.insert(action.chord);
    for (std::size_t i = 0; i < cause_count; ++i) {
        const CauseText& text = text_of(static_cast<Cause>(i));
        INFO(text.id);
        CHECK(ids.insert(text.id).second);
        CHECK(keys.insert(text.key).second);
        CHECK(text.happens.ends_with('.'));
        CHECK(text.watch.ends_with('.'));
        const auto is_it = [&](const Action& action) { return action.id == text.id; };
        const auto action = std::find_if(actions.begin(), actions.end(), is_it);
        REQUIRE(action != actions.end());
        CHECK(chords.count(action->chord) == 1);
    }
}

TEST_CASE("a cause's key causes it while the panel is closed") {
    Demo demo;
    ImGuiIO& io = ImGui::GetIO();
    io.AddKeyEvent(ImGuiMod_Alt, true);
    demo.window.key(ImGuiKey_D);
    io.AddKeyEvent(ImGuiMod_Alt, false);
    demo.window.frame();
    CHECK(demo.control.caused == std::vector{Cause::Duplicate});
    CHECK_FALSE(demo.window.has("demo"));
}

TEST_CASE("what goes on is listed and can be stopped") {
    Demo demo;
    demo.control.now.running = {{7, "Cause an outage of 10 s", std::chrono::seconds(4), {}}, {9, "Send twice", {}, {}}};
    demo.window.key(ImGuiKey_D, true);
    CHECK(demo.window.has("demo/running/7"));
    demo.window.click("demo/running/9/stop");
    CHECK(demo.control.stopped == std::vector<std::uint64_t>{9});
    CHECK(demo.window.redraw_in <= std::chrono::milliseconds(250)); // the time that is left
}

TEST_CASE("a cause that waits for another is listed as what can be stopped, too") {
    Demo demo;
    demo.control.now.running = {{7, "Drop all events for 30 s", std::chrono::seconds(4), {}},
                                {8, "Cause a conflict that merges", {}, {}, "Drop all events for 30 s"}};
    demo.window.key(ImGuiKey_D, true);
    CHECK(demo.window.has("demo/running/8/waits"));
    CHECK_FALSE(demo.window.has("demo/running/7/waits"));
    demo.window.click("demo/running/8/stop");
    CHECK(demo.control.stopped == std::vector<std::uint64_t>{8});
}

TEST_CASE("a scenario that waits for a cause says so in the place of its steps") {
    Demo demo;
    demo.window.key(ImGuiKey_D, true);
    demo.say(1);
    CHECK_FALSE(demo.window.has("demo/playing/waits"));
    demo.control.now.playing->waits_for = "Drop all events for 30 s";
    demo.window.frame();
    const Rect waits = demo.window.rect("demo/playing/waits");
    CHECK(waits.x >= demo.window.rect("demo/stop").right());
    CHECK(waits.right() <= demo.window.rect("demo").right());
}

TEST_CASE("what was caused to a resource selects it once") {
    Demo demo;
    const std::string task = demo.data.task_reference(5);
    demo.control.now.running = {{1, "Send twice", {}, "Task/not-held-yet"}};
    demo.window.frame();
    CHECK(demo.window.shell.ui().selection.kind == Selection::Kind::None);
    demo.control.now.running = {{2, "Send twice", {}, task}};
    demo.window.frame();
    CHECK(demo.window.shell.ui().selection.reference == task);
    demo.window.shell.ui().selection = {};
    demo.window.frame();
    CHECK(demo.window.shell.ui().selection.kind == Selection::Kind::None);
}

TEST_CASE("the tour is played, paused, taken further and stopped from the panel") {
    Demo demo;
    demo.window.key(ImGuiKey_D, true);
    demo.window.click("demo/play/tour");
    CHECK(demo.control.played == std::vector<std::string>{"tour"});
    demo.say(1);
    const float third = demo.window.rect("demo/progress").w;
    demo.control.now.playing->position = std::chrono::seconds(120);
    demo.window.frame();
    CHECK(std::abs(demo.window.rect("demo/progress").w - 2 * third) <= 2);
    demo.window.click("demo/pause");
    CHECK(demo.control.now.playing->paused);
    demo.window.click("demo/next");
    CHECK(demo.control.nexts == 1);
    demo.window.click("demo/stop");
    CHECK_FALSE(demo.control.now.playing);
    CHECK(demo.window.has("demo/play/tour"));
}

TEST_CASE("a caption lies over the lower part of the main area until it is closed; the next one is shown again") {
    Demo demo;
    CHECK_FALSE(demo.window.has("caption"));
    demo.say(1);
    const Rect box = demo.window.rect("caption");
    CHECK(box.y > 450);
    CHECK(box.bottom() < 900 - 24);
    demo.window.click("caption/pause");
    CHECK(demo.control.now.playing->paused);
    demo.window.click("caption/close");
    CHECK_FALSE(demo.window.has("caption"));
    demo.say(2);
    CHECK(demo.window.has("caption"));
}

TEST_CASE("a caption brings its view and its resource once, and then the window is the user's") {
    Demo demo;
    const std::string task = demo.data.task(3).reference;
    demo.say(1, ViewId::Panels, task);
    CHECK(demo.window.shell.ui().view == ViewId::Panels);
    CHECK(demo.window.shell.ui().selection.reference == task);
    demo.window.shell.ui().view = ViewId::Latency;
    demo.window.shell.ui().selection = {};
    demo.window.frame();
    CHECK(demo.window.shell.ui().view == ViewId::Latency);
    CHECK(demo.window.shell.ui().selection.kind == Selection::Kind::None);
    demo.say(2, ViewId::Log, task);
    CHECK(demo.window.shell.ui().view == ViewId::Log);
}
