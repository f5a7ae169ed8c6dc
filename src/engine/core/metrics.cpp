#include "engine/core/metrics.hpp"

#include "engine/core/dialect_traits.hpp"
#include "engine/core/state.hpp"
#include "engine/figures.hpp"

#include <algorithm>
#include <cmath>

namespace fhirscope::engine {
namespace {

constexpr std::size_t latencies_kept = 65'536; // of one second, for its percentiles

std::uint32_t percentile(const std::vector<std::uint32_t>& sorted, double q) {
    if (sorted.empty()) return 0;
    return sorted[nearest_rank(q, sorted.size()) - 1];
}

} // namespace

// A server that tells a deletion as an update sends the old version, whose time says nothing of the way (PROTOCOL A14,
// Deletes): of a resource that is not held it is known by a time before anybody listened.
static bool is_timed(const State& s, const UpdateRow& row) {
    if (tells_deletions(s.config) || row.subscription >= s.subscriptions.size()) return true;
    const LocalTime bound = s.subscriptions[row.subscription].first_bound;
    const LocalTime changed(std::chrono::duration_cast<std::chrono::microseconds>(row.changed.time_since_epoch()) -
                            s.connection.clock_offset);
    return bound == never || changed + s.connection.clock_uncertainty >= bound;
}

// Two levels to each power of two, from 0.1 ms.
std::size_t SecondBucket::level_of(std::uint64_t micros) {
    for (std::size_t level = levels - 1; level > 0; --level)
        if (micros >= level_begin(level)) return level;
    return 0;
}

std::uint64_t SecondBucket::level_begin(std::size_t level) {
    static const auto edges = [] {
        std::array<std::uint64_t, levels> table{};
        for (std::size_t i = 1; i < levels; ++i) {
            // 100 µs × 2^(i/2), in integers so that every machine agrees: √2 ≈ 181/128.
            const std::uint64_t power = 100ull << (i / 2);
            table[i] = i % 2 ? power * 181 / 128 : power;
        }
        return table;
    }();
    return edges[level];
}

void roll_second(State& s) {
    const auto second = std::chrono::floor<std::chrono::seconds>(s.now.time_since_epoch()).count();
    SecondBucket& bucket = s.metrics->second.bucket;
    if (bucket.second == second) return;
    if (bucket.second != 0) {
        auto& latencies = s.metrics->second.latencies;
        std::sort(latencies.begin(), latencies.end());
        bucket.p50 = percentile(latencies, 0.50);
        bucket.p90 = percentile(latencies, 0.90);
        bucket.p99 = percentile(latencies, 0.99);
        bucket.max = latencies.empty() ? 0 : latencies.back();
        std::string bytes;
        ArchiveWriter writer(bytes);
        writer(bucket);
        s.metrics->seconds.digest.add(bytes);
        s.metrics->seconds.push_back(bucket);
        latencies.clear();
    }
    bucket = {};
    bucket.second = second;
}

void count_update(State& s, const UpdateRow& row) {
    ++s.metrics->outcomes[static_cast<std::size_t>(row.outcome)];
    SecondBucket& bucket = s.metrics->second.bucket;
    ++bucket.updates[std::min<std::size_t>(row.subscription, SecondBucket::subscriptions - 1)];
    bucket.queue_max = std::max(bucket.queue_max, static_cast<std::uint32_t>(s.queue.size()));
    switch (row.outcome) {
        case Outcome::Applied:
            ++s.counters.applied;
            ++bucket.applied;
            if (row.deleted) ++s.counters.deletes;
            break;
        case Outcome::Duplicate:
            ++s.counters.duplicates, ++bucket.duplicates;
            break;
        case Outcome::Superseded:
            ++s.counters.superseded;
            break;
        case Outcome::OutOfOrder:
            ++s.counters.out_of_order, ++bucket.out_of_order;
            break;
        case Outcome::Rejected:
            ++s.counters.rejected, ++bucket.rejected;
            break;
        case Outcome::Checking:
            ++s.counters.checking;
            break;
    }
    // Only what the socket brought was timed by the server; a search finds old versions.
    if (row.outcome != Outcome::Applied || row.deleted || row.changed == ServerTime{}) return;
    if (row.channel == Channel::Socket && !is_timed(s, row)) return void(++s.counters.untimed);
    const auto changed = std::chrono::duration_cast<std::chrono::microseconds>(row.changed.time_since_epoch()) -
                         s.connection.clock_offset;
    const auto transport = (row.received.time_since_epoch() - changed).count();
    const auto queued = (row.dequeued - row.received).count();
    const auto whole = std::max<std::int64_t>((row.dequeued.time_since_epoch() - changed).count(), 0);
    const auto record = [&](LatencyGroup& group) {
        group.end_to_end.record(whole);
        group.transport.record(transport);
        group.queued.record(queued);
    };
    record(s.metrics->by_channel[static_cast<std::size_t>(row.channel)]);
    if (row.channel != Channel::Socket) return;
    record(s.metrics->all);
    if (row.subscription < s.metrics->by_subscription.size()) record(s.metrics->by_subscription[row.subscription]);
    if (row.type != no_type) {
        if (row.type >= s.metrics->by_type.size()) s.metrics->by_type.resize(row.type + 1u);
        record(s.metrics->by_type[row.type]);
    }
    auto& cell = bucket.latency[SecondBucket::level_of(static_cast<std::uint64_t>(whole))];
    if (cell < UINT16_MAX) ++cell;
    if (s.metrics->second.latencies.size() < latencies_kept)
        s.metrics->second.latencies.push_back(static_cast<std::uint32_t>(std::min<std::int64_t>(whole, UINT32_MAX)));
}

void count_times(State& s, const UpdateRow& row, const StageTimes& times) {
    Metrics& m = *s.metrics;
    if (!m.clock) return;
    if (row.subscription < m.stage_sums.size()) {
        auto& sums = m.stage_sums[row.subscription];
        for (std::size_t i = 0; i < StageTimes::stages; ++i) sums[i] += times.nanos[i];
        ++sums[StageTimes::stages];
    }
    for (std::size_t i = 0; i < StageTimes::stages; ++i) m.stage_histograms[i].record(times.nanos[i]);
}

void measure_subscriptions(State& s) {
    s.metrics->by_subscription.resize(s.subscriptions.size());
    s.metrics->stage_sums.resize(s.subscriptions.size());
}

void show_metrics(const State& s, MetricsView& view) {
    const Metrics& m = *s.metrics;
    view.counters = s.counters;
    view.counters.dropped_versions = s.stores.dropped_versions();
    view.all = m.all;
    view.by_subscription = m.by_subscription;
    view.by_type = m.by_type;
    view.by_channel = m.by_channel;
    view.stages = m.stage_histograms;
    view.outcomes = m.outcomes;
    view.stage_nanos_by_subscription = m.stage_sums;
    view.started = m.started;
}

} // namespace fhirscope::engine
