#pragma once
// What happened that tells one cause from another, in the order of time: read from what is new in a snapshot's logs.

#include "diagnosis/finding.hpp"
#include "engine/snapshot.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace fhirscope::diagnosis {

enum class Seen : std::uint8_t {
    // the socket
    Down,         // it is not there any more, or could not be opened; the reason has a kind of its own
    LostToo,      // likewise, while the login was refused and real time was down already
    Closed,       // by the other end, or on the way
    Dropped,      // by a person here
    Disconnected, // likewise
    Silence,      // no frame for longer than the engine waits
    PongMissing,
    PongLate,        // likewise, while frames came that were sent before it
    ProbeMissing,    // asked after, nobody answered
    GivenUp,         // nothing could be bound on it
    AttemptFailed,   // nothing listened, or the way was closed
    AttemptTimedOut, // taken, and not answered
    AttemptTls,
    AttemptUpgrade, // answered with something else than 101
    AttemptRefused, // the server would not have us
    Live,
    AskedAgain, // to connect, by a person
    FramesLate, // on the way, as a finding says
    // the login
    LoginEnded,
    LoginAccepted,
    LoginRenewed,
    LoginDoubted,
    // this computer
    WokenLate,
    // answers
    Answered,       // as it should be
    RequestNotSent, // nothing listened
    RequestUnanswered,
    Request401,
    RequestForbidden,
    RequestFeature, // refused, and the server says that it is not enabled
    RequestQuota,
    RequestOdd, // 400, 404, 409, 410, 412 where none is to be expected
    Request429,
    Request5xx,
    RequestOther,
    RequestTls,
    // subscriptions
    Gone, // 404 or 410 when asked after
    Deaf, // a search found what it had not brought
    Unlisted,
    StatusBad,
    BindUnanswered,
    OperationMissing,
    SearchRefused,
    // resources
    MissedRecovered,
    MissedFound,
    LostBefore, // found by the catch-up of an outage, and changed before this began
    NeverSeen,
    DeletedLate,
};
constexpr std::size_t seen_kinds = static_cast<std::size_t>(Seen::DeletedLate) + 1;

struct Observation {
    Seen seen{};
    engine::SubscriptionIndex subscription = engine::no_subscription; // that it is about; none: all
    Evidence evidence;
    std::uint16_t status = 0; // of HTTP or of a close
    std::chrono::milliseconds lasted{0};
    LocalTime since{};        // of a missed change: when it was made; of a lost socket: heard last; the epoch: unknown
    LocalTime at() const { return evidence.at; }
};

// How often each was seen in a stretch of time, and what of it is shown.
class Tally {
public:
    static constexpr std::size_t evidence_kept = 12, statuses_kept = 8;

    struct Count {
        std::uint64_t count = 0;
        LocalTime first, last;
        LocalTime until;          // the end of the one that ended last
        std::uint16_t status = 0; // of the first
        std::string text{};
    };

    void add(const Observation& observation);
    const Count& of(Seen seen) const { return counts_[static_cast<std::size_t>(seen)]; }
    std::uint64_t count(Seen seen) const { return of(seen).count; }
    bool has(Seen seen) const { return count(seen) > 0; }
    // Of HTTP, in what was seen; the first of them, if there are many.
    const std::set<std::uint16_t>& statuses() const { return statuses_; }
    std::uint64_t count() const { return count_; }                     // of what is evidence
    const std::deque<Evidence>& evidence() const { return evidence_; } // the newest first

private:
    std::array<Count, seen_kinds> counts_{};
    std::deque<Evidence> evidence_;
    std::set<std::uint16_t> statuses_;
    std::uint64_t count_ = 0;
};

class Observer {
public:
    // What is new since the last snapshot, in the order of time.
    std::vector<Observation> read(const engine::Snapshot& snapshot, const std::vector<FindingPtr>& findings);

private:
    std::uint64_t events_ = 0, requests_ = 0, updates_ = 0, transitions_ = 0;
    LocalTime looked_, answered_;
};

// Which request failed in which way; none: that was to be expected.
std::optional<Seen> seen_of(const engine::FailedRequest& failed);

} // namespace fhirscope::diagnosis
