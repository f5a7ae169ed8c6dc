#include "gui/ui/grid.hpp"

#include "gui/ui/widgets.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace fhirscope::gui {

namespace {

constexpr float cell_padding = 6;
constexpr float header_height = 22;
constexpr float least_column = 28;

} // namespace

void Grid::place_columns(const Frame& frame, std::span<const GridColumn> columns) {
    columns_.assign(columns.begin(), columns.end());
    placed_.resize(columns.size());
    const float left = area_.x + frame.px(style_.left);
    const float room = area_.w - frame.px(style_.left) - frame.px(style_.right);
    float fixed = 0;
    std::size_t stretch = columns.size();
    for (std::size_t i = 0; i < columns.size(); ++i) {
        float width = columns[i].width;
        for (const auto& [id, by_hand] : widths_)
            if (id == columns[i].id) width = by_hand;
        placed_[i].w = frame.px(width);
        if (columns[i].stretch) stretch = i;
        fixed += placed_[i].w;
    }
    if (stretch < columns.size()) { // where there is no room, it gives what it can
        const float least = std::min(placed_[stretch].w, frame.px(least_stretch));
        placed_[stretch].w = std::max(placed_[stretch].w + room - fixed, least);
    }
    float x = left;
    for (Placed& column : placed_) {
        column.x = x;
        x += column.w;
    }
}

void Grid::begin(Frame& frame, std::string_view name, Rect area, std::span<const GridColumn> columns,
                 std::int64_t row_count, const GridStyle& style) {
    name_ = name;
    style_ = style;
    area_ = area;
    count_ = row_count;
    row_h_ = frame.px(style.row_height);
    clicked_ = double_clicked_ = right_clicked_ = hovered_ = -1;
    header_clicked_ = header_right_clicked_ = -1;
    resized_.reset();
    moved_.reset();
    place_columns(frame, columns);

    if (style.header) {
        header_ = area.take_top(frame.px(header_height));
        header(frame, header_);
    }
    body_ = area;
    const double visible = body_.h / row_h_;
    const Hit state = hit(
        frame, name_ + "/body",
        Rect{body_.x, body_.y, body_.w - frame.px(style_.scroll_bar ? 10 : style_.right - 8), body_.h}, Overlap::Yes);
    if (ImGui::IsWindowHovered(ImGuiHoveredFlags_AllowWhenBlockedByActiveItem) &&
        body_.contains(ImGui::GetIO().MousePos))
        top_ -= static_cast<double>(ImGui::GetIO().MouseWheel) * 3.0;
    if (reveal_ >= 0) {
        const auto row = static_cast<double>(reveal_);
        if (row < top_)
            top_ = row;
        else if (row + 1 > top_ + visible)
            top_ = row + 1 - visible;
        reveal_ = -1;
    }
    top_ = std::clamp(top_, 0.0, std::max(0.0, static_cast<double>(count_) - visible));
    first_ = static_cast<std::int64_t>(std::floor(top_));
    last_ = std::min(count_, static_cast<std::int64_t>(std::ceil(top_ + visible)));

    if (state.hovered || state.held) {
        const double offset = (static_cast<double>(ImGui::GetIO().MousePos.y) - static_cast<double>(body_.y)) / row_h_;
        const auto row = static_cast<std::int64_t>(std::floor(top_ + offset));
        hovered_ = row >= 0 && row < count_ ? row : -1;
    }
    // When the button goes down: a live list has moved on by the time it comes up.
    if (state.pressed) clicked_ = hovered_;
    if (state.double_clicked) double_clicked_ = hovered_;
    if (state.hovered && ImGui::IsMouseClicked(ImGuiMouseButton_Right)) right_clicked_ = hovered_;
    ImGui::PushClipRect(body_.min(), body_.max(), true);
}

void Grid::header(Frame& frame, const Rect& row) {
    const Painter p(frame.theme);
    const Palette& c = p.c();
    p.hline(row.x, row.right(), row.bottom() - frame.px(1), c.line);
    ImGui::PushClipRect(row.min(), row.max(), true);
    fit_column_ = -1;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        const GridColumn& column = columns_[i];
        const Rect cell{placed_[i].x, row.y, placed_[i].w, row.h};
        // The edge first: ImGui gives the hover to the first item under the mouse.
        std::string id = name_ + "/header/" + std::string(column.id);
        const Hit edge = hit(frame, id + "/edge", Rect{cell.right() - frame.px(3), row.y, frame.px(6), row.h});
        if (edge.hovered || edge.held) {
            ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeEW);
            p.vline(cell.right() - frame.px(1), row.y + frame.px(4), row.bottom() - frame.px(4), c.line3);
        }
        if (edge.double_clicked) {
            fit_column_ = static_cast<int>(i);
            fit_width_ = Painter::width(p.f().small, column.title);
        } else if (edge.held && ImGui::GetIO().MouseDelta.x != 0) {
            set_width(i, (placed_[i].w + ImGui::GetIO().MouseDelta.x) / frame.theme.scale);
        }
        bool hovered = false;
        const bool movable = style_.arranged && i >= style_.fixed;
        if (column.sortable || movable) {
            const Hit state = hit(frame, id, Rect{cell.x, row.y, cell.w - frame.px(3), row.h});
            hovered = state.hovered && column.sortable;
            if (state.clicked && column.sortable && dragged_column_ < 0) header_clicked_ = static_cast<int>(i);
            if (movable) drag_column(frame, row, i, state.held);
        }
        const ImU32 color = hovered ? c.t2 : c.t4;
        const float left = cell.x + frame.px(cell_padding);
        const float right = cell.right() - frame.px(cell_padding);
        const bool sorted = static_cast<int>(i) == style_.sorted;
        const char* arrow = style_.descending ? "↓" : "↑";
        if (column.align == Align::Right) {
            float end = right;
            if (sorted) end = p.text_right(p.f().small, right, row.y, row.h, c.t2, arrow) - frame.px(4);
            p.text_right(p.f().small, end, row.y, row.h, color, column.title);
        } else {
            const float end = p.text_cut(p.f().small, left, right, row.y, row.h, color, column.title);
            if (sorted) p.put(p.f().small, end + frame.px(4), row.y, row.h, c.t2, arrow);
        }
    }
    ImGui::PopClipRect();
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    if (ImGui::IsMouseClicked(ImGuiMouseButton_Right) && row.contains(mouse) && ImGui::IsWindowHovered())
        header_right_clicked_ = static_cast<int>(column_at(mouse.x).value_or(0));
}

void Grid::set_width(std::size_t column, float width) {
    width = std::max(width, least_column);
    if (style_.arranged) {
        resized_ = Resized{column, width};
        return;
    }
    for (auto& [known, value] : widths_) {
        if (known == columns_[column].id) {
            value = width;
            return;
        }
    }
    widths_.emplace_back(std::string(columns_[column].id), width);
}

// A header that is dragged goes where the line stands when it is let go.
void Grid::drag_column(Frame& frame, const Rect& row, std::size_t column, bool held) {
    const ImGuiIO& io = ImGui::GetIO();
    const bool mine = dragged_column_ == static_cast<int>(column);
    if (!held && !mine) return;
    if (held && !mine && std::fabs(io.MousePos.x - io.MouseClickedPos[0].x) < frame.px(6)) return; // a click, so far
    dragged_column_ = static_cast<int>(column);
    std::size_t gap = style_.fixed; // it goes before the column of this number
    while (gap < placed_.size() && io.MousePos.x > placed_[gap].x + placed_[gap].w / 2) ++gap;
    const std::size_t to = gap > column ? gap - 1 : gap;
    if (!held) {
        dragged_column_ = -1;
        if (to != column) moved_ = Moved{column, to};
        return;
    }
    const Painter p(frame.theme);
    p.fill(Rect{placed_[column].x, row.y, placed_[column].w, row.h - frame.px(1)}, p.c().sel);
    const float x = gap < placed_.size() ? placed_[gap].x : placed_.back().x + placed_.back().w;
    p.fill(Rect{snap(x) - frame.px(1), row.y, frame.px(2), row.h}, p.c().t1);
}

void Grid::row(Frame& frame, std::int64_t index, const RowLook& look) {
    const Painter p(frame.theme);
    row_ = Rect{body_.x, row_top(index), body_.w, row_h_};
    row_hovered_ = index == hovered_;
    row_selected_ = look.selected;
    if (look.selected)
        p.fill(row_, p.c().sel);
    else if (look.fill != 0)
        p.fill(row_, look.fill);
    else if (row_hovered_)
        p.fill(row_, p.c().hover);
    const ImU32 bar = look.selected ? p.c().t1 : look.bar;
    if (bar != 0) p.fill(Rect{row_.x, row_.y, frame.px(2), row_.h}, bar);
    if (frame.targets != nullptr) frame.target(name_ + "/row/" + std::to_string(index), row_);
}

bool Grid::pointed_at(std::size_t column) const {
    return row_hovered_ && cell(column).contains(ImGui::GetIO().MousePos);
}

Rect Grid::cell(std::size_t column) const { return {placed_[column].x, row_.y, placed_[column].w, row_.h}; }

float Grid::row_top(std::int64_t index) const {
    return snap(body_.y + static_cast<float>((static_cast<double>(index) - top_) * row_h_));
}

Rect Grid::cell_at(std::int64_t row, std::size_t column) const {
    return {placed_[column].x, row_top(row), placed_[column].w, row_h_};
}

Rect Grid::cell_inner(const Frame& frame, std::size_t column) const {
    return cell(column).inset(frame.px(cell_padding));
}

std::optional<std::size_t> Grid::column_at(float x) const {
    for (std::size_t i = 0; i < placed_.size(); ++i)
        if (x >= placed_[i].x && x < placed_[i].x + placed_[i].w) return i;
    return std::nullopt;
}

void Grid::cell_fill(const Frame& frame, std::size_t column, ImU32 color) const {
    Painter(frame.theme).fill(cell(column), color);
}

void Grid::text(const Frame& frame, std::size_t column, ImFont* font, ImU32 color, std::string_view text) {
    if (text.empty()) return;
    const Painter p(frame.theme);
    const Rect inner = cell_inner(frame, column);
    if (static_cast<int>(column) == fit_column_) fit_width_ = std::max(fit_width_, Painter::width(font, text));
    if (columns_[column].align == Align::Right) {
        const float w = Painter::width(font, text);
        if (w <= inner.w) {
            p.put(font, inner.right() - w, inner.y, inner.h, color, text);
            return;
        }
    }
    p.text_cut(font, inner.x, inner.right(), inner.y, inner.h, color, text);
}

void Grid::end(Frame& frame) {
    ImGui::PopClipRect();
    if (fit_column_ >= 0) {
        const auto i = static_cast<std::size_t>(fit_column_);
        set_width(i, fit_width_ / frame.theme.scale + 2 * cell_padding + 2);
        fit_column_ = -1;
    }
    scroll_bar(frame);
}

void Grid::scroll_bar(Frame& frame) {
    const double visible = body_.h / row_h_;
    const double hidden = static_cast<double>(count_) - visible;
    if (!style_.scroll_bar || hidden <= 0 || body_.h <= 0) return;
    const Painter p(frame.theme);
    const Rect track{body_.right() - frame.px(8), body_.y, frame.px(8), body_.h};
    const float length = std::max(frame.px(24), static_cast<float>(body_.h * visible / static_cast<double>(count_)));
    const float room = track.h - length;
    const Hit state = hit(frame, name_ + "/scroll", track);
    const ImGuiIO& io = ImGui::GetIO();
    if (state.held && room > 0) {
        if (ImGui::IsMouseClicked(ImGuiMouseButton_Left)) {
            const float grab = track.y + static_cast<float>(top_ / hidden) * room;
            // A press beside the grab brings it under the mouse.
            drag_from_ = io.MousePos.y >= grab && io.MousePos.y < grab + length ? io.MousePos.y - grab : length / 2;
        }
        const double share = (static_cast<double>(io.MousePos.y) - drag_from_ - track.y) / room;
        top_ = std::clamp(share, 0.0, 1.0) * hidden;
    }
    const float y = track.y + static_cast<float>(top_ / hidden) * room;
    p.fill(Rect{track.x, y, frame.px(6), length}, state.hovered || state.held ? p.c().line3 : p.c().line2, frame.px(3));
}

void Grid::reveal(std::int64_t index) { reveal_ = index; }

} // namespace fhirscope::gui
