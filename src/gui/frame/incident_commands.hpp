#pragma once
// What can be done with an incident: its check run again, its time shown, itself as text.

#include "diagnosis/incident.hpp"
#include "gui/frame/context.hpp"

#include <string>

namespace fhirscope::gui {

// Asks the server again. While real time is down it is tried to connect; of an incident about one resource, that one and
// its history are read; else everything that is shown is compared, and where it differs the engine looks into every
// subscription. Nothing is written.
void run_check_again(Context& context, const diagnosis::Incident& incident);
std::string check_again_text(const diagnosis::Incident& incident); // what that asks, for a tooltip

// The log of its time alone, with a little before and after it, which is the range of every view; the timeline shows it.
void show_time_of(Context& context, const diagnosis::Incident& incident);

// All of it as text, with the names of people where the store has them.
std::string incident_report(const Context& context, const diagnosis::Incident& incident);

} // namespace fhirscope::gui
