#pragma once
// How many rows of the log lie in a range of time, by outcome: counted once, by the worker where there are many, and
// gone on with as rows come.

#include "engine/snapshot.hpp"
#include "gui/model/values.hpp"
#include "gui/model/worker.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace fhirscope::gui {

class RangeCounts {
public:
    // So many rows are counted within a frame: a millisecond or two.
    static constexpr std::uint64_t at_once = 65536;

    // Null for `worker`: whatever has to be counted is counted now.
    void update(const engine::SnapshotPtr& snapshot, const std::optional<TimeRange>& range, Worker* worker = nullptr);

    // False: the counts are still those of another range.
    bool complete() const { return counted_.begin == begin_ && counted_.end == end_; }
    std::uint64_t begin() const { return begin_; } // numbers of rows; both 0 without a range
    std::uint64_t end() const { return end_; }
    std::uint64_t of(engine::Outcome outcome) const { return counted_.rows[static_cast<std::size_t>(outcome)]; }

private:
    struct Counted {
        std::uint64_t begin = 0, end = 0;
        std::array<std::uint64_t, engine::outcome_count> rows{};
        void go_on(const engine::Snapshot& snapshot, std::uint64_t to, const std::stop_token& stop);
    };
    std::uint64_t begin_ = 0, end_ = 0;
    Counted counted_;
    Job<Counted> job_;
};

} // namespace fhirscope::gui
