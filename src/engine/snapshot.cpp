#include "engine/snapshot.hpp"

#include "fhir/reference.hpp"

namespace fhirscope::engine {

RecordPtr Snapshot::find(std::string_view reference) const {
    const std::string_view type = fhir::type_part(reference);
    for (const StoreView& store : stores) {
        if (store.type != type) continue;
        for (std::size_t i = 0; i < store.records.size(); ++i)
            if (store.records[i]->reference == reference) return store.records[i];
    }
    return nullptr;
}

std::string_view type_of(const Snapshot& snapshot, const UpdateRow& row) {
    return row.type < snapshot.stores.size() ? std::string_view(snapshot.stores[row.type].type) : std::string_view();
}

std::string_view reference_of(const Snapshot& snapshot, const UpdateRow& row) {
    if (row.type >= snapshot.stores.size() || row.record >= snapshot.stores[row.type].records.size()) return {};
    return snapshot.stores[row.type].records[row.record]->reference;
}

} // namespace fhirscope::engine
