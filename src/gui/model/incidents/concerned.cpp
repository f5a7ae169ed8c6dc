#include "gui/model/incidents/concerned.hpp"

namespace fhirscope::gui {

void Concerned::update(const diagnosis::Diagnosis& diagnosis, std::uint64_t selected) {
    if (revision_ == diagnosis.revision() && selected_ == selected) return;
    revision_ = diagnosis.revision();
    selected_ = selected;
    by_.clear();
    const auto add = [&](const diagnosis::IncidentPtr& incident) {
        for (const std::string& about : incident->about)
            if (about.find('/') != std::string::npos) by_.emplace(about, incident); // criteria are none
    };
    if (const diagnosis::IncidentPtr incident = diagnosis.incidents().find(selected)) add(incident);
    for (const diagnosis::IncidentPtr& incident : diagnosis.incidents().going_on())
        if (incident->severity > engine::Severity::Info) add(incident);
}

const diagnosis::Incident* Concerned::by(std::string_view reference) const {
    if (by_.empty()) return nullptr;
    const auto at = by_.find(reference);
    return at == by_.end() ? nullptr : at->second.get();
}

} // namespace fhirscope::gui
