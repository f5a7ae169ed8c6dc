#include "gui/views/profiler/profiler_view.hpp"

#include "gui/base/format.hpp"
#include "gui/model/labels.hpp"
#include "gui/ui/widgets.hpp"
#include "gui/views/profiler/charts.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace fhirscope::gui {

namespace {

enum HandlerColumn : std::size_t { Stage, PerSecond, Mean, P50, P99, Most, Spread, Cpu, ProfilerColumnCount };

constexpr std::array<GridColumn, ProfilerColumnCount> profiler_columns = {{{"stage", "Stage", 108, Align::Left, true},
                                                                           {"rate", "Per s", 64, Align::Right},
                                                                           {"mean", "Mean", 78, Align::Right},
                                                                           {"p50", "p50", 78, Align::Right},
                                                                           {"p99", "p99", 78, Align::Right},
                                                                           {"max", "Max", 78, Align::Right},
                                                                           {"spread", "p50 to p99, max", 146},
                                                                           {"cpu", "CPU %", 110, Align::Right}}};
constexpr std::array<std::size_t, 6> few = {Stage, PerSecond, Mean, P50, P99, Cpu};
constexpr float all_profiler_columns = 730;
constexpr float wide_profiler = 820;

} // namespace

void ProfilerView::refresh(Context& context) {
    if (span_ == Span::Range && !context.ui.brush) {
        span_ = Span::Seconds;
        refreshed_ = -1;
    }
    const double now = ImGui::GetTime();
    constexpr double step = std::chrono::duration<double>(figure_step).count();
    const std::chrono::duration<double> moved = context.now - refreshed_for_;
    const bool same = refreshed_of_ == context.snapshot_ptr && moved.count() == 0 && span_ != Span::Range;
    if (refreshed_ >= 0 && (same || (now - refreshed_ < step && std::fabs(moved.count()) < step))) return;
    refreshed_ = now;
    refreshed_for_ = context.now;
    refreshed_of_ = context.snapshot_ptr;
    LocalTime begin = context.now - std::chrono::seconds(span_ == Span::Seconds ? 10 : 600);
    LocalTime end = context.now;
    if (span_ == Span::Range) {
        begin = context.ui.brush->begin;
        end = context.ui.brush->end;
    } else {
        begin = std::max(begin, context.snapshot.metrics.started);
    }
    costs_ = stage_costs(context.snapshot, begin, end);
    memory_ = memory_parts(context.snapshot, context.stats.memory);
}

void ProfilerView::header(Context& context, Rect row) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    p.hline(row.x, row.right(), row.bottom() - context.px(1), c.line);
    float x = row.x + context.px(16);
    if (!context.layout.narrow) x = p.text(p.f().bold, x, row.y, row.h, c.t1, "Profiler") + context.px(14);
    const std::array<SegmentItem, 3> spans = {{{"10s", "Last 10 s"}, {"10m", "10 m"}, {"range", "Range"}}};
    const std::size_t count = context.ui.brush ? 3 : 2; // without a brush there is no range
    const std::span<const SegmentItem> shown(spans.data(), count);
    const int clicked = segment(context, "profiler/span", x, row.y, row.h, shown, static_cast<int>(span_));
    if (clicked >= 0) {
        span_ = static_cast<Span>(clicked);
        refreshed_ = -1;
    }
    x += segment_width(context, shown, false) + context.px(12);
    const FrameHistory* history = context.stats.history.get();
    if (!context.layout.narrow && history != nullptr) {
        x = p.text(p.f().body, x, row.y, row.h, c.t3, "frame") + context.px(8);
        x = p.text(p.f().mono, x, row.y, row.h, c.t1, number(static_cast<std::int64_t>(history->count())));
    }
    float right = row.right() - context.px(12);
    const ButtonOptions quiet{ButtonKind::Quiet, false, nullptr, 0};
    right -= button_width(context, "Copy as text", quiet);
    float at = right;
    if (button(context, "profiler/copy", at, row.y, row.h, "Copy as text", quiet))
        ImGui::SetClipboardText(profile_text(costs_, memory_, history, context.stats.threads.get()).c_str());
    const std::string_view label = context.ui.paused ? "Resume" : "Freeze";
    static constexpr Icon pause_icon = Icon::Pause;
    static constexpr Icon play_icon = Icon::Play;
    const ButtonOptions freeze{ButtonKind::Normal, false, context.ui.paused ? &play_icon : &pause_icon, 0};
    right -= context.px(8) + button_width(context, label, freeze);
    at = right;
    if (right > x && button(context, "profiler/freeze", at, row.y, row.h, label, freeze))
        context.ui.paused = !context.ui.paused;
}

void ProfilerView::frames(Context& context, Rect area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const Rect head = area.take_top(context.px(26));
    const FrameHistory* history = context.stats.history.get();
    if (history == nullptr || history->size() == 0) {
        section_title(context, head, context.px(16), "Frame time");
        context.target("profiler/frames/none", area);
        empty_state(context, area, "No frame was measured yet.");
        return;
    }
    float worst = 0;
    for (std::uint64_t n = history->count() - history->size(); n < history->count(); ++n)
        worst = std::max(worst, (*history)[n].total());
    ShortText last = decimal(static_cast<double>((*history)[history->count() - 1].total()), 1);
    float x = section_title(context, head, context.px(16), "Frame time", last.append("\u00A0ms")) + context.px(10);
    ShortText caption("CPU per frame; max ");
    caption.append(decimal(static_cast<double>(worst), 1)).append(" ms in ");
    caption.append(number(static_cast<std::int64_t>(history->size()))).append(" frames");
    x = p.text_cut(p.f().small, x, head.right(), head.y, head.h, c.t3, caption);
    float right = head.right() - context.px(12);
    const std::array<std::pair<std::string_view, ImU32>, 4> legend = {
        {{"over budget", c.attm}, {"draw", c.g[6]}, {"build", c.g[4]}, {"apply", c.g[2]}}};
    for (const auto& [name, color] : legend) {
        right -= Painter::width(p.f().small, name);
        if (right - context.px(14) < x) break;
        p.put(p.f().small, right, head.y, head.h, c.t3, name);
        right -= context.px(13);
        p.fill(Rect{right, head.y + head.h / 2 - context.px(4), context.px(8), context.px(8)}, color);
        right -= context.px(12);
    }
    draw_frame_times(context, area, *history);
}

void ProfilerView::queue(Context& context, Rect area) {
    const Painter p(context.theme);
    const Rect head = area.take_top(context.px(26));
    p.hline(head.x, head.right(), head.y, p.c().line);
    const float x = section_title(context, head, context.px(16), "Queue depth",
                                  number(static_cast<std::int64_t>(context.snapshot.queue_size)));
    p.text_cut(p.f().small, x + context.px(10), head.right(), head.y, head.h, p.c().t3,
               "queue depth, max per second, 10 m");
    draw_queue_depth(context, area);
}

void ProfilerView::stage_row(Context& context, std::int64_t place) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const StageCost& cost = costs_.stages[static_cast<std::size_t>(place)];
    grid_.row(context, place, {selected_ == place, 0, 0});
    ColumnPlaces places(few_columns_, few);
    const auto text = [&](std::size_t column, ImU32 color, std::string_view words, ImFont* font) {
        if (const auto at = places.next(column)) grid_.text(context, *at, font, color, words);
    };
    const bool over = cost.p99 > std::chrono::milliseconds(10);
    text(Stage, c.t1, cost.name, p.f().cell);
    text(PerSecond, c.t3, decimal(cost.per_second, cost.per_second < 9.95 ? 1 : 0), p.f().mono);
    text(Mean, c.t2, duration_detail(cost.mean), p.f().mono);
    text(P50, c.t2, duration_detail(cost.p50), p.f().mono);
    text(P99, over ? c.att : c.t2, duration_detail(cost.p99), p.f().mono);
    text(Most, c.t3, duration_detail(cost.max), p.f().mono);
    if (const auto at = places.next(Spread)) {
        const Rect cell = grid_.cell_inner(context, *at);
        // 1 µs to 100 ms, logarithmic.
        const auto x_of = [&](std::chrono::nanoseconds value) {
            const double share = std::log10(std::max<double>(1, static_cast<double>(value.count()) / 1e3)) / 5;
            return cell.x + cell.w * static_cast<float>(std::clamp(share, 0.0, 1.0));
        };
        const float y = snap(cell.y + cell.h / 2);
        p.fill(Rect{cell.x, y - context.px(1), cell.w, context.px(2)}, c.bg2);
        p.fill(Rect{x_of(cost.p50), y - context.px(2), std::max(context.px(2), x_of(cost.p99) - x_of(cost.p50)),
                    context.px(4)},
               c.s2);
        p.vline(snap(x_of(cost.p50)), y - context.px(3), y + context.px(3), c.t2);
        p.vline(snap(x_of(cost.max)), y - context.px(3), y + context.px(3), c.t4);
    }
    if (const auto at = places.next(Cpu)) {
        const Rect cell = grid_.cell_inner(context, *at);
        if (cost.cpu >= 0) {
            const float bar = std::max(0.0F, cell.w - context.px(44));
            const Rect track{cell.x, cell.y + cell.h / 2 - context.px(3), bar, context.px(6)};
            p.fill(track, c.bg2);
            p.fill(Rect{track.x, track.y, bar * static_cast<float>(std::min(1.0, cost.cpu)), track.h},
                   cost.cpu > 0.8 ? c.attm : c.s2);
            p.text_right(p.f().mono, cell.right(), cell.y, cell.h, c.t1,
                         decimal(cost.cpu * 100, cost.cpu < 0.0995 ? 2 : 1));
        }
    }
}

void ProfilerView::stages(Context& context, Rect area) {
    const Painter p(context.theme);
    const Rect head = area.take_top(context.px(26));
    p.hline(head.x, head.right(), head.y, p.c().line);
    ShortText caption("per update, ");
    caption.append(span_ == Span::Seconds ? "last 10 s, " : span_ == Span::Minutes ? "10 m, " : "range, ");
    caption.append(number(static_cast<std::int64_t>(costs_.updates))).append(" updates");
    const float x = section_title(context, head, context.px(16), "Stage cost");
    p.text_cut(p.f().small, x + context.px(10), head.right(), head.y, head.h, p.c().t3, caption);
    std::array<GridColumn, ProfilerColumnCount> columns = profiler_columns;
    few_columns_ = area.w < context.px(all_profiler_columns);
    GridStyle style;
    style.row_height = 20;
    grid_.begin(context, "profiler/stages", area, columns_for(few_columns_, columns, few),
                static_cast<std::int64_t>(costs_.stages.size()), style);
    for (std::int64_t i = grid_.first(); i < grid_.last(); ++i) stage_row(context, i);
    grid_.end(context);
    if (costs_.stages.empty()) {
        context.target("profiler/stages/none", grid_.body());
        empty_state(context, grid_.body(), "No update was received in this range.");
    }
    if (grid_.clicked() >= 0) selected_ = grid_.clicked();
}

// What the table comes to, in a sentence.
void ProfilerView::verdict(Context& context, Rect area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const StageCost* worst = nullptr;
    for (const StageCost& cost : costs_.stages)
        if (cost.cpu > 0 && (worst == nullptr || cost.cpu > worst->cpu)) worst = &cost;
    area.take_top(context.px(10));
    Rect text = area.inset(context.px(16), 0);
    if (worst == nullptr || costs_.pipeline <= 0) {
        p.paragraph(
            p.f().cell, text, context.px(17), c.t3,
            costs_.stages.empty() ? "Nothing was received, so nothing was measured." : "Stage times are not recorded.");
        return;
    }
    const bool busy = costs_.pipeline > 0.8;
    const float x = p.mark(busy ? Mark::Attention : Mark::Info, text.x, text.y, context.px(17)) + context.px(9);
    std::string title(worst->name);
    title += " takes ";
    title += percent(worst->cpu / costs_.pipeline).view();
    title += " of the time";
    p.text_cut(p.f().bold, x, text.right(), text.y, context.px(17), c.t1, title);
    text.take_top(context.px(19));
    text.take_left(x - text.x);
    std::string body = "The five stages use ";
    body += percent(costs_.pipeline).view();
    body += busy ? " of one CPU: little is left for bursts." : " of one CPU at this rate.";
    p.paragraph(p.f().cell, text, context.px(17), c.t2, body);
}

void ProfilerView::draw(Context& context, Rect area) {
    refresh(context);
    header(context, area.take_top(context.px(40)));
    if (context.layout.narrow || area.w < context.px(wide_profiler) || area.h < context.px(460)) {
        const std::array<SegmentItem, 4> tab_items = {
            {{"frames", "Frames"}, {"stages", "Stages"}, {"threads", "Threads"}, {"memory", "Memory"}}};
        const int clicked =
            tabs(context, "profiler/part", area.take_top(context.px(28)), tab_items, static_cast<int>(tab_));
        tab_ = clicked >= 0 ? static_cast<Tab>(clicked) : tab_;
        switch (tab_) {
            case Tab::Frames:
                frames(context, area.take_top(snap(area.h * 0.55F)));
                queue(context, area);
                break;
            case Tab::Stages:
                stages(context, area.take_top(snap(std::min(area.h, context.px(26 + 22 + 20 * 6 + 6)))));
                verdict(context, area);
                break;
            case Tab::Threads:
                threads(context, area);
                break;
            case Tab::Memory:
                memory(context, area);
                break;
        }
        return;
    }
    const float side = snap(std::max(context.px(330), area.w * 0.32F));
    Rect top = area.take_top(snap(std::clamp(area.h * 0.38F, context.px(190), context.px(300))));
    const Painter p(context.theme);
    const ImU32 line = p.c().line;
    const Rect memory_area = top.take_right(side);
    p.vline(memory_area.x, memory_area.y, memory_area.bottom(), line);
    memory(context, memory_area);
    frames(context, top.take_top(snap(top.h * 0.58F)));
    queue(context, top);
    Rect middle = area.take_top(context.px(26 + 22 + 20 * 6 + 6));
    const Rect beside = middle.take_right(side);
    p.hline(beside.x, beside.right(), beside.y, line);
    p.vline(beside.x, beside.y, beside.bottom(), line);
    verdict(context, beside);
    stages(context, middle);
    threads(context, area);
}

std::int64_t ProfilerView::row_count(Context& /*context*/) { return static_cast<std::int64_t>(costs_.stages.size()); }

std::optional<std::int64_t> ProfilerView::selected_row(const Context& /*context*/) const {
    return selected_ < 0 ? std::nullopt : std::optional(selected_);
}

void ProfilerView::select_row(Context& /*context*/, std::int64_t row) { selected_ = row; }

void ProfilerView::forget_moment() {
    refreshed_ = -1;
    refreshed_of_ = nullptr;
}

} // namespace fhirscope::gui
