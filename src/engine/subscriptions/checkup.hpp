#pragma once
// Silent deafness: each live subscription is asked after, and a search looks behind it; at once where something speaks
// for it.

#include "engine/core/part.hpp"

#include <deque>
#include <string>
#include <string_view>

namespace fhirscope::engine {

struct PendingRequest;

struct Checks {
    std::deque<LocalTime> sent; // the requests of checks within the last minute
    template <class A>
    void archive(A& a) {
        a(sent);
    }
};

void check_later(State& s, SubscriptionIndex i);
// Something speaks for it that the subscription is deaf: it is checked at once.
void suspect(State& s, SubscriptionIndex i, const Fact& why);
void suspect_others(State& s, SubscriptionIndex i, const Fact& why);
// The others share its login and connection, and their tokens are of about the same age.
void found_deaf(State& s, SubscriptionIndex i, const Fact& why);
void suspect_type(State& s, std::string_view type, const Fact& why);
void note_check_request(State& s);
void show_checks(const State& s, ConnectionView& view);
void make_anew(State& s, SubscriptionIndex i, const Fact& why); // a Subscription that hears nothing
void begin_audit(State& s, SubscriptionIndex i);
void on_probe(State& s, const PendingRequest& request, const HttpAnswer& answer);
void on_count(State& s, const PendingRequest& request, const HttpAnswer& answer);
void on_audit(State& s, const PendingRequest& request, const HttpAnswer& answer);
void tick_checkups(State& s);
LocalTime next_checkup(const State& s);

} // namespace fhirscope::engine
