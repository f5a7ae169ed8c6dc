#pragma once
// An incident as text for the clipboard, and as JSON.

#include "diagnosis/incident.hpp"

#include <string>

namespace fhirscope::gui {

std::string report_of(const diagnosis::Incident& incident);
std::string json_of(const diagnosis::Incident& incident);

} // namespace fhirscope::gui
