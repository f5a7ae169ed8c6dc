#include "diagnosis/standing.hpp"

#include <algorithm>

namespace fhirscope::diagnosis {
namespace {

constexpr std::size_t chunk_size = engine::Chunked<engine::RecordPtr>::chunk_size;

} // namespace

void Standings::update(const engine::SnapshotPtr& snapshot) {
    if (snapshot == snapshot_) return;
    bool other = !snapshot_ || snapshot->stores.size() < stores_.size(); // another session
    for (std::size_t s = 0; s < stores_.size() && !other; ++s)
        other = snapshot->stores[s].records.size() < snapshot_->stores[s].records.size();
    if (other) {
        stores_.clear();
        unconfirmed_ = checking_ = 0;
    }
    const decltype(engine::StoreView::records) none;
    for (std::size_t s = 0; s < snapshot->stores.size(); ++s) {
        const auto& records = snapshot->stores[s].records;
        const auto& before = s < stores_.size() ? snapshot_->stores[s].records : none;
        if (s == stores_.size()) stores_.emplace_back();
        stores_[s].resize(records.chunk_count());
        records.for_each_changed_chunk(before, [&](std::size_t c) {
            Chunk& chunk = stores_[s][c];
            unconfirmed_ -= chunk.unconfirmed;
            checking_ -= chunk.checking;
            chunk = {};
            for (std::size_t r = c * chunk_size; r < std::min(records.size(), (c + 1) * chunk_size); ++r) {
                chunk.unconfirmed += records[r]->standing == engine::Standing::Unconfirmed;
                chunk.checking += records[r]->standing == engine::Standing::Checking;
            }
            unconfirmed_ += chunk.unconfirmed;
            checking_ += chunk.checking;
        });
    }
    snapshot_ = snapshot;
}

std::vector<std::string> Standings::examples(std::size_t most) const {
    std::vector<std::string> found;
    for (std::size_t s = 0; s < stores_.size(); ++s)
        for (std::size_t c = 0; c < stores_[s].size(); ++c) {
            if (stores_[s][c].unconfirmed == 0) continue;
            const auto& records = snapshot_->stores[s].records;
            for (std::size_t r = c * chunk_size; r < std::min(records.size(), (c + 1) * chunk_size); ++r) {
                if (found.size() >= most) return found;
                if (records[r]->standing == engine::Standing::Unconfirmed) found.push_back(records[r]->reference);
            }
        }
    return found;
}

} // namespace fhirscope::diagnosis
