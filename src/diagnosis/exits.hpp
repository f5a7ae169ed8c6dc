#pragma once
// Which criteria a version left: the one before matched, this one does not. R4 servers say nothing then.

#include "engine/snapshot.hpp"
#include "fhir/criteria.hpp"

#include <optional>
#include <vector>

namespace fhirscope::diagnosis {

class Exits {
public:
    // The subscriptions whose criteria the version that came with this row of the update log left.
    std::vector<engine::SubscriptionIndex> of(const engine::Snapshot& snapshot, std::uint64_t number, bool medplum);

private:
    struct Known {
        std::string source;
        std::optional<fhir::Criteria> criteria; // empty: cannot be read, or every version matches
    };
    const std::optional<fhir::Criteria>& criteria(const engine::Snapshot& snapshot, std::size_t subscription);
    std::vector<Known> known_; // by subscription
};

} // namespace fhirscope::diagnosis
