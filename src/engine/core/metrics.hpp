#pragma once
// What is counted and measured of the updates, beside the counters that all parts share.

#include "engine/core/hashed_log.hpp"
#include "engine/core/part.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace fhirscope::engine {

struct CurrentSecond {
    SecondBucket bucket;
    std::vector<std::uint32_t> latencies; // end to end, µs; at most 65,536
    template <class A>
    void archive(A& a) {
        a(bucket, latencies);
    }
};

struct Metrics {
    LocalTime started = never;
    LatencyGroup all;
    std::vector<LatencyGroup> by_subscription, by_type;
    std::array<LatencyGroup, channel_count> by_channel;
    std::array<std::uint64_t, outcome_count> outcomes{};
    CurrentSecond second;
    HashedLog<SecondBucket, 64> seconds{7'200};
    // Observations of this machine, not archived.
    StageClock clock = nullptr;
    std::array<Histogram, StageTimes::stages> stage_histograms;
    std::vector<std::array<std::uint64_t, StageTimes::stages + 1>> stage_sums; // by subscription; the count last
    template <class A>
    void archive(A& a) {
        a(started, all, by_subscription, by_type, by_channel, outcomes, second, seconds);
    }
};

void measure_subscriptions(State& s); // those that there are now
void roll_second(State& s);
void count_update(State& s, const UpdateRow& row);
void count_times(State& s, const UpdateRow& row, const StageTimes& times); // where there is a clock
void show_metrics(const State& s, MetricsView& view);

} // namespace fhirscope::engine
