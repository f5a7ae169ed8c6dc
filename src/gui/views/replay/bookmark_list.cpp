#include "gui/views/replay/bookmark_list.hpp"

#include "gui/base/format.hpp"
#include "gui/frame/playhead.hpp"
#include "gui/model/playhead.hpp"
#include "gui/ui/widgets.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace fhirscope::gui {

namespace {

constexpr std::array<GridColumn, 3> bookmark_columns = {
    {{"mark", "", 28}, {"time", "Time", 104}, {"text", "Text", 120, Align::Left, true}}};

// The newest that is not after the moment that is shown.
std::size_t current_bookmark(const PlayheadStatus& playhead) {
    const auto after = std::ranges::upper_bound(playhead.bookmarks, playhead.at, {}, &Bookmark::at);
    return after == playhead.bookmarks.begin() ? SIZE_MAX
                                               : static_cast<std::size_t>(after - playhead.bookmarks.begin()) - 1;
}

} // namespace

void BookmarkList::title(Context& context, const Rect& row) {
    const Painter p(context.theme);
    section_title(context, row, context.px(14), "Bookmarks", number(static_cast<std::int64_t>(count_)));
    const ButtonOptions quiet{ButtonKind::Quiet, true, nullptr, 0};
    const float cap = row.right() - context.px(14) - keycap_width(context, "M");
    keycap(context, cap, row.y, row.h, "M");
    float x = cap - button_width(context, "Add", quiet) - context.px(2);
    if (button(context, "replay/bookmarks/add", x, row.y, row.h, "Add", quiet)) {
        add_bookmark(context);
        added_ = true;
    }
}

void BookmarkList::begin_writing(const Context& context, std::size_t place) {
    const Bookmark& bookmark = context.playhead->bookmarks[place];
    written_ = bookmark.number;
    text_ = bookmark.text;
    take_focus_ = true;
    had_keyboard_ = false;
}

// Enter keeps what was written, as does going elsewhere; Esc does not.
void BookmarkList::write(Context& context, const Rect& cell) {
    const bool typing = value_input(context, "replay/bookmarks/text", cell, text_, InputState::Empty,
                                    std::exchange(take_focus_, false), context.theme.f.cell);
    if (typing) {
        had_keyboard_ = true;
        return;
    }
    if (!had_keyboard_) return;
    if (!ImGui::IsKeyPressed(ImGuiKey_Escape)) context.session.playhead->rename_bookmark(written_, text_);
    written_ = 0;
}

void BookmarkList::row(Context& context, std::int64_t place) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto at = static_cast<std::size_t>(place);
    const Bookmark& bookmark = context.playhead->bookmarks[at];
    const bool current = at == current_bookmark(*context.playhead);
    grid_.row(context, place, {current, 0, 0});
    const Rect flag = grid_.cell_inner(context, 0);
    p.icon(Icon::Flag, flag.x, flag.y, flag.h, current ? c.t1 : c.t3);
    grid_.text(context, 1, p.f().mono, c.t3, clock_ms(wall(bookmark.at)));
    if (bookmark.number == written_) {
        write(context, grid_.cell(2));
        return;
    }
    grid_.text(context, 2, p.f().cell,
               bookmark.text.empty() ? c.t4
               : current             ? c.t1
                                     : c.t2,
               bookmark.text.empty() ? std::string_view("no words yet") : bookmark.text);
    // Also where the mouse is over the button, and while that is pressed.
    if (!ImGui::IsWindowHovered(ImGuiHoveredFlags_AllowWhenBlockedByActiveItem) ||
        !grid_.row_rect().contains(ImGui::GetIO().MousePos))
        return;
    const Rect cell = grid_.cell(2);
    if (icon_button(context, "replay/bookmarks/remove/" + std::to_string(place),
                    ImVec2(cell.right() - context.px(24), cell.y - context.px(1)), Icon::Close, false,
                    "Remove the bookmark"))
        context.session.playhead->remove_bookmark(bookmark.number);
    else if (grid_.row_hovered() && grid_.pointed_at(2) && !bookmark.text.empty())
        tooltip(context, bookmark.text + "\nDouble click: write on it");
}

void BookmarkList::draw(Context& context, Rect area) {
    const auto& bookmarks = context.playhead->bookmarks;
    if (added_ && bookmarks.size() > count_) { // the one that is nearest to where it was made
        added_ = false;
        const auto newest = std::ranges::max_element(bookmarks, {}, &Bookmark::number);
        begin_writing(context, static_cast<std::size_t>(newest - bookmarks.begin()));
        grid_.reveal(newest - bookmarks.begin());
    }
    count_ = bookmarks.size();
    title(context, area.take_top(context.px(32)));
    const Painter p(context.theme);
    const std::string& kept_in = context.playhead->bookmarks_kept_in;
    if (count_ > 0) {
        const Rect foot = area.take_bottom(context.px(22));
        const std::string where = kept_in.empty() ? "Lost when the session is closed" : "Kept in " + kept_in;
        p.text_cut(p.f().small, foot.x + context.px(14), foot.right() - context.px(14), foot.y, foot.h,
                   kept_in.empty() ? p.c().att : p.c().t3, where);
    }
    GridStyle style;
    style.row_height = 22;
    style.left = 8;
    style.header = false;
    grid_.begin(context, "replay/bookmarks", area, bookmark_columns, static_cast<std::int64_t>(count_), style);
    for (std::int64_t i = grid_.first(); i < grid_.last(); ++i) row(context, i);
    grid_.end(context);
    if (count_ == 0) empty_state(context, grid_.body(), "No bookmark yet. M sets one at the moment that is shown.");
    if (grid_.double_clicked() >= 0)
        begin_writing(context, static_cast<std::size_t>(grid_.double_clicked()));
    else if (grid_.clicked() >= 0)
        show_at(context, bookmarks[static_cast<std::size_t>(grid_.clicked())].at);
}

} // namespace fhirscope::gui
