// The inspector of the latency view: figures of the range, beside those of the hour before, and its slowest updates.

#include "fhir/reference.hpp"
#include "gui/base/format.hpp"
#include "gui/frame/timeline/timeline_zoom.hpp"
#include "gui/model/labels.hpp"
#include "gui/ui/widgets.hpp"
#include "gui/views/latency/charts.hpp"
#include "gui/views/latency/latency_view.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace fhirscope::gui {

namespace {

constexpr std::array<GridColumn, 3> slow_columns = {
    {{"time", "Time", 112}, {"resource", "Resource", 140, Align::Left, true}, {"ms", "ms", 80, Align::Right}}};

constexpr std::array<GridColumn, 4> compare_columns = {{{"what", "", 104},
                                                        {"before", "Before", 74, Align::Right},
                                                        {"range", "Range", 74, Align::Right},
                                                        {"change", "Change", 84, Align::Right, true}}};

} // namespace

bool LatencyView::draw_inspector(Context& context, Rect area) {
    if (context.ui.selection.kind == Selection::Kind::Update) return false; // one of the slowest was opened
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto px = [&](float v) { return context.px(v); };
    const TimeRange range = context.ui.brush ? *context.ui.brush : timeline_range(context);
    const RangeFigures& now = data_.figures();
    area.take_top(px(10));
    Rect row = area.take_top(px(20));
    const float x = tag(context, row.x + px(14), row.y, row.h, "Range") + px(8);
    ShortText clock = clock_s(wall(range.begin));
    p.put(p.f().mono, x, row.y, row.h, c.t3, clock.append(" – ").append(clock_s(wall(range.end))));
    area.take_top(px(2));
    row = area.take_top(px(20));
    ShortText title = age(range.end - range.begin, AgeUnits::Two);
    p.put(p.f().bold, row.x + px(14), row.y, row.h, c.t1,
          title.append(", ").append(number(static_cast<std::int64_t>(now.updates))).append(" updates"));
    area.take_top(px(6));
    row = area.take_top(px(28));
    const auto& before = data_.before();
    section_title(context, row, px(14), before ? "Against the hour before" : "Figures");

    struct Line {
        std::string_view name;
        double before, now;
        bool share, plain;
    };
    const auto share = [](std::uint64_t part, std::uint64_t of) {
        return of > 0 ? static_cast<double>(part) / static_cast<double>(of) : 0;
    };
    const RangeFigures old = before.value_or(RangeFigures{});
    const std::array<Line, 6> lines = {
        {{"p50", double(old.p50), double(now.p50), false, false},
         {"p90", double(old.p90), double(now.p90), false, false},
         {"p99", double(old.p99), double(now.p99), false, false},
         {"Max", double(old.max), double(now.max), false, false},
         {"Over target", share(old.over_target, old.measured), share(now.over_target, now.measured), true, false},
         {"Queue, max", double(old.queue_max), double(now.queue_max), false, true}}};
    GridStyle style;
    style.row_height = 22;
    style.left = 8;
    const Rect table = area.take_top(px(22 + 22 * 6));
    std::array<GridColumn, 4> columns = compare_columns;
    columns[2].title = "Range, ms";
    columns[0].stretch = !before; // there is nothing to compare with
    const std::size_t range_column = before ? 2 : 1;
    compare_grid_.begin(context, "latency/compare", table,
                        columns_for(!before, columns, std::array<std::size_t, 2>{0, 2}),
                        static_cast<std::int64_t>(lines.size()), style);
    const double target = std::chrono::duration<double, std::micro>(slow_update).count();
    for (std::int64_t i = compare_grid_.first(); i < compare_grid_.last(); ++i) {
        const Line& line = lines[static_cast<std::size_t>(i)];
        compare_grid_.row(context, i, {});
        const auto figure = [&](double value) {
            return line.share ? percent(value) : line.plain ? number(std::llround(value)) : ms_text(value);
        };
        compare_grid_.text(context, 0, p.f().cell, c.t3, line.name);
        if (now.measured == 0 && !line.plain) continue;
        const bool over = line.share ? line.now > 0.01 : !line.plain && line.now > target;
        compare_grid_.text(context, range_column, p.f().mono, over ? c.att : c.t1, figure(line.now));
        if (!before || (old.measured == 0 && !line.plain)) continue;
        compare_grid_.text(context, 1, p.f().mono, c.t4, figure(line.before));
        if (line.before > 0) {
            const double ratio = line.now / line.before;
            ShortText change;
            if (ratio >= 2)
                change.append("× ").append(decimal(ratio, ratio < 9.95 ? 1 : 0));
            else
                change.append(ratio >= 1 ? "+" : "").append(decimal((ratio - 1) * 100, 0)).append("\u00A0%");
            compare_grid_.text(context, 3, p.f().mono, ratio >= 1.5 ? c.att : c.t3, change);
        }
    }
    compare_grid_.end(context);

    area.take_top(px(10));
    p.hline(area.x, area.right(), area.y, c.line);
    row = area.take_top(px(28));
    ShortText over = number(static_cast<std::int64_t>(now.over_target));
    section_title(context, row, px(14), "Slowest in range", over.append(" over target"));
    const ButtonOptions quiet{ButtonKind::Quiet, true, nullptr, 0};
    float link = row.right() - px(8) - button_width(context, "Open in log", quiet);
    if (now.over_target > 0 && button(context, "latency/open-in-log", link, row.y, row.h, "Open in log", quiet)) {
        context.ui.view = ViewId::Log;
        context.ui.log.filter = "latency > " + std::to_string(slow_update.count()) + "ms";
    }
    style.row_height = 20;
    const auto& slowest = data_.slowest();
    slow_grid_.begin(context, "latency/slowest", area, slow_columns, static_cast<std::int64_t>(slowest.size()), style);
    for (std::int64_t i = slow_grid_.first(); i < slow_grid_.last(); ++i) {
        const SlowUpdate& slow = slowest[static_cast<std::size_t>(i)];
        if (!context.snapshot.updates.contains(slow.update)) continue;
        const engine::UpdateRow& update = context.snapshot.updates[slow.update];
        slow_grid_.row(context, i, {});
        slow_grid_.text(context, 0, p.f().mono, c.t3, clock_ms(wall(update.received)));
        ShortText resource(type_of(context.snapshot, update));
        resource.append("/").append(short_id(fhir::id_part(reference_of(context.snapshot, update))));
        slow_grid_.text(context, 1, p.f().mono, c.t2, resource);
        slow_grid_.text(context, 2, p.f().mono, slow.micros > target ? c.att : c.t2, ms_text(slow.micros));
        if (update.outcome == engine::Outcome::Rejected || update.outcome == engine::Outcome::OutOfOrder) {
            const Rect cell = slow_grid_.cell_inner(context, 2);
            p.mark(outcome_mark(update.outcome), cell.x, cell.y, cell.h);
        }
    }
    slow_grid_.end(context);
    if (slow_grid_.clicked() >= 0) select_row(context, slow_grid_.clicked());
    return true;
}

} // namespace fhirscope::gui
