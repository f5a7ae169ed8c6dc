#include "diagnosis/standing.hpp"

#include <algorithm>

namespace fhirscope::diagnosis {
namespace {

constexpr std::size_t chunk_size = engine::Chunked<engine::RecordPtr>::chunk_size;

} // namespace

void Standings::update(const engine::SnapshotPtr& snapshot) {
    if (snapshot == snapshot_) return;
    stores_.resize(snapshot->stores.size());
    unconfirmed_ = checking_ = 0;
    for (std::size_t s = 0; s < stores_.size(); ++s) {
        const auto& records = snapshot->stores[s].records;
        stores_[s].resize(records.chunk_count());
        for (std::size_t c = 0; c < stores_[s].size(); ++c) {
            Chunk& chunk = stores_[s][c];
            if (chunk.identity != records.chunk_identity(c)) {
                chunk = {records.chunk_identity(c), 0, 0};
                for (std::size_t r = c * chunk_size; r < std::min(records.size(), (c + 1) * chunk_size); ++r) {
                    chunk.unconfirmed += records[r]->standing == engine::Standing::Unconfirmed;
                    chunk.checking += records[r]->standing == engine::Standing::Checking;
                }
            }
            unconfirmed_ += chunk.unconfirmed;
            checking_ += chunk.checking;
        }
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
