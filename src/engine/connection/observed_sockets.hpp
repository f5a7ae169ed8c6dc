#pragma once
// Another client's sockets and what is bound on each (Observe mode). A socket that is lost takes its Subscriptions with
// it where the dialect says so.

#include "engine/core/part.hpp"
#include "engine/input.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace fhirscope::fhir {
struct Notification;
}

namespace fhirscope::engine {

struct ObservedSocket {
    LocalTime last_frame;
    bool beats = false;  // heartbeats have come
    bool silent = false; // none come any more
    std::set<SubscriptionIndex> bound;
    std::map<SubscriptionIndex, LocalTime> binding; // the bind was sent, and not answered yet
    template <class A>
    void archive(A& a) {
        a(last_frame, beats, silent, bound, binding);
    }
};

struct ObservedSockets {
    std::map<SocketId, ObservedSocket> open;
    std::set<std::string> dead; // Subscriptions that went with their socket
    template <class A>
    void archive(A& a) {
        a(open, dead);
    }
};

// What a Subscription of the client is for, as far as an exchange says so.
struct ObservedWish {
    std::string criteria; // "": not said
    std::string topic;
    std::chrono::milliseconds heartbeat{0};
};
ObservedWish wish_of(std::string_view subscription_text);
// The client's Subscription `id`; one that takes the place of another that has ended is shown as the same.
SubscriptionIndex learn_subscription(State& s, const std::string& id, const ObservedWish& wish);
// What the server would not make.
SubscriptionIndex learn_refused(State& s, const ObservedWish& wish, const Fact& problem);
// It is not there any more; the client itself ended it, or the server does not have it.
enum class Ended : std::uint8_t { ByClient, Gone };
void observed_ended(State& s, const std::string& id, Ended how);

void observed_opened(State& s, SocketId socket);
void observed_failed(State& s, const Fact& reason);
void observed_closed(State& s, SocketId socket, const Fact& reason);
// A frame that was received, before what it says is taken.
void observed_frame(State& s, SocketId socket, const fhir::Notification& notification);
void observed_bind(State& s, SocketId socket, const std::string& token, bool binds);
// What changed from `since` on is not told of, and is not known to be searched for.
void note_loss(State& s, SubscriptionIndex i, LocalTime since, const Fact& why);
// Whether the subscription is bound on several sockets, each of which gets its own copy.
bool is_bound_twice(const State& s, SubscriptionIndex i);
// A whole search that was sent at `asked` covered it: nothing is missing from then on.
void observed_caught_up(State& s, SubscriptionIndex i, LocalTime asked);
void tick_observed(State& s);
LocalTime next_observed(const State& s);

} // namespace fhirscope::engine
