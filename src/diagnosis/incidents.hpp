#pragma once
// The incidents of a session, made of its snapshots in a row. It asks no clock and no server: the same snapshots give
// the same incidents.

#include "diagnosis/incident.hpp"
#include "engine/snapshot.hpp"

#include <deque>
#include <memory>
#include <vector>

namespace fhirscope::diagnosis {

class Facts;

class Incidents {
public:
    static constexpr std::size_t over_kept = 512;

    Incidents();
    ~Incidents();
    Incidents(Incidents&&) noexcept;
    Incidents& operator=(Incidents&&) noexcept;

    // Looks at the next snapshot, with the findings that hold now and those that came and went since the last.
    void update(const engine::Snapshot& snapshot, const Facts& facts, const std::vector<FindingPtr>& findings);

    // Those that go on, or are not known to be over: the most severe first, then the newest.
    const std::vector<IncidentPtr>& going_on() const { return going_on_; }
    const std::deque<IncidentPtr>& over() const { return over_; }          // the newest first
    std::uint64_t over_count() const { return not_kept() + over_.size(); } // those no longer kept, too
    // The oldest that are over, and what more went on at a time than is followed.
    std::uint64_t not_kept() const;
    IncidentPtr find(std::uint64_t number) const; // null: not kept
    // The one to be named in one sentence: the most severe that goes on and is more than information; null: none.
    IncidentPtr worst() const;

private:
    struct Book;
    std::unique_ptr<Book> book_;
    std::vector<IncidentPtr> going_on_;
    std::deque<IncidentPtr> over_;
    std::uint64_t dropped_ = 0; // of those that are over
};

} // namespace fhirscope::diagnosis
