#pragma once
// What the latency view's data are counted from; shared by its two files.

#include "gui/model/labels.hpp"
#include "gui/model/latency/latency_data.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace fhirscope::gui {

// The newest rows of a range, at most the bound.
struct RowRange {
    std::uint64_t begin = 0, end = 0, left_out = 0;
};

inline RowRange rows_of(const engine::Snapshot& snapshot, TimeRange range) {
    RowRange rows{first_update_at(snapshot, range.begin), first_update_at(snapshot, range.end), 0};
    if (rows.end - rows.begin > LatencyData::most_rows) {
        rows.left_out = rows.end - rows.begin - LatencyData::most_rows;
        rows.begin = rows.end - LatencyData::most_rows;
    }
    return rows;
}

inline std::uint32_t clamp_micros(std::chrono::microseconds value) {
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(value.count(), 0, UINT32_MAX));
}

} // namespace fhirscope::gui
