// The connection: opened, looked after, lost and closed. What belongs to its socket goes with it.

#include "engine/connection/connection.hpp"

#include "engine/connection/login.hpp"
#include "engine/connection/observed_sockets.hpp"
#include "engine/connection/phases.hpp"
#include "engine/connection/polling.hpp"
#include "engine/core/dialect_traits.hpp"
#include "engine/core/journal.hpp"
#include "engine/core/run.hpp"
#include "engine/core/state.hpp"
#include "engine/dialect/dialect.hpp"
#include "engine/dialect/life.hpp"
#include "engine/mutation.hpp"
#include "engine/subscriptions/creation.hpp"
#include "engine/subscriptions/farewell.hpp"
#include "engine/subscriptions/refusals.hpp"
#include "engine/subscriptions/subscriptions.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace fhirscope::engine {
namespace {

constexpr std::size_t attempts_kept = 64;
// A connection that was live for less does not reset the back-off: a server that accepts and drops must not be stormed.
constexpr std::chrono::seconds stable_after{10};

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
    s.sockets->last_ping = s.sockets->unanswered_ping = never;
    for (const Purpose purpose :
         {Purpose::GetToken, Purpose::ReadCreated, Purpose::CheckCreated, Purpose::Probe, Purpose::Audit,
          Purpose::Count, Purpose::AwaitActive, Purpose::ExtendSubscription, Purpose::ReplayEvents})
        forget_requests(s, purpose, no_subscription);
    std::erase_if(s.requests.open, [](const auto& item) {
        const PendingRequest& r = item.second;
        const bool search =
            r.purpose == Purpose::Search || r.purpose == Purpose::Deletions || r.purpose == Purpose::Exits;
        return (search && r.channel != Channel::Poll) ||
               (r.purpose == Purpose::CreateSubscription && r.retry_at != never);
    });
    for (auto& [id, request] : s.requests.open)
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
    s.connection.socket = s.sockets->next++;
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
    s.sockets->failed_attempts = 0;
    begin_connection(s, reason);
}

void lose_connection(State& s, const Fact& reason, LocalTime not_before) {
    if (s.leaving || s.connection.phase == Phase::BackingOff || s.connection.phase == Phase::Closed) return;
    if (s.login_ended()) { // another one is opened when the login is accepted
        if (s.socket_open) log_event(s, Fact{.code = FactCode::SocketLostToo}.because(reason));
        return tear_down(s, reason);
    }
    if (s.connection.phase == Phase::Live && s.now - s.sockets->live_began >= stable_after)
        s.sockets->failed_attempts = 0;
    end_attempt(s, false, reason);
    if (!s.connection.attempts.empty()) s.connection.attempts.back().refused = not_before != never;
    tear_down(s, reason);
    // Full jitter: clients that lost one server do not come back to it in step.
    const double limit = std::min(static_cast<double>(s.config.backoff_max.count()),
                                  static_cast<double>(s.config.backoff_min.count()) *
                                      std::pow(s.config.backoff_factor, s.sockets->failed_attempts));
    if (s.sockets->failed_attempts < 32) ++s.sockets->failed_attempts;
    const std::chrono::milliseconds delay(static_cast<long>(limit * s.sockets->jitter.unit()));
    s.connection.next_attempt = std::max<LocalTime>(s.now + delay, not_before);
    Attempt attempt;
    attempt.wait_began = s.now;
    attempt.began = s.connection.next_attempt;
    attempt.limit = std::chrono::milliseconds(static_cast<long>(limit));
    s.connection.attempts.push_back(std::move(attempt));
    enter_phase(s, Phase::BackingOff, reason);
    if (s.sockets->failed_attempts >= s.config.polling_after || not_before != never) start_polling(s, reason);
}

void close_connection(State& s, const Fact& reason) {
    if (s.connection.phase == Phase::Closed) return;
    end_attempt(s, false, reason);
    tear_down(s, reason);
    stop_polling(s);
    s.connection.next_attempt = never;
    s.connection.login_ended = never;
    s.connection.login_problem = {};
    s.login->check = 0;
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
    if (!s.live()) return observed_opened(s, opened.socket);
    if (side_socket_opened(s, opened.socket)) return;
    if (opened.socket != s.connection.socket || s.socket_open) {
        ++s.run->ignored_inputs;
        return;
    }
    s.socket_open = true;
    ++s.counters.opens;
    if (s.counters.opens > 1) ++s.counters.reconnects;
    s.connection.last_frame = s.sockets->last_ping = s.now;
    end_attempt(s, true, {.code = FactCode::Opened});
    log_frame(s, {s.now, opened.socket, FrameKind::Open, true, no_subscription, 0, make_text(s.connection.socket_url)});
    if (!s.login_ended()) enter_phase(s, Phase::Binding, {.code = FactCode::SocketOpened});
    bind_all(s);
    bind_without_token(s, opened.socket);
}

void on_socket_failed(State& s, const SocketFailed& failed) {
    const Fact reason{.code = FactCode::Failed, .words = failed.message, .failure = failed.failure};
    if (!s.live()) return observed_failed(s, reason);
    if (side_socket_gone(s, failed.socket, reason)) return;
    if (failed.socket != s.connection.socket) {
        ++s.run->ignored_inputs;
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
    if (!s.live()) {
        if (s.observed_sockets->open.contains(closed.socket)) return observed_closed(s, closed.socket, reason);
        ++s.run->ignored_inputs;
        return;
    }
    if (side_socket_gone(s, closed.socket, reason)) return;
    if (closed.socket != s.connection.socket) {
        ++s.run->ignored_inputs;
        return;
    }
    log_closing(s, closed.socket, false, no_subscription, reason);
    if (!mutated(Mutation::CloseTwice)) s.connection.socket = 0; // nothing to close any more
    if (s.leaving) s.socket_open = false;
    lose_connection(s, reason);
}

static void ping(State& s) {
    s.sockets->last_ping = s.sockets->unanswered_ping = s.now;
    ++s.counters.pings;
    send_frame(s, FrameKind::Ping, R"({"type":"ping"})");
}

void ping_if_late(State& s, SocketId socket, ServerTime sent) {
    constexpr std::chrono::seconds late{1}, between{2};
    const ConnectionView& c = s.connection;
    const Sockets& sockets = *s.sockets;
    const bool can_ping = s.live() && sends_ping(s.config) && s.socket_open && socket == c.socket &&
                          sockets.unanswered_ping == never && s.now >= sockets.last_ping + between;
    if (!can_ping || !c.clock_known) return;
    const LocalTime left(sent.time_since_epoch() - c.clock_offset);
    if (s.now - left > std::max<std::chrono::microseconds>(late, 2 * c.clock_uncertainty)) ping(s);
}

void tick_connection(State& s) {
    if (!s.live() || s.leaving) return;
    if (s.connection.phase == Phase::BackingOff && s.connection.next_attempt <= s.now)
        begin_connection(s, {.code = FactCode::AttemptBegins});
    if (!s.socket_open) return;
    if (mutated(Mutation::TolerateSilence)) {
        s.connection.last_frame = s.now;
        s.sockets->unanswered_ping = never;
    }
    // Whatever was sent since the last frame may not have come.
    const auto fall_silent = [&](Fact why) {
        why.from = std::chrono::duration_cast<std::chrono::milliseconds>(s.now - s.connection.last_frame).count();
        for (SubscriptionIndex i = 0; i < s.subscriptions.size(); ++i) stop_hearing(s, i, s.connection.last_frame, why);
        lose_connection(s, why);
    };
    if (const auto patience = silence_allowed(s); patience && s.now >= s.connection.last_frame + *patience)
        return fall_silent({.code = FactCode::NoFrame, .duration = *patience});
    if (!sends_ping(s.config)) return;
    if (s.sockets->unanswered_ping != never) {
        if (s.now >= s.sockets->unanswered_ping + s.config.pong_timeout)
            fall_silent({.code = FactCode::NoPong, .duration = s.config.pong_timeout});
    } else if (s.now >= s.sockets->last_ping + s.config.ping_period) {
        ping(s);
    }
}

LocalTime next_connection(const State& s) {
    const LocalTime attempt = s.connection.phase == Phase::BackingOff ? s.connection.next_attempt : never;
    if (!s.socket_open) return attempt;
    const auto patience = silence_allowed(s);
    const LocalTime silent = patience ? LocalTime(s.connection.last_frame + *patience) : never;
    if (!sends_ping(s.config)) return earlier(attempt, silent);
    const Sockets& sockets = *s.sockets;
    const LocalTime ping = sockets.unanswered_ping != never ? sockets.unanswered_ping + s.config.pong_timeout
                                                            : sockets.last_ping + s.config.ping_period;
    return earlier(earlier(attempt, silent), ping);
}

std::chrono::microseconds connected_time(const State& s) {
    const bool is_live = s.connection.phase == Phase::Live;
    return s.sockets->connected + (is_live ? s.now - s.sockets->live_began : std::chrono::microseconds(0));
}

} // namespace fhirscope::engine
