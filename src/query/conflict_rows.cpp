#include "query/conflict_rows.hpp"

#include "query/lookup.hpp"

#include <algorithm>

namespace fhirscope::query {

namespace {

// The answer to a write comes within seconds; a log under load has thousands of rows a second.
constexpr std::uint64_t most_rows = 65536;

bool same(const engine::Snapshot& a, const engine::Snapshot& b) {
    bool equal = a.conflicts.size() == b.conflicts.size();
    b.conflicts.for_each_changed_chunk(a.conflicts, [&](std::size_t) { equal = false; });
    return equal;
}

std::uint64_t row_of_written(const engine::Snapshot& snapshot, const engine::Conflict& conflict) {
    const std::uint64_t begin = first_update_at(snapshot, conflict.at);
    const std::uint64_t end = std::min(snapshot.updates.end(), begin + most_rows);
    for (std::uint64_t n = begin; n < end; ++n) {
        const engine::UpdateRow& row = snapshot.updates[n];
        // Of a version that is no FHIR id a row keeps the beginning only.
        const std::string_view version = version_of(row);
        if (row.channel == engine::Channel::Local && !version.empty() && conflict.written.starts_with(version) &&
            reference_of(snapshot, row) == conflict.reference)
            return n;
    }
    return engine::no_update;
}

} // namespace

void ConflictRows::add(const engine::Conflict& conflict) {
    if (conflict.kind == engine::ConflictKind::OutOfOrder) return;
    if (conflict.update != engine::no_update) by_update_.insert_or_assign(conflict.update, &conflict);
    if (conflict.written.empty()) return;
    const auto [it, fresh] = written_.try_emplace(conflict.number, engine::no_update);
    if (fresh) it->second = row_of_written(*snapshot_, conflict);
    if (it->second != engine::no_update) by_update_.try_emplace(it->second, &conflict);
}

std::size_t ConflictRows::between(std::uint64_t begin, std::uint64_t end) const {
    return static_cast<std::size_t>(std::count_if(
        by_update_.begin(), by_update_.end(),
        [&](const auto& entry) { return entry.first >= begin && entry.first < end; }));
}

void ConflictRows::update(const engine::SnapshotPtr& snapshot) {
    changed_.clear();
    if (snapshot == snapshot_) return;
    const bool keep = snapshot_ && same(*snapshot_, *snapshot);
    const bool other = snapshot_ && snapshot->updates.end() < snapshot_->updates.end(); // another session
    const engine::SnapshotPtr before = snapshot_; // until the conflicts in `old` are compared
    snapshot_ = snapshot;
    if (keep) return;
    ++rebuilt_;
    if (other) written_.clear();
    Map old;
    old.swap(by_update_);
    for (std::size_t i = 0; i < snapshot->conflicts.size(); ++i) add(*snapshot->conflicts[i]);
    for (const auto& [number, conflict] : by_update_)
        if (!old.contains(number)) changed_.push_back(number);
    for (const auto& [number, conflict] : old)
        if (!by_update_.contains(number)) changed_.push_back(number);
    std::sort(changed_.begin(), changed_.end());
    // Conflicts that are no longer kept.
    if (written_.size() > 2 * snapshot->conflicts.size() + 64) {
        const std::uint64_t oldest = snapshot->conflicts.empty() ? UINT64_MAX : snapshot->conflicts[0]->number;
        std::erase_if(written_, [&](const auto& entry) { return entry.first < oldest; });
    }
}

} // namespace fhirscope::query
