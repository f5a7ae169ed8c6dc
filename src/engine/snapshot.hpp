#pragma once
// Everything that a window, a report or a test may see of the engine at one instant. Immutable; made at most once a
// frame.

#include "engine/conflict.hpp"
#include "engine/dialect_config.hpp"
#include "engine/figures.hpp"
#include "engine/log_rows.hpp"
#include "engine/panel.hpp"
#include "engine/store.hpp"
#include "engine/types.hpp"
#include "fhir/fields.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fhirscope::engine {

struct Transition {
    LocalTime at;
    ConnectionState from_state{}, to_state{};
    Phase from{}, to{};
    Fact reason;
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
    bool refused = false; // the server answered, and would not have us
    Fact result;
    template <class A>
    void archive(A& a) {
        a(wait_began, began, ended, limit, opened, refused, result);
    }
};

struct ConnectionView {
    ConnectionState state = ConnectionState::Disconnected;
    Phase phase = Phase::Idle;
    LocalTime since;      // of the phase
    LocalTime live_since; // of the last time that Live began; the epoch: never
    Fact reason;          // of the last change
    std::string base_url, socket_url;
    SocketId socket = 0;
    LocalTime last_frame;
    LocalTime next_attempt;              // while backing off, or while the login is not accepted
    std::vector<Transition> transitions; // the newest 256
    std::vector<Attempt> attempts;       // the newest 64
    std::map<std::pair<Phase, Phase>, std::uint32_t> transition_counts;
    bool clock_known = false;
    std::chrono::microseconds clock_offset{0};      // server minus local
    std::chrono::microseconds clock_uncertainty{0}; // ± (half the round trip of the best sample)
    bool polling = false; // real time fails: searches stand in for it, at `poll_interval`, while it is tried again
    LocalTime polling_since;
    std::chrono::milliseconds poll_interval{0};
    bool observing = false;           // a foreign client's traffic is replayed: nothing is sent
    LocalTime login_ended;            // the epoch: it has not
    LocalTime login_accepted;         // the newest answer that the login was good for
    Fact login_problem;               // why it counts as ended
    std::uint32_t login_refusals = 0; // in vain asked again since
    // Ids of Subscriptions that we made, do not use any more and have not seen go; after Leave all that are left.
    std::vector<std::string> unreleased;
    bool left = false;                                      // after Leave: the server has answered for all of them
    std::uint32_t checks_last_minute = 0, check_budget = 0; // requests that looked for silent deafness, and their bound
    template <class A>
    void archive(A& a) { // all but the last four, which are made for each snapshot
        a(state, phase, since, live_since, reason, base_url, socket_url, socket, last_frame, next_attempt, transitions,
          attempts, transition_counts, clock_known, clock_offset, clock_uncertainty, polling, polling_since,
          poll_interval, observing, login_ended, login_accepted, login_problem, login_refusals);
    }
};

// A time in which a subscription heard nothing, and why, as far as that is known.
struct Silence {
    LocalTime from, noticed, to;
    Fact why;
    template <class A>
    void archive(A& a) {
        a(from, noticed, to, why);
    }
};

// Observe mode: from here to there the client was not told of all changes, whatever it was told of later.
struct Loss {
    LocalTime from, lost; // the last proof that it heard all, and when that was over
    LocalTime heard;      // since then it is told of changes again; the epoch: not yet
    LocalTime proved;     // a search covered it; the epoch: none has
    Fact why;
    template <class A>
    void archive(A& a) {
        a(from, lost, heard, proved, why);
    }
};

struct SubscriptionView {
    std::string name, criteria, id;
    SubscriptionState state = SubscriptionState::Wanted;
    LocalTime since;         // of the state
    Fact problem;            // what stands in the way
    LocalTime created;       // the epoch: never
    LocalTime token_expires; // by our clock; the epoch: none
    LocalTime bound;         // last handshake
    ServerTime watermark{};  // newest lastUpdated seen under these criteria while caught up
    ServerTime audited{};    // up to here a search has found nothing missing; the next one begins before it
    LocalTime last_heartbeat, last_event;
    LocalTime unheard_since;           // since then changes may have been missed; the epoch: it hears
    LocalTime unheard_noticed;         // when that became known
    Fact unheard_why;                  // the reason, while it does not hear
    std::vector<Silence> silences;     // that are over and were caught up with, the newest 16
    LocalTime proved;                  // when something last proved that it heard all
    LocalTime searched;                // when the last search that found all began
    std::vector<LocalTime> heartbeats; // the newest 24
    std::uint64_t events = 0, handshakes = 0, missed_heartbeats = 0;
    bool left_out = false;    // the server refuses its search: nothing of it is shown or compared
    Fact partial;             // why the listing is not whole
    std::vector<Loss> losses; // the newest 64
    std::uint64_t losses_dropped = 0;
    template <class A>
    void archive(A& a) {
        a(name, criteria, id, state, since, problem, created, token_expires, bound, watermark, audited, last_heartbeat,
          last_event, unheard_since, unheard_noticed, unheard_why, silences, proved, searched, heartbeats, events,
          handshakes, missed_heartbeats, left_out, partial, losses, losses_dropped);
    }
};

// Observe mode: a change that the server is known to have, by its answer to a write or by a listing of versions, and
// that neither a frame nor a search nor a read has shown to the client since.
struct Untold {
    std::string reference, version; // version: "" where it was deleted, or the answer names none
    std::string method;             // that was answered: "PUT"; "GET": a listing
    LocalTime since;                // when the server changed it, by this clock
    fhir::ResourcePtr resource;     // as the server has it; null: deleted, or not in the answer
    bool deleted = false;
    bool held = false; // the client was shown an older version of it; false: it was never shown it
    SubscriptionIndex subscription = no_subscription; // that heard then, and has not told within the grace
    template <class A>
    void archive(A& a) {
        a(reference, version, method, since, resource, deleted, held, subscription);
    }
};

// Result of the last Verify command.
struct VerifyView {
    enum class State : std::uint8_t { None, Running, Equal, Different, Failed } state = State::None;
    LocalTime at;
    std::size_t compared = 0;
    // The first 100: a resource each, with its version here as the name and the server's as the words.
    std::vector<Fact> differences;
    std::size_t difference_count = 0;
    std::size_t unusable = 0;   // of these: the server has them, and they cannot be used here
    Fact problem;               // when Failed
    bool scheduled = false;     // a reconciliation, not asked for by a person
    LocalTime repaired{};       // when all that differed had been read again; the epoch: not yet
    std::vector<Fact> left_out; // criteria that were not compared, each with the reason
    template <class A>
    void archive(A& a) {
        a(state, at, compared, differences, difference_count, unusable, problem, scheduled, repaired, left_out);
    }
};

// What the server said of the resource that was asked about last (AskServer).
struct AskedView {
    struct Version {
        std::string version_id; // "" of a deletion
        ServerTime changed{};   // the epoch: not said
        bool deleted = false;
        template <class A>
        void archive(A& a) {
            a(version_id, changed, deleted);
        }
    };
    std::string reference; // "": nothing was asked yet
    LocalTime asked_at;
    bool pending = false; // something is not answered yet
    LocalTime read_at;    // the epoch: not answered
    std::uint16_t status = 0;
    Fact answer;
    std::string version_id; // of a 200
    ServerTime changed{};
    LocalTime history_at; // the epoch: not answered
    std::uint16_t history_status = 0;
    std::vector<Version> history; // the newest first, at most 20
    template <class A>
    void archive(A& a) {
        a(reference, asked_at, pending, read_at, status, answer, version_id, changed, history_at, history_status,
          history);
    }
};

// What is wrong with resources of one type that are shown all the same.
struct Flaw {
    std::string type, code, reference, message; // the first one's
    LocalTime since;
    std::uint64_t count = 0; // updates that had it
    template <class A>
    void archive(A& a) {
        a(type, code, reference, since, count);
        a.own_words(message);
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

// What is known of the server from the beginning.
struct ServerFacts {
    std::string fhir_path;
    DialectConfig dialect;
    template <class A>
    void archive(A& a) {
        FHIRSCOPE_FIELDS(a, fhir_path, dialect);
    }
};

struct Snapshot {
    std::uint64_t revision = 0; // changes when anything did
    LocalTime at;               // time of the last input
    std::uint64_t inputs = 0;
    ConnectionView connection;
    std::vector<SubscriptionView> subscriptions;
    std::shared_ptr<const ServerFacts> server;
    std::shared_ptr<const std::vector<Untold>> untold; // by reference; null: none
    std::uint64_t untold_left_out = 0; // changes beyond the bound of those: of them nobody knows whether they were told
    std::shared_ptr<const std::vector<std::string>> own_subscriptions; // ids of all that were made here, sorted
    std::vector<PanelDefinition> panels;
    std::vector<StoreView> stores; // by TypeIndex
    Log<UpdateRow>::View updates;
    Log<StageTimes>::View stage_times; // parallel to updates
    Log<FrameRow, 256>::View frames;
    Log<Event, 256>::View events;
    Log<SecondBucket, 64>::View seconds;
    Log<Rejection, 64>::View rejections;
    Log<FailedRequest, 64>::View failed_requests;
    Chunked<ConflictPtr>::View conflicts; // the newest, in the order of their numbers; open ones are always among them
    std::size_t open_conflicts = 0;
    std::array<std::uint64_t, conflict_kinds> conflict_counts{}; // of all that ever were
    std::vector<LocalEditPtr> edits;                             // pending, by reference
    Log<LocalEditPtr, 64>::View ended_edits;
    std::vector<PolicyUse> policy_uses;
    std::string default_strategy;
    MetricsView metrics;
    VerifyView verify;
    std::vector<Flaw> flaws;                                                 // by type and code
    std::vector<std::pair<std::string, RepeatedVersions>> repeated_versions; // by type
    AskedView asked;
    std::size_t queue_size = 0, queue_bytes = 0, queue_peak = 0;
    std::size_t requests_open = 0;
    std::size_t keys_only = 0;    // resources shown of which the content was given up for room
    std::size_t memory_bound = 0; // of memory_resources
    std::size_t memory_resources = 0, memory_history = 0, memory_updates = 0, memory_frames = 0; // bytes

    // Null where it is not held; a deletion is held, too. Looks at all records of the type.
    RecordPtr find(std::string_view reference) const;
};
using SnapshotPtr = std::shared_ptr<const Snapshot>;

// "Task/8d0c…" and "Task" of an update; "" when it was rejected before it had a place in a store.
std::string_view reference_of(const Snapshot& snapshot, const UpdateRow& row);
std::string_view type_of(const Snapshot& snapshot, const UpdateRow& row);

} // namespace fhirscope::engine
