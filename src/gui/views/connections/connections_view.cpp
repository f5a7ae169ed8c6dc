#include "gui/views/connections/connections_view.hpp"

#include "gui/base/format.hpp"
#include "gui/frame/incident_links.hpp"
#include "gui/model/labels.hpp"
#include "gui/model/renew.hpp"
#include "gui/ui/widgets.hpp"
#include "gui/views/connections/state_diagram.hpp"
#include "words/words.hpp"

#include <algorithm>
#include <array>

namespace fhirscope::gui {

using engine::Phase;

void ConnectionsView::header(Context& context, Rect& area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const Rect row = area.take_top(context.px(40));
    p.hline(row.x, row.right(), row.bottom() - context.px(1), c.line);
    const engine::ConnectionView& connection = context.snapshot.connection;
    float right = row.right() - context.px(12);
    // What is replayed or observed cannot be commanded.
    if (can_send(context)) {
        const ButtonOptions quiet{ButtonKind::Quiet, false, nullptr, 0};
        const bool up = connection.phase != Phase::Idle && connection.phase != Phase::Closed;
        if (up) {
            float x = right - button_width(context, "Disconnect", quiet);
            right = x - context.px(6);
            if (button(context, "connections/disconnect", x, row.y, row.h, "Disconnect", quiet))
                context.send(engine::Disconnect{});
        }
        const bool open = connection.phase == Phase::Live || connection.phase == Phase::Binding ||
                          connection.phase == Phase::CatchingUp;
        if (open) {
            float x = right - button_width(context, "Drop the socket", quiet);
            right = x - context.px(6);
            if (button(context, "connections/drop", x, row.y, row.h, "Drop the socket", quiet))
                context.send(engine::DropSocket{});
        }
        const std::string_view label = up ? "Reconnect" : "Connect";
        float x = right - button_width(context, label);
        right = x - context.px(10);
        if (button(context, "connections/connect", x, row.y, row.h, label)) context.send(engine::Connect{});
    }
    float x = row.x + context.px(16);
    x = p.text(p.f().bold, x, row.y, row.h, c.t1, "Connections") + context.px(10);
    p.text_cut(p.f().mono, x, right, row.y, row.h, c.t3,
               connection.socket_url.empty() ? connection.base_url : connection.socket_url);
}

void ConnectionsView::state(Context& context, Rect area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const engine::ConnectionView& connection = context.snapshot.connection;
    const Rect row = area.take_top(context.px(30));
    float x = section_title(context, row, context.px(16), "State") + context.px(10);
    const bool live = connection.phase == Phase::Live;
    const bool waiting = connection.phase == Phase::BackingOff;
    x = p.mark(live ? Mark::Live : waiting ? Mark::Attention : Mark::Idle, x, row.y, row.h) + context.px(6);
    x = p.text(p.f().body, x, row.y, row.h,
               live      ? c.live
               : waiting ? c.att
                         : c.t2,
               engine::to_string(connection.phase)) +
        context.px(10);
    if (connection.since != LocalTime{})
        x = p.text(p.f().mono, x, row.y, row.h, c.t3, age(context.now - connection.since, AgeUnits::Two));
    if (const diagnosis::IncidentPtr incident = connection_incident(context)) {
        const float begin = x + context.px(12);
        x = p.mark(severity_mark(incident->severity), begin, row.y, row.h) + context.px(6);
        x = p.text_cut(p.f().body, x, row.right() - context.px(200), row.y, row.h, c.t2, incident->headline);
        x = p.icon(Icon::ChevronRight, x + context.px(2), row.y, row.h, c.t4);
        const Hit state = hit(context, "connections/incident", Rect{begin, row.y, x - begin, row.h});
        if (state.hovered) ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
        if (state.clicked) open_incident(context, *incident);
    }
    if (context.ui.brush) {
        const auto then = phase_at(connection, context.ui.brush->end);
        std::string text(then ? engine::to_string(*then) : "not known");
        text.append(" at ").append(clock_s(wall(context.ui.brush->end)).view());
        x = tag(context, x + context.px(10), row.y, row.h, text);
    }
    ShortText opens = number(static_cast<std::int64_t>(context.snapshot.metrics.counters.opens));
    opens.append(context.snapshot.metrics.counters.opens == 1 ? " open in this session" : " opens in this session");
    if (row.right() - x > context.px(160))
        p.text_right(p.f().small, row.right() - context.px(12), row.y, row.h, c.t3, opens);
    if (narrow_) {
        const auto& transitions = connection.transitions;
        if (!transitions.empty()) {
            std::string what(clock_ms(wall(transitions.back().at)).view());
            what.append("  ")
                .append(engine::to_string(transitions.back().from))
                .append(" → ")
                .append(engine::to_string(transitions.back().to));
            if (!transitions.back().reason.empty()) what.append(", ").append(words::text(transitions.back().reason));
            p.text_cut(p.f().small, area.x + context.px(16), area.right() - context.px(12), area.y, context.px(18),
                       c.t3, what);
        }
        return;
    }
    draw_state_diagram(context, area);
}

void ConnectionsView::attempts(Context& context, Rect area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto& all = context.snapshot.connection.attempts;
    const AttemptRun run = last_run(all);
    const Rect row = area.take_top(context.px(30));
    ShortText took;
    if (run.end > run.begin && all[run.end - 1].ended != LocalTime{}) {
        const LocalTime begin =
            all[run.begin].wait_began != LocalTime{} ? all[run.begin].wait_began : all[run.begin].began;
        took = duration_detail(all[run.end - 1].ended - begin);
    }
    section_title(context, row, context.px(16), run.begin == 0 && run.end <= 1 ? "Connect" : "Last reconnect", took);
    if (run.end > run.begin) {
        p.text_right(p.f().mono_small, row.right() - context.px(12), row.y, row.h, c.t3,
                     clock_ms(wall(all[run.begin].began)));
    }
    draw_attempts(context, area);
    constexpr float height_of_attempts = 190; // what they take
    polling(context, Rect{area.x, area.y + context.px(height_of_attempts), area.w, context.px(18)});
}

// Whether searches stand in for real time, and when they did.
void ConnectionsView::polling(Context& context, const Rect& row) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const engine::ConnectionView& connection = context.snapshot.connection;
    const std::vector<PollingPeriod>& periods = polling_.update(context.snapshot);
    context.target("connections/polling", row);
    float x = row.x + context.px(16);
    if (connection.polling) {
        x = p.mark(Mark::Attention, x, row.y, row.h) + context.px(6);
        ShortText now("Polling every ");
        now.append(duration_list(connection.poll_interval)).append(" for ");
        x = p.text(p.f().small, x, row.y, row.h, c.att,
                   now.append(age(context.now - connection.polling_since, AgeUnits::Two)));
    } else {
        x = p.text(p.f().small, x, row.y, row.h, c.t3, "Polling off");
    }
    if (!periods.empty()) {
        LocalTime::duration all{0};
        for (const PollingPeriod& period : periods)
            all += std::max(period.end.value_or(context.now) - period.begin, LocalTime::duration(0));
        ShortText text(", ");
        text.append(number(static_cast<std::int64_t>(periods.size())));
        text.append(periods.size() == 1 ? " period, " : " periods, ").append(age(all, AgeUnits::Two));
        text.append(" in all, from ").append(clock_s(wall(periods.back().begin)));
        p.text_cut(p.f().small, x, row.right() - context.px(12), row.y, row.h, c.t3, text);
    }
    if (periods.empty() || !context.pointed_at(row)) return;
    std::string list;
    for (const PollingPeriod& period : periods) {
        list += (list.empty() ? "" : "\n") + std::string(clock_s(wall(period.begin)).view()) + " – ";
        list += period.end ? std::string(clock_s(wall(*period.end)).view()) : "now";
        list += ", " + period.reason;
    }
    tooltip(context, list);
}

void ConnectionsView::draw(Context& context, Rect area) {
    narrow_ = context.layout.narrow;
    header(context, area);
    const float subscription_rows =
        static_cast<float>(std::clamp<std::size_t>(context.snapshot.subscriptions.size(), 1, 6));
    const float subscriptions_height = context.px(32 + 22 + 24 * subscription_rows + 8);
    if (narrow_) {
        state(context, area.take_top(context.px(54)));
        subscriptions(context, area.take_top(subscriptions_height));
        const Painter p(context.theme);
        constexpr std::array<SegmentItem, 2> tab_items = {{{"frames", "Frames"}, {"attempts", "Attempts"}}};
        p.hline(area.x, area.right(), area.y, p.c().line);
        const Rect row = area.take_top(context.px(28));
        const int clicked = tabs(context, "connections/tab", row, tab_items, narrow_tab_);
        narrow_tab_ = clicked >= 0 ? clicked : narrow_tab_;
        if (narrow_tab_ == 0) {
            frames_filter(context, Rect{row.x + context.px(180), row.y, row.w - context.px(180), row.h});
            frames(context, area);
        } else {
            attempts(context, area);
        }
        return;
    }
    // Low windows keep room for a few frames before the picture of the states.
    const float rest = area.h - subscriptions_height - context.px(32 + 22 + 20 * 4);
    if (rest >= context.px(240)) {
        Rect top = area.take_top(context.px(240));
        const Painter p(context.theme);
        const Rect right = top.take_right(std::min(context.px(352), top.w * 0.4F));
        p.vline(right.x, right.y, right.bottom(), p.c().line);
        state(context, top);
        attempts(context, right);
    } else {
        state(context, area.take_top(context.px(30)));
    }
    subscriptions(context, area.take_top(subscriptions_height));
    frames(context, area);
}

void ConnectionsView::forget_moment() {
    renew(polling_);
    renew(listed_);
    renew(listing_);
    list_anew_ = true;
    errors_ = errors_to_ = 0;
}

} // namespace fhirscope::gui
