#include "gui/shell.hpp"

#include "gui/actions.hpp"
#include "gui/format.hpp"
#include "gui/view_conflicts.hpp"
#include "gui/view_connections.hpp"
#include "gui/view_diagnosis.hpp"
#include "gui/view_latency.hpp"
#include "gui/view_log.hpp"
#include "gui/view_panels.hpp"
#include "gui/view_profiler.hpp"
#include "gui/widgets.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace fhirscope::gui {

namespace {

constexpr float kNarrowBelow = 1100;
constexpr float kLowBelow = 700;
constexpr float kTopBar = 40;
constexpr float kStatusBar = 24;
constexpr float kRail = 148;
constexpr float kNarrowRail = 40;
constexpr float kClosedInspector = 28;
constexpr float kOverlayInspector = 320;
constexpr float kLowTimeline = 80;
constexpr float kDemoPanel = 300;
// Until then ten minutes would be mostly empty.
constexpr std::chrono::seconds kYoung{90};

constexpr ImGuiWindowFlags kRootFlags = ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                                        ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoBringToFrontOnFocus |
                                        ImGuiWindowFlags_NoScrollWithMouse;

} // namespace

std::vector<std::unique_ptr<View>> make_views() {
    std::vector<std::unique_ptr<View>> views;
    views.push_back(std::make_unique<PanelsView>());
    views.push_back(std::make_unique<LogView>());
    views.push_back(std::make_unique<LatencyView>());
    views.push_back(std::make_unique<ConflictsView>());
    views.push_back(std::make_unique<ConnectionsView>());
    views.push_back(std::make_unique<DiagnosisView>());
    views.push_back(std::make_unique<ProfilerView>());
    return views;
}

engine::SnapshotPtr empty_snapshot() {
    static const engine::SnapshotPtr empty = std::make_shared<const engine::Snapshot>();
    return empty;
}

Shell::Shell() : views_(make_views()) {}
Shell::~Shell() = default;

View& Shell::current_view() {
    for (const auto& view : views_) {
        if (view->id() == ui_.view) {
            return *view;
        }
    }
    return *views_.front();
}

// Findings are brought up to date four times a second at most. Returns when the next time is due.
std::chrono::milliseconds Shell::diagnose(const engine::SnapshotPtr& shown) {
    constexpr double kEvery = 0.25;
    if (shown == diagnosed_) {
        return std::chrono::milliseconds::max();
    }
    const double now = ImGui::GetTime();
    if (diagnosed_ && now - diagnosed_at_ < kEvery) {
        return std::chrono::milliseconds(1 + static_cast<int>((kEvery - (now - diagnosed_at_)) * 1000));
    }
    diagnosis_.update(shown);
    diagnosed_ = shown;
    diagnosed_at_ = now;
    return std::chrono::milliseconds::max();
}

void Shell::draw_rail(Context& context, const Rect& area) {
    begin_region("rail", area);
    const Painter p(context.theme);
    const Palette& c = p.c();
    const bool narrow = context.layout.narrow;
    p.vline(area.right() - context.px(1), area.y, area.bottom(), c.line);
    float y = area.y + context.px(8);
    int key = 1;
    for (const auto& view : views_) {
        const float side = context.px(narrow ? 4 : 6);
        const Rect item{area.x + side, y, area.w - 2 * side - context.px(1), context.px(28)};
        std::string name("rail/");
        for (const char ch : view->title()) {
            name += ch >= 'A' && ch <= 'Z' ? static_cast<char>(ch - 'A' + 'a') : ch;
        }
        const Hit state = hit(context, name, item);
        const bool on = view->id() == ui_.view;
        if (on || state.hovered) {
            p.fill(item, on ? c.sel : c.bg2, context.px(4));
        }
        const ImU32 color = on ? c.t1 : state.hovered ? c.t2 : c.t3;
        const float x = p.icon(view->icon(), item.x + context.px(8), item.y, item.h, color) + context.px(9);
        if (!narrow) {
            p.put(p.f().body, x, item.y, item.h, color, view->title());
        }
        if (const View::Badge badge = view->rail_badge(context); badge.count > 0 && narrow) {
            const ImVec2 dot(item.right() - context.px(5), item.y + context.px(6));
            p.list().AddCircleFilled(dot, context.px(3), badge.color);
        } else if (badge.count > 0) {
            p.text_right(p.f().mono, item.right() - context.px(8), item.y, item.h, badge.color,
                         number(static_cast<std::int64_t>(badge.count)));
        }
        if (state.hovered) {
            const std::string tip =
                (narrow ? std::string(view->title()) + " (Ctrl " : "Ctrl ") + std::to_string(key) + (narrow ? ")" : "");
            tooltip(context, tip);
        }
        if (state.clicked) {
            ui_.view = view->id();
        }
        y += context.px(28);
        ++key;
    }
    end_region();
}

std::chrono::milliseconds Shell::draw(const FrameInput& input, const Theme& theme) {
    const ImGuiViewport* viewport = ImGui::GetMainViewport();
    Layout layout;
    layout.narrow = viewport->Size.x < theme.px(kNarrowBelow);
    layout.low = viewport->Size.y < theme.px(kLowBelow);

    // Paused, the window keeps the picture; the engine and the recording go on.
    if (!ui_.paused) {
        held_ = nullptr;
    } else if (!held_) {
        held_ = input.snapshot;
    }
    const engine::SnapshotPtr shown = held_ ? held_ : input.snapshot;
    const LocalTime now = held_ ? std::max(held_->at, LocalTime{}) : input.now;
    if (!ui_.span_chosen) {
        const LocalTime started = shown->metrics.started;
        const bool young = started != LocalTime{} && now - started < kYoung;
        ui_.span = young ? TimelineSpan::one_minute : TimelineSpan::ten_minutes;
    }
    const std::chrono::milliseconds diagnosis_due = diagnose(shown);
    DemoStatus demo;
    if (input.session.demo != nullptr) {
        demo = input.session.demo->status();
    }
    Context context{.snapshot = *shown,
                    .snapshot_ptr = shown,
                    .session = input.session,
                    .stats = input.stats,
                    .theme = theme,
                    .ui = ui_,
                    .layout = layout,
                    .now = now,
                    .send = input.send,
                    .shown = shown_,
                    .findings = diagnosis_,
                    .demo = input.session.demo != nullptr ? &demo : nullptr,
                    .behind = input.snapshot->updates.end() - shown->updates.end(),
                    .targets = input.targets};

    context.redraw_within(diagnosis_due);

    ImGui::SetNextWindowPos(viewport->Pos);
    ImGui::SetNextWindowSize(viewport->Size);
    ImGui::Begin("fhirscope", nullptr, kRootFlags);
    Rect rest{viewport->Pos.x, viewport->Pos.y, viewport->Size.x, viewport->Size.y};
    const Rect whole = rest;
    Painter(theme).fill(whole, theme.c.bg0);

    handle_keys(context, current_view());
    caption_.follow(context);

    top_.draw(context, rest.take_top(theme.px(kTopBar)));
    status_.draw(context, rest.take_bottom(theme.px(kStatusBar)));
    if (ui_.timeline_open) {
        const float height =
            layout.low ? theme.px(kLowTimeline) : theme.px(std::clamp(ui_.timeline_height, 56.0F, 220.0F));
        const Rect strip = rest.take_bottom(height);
        timeline_.draw(context, strip);
        if (!layout.low) {
            const float moved = horizontal_splitter_line(context, "timeline/splitter", strip.x, strip.y, strip.w);
            ui_.timeline_height = std::clamp(ui_.timeline_height - moved / theme.scale, 56.0F, 220.0F);
        }
    }
    draw_rail(context, rest.take_left(theme.px(layout.narrow ? kNarrowRail : kRail)));

    const Rect middle = rest;
    const bool with_demo = ui_.demo_open && context.demo != nullptr;
    if (with_demo && !layout.narrow) {
        demo_.draw(context, rest.take_left(theme.px(kDemoPanel)));
    }
    Rect inspector;
    if (layout.narrow) {
        if (ui_.inspector_overlay) {
            Rect over = middle;
            inspector = over.take_right(std::min(theme.px(kOverlayInspector), middle.w));
        }
    } else if (ui_.inspector_open) {
        inspector = rest.take_right(theme.px(std::clamp(ui_.inspector_width, 280.0F, 560.0F)));
    } else {
        const Rect closed = rest.take_right(theme.px(kClosedInspector));
        const Painter p(theme);
        p.fill(closed, theme.c.bg1);
        p.vline(closed.x, closed.y, closed.bottom(), theme.c.line);
        if (icon_button(context, "inspector/open", ImVec2(closed.x + theme.px(2), closed.y + theme.px(8)),
                        Icon::inspector, false, "Open the inspector (Ctrl I)")) {
            ui_.inspector_open = true;
        }
    }

    View& view = current_view();
    begin_region("main", rest);
    Painter(theme).fill(rest, theme.c.bg1);
    ImGui::PushClipRect(rest.min(), rest.max(), true);
    view.draw(context, rest);
    ImGui::PopClipRect();
    end_region();

    if (!inspector.empty()) {
        begin_region("side", inspector);
        const Painter p(theme);
        p.fill(inspector, theme.c.bg1);
        p.vline(inspector.x, inspector.y, inspector.bottom(), theme.c.line);
        Rect inner = inspector;
        inner.take_left(theme.px(1));
        ImGui::PushClipRect(inspector.min(), inspector.max(), true);
        if (!view.draw_inspector(context, inner)) {
            inspector_.draw(context, inner);
        }
        ImGui::PopClipRect();
        if (!layout.narrow) {
            const float moved =
                vertical_splitter(context, "inspector/splitter", inspector.x + theme.px(3), inspector.y, inspector.h);
            ui_.inspector_width = std::clamp(ui_.inspector_width - moved / theme.scale, 280.0F, 560.0F);
        }
        end_region();
    }
    if (with_demo && layout.narrow) { // over the main area, which has no room beside it
        Rect over = middle;
        demo_.draw(context, over.take_left(std::min(theme.px(kDemoPanel), middle.w)));
    }
    caption_.draw(context, rest);
    edit_box_.draw(context, whole);
    help_.draw(context, whole);
    palette_.draw(context, view, whole);
    ImGui::End();

    if (!ui_.paused) {
        shown_.frame(shown->updates.end(), input.now);
    }
    constexpr std::chrono::milliseconds kAges{1000};
    return std::min(context.redraw_in, kAges);
}

} // namespace fhirscope::gui
