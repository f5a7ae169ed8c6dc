// The rows of the latency view's range: what is known of each, counted as it comes and taken back as it leaves.

#include "gui/model/labels.hpp"
#include "gui/model/latency/latency_data.hpp"
#include "gui/model/latency/latency_rows.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace fhirscope::gui {

namespace {

constexpr std::size_t most_slowest = 64;

} // namespace

void LatencyData::name_groups(const engine::Snapshot& snapshot) {
    sums_.assign(1, {});
    sums_[0].row.name = "All";
    const auto add = [this](std::string_view name) { sums_.emplace_back().row.name = name; };
    switch (basis_.grouping) {
        case LatencyGrouping::Subscription:
            for (const engine::SubscriptionView& subscription : snapshot.subscriptions) add(subscription.name);
            add("Search or read");
            break;
        case LatencyGrouping::Type:
            for (const engine::StoreView& store : snapshot.stores) add(store.type);
            add("Other");
            break;
        case LatencyGrouping::Channel:
            for (std::size_t i = 0; i < engine::channel_count; ++i)
                add(engine::to_string(static_cast<engine::Channel>(i)));
            break;
        case LatencyGrouping::Stage:
            add("Transport");
            for (const std::string_view name : latency_stages) add(name);
            for (std::size_t i = 1; i < sums_.size(); ++i) sums_[i].row.per_us = 1000;
            break;
        case LatencyGrouping::Outcome:
            for (std::size_t i = 0; i < engine::outcome_count; ++i)
                add(engine::to_string(static_cast<engine::Outcome>(i)));
            break;
    }
    others_ = sums_.size() - 1;
    largest_left_.assign(sums_.size(), false);
}

LatencyData::Fact LatencyData::fact_of(const engine::Snapshot& snapshot, std::uint64_t number) const {
    const engine::UpdateRow& row = snapshot.updates[number];
    Fact fact;
    fact.number = number;
    std::size_t group = others_;
    switch (basis_.grouping) {
        case LatencyGrouping::Subscription:
            group = row.subscription < basis_.subscriptions ? row.subscription + 1U : others_;
            break;
        case LatencyGrouping::Type:
            group = row.type < basis_.stores ? row.type + 1U : others_;
            break;
        case LatencyGrouping::Channel:
            group = static_cast<std::size_t>(row.channel) + 1;
            break;
        case LatencyGrouping::Stage:
            break; // it counts in all of them
        case LatencyGrouping::Outcome:
            group = static_cast<std::size_t>(row.outcome) + 1;
            break;
    }
    fact.group = static_cast<std::uint16_t>(std::min(group, others_));
    const auto latency = latency_of(snapshot, number);
    const auto transport = transport_of(snapshot, row);
    fact.measured = latency && transport;
    if (fact.measured) {
        fact.micros = clamp_micros(*latency);
        fact.transport_us = transport->count();
        fact.queued_us =
            std::chrono::duration_cast<std::chrono::microseconds>(std::max(row.dequeued, row.received) - row.received)
                .count();
        fact.timed = snapshot.stage_times.contains(number);
        if (fact.timed) fact.nanos = snapshot.stage_times[number].nanos;
    }
    return fact;
}

// What a group's histogram counts of a fact: the way as a whole, or the time in a stage of its own.
std::optional<std::uint64_t> LatencyData::value_of(const Fact& fact, std::size_t group) const {
    constexpr std::size_t transport_stage = 1;
    constexpr std::size_t queued = 2;
    const auto nanos = [](std::int64_t micros) {
        return static_cast<std::uint64_t>(std::max<std::int64_t>(0, micros)) * 1000;
    };
    if (!fact.measured) return std::nullopt;
    if (group == 0) return fact.micros;
    if (basis_.grouping != LatencyGrouping::Stage)
        return group == fact.group ? std::optional<std::uint64_t>(fact.micros) : std::nullopt;
    if (group == transport_stage) return nanos(fact.transport_us);
    if (group == queued) return nanos(fact.queued_us);
    return fact.timed ? std::optional<std::uint64_t>(fact.nanos[group - queued - 1]) : std::nullopt;
}

void LatencyData::count_value(std::size_t group, std::uint64_t value, int sign) {
    LatencyGroupRow& row = sums_[group].row;
    row.measured = sign > 0 ? row.measured + 1 : row.measured - 1;
    if (sign > 0) {
        row.end_to_end.record(static_cast<std::int64_t>(value));
        return;
    }
    largest_left_[group] = largest_left_[group] || value == row.end_to_end.max();
    row.end_to_end.remove(static_cast<std::int64_t>(value));
}

void LatencyData::count(const Fact& fact, int sign) {
    const auto add = [sign](std::uint64_t& sum, std::uint64_t value) { sum = sign > 0 ? sum + value : sum - value; };
    const bool by_stage = basis_.grouping == LatencyGrouping::Stage;
    for (std::size_t group = 0; group < sums_.size(); ++group) {
        Sums& sums = sums_[group];
        const auto value = value_of(fact, group);
        // A stage counts what it measured; another group every update that is its own.
        if (group == 0 || (by_stage ? value.has_value() : group == fact.group)) add(sums.row.count, 1);
        if (!value) continue;
        count_value(group, *value, sign);
        // Whole microseconds: sums of them are exact, whatever is added and taken back.
        const bool whole = group == 0 || !by_stage;
        if (whole || group == 1) sums.row.transport_us += sign * static_cast<double>(fact.transport_us);
        if (whole || group == 2) sums.row.queued_us += sign * static_cast<double>(fact.queued_us);
        for (std::size_t i = 0; i < fact.nanos.size(); ++i)
            if (whole || group == i + 3) add(sums.nanos[i], fact.nanos[i]);
    }
    if (!fact.measured) return;
    if (std::chrono::microseconds(fact.micros) > slow_update) add(over_target_, 1);
    const std::size_t bucket = engine::Histogram::bucket_of(fact.micros);
    if (sign > 0) {
        by_bucket_[bucket].push_back({fact.number, fact.micros});
    } else { // rows leave in the order in which they came
        const auto held = by_bucket_.find(bucket);
        held->second.pop_front();
        if (held->second.empty()) by_bucket_.erase(held);
    }
}

// Once a second the range moves on: some rows leave at its begin, some come at its end.
void LatencyData::slide(const engine::Snapshot& snapshot) {
    const RowRange rows = rows_of(snapshot, question_->range);
    const Basis basis{question_->grouping, snapshot.connection.clock_offset, snapshot.metrics.started,
                      snapshot.subscriptions.size(), snapshot.stores.size()};
    const std::uint64_t facts_begin = facts_end_ - facts_.size();
    const bool follows = !sums_.empty() && basis == basis_ && rows.begin >= facts_begin && rows.begin <= facts_end_ &&
                         rows.end >= facts_end_;
    if (!follows) {
        basis_ = basis;
        facts_.clear();
        by_bucket_.clear();
        facts_end_ = rows.begin;
        over_target_ = 0;
        name_groups(snapshot);
    }
    while (!facts_.empty() && facts_.front().number < rows.begin) {
        count(facts_.front(), -1);
        facts_.pop_front();
        ++examined_;
    }
    for (; facts_end_ < rows.end; ++facts_end_) {
        facts_.push_back(fact_of(snapshot, facts_end_));
        count(facts_.back(), 1);
        ++examined_;
    }
    left_out_ = rows.left_out;
    find_largest();
    groups_.clear();
    for (const Sums& sums : sums_) {
        if (sums.row.count > 0 || &sums == &sums_[0]) {
            LatencyGroupRow& row = groups_.emplace_back(sums.row);
            for (std::size_t i = 0; i < sums.nanos.size(); ++i)
                row.stages_us[i] = static_cast<double>(sums.nanos[i]) / 1000.0;
        }
    }
}

void LatencyData::find_largest() {
    if (std::find(largest_left_.begin(), largest_left_.end(), true) == largest_left_.end()) return;
    std::vector<std::uint64_t> largest(sums_.size(), 0);
    for (std::size_t group = 0; group < sums_.size(); ++group) {
        if (!largest_left_[group]) continue;
        for (const Fact& fact : facts_) largest[group] = std::max(largest[group], value_of(fact, group).value_or(0));
        sums_[group].row.end_to_end.set_max(largest[group]);
    }
    largest_left_.assign(sums_.size(), false);
}

// Exact percentiles without sorting: the histogram knows in which bucket each lies, and which place it has there.
std::uint32_t LatencyData::exact_percentile(double q) const {
    std::uint64_t place = engine::nearest_rank(q, sums_[0].row.end_to_end.count()) - 1;
    for (const auto& [bucket, updates] : by_bucket_) {
        if (place >= updates.size()) {
            place -= updates.size();
            continue;
        }
        std::vector<std::uint32_t> values;
        values.reserve(updates.size());
        for (const SlowUpdate& update : updates) values.push_back(update.micros);
        const auto at = values.begin() + static_cast<std::ptrdiff_t>(place);
        std::nth_element(values.begin(), at, values.end());
        return *at;
    }
    return 0;
}

void LatencyData::make_figures(const engine::Snapshot& snapshot) {
    const engine::Histogram& all = sums_[0].row.end_to_end;
    figures_ = {};
    figures_.updates = facts_.size() + left_out_;
    figures_.measured = all.count();
    figures_.over_target = over_target_;
    figures_.queue_max = queue_max(snapshot, question_->range);
    slowest_.clear();
    if (all.count() == 0) return;
    figures_.p50 = exact_percentile(0.5);
    figures_.p90 = exact_percentile(0.9);
    figures_.p99 = exact_percentile(0.99);
    figures_.max = static_cast<std::uint32_t>(all.max());
    for (auto bucket = by_bucket_.rbegin(); bucket != by_bucket_.rend() && slowest_.size() < most_slowest; ++bucket)
        slowest_.insert(slowest_.end(), bucket->second.begin(), bucket->second.end());
    const std::size_t kept = std::min(most_slowest, slowest_.size());
    std::partial_sort(slowest_.begin(), slowest_.begin() + static_cast<std::ptrdiff_t>(kept), slowest_.end(),
                      [](const SlowUpdate& a, const SlowUpdate& b) {
                          return a.micros != b.micros ? a.micros > b.micros : a.update > b.update;
                      });
    slowest_.resize(kept);
}

} // namespace fhirscope::gui
