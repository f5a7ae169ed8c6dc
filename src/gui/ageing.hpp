#pragma once

// What is drawn of an age, a fade or a moment, and so changes by itself.

#include "gui/context.hpp"

namespace fhirscope::gui {

// Figures that a stream of updates moves go on twice a second: rates, percentiles, counts.
inline constexpr std::chrono::milliseconds kFigureStep{500};

// A paused window and a recording are looked at in one moment, from which no age goes on.
inline bool time_stands(const Context& context) {
    return context.ui.paused || (context.session.open && context.session.source == Source::replay);
}

// The picture is another one after `delay` of the time that is shown.
inline void ages_within(Context& context, std::chrono::milliseconds delay) {
    if (!time_stands(context)) {
        context.redraw_within(delay);
    }
}

} // namespace fhirscope::gui
