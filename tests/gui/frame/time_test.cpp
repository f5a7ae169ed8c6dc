// Time in the window: the strip zooms and moves into the past, charts brush, latencies lead to the log, and the
// connection says how long it was in which state.

#include "gui/frame/timeline/timeline_zoom.hpp"
#include "gui/model/connection_times.hpp"
#include "gui/model/latency/latency_data.hpp"
#include "gui/views/latency/brush.hpp"
#include "query/query.hpp"
#include "query/update_fields.hpp"
#include "window_driver.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace fhirscope;
using namespace fhirscope::gui;
using fhirscope::tests::Synthetic;
using fhirscope::tests::WindowDriver;
using namespace std::chrono_literals;
using engine::Phase;

namespace {

engine::ConnectionView connection_of(std::initializer_list<std::tuple<int, Phase, Phase>> changes) {
    engine::ConnectionView connection;
    for (const auto& [at, from, to] : changes) {
        engine::Transition transition;
        transition.at = LocalTime(std::chrono::seconds(at));
        transition.from = from;
        transition.to = to;
        connection.transitions.push_back(transition);
    }
    return connection;
}

LocalTime second(int at) { return LocalTime(std::chrono::seconds(at)); }

void event(engine::Log<engine::Event, 256>& log, int at, engine::Fact what) {
    log.push_back({second(at), engine::no_subscription, std::move(what)});
}

engine::Fact polling_begins(std::string why) {
    return engine::Fact{.code = engine::FactCode::PollingBegins}.because(engine::said(std::move(why)));
}

} // namespace

TEST_CASE("the wheel zooms the timeline about the mouse; near its end it goes on following") {
    Synthetic data;
    WindowDriver window(data.publish());
    const Rect chart = window.rect("timeline/chart");
    window.wheel(chart.right() - 5, chart.y + 30, 1);
    REQUIRE(window.shell.ui().timeline.length.has_value());
    CHECK(*window.shell.ui().timeline.length == 480s);
    CHECK_FALSE(window.shell.ui().timeline.end.has_value());
    window.wheel(chart.x + chart.w / 2, chart.y + 30, 1);
    CHECK(*window.shell.ui().timeline.length == 384s);
    REQUIRE(window.shell.ui().timeline.end.has_value());
    // Half of the 96 s that were cut off lay after the mouse.
    const auto behind = Synthetic::now() - *window.shell.ui().timeline.end;
    CHECK(behind > 46s);
    CHECK(behind < 50s);
    window.click("timeline/follow");
    CHECK_FALSE(window.shell.ui().timeline.end.has_value());
    window.click("timeline/span/10m");
    CHECK_FALSE(window.shell.ui().timeline.length.has_value());
}

TEST_CASE("A and D move the timeline, not beyond now nor before the first update; F follows again") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.click("timeline/span/1m");
    window.key(ImGuiKey_A);
    REQUIRE(window.shell.ui().timeline.end.has_value());
    const LocalTime once = *window.shell.ui().timeline.end;
    window.key(ImGuiKey_A);
    CHECK(once - *window.shell.ui().timeline.end == 15s);
    for (int i = 0; i < 100; ++i) window.key(ImGuiKey_A);
    // There are twelve minutes.
    CHECK(Synthetic::now() - *window.shell.ui().timeline.end > 10min);
    CHECK(Synthetic::now() - *window.shell.ui().timeline.end < 13min);
    window.key(ImGuiKey_D);
    CHECK(window.shell.ui().timeline.end.has_value());
    window.key(ImGuiKey_F);
    CHECK_FALSE(window.shell.ui().timeline.end.has_value());
    window.key(ImGuiKey_D);
    CHECK_FALSE(window.shell.ui().timeline.end.has_value());
}

TEST_CASE("W and S zoom the charts of the latency, about the end while they follow") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.key(ImGuiKey_W); // in another view it is nobody's key
    CHECK_FALSE(window.shell.ui().timeline.length.has_value());
    window.click("rail/latency");
    window.key(ImGuiKey_W);
    CHECK(window.shell.ui().timeline.length == 450s); // of ten minutes
    CHECK_FALSE(window.shell.ui().timeline.end.has_value());
    window.key(ImGuiKey_S);
    CHECK(window.shell.ui().timeline.length == 600s);
    window.key(ImGuiKey_A);
    REQUIRE(window.shell.ui().timeline.end.has_value());
    const LocalTime middle = *window.shell.ui().timeline.end - 300s;
    window.key(ImGuiKey_W);
    CHECK(*window.shell.ui().timeline.end - *window.shell.ui().timeline.length / 2 == middle);
}

TEST_CASE("the wheel over the percentiles zooms about the mouse") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.click("rail/latency");
    const Rect plot = window.rect("latency/percentiles");
    window.wheel(plot.x + plot.w / 2, plot.y + plot.h / 2, 1);
    CHECK(window.shell.ui().timeline.length == 480s);
    const auto behind = Synthetic::now() - window.shell.ui().timeline.end.value_or(LocalTime{});
    CHECK(behind > 58s);
    CHECK(behind < 62s);
}

TEST_CASE("Shift drags the timeline into the past and brushes nothing") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.click("timeline/span/1m");
    const Rect chart = window.rect("timeline/chart");
    ImGui::GetIO().AddKeyEvent(ImGuiMod_Shift, true);
    window.drag(chart.x + 100, chart.y + 30, chart.x + 100 + chart.w / 2, chart.y + 30);
    ImGui::GetIO().AddKeyEvent(ImGuiMod_Shift, false);
    window.frame();
    CHECK_FALSE(window.shell.ui().brush.has_value());
    REQUIRE(window.shell.ui().timeline.end.has_value());
    const auto behind = Synthetic::now() - *window.shell.ui().timeline.end;
    CHECK(behind > 29s);
    CHECK(behind < 32s);
    // Looking at the past, the engine goes on: nothing is paused.
    CHECK_FALSE(window.shell.ui().paused);
}

TEST_CASE("dragging over the percentiles sets the one brush; a click clears it") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.click("rail/latency");
    const Rect chart = window.rect("latency/percentiles");
    window.drag(chart.x + chart.w * 0.25F, chart.y + 50, chart.x + chart.w * 0.75F, chart.y + 60);
    REQUIRE(window.shell.ui().brush.has_value());
    const auto length = window.shell.ui().brush->end - window.shell.ui().brush->begin;
    CHECK(length > 295s);
    CHECK(length < 305s);
    window.click("latency/percentiles");
    CHECK_FALSE(window.shell.ui().brush.has_value());
}

TEST_CASE("latencies that are chosen in the distribution open in the log") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.click("rail/latency");
    const Rect chart = window.rect("latency/distribution");
    window.drag(chart.x + chart.w * 0.3F, chart.y + 50, chart.x + chart.w * 0.6F, chart.y + 50);
    CHECK_FALSE(window.shell.ui().brush.has_value());
    window.click("latency/choice/open");
    CHECK(window.shell.ui().view == ViewId::Log);
    CHECK(window.shell.ui().log.filter.rfind("latency > ", 0) == 0);
    window.frame();
    CHECK(window.has("log/row/0"));
}

TEST_CASE("a choice of latencies becomes a filter that the log reads, rounded outward") {
    CHECK(log_filter_of({1234.5, 19000}) == "latency > 1234us & latency < 19000us");
    CHECK(log_filter_of({43210, 131400}) == "latency > 43ms & latency < 132ms");
    CHECK(query::Query::parse(log_filter_of({10.2, 2e6}), query::update_fields()));
}

TEST_CASE("grouped by stage, every stage has the updates that were measured, and its own times") {
    Synthetic data;
    const auto snapshot = data.publish();
    LatencyData latency;
    LatencyData::Question question;
    question.range = question.charts = TimeRange{Synthetic::now() - 600s, Synthetic::now()};
    question.grouping = LatencyGrouping::Stage;
    latency.update(*snapshot, question);
    const auto& groups = latency.groups();
    REQUIRE(groups.size() == 8); // All, Transport, Queued and five stages
    CHECK(groups[1].name == "Transport");
    CHECK(groups[2].name == "Queued");
    CHECK(groups[7].name == "Notified");
    for (std::size_t i = 1; i < groups.size(); ++i) CHECK(groups[i].count == groups[0].measured);
    // Validation took 12 µs each time.
    CHECK(groups[3].percentile_us(0.5) > 11);
    CHECK(groups[3].percentile_us(0.5) < 13);
    double sum = 0;
    for (std::size_t i = 2; i < groups.size(); ++i) sum += groups[i].pipeline_us();
    CHECK(std::abs(sum - groups[0].pipeline_us()) < 0.01 * sum);
}

TEST_CASE("the times in each state add up to the session") {
    const auto connection = connection_of({{10, Phase::Idle, Phase::Opening},
                                           {12, Phase::Opening, Phase::Live},
                                           {20, Phase::Live, Phase::BackingOff},
                                           {25, Phase::BackingOff, Phase::Live}});
    const PhaseTimes times = phase_times(connection, second(4), second(100));
    CHECK(times.since == second(4));
    CHECK(times.of(Phase::Idle) == 6s);
    CHECK(times.of(Phase::Opening) == 2s);
    CHECK(times.of(Phase::Live) == 83s);
    CHECK(times.of(Phase::BackingOff) == 5s);
    CHECK(phase_at(connection, second(22)) == Phase::BackingOff);
    CHECK_FALSE(phase_at(connection, second(9)).has_value());
}

TEST_CASE("a session whose first changes are not kept is counted from the oldest one that is") {
    engine::ConnectionView connection;
    for (int i = 0; i < 256; ++i) {
        engine::Transition transition;
        transition.at = second(1000 + i);
        transition.from = i % 2 == 0 ? Phase::Live : Phase::BackingOff;
        transition.to = i % 2 == 0 ? Phase::BackingOff : Phase::Live;
        connection.transitions.push_back(transition);
    }
    const PhaseTimes times = phase_times(connection, second(1), second(1256));
    CHECK(times.since == second(1000));
    CHECK(times.of(Phase::Live) + times.of(Phase::BackingOff) == 256s);
}

TEST_CASE("periods of polling are read from the journal as it grows") {
    engine::Log<engine::Event, 256> log;
    engine::Snapshot snapshot;
    PollingPeriods periods;
    event(log, 5, polling_begins("3 attempts failed"));
    snapshot.events = log.publish();
    REQUIRE(periods.update(snapshot).size() == 1);
    CHECK(periods.update(snapshot)[0].reason == "3 attempts failed");
    CHECK_FALSE(periods.update(snapshot)[0].end.has_value());
    event(log, 9, {.code = engine::FactCode::PollingEnds});
    event(log, 20, polling_begins("no token"));
    snapshot.events = log.publish();
    const auto& all = periods.update(snapshot);
    REQUIRE(all.size() == 2);
    CHECK(all[0].end == second(9));
    CHECK(all[1].begin == second(20));
}

TEST_CASE("the connections view says when searches stood in for real time") {
    Synthetic data;
    WindowDriver window(data.publish());
    window.click("rail/connections");
    CHECK(window.has("connections/polling"));
}
