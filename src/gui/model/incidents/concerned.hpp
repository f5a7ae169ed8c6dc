#pragma once
// Which resources and rows of the logs an incident concerns.

#include "diagnosis/diagnosis.hpp"
#include "engine/snapshot.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace fhirscope::gui {

// Resources of incidents that go on, or of the selected one.
class Concerned {
public:
    // `selected`: number of the selected incident; 0: none.
    void update(const diagnosis::Diagnosis& diagnosis, const engine::Snapshot& snapshot, std::uint64_t selected);
    // The selected one first, then the most severe; null: none.
    diagnosis::IncidentPtr by(std::string_view reference) const;

private:
    std::optional<std::uint64_t> revision_;
    std::uint64_t selected_ = 0;
    std::map<std::string, diagnosis::IncidentPtr, std::less<>> by_; // by reference
};

// The incident to which a row of the log belongs: its evidence, or what followed, has the update or its frame; or it
// brought, in the incident's time or as it was repaired, a resource that the incident missed. Null: none.
diagnosis::IncidentPtr incident_of_update(const diagnosis::Incidents& incidents, const engine::Snapshot& snapshot,
                                          std::uint64_t number);
// The one whose evidence has this frame; null: none.
diagnosis::IncidentPtr incident_of_frame(const diagnosis::Incidents& incidents, const engine::Snapshot& snapshot,
                                         std::uint64_t number);

} // namespace fhirscope::gui
