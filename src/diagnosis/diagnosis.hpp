#pragma once
// Findings over a series of snapshots: which hold, since when, and which have closed. It asks no clock and no server:
// the same snapshots give the same findings.

#include "diagnosis/facts.hpp"
#include "diagnosis/finding.hpp"
#include "diagnosis/incidents.hpp"

#include <deque>
#include <vector>

namespace fhirscope::diagnosis {

class Diagnosis {
public:
    static constexpr std::size_t closed_kept = 256;

    // Looks at the next snapshot. One that does not follow the last (another session, a step back) begins anew.
    void update(const engine::SnapshotPtr& snapshot);

    const std::vector<FindingPtr>& open() const { return open_; }    // the most severe first, then the newest
    const std::deque<FindingPtr>& closed() const { return closed_; } // the newest first
    std::uint64_t closed_count() const { return closed_count_; }     // those no longer kept, too
    std::size_t count(Severity severity) const;                      // of open ones
    const Finding* worst() const;                                    // that wants attention; null: none
    const Incidents& incidents() const { return incidents_; }
    const Facts& facts() const { return facts_; }
    // Changes when open() or closed() may have; no other diagnosis has the same.
    std::uint64_t revision() const { return revision_; }

private:
    void close(Finding finding, LocalTime at);
    LocalTime beginning(const Finding& finding, LocalTime now) const;

    Facts facts_;
    Incidents incidents_;
    std::vector<FindingPtr> open_;
    std::deque<FindingPtr> closed_;
    std::uint64_t closed_count_ = 0, revision_ = 0;
    engine::SnapshotPtr last_;
};

} // namespace fhirscope::diagnosis
