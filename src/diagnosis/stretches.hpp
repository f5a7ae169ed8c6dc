#pragma once
// Stretches of time in which something did not hold, found in snapshots in a row, with what was seen in each.

#include "diagnosis/causes/judge.hpp"
#include "diagnosis/facts.hpp"

#include <deque>
#include <memory>
#include <vector>

namespace fhirscope::diagnosis {

class ObservedStretches;

class Stretches {
public:
    Stretches();
    ~Stretches();
    struct One {
        std::uint64_t number = 0;
        Stretch stretch;
        CauseCode cause{}; // where the observation itself says it; NotKnown: it is to be judged
        LocalTime last;    // Requests and moments: the newest of them
        LocalTime proved;  // RealTime, Login: up to here nothing was amiss, or there was nothing to see
        LocalTime changed; // Delivery: the last change that was missed, as far as that is known
        // Of a session that follows another client (is_observed): a loss of what was heard before, a Subscription that
        // the server would not have, and whether a search or a read has proved that nothing is missing any more.
        bool is_observed = false, is_loss = false, is_refusal = false, is_proved = false;
        std::uint64_t told_deletions = 0; // Delivery: of what no frame told of
    };

    void update(const engine::Snapshot& snapshot, const Facts& facts, const std::vector<FindingPtr>& findings);
    const std::vector<One>& all() const { return all_; } // that go on, or ended a short while ago
    // Over for so long that nothing new is told of it.
    bool is_cold(const One& one, LocalTime now) const;
    void forget_cold(LocalTime now, const std::vector<bool>& kept); // but for those that are kept, by their place
    std::uint64_t take_number() { return next_++; }
    // For which there was no room: the oldest, and those that could not be begun.
    std::uint64_t dropped() const { return dropped_ + without_room_; }

private:
    One& open(Effect effect, LocalTime from, LocalTime noticed, engine::SubscriptionIndex subscription);
    One* going_on(Effect effect, engine::SubscriptionIndex subscription);
    void read_connection(const engine::Snapshot& snapshot, const std::vector<Observation>& fresh);
    void read_hearing(const engine::Snapshot& snapshot);
    void read_requests(const engine::Snapshot& snapshot, const std::vector<Observation>& fresh);
    void read_moments(const engine::Snapshot& snapshot, const std::vector<Observation>& fresh);
    bool is_covered(LocalTime at, LocalTime now) const; // by one in which nothing could be heard
    void tell_old(std::vector<Observation>& fresh, const engine::Snapshot& snapshot, const Facts& facts,
                  const std::vector<FindingPtr>& findings);
    void note_answers(const engine::ConnectionView& connection);
    bool is_older_than_outage(const Observation& missed) const;
    void tally(One& one, LocalTime from);
    void follow(const engine::Snapshot& snapshot, std::vector<Observation> fresh);

    Observer observer_;
    std::deque<Observation> recent_; // the last minutes, for stretches that are found to have begun before
    std::vector<One> all_;
    std::uint64_t next_ = 1;
    std::uint64_t dropped_ = 0, without_room_ = 0;
    LocalTime looked_, wanted_;                  // wanted_: since a person asked to connect
    LocalTime was_live_since_, late_, accepted_; // accepted_: a request, by the last snapshot
    bool was_live_ = false;
    std::uint64_t polls_ = 0;                     // of the session, when it was looked at last
    std::unique_ptr<ObservedStretches> observed_; // of a session that follows another client
};

} // namespace fhirscope::diagnosis
