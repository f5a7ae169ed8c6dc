#pragma once
// How long the connection was in each of its phases, and when searches stood in for real time.

#include "engine/snapshot.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fhirscope::gui {

inline constexpr std::size_t phase_count = 8;

struct PhaseTimes {
    std::array<LocalTime::duration, phase_count> total{}; // by engine::Phase
    LocalTime since;                                      // what was before is not kept; the epoch: nothing is known
    LocalTime::duration of(engine::Phase phase) const { return total[static_cast<std::size_t>(phase)]; }
};
// `started`: of the session. Only the newest changes are kept, so a long session is counted from the oldest of them.
PhaseTimes phase_times(const engine::ConnectionView& connection, LocalTime started, LocalTime now);

// The phase at a moment; nothing: before what is kept.
std::optional<engine::Phase> phase_at(const engine::ConnectionView& connection, LocalTime time);

struct PollingPeriod {
    LocalTime begin;
    std::optional<LocalTime> end; // nothing: it goes on
    std::string reason;
};

// From the events of the journal, the oldest first. Kept until the journal grows.
class PollingPeriods {
public:
    const std::vector<PollingPeriod>& update(const engine::Snapshot& snapshot);

private:
    std::uint64_t looked_to_ = 0, first_ = 0;
    std::vector<PollingPeriod> periods_;
};

} // namespace fhirscope::gui
