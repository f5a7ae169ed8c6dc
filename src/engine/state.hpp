#pragma once
// The engine's state, as plain data, and the functions that work on it, by the file they are in. Internal to src/engine.

#include <deque>
#include <map>
#include <set>

#include "engine/digest.hpp"
#include "engine/engine.hpp"
#include "engine/handler.hpp"
#include "engine/queue.hpp"
#include "fhir/bundle.hpp"
#include "fhir/notification.hpp"

namespace fhirscope::engine {

constexpr LocalTime never{};

// SplitMix64, seeded by the configuration: the jitter is part of the state.
struct Random {
    std::uint64_t state = 1;
    double unit(); // [0, 1)
    template <class A> void archive(A& a) { a(state); }
};

enum class Purpose : std::uint8_t { CreateSubscription, GetToken, Search, Deletions, Read, Verify };

struct PendingRequest {
    Purpose purpose{};
    SubscriptionIndex subscription = no_subscription;
    std::string reference; // Read: which resource; GetToken: the Subscription's id
    SendRequest sent;      // to repeat it
    LocalTime sent_at;
    LocalTime retry_at = never; // waits for its next try (then nothing is under way)
    std::uint32_t tries = 1;
    template <class A> void archive(A& a) { a(purpose, subscription, reference, sent, sent_at, retry_at, tries); }
};

// One Subscription resource on the server and its token.
struct Binding {
    std::string id;
    std::string token; // the alias
    LocalTime created = never, token_expires = never, bind_sent = never, refresh_at = never;
    bool confirmed = false; // handshake seen
    template <class A> void archive(A& a) { a(id, token, created, token_expires, bind_sent, refresh_at, confirmed); }
};

struct Subscription {
    SubscriptionView view;
    std::string type;
    Binding active;              // empty id: none
    std::optional<Binding> next; // being made: the first one, or the successor before the old one goes
    ServerTime watermark{};      // newest lastUpdated seen under these criteria
    bool baseline_done = false;
    std::uint32_t failures = 0;  // in a row, of creating and binding
    template <class A> void archive(A& a);
};

// A version that a catch-up found; counted as missed unless the socket still brings it within the grace.
struct MaybeMissed {
    std::string reference, version_id;
    LocalTime due;
    template <class A> void archive(A& a) { a(reference, version_id, due); }
};

struct WantedRead {
    std::uint32_t tries = 0;
    RequestId request = 0; // 0: not under way
    bool again = false;    // wished for once more while it was: its answer may be older than the wish
    template <class A> void archive(A& a) { a(tries, request, again); }
};

struct Verification {
    VerifyView view;
    std::map<std::string, std::string> server; // reference → versionId
    std::set<std::string> types;
    std::uint32_t next_subscription = 0, passes = 0;
    std::uint64_t updates_at_start = 0;
    template <class A> void archive(A& a) { a(view, server, types, next_subscription, passes, updates_at_start); }
};

struct CurrentSecond {
    SecondBucket bucket;
    std::vector<std::uint32_t> latencies; // end to end, µs; at most 65,536
    template <class A> void archive(A& a) { a(bucket, latencies); }
};

struct Engine::State {
    // ---- state proper: archived, hashed
    Config config;
    bool started = false;
    LocalTime now = never;
    std::uint64_t inputs = 0, ignored_inputs = 0;
    Random random;
    RequestId next_request = 1;
    SocketId next_socket = 1;
    std::map<RequestId, PendingRequest> requests;
    ConnectionView connection;
    bool socket_open = false;
    std::map<SocketId, bool> observed_sockets; // Observe mode: all that are open
    LocalTime last_ping = never, unanswered_ping = never;
    std::uint32_t failed_attempts = 0;
    LocalTime live_began = never;
    std::chrono::microseconds connected{0};
    std::vector<Subscription> subscriptions;
    std::map<std::string, SubscriptionIndex> subscription_by_id; // ids alive or once alive
    UpdateQueue queue;
    Stores stores;
    std::string looked_at_type, looked_at_reference;
    std::map<std::string, WantedRead> reads;
    std::deque<MaybeMissed> maybe_missed;
    Verification verification;
    Counters counters;
    LatencyGroup all;
    std::vector<LatencyGroup> by_subscription, by_type;
    std::array<LatencyGroup, 5> by_channel;
    std::array<std::uint64_t, outcome_count> outcomes{};
    CurrentSecond second;
    std::size_t frame_text_bytes = 0;
    LocalTime started_at = never;
    LocalTime wake = never; // asked for last

    // ---- logs: archived with their entries, hashed by their digests
    Log<UpdateRow> updates;
    Log<FrameRow, 256> frames;
    Log<Event, 256> events;
    Log<SecondBucket, 64> seconds;
    Log<Rejection, 64> rejections;
    Digest updates_digest, frames_digest, events_digest, seconds_digest, rejections_digest;

    // ---- made from the configuration
    std::vector<RowMaker> row_makers;

    // ---- observations and per-step scratch
    Log<StageTimes> stage_times;
    std::array<Histogram, StageTimes::stages> stage_histograms;
    std::vector<std::array<std::uint64_t, StageTimes::stages + 1>> stage_sums;
    StageClock clock = nullptr;
    Effects effects;
    std::uint64_t revision = 0;

    template <class A> void archive_state(A& a);
    bool live() const { return config.mode == Mode::Live; }
};
using State = Engine::State;

// ---- journal.cpp: the logs
void log_event(State& s, EventKind kind, Severity severity, std::string text, SubscriptionIndex subscription = no_subscription);
std::uint64_t log_frame(State& s, FrameRow row);
std::uint64_t log_update(State& s, const UpdateRow& row, const StageTimes& times);
void log_rejection(State& s, Rejection rejection);

// ---- metrics.cpp
void roll_second(State& s);
void count_update(State& s, const UpdateRow& row);

// ---- requests.cpp
RequestId send_request(State& s, PendingRequest request);
void on_answer(State& s, const HttpAnswer& answer);
void on_failed(State& s, const HttpFailed& failed);
void forget_requests(State& s, Purpose purpose, SubscriptionIndex subscription);
void tick_requests(State& s);
std::string fhir_url(const State& s, std::string_view rest);
// "(404) Not found": what an answer says, for people.
std::string describe_answer(const HttpAnswer& answer);

// ---- connection.cpp
void enter_phase(State& s, Phase phase, std::string reason);
void begin_connection(State& s, std::string reason);
void open_socket(State& s, const std::string& url);
void lose_connection(State& s, const std::string& reason); // tears down and backs off
void close_connection(State& s, const std::string& reason, Severity severity); // and stays so
void send_frame(State& s, FrameKind kind, std::string text, SubscriptionIndex subscription = no_subscription);
void on_socket_opened(State& s, const SocketOpened& opened);
void on_socket_failed(State& s, const SocketFailed& failed);
void on_socket_closed(State& s, const SocketClosed& closed);
void tick_connection(State& s);
void update_phase(State& s); // from the states of the subscriptions

// ---- frames.cpp: what comes on a socket
void on_frame(State& s, const Frame& frame);
void on_frame_sent(State& s, const FrameSent& frame);
void enqueue(State& s, Update update);

// ---- subscriptions.cpp
void create_subscription(State& s, SubscriptionIndex i);
void on_created(State& s, const PendingRequest& request, const HttpAnswer& answer);
void on_token(State& s, const PendingRequest& request, const HttpAnswer& answer);
void bind_all(State& s);
void on_handshake(State& s, const std::string& id);
void on_heartbeat(State& s, const std::vector<std::string>& ids);
void tick_subscriptions(State& s);
void set_state(State& s, SubscriptionIndex i, SubscriptionState state, std::string problem = "");
void retry_subscription(State& s, SubscriptionIndex i, const std::string& problem);
void learn_subscription(State& s, std::string_view id, std::string_view criteria); // Observe mode

// ---- recovery.cpp: searches and reads
void catch_up(State& s, SubscriptionIndex i);
void on_search(State& s, const PendingRequest& request, const HttpAnswer& answer);
void on_deletions(State& s, const PendingRequest& request, const HttpAnswer& answer);
void want_read(State& s, const std::string& reference);
void pump_reads(State& s);
void on_read(State& s, const PendingRequest& request, const HttpAnswer& answer);
void on_observed(State& s, const Observed& observed);
void tick_recovery(State& s);

// ---- verify.cpp
void begin_verify(State& s);
void on_verify(State& s, const PendingRequest& request, const HttpAnswer& answer);
void fail_verify(State& s, std::string problem);

// ---- pipeline.cpp and stage_*.cpp: one update through all stages
void drain(State& s);

} // namespace fhirscope::engine
