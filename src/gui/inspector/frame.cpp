// The inspector of one frame of the socket.

#include "gui/base/format.hpp"
#include "gui/frame/incident_links.hpp"
#include "gui/frame/selection.hpp"
#include "gui/inspector/inspector.hpp"
#include "gui/model/labels.hpp"
#include "gui/ui/widgets.hpp"
#include "words/words.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace fhirscope::gui {

namespace {

constexpr std::array<InspectorTabItem, 2> frame_tabs = {
    {{InspectorTab::Json, "pretty", "Pretty"}, {InspectorTab::Raw, "raw", "Raw"}}};

} // namespace

// Rows are in the order in which they left the queue, so those of a frame are near the place where it arrived. Its own
// may still wait there: later frames of the window look at what has come since.
void FrameInspector::look_for_update(const engine::Snapshot& snapshot, std::uint64_t frame) {
    constexpr std::uint64_t far = 8192;
    const std::uint64_t end = snapshot.updates.end();
    if (looked_for_ != frame || looked_until_ > end) { // a recording can go back
        looked_for_ = frame;
        looked_until_ = 0;
        carried_.reset();
    }
    if (carried_ || looked_until_ == end) return;
    const std::uint64_t from = first_update_at(snapshot, snapshot.frames[frame].at - std::chrono::seconds(1));
    for (std::uint64_t n = std::max(from, looked_until_); !carried_ && n < end && n - from < far; ++n)
        if (snapshot.updates[n].frame == frame) carried_ = n;
    looked_until_ = end;
}

void FrameInspector::draw(Context& context, Rect area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const std::uint64_t number_of = context.ui.selection.number;
    ShortText id("#");
    id.append(number(static_cast<std::int64_t>(number_of)));
    if (!context.snapshot.frames.contains(number_of)) {
        inspector_id_line(context, area, "Frame", id, {}, moment_of_selection(context));
        area.take_top(context.px(6));
        p.put(p.f().body, area.x + context.px(14), area.y, context.px(20), c.t3,
              number_of < context.snapshot.frames.end() ? "It has left the log."
                                                        : "It comes after the moment that is shown.");
        return;
    }
    const engine::FrameRow& frame = context.snapshot.frames[number_of];
    inspector_id_line(context, area, "Frame", id, frame.text ? std::string_view(*frame.text) : std::string_view(),
                      frame.at);
    std::string title = capitalised(engine::to_string(frame.kind));
    const std::string_view subscription = subscription_of(context.snapshot, frame.subscription);
    if (!subscription.empty()) title.append(", ").append(subscription);
    inspector_title(context, area, {}, title);
    inspector_incident(context, area, incident_with(context, {diagnosis::Link::Kind::Frame, number_of, {}}));
    area.take_top(context.px(2));
    const Rect line = area.take_top(context.px(24));
    float x = line.x + context.px(14);
    look_for_update(context.snapshot, number_of);
    if (carried_ && context.snapshot.updates.contains(*carried_)) {
        const engine::UpdateRow& row = context.snapshot.updates[*carried_];
        x = p.mark(outcome_mark(row.outcome), x, line.y, line.h) + context.px(6);
        x = p.text(p.f().body, x, line.y, line.h, c.t2, engine::to_string(row.outcome));
        x = p.text(p.f().body, x + context.px(6), line.y, line.h, c.t3, "as update") + context.px(6);
        const ShortText update = number(static_cast<std::int64_t>(*carried_));
        const float w = Painter::width(p.f().mono, update);
        const Hit link = hit(context, "inspector/update", Rect{x, line.y, w, line.h});
        p.put(p.f().mono, x, line.y, line.h, c.t1, update);
        p.hline(x, x + w, line.bottom() - context.px(5), link.hovered ? c.t1 : c.line3);
        if (link.hovered) ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
        if (link.clicked) {
            select_update(context, *carried_);
            context.ui.inspector.tab = InspectorTab::Trace;
            return;
        }
    } else {
        ShortText what(frame.outgoing ? "sent " : "received ");
        x = p.text(p.f().body, x, line.y, line.h, c.t3, what.append(clock_ms(wall(frame.at)).view()));
        ShortText size(", ");
        p.put(p.f().body, x, line.y, line.h, c.t3, size.append(bytes(frame.size)));
    }
    inspector_tabs(context, area, frame_tabs);
    if (!frame.text) {
        const bool has_text = frame.kind != engine::FrameKind::Open && frame.kind != engine::FrameKind::Close;
        p.put(p.f().body, area.x + context.px(14), area.y + context.px(10), context.px(20), c.t3,
              frame.why  ? words::text(*frame.why)
              : has_text ? "Its text was given up for the memory bound."
                         : "It carries no text.");
        return;
    }
    if (context.ui.inspector.tab == InspectorTab::Raw) {
        raw_.show(frame.text, *frame.text, false);
        raw_.draw(context, "inspector/raw", area);
    } else {
        pretty_.show(frame.text, *frame.text, true);
        pretty_.draw(context, "inspector/pretty", area);
    }
}

} // namespace fhirscope::gui
