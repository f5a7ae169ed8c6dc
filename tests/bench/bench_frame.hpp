#pragma once

#include <string>
#include <vector>

namespace fhirscope::bench {

struct FramePart {
    std::string view;  // "panels", … or "panels, live": with a new snapshot every frame
    double micros = 0; // CPU time to build a frame, median
};

struct FrameFigure {
    double demo_micros = 0; // ImGui's own demo window, in the same run
    std::vector<FramePart> parts;
};

// CPU time to build one frame (NewFrame … Render, without a graphics driver) of each view over 10,000 resources and
// 1,000,000 rows of the log, 1440×900.
FrameFigure measure_frames();

} // namespace fhirscope::bench
