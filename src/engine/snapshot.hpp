#pragma once
// Everything that a window, a report or a test may see of the engine at one instant. Immutable; made at most once a
// frame.

#include "engine/conflict.hpp"
#include "engine/journal.hpp"
#include "engine/metrics.hpp"
#include "engine/panel.hpp"
#include "engine/store.hpp"
#include "engine/types.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace fhirscope::engine {

struct Transition {
    LocalTime at;
    ConnectionState from_state{}, to_state{};
    Phase from{}, to{};
    std::string reason; // "socket closed (1006)", "no frame for 25 s", …
    template <class A>
    void archive(A& a) {
        a(at, from_state, to_state, from, to, reason);
    }
};

// One try to open the socket, for the picture of the last reconnect.
struct Attempt {
    LocalTime wait_began, began, ended;
    std::chrono::milliseconds limit{0}; // the back-off before jitter
    bool opened = false;
    std::string result; // "opened", "refused", "timeout", …
    template <class A>
    void archive(A& a) {
        a(wait_began, began, ended, limit, opened, result);
    }
};

struct ConnectionView {
    ConnectionState state = ConnectionState::Disconnected;
    Phase phase = Phase::Idle;
    LocalTime since;      // of the phase
    LocalTime live_since; // of the last time that Live began; the epoch: never
    std::string reason;   // of the last change
    std::string base_url, socket_url;
    SocketId socket = 0;
    LocalTime last_frame;
    LocalTime next_attempt;              // while backing off
    std::vector<Transition> transitions; // the newest 256
    std::vector<Attempt> attempts;       // the newest 64
    std::map<std::pair<Phase, Phase>, std::uint32_t> transition_counts;
    bool clock_known = false;
    std::chrono::microseconds clock_offset{0};      // server minus local
    std::chrono::microseconds clock_uncertainty{0}; // ± (half the round trip of the best sample)
    bool polling = false; // real time fails: searches stand in for it, at `poll_interval`, while it is tried again
    LocalTime polling_since;
    std::chrono::milliseconds poll_interval{0};
    bool observing = false; // a foreign client's traffic is replayed: nothing is sent
};

struct SubscriptionView {
    std::string name, criteria, id;
    SubscriptionState state = SubscriptionState::Wanted;
    LocalTime since;         // of the state
    std::string problem;     // what stands in the way; "" when all is well
    LocalTime created;       // the epoch: never
    LocalTime token_expires; // by our clock; the epoch: none
    LocalTime bound;         // last handshake
    ServerTime watermark{};  // newest lastUpdated seen under these criteria while caught up
    ServerTime audited{};    // up to here a search has found nothing missing; the next one begins before it
    LocalTime last_heartbeat, last_event;
    std::vector<LocalTime> heartbeats; // the newest 24
    std::uint64_t events = 0, handshakes = 0, missed_heartbeats = 0;
};

// Result of the last Verify command.
struct VerifyView {
    enum class State : std::uint8_t { None, Running, Equal, Different, Failed } state = State::None;
    LocalTime at;
    std::size_t compared = 0;
    std::vector<std::string> differences; // "Task/… local 1a2b… server 3c4d…"; the first 100
    std::size_t difference_count = 0;
    std::size_t unusable = 0; // of these: the server has them, and they cannot be used here
    std::string problem;    // when Failed
    bool scheduled = false; // a reconciliation, not asked for by a person
    template <class A>
    void archive(A& a) {
        a(state, at, compared, differences, difference_count, unusable, problem, scheduled);
    }
};

// What is wrong with resources of one type that are shown all the same.
struct Flaw {
    std::string type, code, reference, message; // the first one's
    LocalTime since;
    std::uint64_t count = 0; // updates that had it
    template <class A>
    void archive(A& a) {
        a(type, code, reference, message, since, count);
    }
};

// One versionId of a resource came with more than one content.
struct RepeatedVersions {
    std::string reference; // the last one
    LocalTime since, last;
    std::uint64_t count = 0;
    template <class A>
    void archive(A& a) {
        a(reference, since, last, count);
    }
};

struct MetricsView {
    Counters counters;
    LatencyGroup all;
    std::vector<LatencyGroup> by_subscription;          // by SubscriptionIndex
    std::vector<LatencyGroup> by_type;                  // by TypeIndex
    std::array<LatencyGroup, channel_count> by_channel; // by Channel
    std::array<Histogram, StageTimes::stages> stages;   // observations of this machine, nanoseconds
    std::array<std::uint64_t, outcome_count> outcomes{};
    std::vector<std::array<std::uint64_t, StageTimes::stages + 1>>
        stage_nanos_by_subscription; // sums, and the count last
    LocalTime started;
    std::chrono::microseconds connected{0}; // total time in Receiving
};

struct Snapshot {
    std::uint64_t revision = 0; // changes when anything did
    LocalTime at;               // time of the last input
    std::uint64_t inputs = 0;
    ConnectionView connection;
    std::vector<SubscriptionView> subscriptions;
    std::vector<PanelDefinition> panels;
    std::vector<StoreView> stores; // by TypeIndex
    Log<UpdateRow>::View updates;
    Log<StageTimes>::View stage_times; // parallel to updates
    Log<FrameRow, 256>::View frames;
    Log<Event, 256>::View events;
    Log<SecondBucket, 64>::View seconds;
    Log<Rejection, 64>::View rejections;
    Chunked<ConflictPtr>::View conflicts; // the newest, in the order of their numbers; open ones are always among them
    std::size_t open_conflicts = 0;
    std::array<std::uint64_t, conflict_kinds> conflict_counts{}; // of all that ever were
    std::vector<LocalEditPtr> edits;                             // pending, by reference
    Log<LocalEditPtr, 64>::View ended_edits;
    std::vector<PolicyUse> policy_uses;
    std::string default_strategy;
    MetricsView metrics;
    VerifyView verify;
    std::vector<Flaw> flaws;                                            // by type and code
    std::vector<std::pair<std::string, RepeatedVersions>> repeated_versions; // by type
    std::size_t queue_size = 0, queue_bytes = 0, queue_peak = 0;
    std::size_t requests_open = 0;
    std::size_t keys_only = 0;    // resources shown of which the content was given up for room
    std::size_t memory_bound = 0; // of memory_resources
    std::size_t memory_resources = 0, memory_history = 0, memory_updates = 0, memory_frames = 0; // bytes
};
using SnapshotPtr = std::shared_ptr<const Snapshot>;

} // namespace fhirscope::engine
