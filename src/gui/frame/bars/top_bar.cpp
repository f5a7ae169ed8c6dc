#include "gui/frame/bars/top_bar.hpp"

#include "gui/base/format.hpp"
#include "gui/frame/incident_links.hpp"
#include "gui/frame/playhead.hpp"
#include "gui/frame/selection.hpp"
#include "gui/model/incidents/incident_words.hpp"
#include "gui/model/labels.hpp"
#include "gui/model/playhead.hpp"
#include "gui/ui/widgets.hpp"
#include "words/words.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace fhirscope::gui {

namespace {

using engine::Phase;

std::string_view host_of(std::string_view url) {
    const std::size_t scheme = url.find("://");
    if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
    return url.substr(0, url.find('/'));
}

std::string_view source_name(Source source) {
    switch (source) {
        case Source::Live:
            return "Live";
        case Source::Demo:
            return "Demo";
        case Source::Replay:
            return "Replay";
    }
    return "";
}

std::size_t count_refused(const engine::Snapshot& snapshot) {
    return static_cast<std::size_t>(std::count_if(
        snapshot.subscriptions.begin(), snapshot.subscriptions.end(),
        [](const auto& subscription) { return subscription.state == engine::SubscriptionState::Refused; }));
}

ShortText next_try(const Context& context) {
    const LocalTime at = context.snapshot.connection.next_attempt;
    ShortText text("next try ");
    return at > context.now ? text.append(age(at - context.now + std::chrono::milliseconds(999))) : text.append("now");
}

// The session itself, while an earlier moment of it is shown: the way back. Returns the x behind it.
float live_goes_on(Context& context, float x, const Rect& bar) {
    const Painter p(context.theme);
    const bool live = context.whole->connection.phase == Phase::Live;
    const float begin = x;
    x = p.mark(live ? Mark::Live : Mark::Attention, x, bar.y, bar.h) + context.px(7);
    x = p.text(p.f().body, x, bar.y, bar.h, p.c().t2, live ? "Live goes on" : "The session goes on");
    x = p.icon(Icon::ChevronRight, x + context.px(2), bar.y, bar.h, p.c().t4);
    const Hit state = hit(context, "top/live", Rect{begin, bar.y + context.px(8), x - begin, context.px(24)});
    if (state.hovered) tooltip(context, "Back to live (End)");
    if (state.clicked) show_end(context);
    return x;
}

// What the recorded state has to say of the one that the replay reached; returns the x behind it.
float as_recorded(Context& context, float x, const Rect& bar, float right) {
    if (context.playhead == nullptr || context.session.source != Source::Replay) return x;
    const Painter p(context.theme);
    const PlayheadStatus& playhead = *context.playhead;
    const bool known = playhead.as_recorded.has_value();
    if (!known && playhead.not_compared.empty()) return x;
    const Mark mark = !known ? Mark::Unknown : *playhead.as_recorded ? Mark::Ok : Mark::Error;
    const std::string_view text = !known                  ? "Not compared with the recorded state"
                                  : *playhead.as_recorded ? "Same state as recorded"
                                                          : "Other state than recorded";
    if (right - x < context.px(120)) return x;
    const float begin = x;
    x = p.mark(mark, x, bar.y, bar.h) + context.px(7);
    x = p.text_cut(p.f().body, x, right, bar.y, bar.h, p.c().t2, text);
    const Hit state = hit(context, "top/recorded", Rect{begin, bar.y + context.px(8), x - begin, context.px(24)});
    if (state.hovered && !playhead.not_compared.empty()) tooltip(context, playhead.not_compared);
    if (state.clicked) context.ui.view = ViewId::Replay;
    return x + context.px(12);
}

// State of the connection in a box; returns the x behind it.
float pill(Context& context, float x, const Rect& bar) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const engine::ConnectionView& connection = context.snapshot.connection;
    Mark mark = Mark::Idle;
    std::string name(engine::to_string(connection.phase));
    ShortText detail;
    ImU32 fill = c.bg2;
    ImU32 color = c.t2;
    switch (connection.phase) {
        case Phase::Live:
            mark = Mark::Live;
            fill = c.tlive;
            color = c.live;
            detail =
                age(context.now - (connection.live_since != LocalTime{} ? connection.live_since : connection.since),
                    AgeUnits::Two);
            if (count_refused(context.snapshot) > 0) {
                mark = Mark::Attention;
                fill = c.tatt;
                color = c.att;
                name = "Partly live";
            }
            break;
        case Phase::CatchingUp:
        case Phase::Binding:
        case Phase::Opening:
            mark = Mark::Checking;
            detail = age(context.now - connection.since, AgeUnits::Two);
            break;
        case Phase::BackingOff:
            mark = Mark::Attention;
            fill = c.tatt;
            color = c.att;
            detail = next_try(context);
            break;
        case Phase::Idle:
            name = "Not connected";
            break;
        case Phase::LoginEnded:
            mark = Mark::Error;
            fill = c.terr;
            color = c.err;
            detail = next_try(context);
            break;
        case Phase::Closed: // nothing is tried until somebody asks for it
            mark = Mark::Error;
            fill = c.terr;
            color = c.err;
            name = "Offline";
            detail = age(context.now - connection.since, AgeUnits::Two);
            break;
    }
    if (connection.polling && connection.phase != Phase::Live) {
        mark = Mark::Attention;
        fill = c.tatt;
        color = c.att;
        name = "Polling";
        detail = ShortText("every ").append(age(connection.poll_interval));
    }
    if (context.session.source == Source::Replay) {
        // What is replayed is not live, whatever state the recording ended in.
        mark = Mark::Idle;
        fill = c.bg2;
        color = c.t2;
        const bool at_end = context.playhead == nullptr || context.playhead->at_end;
        name = (at_end ? "Recorded " : "As of ") + std::string(clock_s(wall(context.now)).view());
        detail = {};
    }
    if (context.looking_back) { // neither live nor wrong
        mark = Mark::Idle;
        fill = c.bg2;
        color = c.t1;
        name = "Looking back";
        detail = age(context.whole->at - context.now, AgeUnits::Two);
    }
    const float w = context.px(8 + 12 + 6 + 8) + Painter::width(p.f().bold, name) +
                    (detail.empty() ? 0 : context.px(6) + Painter::width(p.f().mono, detail));
    const Rect box{snap(x), bar.y + context.px(8), std::ceil(w), context.px(24)};
    p.fill(box, fill, context.px(4));
    float at = p.mark(mark, box.x + context.px(8), box.y, box.h) + context.px(6);
    at = p.text(p.f().bold, at, box.y, box.h, color, name) + context.px(6);
    p.put(p.f().mono, at, box.y, box.h, c.t2, detail);
    const Hit state = hit(context, "top/pill", box);
    context.target("top/pill/" + name, box);
    if (state.hovered && !connection.reason.empty()) tooltip(context, words::text(connection.reason));
    if (state.clicked) context.ui.view = ViewId::Connections;
    return context.looking_back ? live_goes_on(context, box.right() + context.px(12), bar) : box.right();
}

} // namespace

void TopBar::draw(Context& context, const Rect& area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto px = [&](float v) { return context.px(v); };
    const bool narrow = context.layout.narrow;
    p.hline(area.x, area.right(), area.bottom() - px(1), c.line);
    const Rect row{area.x, area.y, area.w, px(40)};

    // The right end first: what is left of the room goes to the health sentence.
    float right = row.right() - px(10 + 24);
    if (icon_button(context, "top/inspector", ImVec2(right, row.y + px(8)), Icon::Inspector,
                    context.session.open && inspector_shown(context), "Inspector (Ctrl I)"))
        toggle_inspector(context);
    right -= px(12);
    if (narrow) {
        right -= px(24);
        if (icon_button(context, "top/palette", ImVec2(right, row.y + px(8)), Icon::Search, false,
                        "Find or run (Ctrl K)"))
            context.ui.overlays.palette = true;
    } else {
        const float w = px(5 + 16 + 6) + Painter::width(p.f().body, "Find or run") + px(14) +
                        keycap_width(context, "Ctrl K") + px(6);
        right -= std::ceil(w);
        const Rect box{right, row.y + px(8), std::ceil(w), px(24)};
        const Hit state = hit(context, "top/palette", box);
        p.fill(box, state.hovered ? c.sel : c.bg2, px(4));
        float x = p.icon(Icon::Search, box.x + px(5), box.y, box.h, c.t3) + px(6);
        x = p.text(p.f().body, x, box.y, box.h, c.t3, "Find or run") + px(14);
        keycap(context, x, box.y, box.h, "Ctrl K");
        if (state.clicked) context.ui.overlays.palette = true;
    }
    if (context.demo != nullptr) {
        right -= px(12 + 24);
        if (icon_button(context, "top/demo", ImVec2(right, row.y + px(8)), Icon::Play, context.ui.demo.open,
                        "Demo controls (Ctrl D)"))
            context.ui.demo.open = !context.ui.demo.open;
    }
    right -= px(12);
    if (const float button_x = recording_.draw(context, right, row); button_x < right) right = button_x - px(12);
    if (!narrow && context.session.open) {
        const std::string_view source = source_name(context.session.source);
        right -= Painter::width(p.f().small, source) + px(10);
        tag(context, right, row.y, row.h, source);
        right -= px(12);
    }

    float x = row.x + px(narrow ? 11 : 14);
    draw_icon(p.list(), context.theme, Icon::Brand, ImVec2(x, row.y + px(11)), c.t1);
    if (!narrow) {
        p.put(p.f().bold, x + px(26), row.y, row.h, c.t1, "fhirscope");
        x = row.x + px(156);
    } else {
        x += px(28);
    }
    const std::string_view host = host_of(context.snapshot.connection.base_url);
    const std::string_view title = context.session.title.empty() ? host : std::string_view(context.session.title);
    x = p.text_cut(p.f().bold, x, std::min(right, x + px(260)), row.y, row.h, c.t1,
                   title.empty() ? "No session" : title) +
        px(10);
    if (!narrow && host != title)
        x = p.text_cut(p.f().mono, x, std::min(right, x + px(220)), row.y, row.h, c.t3, host) + px(12);
    x = pill(context, x, row) + px(12);
    x = as_recorded(context, x, row, right);
    if (context.ui.paused) {
        ShortText text("Paused");
        if (context.behind > 0)
            text.append(", ").append(number(static_cast<std::int64_t>(context.behind))).append(" updates behind");
        x = p.text_cut(p.f().body, x, right, row.y, row.h, c.t1, text) + px(14);
    }

    // What is not well, in one sentence; all is well says nothing. Conflicts have their own link behind it.
    const std::string sentence = sentence_of(context.findings.incidents());
    const std::size_t open = context.snapshot.open_conflicts;
    const auto link = [&](const char* name, float begin) {
        const Hit state = hit(context, name, Rect{begin, row.y + px(8), x - begin, px(24)});
        if (state.hovered) ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
        return state.clicked;
    };
    ShortText conflicts;
    float conflicts_w = 0; // kept free behind the sentence
    if (open > 0) {
        conflicts = number(static_cast<std::int64_t>(open));
        conflicts.append(open == 1 ? " conflict" : " conflicts");
        conflicts_w = px(12 + 7 + 2 + 16 + 8) + Painter::width(p.f().body, conflicts);
    }
    const bool told = !sentence.empty() && right - conflicts_w - x > px(90);
    if (told) {
        const Mark mark = severity_mark(context.findings.incidents().worst()->severity);
        const float begin = x;
        x = p.mark(mark, x, row.y, row.h) + px(7);
        x = p.text_cut(p.f().body, x, right - conflicts_w - px(20), row.y, row.h, c.t2,
                       sentence + (open > 0 ? "," : ""));
        x = open > 0 ? x : p.icon(Icon::ChevronRight, x + px(2), row.y, row.h, c.t4);
        if (link("top/health", begin)) open_worst_incident(context);
    }
    if (open > 0 && right - x >= conflicts_w) {
        const float begin = x;
        x = !told ? p.mark(Mark::Conflict, x, row.y, row.h) + px(7) : x + px(4);
        x = p.text_cut(p.f().body, x, right - px(20), row.y, row.h, c.t2, conflicts);
        x = p.icon(Icon::ChevronRight, x + px(2), row.y, row.h, c.t4);
        if (link("top/conflicts", begin)) {
            context.ui.view = ViewId::Conflicts;
            context.ui.conflicts.segment = ConflictSegment::Open;
        }
    }
}

} // namespace fhirscope::gui
