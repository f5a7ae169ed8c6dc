#include "gui/row_canvas.hpp"

#include "gui/ageing.hpp"

#include <imgui_internal.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace fhirscope::gui {

namespace {

constexpr ImGuiWindowFlags kRowFlags = ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse |
                                       ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoInputs;
// Beyond, rows that are not shown any more are given up; indices have 16 bits.
constexpr int kMostVertices = 30000;

} // namespace

// The draw list had the vertices to show them; ImGui empties it when the child window begins.
void RowCanvas::take_back() {
    if (list_ == nullptr) {
        return;
    }
    if (list_->VtxBuffer.Size == left_vertices_) {
        list_->VtxBuffer.swap(vertices_);
        list_->IdxBuffer.swap(indices_);
    } else {
        forget(); // ImGui gives up the memory of windows that were not used for a while
    }
    list_ = nullptr;
}

void RowCanvas::forget() {
    rows_.clear();
    vertices_.resize(0);
    indices_.resize(0);
}

// What was drawn behind the last row that can be used again: hovered rows and the like.
void RowCanvas::drop_tail() {
    const int vertices = rows_.empty() ? 0 : rows_.back().vertex + rows_.back().vertices;
    const int indices = rows_.empty() ? 0 : rows_.back().index + rows_.back().indices;
    vertices_.resize(std::min(vertices, vertices_.Size));
    indices_.resize(std::min(indices, indices_.Size));
}

// Moves the rows that the last frame showed together.
void RowCanvas::drop_unused() {
    std::erase_if(rows_, [](const Row& row) { return !row.used; });
    int vertex = 0;
    int index = 0;
    for (Row& row : rows_) {
        const int back = row.vertex - vertex;
        std::memmove(vertices_.Data + vertex, vertices_.Data + row.vertex,
                     static_cast<std::size_t>(row.vertices) * sizeof(ImDrawVert));
        for (int i = 0; i < row.indices; ++i) {
            indices_[index + i] = static_cast<ImDrawIdx>(indices_[row.index + i] - back);
        }
        row.vertex = vertex;
        row.index = index;
        vertex += row.vertices;
        index += row.indices;
    }
}

void RowCanvas::begin(const std::string& name, const Rect& area, std::uint64_t shape) {
    take_back();
    if (shape != shape_) {
        shape_ = shape;
        forget();
    }
    drop_tail();
    int used = 0;
    for (const Row& row : rows_) {
        used += row.used ? row.vertices : 0;
    }
    if (vertices_.Size > 2 * used + 2048 || vertices_.Size > kMostVertices) {
        drop_unused();
        drop_tail();
    }
    if (vertices_.Size > kMostVertices) {
        forget();
    }
    for (Row& row : rows_) {
        row.used = false;
    }
    fresh_ = rows_.size();
    hand_ = 0;
    drawn_ = 0;
    drawing_ = false;
    ImGui::SetCursorScreenPos(area.min());
    ImGui::BeginChild(name.c_str(), ImVec2(std::max(1.0F, area.w), std::max(1.0F, area.h)), ImGuiChildFlags_None,
                      kRowFlags);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list_ = &list;
    list.VtxBuffer.swap(vertices_);
    list.IdxBuffer.swap(indices_);
    list._VtxWritePtr = list.VtxBuffer.Data + list.VtxBuffer.Size;
    list._IdxWritePtr = list.IdxBuffer.Data + list.IdxBuffer.Size;
    list._VtxCurrentIdx = static_cast<unsigned>(list.VtxBuffer.Size);
    list.CmdBuffer.back().IdxOffset = static_cast<unsigned>(list.IdxBuffer.Size);
}

bool RowCanvas::stands(Context& context, std::uint64_t key, float y) {
    for (std::size_t i = 0; i < fresh_; ++i) {
        const std::size_t at = hand_ + i < fresh_ ? hand_ + i : hand_ + i - fresh_;
        Row& row = rows_[at];
        if (row.key != key || row.used || context.now >= row.until) {
            continue;
        }
        row.used = true;
        hand_ = at + 1 < fresh_ ? at + 1 : 0;
        if (row.y != y) {
            ImDrawVert* const from = list_->VtxBuffer.Data + row.vertex;
            const float dy = y - row.y;
            for (int v = 0; v < row.vertices; ++v) {
                from[v].pos.y += dy;
            }
            row.y = y;
        }
        if (row.until != LocalTime::max()) {
            ages_within(context, std::chrono::ceil<std::chrono::milliseconds>(row.until - context.now));
        }
        return true;
    }
    return false;
}

void RowCanvas::begin_row(Context& context, std::uint64_t key, float y, std::shared_ptr<const void> holds) {
    open_ = Row{};
    open_.key = key;
    open_.y = y;
    open_.vertex = list_->VtxBuffer.Size;
    open_.index = list_->IdxBuffer.Size;
    open_.holds = std::move(holds);
    open_commands_ = list_->CmdBuffer.Size;
    drawing_ = true;
    ++drawn_;
    outer_redraw_ = std::exchange(context.redraw_in, std::chrono::milliseconds::max());
}

void RowCanvas::end_row(Context& context) {
    if (!drawing_) {
        return;
    }
    drawing_ = false;
    const bool fades = context.redraw_in != std::chrono::milliseconds::max();
    open_.until = fades ? context.now + context.redraw_in : LocalTime::max();
    context.redraw_in = std::min(context.redraw_in, outer_redraw_);
    open_.vertices = list_->VtxBuffer.Size - open_.vertex;
    open_.indices = list_->IdxBuffer.Size - open_.index;
    open_.used = true;
    // With another clip rectangle or vertex offset in it, a row is not one stretch.
    if (list_->CmdBuffer.Size == open_commands_ && list_->_CmdHeader.VtxOffset == 0) {
        rows_.push_back(std::move(open_));
    }
}

// The commands of rows that were there already, before that of what was drawn now. Neighbours share one.
void RowCanvas::show_kept(ImDrawList& list) const {
    ImVector<ImDrawCmd> commands;
    for (std::size_t i = 0; i < fresh_; ++i) {
        const Row& row = rows_[i];
        if (!row.used || row.indices == 0) {
            continue;
        }
        ImDrawCmd* last = commands.empty() ? nullptr : &commands.back();
        if (last == nullptr || last->IdxOffset + last->ElemCount != static_cast<unsigned>(row.index)) {
            ImDrawCmd command;
            command.ClipRect = list.CmdBuffer.front().ClipRect;
            command.TextureId = list.CmdBuffer.front().TextureId;
            command.IdxOffset = static_cast<unsigned>(row.index);
            commands.push_back(command);
            last = &commands.back();
        }
        last->ElemCount += static_cast<unsigned>(row.indices);
    }
    for (const ImDrawCmd& command : list.CmdBuffer) {
        commands.push_back(command);
    }
    list.CmdBuffer.swap(commands);
}

void RowCanvas::end() {
    show_kept(*list_);
    ImGui::EndChild();
    left_vertices_ = list_->VtxBuffer.Size;
}

} // namespace fhirscope::gui
