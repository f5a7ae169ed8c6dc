#include "gui/latency_data.hpp"

#include "gui/rows.hpp"
#include "gui/timeline_data.hpp"

#include <algorithm>
#include <cmath>

namespace fhirscope::gui {

namespace {

using std::chrono::seconds;

constexpr std::size_t kSlowest = 64;

// The newest rows of a range, at most the bound.
struct RowRange {
    std::uint64_t begin = 0, end = 0, left_out = 0;
};

RowRange rows_of(const engine::Snapshot& snapshot, TimeRange range) {
    RowRange rows{first_update_at(snapshot, range.begin), first_update_at(snapshot, range.end), 0};
    if (rows.end - rows.begin > LatencyData::most_rows) {
        rows.left_out = rows.end - rows.begin - LatencyData::most_rows;
        rows.begin = rows.end - LatencyData::most_rows;
    }
    return rows;
}

std::uint32_t clamp_micros(std::chrono::microseconds value) {
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(value.count(), 0, UINT32_MAX));
}

std::uint32_t percentile(const std::vector<std::uint32_t>& sorted, double q) {
    if (sorted.empty()) {
        return 0;
    }
    return sorted[engine::nearest_rank(q, sorted.size()) - 1];
}

} // namespace

double LatencyGroupRow::pipeline_us() const {
    double sum = queued_us;
    for (const double stage : stages_us) {
        sum += stage;
    }
    return mean_us(sum);
}

RangeFigures LatencyData::measure(const engine::Snapshot& snapshot, TimeRange range,
                                  std::vector<SlowUpdate>* slowest) const {
    const RowRange rows = rows_of(snapshot, range);
    RangeFigures figures;
    figures.updates = rows.end - rows.begin + rows.left_out;
    std::vector<std::uint32_t> values;
    std::vector<SlowUpdate> slow;
    for (std::uint64_t n = rows.begin; n < rows.end; ++n) {
        if (const auto latency = latency_of(snapshot, n)) {
            const std::uint32_t micros = clamp_micros(*latency);
            values.push_back(micros);
            if (*latency > slow_update) {
                ++figures.over_target;
            }
            if (slowest != nullptr) {
                slow.push_back({n, micros});
            }
        }
    }
    figures.measured = values.size();
    std::sort(values.begin(), values.end());
    figures.p50 = percentile(values, 0.5);
    figures.p90 = percentile(values, 0.9);
    figures.p99 = percentile(values, 0.99);
    figures.max = values.empty() ? 0 : values.back();
    const std::int64_t first = std::chrono::floor<seconds>(range.begin).time_since_epoch().count();
    const std::int64_t last = std::chrono::floor<seconds>(range.end).time_since_epoch().count();
    for (std::uint64_t n = first_second_at(snapshot, first);
         n < snapshot.seconds.end() && snapshot.seconds[n].second <= last; ++n) {
        figures.queue_max = std::max(figures.queue_max, snapshot.seconds[n].queue_max);
    }
    if (slowest != nullptr) {
        const std::size_t kept = std::min(kSlowest, slow.size());
        std::partial_sort(slow.begin(), slow.begin() + static_cast<std::ptrdiff_t>(kept), slow.end(),
                          [](const SlowUpdate& a, const SlowUpdate& b) { return a.micros > b.micros; });
        slow.resize(kept);
        *slowest = std::move(slow);
    }
    return figures;
}

// One row a stage: the same updates in each, with the stage's own times.
void LatencyData::group_stages(const engine::Snapshot& snapshot) {
    constexpr std::size_t kFirst = 2; // All and Transport come before
    groups_.emplace_back().name = "Transport";
    for (const std::string_view name : kLatencyStages) {
        groups_.emplace_back().name = name;
    }
    for (std::size_t i = 1; i < groups_.size(); ++i) {
        groups_[i].per_us = 1000;
    }
    const RowRange rows = rows_of(snapshot, question_->range);
    for (std::uint64_t n = rows.begin; n < rows.end; ++n) {
        const engine::UpdateRow& row = snapshot.updates[n];
        const auto transport = transport_of(snapshot, row);
        if (!latency_of(snapshot, n) || !transport) {
            continue;
        }
        const auto add = [&](std::size_t group, std::chrono::nanoseconds time) {
            ++groups_[group].count;
            ++groups_[group].measured;
            groups_[group].end_to_end.record(std::max<std::int64_t>(0, time.count()));
            return static_cast<double>(time.count()) / 1000.0;
        };
        groups_[1].transport_us += add(1, *transport);
        groups_[kFirst].queued_us += add(kFirst, std::max(row.dequeued, row.received) - row.received);
        if (snapshot.stage_times.contains(n)) {
            for (std::size_t i = 0; i < engine::StageTimes::stages; ++i) {
                const std::chrono::nanoseconds time(snapshot.stage_times[n].nanos[i]);
                groups_[kFirst + 1 + i].stages_us[i] += add(kFirst + 1 + i, time);
            }
        }
    }
}

void LatencyData::group_rows(const engine::Snapshot& snapshot) {
    const RowRange rows = rows_of(snapshot, question_->range);
    left_out_ = rows.left_out;
    groups_.clear();
    groups_.emplace_back();
    groups_[0].name = "All";
    std::size_t others = SIZE_MAX;
    switch (question_->grouping) {
        case LatencyGrouping::subscription:
            for (const engine::SubscriptionView& subscription : snapshot.subscriptions) {
                groups_.emplace_back().name = subscription.name;
            }
            others = groups_.size();
            groups_.emplace_back().name = "Search or read";
            break;
        case LatencyGrouping::type:
            for (const engine::StoreView& store : snapshot.stores) {
                groups_.emplace_back().name = store.type;
            }
            others = groups_.size();
            groups_.emplace_back().name = "Other";
            break;
        case LatencyGrouping::channel:
            for (std::size_t i = 0; i < engine::channel_count; ++i) {
                groups_.emplace_back().name = engine::to_string(static_cast<engine::Channel>(i));
            }
            break;
        case LatencyGrouping::stage:
            group_stages(snapshot);
            break;
        case LatencyGrouping::outcome:
            for (std::size_t i = 0; i < engine::outcome_count; ++i) {
                groups_.emplace_back().name = engine::to_string(static_cast<engine::Outcome>(i));
            }
            break;
    }
    const auto group_of = [&](const engine::UpdateRow& row) -> std::size_t {
        switch (question_->grouping) {
            case LatencyGrouping::subscription:
                return row.subscription < snapshot.subscriptions.size() ? row.subscription + 1U : others;
            case LatencyGrouping::type:
                return row.type < snapshot.stores.size() ? row.type + 1U : others;
            case LatencyGrouping::channel:
                return static_cast<std::size_t>(row.channel) + 1;
            case LatencyGrouping::stage:
                return SIZE_MAX; // counted already
            case LatencyGrouping::outcome:
                return static_cast<std::size_t>(row.outcome) + 1;
        }
        return 0;
    };
    for (std::uint64_t n = rows.begin; n < rows.end; ++n) {
        const engine::UpdateRow& row = snapshot.updates[n];
        const auto latency = latency_of(snapshot, n);
        const auto transport = transport_of(snapshot, row);
        const std::size_t own = group_of(row);
        for (LatencyGroupRow* group : {&groups_[0], own < groups_.size() ? &groups_[own] : nullptr}) {
            if (group == nullptr) {
                continue;
            }
            ++group->count;
            if (!latency || !transport) {
                continue;
            }
            ++group->measured;
            group->end_to_end.record(latency->count());
            group->transport_us += static_cast<double>(transport->count());
            group->queued_us += static_cast<double>(std::chrono::duration_cast<std::chrono::microseconds>(
                                                        std::max(row.dequeued, row.received) - row.received)
                                                        .count());
            if (snapshot.stage_times.contains(n)) {
                for (std::size_t i = 0; i < group->stages_us.size(); ++i) {
                    group->stages_us[i] += snapshot.stage_times[n].nanos[i] / 1000.0;
                }
            }
        }
    }
    std::erase_if(groups_, [this](const LatencyGroupRow& group) { return group.count == 0 && &group != &groups_[0]; });
}

void LatencyData::make_points(const engine::Snapshot& snapshot) {
    const TimeRange range = question_->charts;
    const std::int64_t begin = std::chrono::floor<seconds>(range.begin).time_since_epoch().count();
    const std::int64_t end = std::chrono::ceil<seconds>(range.end).time_since_epoch().count();
    const std::int64_t span = std::max<std::int64_t>(1, end - begin);
    bucket_seconds_ = 1;
    for (const std::int64_t step : {1, 2, 5, 10, 15, 30, 60, 120, 300}) {
        bucket_seconds_ = step;
        if (span / step <= static_cast<std::int64_t>(std::max<std::size_t>(2, question_->points))) {
            break;
        }
    }
    // Buckets begin at whole multiples, so that points do not wander while the window follows.
    const std::int64_t first = begin / bucket_seconds_;
    const std::int64_t last = (end - 1) / bucket_seconds_;
    points_.assign(static_cast<std::size_t>(last - first + 1), {});
    for (std::size_t i = 0; i < points_.size(); ++i) {
        const std::int64_t middle = (first + static_cast<std::int64_t>(i)) * bucket_seconds_ * 2 + bucket_seconds_;
        points_[i].at = LocalTime(std::chrono::milliseconds(middle * 500));
    }
    const RowRange rows = rows_of(snapshot, range);
    if (rows.left_out == 0) {
        std::vector<std::vector<std::uint32_t>> values(points_.size());
        for (std::uint64_t n = rows.begin; n < rows.end; ++n) {
            if (const auto latency = latency_of(snapshot, n)) {
                const std::int64_t second =
                    std::chrono::floor<seconds>(snapshot.updates[n].received).time_since_epoch().count();
                const std::int64_t at = std::clamp<std::int64_t>(second / bucket_seconds_ - first, 0, last - first);
                values[static_cast<std::size_t>(at)].push_back(clamp_micros(*latency));
            }
        }
        for (std::size_t i = 0; i < points_.size(); ++i) {
            std::sort(values[i].begin(), values[i].end());
            points_[i].any = !values[i].empty();
            points_[i].p50 = percentile(values[i], 0.5);
            points_[i].p90 = percentile(values[i], 0.9);
            points_[i].p99 = percentile(values[i], 0.99);
        }
        return;
    }
    // Too many rows: the seconds' own percentiles, p50 and p90 as their mean, p99 as their largest.
    std::vector<std::uint32_t> used(points_.size(), 0);
    std::vector<std::array<double, 2>> sums(points_.size());
    for (std::uint64_t n = first_second_at(snapshot, begin);
         n < snapshot.seconds.end() && snapshot.seconds[n].second < end; ++n) {
        const engine::SecondBucket& bucket = snapshot.seconds[n];
        if (bucket.p99 == 0) {
            continue;
        }
        const auto at = static_cast<std::size_t>(
            std::clamp<std::int64_t>(bucket.second / bucket_seconds_ - first, 0, last - first));
        ++used[at];
        sums[at][0] += bucket.p50;
        sums[at][1] += bucket.p90;
        points_[at].p99 = std::max(points_[at].p99, bucket.p99);
    }
    for (std::size_t i = 0; i < points_.size(); ++i) {
        points_[i].any = used[i] > 0;
        points_[i].p50 = used[i] > 0 ? static_cast<std::uint32_t>(sums[i][0] / used[i]) : 0;
        points_[i].p90 = used[i] > 0 ? static_cast<std::uint32_t>(sums[i][1] / used[i]) : 0;
    }
}

void LatencyData::make_heat(const engine::Snapshot& snapshot) {
    constexpr std::size_t kLevels = engine::SecondBucket::levels;
    const TimeRange range = question_->charts;
    const std::int64_t begin = std::chrono::floor<seconds>(range.begin).time_since_epoch().count();
    const std::int64_t end = std::chrono::ceil<seconds>(range.end).time_since_epoch().count();
    const std::int64_t span = std::max<std::int64_t>(1, end - begin);
    heat_columns_ =
        static_cast<std::size_t>(std::min<std::int64_t>(static_cast<std::int64_t>(question_->columns), span));
    heat_.assign(heat_columns_ * kLevels, 0);
    for (std::uint64_t n = first_second_at(snapshot, begin);
         n < snapshot.seconds.end() && snapshot.seconds[n].second < end; ++n) {
        const engine::SecondBucket& bucket = snapshot.seconds[n];
        const auto column =
            static_cast<std::size_t>((bucket.second - begin) * static_cast<std::int64_t>(heat_columns_) / span);
        for (std::size_t level = 0; level < kLevels; ++level) {
            heat_[column * kLevels + level] += bucket.latency[level];
        }
    }
    heat_max_ = heat_.empty() ? 0 : *std::max_element(heat_.begin(), heat_.end());
}

void LatencyData::update(const engine::Snapshot& snapshot, const Question& question) {
    if (question_ == question && seconds_end_ == snapshot.seconds.end()) {
        return;
    }
    question_ = question;
    seconds_end_ = snapshot.seconds.end();
    group_rows(snapshot);
    make_points(snapshot);
    make_heat(snapshot);
    figures_ = measure(snapshot, question.range, &slowest_);
    if (!question.compare) {
        before_.reset();
    } else if (!before_ || !(before_of_ == question.range)) {
        before_of_ = question.range;
        before_ = measure(snapshot, {question.range.begin - std::chrono::hours(1), question.range.begin}, nullptr);
    }
}

} // namespace fhirscope::gui
