#pragma once

// The line at the bottom: rates, percentiles, queue, memory, frames; and the most severe finding.

#include "gui/context.hpp"
#include "gui/format.hpp"

#include <array>

namespace fhirscope::gui {

class StatusBar {
public:
    void draw(Context& context, const Rect& area);

private:
    void refresh(const Context& context);

    // Refreshed four times a second, so that figures can be read.
    LocalTime refreshed_{};
    std::uint64_t frames_in_ = 0, frames_out_ = 0;
    LocalTime counted_{};
    double in_ = -1, out_ = -1;       // negative: not known yet
    std::uint32_t p50_ = 0, p99_ = 0; // µs, of the last minute
    bool measured_ = false;
    double frame_ms_ = 0, fps_ = 0;
};

// Percentiles of the updates received in the minute before `now` (at most the newest few thousand). False: none.
bool recent_latency(const engine::Snapshot& snapshot, LocalTime now, std::uint32_t& p50, std::uint32_t& p99);

} // namespace fhirscope::gui
