#pragma once
// What the latency view draws of a range, computed once a second (or when the question changes) and kept.
// Exact: from the rows themselves, up to a bound; what lies beyond it is left out and said so.

#include "engine/snapshot.hpp"
#include "gui/model/values.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::gui {

enum class LatencyGrouping { Subscription, Type, Channel, Stage, Outcome };

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
inline constexpr std::array<std::string_view, engine::StageTimes::stages + 1> latency_stages = {
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
        LatencyGrouping grouping = LatencyGrouping::Subscription;
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

    // Another one when any of the above may have changed.
    std::uint64_t revision() const { return revision_; }
    // Rows that the last update looked at: a test pins that it follows what came and what left.
    std::size_t examined() const { return examined_; }

private:
    // What is known of one row of the range; kept so that it can be taken back when it leaves.
    struct Fact {
        std::uint64_t number = 0;
        std::int64_t transport_us = 0, queued_us = 0;
        std::array<std::uint32_t, engine::StageTimes::stages> nanos{};
        std::uint32_t micros = 0;
        std::uint16_t group = 0;
        bool measured = false, timed = false;
    };
    struct Sums {
        LatencyGroupRow row;
        std::array<std::uint64_t, engine::StageTimes::stages> nanos{};
    };
    // What the facts depend on beside the rows themselves.
    struct Basis {
        LatencyGrouping grouping{};
        std::chrono::microseconds clock_offset{0};
        LocalTime started;
        std::size_t subscriptions = 0, stores = 0;
        bool operator==(const Basis&) const = default;
    };
    RangeFigures measure(const engine::Snapshot& snapshot, TimeRange range) const;
    std::uint32_t queue_max(const engine::Snapshot& snapshot, TimeRange range) const;
    Fact fact_of(const engine::Snapshot& snapshot, std::uint64_t number) const;
    void name_groups(const engine::Snapshot& snapshot);
    std::optional<std::uint64_t> value_of(const Fact& fact, std::size_t group) const;
    void count(const Fact& fact, int sign);
    void count_value(std::size_t group, std::uint64_t value, int sign);
    void slide(const engine::Snapshot& snapshot);
    void find_largest();
    std::uint32_t exact_percentile(double q) const; // of the range; 0 when there is none
    void make_figures(const engine::Snapshot& snapshot);
    void make_points(const engine::Snapshot& snapshot, const std::optional<Question>& before);
    void make_heat(const engine::Snapshot& snapshot);

    std::optional<Question> question_;
    std::uint64_t seconds_end_ = 0;
    Basis basis_;
    std::deque<Fact> facts_; // of the range's rows, without gaps
    // The measured of them by bucket of the histogram of all, in each the oldest first: exact percentiles look at three
    // buckets, the slowest at the last few.
    std::map<std::size_t, std::deque<SlowUpdate>> by_bucket_;
    std::uint64_t facts_end_ = 0;    // number of the next row
    std::vector<Sums> sums_;         // All, then every group of the question
    std::vector<bool> largest_left_; // by group: the largest value is not among the facts any more
    std::uint64_t over_target_ = 0;
    std::uint64_t points_end_ = 0; // rows below it are in points_
    Basis points_basis_;
    bool points_of_rows_ = false; // not of the seconds
    std::size_t others_ = 0, examined_ = 0;
    std::uint64_t revision_ = 0;
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
