#pragma once
// Small vocabulary shared by the engine's headers.

#include "fhir/time.hpp"

#include <cstdint>
#include <string_view>

namespace fhirscope::engine {

using RequestId = std::uint64_t; // numbered by the engine from 1
using SocketId = std::uint32_t;  // numbered by the engine from 1
using TypeIndex = std::uint16_t; // index into Snapshot::stores
using SubscriptionIndex = std::uint16_t;
constexpr TypeIndex no_type = 0xffff;
constexpr SubscriptionIndex no_subscription = 0xffff;
constexpr std::uint32_t no_record = 0xffffffff;

// How an update reached us.
enum class Channel : std::uint8_t { Socket, Baseline, CatchUp, Read, Poll, Cache, Local };
constexpr std::size_t channel_count = 7; // Local: the answer to an edit of ours
std::string_view to_string(Channel channel);

enum class Outcome : std::uint8_t {
    Applied,    // it is now what the store shows
    Duplicate,  // this version is held already
    Superseded, // a newer version waited behind it in the queue
    OutOfOrder, // a newer version is shown; this one went into the history
    Rejected,   // a stage refused it; kept with its reason
    Checking,   // only a read can tell (repeated or tied version); the answer is an update of its own
};
std::string_view to_string(Outcome outcome);
constexpr std::size_t outcome_count = 6;

enum class ConnectionState : std::uint8_t { Disconnected, Connecting, Connected, Receiving };
std::string_view to_string(ConnectionState state);

// The finer phases inside the four states.
enum class Phase : std::uint8_t { Idle, Opening, Binding, CatchingUp, Live, BackingOff, Closed, LoginEnded };
std::string_view to_string(Phase phase);

enum class SubscriptionState : std::uint8_t {
    Wanted,
    Creating,
    AwaitingToken,
    Binding,
    CatchingUp,
    Live,
    Refreshing,
    Refused
};
std::string_view to_string(SubscriptionState state);

// Why something over the network failed, as far as the runtime can tell.
enum class Failure : std::uint8_t {
    Refused,
    Unreachable,
    Timeout,
    Tls,
    ClosedEarly,
    UpgradeRefused,
    TooLarge,
    Protocol,
    Login,
    Hidden, // not sent: a part of it is hidden here and cannot be put back (alias.hpp)
};
std::string_view to_string(Failure failure);

enum class Severity : std::uint8_t { Info, Attention, Error };

} // namespace fhirscope::engine
