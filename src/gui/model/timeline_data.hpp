#pragma once
// What the timeline draws, computed once a second (or when the range or the width changes) and kept.

#include "diagnosis/diagnosis.hpp"
#include "engine/snapshot.hpp"
#include "gui/base/marks.hpp"
#include "gui/model/values.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace fhirscope::gui {

struct TimelineLane {
    std::vector<std::uint32_t> counts; // updates a column
    double mean = 0;                   // of the columns that have any
    double rate = 0;                   // updates a second, over the last ten seconds
};

struct TimelineSegment {
    LocalTime begin, end;
    engine::Phase phase = engine::Phase::Idle;
    bool after_failure = false; // begins with the moment in which something failed
};

struct TimelineMarker {
    LocalTime at;
    Mark mark = Mark::Attention;
    std::uint64_t event = 0;    // its number, where `conflict` is 0
    std::uint64_t conflict = 0; // its number; 0: an event
};

// An incident that is more than information, as far as it lies within the range.
struct TimelineStretch {
    LocalTime begin, end;
    diagnosis::IncidentPtr incident;
    bool begins = false, ends = false; // within the range
};

class TimelineData {
public:
    // Lanes beyond `most_lanes` are added to the last.
    void update(const engine::Snapshot& snapshot, const diagnosis::Diagnosis& diagnosis, TimeRange range,
                std::size_t columns, std::size_t most_lanes);

    const std::vector<TimelineLane>& lanes() const { return lanes_; }
    const TimelineLane& merged() const { return merged_; }
    const std::vector<TimelineSegment>& segments() const { return segments_; }
    const std::vector<TimelineStretch>& stretches() const { return stretches_; } // oldest first
    // Oldest first: conflicts, and events that no incident explains.
    const std::vector<TimelineMarker>& markers() const { return markers_; }

private:
    void count(const engine::Snapshot& snapshot, std::size_t columns);
    void find_segments(const engine::Snapshot& snapshot);
    void find_stretches(const diagnosis::Incidents& incidents);
    bool is_explained(LocalTime at) const;
    void find_markers(const engine::Snapshot& snapshot);

    struct Key {
        std::uint64_t seconds = 0, events = 0, transitions = 0, conflicts = 0, diagnosis = 0;
        TimeRange range;
        std::size_t columns = 0, lanes = 0, subscriptions = 0;
        bool operator==(const Key&) const = default;
    };
    std::optional<Key> key_;
    TimeRange range_;
    std::vector<TimelineLane> lanes_;
    TimelineLane merged_;
    std::vector<TimelineSegment> segments_;
    std::vector<TimelineStretch> stretches_;
    std::vector<TimelineMarker> markers_;
};

// The seconds log's first bucket at or after `second`.
std::uint64_t first_second_at(const engine::Snapshot& snapshot, std::int64_t second);

// The range that a span means now: its end is a whole second, so that the picture moves once a second.
TimeRange timeline_range(const engine::Snapshot& snapshot, TimelineSpan span, LocalTime now);

} // namespace fhirscope::gui
