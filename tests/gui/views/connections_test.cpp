// The connections view: its list of frames and the filter of it.

#include "window_driver.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace fhirscope;
using namespace fhirscope::gui;
using fhirscope::tests::Synthetic;
using fhirscope::tests::WindowDriver;

namespace {

const engine::FrameRow& first_frame(WindowDriver& window) {
    window.click("connections/frames/row/0");
    REQUIRE(window.shell.ui().selection.kind == Selection::Kind::Frame);
    return window.input.snapshot->frames[window.shell.ui().selection.number];
}

void clear_filter(WindowDriver& window) {
    window.click("connections/filter/clear");
    REQUIRE_FALSE(window.has("connections/filter/clear"));
}

} // namespace

TEST_CASE("slash filters the frames, in the language of the log") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.click("rail/connections");
    const engine::FrameKind newest = first_frame(window).kind;
    window.key(ImGuiKey_Slash);
    window.type("kind:ping direction:out");
    const engine::FrameRow& ping = first_frame(window);
    CHECK(ping.kind == engine::FrameKind::Ping);
    CHECK(ping.outgoing);
    clear_filter(window);
    CHECK(first_frame(window).kind == newest);
}

TEST_CASE("a filter of frames that is not understood keeps the rows and marks the place") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.click("rail/connections");
    window.key(ImGuiKey_Slash);
    window.type("kind:heartbeat");
    window.type(" & color:");
    CHECK(window.has("connections/filter/caret"));
    CHECK(first_frame(window).kind == engine::FrameKind::Heartbeat);
    clear_filter(window);
    CHECK_FALSE(window.has("connections/filter/caret"));
}

TEST_CASE("a filter that no frame passes can be cleared where the frames would be") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.click("rail/connections");
    window.key(ImGuiKey_Slash);
    window.type("nothing like this");
    for (int i = 0; i < 1000 && !window.has("connections/clear"); ++i) // looked through within a time each frame
        window.frame();
    CHECK_FALSE(window.has("connections/frames/row/0"));
    window.click("connections/clear");
    CHECK(window.has("connections/frames/row/0"));
}

TEST_CASE("a segment and the filter both hold") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.click("rail/connections");
    window.click("connections/kinds/events");
    window.key(ImGuiKey_Slash);
    window.type("size > 1kB");
    CHECK(first_frame(window).kind == engine::FrameKind::Event);
    window.click("connections/kinds/control");
    CHECK_FALSE(window.has("connections/frames/row/0"));
}

TEST_CASE("completions of the frames' filter stay within the view where there is no room below") {
    Synthetic data;
    WindowDriver window(data.publish(), 1440, 840);
    window.click("rail/connections");
    window.key(ImGuiKey_Slash);
    window.key(ImGuiKey_DownArrow);
    const Rect last = window.rect("connections/filter/completion/6");
    CHECK(last.bottom() <= window.rect("connections/filter").y);
    window.click("connections/filter/completion/0");
    CHECK(window.has("connections/filter/clear"));
}

TEST_CASE("at 800 by 600 the frames have their filter beside the tabs") {
    Synthetic data;
    WindowDriver window(data.publish(), 800, 600);
    window.click("rail/connections");
    window.key(ImGuiKey_Slash);
    window.type("kind:pong");
    CHECK(first_frame(window).kind == engine::FrameKind::Pong);
    window.click("connections/tab/attempts");
    CHECK_FALSE(window.has("connections/filter"));
}

TEST_CASE("slash does nothing in a view without a filter") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.click("rail/latency");
    window.key(ImGuiKey_Slash);
    window.click("rail/log");
    window.key(ImGuiKey_B); // a command, for no field has the keyboard
    CHECK(window.shell.ui().brush.has_value());
}

TEST_CASE("how many checks are made is said while there are any, and how many there may be") {
    for (const float width : {1440.0F, 800.0F}) {
        Synthetic data;
        const auto snapshot = data.publish();
        WindowDriver window(snapshot, width, width == 800 ? 600 : 900);
        window.click("rail/connections");
        REQUIRE(window.has("connections/checks"));
        const auto quiet = std::make_shared<engine::Snapshot>(*snapshot);
        quiet->connection.check_budget = 0; // not live: none is begun
        window.input.snapshot = quiet;
        window.frame();
        CHECK_FALSE(window.has("connections/checks"));
    }
}
