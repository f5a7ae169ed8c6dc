#include "gui/model/conflicts/conflict_index.hpp"

#include "query/conflict_fields.hpp"

#include <algorithm>

namespace fhirscope::gui {

using engine::Conflict;

void ConflictIndex::look_at(Chunk& chunk, std::size_t index) {
    constexpr std::size_t chunk_size = engine::Chunked<engine::ConflictPtr>::chunk_size;
    const auto& conflicts = snapshot_->conflicts;
    chunk = {};
    query::ConflictFacts facts;
    const std::size_t end = std::min(conflicts.size(), (index + 1) * chunk_size);
    for (std::size_t i = index * chunk_size; i < end; ++i) {
        const Conflict& conflict = *conflicts[i];
        ++examined_;
        if (question_.range && (conflict.at < question_.range->begin || conflict.at >= question_.range->end)) continue;
        if (conflict.open())
            chunk.open.push_back(conflict.number);
        else
            ++chunk.resolved;
        const bool segment = question_.segment == ConflictSegment::All ||
                             (question_.segment == ConflictSegment::Open) == conflict.open();
        if (segment && query_.matches(facts.at(conflict))) chunk.wanted.push_back(static_cast<std::uint32_t>(i));
    }
}

void ConflictIndex::update(const engine::SnapshotPtr& snapshot, const Question& question) {
    examined_ = 0;
    const bool asked_anew = !snapshot_ || question != question_;
    if (snapshot == snapshot_ && !asked_anew) return;
    const engine::SnapshotPtr before = snapshot_; // until the two are compared
    snapshot_ = snapshot;
    if (asked_anew) {
        question_ = question;
        if (auto query = query::Query::parse(question.filter, query::conflict_fields())) query_ = std::move(*query);
        chunks_.clear();
    }
    const auto& conflicts = snapshot->conflicts;
    bool changed = asked_anew || chunks_.size() != conflicts.chunk_count();
    chunks_.resize(conflicts.chunk_count());
    const decltype(engine::Snapshot::conflicts) none;
    conflicts.for_each_changed_chunk(asked_anew ? none : before->conflicts, [&](std::size_t i) {
        look_at(chunks_[i], i);
        changed = true;
    });
    if (!changed) return;
    order_.clear();
    open_.clear();
    resolved_ = 0;
    for (auto chunk = chunks_.rbegin(); chunk != chunks_.rend(); ++chunk) {
        order_.insert(order_.end(), chunk->wanted.rbegin(), chunk->wanted.rend());
        open_.insert(open_.end(), chunk->open.rbegin(), chunk->open.rend());
        resolved_ += chunk->resolved;
    }
}

std::optional<std::size_t> ConflictIndex::place_of(std::uint64_t number) const {
    const auto it = std::lower_bound(order_.begin(), order_.end(), number, [&](std::uint32_t index, std::uint64_t n) {
        return snapshot_->conflicts[index]->number > n;
    });
    if (it == order_.end() || snapshot_->conflicts[*it]->number != number) return std::nullopt;
    return static_cast<std::size_t>(it - order_.begin());
}

std::size_t ConflictIndex::open_before(std::uint64_t number) const {
    return static_cast<std::size_t>(std::lower_bound(open_.begin(), open_.end(), number, std::greater<>()) -
                                    open_.begin());
}

} // namespace fhirscope::gui
