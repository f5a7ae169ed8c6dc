// Looking at an earlier moment: what differs from now, bookmarks, and the way to the time of whatever is selected.

#include "fake_playhead.hpp"
#include "gui/frame/selection.hpp"
#include "gui/model/replay/state_diff.hpp"
#include "gui/window/screen_text.hpp"
#include "window_driver.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace fhirscope;
using namespace fhirscope::gui;
using fhirscope::tests::FakePlayhead;
using fhirscope::tests::Synthetic;
using fhirscope::tests::WindowDriver;
using namespace std::chrono_literals;

namespace {

// After all that was made before.
LocalTime after(LocalTime::duration time) { return Synthetic::now() + time; }

// A task that changes twice and another that is deleted, seen at four moments.
struct Replayed {
    explicit Replayed(Source source = Source::Replay, float width = 1440, float height = 900)
        : window(control.whole(), width, height) {
        window.input.session.source = source;
        window.input.session.playhead = &control;
        window.input.now = after(40s);
        frame();
    }

    static std::vector<engine::SnapshotPtr> make_moments(Synthetic& data) {
        std::vector<engine::SnapshotPtr> moments;
        const auto keep = [&](LocalTime::duration time) {
            auto snapshot = data.publish();
            snapshot->at = after(time);
            moments.push_back(snapshot);
        };
        keep(1s);
        data.change_task(3, "draft", after(10s));
        keep(11s);
        data.change_task(3, "completed", after(20s));
        keep(21s);
        data.delete_task(5, after(30s));
        keep(40s);
        return moments;
    }

    void frame() {
        window.input.whole = control.whole();
        for (int i = 0; i < 2; ++i) {
            window.input.snapshot = control.snapshot();
            window.frame();
            window.settle();
        }
    }
    void seek(LocalTime::duration time) {
        control.seek(after(time));
        frame();
    }
    void click(std::string_view target) {
        window.click(target);
        frame();
    }
    void key(ImGuiKey key) {
        window.key(key);
        frame();
    }

    Synthetic data;
    FakePlayhead control{make_moments(data)};
    WindowDriver window;
};

} // namespace

TEST_CASE("a state diff names each field that differs, when it first did, and folds what only says when") {
    Synthetic data({.patients = 20, .tasks = 60, .alerts = 0, .updates = 10, .seconds = 60, .gap = false});
    const auto moments = Replayed::make_moments(data);
    const StateDiff diff = state_diff(*moments[0], *moments[3], {});
    CHECK(diff.resources == 2);
    CHECK(diff.compared == 80);
    REQUIRE(diff.rows.size() == 2);
    CHECK(diff.rows[0].reference == data.task_reference(3));
    CHECK(diff.rows[0].path == "status");
    CHECK(diff.rows[0].there == "\"completed\"");
    CHECK(diff.rows[0].at == after(10s));
    CHECK(diff.rows[1].reference == data.task_reference(5));
    CHECK(diff.rows[1].kind == StateRow::Kind::Removed);
    CHECK(diff.rows[1].at == after(30s));
    // The other way about, the same by its mirror.
    const StateDiff back = state_diff(*moments[3], *moments[0], {});
    REQUIRE(back.rows.size() == 2);
    CHECK(back.rows[0].here == diff.rows[0].there);
    CHECK(back.rows[0].there == diff.rows[0].here);
    CHECK(back.rows[0].at == diff.rows[0].at);
    CHECK(back.rows[1].kind == StateRow::Kind::Added);
    CHECK(state_diff(*moments[2], *moments[2], {}).rows.empty());
}

TEST_CASE("the rail has the replay while there is a moment to choose, and a live session has none") {
    Replayed replayed;
    CHECK(replayed.window.has("rail/replay"));
    Replayed live(Source::Live);
    CHECK_FALSE(live.window.has("rail/replay"));
    live.seek(11s);
    CHECK(live.window.has("rail/replay"));
}

TEST_CASE("the replay view lists what differs from the end, and a row selects its resource") {
    Replayed replayed;
    replayed.seek(1s);
    replayed.click("rail/replay");
    CHECK(replayed.window.has("replay/state/row/1"));
    CHECK_FALSE(replayed.window.has("replay/state/row/2"));
    replayed.click("replay/state/row/0");
    CHECK(replayed.window.shell.ui().selection.reference == replayed.data.task_reference(3));
    replayed.seek(21s);
    ImGui::GetIO().DeltaTime = 1;
    for (int i = 0; i < 60; ++i) replayed.window.frame(); // figures go on twice a second
    replayed.window.settle();
    CHECK(replayed.window.has("replay/state/row/0"));
    CHECK_FALSE(replayed.window.has("replay/state/row/1"));
}

TEST_CASE("against a bookmark, its moment is shown once and what was shown comes back") {
    Replayed replayed;
    replayed.control.add_bookmark(after(11s), "a draft");
    replayed.seek(21s);
    replayed.click("rail/replay");
    replayed.control.slow = true;
    replayed.window.click("replay/against/bookmark");
    CHECK(replayed.control.now.at == after(11s));
    replayed.frame();
    CHECK(replayed.control.now.at == after(11s)); // until it is here
    replayed.control.arrive();
    replayed.frame();
    CHECK(replayed.control.now.at == after(21s));
    replayed.control.arrive();
    replayed.control.slow = false;
    replayed.frame();
    for (int i = 0; i < 60; ++i) replayed.window.frame();
    replayed.window.settle();
    replayed.frame();
    CHECK(replayed.control.now.at == after(21s));
    CHECK(replayed.window.has("replay/state/row/0"));
    CHECK_FALSE(replayed.window.has("replay/state/row/1"));
}

TEST_CASE("a bookmark is added, written on, gone to and removed") {
    Replayed replayed;
    replayed.click("rail/replay");
    replayed.seek(11s);
    replayed.click("replay/bookmarks/add");
    REQUIRE(replayed.control.now.bookmarks.size() == 1);
    CHECK(replayed.control.now.bookmarks[0].at == after(11s));
    replayed.window.type("before it");
    replayed.key(ImGuiKey_Enter);
    CHECK(replayed.control.now.bookmarks[0].text == "before it");
    replayed.seek(31s);
    replayed.click("replay/bookmarks/row/0");
    CHECK(replayed.control.now.at == after(11s));
    replayed.click("replay/bookmarks/remove/0");
    CHECK(replayed.control.now.bookmarks.empty());
}

TEST_CASE("what is selected leads to its time: a version, an update, a frame") {
    Replayed live(Source::Live);
    live.window.shell.ui().selection = Selection{Selection::Kind::Resource, live.data.task_reference(3), 0};
    live.frame();
    live.key(ImGuiKey_T); // the newest version
    CHECK(live.control.now.at >= after(20s));
    CHECK(live.control.now.at < after(21s));
    CHECK_FALSE(live.control.now.at_end);
    const std::uint64_t number = live.control.whole()->updates.end() - 2; // the one before it
    live.window.shell.ui().selection = Selection{Selection::Kind::Update, {}, number};
    live.frame();
    live.key(ImGuiKey_T);
    CHECK(live.control.now.at == live.control.whole()->updates[number].dequeued);
    live.control.to_end();
    live.frame();
    CHECK(live.window.has("inspector/show-at"));
    live.click("inspector/show-at");
    CHECK(live.control.now.at == live.control.whole()->updates[number].dequeued);
    const std::uint64_t frame = live.control.whole()->frames.end() - 1;
    live.window.shell.ui().selection = Selection{Selection::Kind::Frame, {}, frame};
    live.frame();
    live.key(ImGuiKey_T);
    CHECK(live.control.now.at ==
          std::clamp(live.control.whole()->frames[frame].at, live.control.now.first, live.control.now.last));
}

TEST_CASE("versions after the moment that is shown are listed, and a click goes to them") {
    Replayed live(Source::Live);
    live.window.shell.ui().selection = Selection{Selection::Kind::Resource, live.data.task_reference(3), 0};
    live.seek(1s);
    const auto texts = screen_text(*ImGui::GetDrawData(), *ImGui::GetIO().Fonts);
    CHECK(std::ranges::count(texts, "2 later", &ScreenText::text) == 1);
    live.click("inspector/versions/row/1"); // the draft
    CHECK(live.control.now.at >= after(10s));
    CHECK(live.control.now.at < after(11s));
    // What is there now is not: before it came nobody can inspect it.
    live.window.shell.ui().selection = Selection{Selection::Kind::Update, {}, live.control.whole()->updates.end() - 1};
    live.seek(1s);
    CHECK(live.window.has("inspector/show-at"));
}

TEST_CASE("what the top bar says of the recorded state leads to the replay") {
    Replayed replayed;
    CHECK_FALSE(replayed.window.has("top/recorded"));
    replayed.control.now.as_recorded = true;
    replayed.frame();
    replayed.click("top/recorded");
    CHECK(replayed.window.shell.ui().view == ViewId::Replay);
}

TEST_CASE("in a small window the replay is shown by tabs") {
    Replayed replayed(Source::Replay, 800, 600);
    replayed.seek(1s);
    replayed.click("rail/replay");
    CHECK(replayed.window.has("replay/state/row/0"));
    CHECK_FALSE(replayed.window.has("replay/state-hash"));
    replayed.click("replay/tab/moment");
    CHECK(replayed.window.has("replay/state-hash"));
    replayed.click("replay/tab/bookmarks");
    CHECK(replayed.window.has("replay/bookmarks/add"));
}
