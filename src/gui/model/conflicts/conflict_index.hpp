#pragma once
// Which conflicts the list shows, newest first. Kept between frames: from one snapshot to the next only chunks
// that changed are looked at.

#include "engine/snapshot.hpp"
#include "gui/model/values.hpp"
#include "query/query.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fhirscope::gui {

enum class ConflictSegment { Open, Resolved, All };

class ConflictIndex {
public:
    struct Question {
        ConflictSegment segment = ConflictSegment::All;
        std::string filter; // of conflict_fields(); one that is not understood leaves the one before in force
        std::optional<TimeRange> range;
        bool operator==(const Question&) const = default;
    };
    void update(const engine::SnapshotPtr& snapshot, const Question& question);

    std::size_t size() const { return order_.size(); }
    const engine::ConflictPtr& at(std::size_t place) const { return snapshot_->conflicts[order_[place]]; }
    // Where a conflict stands; nothing when it is not among them.
    std::optional<std::size_t> place_of(std::uint64_t number) const;

    // Within the range, whatever the filter and the segment.
    std::size_t open() const { return open_.size(); }
    std::size_t resolved() const { return resolved_; }
    // How many open ones are newer than the one with this number.
    std::size_t open_before(std::uint64_t number) const;
    // How many conflicts the last update looked at: a test pins that it follows the changes.
    std::size_t examined() const { return examined_; }

private:
    struct Chunk {
        std::vector<std::uint32_t> wanted;
        std::vector<std::uint64_t> open;
        std::size_t resolved = 0;
    };
    void look_at(Chunk& chunk, std::size_t index);

    engine::SnapshotPtr snapshot_;
    Question question_;
    query::Query query_;
    std::vector<Chunk> chunks_;
    std::vector<std::uint32_t> order_;
    std::vector<std::uint64_t> open_; // numbers, the newest first
    std::size_t resolved_ = 0, examined_ = 0;
};

} // namespace fhirscope::gui
