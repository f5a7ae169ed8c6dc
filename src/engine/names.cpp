// The words of the engine's enumerations, as people read them.

#include "engine/conflict.hpp"
#include "engine/input.hpp"
#include "engine/log_rows.hpp"
#include "engine/types.hpp"

namespace fhirscope::engine {

std::string_view to_string(RequestFor what) {
    switch (what) {
        case RequestFor::Subscription:
            return "Subscription";
        case RequestFor::Search:
            return "search";
        case RequestFor::Read:
            return "read";
        case RequestFor::Write:
            return "write";
        case RequestFor::Login:
            return "login";
    }
    return "?";
}

std::string_view to_string(Channel channel) {
    switch (channel) {
        case Channel::Socket:
            return "socket";
        case Channel::Baseline:
            return "baseline";
        case Channel::CatchUp:
            return "catch-up";
        case Channel::Read:
            return "read";
        case Channel::Poll:
            return "poll";
        case Channel::Cache:
            return "cache";
        case Channel::Local:
            return "local";
    }
    return "?";
}

std::string_view to_string(Outcome outcome) {
    switch (outcome) {
        case Outcome::Applied:
            return "applied";
        case Outcome::Duplicate:
            return "duplicate";
        case Outcome::Superseded:
            return "superseded";
        case Outcome::OutOfOrder:
            return "out of order";
        case Outcome::Rejected:
            return "rejected";
        case Outcome::Checking:
            return "checking";
    }
    return "?";
}

std::string_view to_string(ConflictKind kind) {
    switch (kind) {
        case ConflictKind::ConcurrentModification:
            return "Concurrent modification";
        case ConflictKind::VersionConflict:
            return "Version conflict";
        case ConflictKind::OutOfOrder:
            return "Out of order";
        case ConflictKind::Tie:
            return "Version tie";
        case ConflictKind::Drift:
            return "State drift";
        case ConflictKind::DeleteVersusEdit:
            return "Deleted and edited";
        case ConflictKind::Undelete:
            return "Undeleted";
        case ConflictKind::RefusedEdit:
            return "Refused edit";
    }
    return "?";
}

std::string_view to_string(ConflictOutcome outcome) {
    switch (outcome) {
        case ConflictOutcome::Waiting:
            return "waiting for a decision";
        case ConflictOutcome::Merged:
            return "merged";
        case ConflictOutcome::TookServer:
            return "took server";
        case ConflictOutcome::KeptLocal:
            return "kept local";
        case ConflictOutcome::RolledBack:
            return "rolled back";
        case ConflictOutcome::OlderDropped:
            return "older one dropped";
        case ConflictOutcome::ReadAgain:
            return "fetched again";
        case ConflictOutcome::Failed:
            return "failed";
    }
    return "?";
}

std::string_view to_string(EditState state) {
    switch (state) {
        case EditState::Waiting:
            return "waiting";
        case EditState::Sending:
            return "sending";
        case EditState::Checking:
            return "checking";
        case EditState::Conflicted:
            return "conflict";
        case EditState::Acknowledged:
            return "acknowledged";
        case EditState::Refused:
            return "refused";
        case EditState::Dropped:
            return "dropped";
    }
    return "?";
}

std::string_view to_string(ConnectionState state) {
    switch (state) {
        case ConnectionState::Disconnected:
            return "Disconnected";
        case ConnectionState::Connecting:
            return "Connecting";
        case ConnectionState::Connected:
            return "Connected";
        case ConnectionState::Receiving:
            return "Receiving";
    }
    return "?";
}

std::string_view to_string(Phase phase) {
    switch (phase) {
        case Phase::Idle:
            return "Idle";
        case Phase::Opening:
            return "Connecting";
        case Phase::Binding:
            return "Binding";
        case Phase::CatchingUp:
            return "Catching up";
        case Phase::Live:
            return "Live";
        case Phase::BackingOff:
            return "Backing off";
        case Phase::Closed:
            return "Closed";
        case Phase::LoginEnded:
            return "Login ended";
    }
    return "?";
}

std::string_view to_string(SubscriptionState state) {
    switch (state) {
        case SubscriptionState::Wanted:
            return "wanted";
        case SubscriptionState::Creating:
            return "creating";
        case SubscriptionState::AwaitingToken:
            return "awaiting token";
        case SubscriptionState::Binding:
            return "binding";
        case SubscriptionState::CatchingUp:
            return "catching up";
        case SubscriptionState::Live:
            return "active";
        case SubscriptionState::Refreshing:
            return "renewing";
        case SubscriptionState::Refused:
            return "refused";
    }
    return "?";
}

std::string_view to_string(Failure failure) {
    switch (failure) {
        case Failure::Refused:
            return "refused";
        case Failure::Unreachable:
            return "unreachable";
        case Failure::Timeout:
            return "timeout";
        case Failure::Tls:
            return "TLS error";
        case Failure::ClosedEarly:
            return "closed early";
        case Failure::UpgradeRefused:
            return "upgrade refused";
        case Failure::TooLarge:
            return "too large";
        case Failure::Protocol:
            return "protocol error";
        case Failure::Login:
            return "login refused";
        case Failure::Hidden:
            return "not sent";
    }
    return "?";
}

std::string_view to_string(FrameKind kind) {
    switch (kind) {
        case FrameKind::Open:
            return "open";
        case FrameKind::Close:
            return "close";
        case FrameKind::Bind:
            return "bind";
        case FrameKind::Unbind:
            return "unbind";
        case FrameKind::Ping:
            return "ping";
        case FrameKind::Pong:
            return "pong";
        case FrameKind::Handshake:
            return "handshake";
        case FrameKind::Heartbeat:
            return "heartbeat";
        case FrameKind::Event:
            return "event";
        case FrameKind::Outcome:
            return "outcome";
        case FrameKind::Unknown:
            return "unknown";
        case FrameKind::Bad:
            return "unreadable";
    }
    return "?";
}

std::string_view to_string(EventKind kind) {
    switch (kind) {
        case EventKind::Connection:
            return "connection";
        case EventKind::Subscription:
            return "subscription";
        case EventKind::Recovery:
            return "recovery";
        case EventKind::Request:
            return "request";
        case EventKind::Frame:
            return "frame";
        case EventKind::User:
            return "user";
        case EventKind::Limit:
            return "limit";
        case EventKind::Verify:
            return "verify";
        case EventKind::Conflict:
            return "conflict";
    }
    return "?";
}

std::string_view stage_name(std::size_t stage) {
    constexpr std::string_view names[] = {"validate", "transform", "resolve", "apply", "notify"};
    return stage < StageTimes::stages ? names[stage] : "?";
}

std::string_view name_of(const InputBody& body) {
    constexpr std::string_view names[] = {
        "start",      "http-answer", "http-failed", "socket-opened", "socket-failed", "socket-closed", "frame",
        "frame-sent", "observed",    "tick",        "drain",         "command",       "woken",         "resumed"};
    static_assert(std::size(names) == std::variant_size_v<InputBody>);
    return names[body.index()];
}

} // namespace fhirscope::engine
