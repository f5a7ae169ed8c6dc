// A recording walked through: what is shown at a moment is the same from whichever side it was reached.

#include "gui/model/playhead.hpp"

#include "engine/engine.hpp"
#include "gui/window/screen_text.hpp"
#include "session/reader.hpp"
#include "window_driver.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>

using namespace fhirscope;
using namespace fhirscope::tests;

namespace {

// A recording of which the state after some of its inputs is kept, and a playhead that stands at one of them.
class WalkedRecording final : public gui::PlayheadControl {
public:
    explicit WalkedRecording(std::uint64_t moments) {
        const auto reader = session::Reader::open(std::string(fixtures) + "/recordings/one-client.fhirscope");
        REQUIRE(reader);
        const std::uint64_t every = reader->summary().inputs / moments;
        engine::Engine engine;
        std::uint64_t number = 0;
        const auto read = reader->for_each([&](const engine::Input& input) {
            engine.step(input);
            if (++number % every == 0 || number == reader->summary().inputs) moments_[input.at] = engine.publish();
            return true;
        });
        REQUIRE(read);
        status_.first = moments_.begin()->first;
        status_.at = status_.last = moments_.rbegin()->first;
    }
    gui::PlayheadStatus status() const override { return status_; }
    void seek(LocalTime at) override {
        status_.at = std::clamp(at, status_.first, status_.last);
        status_.at_end = status_.at == status_.last;
        status_.playing = false;
        ++seeks;
    }
    void play(double speed) override {
        status_.playing = true;
        status_.speed = speed;
    }
    void pause() override { status_.playing = false; }
    void to_end() override { seek(status_.last); }
    void add_bookmark(LocalTime at, std::string text) override {
        status_.bookmarks.push_back({status_.bookmarks.size() + 1, at, std::move(text)});
    }
    void rename_bookmark(std::uint64_t, std::string) override {}
    void remove_bookmark(std::uint64_t) override {}

    engine::SnapshotPtr shown() const { return std::prev(moments_.upper_bound(status_.at))->second; }
    engine::SnapshotPtr whole() const { return moments_.rbegin()->second; }
    std::vector<LocalTime> times() const {
        std::vector<LocalTime> times;
        for (const auto& [at, snapshot] : moments_) times.push_back(at);
        return times;
    }
    int seeks = 0;

private:
    std::map<LocalTime, engine::SnapshotPtr> moments_;
    gui::PlayheadStatus status_;
};

class WalkedWindow : public WindowDriver {
public:
    explicit WalkedWindow(WalkedRecording& recording, gui::Source source = gui::Source::Replay)
        : WindowDriver(recording.shown()), recording_(recording) {
        input.session.source = source;
        input.session.playhead = &recording;
        look();
    }
    // The frames after something was asked of the playhead.
    void look() {
        input.snapshot = recording_.shown();
        input.whole = recording_.whole();
        input.now = recording_.whole()->at;
        ImGui::GetIO().DeltaTime = 1;
        for (int i = 0; i < 4; ++i) frame();
        settle();
        frame();
    }

private:
    WalkedRecording& recording_;
};

constexpr std::array views = {gui::ViewId::Panels,    gui::ViewId::Log,       gui::ViewId::Latency,
                              gui::ViewId::Conflicts, gui::ViewId::Diagnosis, gui::ViewId::Connections,
                              gui::ViewId::Profiler};

// All that a person can read, with where it stands.
std::vector<std::string> text_of(WalkedWindow& window) {
    window.look();
    std::vector<std::string> lines;
    for (const gui::ScreenText& text : gui::screen_text(*ImGui::GetDrawData(), *ImGui::GetIO().Fonts))
        lines.push_back(std::to_string(std::lround(text.rect.x)) + " " + std::to_string(std::lround(text.rect.y)) +
                        " " + text.text);
    return lines;
}

} // namespace

TEST_CASE("a moment looks the same from whichever side it was reached, in every view") {
    WalkedRecording recording(7);
    const std::vector<LocalTime> times = recording.times();
    REQUIRE(times.size() >= 7);
    for (const gui::ViewId view : views) {
        INFO("view " << static_cast<int>(view));
        WalkedWindow walked(recording);
        walked.shell.ui().view = view;
        walked.look();
        for (const std::size_t at :
             {std::size_t{2}, times.size() - 1, std::size_t{4}, std::size_t{0}, std::size_t{3}}) {
            INFO("moment " << at);
            recording.seek(times[at]);
            std::vector<std::string> there = text_of(walked);
            ImGuiContext* const before = ImGui::GetCurrentContext();
            std::vector<std::string> anew;
            {
                WalkedWindow fresh(recording);
                fresh.shell.ui().view = view;
                anew = text_of(fresh);
            }
            ImGui::SetCurrentContext(before);
            std::vector<std::string> differing;
            std::sort(there.begin(), there.end());
            std::sort(anew.begin(), anew.end());
            std::set_symmetric_difference(there.begin(), there.end(), anew.begin(), anew.end(),
                                          std::back_inserter(differing));
            CHECK(there.size() > 20);
            CHECK(differing == std::vector<std::string>());
        }
    }
}

TEST_CASE("the playhead is moved by mouse and keys, and typed") {
    WalkedRecording recording(40);
    const std::vector<LocalTime> times = recording.times();
    WalkedWindow window(recording);
    CHECK(window.has("top/pill/Recorded " + std::string(gui::clock_s(gui::wall(times.back())).view())));
    REQUIRE(window.has("transport/play"));

    const gui::Rect chart = window.rect("timeline/chart");
    window.click_at(chart.x + chart.w / 2, chart.y + chart.h / 2);
    window.look();
    const LocalTime middle = recording.status().at;
    CHECK(middle > times.front());
    CHECK(middle < times.back());
    CHECK(window.has("top/pill/As of " + std::string(gui::clock_s(gui::wall(middle)).view())));

    window.key(ImGuiKey_Comma);
    window.look();
    CHECK(recording.status().at < middle);
    window.key(ImGuiKey_Period);
    window.key(ImGuiKey_Period);
    window.look();
    CHECK(recording.status().at >= middle);

    window.key(ImGuiKey_Space);
    CHECK(recording.status().playing);
    window.key(ImGuiKey_Space);
    CHECK_FALSE(recording.status().playing);
    window.key(ImGuiKey_M);
    REQUIRE(recording.status().bookmarks.size() == 1);
    window.look();
    CHECK(window.has("timeline/bookmark/1"));

    const LocalTime before = recording.status().at;
    window.key(ImGuiKey_G, true);
    window.frame();
    window.type("-2s");
    window.key(ImGuiKey_Enter);
    window.look();
    CHECK(recording.status().at == std::max(times.front(), before - std::chrono::seconds(2)));
}

TEST_CASE("a session that is looked back at says so, sends nothing, and goes back to live") {
    WalkedRecording recording(20);
    WalkedWindow window(recording, gui::Source::Live);
    CHECK_FALSE(window.has("moment-strip"));
    CHECK(window.has("timeline/follow"));
    window.key(ImGuiKey_Comma);
    window.look();
    REQUIRE(window.has("moment-strip"));
    CHECK(window.has("top/pill/Looking back"));
    CHECK(window.has("transport/live"));
    const std::size_t sent = window.commands.size();
    window.key(ImGuiKey_R);
    window.key(ImGuiKey_L);
    CHECK(window.commands.size() == sent);
    window.key(ImGuiKey_End);
    window.look();
    CHECK(recording.status().at_end);
    CHECK_FALSE(window.has("moment-strip"));
}
