#pragma once
// Subscriptions that outlive sockets, their activation, and side sockets.

#include "engine/core/part.hpp"

#include <string>

namespace fhirscope::engine {

struct Binding;
struct PendingRequest;

bool resume_subscription(State& s, SubscriptionIndex i); // one from an earlier connection; false: there is none
// `created`: as the server returned it, or one that says nothing.
void prepare_binding(State& s, SubscriptionIndex i, const std::string& id, const fhir::Resource& created);
bool keep_subscription(State& s, SubscriptionIndex i);    // its socket goes; false: the Subscription goes with it
bool abandon_subscription(State& s, SubscriptionIndex i); // it is made anew; true: so must the connection be
bool extend_subscription(State& s, SubscriptionIndex i);  // to a later end, instead of a successor; false: not here
void on_active(State& s, const PendingRequest& request, const HttpAnswer& answer);
void on_extended(State& s, const PendingRequest& request, const HttpAnswer& answer);
void bind_without_token(State& s, SocketId socket);
bool side_socket_opened(State& s, SocketId socket);
bool side_socket_gone(State& s, SocketId socket, const Fact& reason);
void close_side_sockets(State& s);
void send_bind(State& s, SubscriptionIndex i, const Binding& binding);

} // namespace fhirscope::engine
