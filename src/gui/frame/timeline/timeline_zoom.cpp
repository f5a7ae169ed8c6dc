#include "gui/frame/timeline/timeline_zoom.hpp"

#include "gui/model/timeline_data.hpp"

#include <algorithm>
#include <cmath>

namespace fhirscope::gui {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds shortest_range{2000};

LocalTime::duration scaled(LocalTime::duration length, double factor) {
    return LocalTime::duration(std::llround(static_cast<double>(length.count()) * factor));
}

// The strip has all that is known, also what lies behind the playhead.
TimeRange range_of(const Context& context, TimelineSpan span) {
    const bool moment = context.whole != context.snapshot_ptr && context.whole != nullptr;
    return moment ? timeline_range(*context.whole, span, context.whole->at)
                  : timeline_range(context.snapshot, span, context.now);
}

} // namespace

bool timeline_follows(const UiState& ui) { return !ui.timeline.end && !ui.paused; }

void follow_timeline(UiState& ui) {
    ui.paused = false;
    ui.timeline.end.reset();
}

TimeRange timeline_range(const Context& context) {
    TimeRange range = range_of(context, context.ui.timeline.span);
    const LocalTime::duration length =
        context.ui.timeline.length ? LocalTime::duration(*context.ui.timeline.length) : range.end - range.begin;
    if (context.ui.timeline.end) range.end = *context.ui.timeline.end;
    return {range.end - length, range.end};
}

void end_timeline_at(Context& context, LocalTime end) {
    const TimeRange shown = timeline_range(context);
    const TimeRange all = range_of(context, TimelineSpan::All);
    // Not before what there is.
    end = std::max(end, std::min(all.begin + (shown.end - shown.begin), all.end));
    if (end >= all.end)
        context.ui.timeline.end.reset();
    else
        context.ui.timeline.end = end;
}

void zoom_timeline(Context& context, double factor, LocalTime anchor) {
    const TimeRange shown = timeline_range(context);
    const TimeRange all = range_of(context, TimelineSpan::All);
    const LocalTime::duration length =
        std::clamp(scaled(shown.end - shown.begin, factor), LocalTime::duration(shortest_range),
                   std::max(LocalTime::duration(shortest_range), all.end - all.begin));
    const double real = std::chrono::duration<double>(length) / std::chrono::duration<double>(shown.end - shown.begin);
    context.ui.timeline.length = std::chrono::duration_cast<milliseconds>(length);
    context.ui.timeline.span_chosen = true;
    end_timeline_at(context, anchor + scaled(shown.end - anchor, real));
}

void zoom_timeline_step(Context& context, int step) {
    UiState& ui = context.ui;
    if (!ui.timeline.length && !ui.timeline.end) {
        ui.timeline.span = static_cast<TimelineSpan>(
            std::clamp(static_cast<int>(ui.timeline.span) + step, 0, static_cast<int>(TimelineSpan::All)));
        ui.timeline.span_chosen = true;
        return;
    }
    zoom_timeline(context, step > 0 ? 2.0 : 0.5);
}

void zoom_timeline(Context& context, double factor) {
    const UiState& ui = context.ui;
    const TimeRange shown = timeline_range(context);
    const TimeRange about = ui.brush.value_or(shown);
    zoom_timeline(context, factor,
                  ui.timeline.end || ui.brush ? about.begin + (about.end - about.begin) / 2 : shown.end);
}

void move_timeline(Context& context, double share) {
    const TimeRange shown = timeline_range(context);
    end_timeline_at(context, shown.end + scaled(shown.end - shown.begin, share));
}

} // namespace fhirscope::gui
