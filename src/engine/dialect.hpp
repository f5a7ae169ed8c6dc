#pragma once
// What depends on the server's dialect (PROTOCOL 0, B, C): the Subscription to create, the token, the bind frame, what
// outlives a socket, heartbeats, and how a gap shows. The rest of the engine asks here. Internal to src/engine.

#include "engine/config.hpp"
#include "engine/engine.hpp"
#include "fhir/bundle.hpp"
#include "fhir/notification.hpp"

#include <chrono>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace fhirscope::engine {

using State = Engine::State;
struct Binding;
struct PendingRequest;

// Of one subscription, in dialects other than Medplum's.
struct DialectState {
    std::string id; // of the Subscription that lives on when its socket is lost
    LocalTime created{};
    std::string status;                     // as notifications say it
    std::chrono::milliseconds heartbeat{0}; // the server's own period; 0: not said
    std::uint32_t activation_tries = 0;
    SocketId socket = 0; // HAPI: its own
    // Event numbers: all up to seen_until were seen, those in `ahead` too; the server has come to `known`.
    bool counting = false, fresh = false;
    std::uint64_t seen_until = 0, known = 0;
    std::set<std::uint64_t> ahead;
    LocalTime gap_due{};             // the jumped numbers may come until then
    std::uint64_t search_covers = 0; // a search under way shows everything up to this number
    // Numbers are hints. Where they contradict themselves they are not used any more, which is said once.
    bool unreliable = false;
    std::uint32_t restarts = 0;
    std::uint64_t told = 0;                                     // the largest count that a frame of this socket told
    std::deque<std::pair<std::uint64_t, std::uint64_t>> recent; // the newest numbers, with what each of them told
    // A search for what a ping or an empty payload only announced.
    bool fetching = false, fetch_again = false;
    template <class A>
    void archive(A& a) {
        a(id, created, status, heartbeat, activation_tries, socket, counting, fresh, seen_until, known, ahead, gap_due,
          search_covers, unreliable, restarts, told, recent, fetching, fetch_again);
    }
};

// HAPI takes one Subscription on a socket: the first is on the connection's own, each other one on a socket beside it.
struct SideSocket {
    SubscriptionIndex subscription = no_subscription;
    bool open = false;
    template <class A>
    void archive(A& a) {
        a(subscription, open);
    }
};

// ---- dialect.cpp: answers
bool numbers_events(const Config& config);
bool survives_disconnect(const Config& config); // the Subscription does
bool needs_token(const Config& config);
bool tells_deletions(const Config& config);     // or has no events for them; on Medplum they look like updates
bool sends_ping(const Config& config);          // JSON pings, which are answered
bool heartbeats_list_all(const Config& config); // one frame for all that is bound: who is missing in it was dropped
// Without any frame for so long the connection counts as dead; nullopt: the dialect has no heartbeat.
std::optional<std::chrono::milliseconds> silence_allowed(const State& s);
bool unbinds(const Config& config); // by a frame that holds the binding token
// A deletion is read as 410, so a 404 of what was there means that it is hidden. Of other servers nothing is known:
// where their full listing does not have it either, it is gone.
bool hides_by_404(const Config& config);
bool turns_off(const Config& config);        // takes status "off"; Medplum passes over it
bool proves_bind_late(const Config& config); // a bind may be good though no handshake comes
// With the id of one that is there already; `status`: instead of that of a new one. Nothing: the server offers no topic
// for the type.
std::optional<std::string> subscription_body(const State& s, SubscriptionIndex i, std::string_view id = {},
                                             std::string_view status = {});
std::string bind_text(const Config& config, const Binding& binding);
std::string token_frame(std::string_view type, const std::string& token); // "unbind-from-token"
// The search for what was deleted, below the FHIR base; `since` is "_lastUpdated=ge…".
std::string deletions_query(const State& s, SubscriptionIndex i, const std::string& since_parameter);
// Takes the answer where it is a history; false: it is Medplum's, with deleted resources as entries.
bool take_deletions_of_history(State& s, const fhir::BundlePage& page);
// The server does not have the way that deletions_query() takes: says so, once a search.
bool lacks_deletions(State& s, SubscriptionIndex i, std::uint16_t status);

// ---- subscriptions.cpp
void ask_for_token(State& s, SubscriptionIndex i, const std::string& id);
void bind(State& s, SubscriptionIndex i, Binding& binding);

// ---- dialect_life.cpp: Subscriptions that outlive sockets, activation, side sockets
bool resume_subscription(State& s, SubscriptionIndex i); // one from an earlier connection; false: there is none
// `created`: as the server returned it, or one that says nothing.
void prepare_binding(State& s, SubscriptionIndex i, const std::string& id, const fhir::Resource& created);
bool keep_subscription(State& s, SubscriptionIndex i);    // its socket goes; false: the Subscription goes with it
bool abandon_subscription(State& s, SubscriptionIndex i); // it is made anew; true: so must the connection be
bool extend_subscription(State& s,
                         SubscriptionIndex i); // a later end instead of a successor; false: not in this dialect
void on_active(State& s, const PendingRequest& request, const HttpAnswer& answer);
void on_extended(State& s, const PendingRequest& request, const HttpAnswer& answer);
void bind_without_token(State& s, SocketId socket);
bool side_socket_opened(State& s, SocketId socket);
bool side_socket_gone(State& s, SocketId socket, const Fact& reason);
void close_side_sockets(State& s);
void send_bind(State& s, SubscriptionIndex i, const Binding& binding);

// ---- dialect_numbers.cpp: gaps by number, and events without content
void note_numbers(State& s, SubscriptionIndex i, const fhir::Notification& notification);
void count_from(State& s, SubscriptionIndex i, const fhir::Notification& first); // there was no handshake
// The number was seen before. What it told may be news all the same.
bool is_repeated(State& s, SubscriptionIndex i, const fhir::NotificationEvent& event);
void take_unread(State& s, SubscriptionIndex i, const fhir::Notification& notification); // events that carry nothing
void after_bind(State& s, SubscriptionIndex i);
// A topic that brings another type than its name seemed to say is of no use.
void note_topic(State& s, SubscriptionIndex i, const fhir::Notification& notification);
void search_begins(State& s, SubscriptionIndex i);
void search_ends(State& s, SubscriptionIndex i);
bool fetch_ended(State& s, SubscriptionIndex i, bool failed);
void repeat_fetches(State& s);
void on_replay(State& s, const PendingRequest& request, const HttpAnswer& answer);
void tick_gaps(State& s);
LocalTime next_gap(const State& s);

} // namespace fhirscope::engine
