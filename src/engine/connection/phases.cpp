// Disconnected → Connecting → Connected → Receiving, with the finer phases inside, and why each changed.

#include "engine/connection/phases.hpp"

#include "engine/connection/connection.hpp"
#include "engine/connection/polling.hpp"
#include "engine/core/journal.hpp"
#include "engine/core/state.hpp"
#include "engine/subscriptions/creation.hpp"
#include "engine/subscriptions/farewell.hpp"
#include "engine/subscriptions/refusals.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::engine {
namespace {

constexpr std::size_t transitions_kept = 256;

ConnectionState state_of(Phase phase) {
    switch (phase) {
        case Phase::Opening:
            return ConnectionState::Connecting;
        case Phase::Binding:
        case Phase::CatchingUp:
            return ConnectionState::Connected;
        case Phase::Live:
            return ConnectionState::Receiving;
        case Phase::Idle:
        case Phase::BackingOff:
        case Phase::Closed:
        case Phase::LoginEnded:
            break;
    }
    return ConnectionState::Disconnected;
}

} // namespace

void enter_phase(State& s, Phase phase, Fact reason) {
    ConnectionView& c = s.connection;
    if (c.phase == phase) return;
    cut_texts(reason, longest_reason);
    const ConnectionState state = state_of(phase);
    if (c.phase == Phase::Live) s.sockets->connected += s.now - s.sockets->live_began;
    c.transitions.push_back({s.now, c.state, state, c.phase, phase, reason});
    if (c.transitions.size() > transitions_kept) c.transitions.erase(c.transitions.begin());
    ++c.transition_counts[{c.phase, phase}];
    const bool down = phase == Phase::BackingOff || phase == Phase::Closed || phase == Phase::LoginEnded;
    const Fact changed{.code = down ? FactCode::ConnectionDown : FactCode::PhaseChanged,
                       .from = static_cast<std::int64_t>(c.phase),
                       .to = static_cast<std::int64_t>(phase)};
    log_event(s, changed.because(reason));
    c.phase = phase;
    c.state = state;
    c.since = s.now;
    c.reason = std::move(reason);
    if (phase == Phase::Live) c.live_since = s.sockets->live_began = s.now;
}

// A refused one that is being asked for once more.
static bool is_tried(const Subscription& subscription) { return subscription.next || subscription.waits_for_turn; }

// None of them is bound, and none is about to be: nothing is to be done before this time.
static void stand_by(State& s) {
    LocalTime due = never;
    const Subscription* first = nullptr;
    for (const Subscription& subscription : s.subscriptions) {
        const bool waits_here = waits(s, subscription);
        const LocalTime again = waits_here ? subscription.create_after : refused_retry_due(s, subscription);
        if (again == never) continue;
        if (!first || (!waits_here && waits(s, *first))) first = &subscription;
        if (due == never || again < due) due = again;
    }
    const bool refused = first && first->view.state == SubscriptionState::Refused;
    const Fact reason{.code = !first ? FactCode::NothingBound : refused ? FactCode::AllRefused : FactCode::NoneBound};
    lose_connection(s, first ? reason.because(first->view.problem) : reason, due);
}

void update_phase(State& s) {
    if (!s.live() || s.leaving || s.login_ended()) return;
    if (!s.socket_open) {
        const auto is_idle = [&](const Subscription& subscription) {
            return (subscription.view.state == SubscriptionState::Refused && !is_tried(subscription)) ||
                   waits(s, subscription);
        };
        if (s.connection.phase == Phase::Opening &&
            std::all_of(s.subscriptions.begin(), s.subscriptions.end(), is_idle))
            stand_by(s);
        return;
    }
    bool any_live = false, any_catching_up = false, any_binding = false, any_tried = false;
    const Subscription* polled = nullptr; // beside the others' real time
    for (const Subscription& subscription : s.subscriptions) {
        switch (subscription.view.state) {
            case SubscriptionState::Live:
            case SubscriptionState::Refreshing:
                any_live = true;
                break;
            case SubscriptionState::CatchingUp:
                any_catching_up = true;
                break;
            case SubscriptionState::Refused:
                any_tried |= is_tried(subscription);
                if (!subscription.view.left_out) polled = &subscription;
                break;
            case SubscriptionState::Wanted:
                if (waits(s, subscription))
                    polled = &subscription;
                else
                    any_binding = true;
                break;
            case SubscriptionState::Creating:
            case SubscriptionState::AwaitingToken:
            case SubscriptionState::Binding:
                any_binding = true;
                break;
        }
    }
    if (any_binding) {
        enter_phase(s, Phase::Binding, {.code = FactCode::BeingBound});
    } else if (any_catching_up) {
        enter_phase(s, Phase::CatchingUp, {.code = FactCode::Bound});
    } else if (any_live && s.queue.size() == 0) {
        enter_phase(s, Phase::Live, {.code = FactCode::CaughtUp});
        if (polled)
            start_polling(s, problem_of(polled->view));
        else
            stop_polling(s);
        pump_orphans(s);
    } else if (!any_live && !any_tried) {
        stand_by(s);
    }
}

} // namespace fhirscope::engine
