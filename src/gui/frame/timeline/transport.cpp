// The timeline's first line where a moment is shown, in place of follow and pause: play, steps, speed, the time itself.

#include "gui/base/format.hpp"
#include "gui/frame/playhead.hpp"
#include "gui/frame/timeline/timeline.hpp"
#include "gui/model/playhead.hpp"
#include "gui/model/time_entry.hpp"
#include "gui/ui/widgets.hpp"

#include <array>

namespace fhirscope::gui {

namespace {

struct Speed {
    double times; // 0: as fast as possible
    SegmentItem item;
};
constexpr std::array<Speed, 6> speeds = {{{0.5, {"half", "½×"}},
                                          {1, {"1", "1×"}},
                                          {4, {"4", "4×"}},
                                          {16, {"16", "16×"}},
                                          {64, {"64", "64×"}},
                                          {0, {"max", "Max"}}}};
constexpr std::array<SegmentItem, playhead_steps> steps = {{{"update", "Update"},
                                                            {"frame", "Frame"},
                                                            {"conflict", "Conflict"},
                                                            {"incident", "Incident"},
                                                            {"bookmark", "Bookmark"}}};

std::array<SegmentItem, speeds.size()> speed_items() {
    std::array<SegmentItem, speeds.size()> items;
    for (std::size_t i = 0; i < speeds.size(); ++i) items[i] = speeds[i].item;
    return items;
}

int chosen_speed(double times) {
    for (std::size_t i = 0; i < speeds.size(); ++i)
        if (speeds[i].times == times) return static_cast<int>(i);
    return -1;
}

// Back, play or pause, forth. Returns the x behind them.
float buttons(Context& context, float x, const Rect& area) {
    const float y = area.y + (area.h - context.px(24)) / 2;
    if (icon_button(context, "transport/back", ImVec2(x, y), Icon::StepBack, false, "One step back (,)"))
        step_playhead(context, -1);
    x += context.px(28);
    const bool playing = context.playhead->playing;
    static constexpr Icon pause_icon = Icon::Pause, play_icon = Icon::Play;
    const ButtonOptions play{ButtonKind::Quiet, true, playing ? &pause_icon : &play_icon, context.theme.c.t1};
    // As wide as its longer word, so that nothing moves.
    const float width = std::max(button_width(context, "Pause", play), button_width(context, "Play", play));
    float end = x;
    if (button(context, "transport/play", end, area.y, area.h, playing ? "Pause" : "Play", play))
        play_or_pause(context);
    x += width + context.px(4);
    if (icon_button(context, "transport/forward", ImVec2(x, y), Icon::StepForward, false, "One step on (.)"))
        step_playhead(context, 1);
    return x + context.px(24 + 12);
}

// The moment, which can be typed over, of the end. Returns the x behind them.
float moment(Context& context, float x, const Rect& area) {
    const Painter p(context.theme);
    TransportState& state = context.ui.transport;
    const PlayheadStatus& playhead = *context.playhead;
    const ShortText now = clock_ms(wall(playhead.at));
    const Rect field{x, area.y + context.px(2), context.px(104), area.h - context.px(4)};
    const bool focus = std::exchange(state.focus_time, false);
    if (focus) state.typed.clear();
    std::string text = state.typed.empty() ? std::string(now.view()) : state.typed;
    const std::string before = text;
    const bool active =
        value_input(context, "transport/time", field, text, state.unreadable ? InputState::Invalid : InputState::Valid,
                    focus, context.theme.f.mono);
    if (active && text != before) {
        state.typed = text;
        state.unreadable = false;
    }
    const bool entered = ImGui::IsKeyPressed(ImGuiKey_Enter) || ImGui::IsKeyPressed(ImGuiKey_KeypadEnter);
    if (entered && !state.typed.empty()) {
        const auto at = read_moment(state.typed, playhead.at, {playhead.first, playhead.last});
        state.unreadable = !at;
        if (at) {
            show_at(context, *at);
            state.typed.clear();
        }
    } else if (!active && !state.unreadable) {
        state.typed.clear();
    }
    if (ImGui::IsKeyPressed(ImGuiKey_Escape)) {
        state.typed.clear();
        state.unreadable = false;
    }
    if (field.contains(ImGui::GetIO().MousePos))
        tooltip(context, state.unreadable ? "Type a time of day, as 14:32:07.5, or +2s, -1m (Enter)"
                                          : "The moment that is shown (Ctrl G); type 14:32, +2s, -1m");
    x = field.right() + context.px(6);
    x = p.text(p.f().small, x, area.y, area.h, p.c().t3, "of") + context.px(6);
    const bool live = context.session.source != Source::Replay;
    x = p.text(p.f().mono, x, area.y, area.h, live ? p.c().live : p.c().t2,
               live ? clock_s(wall(playhead.last)) : clock_ms(wall(playhead.last)));
    if (live) x = p.text(p.f().small, x + context.px(4), area.y, area.h, p.c().live, "live");
    return x + context.px(14);
}

} // namespace

// What has no room is left out, the least needed first; keys do it all the same.
void Timeline::transport(Context& context, const Rect& area) {
    const Painter p(context.theme);
    const float right = area.right() - context.px(16);
    float x = area.x + context.px(14);
    if (!context.layout.narrow) {
        p.put(p.f().small_bold, x, area.y, area.h, p.c().t1, "Timeline");
        x = area.x + context.px(148);
    }
    x = buttons(context, x, area);

    // From the right: the way back, and the bookmark.
    float end = right;
    if (looks_back(context)) {
        static constexpr Icon follow_icon = Icon::Follow;
        const ButtonOptions back{ButtonKind::Quiet, true, &follow_icon, p.c().live};
        end -= button_width(context, "Back to live", back);
        float at = end;
        if (button(context, "transport/live", at, area.y, area.h, "Back to live", back)) show_end(context);
        end -= context.px(8);
    }
    if (context.ui.brush) end = chosen_range(context, area, end) - context.px(12);
    const ButtonOptions quiet{ButtonKind::Quiet, true, nullptr, p.c().t2};
    const float bookmark = button_width(context, "Bookmark", quiet) + keycap_width(context, "M") + context.px(12);
    const auto items = speed_items();
    const float speed = segment_width(context, items, true) + context.px(12);
    const float step = segment_width(context, steps, true) + context.px(12);
    const float time = context.px(104 + 6 + 110 + 40);
    float room = end - x - time;

    if (room >= speed) {
        const int chosen = chosen_speed(context.ui.transport.speed);
        const int clicked = segment(context, "transport/speed", x, area.y, area.h, items, chosen, true);
        if (clicked >= 0) {
            context.ui.transport.speed = speeds[static_cast<std::size_t>(clicked)].times;
            if (context.playhead->playing) context.session.playhead->play(context.ui.transport.speed);
        }
        x += speed;
        room -= speed;
    }
    x = moment(context, x, area);
    if (room >= step) {
        const int chosen = static_cast<int>(context.ui.transport.step);
        const int clicked = segment(context, "transport/step", x, area.y, area.h, steps, chosen, true);
        if (clicked >= 0) context.ui.transport.step = static_cast<PlayheadStep>(clicked);
        room -= step;
    }
    if (room >= bookmark) {
        keycap(context, end - keycap_width(context, "M"), area.y, area.h, "M");
        float at = end - keycap_width(context, "M") - context.px(6) - button_width(context, "Bookmark", quiet);
        if (button(context, "transport/bookmark", at, area.y, area.h, "Bookmark", quiet)) add_bookmark(context);
    }
}

} // namespace fhirscope::gui
