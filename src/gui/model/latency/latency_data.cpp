#include "gui/model/latency/latency_data.hpp"

#include "gui/model/labels.hpp"
#include "gui/model/latency/latency_rows.hpp"
#include "gui/model/timeline_data.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace fhirscope::gui {

namespace {

using std::chrono::seconds;

std::uint32_t percentile(const std::vector<std::uint32_t>& sorted, double q) {
    if (sorted.empty()) return 0;
    return sorted[engine::nearest_rank(q, sorted.size()) - 1];
}

} // namespace

double LatencyGroupRow::pipeline_us() const {
    double sum = queued_us;
    for (const double stage : stages_us) sum += stage;
    return mean_us(sum);
}

std::uint32_t LatencyData::queue_max(const engine::Snapshot& snapshot, TimeRange range) const {
    std::uint32_t most = 0;
    const std::int64_t first = std::chrono::floor<seconds>(range.begin).time_since_epoch().count();
    const std::int64_t last = std::chrono::floor<seconds>(range.end).time_since_epoch().count();
    for (std::uint64_t n = first_second_at(snapshot, first);
         n < snapshot.seconds.end() && snapshot.seconds[n].second <= last; ++n)
        most = std::max(most, snapshot.seconds[n].queue_max);
    return most;
}

RangeFigures LatencyData::measure(const engine::Snapshot& snapshot, TimeRange range) const {
    const RowRange rows = rows_of(snapshot, range);
    RangeFigures figures;
    figures.updates = rows.end - rows.begin + rows.left_out;
    std::vector<std::uint32_t> values;
    for (std::uint64_t n = rows.begin; n < rows.end; ++n) {
        if (const auto latency = latency_of(snapshot, n)) {
            values.push_back(clamp_micros(*latency));
            figures.over_target += *latency > slow_update ? 1 : 0;
        }
    }
    figures.measured = values.size();
    std::sort(values.begin(), values.end());
    figures.p50 = percentile(values, 0.5);
    figures.p90 = percentile(values, 0.9);
    figures.p99 = percentile(values, 0.99);
    figures.max = values.empty() ? 0 : values.back();
    figures.queue_max = queue_max(snapshot, range);
    return figures;
}

void LatencyData::make_points(const engine::Snapshot& snapshot, const std::optional<Question>& before) {
    const TimeRange range = question_->charts;
    const std::int64_t begin = std::chrono::floor<seconds>(range.begin).time_since_epoch().count();
    const std::int64_t end = std::chrono::ceil<seconds>(range.end).time_since_epoch().count();
    const std::int64_t span = std::max<std::int64_t>(1, end - begin);
    const std::int64_t old_step = bucket_seconds_;
    const std::vector<PercentilePoint> old = std::move(points_);
    const bool old_rows = points_of_rows_;
    bucket_seconds_ = 1;
    for (const std::int64_t step : {1, 2, 5, 10, 15, 30, 60, 120, 300}) {
        bucket_seconds_ = step;
        if (span / step <= static_cast<std::int64_t>(std::max<std::size_t>(2, question_->points))) break;
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
    points_of_rows_ = rows.left_out == 0;
    if (points_of_rows_) {
        // A bucket that lay wholly within the range before, and does so now, has the rows that it had.
        const bool follows = before && old_rows && old_step == bucket_seconds_ && points_basis_ == basis_ &&
                             points_end_ >= snapshot.updates.first() && points_end_ <= snapshot.updates.end();
        const LocalTime old_begin = follows ? std::max(before->charts.begin, range.begin) : range.end;
        LocalTime old_end = follows ? std::min(before->charts.end, range.end) : range.begin;
        if (follows && points_end_ < snapshot.updates.end()) // rows that waited in the queue may be of older seconds
            old_end = std::min(old_end, snapshot.updates[points_end_].received);
        const std::int64_t old_first =
            follows ? std::chrono::floor<seconds>(before->charts.begin).time_since_epoch().count() / bucket_seconds_
                    : 0;
        std::vector<std::uint32_t> values;
        for (std::size_t i = 0; i < points_.size(); ++i) {
            const std::int64_t bucket = first + static_cast<std::int64_t>(i);
            const LocalTime from{seconds(bucket * bucket_seconds_)};
            const LocalTime to{seconds((bucket + 1) * bucket_seconds_)};
            const std::int64_t place = bucket - old_first;
            if (from >= old_begin && to <= old_end && place >= 0 && place < static_cast<std::int64_t>(old.size())) {
                points_[i] = old[static_cast<std::size_t>(place)];
                continue;
            }
            values.clear();
            const std::uint64_t stop = first_update_at(snapshot, std::min(to, range.end));
            for (std::uint64_t n = first_update_at(snapshot, std::max(from, range.begin)); n < stop; ++n) {
                ++examined_;
                if (const auto latency = latency_of(snapshot, n)) values.push_back(clamp_micros(*latency));
            }
            std::sort(values.begin(), values.end());
            points_[i].any = !values.empty();
            points_[i].p50 = percentile(values, 0.5);
            points_[i].p90 = percentile(values, 0.9);
            points_[i].p99 = percentile(values, 0.99);
        }
        points_end_ = snapshot.updates.end();
        points_basis_ = basis_;
        return;
    }
    // Too many rows: the seconds' own percentiles, p50 and p90 as their mean, p99 as their largest.
    std::vector<std::uint32_t> used(points_.size(), 0);
    std::vector<std::array<double, 2>> sums(points_.size());
    for (std::uint64_t n = first_second_at(snapshot, begin);
         n < snapshot.seconds.end() && snapshot.seconds[n].second < end; ++n) {
        const engine::SecondBucket& bucket = snapshot.seconds[n];
        if (bucket.p99 == 0) continue;
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
    constexpr std::size_t level_count = engine::SecondBucket::levels;
    const TimeRange range = question_->charts;
    const std::int64_t begin = std::chrono::floor<seconds>(range.begin).time_since_epoch().count();
    const std::int64_t end = std::chrono::ceil<seconds>(range.end).time_since_epoch().count();
    const std::int64_t span = std::max<std::int64_t>(1, end - begin);
    heat_columns_ =
        static_cast<std::size_t>(std::min<std::int64_t>(static_cast<std::int64_t>(question_->columns), span));
    heat_.assign(heat_columns_ * level_count, 0);
    for (std::uint64_t n = first_second_at(snapshot, begin);
         n < snapshot.seconds.end() && snapshot.seconds[n].second < end; ++n) {
        const engine::SecondBucket& bucket = snapshot.seconds[n];
        const auto column =
            static_cast<std::size_t>((bucket.second - begin) * static_cast<std::int64_t>(heat_columns_) / span);
        for (std::size_t level = 0; level < level_count; ++level)
            heat_[column * level_count + level] += bucket.latency[level];
    }
    heat_max_ = heat_.empty() ? 0 : *std::max_element(heat_.begin(), heat_.end());
}

void LatencyData::update(const engine::Snapshot& snapshot, const Question& question) {
    if (question_ == question && seconds_end_ == snapshot.seconds.end()) return;
    const std::optional<Question> before = std::exchange(question_, question);
    seconds_end_ = snapshot.seconds.end();
    ++revision_;
    examined_ = 0;
    slide(snapshot);
    make_figures(snapshot);
    make_points(snapshot, before);
    make_heat(snapshot);
    if (!question.compare) {
        before_.reset();
    } else if (!before_ || !(before_of_ == question.range)) {
        before_of_ = question.range;
        before_ = measure(snapshot, {question.range.begin - std::chrono::hours(1), question.range.begin});
    }
}

} // namespace fhirscope::gui
