#pragma once
// How many rows of the log lie in a range of time, by outcome. Counted once, over some frames where there are many, and
// gone on with as rows come.

#include "engine/snapshot.hpp"
#include "gui/model/values.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

namespace fhirscope::gui {

class RangeCounts {
public:
    // Another range: starts over. Goes on with counting for at most `budget`.
    void update(const engine::Snapshot& snapshot, const std::optional<TimeRange>& range,
                std::chrono::microseconds budget);

    bool complete() const { return counted_ == end_; }
    std::uint64_t begin() const { return begin_; } // numbers of rows; both 0 without a range
    std::uint64_t end() const { return end_; }
    std::uint64_t of(engine::Outcome outcome) const { return counts_[static_cast<std::size_t>(outcome)]; } // so far

private:
    std::uint64_t begin_ = 0, end_ = 0;
    std::uint64_t counted_ = 0; // up to this row
    std::array<std::uint64_t, engine::outcome_count> counts_{};
};

} // namespace fhirscope::gui
