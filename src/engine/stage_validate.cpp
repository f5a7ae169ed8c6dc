// Stage 1: may this text change a store at all (PROTOCOL E3, E4)?

#include "engine/pipeline.hpp"
#include "fhir/validate.hpp"

namespace fhirscope::engine {
namespace {

constexpr std::size_t most_types = 256; // FHIR has about 150

} // namespace

void validate(State& s, Work& work) {
    const Update& update = work.update;
    if (update.deleted) return; // it has no content
    for (fhir::Problem& problem : fhir::validate(*update.resource)) {
        if (problem.refused)
            work.reason.append(work.reason.empty() ? "" : "; ").append(problem.message);
        else
            work.flaws.push_back(std::move(problem));
    }
    if (work.reason.empty() && update.resource->reference() != update.reference)
        work.reason = "the notification speaks of " + update.reference + " but carries " + update.resource->reference();
    if (!work.reason.empty()) return;
    if (s.stores.type_count() >= most_types && !s.stores.find(update.reference) &&
        !s.stores.has_type(update.resource->type()))
        work.reason = "resources of more than " + std::to_string(most_types) + " types";
    if (work.reason.empty() && s.stores.full() && !s.stores.find(update.reference))
        work.reason = s.stores.out_of_bytes()
                          ? "the limit of " + std::to_string(s.config.store.max_resource_bytes >> 20) +
                                " MB for what is shown is reached"
                          : "the limit of " + std::to_string(s.config.store.max_resources) + " resources is reached";
    work.no_room = !work.reason.empty();
}

} // namespace fhirscope::engine
