#pragma once
// The criteria of the subscriptions, parsed once: rules ask for them at every look.

#include "engine/snapshot.hpp"
#include "fhir/criteria.hpp"

#include <optional>
#include <string>
#include <vector>

namespace fhirscope::diagnosis {

struct KnownCriteria {
    std::string source;
    std::optional<fhir::Criteria> parsed; // empty: cannot be read
    std::string normal_form;              // the same whatever the order of parameters and of values in them
    std::vector<fhir::CriteriaWarning> warnings;
};

class CriteriaBook {
public:
    void update(const engine::Snapshot& snapshot);
    // Of a subscription of the snapshot of the last update.
    const KnownCriteria& of(std::size_t subscription) const { return known_[subscription]; }

    // The subscriptions whose criteria the version that came with this row of the update log left: the version before
    // matched, this one does not. R4 servers say nothing then.
    std::vector<engine::SubscriptionIndex> left_by(const engine::Snapshot& snapshot, std::uint64_t number,
                                                   bool medplum) const;

private:
    std::vector<KnownCriteria> known_; // by subscription
};

} // namespace fhirscope::diagnosis
