#pragma once
// The engine's state, as plain data, and the functions that work on it, by the file they are in. Internal to
// src/engine.

#include "engine/conflict_store.hpp"
#include "engine/dialect.hpp"
#include "engine/digest.hpp"
#include "engine/engine.hpp"
#include "engine/handler.hpp"
#include "engine/queue.hpp"
#include "fhir/bundle.hpp"
#include "fhir/notification.hpp"
#include "fhir/random.hpp"
#include "fhir/validate.hpp"

#include <deque>
#include <map>
#include <set>

namespace fhirscope::engine {

constexpr LocalTime never{};
constexpr std::size_t longest_reason = 2'048; // bytes kept of what a server or the network says

// What is said of one subscription's problem among those of others.
inline Fact problem_of(const SubscriptionView& view, const Fact& problem) {
    return Fact{.code = FactCode::SubscriptionProblem, .about = view.criteria}.because(problem);
}
inline Fact problem_of(const SubscriptionView& view) { return problem_of(view, view.problem); }

enum class Purpose : std::uint8_t {
    CreateSubscription,
    OrphanCreation, // its connection is gone; what it created is deleted
    DeleteOrphan,
    GetToken,
    Probe, // is the Subscription still there?
    Audit, // did the socket bring what it should have?
    Count, // are as many there as are shown?
    Search,
    Deletions,
    Exits, // what left the criteria
    Read,
    History,
    Verify,
    AwaitActive,        // HAPI: until its status is "active"
    ExtendSubscription, // a later end
    ReplayEvents,       // $events
    WriteEdit,
    ConfirmGone,  // a read did not find what the server told of: does a search?
    AskHistory,   // of what somebody wants explained
    CheckLogin,   // is it still accepted?
    ReadCreated,  // created, but the answer had no body: its Location is read
    CheckCreated, // no binding token: is it the Subscription that is not there, or the operation?
    TurnOff,      // a Subscription that may not be deleted
    TrySearch,    // of a type that was left out
};

// A Subscription of ours that is not used any more.
struct Orphan {
    std::string id;
    SubscriptionIndex subscription = no_subscription;
    template <class A>
    void archive(A& a) {
        a(id, subscription);
    }
};

// Between two versions that a resource was seen in there may have been others.
struct Gap {
    std::string reference;
    ServerTime from, to;
    template <class A>
    void archive(A& a) {
        a(reference, from, to);
    }
};

// Why a resource is to be read.
struct ReadCause {
    bool missed = false;              // a version that the socket never brought
    bool told = false;                // the server said that it changed or went: a 404 may then be a deletion
    bool brought = false;             // its content came a moment ago and found no room: a 404 contradicts that
    bool unlisted = false;            // a full listing does not have it
    std::uint64_t frame = UINT64_MAX; // the event that named it
    LocalTime not_before = never;     // what comes till then is read with it
    template <class A>
    void archive(A& a) {
        a(missed, told, brought, unlisted, frame, not_before);
    }
};

struct PendingRequest {
    Purpose purpose{};
    SubscriptionIndex subscription = no_subscription;
    Channel channel = Channel::CatchUp; // of what a search finds: Baseline, CatchUp or Poll
    std::string reference;              // Read, History: which resource; GetToken, Probe: the Subscription's id
    Gap gap;                            // History
    ReadCause cause;                    // ConfirmGone: of the read
    SendRequest sent;                   // to repeat it
    LocalTime sent_at;
    LocalTime retry_at = never; // waits for its next try (then nothing is under way)
    std::uint32_t tries = 1, pages = 1;
    bool unsure = false; // an earlier try may have been carried out
    // Refused with 401: it waits until it is known whether the login has ended; once the login was found to be good, a
    // second refusal is about this request.
    enum class Login : std::uint8_t { NotAsked, Waits, Good } login = Login::NotAsked;
    template <class A>
    void archive(A& a) {
        a(purpose, subscription, channel, reference, gap, cause, sent, sent_at, retry_at, tries, pages, unsure, login);
    }
};

// One Subscription resource on the server and its token.
struct Binding {
    std::string id;
    std::string token; // the alias
    LocalTime created = never, token_expires = never, bind_sent = never, refresh_at = never;
    bool confirmed = false; // handshake seen
    template <class A>
    void archive(A& a) {
        a(id, token, created, token_expires, bind_sent, refresh_at, confirmed);
    }
};

// Silent deafness (PROTOCOL A13) is found by asking: is the Subscription there, and did a search find what the socket
// did not bring?
struct Checkup {
    LocalTime due = never, began = never;
    bool under_way = false;
    std::uint32_t unknown = 0;           // versions that the socket has not brought yet
    ServerTime reached{};                // by the audit under way
    ServerTime complete{};               // before the first of the unknown ones
    std::uint32_t refusals = 0;          // of its search, in a row
    LocalTime count_due = never;         // what matches is counted
    std::uint32_t counts = 0;            // in this round
    std::optional<std::uint64_t> shown;  // when the count under way was asked for
    std::optional<std::int64_t> differs; // by the count before
    template <class A>
    void archive(A& a) {
        a(due, began, under_way, unknown, reached, complete, refusals, count_due, counts, shown, differs);
    }
};

struct Subscription {
    SubscriptionView view;
    std::string type;
    Binding active;              // empty id: none
    std::optional<Binding> next; // being made: the first one, or the successor before the old one goes
    ServerTime found{}; // newest lastUpdated that searches brought: the watermark once a search has come to its end
    std::optional<ServerTime>
        search_began; // by the server's clock: what is stamped later (it was set back) proves nothing
    bool baseline_done = false;
    bool waits_for_turn = false;   // to be created; so many are already
    bool by_offset = false;        // the search under way cannot go by cursor
    LocalTime search_sent = never; // the first page of the search under way
    LocalTime first_bound = never; // of this session
    bool counted = true;           // the server says how many match
    std::int64_t more_there = 0;   // than are shown here, as far as is known and explained
    Checkup checkup;
    std::uint32_t failures = 0;        // in a row, of creating and binding
    LocalTime successor_after = never; // it was refused, and is not asked for before
    LocalTime create_after = never;    // no new Subscription is made before
    LocalTime unbound_since = never;   // it has no real time; never: it has
    bool unsuited = false;             // the server has no real time for it: asked again only now and then
    std::uint64_t listed = 0;          // by the search under way, so far
    DialectState dialect;
    template <class A>
    void archive(A& a);
};

struct Listed {             // a resource as the server lists it
    std::string version_id; // "" where it is not listed
    ServerTime changed{};   // the epoch likewise
    bool exact = true;
    std::uint64_t content = 0; // content_hash, of types whose versions only their content tells apart
    Fact unreadable;           // why it cannot be read
    RowPtr row;                // where it is not what is shown: a panel's cells, as far as they were listed
    template <class A>
    void archive(A& a) {
        a(version_id, changed, exact, content, unreadable, row);
    }
};

// A version that a search found; counted as missed unless the socket still brings it within the grace.
struct MaybeMissed {
    std::string reference;
    Listed listed; // "" and the epoch: a deletion
    LocalTime due;
    bool applied = true; // by a catch-up; an audit only names it, and it is read when the grace is over
    LocalTime asked;     // when the search was sent that found it
    SubscriptionIndex subscription = no_subscription;
    bool deleted = false;
    template <class A>
    void archive(A& a) {
        a(reference, listed, due, applied, asked, subscription, deleted);
    }
};

struct Polling {
    LocalTime next = never;
    SubscriptionIndex at = 0; // the one being searched for
    bool under_way = false, found = false, failed = false;
    template <class A>
    void archive(A& a) {
        a(next, at, under_way, found, failed);
    }
};

struct ServerClock {
    ServerTime said{}; // what the server last said that it is
    LocalTime at = never;
    template <class A>
    void archive(A& a) {
        a(said, at);
    }
};

struct WantedRead {
    std::uint32_t tries = 0;
    RequestId request = 0; // 0: not under way
    LocalTime due = never; // not before: it was tried in vain, or more is expected
    bool again = false;    // wished for once more while it was: its answer may be older than the wish
    ReadCause cause;
    template <class A>
    void archive(A& a) {
        a(tries, request, due, again, cause);
    }
};

struct Verification {
    VerifyView view;
    std::map<std::string, Listed> server; // by reference
    LocalTime pass_began = never;
    std::set<std::string> types;
    std::uint32_t next_subscription = 0, passes = 0;
    std::uint64_t updates_at_start = 0;
    std::uint64_t rows = 0;          // in `server`
    LocalTime next = never;          // reconciliation by schedule
    std::string resume;              // the page at which a scheduled one was interrupted
    bool by_offset = false;          // cannot go by cursor
    std::set<std::string> left_out;  // types of which the server refuses a search
    bool repairs = false;            // what differed is read again
    std::set<std::string> repairing; // that were not answered yet
    template <class A>
    void archive(A& a) {
        a(view, server, pass_began, types, next_subscription, passes, updates_at_start, rows, next, resume, by_offset,
          left_out, repairs, repairing);
    }
};

struct PendingEdit {
    LocalEdit view;
    fhir::ResourcePtr sent;        // what is on its way, or was last
    std::uint32_t fields_sent = 0; // of view.fields; those behind were asked for meanwhile
    RequestId request = 0;
    LocalTime due = never;            // Waiting: not before
    LocalTime checking_since = never; // Checking: a read asked for from here on tells
    bool unsure = false;              // what was sent may have been written: its answer was lost
    bool answer_lost = false;         // of some try: it may still be on its way, even where it is not written now
    bool over_deletion = false;       // decided: the write is to bring the resource back
    // The place of a precondition that cannot hold: a read right before, that finds the base unchanged.
    enum class Compared : std::uint8_t { No, Asked, Done } compared = Compared::No;
    std::uint16_t answer = 0;   // HTTP status of the refusal under review; 0: none
    Fact answered;              // the same, with what was said
    std::uint64_t resolves = 0; // conflict whose decision it writes
    template <class A>
    void archive(A& a) {
        a(view, sent, fields_sent, request, due, checking_since, unsure, answer_lost, over_deletion, compared, answer,
          answered, resolves);
    }
};

struct CurrentSecond {
    SecondBucket bucket;
    std::vector<std::uint32_t> latencies; // end to end, µs; at most 65,536
    template <class A>
    void archive(A& a) {
        a(bucket, latencies);
    }
};

struct Engine::State {
    // ---- state proper: archived, hashed
    Config config;
    bool started = false;
    LocalTime now = never;
    std::uint64_t inputs = 0, ignored_inputs = 0;
    Random random; // seeded by the configuration: the jitter is part of the state
    RequestId next_request = 1;
    SocketId next_socket = 1;
    std::map<RequestId, PendingRequest> requests;
    ConnectionView connection;
    ServerClock server_clock;
    bool socket_open = false;
    std::map<SocketId, SideSocket> side_sockets;
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
    bool reads_left_out = false;                     // more were wished for than are kept
    std::multimap<std::string, Edit> edits_awaiting; // the content of their resource, by reference
    bool out_of_bytes_said = false;
    LocalTime reads_after = never;    // the last one found nobody: not at once again
    LocalTime next_unhurried = never; // the first of the reads that wait for what may follow
    std::deque<MaybeMissed> maybe_missed;
    // Deleted before anybody told of them, and when that was learned: an event that is still on its way is no news.
    std::map<std::string, LocalTime> deleted_unseen;
    std::map<std::string, std::string> unusable;   // versions that cannot be used, by reference: they are not missing
    std::set<std::string, std::less<>> by_content; // types whose versions only their content tells apart
    std::map<std::string, RepeatedVersions> repeated_versions; // by type
    std::map<std::string, Flaw> flaws;                         // by type and code
    std::deque<Gap> gaps;                                      // whose histories are to be read
    std::deque<Orphan> orphans;                                // to be deleted
    LocalTime orphans_after = never;                           // the server could not be asked to: not at once again
    std::deque<std::string> own_ids;                           // of all Subscriptions made here, the newest 4096
    std::deque<std::string> left_behind;                       // Subscriptions that the server would not delete
    bool leaving = false;                                      // the session ends: nothing is begun any more
    Polling polling;
    std::uint32_t page_size = 0;  // resources to a page of a search
    LocalTime hold_until = never; // the server's rate limit is used up till then
    RequestId login_check = 0;    // under way; 0: none
    LocalTime login_renewed = never;
    Verification verification;
    AskedView asked;
    std::map<std::string, PendingEdit> edits; // by reference
    std::uint64_t next_edit = 1;
    ConflictStore conflicts;
    std::map<std::string, std::uint64_t> drifted; // resources that are read because of a drift: number of its conflict
    std::string default_strategy;
    std::vector<PolicyUse> policy_uses;
    Counters counters;
    LatencyGroup all;
    std::vector<LatencyGroup> by_subscription, by_type;
    std::array<LatencyGroup, channel_count> by_channel;
    std::array<std::uint64_t, outcome_count> outcomes{};
    CurrentSecond second;
    std::size_t frame_text_bytes = 0, ended_edit_bytes = 0;
    LocalTime started_at = never;
    LocalTime wake = never; // asked for last

    // ---- logs: archived with their entries, hashed by their digests
    Log<UpdateRow> updates;
    Log<FrameRow, 256> frames;
    Log<Event, 256> events;
    Log<SecondBucket, 64> seconds;
    Log<Rejection, 64> rejections;
    Log<LocalEditPtr, 64> ended_edits;
    Digest updates_digest, frames_digest, events_digest, seconds_digest, rejections_digest, edits_digest;

    // ---- made from the configuration
    std::vector<RowMaker> row_makers;
    std::shared_ptr<const ServerFacts> server_facts;

    // ---- observations and per-step scratch
    Log<StageTimes> stage_times;
    std::array<Histogram, StageTimes::stages> stage_histograms;
    std::vector<std::array<std::uint64_t, StageTimes::stages + 1>> stage_sums;
    StageClock clock = nullptr;
    Effects effects;
    std::uint64_t revision = 0;
    std::shared_ptr<const std::vector<std::string>> own_ids_shown; // own_ids, sorted; null: to be made

    template <class A>
    void archive_state(A& a);
    bool live() const { return config.mode == Mode::Live; }
};
using State = Engine::State;

// ---- journal.cpp: the logs
constexpr std::size_t ended_edits_kept = 256;
void log_event(State& s, Fact what, SubscriptionIndex subscription = no_subscription);
std::uint64_t log_frame(State& s, FrameRow row);
void log_closing(State& s, SocketId socket, bool outgoing, SubscriptionIndex subscription, Fact reason);
std::uint64_t log_update(State& s, const UpdateRow& row, const StageTimes& times);
void log_rejection(State& s, Rejection rejection);
void log_ended_edit(State& s, LocalEdit edit);
std::size_t memory_bytes(const LocalEdit& edit);

// ---- metrics.cpp
void roll_second(State& s);
void count_update(State& s, const UpdateRow& row);

// ---- requests.cpp
RequestId send_request(State& s, PendingRequest request,
                       std::chrono::milliseconds after = std::chrono::milliseconds(0));
void on_answer(State& s, const HttpAnswer& answer);
void on_failed(State& s, const HttpFailed& failed);
void forget_requests(State& s, Purpose purpose, SubscriptionIndex subscription);
void tick_requests(State& s);
std::string fhir_url(const State& s, std::string_view rest);
std::string resource_url(const State& s, std::string_view reference); // whatever characters its id has
Fact fact_of(const HttpAnswer& answer);
HttpAnswer answer_of(const HttpFailed& failed); // one that never came

// ---- connection.cpp
void enter_phase(State& s, Phase phase, Fact reason);
enum class Asked : bool { No, ByPerson }; // who asks is not made to wait for what was refused
void begin_connection(State& s, Fact reason, Asked asked = Asked::No);
void open_socket(State& s, const std::string& url);
// Tears down and backs off; the next attempt is not made before, where the server answers and will not have us.
void lose_connection(State& s, const Fact& reason, LocalTime not_before = never);
void restart_connection(State& s, const Fact& reason); // all anew, at once
void end_attempt(State& s, Fact result);               // of opening the socket, without success
void close_connection(State& s, const Fact& reason);   // and stays so
void send_frame(State& s, FrameKind kind, std::string text, SubscriptionIndex subscription = no_subscription);
void on_socket_opened(State& s, const SocketOpened& opened);
void on_socket_failed(State& s, const SocketFailed& failed);
void on_socket_closed(State& s, const SocketClosed& closed);
void tick_connection(State& s);
void update_phase(State& s); // from the states of the subscriptions

// ---- login.cpp
bool login_ended(const State& s);
// A request was refused with 401. True: it waits until it is known what that means, or was given up.
bool await_login(State& s, RequestId id, const HttpAnswer& answer);
void end_login(State& s, const Fact& problem);
void note_renewal(State& s); // the login before this one ended
void on_login_checked(State& s, const HttpAnswer& answer);
void on_login_failed(State& s, RequestId request, const Fact& problem); // the server gives no token any more
void tick_login(State& s);

// ---- server_clock.cpp
void sample_clock(State& s, ServerTime stamped, LocalTime sent);
void note_server_time(State& s, ServerTime said);
std::optional<ServerTime> server_now(const State& s); // an estimate; nothing before the server has said its time
bool is_ahead(const State& s,
              std::optional<ServerTime> stamped); // of the server's clock, so from before it was set back

// ---- frames.cpp: what comes on a socket
void on_frame(State& s, const Frame& frame);
void on_frame_sent(State& s, const FrameSent& frame);
void enqueue(State& s, Update update);

// ---- subscriptions.cpp
void drop_next(State& s, SubscriptionIndex i);
void drop_active(State& s, SubscriptionIndex i);
void create_subscription(State& s, SubscriptionIndex i);
void on_created(State& s, const PendingRequest& request, const HttpAnswer& answer);
void on_read_created(State& s, const PendingRequest& request, const HttpAnswer& answer);
void on_checked_created(State& s, const PendingRequest& request, const HttpAnswer& answer);
void on_token(State& s, const PendingRequest& request, const HttpAnswer& answer);
void bind_all(State& s);
void on_handshake(State& s, const std::string& id);
void on_heartbeat(State& s, const std::vector<std::string>& ids);
void tick_subscriptions(State& s);
LocalTime renewal_due(const State& s, const Subscription& subscription);
LocalTime bind_due(const State& s, const Subscription& subscription); // what was bound is looked after then
std::shared_ptr<const std::vector<std::string>> own_ids(State& s);    // sorted
void pump_creations(State& s);
void on_orphan_created(State& s, const PendingRequest& request, const HttpAnswer& answer);
bool waits(const State& s, const Subscription& subscription); // for the time of a new Subscription
LocalTime next_creation(const State& s); // of those that wait, and of what was refused and is tried again
void prove_bind(State& s, const fhir::Notification& notification);

// ---- refusals.cpp: what the server will not have, and when it is asked for again
bool is_success(const HttpAnswer& answer); // 2xx
bool is_refusal(const HttpAnswer& answer); // what went wrong is about this subscription, not about the network
void refuse(State& s, SubscriptionIndex i, const Fact& problem);
void leave_out(State& s, SubscriptionIndex i, const Fact& problem); // its search is refused
void unsuited(State& s, SubscriptionIndex i, const Fact& problem);  // no real time of this kind for it
LocalTime refused_retry_due(const State& s, const Subscription& subscription);
void try_again(State& s, SubscriptionIndex i); // the Subscription, or the search alone
void on_tried(State& s, const PendingRequest& request, const HttpAnswer& answer);

// ---- farewell.cpp: what becomes of Subscriptions that are not used any more
void let_go(State& s, SubscriptionIndex i, const Binding& binding); // unbound where it may be bound, and deleted
void disown(State& s, const std::string& id, SubscriptionIndex i);  // to be deleted when the server can be reached
void pump_orphans(State& s);
void tick_orphans(State& s);
LocalTime next_orphan(const State& s);
void on_orphan_deleted(State& s, const PendingRequest& request, const HttpAnswer& answer);
void on_turned_off(State& s, const PendingRequest& request, const HttpAnswer& answer);
void stays_behind(State& s, const std::string& id, const Fact& why);
void release_all(State& s);
std::vector<std::string> unreleased(const State& s);
bool has_left(const State& s);
void leave(State& s); // releases all, and begins nothing more

// ---- subscriptions.cpp
void set_state(State& s, SubscriptionIndex i, SubscriptionState state, Fact problem = {});
void retry_subscription(State& s, SubscriptionIndex i, const Fact& problem);
// Changes may be missed from `since` on (unless they are already); until a search has caught up with them.
void stop_hearing(State& s, SubscriptionIndex i, LocalTime since, const Fact& why);
void learn_subscription(State& s, std::string_view id, std::string_view criteria); // Observe mode

// ---- checkup.cpp: silent deafness
void tick_checkups(State& s);
void check_later(State& s, SubscriptionIndex i);
void make_anew(State& s, SubscriptionIndex i, const Fact& why); // a Subscription that hears nothing
void begin_audit(State& s, SubscriptionIndex i);
void on_probe(State& s, const PendingRequest& request, const HttpAnswer& answer);
void on_count(State& s, const PendingRequest& request, const HttpAnswer& answer);
LocalTime next_count(const Subscription& subscription);
void on_audit(State& s, const PendingRequest& request, const HttpAnswer& answer);

// ---- polling.cpp: when real time fails
void tick_polling(State& s);
void start_polling(State& s, const Fact& reason);
void stop_polling(State& s);
bool hears(const Subscription& subscription);                   // in real time, or about to
void poll_advanced(State& s, SubscriptionIndex i, bool failed); // one subscription's searches have ended
LocalTime next_poll(const State& s);

// ---- history.cpp: versions that nobody saw
void note_gap(State& s, Gap gap);
void pump_gaps(State& s);
void on_history(State& s, const PendingRequest& request, const HttpAnswer& answer);

// ---- versions.cpp: which version is which
enum class Age : std::uint8_t { Older, Tied, Newer, Unknown };
Age age_of(const fhir::Resource& arrived, const Version& than); // by lastUpdated
bool is_same(const State& s, const Version& held, const fhir::Resource& other);
bool has_same_content(const fhir::Resource& one, const fhir::Resource& other); // apart from meta
std::uint64_t content_hash(const fhir::Resource& resource);                    // likewise
bool is_listed_as(const State& s, const Version& held, const Listed& listed);
Listed listed_as(const State& s, const fhir::Resource& resource);
bool is_told_by_content(const State& s, std::string_view type);
// "_elements=id,meta&", or "" where that would not tell versions apart.
std::string listing_elements(const State& s, std::string_view type, std::span<const std::string> also = {});
void note_repeated_version(State& s, const Version& held, const fhir::Resource& arrived);
void note_flaws(State& s, const fhir::Resource& resource, std::vector<fhir::Problem> flaws);

// ---- cache.cpp
void restore_cache(State& s, const std::string& bytes);
void confirm_all(State& s, const std::string& type); // what the cache brought, once a catch-up has passed over it

// ---- recovery.cpp, reads.cpp: searches and reads
// "_lastUpdated=ge…": from where everything may be new. An event that was lost without a sign lies behind the
// watermark, but not behind the last search that missed nothing.
std::string since(const State& s, const Subscription& subscription);
std::string query(const Subscription& subscription); // its criteria, to which parameters can be added
void catch_up(State& s, SubscriptionIndex i);
void begin_search(State& s, SubscriptionIndex i, Channel channel);
void restart_search(State& s, SubscriptionIndex i, Channel channel, std::chrono::milliseconds after = {});
void search_deletions(State& s, SubscriptionIndex i, Channel channel);
// Names a version that could be held: what has no valid id or version is not compared.
bool is_listed(const fhir::BundleEntry& entry);
// Its next page is one of the known server, or none. Fails, too, where the pages have no end.
std::optional<fhir::BundlePage> page_of(State& s, const PendingRequest& request, const HttpAnswer& answer,
                                        Fact& problem);
void next_page(State& s, const PendingRequest& request, const std::string& url, std::chrono::milliseconds after = {});
// The version that the server listed is shown, or what is shown came after the server was asked and is newer.
bool is_known(const State& s, const std::string& reference, const Listed& listed, LocalTime asked);
// The same of a whole resource.
bool is_known(const State& s, const fhir::Resource& found, LocalTime asked);
// What names a version that cannot be used.
std::string version_key(std::string_view version_id, std::optional<ServerTime> changed);
// What cannot be read is kept with its reason, and named; of what is found again and again (Poll) once. True: it is
// new.
bool reject_unreadable(State& s, const fhir::Unreadable& lost, Channel channel, SubscriptionIndex subscription,
                       std::uint64_t frame = UINT64_MAX, const Fact& why = {}); // `why`: instead of lost.reason
void searched(State& s, SubscriptionIndex i); // all that was written before the search began has been found
bool can_read(const State& s);                // searches and reads are of use now
void on_exits(State& s, const PendingRequest& request, const HttpAnswer& answer);
void on_search(State& s, const PendingRequest& request, const HttpAnswer& answer);
void on_deletions(State& s, const PendingRequest& request, const HttpAnswer& answer);
void want_read(State& s, const std::string& reference, const ReadCause& cause = {});
LocalTime next_read(const State& s);
void pump_reads(State& s);
void on_read(State& s, const PendingRequest& request, const HttpAnswer& answer);
void on_confirmed_gone(State& s, const PendingRequest& request, const HttpAnswer& answer);
void on_observed(State& s, const Observed& observed);
void tick_recovery(State& s);

// ---- paging.cpp
std::string paged(const State& s, bool by_offset); // parameters of a search's first page
// The page of the known server that a `next` link leads to, below base_url or absolute; nullopt: it is on another one.
std::optional<std::string> own_page(const State& s, const PendingRequest& request, const std::string& link);
// The listing ends here though it is not whole.
void note_partial(State& s, SubscriptionIndex i, const Fact& why);
// Where the server's cursor is stuck: begins the search anew, with other pages. False where it is not, or nothing is
// left to try.
bool page_otherwise(State& s, const PendingRequest& request, const HttpAnswer& answer);

// ---- conflicts.cpp
std::string author_of(const fhir::Resource& resource); // as meta says; "" where it does not
FieldPolicy policy_of(const State& s, std::string_view type, std::string_view path);
void count_policy(State& s, std::string_view type, const FieldPolicy& policy);
std::uint64_t log_conflict(State& s, Conflict conflict);
void change_conflict(State& s, std::uint64_t number, const std::function<void(Conflict&)>& change);
void note_refused_write(State& s, const Observed& observed, const std::string& reference); // Observe mode
void note_drift(State& s, const std::string& reference, const Record* held, const Fact& difference);

// ---- ask.cpp
void on_ask(State& s, const AskServer& ask);
void note_read(State& s, const std::string& reference, const HttpAnswer& answer);
void on_asked_history(State& s, const PendingRequest& request, const HttpAnswer& answer);

// ---- contents.cpp
void on_look(State& s, const LookAt& look);
void want_content(State& s, const std::string& reference); // where only its key is held
// The version that is shown, read again because its content was wanted.
void take_content(State& s, const Update& update, Stores::Position position, const RowPtr& row);
void note_contents(State& s);
bool await_content(State& s, const Edit& command);          // false: nothing to wait for, or no room to
void content_known(State& s, const std::string& reference); // or known not to come: edits that waited for it go on

// ---- edits.cpp
void on_edit(State& s, const Edit& command);
void on_discard(State& s, const DiscardEdit& command);
PendingEdit& begin_edit(State& s, const std::string& reference, const fhir::ResourcePtr& base,
                        const fhir::ResourcePtr& local, EditMethod method, std::vector<fhir::FieldEdit> fields);
void show_edit(State& s, PendingEdit& edit); // in its record
void pump_edits(State& s);
LocalTime next_edit_due(const State& s);
// What differs between what was sent and what stands now.
void note_server_changes(State& s, PendingEdit& edit, const fhir::Resource& stored);
Fact lost_answer_note(const PendingEdit& edit); // none where no answer was lost
void on_written(State& s, const PendingRequest& request, const HttpAnswer& answer);
void edit_login_lost(State& s, const std::string& reference); // it was not sent
// It was not sent, because what is hidden in it cannot be put back: a patch may do without that.
void edit_not_sent(State& s, const std::string& reference, const std::string& why); // as the runtime says
void edit_unreadable(State& s, const std::string& reference, const Fact& problem);
void refuse_edit(State& s, PendingEdit& edit, const Fact& why);
void retry_edit(State& s, PendingEdit& edit);
void end_edit(State& s, PendingEdit& edit, EditState state); // and forgets it
void settle_edit(State& s, const std::string& reference);    // the store has what it became

// ---- edit_conflicts.cpp
// Something became known of a resource (null: nothing new): what does it mean for its pending edit?
void review_edit(State& s, const std::string& reference, const Update* update);
void on_resolve(State& s, const Resolve& command);

// ---- stage_transform.cpp
const RowMaker* row_maker(const State& s, std::string_view type); // null where no panel shows the type

// ---- verify.cpp
void restart_pass(State& s);
void begin_verify(State& s, bool scheduled = false);
void tick_verify(State& s);
void on_verify(State& s, const PendingRequest& request, const HttpAnswer& answer);
void fail_verify(State& s, Fact problem);
void note_repaired(State& s); // all that differed has been read again

// ---- pipeline.cpp and stage_*.cpp: one update through all stages
void drain(State& s);

} // namespace fhirscope::engine
