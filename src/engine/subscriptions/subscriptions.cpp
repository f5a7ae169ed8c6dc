// The life of a Subscription: create → token → bind → handshake → catch up → live; refreshed before its token expires,
// followed by a successor before its own end; on Medplum never used again after its socket closed (PROTOCOL A7, A9,
// A10, A13, H). What other dialects do differently is in src/engine/dialect.

#include "engine/subscriptions/subscriptions.hpp"

#include "engine/connection/connection.hpp"
#include "engine/connection/phases.hpp"
#include "engine/connection/polling.hpp"
#include "engine/core/dialect_traits.hpp"
#include "engine/core/journal.hpp"
#include "engine/core/metrics.hpp"
#include "engine/core/state.hpp"
#include "engine/dialect/life.hpp"
#include "engine/dialect/numbers.hpp"
#include "engine/mutation.hpp"
#include "engine/recovery/recovery.hpp"
#include "engine/subscriptions/checkup.hpp"
#include "engine/subscriptions/creation.hpp"
#include "engine/subscriptions/farewell.hpp"
#include "engine/subscriptions/refusals.hpp"
#include "fhir/binding_token.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::engine {
namespace {

constexpr std::size_t heartbeats_kept = 24;
constexpr std::chrono::seconds token_hold{5};
constexpr std::chrono::milliseconds refresh_pause{500}, refresh_pause_expired{5'000};
constexpr std::uint32_t failures_tolerated =
    3; // of one subscription in a row, before the whole connection is made anew

} // namespace

// A successor that came to nothing, or a binding that does: where the server may still have them, they are deleted.
void drop_next(State& s, SubscriptionIndex i) {
    Subscription& subscription = s.subscriptions[i];
    if (subscription.next && !survives_disconnect(s.config)) let_go(s, i, *subscription.next);
    subscription.next.reset();
}

void drop_active(State& s, SubscriptionIndex i) {
    Subscription& subscription = s.subscriptions[i];
    stop_hearing(s, i, s.now, {.code = FactCode::BindingGivenUp});
    if (!survives_disconnect(s.config)) let_go(s, i, subscription.active);
    subscription.active = {};
}

void stop_hearing(State& s, SubscriptionIndex i, LocalTime since, const Fact& why) {
    SubscriptionView& view = s.subscriptions[i].view;
    if (view.unheard_since != never) return;
    view.unheard_since = std::max(since, view.proved);
    view.unheard_noticed = s.now;
    view.unheard_why = why;
    cut_texts(view.unheard_why, longest_reason);
}

void bind(State& s, SubscriptionIndex i, Binding& binding) {
    binding.bind_sent = s.now;
    const bool refreshes = &binding == &s.subscriptions[i].active;
    if (refreshes && s.subscriptions[i].view.state == SubscriptionState::Live)
        set_state(s, i, SubscriptionState::Refreshing);
    else if (!refreshes && s.subscriptions[i].active.id.empty())
        set_state(s, i, SubscriptionState::Binding);
    send_bind(s, i, binding);
}

void ask_for_token(State& s, SubscriptionIndex i, const std::string& id) {
    PendingRequest request;
    request.purpose = Purpose::GetToken;
    request.subscription = i;
    request.reference = id;
    request.sent.method = "GET";
    request.sent.url = fhir_url(s, "Subscription/" + id + "/$get-ws-binding-token");
    send_request(s, std::move(request));
}

void set_state(State& s, SubscriptionIndex i, SubscriptionState state, Fact problem) {
    SubscriptionView& view = s.subscriptions[i].view;
    const bool tries = state == SubscriptionState::Creating || state == SubscriptionState::AwaitingToken ||
                       state == SubscriptionState::Binding;
    if (view.state == SubscriptionState::Refused && tries)
        return; // tried again quietly: refused until the server says otherwise
    view.problem = std::move(problem);
    if (view.state == state) return;
    view.state = state;
    view.since = s.now;
    LocalTime& unbound = s.subscriptions[i].unbound_since;
    if (hears(s.subscriptions[i]))
        unbound = never;
    else if (unbound == never)
        unbound = s.now;
}

void retry_subscription(State& s, SubscriptionIndex i, const Fact& problem) {
    Subscription& subscription = s.subscriptions[i];
    log_event(s, problem_of(subscription.view, problem), i);
    forget_requests(s, Purpose::CreateSubscription, i);
    forget_requests(s, Purpose::GetToken, i);
    drop_next(s, i);
    subscription.view.problem = problem;
    if (abandon_subscription(s, i)) return lose_connection(s, problem_of(subscription.view, problem));
    if (++subscription.failures > failures_tolerated) {
        subscription.failures = 0;
        return lose_connection(s, problem_of(subscription.view, problem));
    }
    create_subscription(s, i);
    subscription.view.problem = problem;
    update_phase(s);
    pump_orphans(s);
}

void on_token(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    const SubscriptionIndex i = request.subscription;
    Subscription& subscription = s.subscriptions[i];
    const bool for_next = subscription.next && subscription.next->id == request.reference;
    if (!for_next && subscription.active.id != request.reference) return; // of a binding that is gone
    const auto token = answer.status == 200 && answer.body ? fhir::parse_binding_token(*answer.body) : std::nullopt;
    if (!token) {
        const Fact refusal = fact_of(answer);
        const auto says = [&](std::string_view part) { return refusal.words.find(part) != std::string::npos; };
        const Fact problem = Fact{.code = FactCode::NoToken}.because(refusal);
        if (says("Too Many Requests")) { // which comes as a 400 here (PROTOCOL A13)
            PendingRequest again = request;
            log_event(s, Fact{.code = FactCode::TokenThrottled, .about = subscription.view.criteria}.because(refusal),
                      i);
            send_request(s, std::move(again), token_hold);
            return;
        }
        if (says("not enabled")) return refuse(s, i, problem); // a feature of the project: trying again is no use
        if (!is_refusal(answer) && answer.status != 200) return lose_connection(s, problem);
        // Medplum says that it cannot read the Subscription. What else is said may be of the operation.
        const bool of_subscription = says("reading subscription");
        if (is_refusal(answer) && !of_subscription && answer.status != 401 && answer.status != 403) {
            subscription.view.problem = problem;
            PendingRequest check = request;
            check.purpose = Purpose::CheckCreated;
            check.tries = 1;
            check.sent.url = fhir_url(s, "Subscription/" + request.reference);
            return void(send_request(s, std::move(check)));
        }
        if (!for_next) drop_active(s, i);
        retry_subscription(s, i, problem); // the server dropped the Subscription: a new one
        return found_deaf(s, i, problem);
    }
    Binding& binding = for_next ? *subscription.next : subscription.active;
    binding.token = token->token;
    if (token->expires || answer.token_end) {
        const ServerTime end =
            std::min(token->expires.value_or(ServerTime::max()), answer.token_end.value_or(ServerTime::max()));
        const auto offset =
            std::chrono::duration_cast<std::chrono::microseconds>(end.time_since_epoch()) - s.connection.clock_offset;
        binding.token_expires = LocalTime(offset);
        // Five minutes before the end, or at three quarters of a life that is shorter than twenty.
        const auto life = binding.token_expires - s.now;
        binding.refresh_at =
            binding.token_expires - std::min<std::chrono::microseconds>(s.config.token_refresh_before, life / 4);
        // By a clock that is wrong it may be over already: then at a pace that hurts nobody.
        binding.refresh_at =
            std::max<LocalTime>(binding.refresh_at, s.now + (life.count() > 0 ? refresh_pause : refresh_pause_expired));
        subscription.view.token_expires = binding.token_expires;
    }
    if (mutated(Mutation::ForgetRebind) && !for_next) return;
    if (s.socket_open)
        bind(s, i, binding);
    else
        open_socket(s, token->url);
}

void bind_all(State& s) {
    for (SubscriptionIndex i = 0; i < s.subscriptions.size(); ++i) {
        Subscription& subscription = s.subscriptions[i];
        if (subscription.next && !subscription.next->token.empty() && subscription.next->bind_sent == never)
            bind(s, i, *subscription.next);
    }
}

void on_handshake(State& s, const std::string& id, std::optional<ServerTime> sent) {
    const auto known = s.ids->known.find(id);
    if (known == s.ids->known.end()) {
        log_event(s, {.code = FactCode::HandshakeForeign, .about = "Subscription/" + id});
        return;
    }
    const SubscriptionIndex i = known->second;
    Subscription& subscription = s.subscriptions[i];
    subscription.view.bound = s.now;
    if (subscription.first_bound == never) subscription.first_bound = s.now;
    ++subscription.view.handshakes;
    if (!s.live()) return; // whether it hears is another question (connection/observed_sockets.cpp)
    if (subscription.next && subscription.next->id == id) {
        const Binding old = std::exchange(subscription.active, *subscription.next);
        subscription.next.reset();
        subscription.active.confirmed = true;
        subscription.active.handshake = sent.value_or(ServerTime{});
        subscription.view.id = id;
        subscription.view.created = subscription.active.created;
        subscription.view.token_expires = subscription.active.token_expires;
        if (old.confirmed) { // make before break: nothing was missed
            let_go(s, i, old);
            pump_orphans(s);
            set_state(s, i, SubscriptionState::Live);
            check_later(s, i);
        } else if (mutated(Mutation::LiveBeforeCaughtUp) && subscription.baseline_done) {
            set_state(s, i, SubscriptionState::Live);
            check_later(s, i);
        } else {
            after_bind(s, i);
        }
    } else if (subscription.active.id == id) {
        subscription.active.confirmed = true;
        if (subscription.view.state == SubscriptionState::Refreshing) set_state(s, i, SubscriptionState::Live);
    }
    update_phase(s);
}

void prove_bind(State& s, const fhir::Notification& notification) {
    // Medplum always sends one, and its heartbeats list what may be gone (PROTOCOL A14).
    if (!s.live() || !proves_bind_late(s.config)) return;
    for (const std::string& id : notification.subscriptions) {
        const auto known = s.ids->known.find(id);
        if (known == s.ids->known.end()) continue;
        Subscription& subscription = s.subscriptions[known->second];
        if (!subscription.next || subscription.next->id != id || subscription.next->bind_sent == never) continue;
        log_event(s, {.code = FactCode::BoundWithoutHandshake, .about = subscription.view.criteria}, known->second);
        count_from(s, known->second, notification);
        on_handshake(s, id, notification.sent);
        --subscription.view.handshakes;
    }
}

void on_heartbeat(State& s, const std::vector<std::string>& ids, std::optional<ServerTime> sent) {
    ++s.counters.heartbeats;
    if (s.leaving) return; // what was unbound is missing in it
    const Fact unlisted{.code = FactCode::Unlisted};
    for (SubscriptionIndex i = 0; i < s.subscriptions.size(); ++i) {
        Subscription& subscription = s.subscriptions[i];
        const bool listed = std::any_of(ids.begin(), ids.end(), [&](const std::string& id) {
            if (s.live()) return id == subscription.active.id; // another one of ours may be bound still
            const auto known = s.ids->known.find(id);
            return known != s.ids->known.end() && known->second == i;
        });
        if (listed) {
            SubscriptionView& view = subscription.view;
            view.last_heartbeat = s.now;
            view.heartbeats.push_back(s.now);
            if (view.heartbeats.size() > heartbeats_kept) view.heartbeats.erase(view.heartbeats.begin());
        } else if (heartbeats_list_all(s.config) && s.live() && subscription.active.confirmed && !subscription.next) {
            // One that was sent before the handshake, and was overtaken by it, cannot list us.
            if (sent && *sent < subscription.active.handshake) continue;
            // Open socket, heartbeat without us: the server dropped the binding (PROTOCOL A10, since 5.1.1).
            ++subscription.view.missed_heartbeats;
            ++s.counters.deaf;
            // The event that made the server look at the binding was lost with it.
            stop_hearing(s, i, subscription.view.last_heartbeat, unlisted);
            drop_active(s, i);
            retry_subscription(s, i, unlisted);
            found_deaf(s, i, unlisted);
            update_phase(s);
        }
    }
}

std::shared_ptr<const std::vector<std::string>> own_ids(State& s) {
    if (!s.ids->own_shown) {
        std::vector<std::string> ids(s.ids->own.begin(), s.ids->own.end());
        std::sort(ids.begin(), ids.end());
        s.ids->own_shown = std::make_shared<const std::vector<std::string>>(std::move(ids));
    }
    return s.ids->own_shown;
}

static LocalTime renewal_due(const State& s, const Subscription& subscription) {
    if (subscription.next || subscription.waits_for_turn || subscription.active.id.empty()) return never;
    return std::max<LocalTime>({subscription.active.created + s.config.subscription_renew_after,
                                subscription.successor_after, subscription.create_after});
}

// What was bound is looked after then.
static LocalTime bind_due(const State& s, const Subscription& subscription) {
    if (!subscription.next || subscription.next->bind_sent == never) return never;
    const bool told = proves_bind_late(s.config) && !subscription.view.problem.empty();
    return subscription.next->bind_sent + (told ? creation_pause(s) : s.config.bind_timeout);
}

void tick_subscriptions(State& s) {
    if (!s.live() || s.leaving || s.connection.phase == Phase::Closed || s.connection.phase == Phase::Idle) return;
    for (SubscriptionIndex i = 0; i < s.subscriptions.size(); ++i) {
        Subscription& subscription = s.subscriptions[i];
        const bool connects = s.connection.phase != Phase::BackingOff; // or it is asked for with the next attempt
        if (const LocalTime due = refused_retry_due(s, subscription); due != never && s.now >= due) {
            if (connects || subscription.view.left_out) try_again(s, i);
        } else if (connects && subscription.view.state == SubscriptionState::Wanted && !subscription.next &&
                   !subscription.waits_for_turn && subscription.create_after != never &&
                   s.now >= subscription.create_after) {
            create_subscription(s, i);
        }
    }
    if (!s.socket_open) return;
    for (SubscriptionIndex i = 0; i < s.subscriptions.size() && s.socket_open; ++i) {
        Subscription& subscription = s.subscriptions[i];
        const auto timed_out = [&](const Binding& b) {
            return b.bind_sent != never && s.now >= b.bind_sent + s.config.bind_timeout;
        };
        const Fact silence{.code = FactCode::NoHandshake, .duration = s.config.bind_timeout};
        if (subscription.next && timed_out(*subscription.next)) {
            if (!proves_bind_late(s.config)) {
                retry_subscription(s, i, silence);
            } else if (subscription.view.problem.empty()) { // some servers never send one
                subscription.view.problem = {.code = FactCode::NoHandshakeYet, .duration = s.config.bind_timeout};
                log_event(s, problem_of(subscription.view), i);
            } else if (s.now >= bind_due(s, subscription)) {
                subscription.next->bind_sent = never; // it may have been lost: bound once more
                ask_for_token(s, i, subscription.next->id);
            }
            continue;
        }
        Binding& active = subscription.active;
        if (active.id.empty()) continue;
        if (subscription.view.state == SubscriptionState::Refreshing && timed_out(active)) {
            drop_active(s, i);
            retry_subscription(s, i, silence);
        } else if (const LocalTime due = renewal_due(s, subscription); due != never && s.now >= due) {
            if (extend_subscription(s, i)) continue;
            log_event(s, {.code = FactCode::SuccessorWanted, .about = subscription.view.criteria}, i);
            create_subscription(s, i);
        } else if (active.refresh_at != never && s.now >= active.refresh_at) {
            active.refresh_at = never;
            log_event(s, {.code = FactCode::TokenWanted, .about = subscription.view.criteria}, i);
            ask_for_token(s, i, active.id);
        }
    }
}

LocalTime next_subscription(const State& s) {
    LocalTime earliest = next_creation(s);
    if (!s.socket_open) return earliest;
    for (const Subscription& subscription : s.subscriptions) {
        const Binding& active = subscription.active;
        earliest = earlier(earliest, bind_due(s, subscription));
        earliest = earlier(earliest, renewal_due(s, subscription));
        if (active.id.empty()) continue;
        earliest = earlier(earliest, active.refresh_at);
        if (subscription.view.state == SubscriptionState::Refreshing)
            earliest = earlier(earliest, active.bind_sent + s.config.bind_timeout);
    }
    return earliest;
}

void want_subscriptions(State& s) {
    for (const SubscriptionWish& wish : s.config.subscriptions) {
        Subscription subscription;
        subscription.view.name = wish.name;
        subscription.view.criteria = wish.criteria;
        subscription.view.since = subscription.unbound_since = s.now;
        if (s.live()) subscription.view.unheard_since = subscription.view.unheard_noticed = s.now;
        subscription.type = wish.criteria.substr(0, wish.criteria.find('?'));
        s.subscriptions.push_back(std::move(subscription));
    }
    measure_subscriptions(s);
}

} // namespace fhirscope::engine
