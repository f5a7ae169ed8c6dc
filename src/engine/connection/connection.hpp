#pragma once
// The connection and its sockets: opened, lost, closed.

#include "engine/core/part.hpp"
#include "fhir/random.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

namespace fhirscope::engine {

// HAPI takes one Subscription on a socket: the first is on the connection's own, each other one on a socket beside it.
struct SideSocket {
    SubscriptionIndex subscription = no_subscription;
    bool open = false;
    template <class A>
    void archive(A& a) {
        a(subscription, open);
    }
};

struct Sockets {
    SocketId next = 1;
    std::map<SocketId, SideSocket> beside;
    LocalTime last_ping = never, unanswered_ping = never;
    std::uint32_t failed_attempts = 0;
    Random jitter; // seeded by the configuration: it is part of the state
    LocalTime live_began = never;
    std::chrono::microseconds connected{0};
    template <class A>
    void archive(A& a) {
        a(next, beside, last_ping, unanswered_ping, failed_attempts, jitter, live_began, connected);
    }
};

enum class Asked : bool { No, ByPerson }; // who asks is not made to wait for what was refused
void begin_connection(State& s, Fact reason, Asked asked = Asked::No);
void open_socket(State& s, const std::string& url);
// Tears down and backs off; the next attempt is not made before, where the server answers and will not have us.
void lose_connection(State& s, const Fact& reason, LocalTime not_before = never);
void restart_connection(State& s, const Fact& reason); // all anew, at once
void end_attempt(State& s, Fact result);               // of opening the socket, without success
void close_connection(State& s, const Fact& reason);   // and stays so
void send_frame(State& s, FrameKind kind, std::string text, SubscriptionIndex subscription = no_subscription);
void on_socket_opened(State& s, const SocketOpened& opened);
void on_socket_failed(State& s, const SocketFailed& failed);
void on_socket_closed(State& s, const SocketClosed& closed);
std::chrono::microseconds connected_time(const State& s); // in Receiving, all together
// A frame that was sent long ago: a pong tells at once whether the way is slow, or a clock was set.
void ping_if_late(State& s, SocketId socket, ServerTime sent);
void tick_connection(State& s);
LocalTime next_connection(const State& s);

} // namespace fhirscope::engine
