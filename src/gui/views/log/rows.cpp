// The log's rows, and the map of all of them beside the table.

#include "fhir/reference.hpp"
#include "gui/base/format.hpp"
#include "gui/frame/colors.hpp"
#include "gui/frame/incident_links.hpp"
#include "gui/model/incidents/concerned.hpp"
#include "gui/model/labels.hpp"
#include "gui/ui/widgets.hpp"
#include "gui/views/log/log_view.hpp"

#include <algorithm>
#include <cmath>

namespace fhirscope::gui {

void LogView::outcome_cell(Context& context, std::size_t at, const engine::UpdateRow& row,
                           const engine::Conflict* conflict, ImU32 color) {
    if (row.outcome == engine::Outcome::Rejected) conflict = nullptr; // whatever it was read for: it is no version
    const Painter p(context.theme);
    const Palette& c = p.c();
    const Rect cell = grid_.cell_inner(context, at);
    const Mark mark = conflict != nullptr ? Mark::Conflict : outcome_mark(row.outcome);
    const float x = p.mark(mark, cell.x, cell.y, cell.h) + context.px(6);
    const bool faint = row.outcome == engine::Outcome::Duplicate || row.outcome == engine::Outcome::Superseded;
    const ImU32 own = conflict != nullptr             ? c.con
                      : faint && grid_.row_selected() ? c.t3
                                                      : outcome_color(c, row.outcome);
    const bool meant = conflict != nullptr || own == c.att || own == c.err;
    p.text_cut(p.f().cell, x, cell.right(), cell.y, cell.h, color != 0 && !meant ? color : own,
               conflict != nullptr ? std::string_view("conflict") : engine::to_string(row.outcome));
    if (conflict != nullptr && grid_.pointed_at(at)) {
        std::string tip(engine::to_string(conflict->kind));
        tip.append(", ").append(engine::to_string(conflict->outcome));
        tip.append("\nThe update: ").append(engine::to_string(row.outcome));
        tooltip(context, tip);
    }
}

void LogView::latency_cell(Context& context, std::size_t at, std::uint64_t number, ImU32 color) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto value = latency_of(context.snapshot, number);
    if (!value) return;
    const Rect cell = grid_.cell_inner(context, at);
    const bool slow = *value > slow_update;
    grid_.text(context, at, p.f().mono, slow ? c.att : color != 0 ? color : c.t2, duration_list(*value));
    // A bar on a log scale, 0.5 ms … 2 s, beside the figure.
    if (cell.w > context.px(100)) {
        const double ms = std::max(0.1, std::chrono::duration<double, std::milli>(*value).count());
        const float share = std::clamp(static_cast<float>(std::log10(ms / 0.5) / 3.6), 0.02F, 1.0F);
        const Rect track{cell.right() - context.px(66 + 52), cell.y + std::floor((cell.h - context.px(3)) / 2),
                         context.px(52), context.px(3)};
        p.fill(track, c.bg2);
        p.fill(Rect{track.x, track.y, snap(track.w * share), track.h}, c.s2);
    }
}

void LogView::row(Context& context, std::int64_t place, query::UpdateFacts& facts) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const engine::Snapshot& snapshot = context.snapshot;
    const std::uint64_t number_of = index_.number(static_cast<std::size_t>(place));
    const engine::UpdateRow& row = snapshot.updates[number_of];
    const bool selected =
        context.ui.selection.kind == Selection::Kind::Update && context.ui.selection.number == number_of;
    const engine::Conflict* conflict = conflicts_.of(number_of);
    LookColors look;
    if (const auto rule = colors_.any() ? colors_.of(facts.at(number_of)) : std::nullopt) look = look_colors(c, *rule);
    grid_.row(context, place, {selected, look.fill, conflict != nullptr ? c.con : look.bar});
    if (look.mark) p.mark(*look.mark, grid_.row_rect().x + context.px(7), grid_.row_rect().y, grid_.row_rect().h);
    draw_row_incident(context, grid_, "log", place, context.px(colors_.any() ? 20 : 7),
                      incident_of_update(context.findings.incidents(), snapshot, number_of));
    const bool raised = selected || grid_.row_hovered() || look.fill != 0;
    const auto color = [&](ImU32 own) { return look.text == 0 || (selected && look.text == c.t4) ? own : look.text; };
    const ImU32 faint = raised ? c.t3 : c.t4;
    const std::string_view subscription = subscription_of(snapshot, row.subscription);

    for (std::size_t at = 0; at < columns_.size(); ++at) {
        const auto text = [&](ImFont* font, ImU32 own, std::string_view value) {
            grid_.text(context, at, font, color(own), value);
        };
        switch (columns_[at]) {
            case LogColumn::Time:
                text(p.f().mono, c.t3, clock_ms(wall(row.received)));
                if (grid_.pointed_at(at)) {
                    std::string tip(utc_full(wall(row.received)).view());
                    tip += " received";
                    if (row.changed != ServerTime{})
                        tip.append("\n").append(utc_full(wall(row.changed))).append(" changed, by the server's clock");
                    tooltip(context, tip);
                }
                break;
            case LogColumn::Seq:
                text(p.f().mono, faint, number(static_cast<std::int64_t>(number_of)));
                break;
            case LogColumn::Type:
                text(p.f().cell, c.t2, query::type_named_by(snapshot, number_of));
                break;
            case LogColumn::Resource:
                text(p.f().mono, c.t2, short_id(fhir::id_part(named_by(snapshot, number_of))));
                break;
            case LogColumn::Version:
                text(p.f().mono, faint, row.deleted ? std::string_view("deleted") : short_id(version_of(row), 6));
                break;
            case LogColumn::Subscription:
                text(p.f().cell, subscription.empty() ? faint : c.t2,
                     subscription.empty() ? std::string_view("·") : subscription);
                break;
            case LogColumn::Channel:
                text(p.f().cell, c.t3, engine::to_string(row.channel));
                break;
            case LogColumn::Outcome:
                outcome_cell(context, at, row, conflict, color(0));
                break;
            case LogColumn::Latency:
                latency_cell(context, at, number_of, color(0));
                break;
            case LogColumn::Size:
                text(p.f().mono, c.t3, bytes(row.size));
                break;
        }
    }
}

void LogView::map(Context& context, const Rect& area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    p.fill(area, c.bg0);
    const auto& bins = index_.bins();
    const std::uint64_t first = context.snapshot.updates.first();
    const std::uint64_t rows = context.snapshot.updates.end() - first;
    if (rows == 0 || bins.empty()) return;
    // One line of two pixels may cover several bins, or a bin several lines; the newest rows are at the top.
    const int lines = static_cast<int>(area.h / context.px(2));
    for (int line = 0; line < lines; ++line) {
        const auto share = [&](int at) {
            return static_cast<std::uint64_t>(static_cast<double>(rows) * (1.0 - static_cast<double>(at) / lines));
        };
        const std::uint64_t end = first + share(line);
        const std::uint64_t begin = first + share(line + 1);
        LogIndex::Bin sum;
        std::uint64_t covered = 0;
        for (std::uint64_t bin = begin / LogIndex::rows_per_bin;
             bin <= (end > 0 ? end - 1 : 0) / LogIndex::rows_per_bin; ++bin) {
            const auto at = static_cast<std::size_t>(bin - index_.bin_base());
            if (bin < index_.bin_base() || at >= bins.size()) continue;
            sum.matches += bins[at].matches;
            covered += LogIndex::rows_per_bin;
            // Marks are ticks: they stand in one line, however many the bin covers.
            const std::uint64_t oldest = bin * LogIndex::rows_per_bin;
            const std::uint64_t middle =
                (std::max(oldest, first) + std::min(oldest + LogIndex::rows_per_bin, first + rows)) / 2;
            if (middle >= begin && middle < end) {
                sum.rejected += bins[at].rejected;
                sum.conflicts += bins[at].conflicts;
            }
        }
        if (covered == 0 || sum.matches == 0) continue;
        // The newest and the oldest bin may hold fewer rows than others.
        const double density =
            std::sqrt(static_cast<double>(sum.matches) / static_cast<double>(std::min(covered, rows)));
        const float w = std::max(context.px(1), snap(context.px(10) * static_cast<float>(std::min(1.0, density))));
        const float y = area.y + static_cast<float>(line) * context.px(2);
        p.fill(Rect{area.right() - context.px(2) - w, y, w, context.px(1)}, c.s2);
        if (sum.rejected > 0 || sum.conflicts > 0)
            p.fill(Rect{area.x + context.px(2), y, context.px(5), context.px(2)}, sum.rejected > 0 ? c.err : c.con);
    }
    // What the table shows of it.
    if (index_.size() > 0) {
        const auto y_of = [&](std::int64_t place) {
            const auto clamped = static_cast<std::size_t>(
                std::clamp<std::int64_t>(place, 0, static_cast<std::int64_t>(index_.size()) - 1));
            const std::uint64_t at = index_.number(clamped) - first;
            return area.y + area.h * static_cast<float>(1.0 - static_cast<double>(at + 1) / static_cast<double>(rows));
        };
        const float y0 = y_of(grid_.first());
        const float y1 = std::max(y0 + context.px(12), y_of(grid_.last() - 1));
        p.outline(Rect{area.x + context.px(1), std::min(y0, area.bottom() - context.px(12)), area.w - context.px(2),
                       std::min(y1 - y0, area.h)},
                  c.t2);
    }
    const Hit state = hit(context, "log/map", area);
    if (state.held && index_.size() > 0) {
        const double share = std::clamp((static_cast<double>(ImGui::GetIO().MousePos.y) - area.y) / area.h, 0.0, 1.0);
        grid_.scroll_to_top();
        grid_.scroll_by(share * static_cast<double>(index_.size()));
    }
}

} // namespace fhirscope::gui
