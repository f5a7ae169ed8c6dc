// Stage 1: may this text change a store at all (PROTOCOL E3, E4)?

#include "engine/pipeline.hpp"
#include "fhir/validate.hpp"

namespace fhirscope::engine {

void validate(State& s, Work& work) {
    const Update& update = work.update;
    if (update.deleted) return; // it has no content
    for (const fhir::Problem& problem : fhir::validate(*update.resource)) {
        if (!work.reason.empty()) work.reason += "; ";
        work.reason += problem.message;
    }
    if (work.reason.empty() && update.resource->reference() != update.reference)
        work.reason = "the notification speaks of " + update.reference + " but carries " + update.resource->reference();
    if (work.reason.empty() && s.stores.full() && !s.stores.find(update.reference))
        work.reason = "the limit of " + std::to_string(s.config.store.max_resources) + " resources is reached";
}

} // namespace fhirscope::engine
