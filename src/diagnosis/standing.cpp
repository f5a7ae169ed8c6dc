#include "diagnosis/standing.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::diagnosis {
namespace {

using engine::Certainty;

constexpr std::size_t chunk_size = engine::Chunked<engine::RecordPtr>::chunk_size;

std::optional<LocalTime> earlier(std::optional<LocalTime> a, std::optional<LocalTime> b) {
    return a && b ? std::min(*a, *b) : a ? a : b;
}

} // namespace

void Standings::Counts::add(const Counts& other, int sign) {
    const auto change = [&](std::size_t& count, std::size_t by) { count = sign > 0 ? count + by : count - by; };
    change(unconfirmed, other.unconfirmed);
    change(stale, other.stale);
    change(checking, other.checking);
    change(out_of_view, other.out_of_view);
}

void Standings::count(Store& store, std::size_t c, const decltype(engine::StoreView::records)& records) {
    Chunk& chunk = store.chunks[c];
    store.counts.add(chunk.counts, -1);
    total_.add(chunk.counts, -1);
    chunk = {};
    for (std::size_t r = c * chunk_size; r < std::min(records.size(), (c + 1) * chunk_size); ++r) {
        const Certainty certainty = engine::certainty_of(*records[r], store.unheard).certainty;
        chunk.counts.unconfirmed += certainty == Certainty::MayBeStale;
        chunk.counts.stale += certainty == Certainty::Stale;
        chunk.counts.checking += certainty == Certainty::Checking;
        chunk.counts.out_of_view += certainty == Certainty::OutOfView;
        if (engine::is_of_last_session(*records[r])) chunk.left = earlier(chunk.left, records[r]->confirmed_at);
        chunk.newest = std::max(chunk.newest, engine::vouched_at(*records[r]));
    }
    store.counts.add(chunk.counts, 1);
    total_.add(chunk.counts, 1);
}

void Standings::update(const engine::SnapshotPtr& snapshot) {
    if (snapshot == snapshot_) return;
    bool other = !snapshot_ || snapshot->stores.size() < stores_.size(); // another session
    for (std::size_t s = 0; s < stores_.size() && !other; ++s)
        other = snapshot->stores[s].records.size() < snapshot_->stores[s].records.size();
    if (other) {
        stores_.clear();
        total_ = {};
    }
    const decltype(engine::StoreView::records) none;
    for (std::size_t s = 0; s < snapshot->stores.size(); ++s) {
        const auto& records = snapshot->stores[s].records;
        const auto& before = s < stores_.size() ? snapshot_->stores[s].records : none;
        if (s == stores_.size()) stores_.emplace_back();
        Store& store = stores_[s];
        store.chunks.resize(records.chunk_count());
        const auto heard = std::exchange(store.unheard, engine::unheard_of(*snapshot, snapshot->stores[s].type));
        if (heard != store.unheard) {
            // Polling moves this moment on with each round: what is older than both is stale before and after.
            const bool both = heard && store.unheard;
            for (std::size_t c = 0; c < store.chunks.size(); ++c)
                if (!both || store.chunks[c].newest > std::min(heard->noticed, store.unheard->noticed))
                    count(store, c, records);
        }
        records.for_each_changed_chunk(before, [&](std::size_t c) { count(store, c, records); });
    }
    snapshot_ = snapshot;
}

std::optional<LocalTime> Standings::unconfirmed_since(std::size_t store) const {
    if (unconfirmed(store) == 0) return std::nullopt;
    const Store& of = stores_[store];
    std::optional<LocalTime> earliest;
    if (of.unheard && !of.unheard->is_unwatched()) earliest = of.unheard->since;
    for (const Chunk& chunk : of.chunks) earliest = earlier(earliest, chunk.left);
    return earliest;
}

std::optional<LocalTime> Standings::unconfirmed_since() const {
    std::optional<LocalTime> earliest;
    for (std::size_t s = 0; s < stores_.size(); ++s) earliest = earlier(earliest, unconfirmed_since(s));
    return earliest;
}

std::vector<std::string> Standings::examples(std::size_t most) const {
    std::vector<std::string> found;
    for (std::size_t s = 0; s < stores_.size(); ++s)
        for (std::size_t c = 0; c < stores_[s].chunks.size(); ++c) {
            if (stores_[s].chunks[c].counts.unconfirmed == 0) continue;
            const auto& records = snapshot_->stores[s].records;
            for (std::size_t r = c * chunk_size; r < std::min(records.size(), (c + 1) * chunk_size); ++r) {
                if (found.size() >= most) return found;
                if (engine::certainty_of(*records[r], stores_[s].unheard).certainty == Certainty::MayBeStale)
                    found.push_back(records[r]->reference);
            }
        }
    return found;
}

} // namespace fhirscope::diagnosis
