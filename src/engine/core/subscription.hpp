#pragma once
// One subscription as the engine holds it: what is wanted, and the Subscription resources on the server that serve it.

#include "engine/core/part.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace fhirscope::engine {

// What is said of one subscription's problem among those of others.
inline Fact problem_of(const SubscriptionView& view, const Fact& problem) {
    return Fact{.code = FactCode::SubscriptionProblem, .about = view.criteria}.because(problem);
}
inline Fact problem_of(const SubscriptionView& view) { return problem_of(view, view.problem); }

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

// One Subscription resource on the server and its token.
struct Binding {
    std::string id;
    std::string token; // the alias
    LocalTime created = never, token_expires = never, bind_sent = never, refresh_at = never;
    bool confirmed = false; // handshake seen
    ServerTime handshake{}; // when the server sent it; the epoch: it did not say
    template <class A>
    void archive(A& a) {
        a(id, token, created, token_expires, bind_sent, refresh_at, confirmed, handshake);
    }
};

// Silent deafness (PROTOCOL A13) is found by asking: is the Subscription there, and did a search find what the socket
// did not bring?
struct Checkup {
    LocalTime due = never, began = never; // of the whole check: asked after, and searched behind
    LocalTime asked = never;              // when it was asked after last, by a whole check or alone
    bool under_way = false;
    bool whole = false;                  // the one under way
    bool suspected = false;              // it is due for a sign of deafness, before others
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
        a(due, began, asked, under_way, whole, suspected, unknown, reached, complete, refusals, count_due, counts,
          shown, differs);
    }
};

struct Subscription {
    SubscriptionView view;
    std::string type;
    Binding active;              // empty id: none
    std::optional<Binding> next; // being made: the first one, or the successor before the old one goes
    ServerTime found{}; // newest lastUpdated that searches brought: the watermark once a search has come to its end
    // By the server's clock: what is stamped later (it was set back) proves nothing.
    std::optional<ServerTime> search_began;
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
    void archive(A& a) {
        a(view, type, active, next, found, search_began, baseline_done, waits_for_turn, by_offset, search_sent,
          first_bound, counted, more_there, checkup, failures, successor_after, create_after, unbound_since, unsuited,
          listed, dialect);
    }
};

} // namespace fhirscope::engine
