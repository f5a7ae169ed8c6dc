#include "gui/model/incidents/incident_report.hpp"

#include "fhir/json_writer.hpp"

namespace fhirscope::gui {

std::string report_of(const diagnosis::Incident& incident) { return incident.headline + "\n"; }

std::string json_of(const diagnosis::Incident& incident) {
    return fhir::JsonWriter().object().member("id", incident.id).member("headline", incident.headline).end().take();
}

} // namespace fhirscope::gui
