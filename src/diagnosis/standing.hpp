#pragma once
// How many resources may be old, kept from snapshot to snapshot looking at changed chunks alone.

#include "engine/snapshot.hpp"

#include <string>
#include <vector>

namespace fhirscope::diagnosis {

class Standings {
public:
    void update(const engine::SnapshotPtr& snapshot);
    std::size_t unconfirmed() const { return unconfirmed_; }
    std::size_t checking() const { return checking_; }
    // The first few that are not confirmed.
    std::vector<std::string> examples(std::size_t most) const;

private:
    struct Chunk {
        std::uint32_t unconfirmed = 0, checking = 0;
    };
    engine::SnapshotPtr snapshot_;
    std::vector<std::vector<Chunk>> stores_;
    std::size_t unconfirmed_ = 0, checking_ = 0;
};

} // namespace fhirscope::diagnosis
