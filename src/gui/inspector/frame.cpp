// The inspector of one frame of the socket.

#include "gui/base/format.hpp"
#include "gui/frame/selection.hpp"
#include "gui/inspector/inspector.hpp"
#include "gui/model/labels.hpp"
#include "gui/ui/widgets.hpp"
#include "words/words.hpp"

#include <array>
#include <string>

namespace fhirscope::gui {

namespace {

constexpr std::array<InspectorTabItem, 2> frame_tabs = {
    {{InspectorTab::Json, "pretty", "Pretty"}, {InspectorTab::Raw, "raw", "Raw"}}};

// Rows are in the order in which they left the queue, so those of a frame are near the place where it arrived.
std::vector<std::uint64_t> updates_of(const engine::Snapshot& snapshot, std::uint64_t frame) {
    constexpr std::uint64_t far = 8192;
    std::vector<std::uint64_t> found;
    const std::uint64_t from = first_update_at(snapshot, snapshot.frames[frame].at - std::chrono::seconds(1));
    for (std::uint64_t n = from; n < snapshot.updates.end() && n - from < far; ++n)
        if (snapshot.updates[n].frame == frame) found.push_back(n);
    return found;
}

} // namespace

void FrameInspector::draw(Context& context, Rect area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const std::uint64_t number_of = context.ui.selection.number;
    ShortText id("#");
    id.append(number(static_cast<std::int64_t>(number_of)));
    if (!context.snapshot.frames.contains(number_of)) {
        inspector_id_line(context, area, "Frame", id, {});
        area.take_top(context.px(6));
        p.put(p.f().body, area.x + context.px(14), area.y, context.px(20), c.t3, "It has left the log.");
        return;
    }
    const engine::FrameRow& frame = context.snapshot.frames[number_of];
    inspector_id_line(context, area, "Frame", id, frame.text ? std::string_view(*frame.text) : std::string_view());
    std::string title(engine::to_string(frame.kind));
    title[0] = static_cast<char>(title[0] - 'a' + 'A');
    const std::string_view subscription = subscription_of(context.snapshot, frame.subscription);
    if (!subscription.empty()) title.append(", ").append(subscription);
    inspector_title(context, area, {}, title);
    area.take_top(context.px(2));
    const Rect line = area.take_top(context.px(24));
    float x = line.x + context.px(14);
    if (carried_of_ != number_of || (carried_.empty() && frame.kind == engine::FrameKind::Event)) {
        carried_of_ = number_of;
        carried_ = updates_of(context.snapshot, number_of);
    }
    if (!carried_.empty() && context.snapshot.updates.contains(carried_.front())) {
        const engine::UpdateRow& row = context.snapshot.updates[carried_.front()];
        x = p.mark(outcome_mark(row.outcome), x, line.y, line.h) + context.px(6);
        x = p.text(p.f().body, x, line.y, line.h, c.t2, engine::to_string(row.outcome));
        x = p.text(p.f().body, x + context.px(6), line.y, line.h, c.t3, "as update") + context.px(6);
        const ShortText update = number(static_cast<std::int64_t>(carried_.front()));
        const float w = Painter::width(p.f().mono, update);
        const Hit link = hit(context, "inspector/update", Rect{x, line.y, w, line.h});
        p.put(p.f().mono, x, line.y, line.h, c.t1, update);
        p.hline(x, x + w, line.bottom() - context.px(5), link.hovered ? c.t1 : c.line3);
        if (link.hovered) ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
        if (link.clicked) {
            select_update(context, carried_.front());
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
