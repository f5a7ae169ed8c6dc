#include "gui/model/record_finder.hpp"

#include "fhir/reference.hpp"

#include <cstdint>
#include <string_view>

namespace fhirscope::gui {

const engine::Record* RecordFinder::find(const engine::Snapshot& snapshot, const std::string& reference) {
    if (reference != reference_) {
        reference_ = reference;
        place_.reset();
        searched_ = SIZE_MAX;
    }
    if (place_ && place_->store < snapshot.stores.size() &&
        place_->index < snapshot.stores[place_->store].records.size()) {
        const engine::Record* record = snapshot.stores[place_->store].records[place_->index].get();
        if (record->reference == reference) return record;
        place_.reset();
        searched_ = SIZE_MAX;
    }
    std::size_t records = 0;
    for (const engine::StoreView& store : snapshot.stores) records += store.records.size();
    if (records == searched_) return nullptr; // looked for already, and nothing has come since
    searched_ = records;
    const std::string_view type = fhir::type_part(reference);
    for (std::size_t s = 0; s < snapshot.stores.size(); ++s) {
        for (std::size_t i = 0; snapshot.stores[s].type == type && i < snapshot.stores[s].records.size(); ++i) {
            if (snapshot.stores[s].records[i]->reference == reference) {
                place_ = Place{s, i};
                return snapshot.stores[s].records[i].get();
            }
        }
    }
    return nullptr;
}

} // namespace fhirscope::gui
