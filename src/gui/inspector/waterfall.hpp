#pragma once
// The way of one update: from the change at the server to the screen.

#include "gui/frame/context.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

namespace fhirscope::gui {

struct TraceStage {
    std::string_view name;
    std::chrono::nanoseconds begin{0}; // since it was received
    std::chrono::nanoseconds duration{0};
};

struct Trace {
    std::optional<std::chrono::nanoseconds> transport; // changed → received; nothing when it was not pushed
    std::vector<TraceStage> stages;
    std::chrono::nanoseconds pipeline{0}; // received → the last stage's end
    std::chrono::nanoseconds total{0};
};

// Nothing when the update has left the log.
std::optional<Trace> trace_of(const engine::Snapshot& snapshot, const ShownLog& shown, std::uint64_t update);

// Draws it with its title; returns the y below.
float draw_trace(Context& context, Rect area, const Trace& trace);

} // namespace fhirscope::gui
