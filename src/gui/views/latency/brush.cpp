#include "gui/views/latency/brush.hpp"

#include "gui/frame/timeline/timeline_zoom.hpp"
#include "gui/ui/widgets.hpp"
#include "gui/views/latency/charts.hpp"

#include <algorithm>
#include <cmath>

namespace fhirscope::gui {

namespace {

// Whole units that the log's filter reads: bounds are rounded outward.
std::string latency_text(double micros, bool up) {
    constexpr double exact = 20000; // below, a millisecond says too little
    const double unit = micros < exact ? 1 : 1000;
    const double value = up ? std::ceil(micros / unit) : std::floor(micros / unit);
    return std::to_string(std::llround(value)) + (micros < exact ? "us" : "ms");
}

} // namespace

std::string log_filter_of(const LatencyChoice& choice) {
    return "latency > " + latency_text(choice.low, false) + " & latency < " + latency_text(choice.high, true);
}

void drag_chart(Context& context, std::string_view name, const Rect& plot, const std::optional<TimeRange>& range,
                ValueAxis axis, const LatencyScale& scale, ChartDrag& drag) {
    const Hit state = hit(context, name, plot);
    const ImGuiIO& io = ImGui::GetIO();
    const auto time_at = [&](float x) {
        const double share = std::clamp((static_cast<double>(x) - plot.x) / plot.w, 0.0, 1.0);
        return range->begin + std::chrono::duration_cast<LocalTime::duration>((range->end - range->begin) * share);
    };
    const auto value_at = [&](ImVec2 at) { // µs
        const double share = axis == ValueAxis::Across ? (static_cast<double>(at.x) - plot.x) / plot.w
                                                       : (static_cast<double>(plot.bottom()) - at.y) / plot.h;
        return std::exp(scale.log_low + std::clamp(share, 0.0, 1.0) / scale.factor) * 1000;
    };
    if (state.hovered && range && io.MouseWheel != 0)
        zoom_timeline(context, std::pow(0.8, static_cast<double>(io.MouseWheel)), time_at(io.MousePos.x));
    const float far = context.px(3);
    const bool wide = std::fabs(io.MousePos.x - io.MouseClickedPos[0].x) >= far;
    const bool high = std::fabs(io.MousePos.y - io.MouseClickedPos[0].y) >= context.px(8);
    if (state.pressed) {
        drag.anchor = range ? std::optional(time_at(io.MousePos.x)) : std::nullopt;
        drag.low = axis == ValueAxis::None ? std::nullopt : std::optional(value_at(io.MousePos));
    }
    if (state.held && range && drag.anchor && wide) {
        const LocalTime at = time_at(io.MousePos.x);
        context.ui.brush = TimeRange{std::min(*drag.anchor, at), std::max(*drag.anchor, at)};
    }
    if (state.held && drag.low && (axis == ValueAxis::Across ? wide : high)) {
        const double value = value_at(io.MousePos);
        drag.choice = LatencyChoice{std::min(*drag.low, value), std::max(*drag.low, value)};
    }
    if (state.clicked && !wide && !high) { // a click takes back
        drag.choice.reset();
        if (range) context.ui.brush.reset();
    }
}

} // namespace fhirscope::gui
