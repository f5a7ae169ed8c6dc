#pragma once
// Silent deafness: each live subscription is asked after, and a search looks behind it.

#include "engine/core/part.hpp"

#include <string>

namespace fhirscope::engine {

struct PendingRequest;

void check_later(State& s, SubscriptionIndex i);
void make_anew(State& s, SubscriptionIndex i, const Fact& why); // a Subscription that hears nothing
void begin_audit(State& s, SubscriptionIndex i);
void on_probe(State& s, const PendingRequest& request, const HttpAnswer& answer);
void on_count(State& s, const PendingRequest& request, const HttpAnswer& answer);
void on_audit(State& s, const PendingRequest& request, const HttpAnswer& answer);
void tick_checkups(State& s);
LocalTime next_checkup(const State& s);

} // namespace fhirscope::engine
