#pragma once
// Percentiles of the updates of the last minute (at most the newest few thousand), kept in order: asking again costs
// what came and what left.

#include "engine/snapshot.hpp"

#include <cstdint>
#include <deque>
#include <vector>

namespace fhirscope::gui {

class RecentLatency {
public:
    void update(const engine::Snapshot& snapshot, LocalTime now);

    bool any() const { return !sorted_.empty(); }
    std::uint32_t percentile(double q) const; // µs; 0 when there is none

private:
    struct Entry {
        std::uint64_t number;
        std::uint32_t micros;
    };
    std::deque<Entry> entries_; // with a latency, by number
    std::vector<std::uint32_t> sorted_;
    std::uint64_t begin_ = 0, end_ = 0; // rows that were looked at
    std::chrono::microseconds clock_offset_{0};
};

} // namespace fhirscope::gui
