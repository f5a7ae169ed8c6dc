#include "gui/model/timeline_data.hpp"

#include "gui/model/conflicts/conflict_text.hpp"
#include "gui/model/labels.hpp"

#include <algorithm>

namespace fhirscope::gui {

namespace {

using std::chrono::seconds;

constexpr std::uint64_t most_fine_rows = 50000; // beyond it, columns below a second are not worth their cost
constexpr std::size_t most_markers = 400;

std::int64_t whole_second(LocalTime time) { return std::chrono::floor<seconds>(time).time_since_epoch().count(); }

void finish(TimelineLane& lane) {
    std::uint64_t sum = 0;
    std::uint64_t used = 0;
    for (const std::uint32_t count : lane.counts) {
        sum += count;
        used += count > 0 ? 1 : 0;
    }
    lane.mean = used > 0 ? static_cast<double>(sum) / static_cast<double>(used) : 0;
}

} // namespace

std::uint64_t first_second_at(const engine::Snapshot& snapshot, std::int64_t second) {
    std::uint64_t low = snapshot.seconds.first();
    std::uint64_t high = snapshot.seconds.end();
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        if (snapshot.seconds[middle].second < second)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

TimeRange timeline_range(const engine::Snapshot& snapshot, TimelineSpan span, LocalTime now) {
    const LocalTime end = std::chrono::time_point_cast<LocalTime::duration>(std::chrono::floor<seconds>(now));
    switch (span) {
        case TimelineSpan::OneMinute:
            return {end - seconds(60), end};
        case TimelineSpan::TenMinutes:
            return {end - seconds(600), end};
        case TimelineSpan::OneHour:
            return {end - seconds(3600), end};
        case TimelineSpan::All:
            break;
    }
    LocalTime begin = end - seconds(60);
    if (snapshot.metrics.started != LocalTime{}) begin = std::min(begin, snapshot.metrics.started);
    if (!snapshot.seconds.empty())
        begin = std::min(begin, LocalTime(seconds(snapshot.seconds[snapshot.seconds.first()].second)));
    // More than the kept seconds would be an empty stretch at the left.
    return {std::max(begin, end - std::chrono::hours(2)), end};
}

void TimelineData::count(const engine::Snapshot& snapshot, std::size_t columns) {
    const double span = std::chrono::duration<double>(range_.end - range_.begin).count();
    const auto column_of = [&](double offset) {
        const auto column = static_cast<std::int64_t>(offset / span * static_cast<double>(columns));
        return static_cast<std::size_t>(std::clamp<std::int64_t>(column, 0, static_cast<std::int64_t>(columns) - 1));
    };
    const std::size_t last_lane = lanes_.empty() ? 0 : lanes_.size() - 1;
    const auto add = [&](std::size_t column, std::size_t subscription, std::uint32_t count) {
        merged_.counts[column] += count;
        if (!lanes_.empty()) lanes_[std::min(subscription, last_lane)].counts[column] += count;
    };
    const std::uint64_t first_row = first_update_at(snapshot, range_.begin);
    const std::uint64_t end_row = first_update_at(snapshot, range_.end);
    if (span / static_cast<double>(columns) < 1.0 && end_row - first_row <= most_fine_rows) {
        for (std::uint64_t n = first_row; n < end_row; ++n) {
            const engine::UpdateRow& row = snapshot.updates[n];
            if (row.subscription < snapshot.subscriptions.size()) {
                const std::chrono::duration<double> offset = row.received - range_.begin;
                add(column_of(offset.count()), row.subscription, 1);
            }
        }
    } else {
        const std::int64_t begin = whole_second(range_.begin);
        for (std::uint64_t n = first_second_at(snapshot, begin); n < snapshot.seconds.end(); ++n) {
            const engine::SecondBucket& bucket = snapshot.seconds[n];
            const std::size_t column = column_of(static_cast<double>(bucket.second - begin));
            for (std::size_t i = 0; i < bucket.updates.size(); ++i)
                if (bucket.updates[i] > 0) add(column, i, bucket.updates[i]);
        }
    }
    // Rates over the last ten seconds, which is long enough to read and short enough to follow.
    constexpr std::int64_t window = 10;
    const std::int64_t from = whole_second(range_.end) - window;
    for (std::uint64_t n = first_second_at(snapshot, from); n < snapshot.seconds.end(); ++n) {
        const engine::SecondBucket& bucket = snapshot.seconds[n];
        for (std::size_t i = 0; i < bucket.updates.size(); ++i) {
            merged_.rate += bucket.updates[i] / static_cast<double>(window);
            if (!lanes_.empty()) lanes_[std::min(i, last_lane)].rate += bucket.updates[i] / static_cast<double>(window);
        }
    }
    for (TimelineLane& lane : lanes_) finish(lane);
    finish(merged_);
}

void TimelineData::find_segments(const engine::Snapshot& snapshot) {
    segments_.clear();
    const auto& transitions = snapshot.connection.transitions;
    for (std::size_t i = 0; i < transitions.size(); ++i) {
        const LocalTime end = i + 1 < transitions.size() ? transitions[i + 1].at : range_.end;
        if (end <= range_.begin || transitions[i].at >= range_.end) continue;
        const bool failed = transitions[i].to == engine::Phase::BackingOff;
        segments_.push_back(
            {std::max(transitions[i].at, range_.begin), std::min(end, range_.end), transitions[i].to, failed});
    }
    if (transitions.empty() && snapshot.connection.since != LocalTime{}) {
        segments_.push_back(
            {std::max(snapshot.connection.since, range_.begin), range_.end, snapshot.connection.phase, false});
    }
}

void TimelineData::find_stretches(const diagnosis::Incidents& incidents) {
    stretches_.clear();
    const auto add = [&](const diagnosis::IncidentPtr& incident) {
        if (incident->severity == engine::Severity::Info || stretches_.size() >= most_markers) return;
        const LocalTime end = incident->open() ? range_.end : incident->to;
        if (end < range_.begin || incident->from > range_.end) return;
        stretches_.push_back({std::max(incident->from, range_.begin), std::min(end, range_.end), incident,
                              incident->from >= range_.begin, !incident->open() && end <= range_.end});
    };
    for (const diagnosis::IncidentPtr& incident : incidents.going_on()) add(incident);
    for (const diagnosis::IncidentPtr& incident : incidents.over()) add(incident);
    std::stable_sort(stretches_.begin(), stretches_.end(),
                     [](const auto& a, const auto& b) { return a.begin < b.begin; });
}

// What happens in an incident, or a moment before or after it, is a part of it.
bool TimelineData::is_explained(LocalTime at) const {
    return std::any_of(
        stretches_.begin(), stretches_.end(),
        [&](const TimelineStretch& stretch) {
            return at >= stretch.begin - seconds(1) && at <= stretch.end + seconds(1);
        });
}

void TimelineData::find_markers(const engine::Snapshot& snapshot) {
    markers_.clear();
    const auto& events = snapshot.events;
    for (std::uint64_t n = events.end(); n > events.first() && markers_.size() < most_markers; --n) {
        const engine::Event& event = events[n - 1];
        if (event.at < range_.begin) break;
        // Conflicts have markers of their own, which lead to them.
        const bool counts = event.severity() != engine::Severity::Info && event.kind() != engine::EventKind::Conflict &&
                            !is_explained(event.at);
        if (counts && event.at < range_.end) markers_.push_back({event.at, severity_mark(event.severity()), n - 1, 0});
    }
    std::size_t found = 0;
    const auto& conflicts = snapshot.conflicts;
    for (std::size_t i = conflicts.size(); i > 0 && found < most_markers; --i) {
        const engine::Conflict& conflict = *conflicts[i - 1];
        if (conflict.at < range_.begin) break;
        if (conflict.at < range_.end) {
            markers_.push_back({conflict.at, conflict_mark(conflict.kind), 0, conflict.number});
            ++found;
        }
    }
    std::stable_sort(markers_.begin(), markers_.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
}

void TimelineData::update(const engine::Snapshot& snapshot, const diagnosis::Diagnosis& diagnosis, TimeRange range,
                          std::size_t columns, std::size_t most_lanes) {
    const std::size_t lanes = std::min(snapshot.subscriptions.size(), most_lanes);
    Key key{
        snapshot.seconds.end(),
        snapshot.events.end(),
        snapshot.connection.transitions.size() +
            (snapshot.connection.transitions.empty()
                 ? 0
                 : static_cast<std::uint64_t>(snapshot.connection.transitions.back().at.time_since_epoch().count())),
        snapshot.conflicts.empty() ? 0 : snapshot.conflicts[snapshot.conflicts.size() - 1]->number,
        diagnosis.revision(),
        range,
        columns,
        lanes,
        snapshot.subscriptions.size()};
    if (key_ == key) return;
    key_ = key;
    range_ = range;
    lanes_.assign(lanes, TimelineLane{std::vector<std::uint32_t>(columns, 0), 0, 0});
    merged_ = TimelineLane{std::vector<std::uint32_t>(columns, 0), 0, 0};
    if (columns > 0) count(snapshot, columns);
    find_segments(snapshot);
    find_stretches(diagnosis.incidents());
    find_markers(snapshot);
}

} // namespace fhirscope::gui
