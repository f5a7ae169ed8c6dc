#pragma once
// Gaps by event number, and events without content.

#include "engine/core/part.hpp"
#include "fhir/notification.hpp"

namespace fhirscope::engine {

struct PendingRequest;

void note_numbers(State& s, SubscriptionIndex i, const fhir::Notification& notification);
void count_from(State& s, SubscriptionIndex i, const fhir::Notification& first); // there was no handshake
// The number was seen before. What it told may be news all the same.
bool is_repeated(State& s, SubscriptionIndex i, const fhir::NotificationEvent& event);
void take_unread(State& s, SubscriptionIndex i, const fhir::Notification& notification); // events that carry nothing
void after_bind(State& s, SubscriptionIndex i);
void search_begins(State& s, SubscriptionIndex i);
void search_ends(State& s, SubscriptionIndex i);
bool fetch_ended(State& s, SubscriptionIndex i, bool failed);
void repeat_fetches(State& s);
void on_replay(State& s, const PendingRequest& request, const HttpAnswer& answer);
void tick_gaps(State& s);
LocalTime next_gap(const State& s);

} // namespace fhirscope::engine
