#include "gui/view_log.hpp"

#include "gui/format.hpp"
#include "gui/rows.hpp"
#include "gui/widgets.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace fhirscope::gui {

namespace {

// Looking through older rows may take this long a frame.
constexpr std::chrono::microseconds kScanBudget{4000};

enum Column : std::size_t {
    time,
    seq,
    type,
    resource,
    version,
    subscription,
    channel,
    outcome,
    latency,
    size,
    column_count
};

constexpr std::array<GridColumn, column_count> kColumns = {{{"time", "Time", 104},
                                                            {"seq", "Seq", 82, Align::right},
                                                            {"type", "Type", 62},
                                                            {"resource", "Resource", 78},
                                                            {"version", "Version", 62},
                                                            {"subscription", "Subscription", 120, Align::left, true},
                                                            {"channel", "Channel", 80},
                                                            {"outcome", "Outcome", 110},
                                                            {"latency", "Latency", 134, Align::right},
                                                            {"size", "Size", 70, Align::right}}};

constexpr std::array<std::size_t, 5> kNarrow = {time, type, resource, outcome, latency};

} // namespace

void LogView::ask(Context& context) {
    std::string& text = context.ui.log_filter;
    if (text == asked_) {
        return;
    }
    asked_ = text;
    const Result<query::Query> query = query::Query::parse(text, query::update_fields());
    if (!query) {
        problem_ = query.error().message;
        problem_at_ = query.error().offset;
        return;
    }
    problem_.clear();
    canonical_ = query->canonical();
    index_.ask(*query);
    grid_.scroll_to_top();
    away_ = false;
}

void LogView::outcome_cell(Context& context, std::size_t at, const engine::UpdateRow& row,
                           const engine::Conflict* conflict) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const Rect cell = grid_.cell_inner(context, at);
    const Mark mark = conflict != nullptr ? Mark::conflict : outcome_mark(row.outcome);
    const float x = p.mark(mark, cell.x, cell.y, cell.h) + context.px(6);
    const bool faint = row.outcome == engine::Outcome::Duplicate || row.outcome == engine::Outcome::Superseded;
    const ImU32 color = conflict != nullptr             ? c.con
                        : faint && grid_.row_selected() ? c.t3
                                                        : outcome_color(c, row.outcome);
    p.text_cut(p.f().cell, x, cell.right(), cell.y, cell.h, color,
               conflict != nullptr ? std::string_view("conflict") : engine::to_string(row.outcome));
    if (conflict != nullptr && grid_.row_hovered() && cell.contains(ImGui::GetIO().MousePos)) {
        std::string tip(engine::to_string(conflict->kind));
        tip.append(", ").append(engine::to_string(conflict->outcome));
        tip.append("\nThe update: ").append(engine::to_string(row.outcome));
        tooltip(context, tip);
    }
}

void LogView::row(Context& context, std::int64_t place) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const engine::Snapshot& snapshot = context.snapshot;
    const std::uint64_t number_of = index_.number(static_cast<std::size_t>(place));
    const engine::UpdateRow& row = snapshot.updates[number_of];
    const bool selected =
        context.ui.selection.kind == Selection::Kind::update && context.ui.selection.number == number_of;
    const engine::Conflict* conflict = conflicts_.of(number_of);
    grid_.row(context, place, {selected, 0, conflict != nullptr ? c.con : 0});
    const ImU32 faint = selected || grid_.row_hovered() ? c.t3 : c.t4;

    std::size_t at = 0;
    const auto next = [&](std::size_t column) {
        return narrow_ ? (at < kNarrow.size() && kNarrow[at] == column) : true;
    };
    const auto text = [&](std::size_t column, ImFont* font, ImU32 color, std::string_view value) {
        if (next(column)) {
            grid_.text(context, at++, font, color, value);
        }
    };
    text(time, p.f().mono, c.t3, clock_ms(wall(row.received)));
    text(seq, p.f().mono, faint, number(static_cast<std::int64_t>(number_of)));
    text(type, p.f().cell, c.t2, type_of(snapshot, row));
    text(resource, p.f().mono, c.t2, short_id(id_of(reference_of(snapshot, row))));
    text(version, p.f().mono, faint, row.deleted ? std::string_view("deleted") : short_id(version_of(row), 6));
    const std::string_view name = subscription_of(snapshot, row.subscription);
    text(subscription, p.f().cell, name.empty() ? faint : c.t2, name.empty() ? std::string_view("·") : name);
    text(channel, p.f().cell, c.t3, engine::to_string(row.channel));
    if (next(outcome)) {
        outcome_cell(context, at++, row, conflict);
    }
    if (next(latency)) {
        const Rect cell = grid_.cell_inner(context, at);
        if (const auto value = latency_of(snapshot, number_of)) {
            const bool slow = *value > slow_update;
            grid_.text(context, at, p.f().mono, slow ? c.att : c.t2, duration_list(*value));
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
        ++at;
    }
    text(size, p.f().mono, c.t3, bytes(row.size));
    if (grid_.row_hovered() && grid_.cell(time).contains(ImGui::GetIO().MousePos)) {
        std::string tip(utc_full(wall(row.received)).view());
        tip += " received";
        if (row.changed != ServerTime{}) {
            tip.append("\n").append(utc_full(wall(row.changed))).append(" changed, by the server's clock");
        }
        tooltip(context, tip);
    }
}

void LogView::map(Context& context, const Rect& area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    p.fill(area, c.bg0);
    const auto& bins = index_.bins();
    const std::uint64_t first = context.snapshot.updates.first();
    const std::uint64_t rows = context.snapshot.updates.end() - first;
    if (rows == 0 || bins.empty()) {
        return;
    }
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
            if (bin < index_.bin_base() || at >= bins.size()) {
                continue;
            }
            sum.matches += bins[at].matches;
            sum.rejected += bins[at].rejected;
            sum.conflicts += bins[at].conflicts;
            covered += LogIndex::rows_per_bin;
        }
        if (covered == 0 || sum.matches == 0) {
            continue;
        }
        const double density = std::sqrt(static_cast<double>(sum.matches) / static_cast<double>(covered));
        const float w = std::max(context.px(1), snap(context.px(10) * static_cast<float>(std::min(1.0, density))));
        const float y = area.y + static_cast<float>(line) * context.px(2);
        p.fill(Rect{area.right() - context.px(2) - w, y, w, context.px(1)}, c.s2);
        if (sum.rejected > 0 || sum.conflicts > 0) {
            p.fill(Rect{area.x + context.px(2), y, context.px(5), context.px(2)}, sum.rejected > 0 ? c.err : c.con);
        }
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

void LogView::table(Context& context, Rect area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    narrow_ = context.layout.narrow;
    std::array<GridColumn, column_count> columns = kColumns;
    std::size_t count = column_count;
    if (narrow_) {
        count = kNarrow.size();
        for (std::size_t i = 0; i < count; ++i) {
            columns[i] = kColumns[kNarrow[i]];
            columns[i].stretch = kNarrow[i] == outcome;
        }
    }
    GridStyle style;
    style.row_height = 20;
    style.right = 24;
    style.scroll_bar = false;
    style.sorted = 0;
    style.descending = true;

    // Scrolled away, the list stays where it is although rows arrive above it.
    const auto rows = static_cast<std::int64_t>(index_.size());
    if (grid_.at_top()) {
        away_ = false;
        top_number_ = index_.size() > 0 ? index_.number(0) : 0;
    } else if (away_ || index_.size() > 0) {
        away_ = true;
        std::size_t fresh = 0;
        if (index_.size() > 0 && index_.number(0) > top_number_) {
            if (const auto old_place = index_.place_of(top_number_)) {
                fresh = *old_place;
            }
        }
        grid_.scroll_by(static_cast<double>(fresh) - static_cast<double>(unseen_));
        unseen_ = fresh;
    }
    if (!away_) {
        unseen_ = 0;
    }
    grid_.begin(context, "log", area, std::span<const GridColumn>(columns.data(), count), rows, style);
    for (std::int64_t i = grid_.first(); i < grid_.last(); ++i) {
        row(context, i);
    }
    grid_.end(context);
    const Rect body = grid_.body();
    map(context, Rect{body.right() - context.px(14), body.y, context.px(14), body.h});
    if (rows == 0) {
        if (context.snapshot.updates.empty()) {
            empty_state(context, body, "No update has arrived yet.");
        } else if (index_.complete()) {
            ShortText sentence("No rows match. ");
            sentence.append(number(static_cast<std::int64_t>(context.snapshot.updates.size()))).append(" are hidden.");
            empty_state(context, body, sentence);
        }
    }
    if (away_ && unseen_ > 0) {
        ShortText fresh = number(static_cast<std::int64_t>(unseen_));
        fresh.append(" new, Home");
        const float w = Painter::width(p.f().cell, fresh) + context.px(20);
        const Rect box{snap(body.x + (body.w - w) / 2), body.y + context.px(6), w, context.px(22)};
        const Hit state = hit(context, "log/new", box);
        p.fill(box, c.tlive, context.px(4));
        p.text_center(p.f().cell, box.x, box.w, box.y, box.h, c.live, fresh);
        if (state.clicked) {
            grid_.scroll_to_top();
        }
    }
    if (grid_.clicked() >= 0) {
        select(context, grid_.clicked());
    }
    if (grid_.double_clicked() >= 0) {
        context.ui.inspector_open = true;
        context.ui.inspector_overlay = narrow_;
    }
}

void LogView::draw(Context& context, Rect area) {
    ask(context);
    conflicts_.update(context.snapshot_ptr);
    index_.update(context.snapshot, conflicts_, context.ui.brush, kScanBudget);
    if (!index_.complete()) {
        context.redraw_within(std::chrono::milliseconds(10));
    }
    header(context, area);
    chips(context, area);
    const Rect foot = area.take_bottom(context.px(28));
    table(context, area);
    footer(context, foot);
}

void LogView::select(Context& context, std::int64_t place) {
    context.ui.selection = Selection{Selection::Kind::update, {}, index_.number(static_cast<std::size_t>(place))};
    grid_.reveal(place);
}

void LogView::move_selection(Context& context, int rows) {
    if (index_.size() == 0) {
        return;
    }
    std::int64_t place = rows > 0 ? -1 : 0;
    if (context.ui.selection.kind == Selection::Kind::update) {
        if (const auto at = index_.place_of(context.ui.selection.number)) {
            place = static_cast<std::int64_t>(*at);
        }
    }
    select(context, std::clamp<std::int64_t>(place + rows, 0, static_cast<std::int64_t>(index_.size()) - 1));
}

void LogView::select_edge(Context& context, Edge edge) {
    if (index_.size() > 0) {
        select(context, edge == Edge::first ? 0 : static_cast<std::int64_t>(index_.size()) - 1);
    }
}

} // namespace fhirscope::gui
