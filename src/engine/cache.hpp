#pragma once
// What a session leaves for the next one: the resources that it showed, and how far it had seen. So that a restart
// shows data at once, marked as not yet confirmed, and then catches up from its watermark instead of reading everything
// again.

#include "engine/snapshot.hpp"

#include <string>

namespace fhirscope::engine {

// The cache of this instant, to be given to a later Start as `known`. It holds patient data. "" where there is nothing
// worth keeping, or where updates wait, so that a watermark could be ahead of what is shown.
std::string make_cache(const Snapshot& snapshot);

} // namespace fhirscope::engine
