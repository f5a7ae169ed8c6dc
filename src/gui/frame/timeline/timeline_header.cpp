// The timeline's first line: follow, pause, spans, and what is brushed.

#include "gui/base/format.hpp"
#include "gui/frame/timeline/timeline.hpp"
#include "gui/frame/timeline/timeline_zoom.hpp"
#include "gui/model/labels.hpp"
#include "gui/ui/widgets.hpp"

#include <array>

namespace fhirscope::gui {

namespace {

constexpr std::array<SegmentItem, 4> spans = {{{"1m", "1 m"}, {"10m", "10 m"}, {"1h", "1 h"}, {"all", "All"}}};

} // namespace

void Timeline::header(Context& context, const Rect& area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    UiState& ui = context.ui;
    p.put(p.f().small_bold, area.x + context.px(14), area.y, area.h, c.t1, "Timeline");
    float x = area.x + context.px(148);
    static constexpr Icon follow_icon = Icon::Follow;
    static constexpr Icon pause_icon = Icon::Pause;
    static constexpr Icon play_icon = Icon::Play;
    ButtonOptions follow{ButtonKind::Quiet, true, &follow_icon, timeline_follows(ui) ? c.live : 0};
    if (button(context, "timeline/follow", x, area.y, area.h, "Follow", follow)) follow_timeline(ui);
    x += context.px(4);
    ButtonOptions pause{ButtonKind::Quiet, true, ui.paused ? &play_icon : &pause_icon, ui.paused ? c.t1 : c.t2};
    if (button(context, "timeline/pause", x, area.y, area.h, ui.paused ? "Resume" : "Pause", pause))
        ui.paused = !ui.paused;
    x += context.px(16);
    const int span = ui.timeline.length ? -1 : static_cast<int>(ui.timeline.span);
    const int clicked = segment(context, "timeline/span", x, area.y, area.h, spans, span, true);
    if (clicked >= 0) {
        ui.timeline.span = static_cast<TimelineSpan>(clicked);
        ui.timeline.span_chosen = true;
        ui.timeline.length.reset();
    }
    const float right = area.right() - context.px(16);
    if (!ui.brush) {
        const float cap = right - keycap_width(context, "B");
        keycap(context, cap, area.y, area.h, "B");
        // Moved into the past, the strip alone is there.
        const float words =
            p.text_right(p.f().small, cap - context.px(10), area.y, area.h, c.t3,
                         ui.timeline.end ? "Views show now; drag to choose a range" : "Drag to choose a range");
        if (ui.timeline.end) {
            const TimeRange range = timeline_range(context);
            ShortText past = clock_s(wall(range.begin));
            past.append(" – ").append(clock_s(wall(range.end)));
            p.text_right(p.f().mono_small, words - context.px(12), area.y, area.h, c.t1, past);
        }
        return;
    }
    chosen_range(context, area, right);
}

float Timeline::chosen_range(Context& context, const Rect& area, float right) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    UiState& ui = context.ui;
    float at = right - keycap_width(context, "Esc");
    keycap(context, at, area.y, area.h, "Esc");
    const ButtonOptions clear{ButtonKind::Quiet, true, nullptr, c.t2};
    at -= button_width(context, "Clear", clear) + context.px(4);
    const float clear_x = at;
    float clear_end = at;
    if (button(context, "timeline/clear", clear_end, area.y, area.h, "Clear", clear)) {
        ui.brush.reset();
        return right;
    }
    const std::uint64_t first = first_update_at(context.snapshot, ui.brush->begin);
    const std::uint64_t end = first_update_at(context.snapshot, ui.brush->end);
    ShortText tail(", ");
    tail.append(age(ui.brush->end - ui.brush->begin, AgeUnits::Two)).append(", ");
    tail.append(number(static_cast<std::int64_t>(end - first))).append(" updates");
    at = p.text_right(p.f().small, clear_x - context.px(6), area.y, area.h, c.t3, tail);
    ShortText range = clock_s(wall(ui.brush->begin));
    range.append(" – ").append(clock_s(wall(ui.brush->end)));
    at = p.text_right(p.f().mono_small, at, area.y, area.h, c.t1, range);
    return p.text_right(p.f().small, at - context.px(4), area.y, area.h, c.t3, "Chosen range");
}

} // namespace fhirscope::gui
