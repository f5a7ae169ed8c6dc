#pragma once
// What becomes of Subscriptions that are not used any more.

#include "engine/core/part.hpp"

#include <deque>
#include <string>
#include <vector>

namespace fhirscope::engine {

struct Binding;
struct PendingRequest;

// A Subscription of ours that is not used any more.
struct Orphan {
    std::string id;
    SubscriptionIndex subscription = no_subscription;
    template <class A>
    void archive(A& a) {
        a(id, subscription);
    }
};

struct Farewell {
    std::deque<Orphan> orphans;          // to be deleted
    LocalTime orphans_after = never;     // the server could not be asked to: not at once again
    std::deque<std::string> left_behind; // Subscriptions that the server would not delete
    template <class A>
    void archive(A& a) {
        a(orphans, orphans_after, left_behind);
    }
};

void let_go(State& s, SubscriptionIndex i, const Binding& binding); // unbound where it may be bound, and deleted
void disown(State& s, const std::string& id, SubscriptionIndex i);  // to be deleted when the server can be reached
void pump_orphans(State& s);
void on_orphan_deleted(State& s, const PendingRequest& request, const HttpAnswer& answer);
void on_turned_off(State& s, const PendingRequest& request, const HttpAnswer& answer);
void stays_behind(State& s, const std::string& id, const Fact& why);
void release_all(State& s);
std::vector<std::string> unreleased(const State& s);
bool has_left(const State& s);
void leave(State& s); // releases all, and begins nothing more
void tick_orphans(State& s);
LocalTime next_orphan(const State& s);

} // namespace fhirscope::engine
