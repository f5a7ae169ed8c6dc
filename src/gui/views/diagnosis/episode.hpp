#pragma once
// An incident as an episode: cause, effect, how it was noticed, how it was repaired; what followed, what was ruled out.

#include "diagnosis/incident.hpp"
#include "gui/frame/context.hpp"

namespace fhirscope::gui {

// All of these return the y below what they drew, and use no more of the area's height than they need.

// The stations from left to right, or downwards, for narrow windows.
float draw_episode(Context& context, const Rect& area, const diagnosis::Incident& incident);
float draw_episode_down(Context& context, const Rect& area, const diagnosis::Incident& incident);

// What cannot be told from the cause by what is known; nothing where the cause is the only one.
float draw_alternatives(Context& context, const Rect& area, const diagnosis::Incident& incident);

float draw_followed(Context& context, Rect area, const diagnosis::Incident& incident);
float draw_ruled_out(Context& context, Rect area, const diagnosis::Incident& incident);

// Advice, with the command that decides.
float draw_incident_advice(Context& context, Rect area, const diagnosis::Incident& incident);

} // namespace fhirscope::gui
