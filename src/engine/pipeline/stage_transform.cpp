// Stage 2: from the resource to what a panel shows, recomputing only what its changed members touch.

#include "engine/core/state.hpp"
#include "engine/pipeline/pipeline.hpp"
#include "engine/pipeline/row_makers.hpp"
#include "fhir/diff.hpp"

namespace fhirscope::engine {

void transform(State& s, Work& work) {
    work.position = s.stores.find(work.update.reference);
    if (work.update.deleted) return;
    const fhir::Resource& resource = *work.update.resource;
    const Record* known = work.position ? &s.stores.at(*work.position) : nullptr;
    const fhir::Resource* before = known ? known->resource() : nullptr;
    if (before && !known->key_only()) {
        const auto names = fhir::changed_members(*before, resource);
        work.changed.assign(names.begin(), names.end());
    } else {
        for (const fhir::Field& field : resource.fields())
            if (const auto name = resource.name_of(field); name != "meta") work.changed.emplace_back(name);
    }
    if (const RowMaker* maker = row_maker(s, resource.type()))
        work.row = maker->make_row(resource, before ? known->row : nullptr, work.changed, work.changed_cells);
}

} // namespace fhirscope::engine
