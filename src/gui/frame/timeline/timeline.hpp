#pragma once
// The strip at the bottom: connection, one lane a subscription, markers; follow, pause, spans and the brush; where a
// moment is shown, the playhead and how it moves.

#include "gui/frame/context.hpp"
#include "gui/model/timeline_data.hpp"

namespace fhirscope::gui {

class Timeline {
public:
    void draw(Context& context, const Rect& area);

private:
    struct Place;
    void header(Context& context, const Rect& area);
    void transport(Context& context, const Rect& area);
    // Where it lies, and the way to clear it, up to `right`. Returns the x where it begins.
    float chosen_range(Context& context, const Rect& area, float right);
    void lanes(Context& context, const Rect& area, bool merged);
    // What the mouse is at in the lane of markers.
    struct Pointed {
        const TimelineMarker* marker = nullptr;
        const TimelineStretch* stretch = nullptr;
    };
    void stretches(const Context& context, const Place& place, float y, Pointed& pointed) const;
    void tell(Context& context, const Pointed& pointed) const;
    void brush(Context& context, const Place& place, const Pointed& pointed);
    void open(Context& context, const Pointed& pointed) const;

    void pan_and_zoom(Context& context, const Place& place, bool hovered);
    void pan(Context& context, const Place& place, float dragged);
    void playhead(const Context& context, const Place& place, float bottom) const;
    void bookmarks(Context& context, const Place& place, float y);

    TimelineData data_;
    enum class Drag { None, Fresh, Begin, End, Pan, Playhead } drag_ = Drag::None;
    LocalTime anchor_;
    TimeRange panned_from_; // what was shown when the drag began
    bool panning_ = false;  // by the middle button
};

} // namespace fhirscope::gui
