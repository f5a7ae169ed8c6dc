#include "gui/frame/timeline/timeline.hpp"

#include "diagnosis/incident_text.hpp"
#include "gui/base/format.hpp"
#include "gui/frame/colors.hpp"
#include "gui/frame/incident_links.hpp"
#include "gui/frame/playhead.hpp"
#include "gui/frame/selection.hpp"
#include "gui/frame/timeline/timeline_zoom.hpp"
#include "gui/model/conflicts/conflict_text.hpp"
#include "gui/model/incidents/incident_words.hpp"
#include "gui/model/labels.hpp"
#include "gui/model/playhead.hpp"
#include "gui/ui/widgets.hpp"
#include "words/words.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace fhirscope::gui {

namespace {

using std::chrono::seconds;

// Steps of the axis that people read easily.
constexpr std::array<int, 14> tick_steps = {1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200};

ImU32 phase_color(const Palette& c, engine::Phase phase) {
    switch (phase) {
        case engine::Phase::Live:
            return c.live;
        case engine::Phase::CatchingUp:
            return c.s2;
        case engine::Phase::Opening:
        case engine::Phase::Binding:
            return c.s1;
        case engine::Phase::BackingOff:
            return c.attm;
        case engine::Phase::LoginEnded:
            return c.err;
        case engine::Phase::Idle:
        case engine::Phase::Closed:
            return c.line2;
    }
    return c.line2;
}

} // namespace

// Where things stand in the strip; times to pixels and back.
struct Timeline::Place {
    Rect chart;
    TimeRange range;

    float x(LocalTime time) const {
        const double share =
            std::chrono::duration<double>(time - range.begin) / std::chrono::duration<double>(range.end - range.begin);
        return chart.x + static_cast<float>(share * chart.w);
    }
    LocalTime time(float at) const {
        const double share = std::clamp((static_cast<double>(at) - chart.x) / chart.w, 0.0, 1.0);
        const std::chrono::duration<double, std::micro> offset = (range.end - range.begin) * share;
        return range.begin + std::chrono::duration_cast<std::chrono::microseconds>(offset);
    }
};

// A click on a marker opens what it stands for.
void Timeline::open(Context& context, const Pointed& pointed) const {
    if (pointed.marker != nullptr && pointed.marker->conflict != 0) {
        select_conflict(context, pointed.marker->conflict);
        open_inspector(context);
        // The view of conflicts shows it itself.
        context.ui.inspector.overlay = context.ui.inspector.overlay && context.ui.view != ViewId::Conflicts;
    } else if (pointed.marker != nullptr) {
        const diagnosis::Link event{diagnosis::Link::Kind::Event, pointed.marker->event, {}};
        if (const diagnosis::IncidentPtr incident = incident_with(context, event)) open_incident(context, *incident);
    } else if (pointed.stretch != nullptr) {
        open_incident(context, *pointed.stretch->incident);
    }
}

void Timeline::brush(Context& context, const Place& place, const Pointed& pointed) {
    UiState& ui = context.ui;
    const Hit state = hit(context, "timeline/chart", place.chart);
    const ImGuiIO& io = ImGui::GetIO();
    const float near = context.px(5);
    const auto near_edge = [&](LocalTime time) { return std::fabs(place.x(time) - io.MousePos.x) <= near; };
    if (state.hovered && ui.brush && (near_edge(ui.brush->begin) || near_edge(ui.brush->end)))
        ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeEW);
    pan_and_zoom(context, place, state.hovered);
    if (state.held && drag_ == Drag::None) {
        const bool on_head = shows_moment(context) && near_edge(context.playhead->at);
        if (on_head || (context.session.source == Source::Replay && context.playhead != nullptr && !io.KeyShift &&
                        pointed.marker == nullptr && pointed.stretch == nullptr)) {
            drag_ = Drag::Playhead;
        } else if (io.KeyShift && context.session.source == Source::Replay && context.playhead != nullptr) {
            drag_ = Drag::Fresh;
            anchor_ = place.time(io.MouseClickedPos[0].x);
        } else if (io.KeyShift) {
            drag_ = Drag::Pan;
            panned_from_ = place.range;
        } else if (ui.brush && near_edge(ui.brush->begin)) {
            drag_ = Drag::Begin;
        } else if (ui.brush && near_edge(ui.brush->end)) {
            drag_ = Drag::End;
        } else {
            drag_ = Drag::Fresh;
            anchor_ = place.time(io.MouseClickedPos[0].x);
        }
    }
    if (!state.held) {
        const bool panned = drag_ == Drag::Pan || drag_ == Drag::Playhead;
        drag_ = Drag::None;
        if (!panned && state.clicked && std::fabs(io.MousePos.x - io.MouseClickedPos[0].x) < context.px(3)) {
            if (pointed.marker != nullptr || pointed.stretch != nullptr)
                open(context, pointed);
            else
                ui.brush.reset();
        }
        return;
    }
    const LocalTime at = place.time(io.MousePos.x);
    constexpr auto shortest_brush = std::chrono::milliseconds(100);
    switch (drag_) {
        case Drag::Fresh:
            if (std::fabs(io.MousePos.x - io.MouseClickedPos[0].x) >= context.px(3))
                ui.brush = TimeRange{std::min(anchor_, at), std::max(anchor_, at)};
            break;
        case Drag::Begin:
            if (ui.brush) ui.brush->begin = std::min(at, ui.brush->end - shortest_brush);
            break;
        case Drag::End:
            if (ui.brush) ui.brush->end = std::max(at, ui.brush->begin + shortest_brush);
            break;
        case Drag::Pan:
            pan(context, place, io.MousePos.x - io.MouseClickedPos[0].x);
            break;
        case Drag::Playhead:
            if (context.playhead->at != at) context.session.playhead->seek(at);
            break;
        case Drag::None:
            break;
    }
}

void Timeline::pan(Context& context, const Place& place, float dragged) {
    const double share = static_cast<double>(dragged) / static_cast<double>(place.chart.w);
    end_timeline_at(context, panned_from_.end - std::chrono::duration_cast<LocalTime::duration>(
                                                    (panned_from_.end - panned_from_.begin) * share));
}

// The wheel zooms about the mouse, with Shift (or sideways) it moves; the middle button drags the strip.
void Timeline::pan_and_zoom(Context& context, const Place& place, bool hovered) {
    const ImGuiIO& io = ImGui::GetIO();
    if (hovered && (io.MouseWheelH != 0 || (io.KeyShift && io.MouseWheel != 0))) {
        move_timeline(context, -0.1 * static_cast<double>(io.MouseWheelH != 0 ? io.MouseWheelH : io.MouseWheel));
    } else if (hovered && io.MouseWheel != 0) {
        // Near its end it goes on following.
        const bool at_end = timeline_follows(context.ui) && io.MousePos.x > place.chart.right() - 0.1F * place.chart.w;
        zoom_timeline(context, std::pow(0.8, static_cast<double>(io.MouseWheel)),
                      at_end ? place.range.end : place.time(io.MousePos.x));
    }
    if (hovered && ImGui::IsMouseClicked(ImGuiMouseButton_Middle)) {
        panning_ = true;
        panned_from_ = place.range;
    }
    panning_ = panning_ && ImGui::IsMouseDown(ImGuiMouseButton_Middle);
    if (panning_) pan(context, place, io.MousePos.x - io.MouseClickedPos[ImGuiMouseButton_Middle].x);
}

void Timeline::lanes(Context& context, const Rect& area, bool merged) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto px = [&](float v) { return context.px(v); };
    const float left = merged ? px(40) : px(148);
    Place place{{area.x + left, area.y, area.w - left - px(merged ? 12 : 16), area.h}, timeline_range(context)};
    const std::size_t columns = static_cast<std::size_t>(std::max(1.0F, place.chart.w / px(3)));
    const std::size_t room = static_cast<std::size_t>(std::max(1.0F, (area.h + px(24) - px(80)) / px(15)));
    data_.update(*context.whole, context.whole_findings, place.range, columns, room);
    if (place.chart.w < px(60)) return;

    // Heights as in the guide: axis 14, connection lane 5, lanes of 15, markers 15.
    const float top = area.y + (merged ? px(8) : px(14));
    const float connection_y = area.y + (merged ? px(23) : px(21));
    const float first_lane = area.y + px(merged ? 26 : 34);
    const std::size_t lane_count = merged ? 1 : data_.lanes().size();
    const float lane_h = merged ? px(26) : px(15);
    const float markers_y = merged ? area.y + px(60) : first_lane + static_cast<float>(lane_count) * lane_h + px(7);
    const float bottom = markers_y + px(merged ? 6 : 7);

    if (context.ui.brush) {
        const float x0 = std::max(place.x(context.ui.brush->begin), place.chart.x);
        const float x1 = std::min(place.x(context.ui.brush->end), place.chart.right());
        p.fill(Rect{x0, area.y + px(2), x1 - x0, bottom - area.y}, c.sel);
    }

    // The time of the incident that the diagnosis shows
    for (const TimelineStretch& stretch : data_.stretches()) {
        if (context.ui.view != ViewId::Diagnosis || stretch.incident->number != context.ui.diagnosis.incident) continue;
        const float x0 = place.x(stretch.begin);
        const float x1 = std::max(x0 + px(2), place.x(stretch.end));
        p.fill(Rect{x0, top, x1 - x0, bottom - top}, severity_tint(c, stretch.incident->severity));
    }

    // Axis
    const double span = std::chrono::duration<double>(place.range.end - place.range.begin).count();
    const double least = span * px(merged ? 90 : 105) / place.chart.w;
    int step = tick_steps.back();
    for (const int candidate : tick_steps) {
        if (candidate >= least) {
            step = candidate;
            break;
        }
    }
    const std::int64_t begin = place.range.begin.time_since_epoch() / seconds(1);
    const std::int64_t end = place.range.end.time_since_epoch() / seconds(1);
    for (std::int64_t t = (begin / step + 1) * step; t <= end; t += step) {
        const LocalTime at{seconds(t)};
        const float x = snap(place.x(at));
        p.vline(x, top, bottom, c.line);
        const ShortText label = merged && step >= 60 ? clock_m(wall(at)) : clock_s(wall(at));
        const float label_right = x + px(4) + Painter::width(p.f().axis, label);
        if (label_right < place.chart.right() - px(8))
            p.put(p.f().axis, x + px(4), area.y + (merged ? px(9) : px(0)), px(14), c.t4, label);
    }

    // What lies behind the playhead is there, and not shown by any view.
    const float head = shows_moment(context) ? place.x(context.playhead->at) : place.chart.right() + 1;

    // Connection
    for (const TimelineSegment& segment : data_.segments()) {
        const float x0 = place.x(segment.begin);
        const float x1 = std::max(x0 + px(1.5F), place.x(segment.end) - px(1));
        const float cut = std::clamp(head, x0, x1);
        p.fill(Rect{x0, connection_y, cut - x0, px(5)}, phase_color(c, segment.phase));
        p.fill(Rect{cut, connection_y, x1 - cut, px(5)}, c.line3);
        if (segment.after_failure && x0 < head) p.fill(Rect{x0, connection_y, px(3), px(5)}, c.err);
    }

    // Subscriptions: the height says how a column stands to its lane's own mean, so lanes compare by shape.
    const auto draw_lane = [&](const TimelineLane& lane, float base, float most) {
        const float unit = most * 4.6F / 11.0F;
        const auto bars = static_cast<int>(
            std::count_if(lane.counts.begin(), lane.counts.end(), [](std::uint32_t count) { return count > 0; }));
        // All bars of a lane in one reservation: they are most of the strip's rectangles.
        p.list().PrimReserve(bars * 6, bars * 4);
        for (std::size_t i = 0; i < lane.counts.size(); ++i) {
            if (lane.counts[i] == 0) continue;
            const auto share = static_cast<float>(lane.counts[i] / std::max(lane.mean, 1e-9));
            const float h = std::max(px(1), snap(std::min(most, px(1.5F) + unit * share)));
            const float x = place.chart.x + static_cast<float>(i) * px(3);
            p.list().PrimRect(ImVec2(x, base - h), ImVec2(x + px(2), base), x < head ? c.s2 : c.line3);
        }
    };
    if (merged) {
        draw_lane(data_.merged(), area.y + px(52), px(20));
    } else {
        const bool beats = span <= 1300;
        for (std::size_t i = 0; i < lane_count; ++i) {
            const float y = first_lane + static_cast<float>(i) * lane_h;
            const float base = y + px(11);
            draw_lane(data_.lanes()[i], base, px(11));
            const bool rest = i + 1 == lane_count && context.whole->subscriptions.size() > lane_count;
            const engine::SubscriptionView& subscription = context.whole->subscriptions[i];
            if (beats) {
                for (const LocalTime beat : subscription.heartbeats)
                    if (beat >= place.range.begin && beat < place.range.end)
                        p.fill(Rect{snap(place.x(beat)), base + px(1), px(1), px(3)}, c.t3);
            }
            const std::string more =
                rest ? std::to_string(context.whole->subscriptions.size() - lane_count + 1) + " more" : "";
            const ShortText amount = rate(data_.lanes()[i].rate);
            const float rate_x = p.text_right(p.f().mono_small, area.x + px(136), y, lane_h, c.t4, amount);
            p.text_cut(p.f().small, area.x + px(14), rate_x - px(6), y, lane_h, c.t3, rest ? more : subscription.name);
        }
        const float connection_row = area.y + px(16);
        const std::string phase = uncapitalised(engine::to_string(context.snapshot.connection.phase));
        const float phase_x = p.text_right(p.f().mono_small, area.x + px(136), connection_row, px(15), c.t4, phase);
        p.text_cut(p.f().small, area.x + px(14), phase_x - px(6), connection_row, px(15), c.t3, "Connection");
        p.put(p.f().small, area.x + px(14), markers_y - px(7), px(15), c.t3, "Markers");
        p.text_right(p.f().mono_small, area.x + px(136), markers_y - px(7), px(15), c.t4,
                     number(static_cast<std::int64_t>(data_.markers().size() + data_.stretches().size())));
    }

    // Markers
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    Pointed pointed;
    stretches(context, place, markers_y, pointed);
    for (const TimelineMarker& marker : data_.markers()) {
        const ImVec2 center(place.x(marker.at), markers_y);
        draw_marker(p.list(), context.theme, marker.mark, center);
        if (std::fabs(mouse.x - center.x) < px(6) && std::fabs(mouse.y - center.y) < px(8)) pointed.marker = &marker;
        if (context.targets != nullptr && marker.conflict != 0) {
            context.target("timeline/conflict/" + std::to_string(marker.conflict),
                           Rect{center.x - px(4), center.y - px(4), px(8), px(8)});
        }
    }

    bookmarks(context, place, markers_y);

    // Brush edges and the playhead
    if (context.ui.brush) {
        for (const LocalTime edge : {context.ui.brush->begin, context.ui.brush->end}) {
            const float x = snap(place.x(edge));
            if (x >= place.chart.x && x <= place.chart.right()) {
                p.vline(x, area.y + px(2), bottom + px(2), c.t1);
                const float middle = (area.y + bottom) / 2;
                p.fill(Rect{x - px(2), middle - px(8), px(5), px(16)}, c.t1, px(1));
            }
        }
    }
    place.chart.h = bottom - place.chart.y + px(4);
    playhead(context, place, bottom);
    brush(context, place, pointed);
    if (drag_ == Drag::None) tell(context, pointed);
}

// Incidents: a tinted stretch with a mark where it began, and a tick where all was well again.
void Timeline::stretches(const Context& context, const Place& place, float y, Pointed& pointed) const {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto px = [&](float v) { return context.px(v); };
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    for (const TimelineStretch& stretch : data_.stretches()) {
        const diagnosis::Incident& incident = *stretch.incident;
        const float x0 = place.x(stretch.begin);
        const float x1 = std::max(x0 + px(1), place.x(stretch.end));
        p.fill(Rect{x0, y - px(6), x1 - x0, px(12)}, severity_tint(c, incident.severity));
        p.hline(x0, x1, y, severity_color(c, incident.severity));
        const Rect box{x0 - px(5), y - px(8), x1 - x0 + px(10), px(16)};
        if (box.contains(mouse)) pointed.stretch = &stretch;
        context.target("timeline/incident/" + std::to_string(incident.number), box);
    }
    // Over the stretches of others.
    for (const TimelineStretch& stretch : data_.stretches()) {
        const float x0 = place.x(stretch.begin);
        const float x1 = place.x(stretch.end);
        const bool good = stretch.incident->state == diagnosis::IncidentState::Repaired;
        if (stretch.ends && good && x1 - x0 >= px(12)) draw_marker(p.list(), context.theme, Mark::Ok, ImVec2(x1, y));
        if (stretch.begins)
            draw_marker(p.list(), context.theme, severity_mark(stretch.incident->severity), ImVec2(x0, y));
    }
}

void Timeline::tell(Context& context, const Pointed& pointed) const {
    if (pointed.marker != nullptr && pointed.marker->conflict != 0) {
        const auto conflict = find_conflict(*context.whole, pointed.marker->conflict);
        if (!conflict) return;
        ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
        tooltip(context, std::string(clock_ms(wall(conflict->at)).view()) + "  " +
                             std::string(to_string(conflict->kind)) + ", " + short_reference(conflict->reference) +
                             ", " + outcome_text(*conflict));
    } else if (pointed.marker != nullptr) {
        if (!context.whole->events.contains(pointed.marker->event)) return;
        const engine::Event& event = context.whole->events[pointed.marker->event];
        std::string text(clock_ms(wall(event.at)).view());
        text.append("  ").append(words::text(event));
        tooltip(context, text);
    } else if (pointed.stretch != nullptr) {
        const diagnosis::Incident& incident = *pointed.stretch->incident;
        std::string text(clock_s(wall(incident.from)).view());
        text.append(" – ").append(incident.open() ? "now" : clock_s(wall(incident.to)).view());
        text.append("  ").append(incident.headline).append(", ").append(diagnosis::state_text(incident.state));
        ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
        tooltip(context, text);
    }
}

void Timeline::bookmarks(Context& context, const Place& place, float y) {
    if (context.playhead == nullptr) return;
    const Painter p(context.theme);
    for (const Bookmark& bookmark : context.playhead->bookmarks) {
        const float x = snap(place.x(bookmark.at));
        if (x < place.chart.x || x > place.chart.right()) continue;
        const Rect flag{x, y - context.px(6), context.px(8), context.px(6)};
        p.vline(x, flag.y, y + context.px(6), p.c().t2);
        p.fill(flag, p.c().t2);
        const Rect box{x - context.px(3), y - context.px(7), context.px(14), context.px(14)};
        const Hit state = hit(context, "timeline/bookmark/" + std::to_string(bookmark.number), box, Overlap::Yes);
        if (state.hovered)
            tooltip(context, std::string(clock_ms(wall(bookmark.at)).view()) + "  " +
                                 (bookmark.text.empty() ? "Bookmark" : bookmark.text));
        if (state.clicked) context.session.playhead->seek(bookmark.at);
    }
}

void Timeline::playhead(const Context& context, const Place& place, float bottom) const {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto px = [&](float v) { return context.px(v); };
    const bool moment = shows_moment(context);
    if (!moment && context.ui.timeline.end) return; // now is beyond the right end
    const float head = snap(moment ? place.x(context.playhead->at) : place.chart.right());
    if (head < place.chart.x || head > place.chart.right() + 1) return;
    const ImU32 head_color = moment || context.ui.paused || context.session.source == Source::Replay ? c.t1 : c.live;
    p.vline(head, place.chart.y + px(2), bottom + px(2), head_color);
    const ImVec2 arrow[] = {{head - px(5) + 0.5F, place.chart.y + px(1)},
                            {head + px(5) + 0.5F, place.chart.y + px(1)},
                            {head + 0.5F, place.chart.y + px(7)}};
    p.list().AddConvexPolyFilled(arrow, 3, head_color);
    context.target("timeline/playhead", Rect{head - px(5), place.chart.y, px(10), px(8)});
}

void Timeline::draw(Context& context, const Rect& area) {
    const Painter p(context.theme);
    p.hline(area.x, area.right(), area.y, p.c().line);
    if (context.layout.low) {
        lanes(context, area, true);
        if (shows_moment(context)) return;
        const Icon icon = context.ui.paused ? Icon::Play : Icon::Follow;
        const Rect follow{area.x + context.px(8), area.y + context.px(30), context.px(24), context.px(24)};
        const Hit state = hit(context, "timeline/follow", follow);
        p.icon(icon, follow.x + context.px(4), follow.y, follow.h, context.ui.paused ? p.c().t1 : p.c().live);
        if (state.hovered) tooltip(context, context.ui.paused ? "Go on (Space)" : "Pause (Space)");
        if (state.clicked) context.ui.paused = !context.ui.paused;
    } else {
        Rect rest = area;
        const Rect head = rest.take_top(context.px(24));
        lanes(context, rest, false);
        shows_moment(context) ? transport(context, head) : header(context, head);
    }
}

} // namespace fhirscope::gui
