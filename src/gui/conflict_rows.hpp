#pragma once

// Which rows of the update log belong to a conflict. Made anew when the conflicts changed (by comparing the identities
// of chunks), so a row costs one look-up.

#include "engine/snapshot.hpp"

#include <cstddef>
#include <cstdint>
#include <unordered_map>

namespace fhirscope::gui {

class ConflictRows {
public:
    void update(const engine::SnapshotPtr& snapshot);
    // The newest conflict that the update led to; null when there is none. Two versions out of order are told by the
    // row's own outcome and are not among them: no truth is left to choose.
    const engine::Conflict* of(std::uint64_t update) const {
        const auto it = by_update_.find(update);
        return it == by_update_.end() ? nullptr : it->second;
    }
    std::size_t rebuilt() const { return rebuilt_; } // for a test

private:
    engine::SnapshotPtr snapshot_; // holds the chunks, so that an identity cannot be used again
    std::unordered_map<std::uint64_t, const engine::Conflict*> by_update_;
    std::size_t rebuilt_ = 0;
};

} // namespace fhirscope::gui
