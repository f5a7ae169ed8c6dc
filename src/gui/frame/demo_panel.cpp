#include "gui/frame/demo_panel.hpp"

#include "gui/base/format.hpp"
#include "gui/ui/widgets.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace fhirscope::gui {

namespace {

constexpr float side_width = 14;
constexpr float words_width = 116;
constexpr std::size_t most_running = 4;
constexpr std::array<GridColumn, 2> cause_columns = {
    {{"title", "", 180, Align::Left, true}, {"key", "", 48, Align::Right}}};

// Rows of the list: a heading wherever the group changes.
struct Line {
    bool heading = false;
    Cause cause{};
};

const std::vector<Line>& lines() {
    static const std::vector<Line> all = [] {
        std::vector<Line> made;
        std::string_view group;
        for (std::size_t i = 0; i < cause_count; ++i) {
            const auto cause = static_cast<Cause>(i);
            if (text_of(cause).group != group) {
                group = text_of(cause).group;
                made.push_back({true, cause});
            }
            made.push_back({false, cause});
        }
        return made;
    }();
    return all;
}

// "waits", at the right of `area`, and for what, when the mouse asks. Returns where the room before it ends.
float draw_waits(Context& context, const std::string& name, const Rect& area, const std::string& for_title) {
    const Painter p(context.theme);
    const float left = p.text_right(p.f().cell, area.right(), area.y, area.h, p.c().att, "waits");
    if (hit(context, name + "/waits", area).hovered) {
        tooltip(context, "The client hears nothing because of \"" + for_title +
                             "\". This begins when that is over; stop that to have it now.");
    }
    return left - context.px(8);
}

} // namespace

void DemoPanel::draw_playing(Context& context, Rect& rest) {
    const DemoStatus& status = *context.demo;
    DemoControl& control = *context.session.demo;
    const Painter p(context.theme);
    const Palette& c = p.c();
    const float side = context.px(side_width);
    if (!status.playing) {
        Rect row = rest.take_top(context.px(32));
        float x = row.x + side;
        std::vector<std::string> names = status.scenarios;
        std::stable_partition(names.begin(), names.end(), [](const std::string& name) { return name == "tour"; });
        for (const std::string& name : names) {
            const bool tour = name == "tour";
            const std::string label = tour ? "Play the tour" : "Play " + name.substr(name.rfind('/') + 1);
            const ButtonOptions look{.kind = tour ? ButtonKind::Primary : ButtonKind::Normal};
            if (x > row.x + side && x + button_width(context, label, look) > row.right() - side) {
                row = rest.take_top(context.px(32));
                x = row.x + side;
            }
            if (button(context, "demo/play/" + name, x, row.y, row.h, label, look)) control.play(name);
            x += context.px(8);
        }
        return;
    }
    const DemoStatus::Playing& playing = *status.playing;
    const Rect head = rest.take_top(context.px(26));
    const ShortText done = stopwatch(playing.position);
    const std::string steps = std::to_string(playing.step) + " of " + std::to_string(playing.steps) + " steps";
    float right = p.text_right(p.f().mono, head.right() - side, head.y, head.h, c.t3,
                               std::string(done.view()) + " / " + std::string(stopwatch(playing.length).view()));
    p.text_cut(p.f().bold, head.x + side, right - context.px(8), head.y, head.h, c.t1, playing.title);
    const Rect track{rest.x + side, rest.y + context.px(4), rest.w - 2 * side, context.px(4)};
    p.fill(track, c.bg2, context.px(1));
    const double part = playing.length.count() > 0 ? static_cast<double>(playing.position.count()) /
                                                         static_cast<double>(playing.length.count())
                                                   : 1;
    Rect filled = track;
    filled.w = snap(track.w * static_cast<float>(std::clamp(part, 0.0, 1.0)));
    p.fill(filled, c.t3, context.px(1));
    context.target("demo/progress", filled);
    rest.take_top(context.px(12));
    const Rect row = rest.take_top(context.px(32));
    float x = row.x + side;
    if (button(context, "demo/pause", x, row.y, row.h, playing.paused ? "Resume" : "Pause"))
        control.pause(!playing.paused);
    x += context.px(8);
    if (button(context, "demo/next", x, row.y, row.h, "Next caption")) control.next();
    x += context.px(8);
    if (button(context, "demo/stop", x, row.y, row.h, "Stop", {.kind = ButtonKind::Quiet})) control.stop_playing();
    if (playing.waits_for.empty())
        p.text_right(p.f().small, row.right() - side, row.y, row.h, c.t4, steps);
    else
        draw_waits(context, "demo/playing", Rect{x, row.y, row.right() - side - x, row.h}, playing.waits_for);
}

void DemoPanel::draw_running(Context& context, Rect& rest) {
    const DemoStatus& status = *context.demo;
    const Painter p(context.theme);
    const Palette& c = p.c();
    const float side = context.px(side_width);
    section_title(context, rest.take_top(context.px(28)), side, "Active faults",
                  status.running.empty() ? std::string() : std::to_string(status.running.size()));
    if (status.running.empty()) {
        const Rect row = rest.take_top(context.px(20));
        const bool failed = status.failed && !status.said.empty();
        float x = row.x + side;
        if (failed) x = p.mark(Mark::Error, x, row.y, row.h) + context.px(6);
        const std::string& said = status.said;
        context.target("demo/said", row);
        p.text_cut(p.f().small, x, row.right() - side, row.y, row.h, failed ? c.err : c.t3,
                   said.empty() ? "No fault is active" : std::string_view(said));
        if (!said.empty() && hit(context, "demo/said", row).hovered) tooltip(context, said);
        return;
    }
    const std::size_t shown = std::min(status.running.size(), most_running);
    for (std::size_t i = status.running.size() - shown; i < status.running.size(); ++i) {
        const DemoStatus::Running& one = status.running[i];
        const Rect row = rest.take_top(context.px(24));
        const std::string name = "demo/running/" + std::to_string(one.number);
        const ButtonOptions look{.small = true};
        float x = row.right() - side - button_width(context, "Stop", look);
        const float stop = x;
        if (button(context, name + "/stop", x, row.y, row.h, "Stop", look)) context.session.demo->stop(one.number);
        float right = stop - context.px(8);
        if (one.left) {
            right =
                p.text_right(p.f().mono, right, row.y, row.h, c.t2, age(*one.left + std::chrono::milliseconds(999))) -
                context.px(8);
        }
        if (!one.waits_for.empty())
            right = draw_waits(context, name, Rect{row.x, row.y, right - row.x, row.h}, one.waits_for);
        p.text_cut(p.f().cell, row.x + side, right, row.y, row.h, c.t1, one.title);
        context.target(name, row);
    }
}

void DemoPanel::draw_causes(Context& context, const Rect& area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    GridStyle style;
    style.row_height = 22;
    style.header = false;
    style.left = side_width - 6;
    style.right = side_width - 6;
    const std::vector<Line>& all = lines();
    grid_.begin(context, "demo/causes", area, cause_columns, static_cast<std::int64_t>(all.size()), style);
    for (std::int64_t i = grid_.first(); i < grid_.last(); ++i) {
        const Line& line = all[static_cast<std::size_t>(i)];
        const CauseText& text = text_of(line.cause);
        grid_.row(context, i, {!line.heading && line.cause == described_, 0, 0});
        if (line.heading) {
            const Rect cell = grid_.cell_inner(context, 0);
            p.fill(grid_.row_rect(), c.bg1); // a heading takes no hovering
            p.put(p.f().small, cell.x, cell.y, cell.h, c.t4, text.group);
            continue;
        }
        context.target("demo/" + std::string(text.id), grid_.row_rect());
        grid_.text(context, 0, p.f().cell, c.t1, text.title);
        const Rect cell = grid_.cell_inner(context, 1);
        keycap(context, cell.right() - keycap_width(context, text.key), cell.y, cell.h, text.key);
        if (grid_.row_hovered()) described_ = line.cause;
    }
    grid_.end(context);
    if (const std::int64_t clicked = grid_.clicked(); clicked >= 0) {
        const Line& line = all[static_cast<std::size_t>(clicked)];
        if (!line.heading) {
            described_ = line.cause;
            context.session.demo->cause(line.cause);
        }
    }
}

void DemoPanel::draw_words(Context& context, const Rect& area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    p.hline(area.x, area.right(), area.y, c.line);
    const Rect inner = area.inset(context.px(side_width), context.px(8));
    const CauseText& text = text_of(described_);
    const float y = p.paragraph(p.f().cell, inner, context.px(16), c.t2, text.happens) + context.px(6);
    p.paragraph(p.f().cell, Rect{inner.x, y, inner.w, inner.bottom() - y}, context.px(16), c.t3, text.watch);
}

void DemoPanel::draw(Context& context, const Rect& area) {
    begin_region("demo", area);
    const Painter p(context.theme);
    const Palette& c = p.c();
    p.fill(area, c.bg1);
    p.vline(area.right() - context.px(1), area.y, area.bottom(), c.line);
    context.target("demo", area);
    Rect rest = area;
    rest.take_right(context.px(1));
    const Rect head = rest.take_top(context.px(40));
    p.put(p.f().bold, head.x + context.px(side_width), head.y, head.h, c.t1, "Demo controls");
    if (icon_button(context, "demo/close", ImVec2(head.right() - context.px(34), head.y + context.px(8)), Icon::Close,
                    false, "Close (Ctrl D)"))
        context.ui.demo.open = false;
    draw_playing(context, rest);
    draw_running(context, rest);
    section_title(context, rest.take_top(context.px(28)), context.px(side_width), "Cause", {});
    const Rect words = rest.take_bottom(std::min(context.px(words_width), rest.h / 2));
    draw_causes(context, rest);
    draw_words(context, words);
    end_region();
}

} // namespace fhirscope::gui
