#pragma once
// The client's stores against the server's own list: an oracle that takes neither the engine's word nor the network's.

#include "engine/snapshot.hpp"
#include "server/server.hpp"

#include <map>
#include <string>
#include <vector>

namespace fhirscope::tests {

// What the stores of this type lack of what the server has, and what they show that it has not.
inline std::vector<std::string> differences(const engine::Snapshot& snapshot, const std::string& type,
                                            const std::vector<server::CurrentVersion>& current) {
    std::map<std::string, std::string> shown; // reference → versionId
    for (const engine::StoreView& store : snapshot.stores) {
        if (store.type != type) continue;
        for (std::size_t i = 0; i < store.records.size(); ++i)
            if (const engine::RecordPtr& record = store.records[i]; record && record->resource())
                shown[record->reference] = record->current().version_id();
    }
    std::vector<std::string> found;
    for (const server::CurrentVersion& version : current) {
        const auto held = shown.find(version.type + "/" + version.id);
        if (held == shown.end())
            found.push_back(version.type + "/" + version.id + " is not shown");
        else if (held->second != version.version_id)
            found.push_back(held->first + " is shown in another version");
        if (held != shown.end()) shown.erase(held);
    }
    for (const auto& [reference, version] : shown) found.push_back(reference + " is shown, but the server has none");
    return found;
}

} // namespace fhirscope::tests
