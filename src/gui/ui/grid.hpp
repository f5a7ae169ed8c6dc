#pragma once
// A table of rows of one height: column headers, virtual scrolling, hovering, clicking, sorting, resizing by hand.
//
// Only visible rows are drawn, whatever their number. The position is kept as a row and a fraction rather than in
// ImGui's scroll value: that is a float, which cannot name single pixels of a list of a million rows.

#include "gui/ui/frame.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::gui {

enum class Align { Left, Right };

// What a stretching column keeps where there is no room, at scale 1.
inline constexpr float least_stretch = 80;

struct GridColumn {
    std::string_view id; // keeps a width set by hand, names it for tests
    std::string_view title;
    float width = 100; // at scale 1; of a stretching column what it should have at least
    Align align = Align::Left;
    bool stretch = false; // takes what is left, and gives way where there is no room; at most one column
    bool sortable = false;
};

// The columns of a table: all, or in a narrow one `few` of them, which take the first places of `columns`.
template <std::size_t n, std::size_t m>
std::span<const GridColumn> columns_for(bool narrow, std::array<GridColumn, n>& columns,
                                        const std::array<std::size_t, m>& few) {
    if (!narrow) return columns;
    const std::array<GridColumn, n> all = columns;
    for (std::size_t i = 0; i < m; ++i) columns[i] = all[few[i]];
    return std::span<const GridColumn>(columns.data(), m);
}

// The places of a row's cells in such a table. Its columns are asked for in their order.
class ColumnPlaces {
public:
    ColumnPlaces(bool narrow, std::span<const std::size_t> few) : narrow_(narrow), few_(few) {}

    // That of `column`; nothing where it is not shown.
    std::optional<std::size_t> next(std::size_t column) {
        if (narrow_ && (at_ >= few_.size() || few_[at_] != column)) return std::nullopt;
        return at_++;
    }

private:
    bool narrow_;
    std::span<const std::size_t> few_;
    std::size_t at_ = 0;
};

struct GridStyle {
    float row_height = 24; // at scale 1
    float left = 10;       // padding beside the cells (which have 6 of their own)
    float right = 6;
    bool header = true;
    bool scroll_bar = true; // false: the caller draws something else there
    int sorted = -1;        // column with the arrow
    bool descending = false;
    // The caller keeps widths (see resized()) and the columns' order (see moved()): the first `fixed` stay.
    bool arranged = false;
    std::size_t fixed = 1;
};

class Grid {
public:
    // Begins the table in `area`. Then draw rows [first(), last()) with row() and cell(), and call end().
    void begin(Frame& frame, std::string_view name, Rect area, std::span<const GridColumn> columns,
               std::int64_t row_count, const GridStyle& style);
    void end(Frame& frame);

    std::int64_t first() const { return first_; }
    std::int64_t last() const { return last_; }

    // State of a row's background, in the order of the guide: a selection wins the fill, the bar keeps the rest.
    struct RowLook {
        bool selected = false;
        ImU32 fill = 0;
        ImU32 bar = 0;
    };
    // Draws a row's background and makes it the current one.
    void row(Frame& frame, std::int64_t index, const RowLook& look);
    bool row_hovered() const { return row_hovered_; }
    bool row_selected() const { return row_selected_; }
    // Whether the mouse is over this cell of the current row.
    bool pointed_at(std::size_t column) const;
    const Rect& row_rect() const { return row_; }

    // The rectangle of a cell of the current row, with its padding of 6 left and right; `text_rect` without it.
    Rect cell(std::size_t column) const;
    Rect cell_at(std::int64_t row, std::size_t column) const; // of any row
    Rect cell_inner(const Frame& frame, std::size_t column) const;
    void cell_fill(const Frame& frame, std::size_t column, ImU32 color) const;
    // Text in a cell, aligned as its column and cut with ….
    void text(const Frame& frame, std::size_t column, ImFont* font, ImU32 color, std::string_view text);

    // The row that was clicked (or double clicked) in this frame, -1: none.
    std::int64_t clicked() const { return clicked_; }
    std::int64_t double_clicked() const { return double_clicked_; }
    std::int64_t right_clicked() const { return right_clicked_; }
    // The column at an x of the window, nothing beside them.
    std::optional<std::size_t> column_at(float x) const;
    // The header that was clicked in this frame, -1: none.
    int header_clicked() const { return header_clicked_; }
    int header_right_clicked() const { return header_right_clicked_; }
    // In a table that the caller arranges, after end(): the column that was given another width (at scale 1), and the
    // one that was dragged to another place.
    struct Resized {
        std::size_t column = 0;
        float width = 0;
    };
    const std::optional<Resized>& resized() const { return resized_; }
    struct Moved {
        std::size_t from = 0, to = 0;
    };
    const std::optional<Moved>& moved() const { return moved_; }

    // Scrolling, in rows. The next begin() keeps it within the list.
    bool at_top() const { return top_ <= 0; }
    void scroll_to_top() { top_ = 0; }
    void scroll_by(double rows) { top_ += rows; }
    // Keeps `index` inside what is shown.
    void reveal(std::int64_t index);
    const Rect& body() const { return body_; }

private:
    struct Placed {
        float x = 0;
        float w = 0;
    };
    void place_columns(const Frame& frame, std::span<const GridColumn> columns);
    void header(Frame& frame, const Rect& row);
    void set_width(std::size_t column, float width);
    void drag_column(Frame& frame, const Rect& row, std::size_t column, bool held);
    float row_top(std::int64_t index) const;
    void scroll_bar(Frame& frame);

    std::string name_;
    std::vector<GridColumn> columns_;
    std::vector<Placed> placed_;
    std::vector<std::pair<std::string, float>> widths_; // set by hand, at scale 1
    GridStyle style_;
    Rect area_, body_, row_;
    float row_h_ = 24;
    double top_ = 0; // first visible row, with its fraction
    std::int64_t count_ = 0, first_ = 0, last_ = 0;
    std::int64_t hovered_ = -1, clicked_ = -1, double_clicked_ = -1, right_clicked_ = -1, reveal_ = -1;
    int header_clicked_ = -1, header_right_clicked_ = -1;
    int dragged_column_ = -1;
    std::optional<Resized> resized_;
    std::optional<Moved> moved_;
    Rect header_;
    int fit_column_ = -1; // double clicked edge: measure this frame, set at end()
    float fit_width_ = 0;
    bool row_hovered_ = false, row_selected_ = false;
    double drag_from_ = 0; // of the scroll bar
};

} // namespace fhirscope::gui
