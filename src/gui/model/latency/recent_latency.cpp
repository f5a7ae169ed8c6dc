#include "gui/model/latency/recent_latency.hpp"

#include "gui/model/labels.hpp"

#include <algorithm>

namespace fhirscope::gui {

namespace {

constexpr std::uint64_t most_kept = 4096;
constexpr std::uint64_t many = 512; // beyond, sorting anew is cheaper than moving for each

} // namespace

void RecentLatency::update(const engine::Snapshot& snapshot, LocalTime now) {
    const std::uint64_t end = snapshot.updates.end();
    const std::uint64_t begin =
        std::max(first_update_at(snapshot, now - std::chrono::minutes(1)), end > most_kept ? end - most_kept : 0);
    const bool anew = begin < begin_ || begin > end_ || end < end_ || end - end_ > many || begin - begin_ > many ||
                      clock_offset_ != snapshot.connection.clock_offset;
    if (anew) {
        entries_.clear();
        sorted_.clear();
        end_ = begin;
        clock_offset_ = snapshot.connection.clock_offset;
    }
    for (; !entries_.empty() && entries_.front().number < begin; entries_.pop_front())
        sorted_.erase(std::lower_bound(sorted_.begin(), sorted_.end(), entries_.front().micros));
    for (; end_ < end; ++end_) {
        const auto latency = latency_of(snapshot, end_);
        if (!latency) continue;
        const auto micros = static_cast<std::uint32_t>(std::clamp<std::int64_t>(latency->count(), 0, UINT32_MAX));
        entries_.push_back({end_, micros});
        sorted_.insert(anew ? sorted_.end() : std::upper_bound(sorted_.begin(), sorted_.end(), micros), micros);
    }
    if (anew) std::sort(sorted_.begin(), sorted_.end());
    begin_ = begin;
}

std::uint32_t RecentLatency::percentile(double q) const {
    return sorted_.empty() ? 0 : sorted_[static_cast<std::size_t>(q * static_cast<double>(sorted_.size() - 1) + 0.5)];
}

} // namespace fhirscope::gui
