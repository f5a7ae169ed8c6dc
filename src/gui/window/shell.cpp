#include "gui/window/shell.hpp"

#include "fhir/ascii.hpp"
#include "gui/base/format.hpp"
#include "gui/frame/actions/actions.hpp"
#include "gui/frame/bars/moment_strip.hpp"
#include "gui/frame/overlays/notice_stack.hpp"
#include "gui/frame/selection.hpp"
#include "gui/frame/settings_page.hpp"
#include "gui/model/playhead.hpp"
#include "gui/ui/widgets.hpp"
#include "gui/views/conflicts/conflicts_view.hpp"
#include "gui/views/connections/connections_view.hpp"
#include "gui/views/diagnosis/diagnosis_view.hpp"
#include "gui/views/latency/latency_view.hpp"
#include "gui/views/log/log_view.hpp"
#include "gui/views/panels/panels_view.hpp"
#include "gui/views/profiler/profiler_view.hpp"
#include "gui/views/replay/replay_view.hpp"
#include "gui/window/window.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace fhirscope::gui {

namespace {

constexpr float narrow_below = 1100;
constexpr float low_below = 700;
constexpr float top_bar_height = 40;
constexpr float status_bar_height = 24;
constexpr float rail_width = 148;
constexpr float narrow_rail_width = 40;
constexpr float closed_inspector_width = 28;
constexpr float overlay_inspector_width = 320;
constexpr float low_timeline_height = 80;
constexpr float demo_panel_width = 300;
// Below this nothing can be read.
constexpr float least_width = 640;
constexpr float least_height = 400;
// Until then ten minutes would be mostly empty.
constexpr std::chrono::seconds young_for{90};

constexpr ImGuiWindowFlags root_flags = ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                                        ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoBringToFrontOnFocus |
                                        ImGuiWindowFlags_NoScrollWithMouse;

void too_small(const Context& context, const Rect& whole) {
    const Painter p(context.theme);
    const bool scaled = context.ui.look.scale_percent > least_scale;
    context.target("too-small", whole);
    p.paragraph(p.f().body, whole.inset(context.px(16), context.px(16)), context.px(20), context.theme.c.t3,
                scaled ? "This window is too small to show anything: make it larger, or all that is in it smaller "
                         "(Ctrl \u2212)."
                       : "This window is too small to show anything: make it larger.");
}

// An item of the rail: what it leads to, and whether it can.
struct RailItem {
    std::string_view title;
    Icon icon;
    bool on = false;
    View::Badge badge;
    std::string tip;
    bool possible = true;
};

bool rail_item(Context& context, const Rect& area, float y, const RailItem& what) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const bool narrow = context.layout.narrow;
    const float side = context.px(narrow ? 4 : 6);
    const Rect item{area.x + side, y, area.w - 2 * side - context.px(1), context.px(28)};
    std::string name("rail/");
    for (const char ch : what.title) name += fhir::lower_ascii(ch);
    const Hit state = hit(context, name, item);
    if (what.on || (state.hovered && what.possible)) p.fill(item, what.on ? c.sel : c.bg2, context.px(4));
    const ImU32 color = !what.possible ? c.line3 : what.on ? c.t1 : state.hovered ? c.t2 : c.t3;
    const float x = p.icon(what.icon, item.x + context.px(8), item.y, item.h, color) + context.px(9);
    if (!narrow) p.put(p.f().body, x, item.y, item.h, color, what.title);
    if (what.badge.count > 0 && narrow) {
        const ImVec2 dot(item.right() - context.px(5), item.y + context.px(6));
        p.list().AddCircleFilled(dot, context.px(3), what.badge.color);
    } else if (what.badge.count > 0) {
        p.text_right(p.f().mono, item.right() - context.px(8), item.y, item.h, what.badge.color,
                     number(static_cast<std::int64_t>(what.badge.count)));
    }
    if (state.hovered)
        tooltip(context, narrow ? std::string(what.title) + (what.tip.empty() ? "" : " (" + what.tip + ")") : what.tip);
    return state.clicked && what.possible;
}

// The strip without anything to show.
void empty_timeline(Context& context, const Rect& area) {
    const Painter p(context.theme);
    p.hline(area.x, area.right(), area.y, p.c().line);
    p.put(p.f().small_bold, area.x + context.px(14), area.y, context.px(24), p.c().t1, "Timeline");
    p.text_center(p.f().body, area.x, area.w, area.y, area.h, p.c().t3, "Nothing is open. Updates will appear here.");
}

} // namespace

std::vector<std::unique_ptr<View>> make_views() {
    std::vector<std::unique_ptr<View>> views;
    views.push_back(std::make_unique<PanelsView>());
    views.push_back(std::make_unique<LogView>());
    views.push_back(std::make_unique<LatencyView>());
    views.push_back(std::make_unique<ConflictsView>());
    views.push_back(std::make_unique<ConnectionsView>());
    views.push_back(std::make_unique<DiagnosisView>());
    views.push_back(std::make_unique<ReplayView>());
    views.push_back(std::make_unique<ProfilerView>());
    return views;
}

engine::SnapshotPtr empty_snapshot() {
    static const engine::SnapshotPtr empty = std::make_shared<const engine::Snapshot>();
    return empty;
}

Shell::Shell() : worker_(wake_window), views_(make_views()) {}
Shell::~Shell() = default;

View& Shell::current_view() {
    for (const auto& view : views_)
        if (view->id() == ui_.view) return *view;
    return *views_.front();
}

Page Shell::page(const Context& context) const {
    if (context.session.open || ui_.page == Page::Settings) return ui_.page;
    return Page::Start;
}

void Shell::draw_rail(Context& context, const Rect& area) {
    const Painter p(context.theme);
    p.vline(area.right() - context.px(1), area.y, area.bottom(), context.theme.c.line);
    const Page shown = page(context);
    float y = area.y + context.px(8);
    int key = 1;
    for (const auto& view : views_) {
        const std::string shortcut = "Ctrl " + std::to_string(key++);
        if (!view->offered(context) && view->id() != ui_.view) continue;
        RailItem item{view->title(), view->icon(), false, {}, {}, true};
        item.possible = context.session.open;
        item.on = shown == Page::View && view->id() == ui_.view;
        item.tip = item.possible ? shortcut : "Nothing is open: start a demo, connect or open a recording";
        if (item.possible) item.badge = view->rail_badge(context);
        if (rail_item(context, area, y, item)) {
            ui_.view = view->id();
            ui_.page = Page::View;
        }
        y += context.px(28);
    }
    y = std::max(y, area.bottom() - context.px(8 + 2 * 28));
    if (context.start != nullptr &&
        rail_item(context, area, y, {"Sessions", Icon::Sessions, shown == Page::Start, {}, "Ctrl O", true}))
        ui_.page = Page::Start;
    if (rail_item(context, area, y + context.px(28),
                  {"Settings", Icon::Settings, shown == Page::Settings, {}, "Ctrl ,", true}))
        ui_.page = Page::Settings;
}

void Shell::draw_page(Context& context, const Rect& area) {
    begin_region("page", area);
    Painter(context.theme).fill(area, context.theme.c.bg1);
    if (page(context) == Page::Settings)
        draw_settings_page(context, area);
    else if (context.start != nullptr)
        start_.draw(context, area);
    else
        empty_state(context, area, "Nothing is open.");
    end_region();
}

void Shell::draw_side(Context& context, View& view, const Rect& inspector) {
    const Painter p(context.theme);
    p.fill(inspector, context.theme.c.bg1);
    p.vline(inspector.x, inspector.y, inspector.bottom(), context.theme.c.line);
    Rect inner = inspector;
    inner.take_left(context.theme.px(1));
    if (!view.draw_inspector(context, inner)) inspector_.draw(context, inner);
    if (!context.layout.narrow) {
        const float moved = vertical_splitter(context, "inspector/splitter", inspector.x + context.theme.px(3),
                                              inspector.y, inspector.h);
        ui_.inspector.width = std::clamp(ui_.inspector.width - moved / context.theme.scale, 280.0F, 560.0F);
    }
}

Rect Shell::draw_middle(Context& context, Rect rest, const Rect& middle) {
    Rect inspector;
    if (context.layout.narrow) {
        if (ui_.inspector.overlay) {
            Rect over = middle;
            inspector = over.take_right(std::min(context.theme.px(overlay_inspector_width), middle.w));
        }
    } else if (ui_.inspector.open) {
        inspector = rest.take_right(context.theme.px(std::clamp(ui_.inspector.width, 280.0F, 560.0F)));
    } else {
        const Rect closed = rest.take_right(context.theme.px(closed_inspector_width));
        const Painter p(context.theme);
        p.fill(closed, context.theme.c.bg1);
        p.vline(closed.x, closed.y, closed.bottom(), context.theme.c.line);
        if (icon_button(context, "inspector/open",
                        ImVec2(closed.x + context.theme.px(2), closed.y + context.theme.px(8)), Icon::Inspector, false,
                        "Open the inspector (Ctrl I)"))
            open_inspector(context);
    }

    View& view = current_view();
    begin_region("main", rest);
    Painter(context.theme).fill(rest, context.theme.c.bg1);
    view.draw(context, rest);
    end_region();

    if (!inspector.empty()) {
        begin_region("side", inspector);
        draw_side(context, view, inspector);
        end_region();
    }
    return rest;
}

// Findings go on with the ages, once a second: what they tell of lasts for seconds. Those of an earlier moment are made
// of its snapshot alone, so they are the same from whichever side it was reached. Returns when that is due.
std::chrono::milliseconds Shell::diagnose(const engine::SnapshotPtr& whole, const engine::SnapshotPtr& shown) {
    const double now = ImGui::GetTime();
    const auto look = [&](Diagnosed& diagnosed, const engine::SnapshotPtr& snapshot, double every, bool alone) {
        if (snapshot == diagnosed.snapshot) return std::chrono::milliseconds::max();
        if (diagnosed.snapshot && now - diagnosed.at < every)
            return std::chrono::milliseconds(1 + static_cast<int>((every - (now - diagnosed.at)) * 1000));
        if (alone) diagnosed.of = {};
        diagnosed.of.update(snapshot);
        diagnosed.snapshot = snapshot;
        diagnosed.at = now;
        return std::chrono::milliseconds::max();
    };
    constexpr double age = std::chrono::duration<double>(ages).count(), step = 0.1;
    const auto next = look(whole_, whole, age, false);
    if (shown == whole) {
        moment_.snapshot = nullptr;
        return next;
    }
    return std::min(next, look(moment_, shown, step, true));
}

// Where time goes back, or jumps, what was kept of another moment goes; a person's filters and places stay.
void Shell::follow_time(const engine::SnapshotPtr& shown) {
    const bool back = drawn_ && (shown->inputs < drawn_->inputs || shown->at < drawn_->at);
    drawn_ = shown;
    if (!back) return;
    for (const auto& view : views_) view->forget_moment();
    inspector_.forget_moment();
}

// Paused, the window keeps the picture; the engine and the recording go on.
engine::SnapshotPtr Shell::hold(const engine::SnapshotPtr& newest) {
    if (!ui_.paused)
        held_ = nullptr;
    else if (!held_)
        held_ = newest;
    return held_ ? held_ : newest;
}

void Shell::choose_span(const engine::Snapshot& snapshot, LocalTime now, bool recorded) {
    if (ui_.timeline.span_chosen) return;
    if (recorded) { // all of it is there from the beginning
        ui_.timeline.span = TimelineSpan::All;
        return;
    }
    const LocalTime started = snapshot.metrics.started;
    const bool young = started != LocalTime{} && now - started < young_for;
    ui_.timeline.span = young ? TimelineSpan::OneMinute : TimelineSpan::TenMinutes;
}

// What lies around the view. Returns what is left within it, and the timeline's strip.
std::pair<Rect, Rect> Shell::draw_around(Context& context, Rect rest) {
    const Theme& theme = context.theme;
    const auto region = [](const char* name, const Rect& area, const auto& draw) {
        begin_region(name, area);
        draw(area);
        end_region();
    };
    region(
        "top", rest.take_top(theme.px(top_bar_height)), [&](const Rect& area) { top_.draw(context, area); });
    region("status", rest.take_bottom(theme.px(status_bar_height)),
           [&](const Rect& area) { status_.draw(context, area); });
    Rect strip;
    if (ui_.timeline.open) {
        strip = rest.take_bottom(
            theme.px(context.layout.low ? low_timeline_height : std::clamp(ui_.timeline.height, 56.0F, 220.0F)));
        region("timeline", strip, [&](const Rect& area) {
            context.session.open ? timeline_.draw(context, area) : empty_timeline(context, area);
        });
    }
    region("rail", rest.take_left(theme.px(context.layout.narrow ? narrow_rail_width : rail_width)),
           [&](const Rect& area) { draw_rail(context, area); });
    return {rest, strip};
}

// What is in the middle: the view with the inspector, or a page, and the panel of causes. Returns the main area.
Rect Shell::draw_main(Context& context, Rect middle) {
    if (context.looking_back && page(context) == Page::View)
        draw_moment_strip(context, middle.take_top(context.px(moment_strip_height)));
    const float width = std::min(context.px(demo_panel_width), middle.w);
    const bool with_demo = ui_.demo.open && context.demo != nullptr;
    const bool over = with_demo && context.layout.narrow; // there is no room beside it
    Rect main = middle;
    if (with_demo && !over) demo_.draw(context, main.take_left(width));
    if (page(context) == Page::View)
        main = draw_middle(context, main, middle);
    else
        draw_page(context, main);
    if (over) demo_.draw(context, Rect{middle.x, middle.y, width, middle.h});
    return main;
}

void Shell::draw_parts(Context& context, const Rect& whole) {
    caption_.follow(context);
    const auto [middle, strip] = draw_around(context, whole);
    const Rect main = draw_main(context, middle);
    if (!strip.empty() && !context.layout.low) { // over what it lies between
        const float moved = horizontal_splitter_line(context, "timeline/splitter", strip.x, strip.y, strip.w);
        ui_.timeline.height = std::clamp(ui_.timeline.height - moved / context.theme.scale, 56.0F, 220.0F);
    }
    caption_.draw(context, main);
    draw_notices(context, current_view(), middle);
    top_.draw_list(context);
    if (page(context) == Page::View) edit_box_.draw(context, whole);
    help_.draw(context, whole);
    palette_.draw(context, current_view(), whole);
}

std::chrono::milliseconds Shell::draw(const FrameInput& input, const Theme& theme) {
    const ImGuiViewport* viewport = ImGui::GetMainViewport();
    const Rect whole{viewport->Pos.x, viewport->Pos.y, viewport->Size.x, viewport->Size.y};
    const engine::SnapshotPtr shown = hold(input.snapshot);
    const engine::SnapshotPtr known = input.whole && !ui_.paused ? input.whole : shown;
    PlayheadStatus playhead;
    if (input.session.playhead != nullptr) playhead = input.session.playhead->status();
    const bool replayed = input.session.open && input.session.source == Source::Replay;
    const bool stands = ui_.paused || replayed || !playhead.at_end;
    // What stands at a moment is as old as it was then.
    LocalTime now = held_ ? std::max(held_->at, LocalTime{}) : input.now;
    if (input.session.playhead != nullptr && (replayed || !playhead.at_end))
        now = playhead.seeking ? shown->at : std::max(shown->at, playhead.at);
    choose_span(*known, now, replayed && input.session.playhead != nullptr);
    follow_time(shown);
    DemoStatus demo;
    if (input.session.demo != nullptr) demo = input.session.demo->status();
    const Frame frame{.theme = theme,
                      .layout = {.narrow = whole.w < theme.px(narrow_below), .low = whole.h < theme.px(low_below)},
                      .stands = stands,
                      .targets = input.targets,
                      .redraw_in = diagnose(known, shown)};
    Context context{frame, Content{.snapshot = *shown,
                                   .snapshot_ptr = shown,
                                   .whole = known,
                                   .session = input.session,
                                   .stats = input.stats,
                                   .ui = ui_,
                                   .now = now,
                                   .send = input.send,
                                   .shown = shown_,
                                   .findings = shown == known ? whole_.of : moment_.of,
                                   .whole_findings = whole_.of,
                                   .demo = input.session.demo != nullptr ? &demo : nullptr,
                                   .playhead = input.session.playhead != nullptr ? &playhead : nullptr,
                                   .looking_back = !replayed && !playhead.at_end,
                                   .behind = input.snapshot->updates.end() - shown->updates.end(),
                                   .start = input.start,
                                   .opening = input.opening,
                                   .worker = &worker_}};

    ImGui::SetNextWindowPos(viewport->Pos);
    ImGui::SetNextWindowSize(viewport->Size);
    ImGui::Begin("fhirscope", nullptr, root_flags);
    Painter(theme).fill(whole, theme.c.bg0);
    const ViewId view_before = ui_.view;
    const Selection selection_before = ui_.selection;
    handle_keys(context, current_view());
    if (whole.w < theme.px(least_width) || whole.h < theme.px(least_height)) {
        too_small(context, whole);
        ImGui::End();
        return ages;
    }
    draw_parts(context, whole);
    // Whatever leads to a view or to something in it leaves the page that lies over it.
    if (input.session.open && ui_.page != Page::View &&
        (ui_.view != view_before || !(ui_.selection == selection_before)))
        ui_.page = Page::View;
    ImGui::End();

    if (!stands) shown_.frame(shown->updates.end(), input.now);
    return std::min(context.redraw_in, ages);
}

} // namespace fhirscope::gui
