// A recording is begun and ended in the window, by button, by key and by words.

#include "window_driver.hpp"

#include <catch2/catch_test_macros.hpp>

#include <optional>

using namespace fhirscope;
using namespace fhirscope::gui;
using fhirscope::tests::Synthetic;
using fhirscope::tests::WindowDriver;

namespace {

template <class T>
std::optional<T> take_request(WindowDriver& window) {
    auto& requests = window.shell.ui().requests;
    if (requests.size() != 1 || !std::holds_alternative<T>(requests.front())) return std::nullopt;
    T taken = std::get<T>(requests.front());
    requests.clear();
    return taken;
}

} // namespace

TEST_CASE("the button asks to record from now, or the session so far") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.click("top/recording");
    window.click("top/recording/now");
    const auto from_now = take_request<StartRecording>(window);
    REQUIRE(from_now);
    CHECK_FALSE(from_now->whole_session);
    window.click("top/recording");
    window.click("top/recording/whole");
    const auto whole = take_request<StartRecording>(window);
    REQUIRE(whole);
    CHECK(whole->whole_session);
    CHECK_FALSE(window.has("top/recording/now")); // the list is closed
}

TEST_CASE("Ctrl R begins a recording and ends it") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.key(ImGuiKey_R, true);
    CHECK(take_request<StartRecording>(window));
    window.input.session.recording = "/tmp/a.fhirscope";
    window.input.session.recording_since = Synthetic::now() - std::chrono::seconds(7);
    window.frame();
    window.key(ImGuiKey_R, true);
    CHECK(take_request<StopRecording>(window));
    window.click("top/recording");
    window.click("top/recording/stop");
    CHECK(take_request<StopRecording>(window));
}

TEST_CASE("a recording cannot be recorded") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.input.session.source = Source::Replay;
    window.frame();
    CHECK_FALSE(window.has("top/recording"));
    window.key(ImGuiKey_R, true);
    CHECK(window.shell.ui().requests.empty());
}
