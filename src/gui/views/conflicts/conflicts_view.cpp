#include "gui/views/conflicts/conflicts_view.hpp"

#include "engine/strategy.hpp"
#include "gui/base/format.hpp"
#include "gui/frame/colors.hpp"
#include "gui/frame/conflict_actions.hpp"
#include "gui/frame/selection.hpp"
#include "gui/model/conflicts/conflict_text.hpp"
#include "gui/model/labels.hpp"
#include "gui/model/renew.hpp"
#include "gui/ui/widgets.hpp"
#include "query/conflict_fields.hpp"

#include <algorithm>
#include <array>

namespace fhirscope::gui {

using engine::Conflict;

namespace {

enum ConflictColumn : std::size_t { Time, Kind, Resource, Patient, Fields, Strategy, Outcome, ConflictColumnCount };

constexpr std::array<GridColumn, ConflictColumnCount> conflict_columns = {
    {{"time", "Time", 104},
     {"kind", "Kind", 180},
     {"resource", "Resource", 130},
     {"patient", "Patient", 116},
     {"fields", "Fields", 120},
     {"strategy", "Strategy", 96},
     {"outcome", "Outcome", 120, Align::Left, true}}};
constexpr std::array<std::size_t, 5> narrow_list = {Time, Kind, Resource, Fields, Outcome};
constexpr float wide_list = 880; // all columns and an outcome that can be read
constexpr float least_diff = 300;
constexpr std::size_t most_texts = 512;

} // namespace

View::Badge ConflictsView::rail_badge(const Context& context) const {
    return {context.snapshot.open_conflicts, context.theme.c.con};
}

const ConflictsView::Texts& ConflictsView::texts_of(const engine::ConflictPtr& conflict) {
    if (texts_.size() > most_texts) texts_.clear();
    Texts& texts = texts_[conflict->number];
    if (texts.of != conflict) {
        texts.of = conflict;
        texts.reference = short_reference(conflict->reference);
        texts.patient = patient_of(*conflict);
        texts.outcome = outcome_text(*conflict);
        texts.fields.clear();
        for (const std::string& member : conflict->members) texts.fields += (texts.fields.empty() ? "" : ", ") + member;
    }
    return texts;
}

void ConflictsView::ask(const Context& context) {
    index_.update(context.snapshot_ptr, {context.ui.conflicts.segment, filter_, context.ui.brush});
    // A selection that was made elsewhere comes into sight once.
    const Selection& selection = context.ui.selection;
    const std::uint64_t number = selection.kind == Selection::Kind::Conflict ? selection.number : 0;
    if (number != revealed_) {
        revealed_ = number;
        if (const auto place = number != 0 ? index_.place_of(number) : std::nullopt)
            grid_.reveal(static_cast<std::int64_t>(*place));
    }
}

void ConflictsView::header(Context& context, const Rect& row) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    float x = row.x + context.px(16);
    if (!context.layout.narrow) x = p.text(p.f().bold, x, row.y, row.h, c.t1, "Conflicts") + context.px(14);
    const auto count = [](std::string_view word, std::size_t n) {
        return ShortText(word).append(" ").append(number(static_cast<std::int64_t>(n)));
    };
    const ShortText open = count("Open", index_.open());
    const ShortText resolved = count("Resolved", index_.resolved());
    const ShortText all = count("All", index_.open() + index_.resolved());
    const std::array<SegmentItem, 3> items = {{{"open", open}, {"resolved", resolved}, {"all", all}}};
    const int clicked =
        segment(context, "conflicts/segment", x, row.y, row.h, items, static_cast<int>(context.ui.conflicts.segment));
    if (clicked >= 0) {
        context.ui.conflicts.segment = static_cast<ConflictSegment>(clicked);
        grid_.scroll_to_top();
    }
    x += segment_width(context, items, false) + context.px(10);
    if (!context.layout.narrow)
        x = tag(context, x, row.y, row.h, context.ui.brush ? "range" : "session") + context.px(10);

    float right = row.right() - context.px(12);
    const float field_w = std::min(context.px(200), std::max(context.px(90), right - x - context.px(100)));
    const Rect field{right - field_w, row.y + context.px(8), field_w, context.px(24)};
    filter(context, field);
    right = field.x - context.px(10);
    const engine::Strategy* strategy_now = engine::find_strategy(context.snapshot.default_strategy);
    const std::string label = strategy_now != nullptr                     ? capitalised(strategy_now->title)
                              : context.snapshot.default_strategy.empty() ? std::string("Ask")
                                                                          : context.snapshot.default_strategy;
    right -= strategy_.width(context, label);
    if (right < x) return;
    strategy_.button(context, "conflicts/strategy", right, row.y, row.h, label);
    constexpr std::string_view caption_text = "Default strategy";
    right -= context.px(10) + Painter::width(p.f().body, caption_text);
    if (right > x) p.put(p.f().body, right, row.y, row.h, c.t3, caption_text);
}

void ConflictsView::filter(Context& context, const Rect& field) {
    const bool focus = context.ui.focus_filter;
    context.ui.focus_filter = false;
    const bool changed = input_.draw(context,
                                     {.name = "conflicts/filter",
                                      .rect = field,
                                      .hint = "kind, resource, field",
                                      .room_right = filter_.empty() ? 0 : context.px(24),
                                      .take_focus = focus},
                                     filter_, query::conflict_fields(), nullptr);
    if (changed) grid_.scroll_to_top();
    if (!filter_.empty() &&
        icon_button(context, "conflicts/filter/clear", ImVec2(field.right() - context.px(24), field.y), Icon::Close,
                    false, "Clear the filter"))
        filter_.clear();
}

void ConflictsView::choose_strategy(Context& context) {
    const auto all = engine::all_strategies();
    std::vector<std::string> titles;
    std::vector<SegmentItem> items;
    int active = -1;
    if (strategy_.open()) {
        titles.reserve(all.size());
        for (const engine::Strategy& one : all) {
            titles.push_back(capitalised(one.title));
            if (one.name == context.snapshot.default_strategy) active = static_cast<int>(items.size());
            items.push_back({one.name, titles.back()});
        }
    }
    const int chosen = strategy_.list(context, "conflicts/strategy", items, active);
    if (chosen >= 0 && can_send(context))
        context.send(engine::SetDefaultStrategy{std::string(items[static_cast<std::size_t>(chosen)].name)});
}

void ConflictsView::row(Context& context, std::int64_t place) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const engine::ConflictPtr& pointer = index_.at(static_cast<std::size_t>(place));
    const Conflict& conflict = *pointer;
    const Texts& texts = texts_of(pointer);
    const bool selected =
        context.ui.selection.kind == Selection::Kind::Conflict && context.ui.selection.number == conflict.number;
    grid_.row(context, place, {selected, 0, 0});
    ColumnPlaces places(narrow_, narrow_list);
    const auto text = [&](std::size_t column, ImFont* font, ImU32 color, std::string_view words) {
        if (const auto at = places.next(column)) grid_.text(context, *at, font, color, words);
    };
    const auto marked = [&](std::size_t column, Mark mark, ImU32 color, std::string_view words) {
        if (const auto at = places.next(column)) {
            const Rect cell = grid_.cell_inner(context, *at);
            const float x = p.mark(mark, cell.x, cell.y, cell.h) + context.px(7);
            p.text_cut(p.f().body, x, cell.right(), cell.y, cell.h, color, words);
        }
    };
    text(Time, p.f().mono, c.t3, clock_ms(wall(conflict.at)));
    marked(Kind, conflict_mark(conflict.kind), c.t2, to_string(conflict.kind));
    text(Resource, p.f().mono, c.t2, texts.reference);
    text(Patient, p.f().body, c.t1, texts.patient);
    text(Fields, p.f().body, c.t2, texts.fields);
    text(Strategy, p.f().body, c.t3, engine::strategy_title(conflict.strategy));
    marked(Outcome, outcome_mark(conflict), outcome_color(c, conflict), texts.outcome);
    if (grid_.row_hovered() && grid_.cell(Time).contains(ImGui::GetIO().MousePos))
        tooltip(context, utc_full(wall(conflict.at)));
}

void ConflictsView::nothing(Context& context, const Rect& area) {
    const Painter p(context.theme);
    std::string sentence;
    const std::size_t in_range = index_.open() + index_.resolved();
    if (in_range == 0) {
        sentence = context.ui.brush ? "No conflicts in this range. Clear the range (Esc)."
                                    : "No conflicts. Edits that meet another change will be listed here.";
    } else if (!filter_.empty()) {
        ShortText text("No rows match. ");
        text.append(number(static_cast<std::int64_t>(in_range)));
        sentence = std::string(text.append(in_range == 1 ? " row is" : " rows are").view()) + " hidden by the filter.";
    } else {
        sentence = context.ui.conflicts.segment == ConflictSegment::Open ? "No conflict waits for a decision."
                                                                         : "No conflict was decided yet.";
    }
    context.target("conflicts/empty/" + sentence, area);
    empty_state(context, area, sentence);
    if (in_range > 0 && !filter_.empty()) {
        float x = area.x + (area.w - button_width(context, "Clear")) / 2;
        if (button(context, "conflicts/clear", x, area.y + area.h / 2 + context.px(14), context.px(24), "Clear"))
            filter_.clear();
    }
}

void ConflictsView::list(Context& context, const Rect& area) {
    narrow_ = area.w < context.px(wide_list);
    std::array<GridColumn, ConflictColumnCount> columns = conflict_columns;
    GridStyle style;
    style.sorted = 0;
    style.descending = true;
    grid_.begin(context, "conflicts", area, columns_for(narrow_, columns, narrow_list),
                static_cast<std::int64_t>(index_.size()), style);
    for (std::int64_t i = grid_.first(); i < grid_.last(); ++i) row(context, i);
    grid_.end(context);
    if (index_.size() == 0) nothing(context, grid_.body());
    if (grid_.clicked() >= 0 && !strategy_.open()) {
        select_conflict(context, index_.at(static_cast<std::size_t>(grid_.clicked()))->number);
        revealed_ = context.ui.selection.number;
    }
    if (grid_.double_clicked() >= 0) open_inspector(context);
}

void ConflictsView::draw(Context& context, Rect area) {
    ask(context);
    const engine::ConflictPtr conflict = selected_conflict(context);
    if (conflict && context.layout.narrow) {
        diff_.draw(context, area, conflict, index_);
        return;
    }
    const Painter p(context.theme);
    const Rect head = area.take_top(context.px(40));
    p.hline(head.x, head.right(), head.bottom() - context.px(1), p.c().line);
    input_.ask(filter_, query::conflict_fields());
    header(context, head);
    if (!input_.valid()) input_.draw_problem(context, area.take_top(context.px(22)));
    if (conflict) {
        const float most = std::max(context.px(94), area.h - context.px(least_diff));
        const float height = snap(std::clamp(area.h * share_, std::min(context.px(94), most), most));
        list(context, area.take_top(height));
        diff_.draw(context, area, conflict, index_);
        const float moved = horizontal_splitter_line(context, "conflicts/splitter", area.x, area.y, area.w);
        share_ = std::clamp((height + moved) / std::max(1.0F, height + area.h), 0.1F, 0.9F);
    } else {
        list(context, area);
    }
    choose_strategy(context);
    input_.draw_list(context, filter_);
}

std::int64_t ConflictsView::row_count(Context& context) {
    ask(context);
    return static_cast<std::int64_t>(index_.size());
}

std::optional<std::int64_t> ConflictsView::selected_row(const Context& context) const {
    const Selection& selection = context.ui.selection;
    return selection.kind == Selection::Kind::Conflict ? index_.place_of(selection.number) : std::nullopt;
}

void ConflictsView::select_row(Context& context, std::int64_t row) {
    select_conflict(context, index_.at(static_cast<std::size_t>(row))->number);
}

void ConflictsView::forget_moment() {
    renew(index_);
    renew(diff_);
    texts_.clear();
}

} // namespace fhirscope::gui
