#pragma once
// The form or menu of an edit, drawn over the window: in place of the cell that it edits, with its choices and what is
// wrong below. Enter sends, Esc cancels; the form keeps what was typed until then.

#include "gui/frame/context.hpp"
#include "gui/model/record_finder.hpp"
#include "gui/ui/grid.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace fhirscope::gui {

class EditBox {
public:
    // Draws what context.ui.overlays.editing says, within `window`.
    void draw(Context& context, const Rect& window);

private:
    struct Line { // of the list
        std::string label, note, blocked;
        bool warn = false;
    };
    struct Keys {
        bool enter = false, escape = false;
    };
    Keys keys(bool input_active) const;
    void menu(Context& context, const Rect& window);
    void form(Context& context, const Rect& window);
    void run(Context& context, const engine::Record& record, const EditMenuItem& item);
    void send(Context& context, EditForm& form, const EditChoice* choice);
    bool input(Context& context, const Rect& rect, EditForm& form);
    // Returns the line that was chosen in this frame, -1: none.
    std::int64_t list(Context& context, const Rect& area, const std::vector<Line>& lines, std::string_view marks,
                      bool enter);
    void leave(Context& context);

    RecordFinder finder_;
    Grid grid_;
    std::int64_t chosen_ = -1; // line under the keyboard
    std::string listed_for_;   // typed text that the list was made for
    bool had_keyboard_ = false, wants_keyboard_ = false;
};

} // namespace fhirscope::gui
