#include "gui/model/latency/latency_data.hpp"

#include "gui/model/labels.hpp"
#include "support/synthetic_snapshot.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <vector>

using namespace fhirscope;
using namespace fhirscope::gui;
using namespace std::chrono_literals;
using tests::Synthetic;

TEST_CASE("the figures of a range that moves on are those of one counted anew, and cost what came and left") {
    Synthetic data({.patients = 20, .tasks = 60, .alerts = 5, .updates = 6000, .seconds = 600, .gap = true});
    LatencyData kept;
    LatencyData::Question question;
    question.grouping = GENERATE(LatencyGrouping::Subscription, LatencyGrouping::Stage, LatencyGrouping::Outcome);
    LocalTime now = std::chrono::floor<std::chrono::seconds>(Synthetic::now().time_since_epoch()) + LocalTime{};
    for (int second = 0; second < 40; ++second) {
        for (int i = 0; i < 5; ++i)
            data.change_task(static_cast<std::size_t>(second * 5 + i) % 60, "completed", now + 100ms * i);
        now += 1s;
        data.finish_seconds(now);
        const auto snapshot = data.publish();
        question.range = question.charts = {now - 300s, now};
        kept.update(*snapshot, question);
        if (second > 0) CHECK(kept.examined() < 200);
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
        std::vector<std::int64_t> sorted;
        for (std::uint64_t n = snapshot->updates.first(); n < snapshot->updates.end(); ++n) {
            const LocalTime at = snapshot->updates[n].received;
            if (const auto latency = latency_of(*snapshot, n); latency && at >= now - 300s && at < now)
                sorted.push_back(latency->count());
        }
        std::sort(sorted.begin(), sorted.end());
        REQUIRE(sorted.size() == fresh.figures().measured);
        const auto ranked = [&](double q) { return sorted[engine::nearest_rank(q, sorted.size()) - 1]; };
        CHECK(kept.figures().p50 == ranked(0.5));
        CHECK(kept.figures().p90 == ranked(0.9));
        CHECK(kept.figures().p99 == ranked(0.99));
        CHECK(kept.figures().max == sorted.back());
        for (std::size_t i = 0; i < kept.slowest().size(); ++i)
            CHECK(kept.slowest()[i].micros == sorted[sorted.size() - 1 - i]);
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
        for (std::size_t i = 0; i < kept.slowest().size(); ++i)
            CHECK(kept.slowest()[i].micros == fresh.slowest()[i].micros);
    }
}
