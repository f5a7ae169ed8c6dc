#include "gui/model/log/range_counts.hpp"

#include "query/lookup.hpp"

#include <algorithm>

namespace fhirscope::gui {

void RangeCounts::update(const engine::Snapshot& snapshot, const std::optional<TimeRange>& range,
                         std::chrono::microseconds budget) {
    constexpr std::uint64_t look = 4096; // rows between two looks at the clock
    const std::uint64_t begin = range ? query::first_update_at(snapshot, range->begin) : 0;
    const std::uint64_t end = range ? std::max(begin, query::first_update_at(snapshot, range->end)) : 0;
    if (begin != begin_ || end < counted_) {
        begin_ = counted_ = begin;
        counts_ = {};
    }
    end_ = end;
    if (complete()) return;
    using clock = std::chrono::steady_clock;
    const auto began = clock::now();
    while (!complete()) {
        for (const std::uint64_t stop = std::min(end_, counted_ + look); counted_ < stop; ++counted_)
            ++counts_[static_cast<std::size_t>(snapshot.updates[counted_].outcome)];
        if (clock::now() - began >= budget) break;
    }
}

} // namespace fhirscope::gui
