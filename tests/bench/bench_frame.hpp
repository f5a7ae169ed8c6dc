#pragma once
// What a frame costs.

#include <string>
#include <vector>

namespace fhirscope::bench {

// CPU time to build a frame, over some hundred frames, and that of ImGui's demo window in frames between them: a
// machine that is slow for a moment is slow for both.
struct FrameCost {
    double median = 0, mean = 0;           // µs
    double demo_median = 0, demo_mean = 0; // µs
    double times() const { return demo_median > 0 ? median / demo_median : 0; }
    double times_mean() const { return demo_mean > 0 ? mean / demo_mean : 0; }
};

// One view over one amount of data.
struct FramePart {
    std::string view;
    FrameCost still; // the same snapshot every frame
    FrameCost live;  // a hundred updates a second at sixty frames, a new snapshot every frame
};

struct FrameFigure {
    FrameCost demo_open;          // the demo window with all its sections open, beside itself as it opens
    std::vector<FramePart> large; // 100,000 resources, 1,000,000 rows of the log
    std::vector<FramePart> small; // 100,000 and 100,000
};

// Builds frames (NewFrame … Render, without a graphics driver) of every view at 1440×900, with the mouse moving over
// the view all the time.
FrameFigure measure_frames();

} // namespace fhirscope::bench
