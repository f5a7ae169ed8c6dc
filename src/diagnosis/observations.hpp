#pragma once
// What happened that tells one cause from another, in the order of time: read from what is new in a snapshot's logs.

#include "diagnosis/finding.hpp"
#include "diagnosis/seen.hpp"
#include "engine/snapshot.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace fhirscope::diagnosis {

struct Observation {
    Seen seen{};
    engine::SubscriptionIndex subscription = engine::no_subscription; // that it is about; none: all
    Evidence evidence;
    std::uint16_t status = 0; // of HTTP or of a close
    std::chrono::milliseconds lasted{0};
    LocalTime since{};      // of a missed change: when it was made; of a lost socket: heard last; the epoch: unknown
    std::string resource{}; // that was missed; "" for none
    LocalTime at() const { return evidence.at; }
};

// How often each was seen in a stretch of time, and what of it is shown.
class Tally {
public:
    static constexpr std::size_t evidence_kept = 12, statuses_kept = 8, parts_kept = 64, resources_kept = 64;

    struct Count {
        std::uint64_t count = 0;
        LocalTime first, last;
        LocalTime until;          // the end of the one that ended last
        std::uint16_t status = 0; // of the first
        std::string text{};
    };
    // Of one kind and of one subscription, or of all.
    struct Part {
        Seen seen{};
        engine::SubscriptionIndex subscription = engine::no_subscription;
        std::uint64_t count = 0;
        LocalTime first, last;
        std::uint16_t status = 0; // of the first
    };

    void add(const Observation& observation);
    const Count& of(Seen seen) const { return counts_[static_cast<std::size_t>(seen)]; }
    std::uint64_t count(Seen seen) const { return of(seen).count; }
    bool has(Seen seen) const { return count(seen) > 0; }
    // Of HTTP, in what was seen; the first of them, if there are many.
    const std::set<std::uint16_t>& statuses() const { return statuses_; }
    std::uint64_t count() const { return count_; }                     // of what is evidence
    const std::deque<Evidence>& evidence() const { return evidence_; } // the newest first
    const std::vector<Part>& parts() const { return parts_; }          // in the order in which each was first told
    std::uint64_t left_out() const { return left_out_; }               // observations for whose part there was no room
    const std::vector<std::string>& resources() const { return resources_; } // that were missed, the first of them

private:
    void add_part(const Observation& observation);

    std::array<Count, seen_kinds> counts_{};
    std::deque<Evidence> evidence_;
    std::set<std::uint16_t> statuses_;
    std::uint64_t count_ = 0, left_out_ = 0;
    std::vector<Part> parts_;
    std::vector<std::string> resources_;
};

class Observer {
public:
    // What is new since the last snapshot, in the order of time.
    std::vector<Observation> read(const engine::Snapshot& snapshot, const std::vector<FindingPtr>& findings);

private:
    std::uint64_t events_ = 0, requests_ = 0, updates_ = 0, transitions_ = 0;
    LocalTime looked_, answered_;
};

// What servers say, in their own words, of a Subscription that they refuse.
bool speaks_of_a_limit(const engine::Fact& answer);
bool speaks_of_a_feature(const engine::Fact& answer); // that is not enabled

// Which request failed in which way; none: that was to be expected.
std::optional<Seen> seen_of(const engine::FailedRequest& failed);

} // namespace fhirscope::diagnosis
