#pragma once
// The moment that is shown: what keys, the timeline and views do with it. Where the session has no playhead (only the
// newest can be shown) nothing here does anything.

#include "gui/frame/context.hpp"

namespace fhirscope::gui {

// An earlier moment is shown while the session goes on.
bool looks_back(const Context& context);
// A recording is walked through, or a session is looked back at: what is shown stands at the playhead.
bool shows_moment(const Context& context);

// Every view shows this moment, and the timeline has it in sight.
void show_at(Context& context, LocalTime at);
// To the next thing of the chosen kind (TransportState::step), or the one before.
void step_playhead(Context& context, int direction);
void play_or_pause(Context& context);
// To the end of a recording; back to live.
void show_end(Context& context);
void show_beginning(Context& context);
// A bookmark at the moment that is shown.
void add_bookmark(Context& context);

} // namespace fhirscope::gui
