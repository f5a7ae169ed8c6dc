#include "gui/conflict_rows.hpp"

namespace fhirscope::gui {

namespace {

bool same(const engine::Snapshot& a, const engine::Snapshot& b) {
    bool equal = a.conflicts.size() == b.conflicts.size();
    for (std::size_t chunk = 0; equal && chunk < a.conflicts.chunk_count(); ++chunk) {
        equal = a.conflicts.chunk_identity(chunk) == b.conflicts.chunk_identity(chunk);
    }
    return equal;
}

} // namespace

void ConflictRows::update(const engine::SnapshotPtr& snapshot) {
    if (snapshot == snapshot_) {
        return;
    }
    const bool keep = snapshot_ && same(*snapshot_, *snapshot);
    snapshot_ = snapshot;
    if (keep) {
        return;
    }
    ++rebuilt_;
    by_update_.clear();
    for (std::size_t i = 0; i < snapshot->conflicts.size(); ++i) {
        const engine::Conflict& conflict = *snapshot->conflicts[i];
        if (conflict.update != engine::no_update && conflict.kind != engine::ConflictKind::OutOfOrder) {
            by_update_.insert_or_assign(conflict.update, &conflict);
        }
    }
}

} // namespace fhirscope::gui
