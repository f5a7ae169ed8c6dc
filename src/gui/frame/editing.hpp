#pragma once
// The form or menu that lies over the window while something is edited in place, and where it lies.

#include "gui/model/edit/edit_form.hpp"
#include "gui/ui/draw.hpp"

#include <optional>
#include <string_view>

namespace fhirscope::gui {

// At most one form or menu is open; the last one opened takes the place of the one before.
struct Editing {
    std::optional<EditForm> form;
    std::optional<EditMenu> menu;
    Rect anchor;        // of the cell under it; empty until somebody has drawn it
    bool fresh = false; // opened in this frame: its own click or key does not count

    bool open() const { return form.has_value() || menu.has_value(); }
    void close() {
        form.reset();
        menu.reset();
    }
    // Whether the form lies over a cell of this place and resource.
    bool at(EditPlace place, std::string_view reference) const {
        return form && form->place() == place && form->reference() == reference;
    }
};

} // namespace fhirscope::gui
