#pragma once
// Dragging over the charts of latency: along the time it sets the one brush of the window, along the values it chooses
// updates for the log. The wheel zooms the time.

#include "gui/frame/context.hpp"

#include <optional>
#include <string>

namespace fhirscope::gui {

struct LatencyScale;

// Latencies that were chosen, in µs.
struct LatencyChoice {
    double low = 0, high = 0;
    bool operator==(const LatencyChoice&) const = default;
};

struct ChartDrag {
    std::optional<LocalTime> anchor; // where a drag along the time began
    std::optional<double> low;       // where one along the values did, in µs
    std::optional<LatencyChoice> choice;
};

// Which way a chart's values run, if they can be chosen.
enum class ValueAxis { None, Across, Up };

// Takes drags over `plot`. `range`: of its time axis, which the wheel zooms; nothing: it has none.
void drag_chart(Context& context, std::string_view name, const Rect& plot, const std::optional<TimeRange>& range,
                ValueAxis axis, const LatencyScale& scale, ChartDrag& drag);

// "latency > 43ms & latency < 131ms": what finds them in the log.
std::string log_filter_of(const LatencyChoice& choice);

} // namespace fhirscope::gui
