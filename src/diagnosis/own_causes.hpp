#pragma once
// Findings that are causes by themselves, as incidents: from their first sign to their last, but for what another cause
// explains.

#include "diagnosis/facts.hpp"
#include "diagnosis/groups.hpp"
#include "diagnosis/incident.hpp"

#include <functional>
#include <span>
#include <vector>

namespace fhirscope::diagnosis {

class OwnCauses {
public:
    // `others`: all causes that were decided lately.
    void update(const engine::Snapshot& snapshot, const Facts& facts, const std::vector<FindingPtr>& findings,
                std::span<const Explainer> others, const std::function<std::uint64_t()>& take_number);
    // Those that go on or ended a short while ago.
    std::vector<IncidentPtr> incidents() const;
    // Those of which nothing new is told any more; each once.
    std::vector<IncidentPtr> take_settled(LocalTime now);

private:
    struct One {
        CauseCode cause{};
        FindingPtr finding;
        std::uint64_t number = 0;
        LocalTime noticed, from, ended; // ended: the epoch while it holds
        bool held = true;               // the finding is; of moments it is held for a while after the last
        bool settled = false;
        bool waited = false; // another client was not shown what it tells of
    };
    Incident incident_of(const One& one) const;
    bool waits(const Finding& finding) const;
    LocalTime end_of(const One& one, LocalTime now) const;

    std::vector<One> all_;
    bool observing_ = false;
    LocalTime looked_;
    std::shared_ptr<const std::vector<engine::Untold>> untold_; // of another client
};

} // namespace fhirscope::diagnosis
