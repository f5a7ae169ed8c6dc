#include "gui/frame/bars/recording_button.hpp"

#include "gui/base/format.hpp"
#include "gui/ui/widgets.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace fhirscope::gui {

namespace {

constexpr std::array<SegmentItem, 2> ways_to_record = {
    {{"now", "Record from now, for this version alone (Ctrl R)"}, {"whole", "Record the session so far"}}};
constexpr std::array<SegmentItem, 1> ways_to_stop = {{{"stop", "Stop recording (Ctrl R)"}}};

} // namespace

bool can_record(const Context& context) { return context.session.open && context.session.source != Source::Replay; }

bool is_recording(const Context& context) { return !context.session.recording.empty(); }

float RecordingButton::draw(Context& context, float right, const Rect& row) {
    const bool narrow = context.layout.narrow;
    if (!can_record(context) || (narrow && !is_recording(context))) {
        list_.close();
        return right;
    }
    std::string label(narrow ? "" : is_recording(context) ? "Recording" : "Not recording");
    if (is_recording(context) && context.session.recording_since != LocalTime{}) {
        // It goes on while an earlier moment is shown.
        const LocalTime now = std::max(context.now, context.whole->at);
        label.append(narrow ? "" : " ").append(stopwatch(now - context.session.recording_since).view());
    }
    const std::optional<Mark> mark = is_recording(context) ? std::optional(Mark::Record) : std::nullopt;
    const float x = right - list_.width(context, label, mark);
    const bool hovered = list_.button(context, "top/recording", x, row.y, row.h, label, mark);
    if (hovered && !list_.open())
        tooltip(context, is_recording(context) ? "Recording to " + context.session.recording
                                               : "Nothing of this session is written to a file (Ctrl R records)");
    return x;
}

void RecordingButton::draw_list(Context& context) {
    if (is_recording(context)) {
        if (list_.list(context, "top/recording", ways_to_stop, -1) == 0)
            context.ui.requests.emplace_back(StopRecording{});
    } else if (const int way = list_.list(context, "top/recording", ways_to_record, -1); way >= 0) {
        context.ui.requests.emplace_back(StartRecording{.whole_session = way == 1});
    }
}

} // namespace fhirscope::gui
