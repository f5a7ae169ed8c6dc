#include "gui/model/incidents/concerned.hpp"

#include "gui/model/incidents/incident_words.hpp"
#include "query/lookup.hpp"

#include <algorithm>

namespace fhirscope::gui {

using diagnosis::Incident;
using diagnosis::IncidentPtr;

namespace {

constexpr std::chrono::minutes shown_before{2}; // a cause shows itself before its effect
constexpr std::chrono::seconds repaired_within{90};

bool names(const Incident& incident, const diagnosis::Link& link) {
    const auto is_it = [&](const auto& part) { return part.link.kind == link.kind && part.link.number == link.number; };
    return std::any_of(incident.evidence.begin(), incident.evidence.end(), is_it) ||
           std::any_of(incident.followed.begin(), incident.followed.end(), is_it);
}

// The first in the order of the table whose time is about `at`, and which is it.
template <class Is>
IncidentPtr first_about(const diagnosis::Incidents& incidents, LocalTime at, const Is& is_it) {
    const auto fits = [&](const IncidentPtr& one) {
        return at >= one->from - shown_before && (one->open() || at <= one->to + repaired_within) && is_it(*one);
    };
    const auto going_on = std::find_if(incidents.going_on().begin(), incidents.going_on().end(), fits);
    if (going_on != incidents.going_on().end()) return *going_on;
    const auto over = std::find_if(incidents.over().begin(), incidents.over().end(), fits);
    return over == incidents.over().end() ? nullptr : *over;
}

} // namespace

void Concerned::update(const diagnosis::Diagnosis& diagnosis, const engine::Snapshot& snapshot,
                       std::uint64_t selected) {
    if (revision_ == diagnosis.revision() && selected_ == selected) return;
    revision_ = diagnosis.revision();
    selected_ = selected;
    by_.clear();
    const auto add = [&](const IncidentPtr& incident) {
        for (std::string& reference : resources_of(*incident)) by_.emplace(std::move(reference), incident);
        for (const diagnosis::Evidence& one : incident->evidence)
            if (one.link.kind == diagnosis::Link::Kind::Update && snapshot.updates.contains(one.link.number))
                by_.emplace(query::named_by(snapshot, one.link.number), incident);
    };
    if (const IncidentPtr incident = diagnosis.incidents().find(selected)) add(incident);
    for (const IncidentPtr& incident : diagnosis.incidents().going_on())
        if (incident->severity > engine::Severity::Info) add(incident);
}

IncidentPtr Concerned::by(std::string_view reference) const {
    const auto at = by_.find(reference);
    return at == by_.end() ? nullptr : at->second;
}

IncidentPtr incident_of_update(const diagnosis::Incidents& incidents, const engine::Snapshot& snapshot,
                               std::uint64_t number) {
    const engine::UpdateRow& row = snapshot.updates[number];
    const std::string_view reference = query::named_by(snapshot, number);
    return first_about(incidents, row.received, [&](const Incident& one) {
        if (names(one, {diagnosis::Link::Kind::Update, number, {}})) return true;
        if (row.frame != UINT64_MAX && names(one, {diagnosis::Link::Kind::Frame, row.frame, {}})) return true;
        return row.received >= one.from && row.outcome == engine::Outcome::Applied &&
               std::find(one.about.begin(), one.about.end(), reference) != one.about.end();
    });
}

IncidentPtr incident_of_frame(const diagnosis::Incidents& incidents, const engine::Snapshot& snapshot,
                              std::uint64_t number) {
    return first_about(
        incidents, snapshot.frames[number].at,
        [&](const Incident& one) {
            return names(one, {diagnosis::Link::Kind::Frame, number, {}});
        });
}

} // namespace fhirscope::gui
