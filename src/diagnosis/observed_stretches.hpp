#pragma once
// Stretches of a session that follows another client: what its traffic shows that it was not told, or could not do.
// Nothing is concluded from what the capture does not hold.

#include "diagnosis/known_criteria.hpp"
#include "diagnosis/stretches.hpp"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace fhirscope::diagnosis {

class ObservedStretches {
public:
    // Makes a stretch in the list that `update` is given; null: there is no room, and it is counted.
    using Open = std::function<Stretches::One*(Effect, LocalTime from, engine::SubscriptionIndex)>;
    using All = std::vector<Stretches::One>;

    // `fresh`: what is new; taken out of it is what is a part of a stretch now.
    void update(const engine::Snapshot& snapshot, std::vector<Observation>& fresh, All& all, const Open& open);

private:
    // Changes that no frame told of, by the number of their stretch.
    struct Pending {
        std::set<std::string> references;
        LocalTime shown; // when the last of them that something has shown since was
        std::uint64_t deletions = 0;
    };
    void read_hearing(const engine::Snapshot& snapshot, All& all, const Open& open);
    void read_refused(const engine::Snapshot& snapshot, All& all, const Open& open);
    void read_told(const engine::Snapshot& snapshot, const std::vector<Observation>& fresh, All& all, const Open& open);
    void read_updates(const engine::Snapshot& snapshot, All& all);
    void read_untold(const engine::Snapshot& snapshot, All& all);
    void settle_told(const engine::Snapshot& snapshot, All& all);
    bool covers(const Stretches::One& one, const engine::Untold& told, bool medplum) const;

    CriteriaBook criteria_;
    std::uint64_t updates_ = 0, events_ = 0;
    LocalTime looked_;
    std::set<std::string> announced_; // types of which a deletion was told of
    std::map<std::uint64_t, Pending> pending_;
};

} // namespace fhirscope::diagnosis
