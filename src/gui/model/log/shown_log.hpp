#pragma once
// When updates were first on the screen: the last stage of a trace, which only the window knows.

#include "fhir/time.hpp"

#include <cstdint>
#include <deque>
#include <optional>

namespace fhirscope::gui {

class ShownLog {
public:
    // A frame was drawn at `now` with updates up to (not including) `end`.
    void frame(std::uint64_t end, LocalTime now) {
        if (entries_.empty()) {
            base_ = end; // what was there before the window has no such time
            entries_.push_back({end, now});
        } else if (end > entries_.back().end) {
            entries_.push_back({end, now});
            if (entries_.size() > most_kept) {
                base_ = entries_.front().end;
                entries_.pop_front();
            }
        }
    }

    // Nothing when the update is older than the window, or older than what is kept, or not shown yet.
    std::optional<LocalTime> shown_at(std::uint64_t update) const {
        if (update < base_ || entries_.empty() || update >= entries_.back().end) return std::nullopt;
        std::size_t low = 0;
        std::size_t high = entries_.size();
        while (low < high) {
            const std::size_t middle = (low + high) / 2;
            if (entries_[middle].end <= update)
                low = middle + 1;
            else
                high = middle;
        }
        return entries_[low].at;
    }

private:
    static constexpr std::size_t most_kept = 16384; // frames; half a megabyte
    struct Entry {
        std::uint64_t end;
        LocalTime at;
    };
    std::deque<Entry> entries_;
    std::uint64_t base_ = 0;
};

} // namespace fhirscope::gui
