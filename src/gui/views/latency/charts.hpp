#pragma once
// The charts of the latency view: percentiles over time, the distribution, and the heat map.

#include "gui/base/format.hpp"
#include "gui/frame/context.hpp"
#include "gui/model/latency/latency_data.hpp"
#include "gui/views/latency/brush.hpp"

#include <cmath>
#include <vector>

namespace fhirscope::gui {

// A logarithmic axis over milliseconds.
struct LatencyScale {
    double low = 5, high = 2000;
    double log_low = std::log(low), factor = 1 / std::log(high / low);

    void finish() {
        log_low = std::log(low);
        factor = 1 / std::log(high / low);
    }
    double share(double millis) const { return (std::log(std::max(millis, 1e-6)) - log_low) * factor; }
    // 1, 2 and 5 of each decade that lie inside.
    std::vector<double> ticks() const {
        std::vector<double> all;
        for (double decade = 0.01; decade < 1e7; decade *= 10) {
            for (const double part : {1.0, 2.0, 5.0}) {
                const double value = decade * part;
                if (value > low * 0.999 && value < high * 1.001) all.push_back(value);
            }
        }
        return all;
    }
};

// An axis that holds all of `data`: from 1, 2 or 5 to 2, 4 or 10, at least two decades.
LatencyScale scale_of(const LatencyData& data);

// Milliseconds in as many digits as they deserve, for a column whose header has the unit.
ShortText ms_text(double micros);

// A tick of a logarithmic axis: "0.5", "20", "1 s".
ShortText tick_text(double millis);

// Each draws a chart with its title, and takes drags over it. `scale`: scale_of(data). The title of the distribution
// has a button when a part of it is chosen.
void draw_percentiles(Context& context, Rect area, const LatencyData& data, const LatencyScale& scale, ChartDrag& drag);
void draw_distribution(Context& context, Rect area, const LatencyData& data, const LatencyScale& scale,
                       ChartDrag& drag);
void draw_heat_map(Context& context, Rect area, const LatencyData& data, const LatencyScale& scale, ChartDrag& drag);

// The height of each chart's title, at scale 1.
inline constexpr float chart_head = 28;
// The plot of the distribution and of the heat map, in what is below the title.
Rect small_plot(const Context& context, const Rect& area);

} // namespace fhirscope::gui
