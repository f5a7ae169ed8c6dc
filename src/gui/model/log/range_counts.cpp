#include "gui/model/log/range_counts.hpp"

#include "query/lookup.hpp"

#include <algorithm>

namespace fhirscope::gui {

void RangeCounts::Counted::go_on(const engine::Snapshot& snapshot, std::uint64_t to, const std::stop_token& stop) {
    constexpr std::uint64_t block = 4096;
    for (; end < to; ++end) {
        if (end % block == 0) leave_if(stop);
        ++rows[static_cast<std::size_t>(snapshot.updates[end].outcome)];
    }
}

void RangeCounts::update(const engine::SnapshotPtr& snapshot, const std::optional<TimeRange>& range, Worker* worker) {
    begin_ = range ? query::first_update_at(*snapshot, range->begin) : 0;
    end_ = range ? std::max(begin_, query::first_update_at(*snapshot, range->end)) : 0;
    // While a range is dragged the answer is of one a few frames ago, and nearer than what was there.
    if (const auto counted = job_.take()) counted_ = *counted;
    const bool goes_on = counted_.begin == begin_ && counted_.end <= end_;
    if (end_ - (goes_on ? counted_.end : begin_) <= at_once || worker == nullptr) {
        job_.give_up();
        if (!goes_on) counted_ = {.begin = begin_, .end = begin_};
        counted_.go_on(*snapshot, end_, {});
    } else if (!job_.pending()) {
        job_.start(
            *worker,
            [snapshot, begin = begin_, end = end_](const std::stop_token& stop) {
                Counted counted{.begin = begin, .end = begin};
                counted.go_on(*snapshot, end, stop);
                return counted;
            });
    }
}

} // namespace fhirscope::gui
