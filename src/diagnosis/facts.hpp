#pragma once
// What the rules need to know of the logs, gathered from new rows only: the cost of a snapshot is that of what is new
// in it. Everything here is bounded, and follows from the snapshots alone.

#include "diagnosis/finding.hpp"
#include "diagnosis/known_criteria.hpp"
#include "diagnosis/standing.hpp"
#include "engine/snapshot.hpp"

#include <array>
#include <chrono>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace fhirscope::diagnosis {

// What one row of a log is a sign of.
enum class Sign : std::uint8_t {
    LostRealTime,   // the connection left Live
    Silence,        // no frame for longer than the engine waits
    NoPong,         // a ping stayed unanswered
    UpgradeRefused, // the HTTP upgrade was answered with something else
    TlsError,
    ServerError, // an answer 5xx
    BindUnanswered,
    Unlisted,      // a heartbeat no longer lists the subscription
    ServerDropped, // asked after, the server does not have it
    Deaf,          // it seemed alive and brought nothing
    StatusBad,     // the server calls it off or in error
    TokenRefused,  // no binding token: an answer 4xx
    TokenExpired,  // the server says so on the socket
    SocketError,   // any error frame
    NumberGap,
    GapFilled,
    NumbersAnew,     // the server counts from the beginning
    NumbersWrong,    // they contradict themselves
    MissedRecovered, // never came by the socket; a search after a gap brought it
    MissedFound,     // … ; a check of a live subscription found it
    NeverSeen,       // superseded before anybody looked
    Hidden,          // a read was answered 403 or 404
    ClockSetBack,
    Throttled,
    QueueFull,
    Foreign, // a frame for a subscription that is not ours
    BadFrame,
    UnknownFrame,
    OutOfOrder,     // on the socket
    Duplicate,      // the same version through the same subscription
    SilentDeletion, // found by a search or read while real time was live
    BareEvent,      // an event that carried no resource
    LeftCriteria,   // a newer version that no longer matches
    LocalNewer,     // a comparison found the local version newer than the server's
};

// All signs of one kind about one subject.
struct Trace {
    std::uint64_t count = 0; // since a spell of ten minutes without any
    LocalTime first, last;
    std::deque<LocalTime> times;   // the newest 64
    std::deque<Evidence> evidence; // the newest, the newest first
    std::size_t within(LocalTime now, std::chrono::microseconds window) const;
};

// The way of one pushed update, cut where the server stopped and the network began.
struct Lag {
    LocalTime at;
    std::chrono::microseconds server, network;
};

class Facts {
public:
    void update(const engine::SnapshotPtr& snapshot);

    // Of one subject; null: none.
    const Trace* find(Sign sign, std::string_view subject) const;
    // Of all subjects.
    std::vector<std::pair<std::string_view, const Trace*>> all(Sign sign) const;

    const Standings& standings() const { return standings_; }
    const CriteriaBook& criteria() const { return criteria_; }
    const std::deque<Lag>& lags() const { return lags_; }
    // A deletion of this type was announced in this session: the Subscription covers them.
    bool announces_deletions(std::string_view type) const { return announced_.contains(type); }
    LocalTime clock_changed() const { return clock_changed_; } // when one of the two clocks was last set
    // When a ping last waited for more than a second for its pong, or waits now; the epoch: never, or none is sent.
    LocalTime slow_pong() const { return slow_pong_; }
    bool sends_pings() const { return last_ping_ != LocalTime{}; }
    bool medplum() const { return medplum_; } // the server's dialect is Medplum's
    // Ids that heartbeats name and that are none of ours, with when each was first and last seen.
    struct Sighting {
        LocalTime first, last;
        std::uint64_t frame = 0;
    };
    const std::map<std::string, Sighting, std::less<>>& foreign() const { return foreign_; }
    // By what was rejected ("" where it names nothing): the last rejection after which nothing better came.
    struct Rejected {
        std::uint64_t number = 0, update = 0; // in the logs of rejections and of updates
        LocalTime at;
    };
    const std::map<std::string, Rejected, std::less<>>& rejected() const { return rejected_; }

private:
    void add(Sign sign, std::string_view subject, Evidence evidence);
    void read_event(const engine::Snapshot& snapshot, std::uint64_t number);
    void read_frame(const engine::Snapshot& snapshot, std::uint64_t number);
    void read_beat(const engine::Snapshot& snapshot, std::uint64_t number);
    void read_update(const engine::Snapshot& snapshot, std::uint64_t number);
    void read_rejection(const engine::Snapshot& snapshot, std::uint64_t number);
    void read_untold(const engine::Snapshot& snapshot);
    void read_conflicts(const engine::Snapshot& snapshot);
    void settle_bare_events(const engine::Snapshot& snapshot);
    void settle_deletions(const engine::Snapshot& snapshot);
    void forget(LocalTime now);

    std::uint64_t updates_ = 0, frames_ = 0, events_ = 0, rejections_ = 0, conflict_ = 0;
    std::map<std::pair<Sign, std::string>, Trace> traces_;
    Standings standings_;
    CriteriaBook criteria_;
    std::deque<Lag> lags_;
    bool medplum_ = true;
    std::map<std::string, Sighting, std::less<>> foreign_;
    std::map<std::string, Rejected, std::less<>> rejected_;
    // Event frames that no update has named yet, the oldest first, and when a read was last applied.
    struct Bare {
        std::uint64_t frame = 0;
        LocalTime at;
        engine::SubscriptionIndex subscription = engine::no_subscription;
    };
    std::deque<Bare> bare_;
    // Deletions that nobody told of, until it is known whether the subscription heard then.
    struct Silent {
        LocalTime when;     // of the deletion
        ServerTime changed; // likewise; the epoch: not known
        std::uint64_t key = 0;
        std::string type;
        Evidence evidence;
    };
    bool is_announced(const Silent& deletion) const;
    std::deque<Silent> silent_;
    std::shared_ptr<const std::vector<engine::Untold>> untold_; // that was read last
    std::set<std::string, std::less<>> left_told_;              // of these: reference and version of those looked at
    LocalTime last_read_, clock_changed_, last_ping_, last_pong_, slow_pong_;
    std::chrono::microseconds offset_{0};
    std::set<std::string, std::less<>> announced_;
    std::map<std::string, ServerTime, std::less<>> told_until_; // by type: the newest change that was pushed
    // Of each resource: when the socket last brought something, and which version through which subscription.
    struct Delivery {
        LocalTime at;
        ServerTime changed;    // the newest
        bool is_asked = false; // the newest frame repeated a version: a read tells whether it is gone
        std::array<char, engine::UpdateRow::longest_version> version{};
        engine::SubscriptionIndex subscription = engine::no_subscription;
        engine::SocketId socket = 0;
    };
    std::unordered_map<std::uint64_t, Delivery> delivered_;
};

// The phase of the connection at a time, as far back as its transitions are kept.
engine::Phase phase_at(const engine::ConnectionView& connection, LocalTime at);
// By our clock.
LocalTime local_time(const engine::Snapshot& snapshot, ServerTime time);
std::string_view criteria_of(const engine::Snapshot& snapshot, engine::SubscriptionIndex subscription);

} // namespace fhirscope::diagnosis
