#pragma once

// What the latency view draws of a range, computed once a second (or when the question changes) and kept.
// Exact: from the rows themselves, up to a bound; what lies beyond it is left out and said so.

#include "engine/snapshot.hpp"
#include "gui/context.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::gui {

enum class LatencyGrouping { subscription, type, channel, stage, outcome };

struct LatencyGroupRow {
    std::string name;
    std::uint64_t count = 0;      // updates
    std::uint64_t measured = 0;   // of those, with a latency
    engine::Histogram end_to_end; // µs; of a stage: its own time, in ns
    double per_us = 1;            // of what `end_to_end` counts
    double transport_us = 0, queued_us = 0;
    std::array<double, engine::StageTimes::stages> stages_us{}; // sums of the measured

    double percentile_us(double q) const { return static_cast<double>(end_to_end.percentile(q)) / per_us; }
    double mean_us(double sum) const { return measured > 0 ? sum / static_cast<double>(measured) : 0; }
    double pipeline_us() const; // mean: queued and the stages
};

// The stages in the order of the way, after Transport: Queued, then those of the pipeline.
inline constexpr std::array<std::string_view, engine::StageTimes::stages + 1> kLatencyStages = {
    "Queued", "Validated", "Transformed", "Resolved", "Applied", "Notified"};

struct PercentilePoint {
    LocalTime at;
    std::uint32_t p50 = 0, p90 = 0, p99 = 0; // µs
    bool any = false;
};

struct SlowUpdate {
    std::uint64_t update = 0;
    std::uint32_t micros = 0;
};

struct RangeFigures {
    std::uint64_t updates = 0, measured = 0, over_target = 0;
    std::uint32_t p50 = 0, p90 = 0, p99 = 0, max = 0; // µs
    std::uint32_t queue_max = 0;
};

class LatencyData {
public:
    static constexpr std::uint64_t most_rows = 60000;

    struct Question {
        TimeRange range;  // of figures, groups and the distribution
        TimeRange charts; // of the percentile chart and the heat map
        LatencyGrouping grouping = LatencyGrouping::subscription;
        std::size_t points = 100; // of the percentile chart, at most
        std::size_t columns = 80; // of the heat map
        bool compare = false;     // also the hour before
        bool operator==(const Question&) const = default;
    };

    void update(const engine::Snapshot& snapshot, const Question& question);

    const std::vector<LatencyGroupRow>& groups() const { return groups_; } // the first is All
    const std::vector<PercentilePoint>& points() const { return points_; }
    std::int64_t bucket_seconds() const { return bucket_seconds_; }
    const RangeFigures& figures() const { return figures_; }
    const std::optional<RangeFigures>& before() const { return before_; }
    const std::vector<SlowUpdate>& slowest() const { return slowest_; }
    // Counts by column and level (engine::SecondBucket's levels).
    const std::vector<std::uint32_t>& heat() const { return heat_; }
    std::size_t heat_columns() const { return heat_columns_; }
    std::uint32_t heat_max() const { return heat_max_; }
    // Updates of the range that were left out because there are too many.
    std::uint64_t left_out() const { return left_out_; }

private:
    RangeFigures measure(const engine::Snapshot& snapshot, TimeRange range, std::vector<SlowUpdate>* slowest) const;
    void group_rows(const engine::Snapshot& snapshot);
    void group_stages(const engine::Snapshot& snapshot);
    void make_points(const engine::Snapshot& snapshot);
    void make_heat(const engine::Snapshot& snapshot);

    std::optional<Question> question_;
    std::uint64_t seconds_end_ = 0;
    std::vector<LatencyGroupRow> groups_;
    std::vector<PercentilePoint> points_;
    std::int64_t bucket_seconds_ = 1;
    RangeFigures figures_;
    std::optional<RangeFigures> before_;
    TimeRange before_of_;
    std::vector<SlowUpdate> slowest_;
    std::vector<std::uint32_t> heat_;
    std::size_t heat_columns_ = 0;
    std::uint32_t heat_max_ = 0;
    std::uint64_t left_out_ = 0;
};

} // namespace fhirscope::gui
