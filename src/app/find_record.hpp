#pragma once
// One resource in a snapshot.

#include "engine/snapshot.hpp"

#include <string>

namespace fhirscope::app {

// Null where it is not held; a deletion is held, too.
inline engine::RecordPtr find_record(const engine::Snapshot& snapshot, const std::string& reference) {
    for (const engine::StoreView& store : snapshot.stores) {
        if (!reference.starts_with(store.type + "/")) continue;
        for (std::size_t i = 0; i < store.records.size(); ++i)
            if (const engine::RecordPtr& record = store.records[i]; record && record->reference == reference)
                return record;
    }
    return nullptr;
}

} // namespace fhirscope::app
