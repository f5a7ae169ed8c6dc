#pragma once
// Subscriptions are created, a few at a time, and none too soon after another.

#include "engine/core/part.hpp"

#include <chrono>

namespace fhirscope::engine {

struct PendingRequest;
struct Subscription;

void create_subscription(State& s, SubscriptionIndex i);
void pump_creations(State& s);
bool waits(const State& s, const Subscription& subscription); // for the time of a new Subscription
void on_created(State& s, const PendingRequest& request, const HttpAnswer& answer);
void on_read_created(State& s, const PendingRequest& request, const HttpAnswer& answer);
void on_checked_created(State& s, const PendingRequest& request, const HttpAnswer& answer);
void on_orphan_created(State& s, const PendingRequest& request, const HttpAnswer& answer);
std::chrono::milliseconds creation_pause(const State& s);
LocalTime next_creation(const State& s); // of those that wait, and of what was refused and is tried again

} // namespace fhirscope::engine
