#pragma once
// What the profiler shows, computed from a snapshot: the cost of each stage over a range, and memory by part.

#include "engine/snapshot.hpp"
#include "gui/model/frame_history.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::gui {

struct StageCost {
    std::string_view name;
    double per_second = 0;
    std::chrono::nanoseconds mean{0}, p50{0}, p99{0}, max{0};
    double cpu = 0; // of one CPU, 0 …; negative: waiting, not working
};

struct StageCosts {
    std::vector<StageCost> stages; // empty: nothing was measured
    std::uint64_t updates = 0;     // in the range
    std::uint64_t measured = 0;    // of them, looked at
    double pipeline = 0;           // CPU of the five stages together
};

// Of the updates received in [begin, end). At most a few thousand are looked at, evenly spread.
StageCosts stage_costs(const engine::Snapshot& snapshot, LocalTime begin, LocalTime end);

struct MemoryPart {
    std::string_view name;
    std::uint64_t count = 0; // of what it holds; 0: not counted
    std::uint64_t bytes = 0;
    std::uint64_t bound = 0; // 0: none of its own
};
// `resident`: of the whole process; 0 where it is unknown.
std::vector<MemoryPart> memory_parts(const engine::Snapshot& snapshot, std::uint64_t resident);

// All of it as text.
std::string profile_text(const StageCosts& costs, const std::vector<MemoryPart>& memory, const FrameHistory* frames,
                         const std::vector<ThreadLoad>* threads);

} // namespace fhirscope::gui
