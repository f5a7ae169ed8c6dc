#pragma once
// The line at the bottom: rates, percentiles, queue, memory, frames; and what is not well.

#include "gui/base/format.hpp"
#include "gui/frame/context.hpp"
#include "gui/model/latency/recent_latency.hpp"

namespace fhirscope::gui {

class StatusBar {
public:
    void draw(Context& context, const Rect& area);

private:
    void refresh(const Context& context);
    void count_frames(const Context& context);

    // Refreshed twice a second, so that figures can be read.
    LocalTime refreshed_{};
    std::uint64_t frames_in_ = 0, frames_out_ = 0;
    LocalTime counted_{};
    double in_ = -1, out_ = -1; // negative: not known yet
    RecentLatency latency_;
    double frame_ms_ = 0, fps_ = 0;
};

} // namespace fhirscope::gui
