// Stage 1: may this text change a store at all (PROTOCOL E3, E4)?

#include "engine/core/state.hpp"
#include "engine/pipeline/pipeline.hpp"
#include "fhir/validate.hpp"

namespace fhirscope::engine {
namespace {

constexpr std::uint32_t most_types = 256; // FHIR has about 150

} // namespace

void validate(State& s, Work& work) {
    const Update& update = work.update;
    if (update.deleted) return; // it has no content
    for (fhir::Problem& problem : fhir::validate(*update.resource))
        if (problem.refused)
            work.reason =
                work.reason.also({.code = FactCode::Invalid, .name = problem.code, .detail = problem.message});
        else
            work.flaws.push_back(std::move(problem));
    if (work.reason.empty() && update.resource->reference() != update.reference)
        work.reason = {
            .code = FactCode::OtherResource, .about = update.reference, .name = update.resource->reference()};
    if (!work.reason.empty()) return;
    if (s.stores.type_count() >= most_types && !s.stores.find(update.reference) &&
        !s.stores.has_type(update.resource->type()))
        work.reason = {.code = FactCode::TooManyTypes, .count = most_types};
    if (work.reason.empty() && s.stores.full() && !s.stores.find(update.reference)) {
        const bool bytes = s.stores.out_of_bytes();
        const std::size_t limit = bytes ? s.config.store.max_resource_bytes >> 20 : s.config.store.max_resources;
        work.reason = {.code = bytes ? FactCode::NoRoomInBytes : FactCode::NoRoomInCount,
                       .count = static_cast<std::int64_t>(limit)};
    }
    work.no_room = !work.reason.empty();
}

} // namespace fhirscope::engine
