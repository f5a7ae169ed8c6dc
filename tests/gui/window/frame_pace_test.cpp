// When frames are drawn: without news one a second, and none that nobody can see.

#include "gui/model/news.hpp"
#include "gui/window/frame_pacer.hpp"
#include "support/synthetic_conflicts.hpp"
#include "window_driver.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using namespace fhirscope;
using namespace fhirscope::gui;
using namespace std::chrono_literals;
using tests::Synthetic;
using tests::WindowDriver;

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
            driver.input.now += 250ms;
            driver.frame();
        }
        driver.settle();
        CHECK(driver.redraw_in == 1s);
        // Second after second.
        for (int i = 0; i < 5; ++i) {
            driver.input.now += 1s;
            driver.frame();
            CHECK(driver.redraw_in == 1s);
        }
    }
}

TEST_CASE("what flashed when the time stopped asks for one frame a second, in every view") {
    Synthetic data({.patients = 60, .tasks = 240, .alerts = 30, .updates = 4000, .seconds = 700, .gap = true});
    const auto snapshot = tests::publish_with_conflicts(data);
    for (const bool paused : {true, false}) { // or a recording, which ends a moment after a change
        for (const auto& view : make_views()) {
            CAPTURE(std::string(view->title()), paused);
            WindowDriver driver(snapshot);
            driver.input.targets = nullptr;
            driver.shell.ui().view = view->id();
            driver.input.now = snapshot->at;
            driver.frame();
            if (view->id() == ViewId::Panels) REQUIRE(driver.redraw_in <= 100ms); // it flashes
            driver.shell.ui().paused = paused;
            driver.input.session.source = paused ? Source::Demo : Source::Replay;
            int frames = 0;
            do {
                driver.input.now += paused ? 16ms : 0ms;
                driver.frame();
            } while (++frames < 200 && driver.redraw_in < 1s);
            for (int i = 0; i < 5; ++i) {
                driver.input.now += paused ? 1s : 0s;
                driver.frame();
                CHECK(driver.redraw_in == 1s);
            }
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
        CHECK(pacer.due(now, state) == FrameReason::Input);
        draw(1000ms);
    }
    // Idle: ten seconds, looked at every millisecond, cost ten frames.
    int frames = 0;
    for (int ms = 0; ms < 10000; ++ms) {
        now += 1ms;
        if (const FrameReason reason = pacer.due(now, state); reason != FrameReason::None) {
            CHECK(reason == FrameReason::Time);
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
        if (pacer.due(now, state) == FrameReason::News) {
            draw(1000ms);
            ++frames;
        }
    }
    CHECK(frames == 62);
    // What was computed is shown in the next frame, of the same snapshot.
    now += 16ms;
    draw(1000ms);
    pacer.computed();
    CHECK(pacer.due(now + 15ms, state) == FrameReason::None);
    CHECK(pacer.due(now + 16ms, state) == FrameReason::Time);
    draw(1000ms);
    ++state.revision;
    now += 16ms;
    state.quiet = true;
    CHECK(pacer.due(now, state) == FrameReason::None);
    CHECK(pacer.due(now + 1s, state) == FrameReason::Time);
    state.quiet = false;
    CHECK(pacer.due(now, state) == FrameReason::News);
    state.paused = true;
    CHECK(pacer.due(now, state) == FrameReason::None);
    state.paused = false;
    state.hidden = true;
    pacer.input();
    CHECK(pacer.due(now + 60s, state) == FrameReason::None);
    CHECK(pacer.next(state) == FramePacer::Clock::time_point::max());
    state.hidden = false;
    CHECK(pacer.due(now, state) == FrameReason::Input);
}

TEST_CASE("heartbeats and pongs are no news; whatever else comes is") {
    Synthetic data;
    const auto before = data.publish();
    engine::Snapshot now = *before;
    engine::Log<engine::FrameRow, 256> frames;
    const auto come = [&](engine::FrameKind kind) {
        engine::FrameRow row;
        row.kind = kind;
        frames.push_back(row);
        now.frames = frames.publish();
    };
    engine::Snapshot empty = *before;
    empty.frames = frames.publish();
    come(engine::FrameKind::Heartbeat);
    come(engine::FrameKind::Pong);
    now.at += 1s;
    now.subscriptions.at(0).last_heartbeat = now.at;
    CHECK_FALSE(has_news(empty, now));
    come(engine::FrameKind::Handshake);
    CHECK(has_news(empty, now));
    now = *before;
    now.connection.phase = engine::Phase::BackingOff;
    CHECK(has_news(*before, now));
    now = *before;
    now.queue_size += 1;
    CHECK(has_news(*before, now));
    data.change_task(3, "draft", Synthetic::now());
    CHECK(has_news(*before, *data.publish()));
}
