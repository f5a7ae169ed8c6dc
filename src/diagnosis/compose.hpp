#pragma once
// An incident of a group: its words, its stations, what followed.

#include "diagnosis/groups.hpp"

namespace fhirscope::diagnosis {

// Without number, noticed and decided.
Incident composed(const Group& group, const std::vector<Stretches::One>& all, const std::vector<Judged>& judged,
                  const engine::Snapshot& snapshot);

} // namespace fhirscope::diagnosis
