#pragma once

// The cells of a table's rows, in a draw list that is not emptied between frames: a row that stays costs nothing, a row
// that moves is moved where it lies, and only what is new is drawn.

#include "gui/context.hpp"
#include "imgui.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct ImGuiWindow;

namespace fhirscope::gui {

class RowCanvas {
public:
    // Begins ImGui's child window `name` over `area`, which takes no input. Rows that were drawn with another `shape`
    // (columns, colours) are forgotten.
    void begin(const std::string& name, const Rect& area, std::uint64_t shape);
    void end();

    // True: the row with this key stands at `y`. `context` is told when it changes by itself.
    bool stands(Context& context, std::uint64_t key, float y);
    // False: it is drawn now, between these two. `holds` keeps alive what an address in the key points to.
    void begin_row(Context& context, std::uint64_t key, float y, std::shared_ptr<const void> holds);
    void end_row(Context& context);

    // Rows that were drawn in this frame, for tests.
    std::size_t drawn() const { return drawn_; }

private:
    struct Row {
        std::uint64_t key = 0;
        float y = 0;
        LocalTime until{}; // then it looks different
        int vertex = 0, vertices = 0;
        int index = 0, indices = 0;
        bool used = false; // in this frame
        std::shared_ptr<const void> holds;
    };
    void take_back();
    void forget();
    void drop_unused();
    void drop_tail();
    void show_kept(ImDrawList& list) const;

    ImDrawList* list_ = nullptr; // of the child window; has the buffers between end() and the next begin()
    int left_vertices_ = 0;
    ImVector<ImDrawVert> vertices_;
    ImVector<ImDrawIdx> indices_;
    std::vector<Row> rows_; // in the order of their vertices
    std::size_t fresh_ = 0; // rows from here on were drawn in this frame
    std::size_t hand_ = 0;  // rows are asked for in the order of the last frame
    std::uint64_t shape_ = 0;
    Row open_; // being drawn
    int open_commands_ = 0;
    bool drawing_ = false;
    std::chrono::milliseconds outer_redraw_{0};
    std::size_t drawn_ = 0;
};

} // namespace fhirscope::gui
