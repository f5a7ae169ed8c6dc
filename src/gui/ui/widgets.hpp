#pragma once
// Controls of the guide (section 8), placed by the caller and drawn on the draw list. ImGui answers for hovering,
// pressing and keyboard focus; looks are ours.

#include "gui/ui/frame.hpp"

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace fhirscope::gui {

struct Hit {
    bool hovered = false;
    bool held = false;
    bool pressed = false; // in this frame; clicked when it comes up again
    bool clicked = false;
    bool double_clicked = false;
};

// Whether controls that come later in the frame may lie over this one and take its clicks.
enum class Overlap { No, Yes };

// An invisible control over `rect`. `name` is its id within the ImGui window and its name for tests.
Hit hit(Frame& frame, std::string_view name, const Rect& rect, Overlap overlap = Overlap::No);

// Starts an ImGui child window that covers `rect`, without its own scroll bars, padding or background.
// Ended by end_region().
void begin_region(const char* name, const Rect& rect);
void end_region();

void tooltip(const Frame& frame, std::string_view text);

enum class ButtonKind { Normal, Primary, Quiet };

struct ButtonOptions {
    ButtonKind kind = ButtonKind::Normal;
    bool small = false;         // 20 px high with 11 px text
    const Icon* icon = nullptr; // before the label
    ImU32 color = 0;            // of the text; 0: what the kind says
};

// Width that a button with this label takes.
float button_width(const Frame& frame, std::string_view label, const ButtonOptions& options = {});
// `at`: left end of a row of height `height`, in which the button is centred. Returns whether it was clicked and moves
// `x` behind it.
bool button(Frame& frame, std::string_view name, float& x, float y, float height, std::string_view label,
            const ButtonOptions& options = {});

// A 24 px square with an icon; `on` fills it.
bool icon_button(Frame& frame, std::string_view name, ImVec2 pos, Icon icon, bool on, std::string_view tip);

struct SegmentItem {
    std::string_view name; // for tests
    std::string_view label;
};
float segment_width(const Frame& frame, std::span<const SegmentItem> items, bool small);
// Returns the index that was clicked, or -1.
int segment(Frame& frame, std::string_view name, float x, float y, float height, std::span<const SegmentItem> items,
            int active, bool small = false);

// Tabs under an inspector's head: 28 px high with a line below. Returns the index that was clicked, or -1.
int tabs(Frame& frame, std::string_view name, const Rect& area, std::span<const SegmentItem> items, int active);

// A key cap; returns the x behind it.
float keycap(const Frame& frame, float x, float y, float height, std::string_view text);
float keycap_width(const Frame& frame, std::string_view text);
// A small label with a fill; returns the x behind it.
float tag(const Frame& frame, float x, float y, float height, std::string_view text);
// A badge: mark, text and tint.
float badge(const Frame& frame, float x, float y, float height, Mark mark, std::string_view text, ImU32 color,
            ImU32 tint);

enum class InputState { Empty, Valid, Invalid };

// A text field with an icon and a hint. Changes `text`; returns true in the frame in which it changed.
// The caller draws what stands at its right end, and says by `room_right` how much that takes.
bool text_input(Frame& frame, const char* name, const Rect& rect, std::string& text, const char* hint, Icon icon,
                InputState state, float room_right, bool take_focus, ImFont* font);

// A value that is typed in place, with square corners as a cell has. Returns whether it has the keyboard.
bool value_input(Frame& frame, const char* name, const Rect& rect, std::string& text, InputState state, bool take_focus,
                 ImFont* font);

enum class FieldKind { Text, Secret };

// A field of a form. What is typed into a secret one is not shown, not copied and cannot be undone. Returns true in the
// frame in which it changed.
bool field_input(Frame& frame, const char* name, const Rect& rect, std::string& text, const char* hint,
                 InputState state, FieldKind kind, bool take_focus, ImFont* font);

// A section's title with a count behind it; returns the x behind them.
float section_title(const Frame& frame, const Rect& row, float padding, std::string_view title,
                    std::string_view count = {});

// A label at the left and a value at the right of a 20 px row. Moves `y` below it.
void key_value(const Frame& frame, const Rect& area, float& y, std::string_view key, std::string_view value,
               ImFont* value_font = nullptr, ImU32 value_color = 0);

// A command in one line, 24 high, cut where there is no room; a click copies all of it.
void command_box(Frame& frame, std::string_view name, const Rect& rect, std::string_view command);

// One t3 sentence where data would be.
void empty_state(const Frame& frame, const Rect& area, std::string_view sentence);

// A handle between two panes, 7 px high, along `y`. Returns how far it was dragged in this frame (pixels).
float horizontal_splitter(Frame& frame, const char* name, float x, float y, float width);
// The same on a line between two regions, without a grip.
float horizontal_splitter_line(Frame& frame, const char* name, float x, float y, float width);
// The same between left and right panes, along `x`; no grip is drawn.
float vertical_splitter(Frame& frame, const char* name, float x, float y, float height);

} // namespace fhirscope::gui
