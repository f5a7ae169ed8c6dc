#pragma once
// Whether the session is written to a file, and the button that begins and ends it.

#include "gui/frame/context.hpp"
#include "gui/ui/drop_down.hpp"

namespace fhirscope::gui {

// A session that is not itself a recording can be recorded.
bool can_record(const Context& context);
bool is_recording(const Context& context);

class RecordingButton {
public:
    // Ends at `right`; returns the x where it begins, `right` where nothing is shown.
    float draw(Context& context, float right, const Rect& row);
    // After what lies below it.
    void draw_list(Context& context);

private:
    DropDown list_;
};

} // namespace fhirscope::gui
