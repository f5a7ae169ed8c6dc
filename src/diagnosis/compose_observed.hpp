#pragma once
// An incident of a session that follows another client: what the client could know, and what the server had.

#include "diagnosis/groups.hpp"

namespace fhirscope::diagnosis {

// Says again what composed() has said of another client as if it were this program.
void tell_observed(Incident& incident, const Group& group, const std::vector<Stretches::One>& all,
                   const engine::Snapshot& snapshot);
// One that is not over when the capture ends: nobody knows how it went on.
void leave_open_ended(Incident& incident, LocalTime end);

} // namespace fhirscope::diagnosis
