#pragma once

// What looks as it did in the last frame is not drawn again. Two ways, for two sizes:
//
// A Part is a stretch of the window with an ImGui child window of its own (the top bar, a chart). When nothing that it
// shows has changed, its child window is not begun: it stays, with the vertices of its last drawing.
//
// A KeptShape is a small stretch within a draw list (a table's header), copied with an offset. Rows of tables have
// their RowCanvas.
//
// Correctness comes first: a part that the mouse is over, or was over in the last frame, or that holds what is pressed
// or typed into, is drawn; so is every part in a frame with a key, a button or a wheel, and in the frames after it in
// which ImGui settles. A part that tells its mouse regions (Context::mouse_region) is drawn when the mouse comes to
// another of them, and in every frame only while it shows a tooltip or another cursor.

#include "gui/context.hpp"
#include "imgui.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

struct ImGuiWindow;

namespace fhirscope::gui {

// Collects what a part depends on into one number.
class Key {
public:
    template <class T>
    requires(std::is_arithmetic_v<T> || std::is_enum_v<T>) Key& add(T value) {
        if constexpr (std::is_floating_point_v<T>) {
            return mix(static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<double>(value) * 64)));
        } else {
            return mix(static_cast<std::uint64_t>(value));
        }
    }
    Key& add(const void* address) { return mix(reinterpret_cast<std::uintptr_t>(address)); }
    Key& add(std::string_view text) { return mix(std::hash<std::string_view>{}(text)); }
    template <class Clock, class Unit>
    Key& add(std::chrono::time_point<Clock, Unit> time) {
        return mix(static_cast<std::uint64_t>(time.time_since_epoch().count()));
    }
    Key& add(const Rect& r) { return add(r.x).add(r.y).add(r.w).add(r.h); }
    operator std::uint64_t() const { return value_; }

private:
    Key& mix(std::uint64_t value) {
        value_ = (value_ ^ value) * 0x9E3779B97F4A7C15ULL;
        value_ ^= value_ >> 29U;
        return *this;
    }
    std::uint64_t value_ = 0x243F6A8885A308D3ULL;
};

// Where a part answers the mouse.
enum class Answers {
    everywhere,
    regions, // only in those that it tells of while it is drawn
    nowhere, // a picture
};

// When a part has to be drawn again.
struct PartLook {
    std::uint64_t at_once = 0; // another value: in this frame
    std::uint64_t soon = 0;    // another value: when `wait` has passed since it was last drawn
    std::chrono::milliseconds wait{250};
    Answers answers = Answers::everywhere;
};

class Part {
public:
    Part() = default;
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;

    // Over `area`, in the child window `name`. True: draw; false: what was drawn stands there again. Ended by end() in
    // both cases.
    bool begin(Context& context, const char* name, const Rect& area, const PartLook& look);
    void end(Context& context);

    // Forgets what was drawn: the next frame draws it.
    void forget() { filled_ = false; }

private:
    bool fits(const Context& context, const PartLook& look) const;
    void stands_again(Context& context, const PartLook& look);
    bool mouse_over(const Rect& area, const PartLook& look);
    std::uint64_t pointed_at() const;

    ImGuiWindow* window_ = nullptr; // ImGui's, which keeps what was drawn; lives as long as ImGui's context
    std::uint64_t at_once_ = 0, soon_ = 0;
    LocalTime drawn_at_{}, again_at_{};
    bool filled_ = false, hot_ = false, drawing_ = false;
    Targets targets_;          // of what was drawn
    Targets* outer_ = nullptr; // while drawing
    std::vector<MouseRegion> regions_;
    std::vector<MouseRegion>* outer_regions_ = nullptr; // while drawing
    std::uint64_t pointed_ = 0;                         // the regions that the mouse is over; 0: none
    unsigned hovered_ = 0;                              // ImGui's id of what it hovered in the last drawing
    bool hovered_overlaps_ = false;
    bool follows_mouse_ = false; // it has a tooltip or a cursor, which ImGui wants again in every frame
    std::chrono::milliseconds outer_redraw_{0};
};

// The theme, the size and the state that a person changes. What changes within a frame counts from the next on.
std::uint64_t window_key(const Context& context);

class KeptShape {
public:
    // What `list` gets between begin() and end() is kept, unless clip rectangles change in between.
    void begin(const ImDrawList& list);
    bool end(const ImDrawList& list, ImVec2 origin);
    // Appends it again with its origin at `at`.
    void replay(ImDrawList& list, ImVec2 at) const;
    bool empty() const { return indices_.empty(); }

private:
    std::vector<ImDrawVert> vertices_;
    std::vector<ImDrawIdx> indices_; // counted from the first vertex
    ImVec2 origin_;
    int first_vertex_ = 0, first_index_ = 0, commands_ = 0;
    unsigned base_ = 0;
};

} // namespace fhirscope::gui
