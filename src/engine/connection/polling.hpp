#pragma once
// Searches that stand in while there is no real time.

#include "engine/core/part.hpp"

#include <string>

namespace fhirscope::engine {

struct Subscription;

struct Polling {
    LocalTime next = never;
    SubscriptionIndex at = 0; // the one being searched for
    bool under_way = false, found = false, failed = false;
    template <class A>
    void archive(A& a) {
        a(next, at, under_way, found, failed);
    }
};

void start_polling(State& s, const Fact& reason);
void stop_polling(State& s);
bool hears(const Subscription& subscription);                   // in real time, or about to
void poll_advanced(State& s, SubscriptionIndex i, bool failed); // one subscription's searches have ended
void tick_polling(State& s);
LocalTime next_poll(const State& s);

} // namespace fhirscope::engine
