#include "simulation/diagnosis_expectations.hpp"

namespace fhirscope::simulation {

namespace {

constexpr std::uint64_t benign = 0;
constexpr std::uint64_t several = 4; // late events: one alone may be late for reasons of its own

Expectation by_kind(const FaultTrace& trace) {
    using enum diagnosis::CauseCode;
    const Fault& fault = trace.fault;
    const bool sockets = trace.concerned.contains("sockets"), requests = trace.concerned.contains("requests");
    switch (fault.kind) {
        case FaultKind::FrameDelay:
            return {.right = {NetworkLate}, .after = several};
        case FaultKind::FrameReorder:
            // Its delays reach 1.5 s.
            return {.right = {}, .also = {Overtaken, Repeated, NetworkLate}, .after = benign};
        case FaultKind::FrameDuplicate:
            return {.right = {}, .also = {Repeated}, .after = benign};
        case FaultKind::FrameDrop:
            // One deletion whose event was dropped looks as one that is not announced; heartbeats are dropped, too.
            return {.right = {EventsLost, DeletionsSilent}, .also = {HalfOpen}};
        case FaultKind::MalformedFrame: {
            Expectation expected{.right = {BadFrames}, .also = {BareEvents, Rejected}};
            // Nobody can see that nobody else caused them: it is what another client's Subscription would bring.
            if (sends(fault, Malformed::EventOfUnknownTask)) expected.right.add({Foreign, OutOfView});
            if (sends(fault, Malformed::TokenError)) expected.also.add(BindingEnded);
            return expected;
        }
        case FaultKind::OversizedFrame:
            return {.right = {}, .also = {BadFrames}, .after = benign}; // it is long, and can be read
        case FaultKind::Cut:
            return {.right = {SocketClosed}};
        case FaultKind::HalfOpen:
            // 5.1 deletes what is bound on a socket when it notices that this is dead, though it be bound elsewhere now.
            return {.right = {HalfOpen}, .also = {SubscriptionGone}};
        case FaultKind::RefusedConnect:
            // What was refused decides: with the socket alive, requests alone have no answer.
            if (sockets && !requests) return {.right = {UpgradeRefused, Unreachable}, .also = {Restarted}};
            if (requests && !sockets) return {.right = {AnswersMissing, Unreachable}};
            return {.right = {Unreachable, Restarted}, .also = {AnswersMissing}};
        case FaultKind::StalledResponse:
        case FaultKind::SplitResponse:
            return {.right = {AnswersMissing}};
        case FaultKind::Http401:
            return {.right = {LoginRenewed, LoginEnded}};
        case FaultKind::Http403:
            return {.right = {NotPermitted, OutOfView}};
        case FaultKind::Http404:
            // From outside it is what a resource says that is hidden, and a Subscription that is gone.
            return {.right = {OddRefusals, OutOfView, SubscriptionGone}};
        case FaultKind::Http410:
            return {.right = {OddRefusals, SubscriptionGone}};
        case FaultKind::Http409:
        case FaultKind::Http412:
            return {.right = {OddRefusals}};
        case FaultKind::Http429:
            return {.right = {Throttled}};
        case FaultKind::Http5xx:
            return {.right = {ServerErrors}};
        case FaultKind::HtmlAnswer:
            return {.right = {OtherAnswers}};
        case FaultKind::LocalClockJump:
        case FaultKind::ClientSuspended:
            // The engine's clock stands still in sleep: afterwards all that is seen may be that it is behind the
            // server's.
            return {.right = {WokenLate, ClockSkew}};
        case FaultKind::ServerClockJump:
            if (fault.amount < 0) return {.right = {ServerSetBack, ClockSkew}};
            return {.right = {ClockSkew}};
        case FaultKind::ServerSkew:
            return {.right = {ClockSkew}};
        case FaultKind::AccessTokenExpired:
            return {.right = {LoginRenewed}};
        case FaultKind::BindingExpired:
            // One that is bound again before anything could be asked leaves only the versions that it did not bring; so
            // do a feature and a policy that are back by then.
            return {.right = {BindingEnded}, .also = {EventsLost}};
        case FaultKind::LoginRevoked:
            // 5.1 deletes a Subscription whose login is dead at its next event.
            return {.right = {LoginRevoked, LoginRenewed, LoginEnded, BindingEnded}, .also = {SubscriptionGone}};
        case FaultKind::LoginEnded:
            return {.right = {LoginEnded}, .also = {LoginRenewed, LoginRevoked}};
        case FaultKind::SecretRotated:
            // Where its tokens are good for longer, a login is renewed after the secret is put right.
            return {.right = {LoginEnded, LoginRevoked, LoginRenewed, BindingEnded}, .also = {SubscriptionGone}};
        case FaultKind::FeatureRemoved:
            return {.right = {FeatureOff}, .also = {EventsLost, BindingEnded}};
        case FaultKind::PolicyChanged:
            return {.right = {NotPermitted, OutOfView}, .also = {EventsLost, BindingEnded}};
        case FaultKind::SubscriptionDeleted:
        case FaultKind::SubscriptionsExpired:
            return {.right = {SubscriptionGone}};
        case FaultKind::DeadListed:
            return {.right = {Foreign}};
        case FaultKind::HangingServer:
            // What it had begun to send comes when it goes on, and a short one shows in nothing else.
            return {.right = {Hanging, AnswersMissing}, .also = {NetworkLate}};
        case FaultKind::QueueDelay:
            // What was matched to a Subscription that was renewed before its event left is lost.
            return {.right = {ServerLate}, .also = {EventsLost, DeletionsSilent}, .after = several};
        case FaultKind::RestartWithSubscriptions:
        case FaultKind::RestartWithoutSubscriptions: {
            Expectation expected{.right = {Restarted, Unreachable}};
            // Back before the first attempt, it has closed the socket and no more.
            if (!requests && trace.effects <= 1) expected.right.add(SocketClosed);
            if (fault.kind == FaultKind::RestartWithoutSubscriptions) expected.right.add(SubscriptionGone);
            return expected;
        }
        case FaultKind::SilentBind:
            return {.right = {BindIgnored}};
        case FaultKind::HeartbeatBeforeHandshake:
            return {.right = {}, .after = benign};
        case FaultKind::GhostDelete:
            return {.right = {}, .also = {Repeated}, .after = benign};
        case FaultKind::VersionTie:
            return {.right = {}, .also = {Overtaken, Repeated}, .after = benign};
        case FaultKind::Deletes:
            return {.right = {}, .after = benign};
        case FaultKind::Burst:
            return {.right = {}, .also = {Storm, SlowPipeline}, .after = benign};
        case FaultKind::Writers:
            // A commit that takes seconds to be seen is told of late.
            return {.right = {}, .also = {Overtaken, Repeated, ServerLate}, .after = benign};
        case FaultKind::SlowConsumer:
            return {.right = {}, .also = {Storm, SlowPipeline}, .after = benign};
        case FaultKind::UserCommands:
            return {.right = {}, .also = {Asked}, .after = benign};
    }
    return {};
}

} // namespace

Expectation expectation(const FaultTrace& trace) {
    Expectation expected = by_kind(trace);
    // What was put right before anything was asked that would have told leaves only the events that did not come.
    if (trace.effects > 0 && trace.lost == trace.effects)
        expected.also.add({diagnosis::CauseCode::EventsLost, diagnosis::CauseCode::DeletionsSilent});
    return expected;
}

} // namespace fhirscope::simulation
