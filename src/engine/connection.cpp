// The connection: Disconnected → Connecting → Connected → Receiving, with the finer phases inside, and why each
// changed.

#include "engine/mutation.hpp"
#include "engine/state.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace fhirscope::engine {
namespace {

constexpr std::size_t transitions_kept = 256, attempts_kept = 64;
// A connection that was live for less does not reset the back-off: a server that accepts and drops must not be stormed.
constexpr std::chrono::seconds stable_after{10};

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

std::string socket_url(const State& s) {
    if (!s.config.dialect.socket_url.empty()) return s.config.dialect.socket_url;
    std::string url = s.config.base_url + s.config.socket_path;
    if (url.starts_with("http")) url.replace(0, 4, "ws"); // https → wss
    return url;
}

// "h:8103" of "http://h:8103/": where it leads, however it is spoken to.
std::string_view authority_of(std::string_view url) {
    const auto scheme = url.find("://");
    if (scheme == std::string_view::npos) return {};
    url.remove_prefix(scheme + 3);
    return url.substr(0, url.find_first_of("/?#"));
}

void end_attempt(State& s, bool opened, Fact result) {
    if (s.connection.attempts.empty() || s.connection.attempts.back().ended != never) return;
    Attempt& attempt = s.connection.attempts.back();
    attempt.ended = s.now;
    attempt.opened = opened;
    cut_texts(result, longest_reason);
    attempt.result = std::move(result);
}

// Whatever belonged to the socket is gone with it: Medplum drops the Subscriptions too (PROTOCOL A13).
void tear_down(State& s, const Fact& reason) {
    if (s.connection.socket != 0) {
        s.effects.push_back(CloseSocket{s.connection.socket, 1000, ""});
        log_closing(s, s.connection.socket, true, no_subscription, reason);
    }
    close_side_sockets(s);
    s.connection.socket = 0;
    s.socket_open = false;
    s.last_ping = s.unanswered_ping = never;
    for (const Purpose purpose :
         {Purpose::GetToken, Purpose::ReadCreated, Purpose::CheckCreated, Purpose::Probe, Purpose::Audit,
          Purpose::Count, Purpose::AwaitActive, Purpose::ExtendSubscription, Purpose::ReplayEvents})
        forget_requests(s, purpose, no_subscription);
    std::erase_if(s.requests, [](const auto& item) {
        const PendingRequest& r = item.second;
        const bool search =
            r.purpose == Purpose::Search || r.purpose == Purpose::Deletions || r.purpose == Purpose::Exits;
        return (search && r.channel != Channel::Poll) ||
               (r.purpose == Purpose::CreateSubscription && r.retry_at != never);
    });
    for (auto& [id, request] : s.requests)
        if (request.purpose == Purpose::CreateSubscription) request.purpose = Purpose::OrphanCreation;
    for (SubscriptionIndex i = 0; i < s.subscriptions.size(); ++i) {
        Subscription& subscription = s.subscriptions[i];
        stop_hearing(s, i, s.now, reason);
        if (hears(subscription)) subscription.create_after = never; // it may go with its socket
        if (!keep_subscription(s, i)) {
            disown(s, subscription.active.id, i);
            // What was not bound yet did not go with the socket: the next one has it.
            const bool spare = subscription.next && subscription.next->bind_sent == never;
            if (spare && subscription.dialect.id.empty()) {
                subscription.dialect.id = subscription.next->id;
                subscription.dialect.created = subscription.next->created;
            } else if (subscription.next) {
                disown(s, subscription.next->id, i);
            }
        }
        subscription.active = {};
        subscription.next.reset();
        subscription.waits_for_turn = false;
        subscription.checkup.due = subscription.checkup.count_due = never;
        subscription.checkup.under_way = false;
        subscription.view.id.clear();
        subscription.view.token_expires = never;
        if (subscription.view.state != SubscriptionState::Refused) set_state(s, i, SubscriptionState::Wanted);
    }
}

} // namespace

void enter_phase(State& s, Phase phase, Fact reason) {
    ConnectionView& c = s.connection;
    if (c.phase == phase) return;
    cut_texts(reason, longest_reason);
    const ConnectionState state = state_of(phase);
    if (c.phase == Phase::Live) s.connected += s.now - s.live_began;
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
    if (phase == Phase::Live) c.live_since = s.live_began = s.now;
}

void begin_connection(State& s, Fact reason, Asked asked) {
    if (s.leaving) return;
    s.connection.next_attempt = never;
    enter_phase(s, Phase::Opening, std::move(reason));
    if (s.connection.attempts.empty() || s.connection.attempts.back().ended != never)
        s.connection.attempts.push_back(
            {.wait_began = s.now, .began = s.now, .ended = never, .limit = {}, .result = {}});
    s.connection.attempts.back().began = s.now;
    if (s.connection.attempts.size() > attempts_kept) s.connection.attempts.erase(s.connection.attempts.begin());
    for (SubscriptionIndex i = 0; i < s.subscriptions.size(); ++i) {
        Subscription& subscription = s.subscriptions[i];
        if (asked == Asked::ByPerson) {
            subscription.create_after = never;
            subscription.view.left_out = false;
        }
        const LocalTime due = refused_retry_due(s, subscription);
        if (due != never && due > s.now && asked == Asked::No) continue;
        if (subscription.view.left_out) continue; // its search is tried alone
        if (due != never && asked == Asked::ByPerson) set_state(s, i, SubscriptionState::Wanted); // else it is quiet
        create_subscription(s, i);
    }
    if (s.subscriptions.empty()) return close_connection(s, {.code = FactCode::NothingToSubscribe});
    update_phase(s);
}

void open_socket(State& s, const std::string& url) {
    if (s.connection.socket != 0) return;
    s.connection.socket = s.next_socket++;
    const std::string before = std::exchange(s.connection.socket_url, url.empty() ? socket_url(s) : url);
    // The binding token goes where the server says. Once, not with each reconnect.
    if (const auto where = authority_of(s.connection.socket_url);
        where != authority_of(s.config.base_url) && where != authority_of(before))
        log_event(s, {.code = FactCode::SocketElsewhere,
                      .about = std::string(where),
                      .name = std::string(authority_of(s.config.base_url))});
    s.effects.push_back(OpenSocket{s.connection.socket, s.connection.socket_url, s.config.open_timeout});
}

void end_attempt(State& s, Fact result) { end_attempt(s, false, std::move(result)); }

void restart_connection(State& s, const Fact& reason) {
    tear_down(s, reason);
    s.failed_attempts = 0;
    begin_connection(s, reason);
}

void lose_connection(State& s, const Fact& reason, LocalTime not_before) {
    if (s.leaving || s.connection.phase == Phase::BackingOff || s.connection.phase == Phase::Closed) return;
    if (login_ended(s)) return tear_down(s, reason); // it is made anew when the login is accepted
    if (s.connection.phase == Phase::Live && s.now - s.live_began >= stable_after) s.failed_attempts = 0;
    end_attempt(s, false, reason);
    if (!s.connection.attempts.empty()) s.connection.attempts.back().refused = not_before != never;
    tear_down(s, reason);
    // Full jitter: clients that lost one server do not come back to it in step.
    const double limit = std::min(
        static_cast<double>(s.config.backoff_max.count()),
        static_cast<double>(s.config.backoff_min.count()) * std::pow(s.config.backoff_factor, s.failed_attempts));
    if (s.failed_attempts < 32) ++s.failed_attempts;
    const std::chrono::milliseconds delay(static_cast<long>(limit * s.random.unit()));
    s.connection.next_attempt = std::max<LocalTime>(s.now + delay, not_before);
    Attempt attempt;
    attempt.wait_began = s.now;
    attempt.began = s.connection.next_attempt;
    attempt.limit = std::chrono::milliseconds(static_cast<long>(limit));
    s.connection.attempts.push_back(std::move(attempt));
    enter_phase(s, Phase::BackingOff, reason);
    if (s.failed_attempts >= s.config.polling_after || not_before != never) start_polling(s, reason);
}

void close_connection(State& s, const Fact& reason) {
    if (s.connection.phase == Phase::Closed) return;
    end_attempt(s, false, reason);
    tear_down(s, reason);
    stop_polling(s);
    s.connection.next_attempt = never;
    s.connection.login_ended = never;
    s.connection.login_problem = {};
    s.login_check = 0;
    forget_requests(s, Purpose::CheckLogin, no_subscription);
    enter_phase(s, Phase::Closed, reason);
}

void send_frame(State& s, FrameKind kind, std::string text, SubscriptionIndex subscription) {
    Text shared = make_text(std::move(text));
    ++s.counters.frames_out;
    s.counters.bytes_out += shared->size();
    log_frame(
        s, {s.now, s.connection.socket, kind, true, subscription, static_cast<std::uint32_t>(shared->size()), shared});
    s.effects.push_back(SendFrame{s.connection.socket, std::move(shared)});
}

void on_socket_opened(State& s, const SocketOpened& opened) {
    if (s.config.mode == Mode::Observe) {
        s.observed_sockets[opened.socket] = true;
        s.connection.socket = opened.socket;
        s.connection.last_frame = s.now;
        ++s.counters.opens;
        log_frame(s, {s.now, opened.socket, FrameKind::Open, true, no_subscription, 0, nullptr});
        enter_phase(s, Phase::Binding, {.code = FactCode::SocketOpened, .count = opened.socket});
        return;
    }
    if (side_socket_opened(s, opened.socket)) return;
    if (opened.socket != s.connection.socket || s.socket_open) {
        ++s.ignored_inputs;
        return;
    }
    s.socket_open = true;
    ++s.counters.opens;
    if (s.counters.opens > 1) ++s.counters.reconnects;
    s.connection.last_frame = s.last_ping = s.now;
    end_attempt(s, true, {.code = FactCode::Opened});
    log_frame(s, {s.now, opened.socket, FrameKind::Open, true, no_subscription, 0, make_text(s.connection.socket_url)});
    if (!login_ended(s)) enter_phase(s, Phase::Binding, {.code = FactCode::SocketOpened});
    bind_all(s);
    bind_without_token(s, opened.socket);
}

void on_socket_failed(State& s, const SocketFailed& failed) {
    const Fact reason{.code = FactCode::Failed, .words = failed.message, .failure = failed.failure};
    if (side_socket_gone(s, failed.socket, reason)) return;
    if (s.config.mode == Mode::Observe || failed.socket != s.connection.socket) {
        ++s.ignored_inputs;
        return;
    }
    // The address that the server names may be one that a proxy hides; the one below the base URL may still work
    // (PROTOCOL A9).
    const std::string fallback = socket_url(s);
    if (s.connection.socket_url != fallback) {
        log_event(s, {.code = FactCode::SocketFallback,
                      .about = s.connection.socket_url,
                      .name = fallback,
                      .words = failed.message});
        s.connection.socket = 0;
        open_socket(s, fallback);
        return;
    }
    s.connection.socket = 0;
    lose_connection(s, reason);
}

void on_socket_closed(State& s, const SocketClosed& closed) {
    const Fact reason{.code = FactCode::SocketClosed, .words = closed.reason, .status = closed.code};
    if (s.config.mode == Mode::Observe) {
        if (s.observed_sockets.erase(closed.socket) == 0) {
            ++s.ignored_inputs;
            return;
        }
        log_closing(s, closed.socket, false, no_subscription, reason);
        if (s.observed_sockets.empty()) enter_phase(s, Phase::Closed, reason);
        return;
    }
    if (side_socket_gone(s, closed.socket, reason)) return;
    if (closed.socket != s.connection.socket) {
        ++s.ignored_inputs;
        return;
    }
    log_closing(s, closed.socket, false, no_subscription, reason);
    if (!mutated(Mutation::CloseTwice)) s.connection.socket = 0; // nothing to close any more
    if (s.leaving) s.socket_open = false;
    lose_connection(s, reason);
}

void tick_connection(State& s) {
    if (!s.live() || s.leaving) return;
    if (s.connection.phase == Phase::BackingOff && s.connection.next_attempt <= s.now)
        begin_connection(s, {.code = FactCode::AttemptBegins});
    if (!s.socket_open) return;
    if (mutated(Mutation::TolerateSilence)) {
        s.connection.last_frame = s.now;
        s.unanswered_ping = never;
    }
    // Whatever was sent since the last frame may not have come.
    const auto fall_silent = [&](const Fact& why) {
        for (SubscriptionIndex i = 0; i < s.subscriptions.size(); ++i) stop_hearing(s, i, s.connection.last_frame, why);
        lose_connection(s, why);
    };
    if (const auto patience = silence_allowed(s); patience && s.now >= s.connection.last_frame + *patience)
        return fall_silent({.code = FactCode::NoFrame, .duration = *patience});
    if (!sends_ping(s.config)) return;
    if (s.unanswered_ping != never) {
        if (s.now >= s.unanswered_ping + s.config.pong_timeout)
            fall_silent({.code = FactCode::NoPong, .duration = s.config.pong_timeout});
    } else if (s.now >= s.last_ping + s.config.ping_period) {
        s.last_ping = s.unanswered_ping = s.now;
        ++s.counters.pings;
        send_frame(s, FrameKind::Ping, R"({"type":"ping"})");
    }
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
    if (!s.live() || s.leaving || login_ended(s)) return;
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
