#pragma once
// Which rows of the update log belong to a conflict: those that led to one, and those that brought back what its
// decision wrote. Made anew when the conflicts changed (by comparing the identities of chunks), so a row costs one
// look-up.

#include "engine/snapshot.hpp"

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace fhirscope::query {

class ConflictRows {
public:
    void update(const engine::SnapshotPtr& snapshot);
    // The newest conflict that the update belongs to; null when there is none. Two versions out of order are told by
    // the row's own outcome and are not among them: no truth is left to choose.
    const engine::Conflict* of(std::uint64_t update) const {
        const auto it = by_update_.find(update);
        return it == by_update_.end() ? nullptr : it->second;
    }
    std::size_t size() const { return by_update_.size(); }
    // Of those, the ones of the rows from `begin` up to `end`.
    std::size_t between(std::uint64_t begin, std::uint64_t end) const;
    // Rows that the last update put among them or took away, ascending; valid until the next one.
    const std::vector<std::uint64_t>& changed() const { return changed_; }
    std::size_t rebuilt() const { return rebuilt_; } // for a test

private:
    using Map = std::unordered_map<std::uint64_t, const engine::Conflict*>;
    void add(const engine::Conflict& conflict);

    engine::SnapshotPtr snapshot_; // holds the chunks that the next one is compared with
    Map by_update_;
    std::unordered_map<std::uint64_t, std::uint64_t> written_; // conflict → row of what its decision wrote, once found
    std::vector<std::uint64_t> changed_;
    std::size_t rebuilt_ = 0;
};

} // namespace fhirscope::query
