#include "gui/views/replay/state_pane.hpp"

#include "gui/base/format.hpp"
#include "gui/frame/playhead.hpp"
#include "gui/frame/selection.hpp"
#include "gui/model/conflicts/conflict_text.hpp"
#include "gui/model/playhead.hpp"
#include "gui/ui/widgets.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace fhirscope::gui {

namespace {

enum StateColumn : std::size_t { Kind, Resource, Person, Field, Here, There, First, StateColumnCount };

constexpr std::array<GridColumn, StateColumnCount> state_columns = {{{"kind", "", 24},
                                                                     {"resource", "Resource", 130},
                                                                     {"person", "Patient", 116},
                                                                     {"field", "Field", 124},
                                                                     {"here", "At the playhead", 138},
                                                                     {"there", "", 138, Align::Left, true},
                                                                     {"first", "First differs", 104}}};
constexpr std::array<std::size_t, 5> narrow_state = {Resource, Field, Here, There, First};
constexpr float wide_state = 760;       // all columns
constexpr std::size_t most_listed = 16; // bookmarks to choose from

std::string_view sign_of(StateRow::Kind kind) {
    switch (kind) {
        case StateRow::Kind::Added:
            return "+";
        case StateRow::Kind::Removed:
            return "\u2212";
        case StateRow::Kind::Changed:
            return "~";
    }
    return "";
}

const Bookmark* bookmark_with(const Context& context, std::uint64_t number) {
    const auto at = std::ranges::find(context.playhead->bookmarks, number, &Bookmark::number);
    return at == context.playhead->bookmarks.end() ? nullptr : &*at;
}

std::string name_of(const Bookmark& bookmark) {
    std::string name(clock_s(wall(bookmark.at)).view());
    return bookmark.text.empty() ? name : name + "  " + bookmark.text;
}

} // namespace

// Shows the bookmark's moment until its state is here, then what was shown before. Given up where somebody else moves
// the playhead meanwhile.
void StatePane::fetch(Context& context) {
    PlayheadControl& control = *context.session.playhead;
    const PlayheadStatus& status = *context.playhead;
    const Bookmark* bookmark = against_bookmark_ ? bookmark_with(context, bookmark_) : nullptr;
    if (fetch_) {
        if (status.at != fetch_->at) {
            fetch_.reset();
            against_bookmark_ = false;
        } else if (!status.seeking) {
            held_ = context.snapshot_ptr;
            held_of_ = fetch_->number;
            fetch_->to_end ? control.to_end() : control.seek(fetch_->back);
            fetch_.reset();
        } else if (!status.problem.empty()) {
            fetch_.reset();
            against_bookmark_ = false;
        }
    } else if (bookmark != nullptr && held_of_ != bookmark->number) {
        fetch_ = Fetch{bookmark->number, std::clamp(bookmark->at, status.first, status.last), status.at, status.at_end};
        control.seek(fetch_->at);
    }
    if (!against_bookmark_) {
        held_ = nullptr; // it may be large
        held_of_ = 0;
    }
}

void StatePane::refresh(Context& context) {
    if (auto diff = job_.take()) {
        diff_ = std::move(*diff);
        made_ = true;
        selected_ = SIZE_MAX;
    }
    const engine::SnapshotPtr& other = against_bookmark_ ? held_ : context.whole;
    if (fetch_ || other == nullptr || (here_ == context.snapshot_ptr && there_ == other)) return;
    // While it plays, or the session goes on, as often as can be read.
    const double now = ImGui::GetTime();
    const bool due = !made_ || now - made_at_ >= std::chrono::duration<double>(figure_step).count();
    if (!due || job_.pending()) {
        context.redraw_within(figure_step);
        return;
    }
    made_at_ = now;
    here_ = context.snapshot_ptr;
    there_ = other;
    if (context.worker == nullptr) {
        diff_ = state_diff(*here_, *there_, {});
        made_ = true;
        return;
    }
    job_.start(*context.worker,
               [here = here_, there = there_](const std::stop_token& stop) { return state_diff(*here, *there, stop); });
}

void StatePane::header(Context& context, const Rect& row) {
    const Painter p(context.theme);
    const bool recorded = context.session.source == Source::Replay;
    const std::array<SegmentItem, 2> items = {
        {{"end", recorded ? std::string_view("End") : std::string_view("Now")}, {"bookmark", "Bookmark"}}};
    float x = section_title(context, row, context.px(16), "State diff") + context.px(12);
    const int clicked = segment(context, "replay/against", x, row.y, row.h, items, against_bookmark_ ? 1 : 0, true);
    x += segment_width(context, items, true) + context.px(10);
    if (clicked == 0) against_bookmark_ = false;
    if (clicked == 1 && !context.playhead->bookmarks.empty()) {
        against_bookmark_ = true;
        if (bookmark_with(context, bookmark_) == nullptr) bookmark_ = context.playhead->bookmarks.front().number;
    }
    const Bookmark* bookmark = against_bookmark_ ? bookmark_with(context, bookmark_) : nullptr;
    if (bookmark != nullptr) {
        const std::string label = name_of(*bookmark);
        choice_.button(context, "replay/bookmark", x, row.y, row.h, label);
        x += choice_.width(context, label) + context.px(10);
    }
    if (context.playhead->bookmarks.empty() && clicked == 1) against_bookmark_ = false;
    ShortText count = number(static_cast<std::int64_t>(diff_.resources));
    count.append(" of ").append(number(static_cast<std::int64_t>(diff_.compared))).append(" differ");
    const std::string_view words = made_ && !fetch_ ? count.view() : std::string_view("comparing");
    if (row.right() - context.px(12) - Painter::width(p.f().small, words) > x)
        p.text_right(p.f().small, row.right() - context.px(12), row.y, row.h, p.c().t3, words);
}

void StatePane::choose_bookmark(Context& context) {
    const auto& all = context.playhead->bookmarks;
    std::vector<std::string> labels;
    std::vector<std::uint64_t> numbers;
    std::vector<SegmentItem> items;
    int active = -1;
    const std::size_t count = choice_.open() ? std::min(all.size(), most_listed) : 0;
    labels.reserve(count);
    std::vector<std::string> names;
    names.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        labels.push_back(name_of(all[i]));
        names.push_back(std::to_string(all[i].number));
        numbers.push_back(all[i].number);
        if (all[i].number == bookmark_) active = static_cast<int>(i);
        items.push_back({names.back(), labels.back()});
    }
    const int chosen = choice_.list(context, "replay/bookmark", items, active);
    if (chosen >= 0) bookmark_ = numbers[static_cast<std::size_t>(chosen)];
}

void StatePane::row(Context& context, std::int64_t place) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto at = static_cast<std::size_t>(place);
    const StateRow& row = diff_.rows[at];
    const bool repeated = at > 0 && diff_.rows[at - 1].reference == row.reference && place != grid_.first();
    grid_.row(context, place, {selected_row(context) == place, 0, 0});
    const bool bright = grid_.row_selected() || grid_.row_hovered();
    const bool narrow = grid_.body().w < context.px(wide_state);
    ColumnPlaces places(narrow, narrow_state);
    const auto text = [&](std::size_t column, ImFont* font, ImU32 color, std::string_view words) {
        if (const auto cell = places.next(column)) grid_.text(context, *cell, font, color, words);
    };
    const auto value = [&](std::size_t column, const std::string& json, bool has, ImU32 color) {
        const bool absent = has ? json.empty() && !row.path.empty() : true;
        text(column, absent ? p.f().cell : p.f().mono, absent ? (bright ? c.t3 : c.t4) : color,
             absent             ? "absent"
             : row.path.empty() ? "all of it"
                                : json);
    };
    text(Kind, p.f().mono, row.kind == StateRow::Kind::Changed ? c.t3 : c.t1, sign_of(row.kind));
    text(Resource, p.f().mono, c.t2, repeated ? "" : short_reference(row.reference));
    text(Person, p.f().cell, c.t1, repeated ? "" : row.person);
    text(Field, p.f().mono, c.t3, row.path.empty() ? "all" : row.path);
    value(Here, row.here, row.kind != StateRow::Kind::Added, c.t1);
    value(There, row.there, row.kind != StateRow::Kind::Removed, c.t2);
    text(First, p.f().mono, c.t3, row.at ? clock_ms(wall(*row.at)) : ShortText("?"));
    if (grid_.row_hovered() && !row.path.empty())
        tooltip(context, row.path + "\n" + (row.here.empty() ? "absent" : row.here) + "\n" +
                             (row.there.empty() ? "absent" : row.there));
}

std::optional<std::int64_t> StatePane::selected_row(const Context& context) const {
    const Selection& selection = context.ui.selection;
    if (selection.kind != Selection::Kind::Resource) return std::nullopt;
    if (selected_ < diff_.rows.size() && diff_.rows[selected_].reference == selection.reference)
        return static_cast<std::int64_t>(selected_);
    const auto first = std::ranges::find(diff_.rows, selection.reference, &StateRow::reference);
    return first == diff_.rows.end() ? std::nullopt : std::optional(first - diff_.rows.begin());
}

void StatePane::select_row(Context& context, std::int64_t row) {
    selected_ = static_cast<std::size_t>(row);
    select_resource(context, diff_.rows[selected_].reference);
    context.ui.inspector.tab = InspectorTab::Diff;
    grid_.reveal(row);
}

void StatePane::draw(Context& context, Rect area) {
    fetch(context);
    refresh(context);
    header(context, area.take_top(context.px(32)));
    if (diff_.left_out > 0) {
        const Painter p(context.theme);
        const Rect foot = area.take_bottom(context.px(22));
        ShortText text = number(static_cast<std::int64_t>(diff_.left_out));
        p.put(p.f().small, foot.x + context.px(16), foot.y, foot.h, p.c().t3, text.append(" more fields differ"));
    }
    std::array<GridColumn, StateColumnCount> columns = state_columns;
    columns[There].title = against_bookmark_                          ? "At the bookmark"
                           : context.session.source == Source::Replay ? "At the end"
                                                                      : "Now";
    GridStyle style;
    style.row_height = 22;
    grid_.begin(context, "replay/state", area, columns_for(area.w < context.px(wide_state), columns, narrow_state),
                static_cast<std::int64_t>(diff_.rows.size()), style);
    for (std::int64_t i = grid_.first(); i < grid_.last(); ++i) row(context, i);
    grid_.end(context);
    if (diff_.rows.empty())
        empty_state(context, grid_.body(),
                    !made_ || fetch_ ? "The two moments are being compared."
                                     : "Nothing differs: what is shown is the same at both moments.");
    if (grid_.clicked() >= 0 && !choice_.open()) select_row(context, grid_.clicked());
    if (grid_.double_clicked() >= 0 && diff_.rows[static_cast<std::size_t>(grid_.double_clicked())].at)
        show_at(context, *diff_.rows[static_cast<std::size_t>(grid_.double_clicked())].at);
    choose_bookmark(context);
}

} // namespace fhirscope::gui
