#pragma once
// What the server refuses, and when it is asked for again.

#include "engine/core/part.hpp"

#include <string>

namespace fhirscope::engine {

struct PendingRequest;
struct Subscription;

bool is_success(const HttpAnswer& answer); // 2xx
bool is_refusal(const HttpAnswer& answer); // what went wrong is about this subscription, not about the network
void refuse(State& s, SubscriptionIndex i, const Fact& problem);
void leave_out(State& s, SubscriptionIndex i, const Fact& problem); // its search is refused
void unsuited(State& s, SubscriptionIndex i, const Fact& problem);  // no real time of this kind for it
LocalTime refused_retry_due(const State& s, const Subscription& subscription);
void try_again(State& s, SubscriptionIndex i); // the Subscription, or the search alone
void on_tried(State& s, const PendingRequest& request, const HttpAnswer& answer);
// A topic that brings another type than its name seemed to say is of no use.
void note_topic(State& s, SubscriptionIndex i, const fhir::Notification& notification);

} // namespace fhirscope::engine
