#pragma once
// What can go wrong, and when it does in the run of one seed: a plain list, so that a shorter one can be tried.
// Every kind follows from what real servers and networks were seen to do (PROTOCOL A10, A13, A14).

#include "fhir/result.hpp"
#include "simulation/clock.hpp"

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::simulation {

enum class FaultKind : std::uint8_t {
    // frames on their way to the engine
    FrameDelay,
    FrameReorder,
    FrameDuplicate,
    FrameDrop,
    MalformedFrame,
    OversizedFrame,
    // connections
    Cut,
    HalfOpen,
    RefusedConnect,
    // answers
    StalledResponse,
    SplitResponse,
    Http401,
    Http403,
    Http404,
    Http409,
    Http410,
    Http412,
    Http429,
    Http5xx,
    HtmlAnswer,
    // clocks
    LocalClockJump,
    ClientSuspended,
    ServerClockJump,
    ServerSkew,
    // the server forgets
    AccessTokenExpired,
    BindingExpired,
    LoginRevoked,
    LoginEnded,
    SecretRotated,
    FeatureRemoved,
    PolicyChanged,
    SubscriptionDeleted,
    SubscriptionsExpired,
    DeadListed,
    HangingServer,
    QueueDelay,
    RestartWithSubscriptions,
    RestartWithoutSubscriptions,
    SilentBind,
    HeartbeatBeforeHandshake,
    // the data
    GhostDelete,
    VersionTie,
    Deletes,
    Burst,
    Writers,
    // this side
    SlowConsumer,
    UserCommands,
};
constexpr std::size_t fault_kinds = static_cast<std::size_t>(FaultKind::UserCommands) + 1;

struct FaultInfo {
    std::string_view name;
    std::int64_t shortest_ms, longest_ms; // 0, 0: it happens at once
    std::int64_t least, most;             // of the amount
    std::string_view amount;              // what it counts; "" when it has no meaning
};
const FaultInfo& info(FaultKind kind);
// What it breaks may give no sign and be beyond repair for the connection alone: only a search that looks behind it, or
// a comparison, can find it (PROTOCOL A13, silent deafness).
bool needs_second_line(FaultKind kind);

struct Fault {
    FaultKind kind{};
    VirtualTime at{0}, lasts{0};
    std::int64_t amount = 0;
    std::uint64_t salt = 0; // of its own random choices, which therefore stay when other faults are taken away

    VirtualTime end() const { return at + lasts; }
};

// What the frames of FaultKind::MalformedFrame hold: the first is drawn by the salt, the next follow in this order.
enum class Malformed : std::uint8_t {
    Empty,
    NoJson,
    Array,
    Object,
    EmptyBundle, // how some servers beat
    EventOfUnknownTask,
    TokenError, // an OperationOutcome about a token
    NoText,
};
constexpr std::size_t malformed_kinds = static_cast<std::size_t>(Malformed::NoText) + 1;
Malformed malformed(const Fault& fault, std::int64_t number); // from 0
bool sends(const Fault& fault, Malformed frame);

// "12.345 s: half-open for 8 s, amount 3 (which socket)".
std::string describe(const Fault& fault);

class FaultSet {
public:
    static FaultSet all();
    // "all", "cut,http-5xx", "all,-login-revoked": from left to right. Errors: Fault (with the names that exist).
    static Result<FaultSet> parse(std::string_view text);

    bool contains(FaultKind kind) const { return kinds_[static_cast<std::size_t>(kind)]; }
    void remove(FaultKind kind) { kinds_.reset(static_cast<std::size_t>(kind)); }
    std::vector<FaultKind> kinds() const;

private:
    std::bitset<fault_kinds> kinds_;
};

// The faults of one seed, by time; all are over by `duration`.
std::vector<Fault> draw_schedule(std::uint64_t seed, VirtualTime duration, const FaultSet& set);

} // namespace fhirscope::simulation
