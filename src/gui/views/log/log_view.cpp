#include "gui/views/log/log_view.hpp"

#include "gui/base/format.hpp"
#include "gui/frame/selection.hpp"
#include "gui/model/labels.hpp"
#include "gui/model/renew.hpp"
#include "gui/ui/widgets.hpp"
#include "query/update_fields.hpp"

#include <algorithm>
#include <string>

namespace fhirscope::gui {

void LogView::choose_columns(const Context& context, float width) {
    columns_.clear();
    float needed = 0;
    const auto width_of = [](LogColumn column) {
        const GridColumn& one = log_columns[static_cast<std::size_t>(column)];
        return one.stretch ? least_stretch : one.width;
    };
    for (std::size_t i = 0; i < log_column_count; ++i) {
        const auto column = static_cast<LogColumn>(i);
        const bool fits = !context.layout.narrow || std::find(narrow_log_columns.begin(), narrow_log_columns.end(),
                                                              column) != narrow_log_columns.end();
        if (fits && context.ui.log.settings.shows(log_columns[i].id)) {
            columns_.push_back(column);
            needed += width_of(column);
        }
    }
    for (const LogColumn column : least_log_columns)
        if (context.px(needed) > width && std::erase(columns_, column) > 0) needed -= width_of(column);
    if (columns_.empty()) // settings that hide everything
        columns_.push_back(LogColumn::Time);
    grid_columns_.clear();
    bool stretches = false;
    for (const LogColumn column : columns_) {
        grid_columns_.push_back(log_columns[static_cast<std::size_t>(column)]);
        stretches = stretches || grid_columns_.back().stretch;
    }
    // Without the column that takes what is left another does.
    for (std::size_t i = columns_.size(); i > 0 && !stretches; --i) {
        const LogColumn column = columns_[i - 1];
        if (i == 1 || column == LogColumn::Outcome || column == LogColumn::Channel || column == LogColumn::Type)
            grid_columns_[i - 1].stretch = stretches = true;
    }
}

// Scrolled away, the list stays where it is although rows arrive above it.
void LogView::follow(Context& context) {
    if (context.ui.log.to_newest) {
        context.ui.log.to_newest = false;
        grid_.scroll_to_top();
    }
    if (grid_.at_top()) {
        away_ = false;
        top_number_ = index_.size() > 0 ? index_.number(0) : 0;
    } else if (away_ || index_.size() > 0) {
        away_ = true;
        std::size_t fresh = 0;
        if (index_.size() > 0 && index_.number(0) > top_number_) {
            if (const auto old_place = index_.place_of(top_number_)) fresh = *old_place;
        }
        grid_.scroll_by(static_cast<double>(fresh) - static_cast<double>(unseen_));
        unseen_ = fresh;
    }
    if (!away_) unseen_ = 0;
}

void LogView::table(Context& context, Rect area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    GridStyle style;
    style.row_height = 20;
    style.right = 24;
    style.scroll_bar = false;
    style.left = colors_.any() ? 32.0F : 18.0F; // marks of rules and incidents stand before the cells
    choose_columns(context, area.w - context.px(style.left + style.right));
    style.sorted = columns_[0] == LogColumn::Time ? 0 : -1;
    style.descending = true;

    follow(context);
    const auto rows = static_cast<std::int64_t>(index_.size());
    grid_.begin(context, "log", area, grid_columns_, rows, style);
    query::UpdateFacts facts(context.snapshot, &conflicts_);
    for (std::int64_t i = grid_.first(); i < grid_.last(); ++i) row(context, i, facts);
    grid_.end(context);
    const Rect body = grid_.body();
    if (rows == 0) {
        if (context.snapshot.updates.empty()) {
            empty_state(context, body, "No update has arrived yet.");
        } else if (index_.complete() && context.ui.log.filter.empty() && context.ui.brush) {
            empty_state(context, body, "No update came in this range. Clear the range (Esc).");
        } else if (index_.complete()) {
            ShortText sentence("No rows match. ");
            sentence.append(number(static_cast<std::int64_t>(context.snapshot.updates.size())))
                .append(" rows are hidden by the filter.");
            empty_state(context, body, sentence);
            float x = body.x + body.w / 2 - button_width(context, "Clear") / 2;
            if (!context.ui.log.filter.empty() &&
                button(context, "log/clear", x, body.y + body.h / 2 + context.px(14), context.px(24), "Clear"))
                context.ui.log.filter.clear();
        } else {
            empty_state(context, body, "Rows are being looked at.");
        }
    }
    if (away_ && unseen_ > 0) {
        ShortText fresh = number(static_cast<std::int64_t>(unseen_));
        fresh.append(" new, Home");
        const float w = Painter::width(p.f().cell, fresh) + context.px(20);
        const Rect box{snap(body.x + (body.w - w) / 2), body.y + context.px(6), w, context.px(22)};
        begin_region("log/new", box); // over the rows
        const Painter over(context.theme);
        const Hit state = hit(context, "log/new", box);
        over.fill(box, c.tlive, context.px(4));
        over.text_center(p.f().cell, box.x, box.w, box.y, box.h, c.live, fresh);
        if (state.clicked) grid_.scroll_to_top();
        end_region();
    }
    take_clicks(context, grid_);
}

void LogView::draw(Context& context, Rect area) {
    if (input_.ask(context.ui.log.filter, query::update_fields())) {
        canonical_ = input_.query().canonical();
        index_.ask(input_.query());
        grid_.scroll_to_top();
        away_ = false;
    }
    colors_.update(context.ui.log.settings.rules);
    conflicts_.update(context.snapshot_ptr);
    index_.update(context.snapshot_ptr, conflicts_, context.ui.brush, context.worker);
    range_.update(context.snapshot_ptr, context.ui.brush, context.worker);
    const Rect whole = area;
    const float row = context.px(40);
    below_header_ = Rect{whole.x, whole.y + row - context.px(3), whole.w, whole.h - row};
    header(context, area);
    chips(context, area);
    const Rect foot = area.take_bottom(context.px(28));
    table(context, area);
    const Rect body = grid_.body();
    map(context, Rect{body.right() - context.px(14), body.y, context.px(14), body.h});
    footer(context, foot);
    // What opens lies above the rest.
    sheets_.draw(context, {.area = below_header_,
                           .filter_valid = input_.valid(),
                           .rows = index_.size(),
                           .complete = index_.complete(),
                           .conflicts = &conflicts_,
                           .numbers = [&] { return shown_numbers(); }});
    input_.draw_list(context, context.ui.log.filter);
}

std::vector<std::uint64_t> LogView::shown_numbers() const {
    std::vector<std::uint64_t> numbers;
    numbers.reserve(index_.size());
    for (std::size_t place = index_.size(); place > 0; --place) numbers.push_back(index_.number(place - 1));
    return numbers;
}

std::int64_t LogView::row_count(Context& /*context*/) { return static_cast<std::int64_t>(index_.size()); }

std::optional<std::int64_t> LogView::selected_row(const Context& context) const {
    const Selection& selection = context.ui.selection;
    return selection.kind == Selection::Kind::Update ? index_.place_of(selection.number) : std::nullopt;
}

void LogView::select_row(Context& context, std::int64_t row) {
    select_update(context, index_.number(static_cast<std::size_t>(row)));
    grid_.reveal(row);
}

void LogView::forget_moment() {
    renew(index_);
    renew(conflicts_);
    renew(range_);
    canonical_.clear();
    away_ = false;
    unseen_ = 0;
}

} // namespace fhirscope::gui
