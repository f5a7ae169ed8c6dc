#include "gui/frame/playhead.hpp"

#include "gui/frame/timeline/timeline_zoom.hpp"
#include "gui/model/playhead.hpp"
#include "gui/model/playhead_steps.hpp"

namespace fhirscope::gui {

bool looks_back(const Context& context) { return context.looking_back; }

bool shows_moment(const Context& context) {
    return context.playhead != nullptr && (context.session.source == Source::Replay || !context.playhead->at_end);
}

void show_at(Context& context, LocalTime at) {
    if (context.playhead == nullptr) return;
    context.ui.paused = false; // the playhead holds it instead
    context.session.playhead->seek(at);
    const TimeRange shown = timeline_range(context);
    if (at < shown.begin || at > shown.end)
        end_timeline_at(context, at + (shown.end - shown.begin) / 2); // in the middle
}

void step_playhead(Context& context, int direction) {
    if (context.playhead == nullptr) return;
    const auto at = next_step(context.ui.transport.step, direction, context.playhead->at, *context.whole,
                              context.whole_findings.incidents(), context.playhead->bookmarks);
    if (at)
        show_at(context, *at);
    else if (direction > 0)
        show_end(context);
    else
        show_beginning(context);
}

void play_or_pause(Context& context) {
    if (context.playhead == nullptr) return;
    context.ui.paused = false;
    if (context.playhead->playing)
        context.session.playhead->pause();
    else
        context.session.playhead->play(context.ui.transport.speed);
}

void show_end(Context& context) {
    if (context.playhead == nullptr) return;
    context.session.playhead->to_end();
    context.ui.timeline.end.reset();
}

void show_beginning(Context& context) {
    if (context.playhead != nullptr) show_at(context, context.playhead->first);
}

void add_bookmark(Context& context) {
    if (context.playhead != nullptr) context.session.playhead->add_bookmark(context.playhead->at, "");
}

} // namespace fhirscope::gui
