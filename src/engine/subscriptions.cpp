// The life of a Subscription: create → token → bind → handshake → catch up → live; refreshed before its token expires,
// followed by a successor before its own end; on Medplum never used again after its socket closed (PROTOCOL A7, A9,
// A10, A13, H). What other dialects do differently is in dialect*.cpp.

#include "engine/mutation.hpp"
#include "engine/state.hpp"
#include "fhir/json.hpp"
#include "fhir/validate.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::engine {
namespace {

constexpr std::size_t heartbeats_kept = 24;
constexpr std::chrono::seconds token_hold{5};
constexpr std::chrono::milliseconds refresh_pause{500}, refresh_pause_expired{5'000};
constexpr std::uint32_t failures_tolerated =
    3; // of one subscription in a row, before the whole connection is made anew

struct TokenAnswer {
    std::string token, url;
    std::optional<ServerTime> expires;
};

std::optional<TokenAnswer> parse_token(const std::string& body) {
    const auto json = fhir::parse_json(body);
    if (!json || !json->IsObject()) return std::nullopt;
    const auto parameters = json->FindMember("parameter");
    if (parameters == json->MemberEnd() || !parameters->value.IsArray()) return std::nullopt;
    TokenAnswer answer;
    for (const auto& parameter : parameters->value.GetArray()) {
        const std::string_view name = fhir::string_at(parameter, "name");
        if (name == "token") answer.token = fhir::string_at(parameter, "valueString");
        if (name == "expiration") answer.expires = fhir::parse_instant(fhir::string_at(parameter, "valueDateTime"));
        if (name == "websocket-url") answer.url = fhir::string_at(parameter, "valueUrl");
    }
    return answer.token.empty() ? std::nullopt : std::optional(answer);
}

} // namespace

bool is_refusal(const HttpAnswer& answer) {
    return answer.status >= 400 && answer.status < 500 && answer.status != 429 && answer.status != 409;
}

void refuse(State& s, SubscriptionIndex i, const std::string& problem) {
    Subscription& subscription = s.subscriptions[i];
    drop_next(s, i);
    if (subscription.active.confirmed) { // only its successor was refused: what is bound goes on
        subscription.successor_after = s.now + s.config.refused_retry;
        return log_event(s, EventKind::Subscription, Severity::Attention, subscription.view.criteria + ": " + problem,
                         i);
    }
    set_state(s, i, SubscriptionState::Refused, problem);
    subscription.view.since = s.now; // refused once more is tried again after a while, too
    log_event(s, EventKind::Subscription, Severity::Error, subscription.view.criteria + ": " + problem, i);
    update_phase(s);
}

// A successor that came to nothing, or a binding that does: where the server may still have them, they are deleted.
void drop_next(State& s, SubscriptionIndex i) {
    Subscription& subscription = s.subscriptions[i];
    if (subscription.next && !survives_disconnect(s.config)) disown(s, subscription.next->id);
    subscription.next.reset();
}

void drop_active(State& s, SubscriptionIndex i) {
    Subscription& subscription = s.subscriptions[i];
    stop_hearing(s, i, s.now, "its binding was given up");
    if (!survives_disconnect(s.config)) disown(s, subscription.active.id);
    subscription.active = {};
}

void stop_hearing(State& s, SubscriptionIndex i, LocalTime since, const std::string& why) {
    SubscriptionView& view = s.subscriptions[i].view;
    if (!s.live() || view.unheard_since != never) return;
    view.unheard_since = std::max(since, view.proved);
    view.unheard_noticed = s.now;
    view.unheard_why = why.substr(0, longest_reason);
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

void set_state(State& s, SubscriptionIndex i, SubscriptionState state, std::string problem) {
    SubscriptionView& view = s.subscriptions[i].view;
    const bool tries = state == SubscriptionState::Creating || state == SubscriptionState::AwaitingToken ||
                       state == SubscriptionState::Binding;
    if (view.state == SubscriptionState::Refused && tries)
        return; // tried again quietly: refused until the server says otherwise
    view.problem = std::move(problem);
    if (view.state == state) return;
    view.state = state;
    view.since = s.now;
}

void create_subscription(State& s, SubscriptionIndex i) {
    Subscription& subscription = s.subscriptions[i];
    if (subscription.next || resume_subscription(s, i)) return;
    const auto creating = std::count_if(s.requests.begin(), s.requests.end(), [](const auto& item) {
        return item.second.purpose == Purpose::CreateSubscription;
    });
    subscription.waits_for_turn =
        creating >= static_cast<std::ptrdiff_t>(s.config.creations_at_once); // no bursts (PROTOCOL H5)
    if (subscription.waits_for_turn) return;
    auto body = subscription_body(s, i);
    if (!body) return refuse(s, i, body.error().message);
    subscription.next = Binding{};
    if (subscription.active.id.empty()) set_state(s, i, SubscriptionState::Creating);
    PendingRequest request;
    request.purpose = Purpose::CreateSubscription;
    request.subscription = i;
    request.sent.method = "POST";
    request.sent.url = fhir_url(s, "Subscription");
    request.sent.content_type = "application/fhir+json";
    request.sent.body = make_text(std::move(*body));
    send_request(s, std::move(request));
}

void pump_creations(State& s) {
    for (SubscriptionIndex i = 0; i < s.subscriptions.size(); ++i)
        if (std::exchange(s.subscriptions[i].waits_for_turn, false)) create_subscription(s, i);
}

void disown(State& s, const std::string& id) {
    constexpr std::size_t orphans_kept = 256;
    if (!fhir::is_usable_id(id)) return;
    s.orphans.push_back(id);
    if (s.orphans.size() > orphans_kept) s.orphans.pop_front();
}

// Created for a connection that has gone meanwhile.
void on_orphan_created(State& s, const HttpAnswer& answer) {
    const auto created = answer.status == 201 && answer.body ? fhir::parse_resource(*answer.body) : fail("", "");
    if (created && (*created)->type() == "Subscription") disown(s, std::string((*created)->id()));
}

// What earlier connections left on the server: it counts against the limit of Subscriptions, and after a restart of the
// server it may still be served (PROTOCOL A13). One at a time, when there is nothing more urgent.
void pump_orphans(State& s) {
    const bool deleting = std::any_of(s.requests.begin(), s.requests.end(),
                                      [](const auto& item) { return item.second.purpose == Purpose::DeleteOrphan; });
    if (deleting || s.orphans.empty() || s.connection.phase != Phase::Live) return;
    PendingRequest request;
    request.purpose = Purpose::DeleteOrphan;
    request.reference = std::move(s.orphans.front());
    s.orphans.pop_front();
    request.sent.method = "DELETE";
    request.sent.url = fhir_url(s, "Subscription/" + request.reference);
    send_request(s, std::move(request));
}

void retry_subscription(State& s, SubscriptionIndex i, const std::string& problem) {
    Subscription& subscription = s.subscriptions[i];
    log_event(s, EventKind::Subscription, Severity::Attention, subscription.view.criteria + ": " + problem, i);
    forget_requests(s, Purpose::CreateSubscription, i);
    forget_requests(s, Purpose::GetToken, i);
    drop_next(s, i);
    subscription.view.problem = problem;
    if (abandon_subscription(s, i)) return lose_connection(s, subscription.view.criteria + ": " + problem);
    if (++subscription.failures > failures_tolerated) {
        subscription.failures = 0;
        return lose_connection(s, subscription.view.criteria + ": " + problem);
    }
    create_subscription(s, i);
    subscription.view.problem = problem;
}

void on_created(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    const SubscriptionIndex i = request.subscription;
    Subscription& subscription = s.subscriptions[i];
    if (!subscription.next) return;
    if (is_refusal(answer)) return refuse(s, i, "the server refused the Subscription: " + describe_answer(answer));
    const auto created = answer.status == 201 && answer.body ? fhir::parse_resource(*answer.body) : fail("", "");
    if (!created || (*created)->type() != "Subscription" || !fhir::is_usable_id((*created)->id()))
        return lose_connection(
            s, "creating the Subscription for " + subscription.view.criteria + ": " + describe_answer(answer));
    if (const auto stamped = (*created)->last_updated(); stamped && (*created)->time_is_exact()) {
        sample_clock(s, *stamped, request.sent_at);
        note_server_time(s, *stamped);
    }
    Binding& binding = *subscription.next;
    binding.id = (*created)->id();
    binding.created = s.now;
    s.subscription_by_id[binding.id] = i;
    if (subscription.active.id.empty()) {
        subscription.view.id = binding.id;
        subscription.view.created = s.now;
        set_state(s, i, SubscriptionState::AwaitingToken);
    }
    prepare_binding(s, i, **created);
}

void on_token(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    const SubscriptionIndex i = request.subscription;
    Subscription& subscription = s.subscriptions[i];
    const bool for_next = subscription.next && subscription.next->id == request.reference;
    if (!for_next && subscription.active.id != request.reference) return; // of a binding that is gone
    const auto token = answer.status == 200 && answer.body ? parse_token(*answer.body) : std::nullopt;
    if (!token) {
        const std::string problem = "no binding token: " + describe_answer(answer);
        if (problem.find("Too Many Requests") != std::string::npos) { // which comes as a 400 here (PROTOCOL A13)
            PendingRequest again = request;
            log_event(s, EventKind::Limit, Severity::Attention, s.subscriptions[i].view.criteria + ": " + problem, i);
            send_request(s, std::move(again), token_hold);
            return;
        }
        if (problem.find("not enabled") != std::string::npos)
            return refuse(s, i, problem); // a feature of the project: trying again is no use
        if (!is_refusal(answer) && answer.status != 200) return lose_connection(s, problem);
        if (!for_next) drop_active(s, i);
        return retry_subscription(s, i, problem); // the server dropped the Subscription: a new one
    }
    Binding& binding = for_next ? *subscription.next : subscription.active;
    binding.token = token->token;
    if (token->expires) {
        const auto offset = std::chrono::duration_cast<std::chrono::microseconds>(token->expires->time_since_epoch()) -
                            s.connection.clock_offset;
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

void on_handshake(State& s, const std::string& id) {
    const auto known = s.subscription_by_id.find(id);
    if (known == s.subscription_by_id.end()) {
        log_event(s, EventKind::Subscription, Severity::Attention,
                  "handshake for Subscription/" + id + ", which is not ours");
        return;
    }
    const SubscriptionIndex i = known->second;
    Subscription& subscription = s.subscriptions[i];
    subscription.view.bound = s.now;
    if (subscription.first_bound == never) subscription.first_bound = s.now;
    ++subscription.view.handshakes;
    if (!s.live()) return set_state(s, i, SubscriptionState::Live);
    if (subscription.next && subscription.next->id == id) {
        const Binding old = std::exchange(subscription.active, *subscription.next);
        subscription.next.reset();
        subscription.active.confirmed = true;
        subscription.view.id = id;
        subscription.view.created = subscription.active.created;
        subscription.view.token_expires = subscription.active.token_expires;
        if (old.confirmed) { // make before break: nothing was missed
            send_frame(s, FrameKind::Unbind, token_frame("unbind-from-token", old.token), i);
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

void on_heartbeat(State& s, const std::vector<std::string>& ids) {
    ++s.counters.heartbeats;
    for (SubscriptionIndex i = 0; i < s.subscriptions.size(); ++i) {
        Subscription& subscription = s.subscriptions[i];
        const bool listed = std::any_of(ids.begin(), ids.end(), [&](const std::string& id) {
            if (s.live()) return id == subscription.active.id; // another one of ours may be bound still
            const auto known = s.subscription_by_id.find(id);
            return known != s.subscription_by_id.end() && known->second == i;
        });
        if (listed) {
            SubscriptionView& view = subscription.view;
            view.last_heartbeat = s.now;
            view.heartbeats.push_back(s.now);
            if (view.heartbeats.size() > heartbeats_kept) view.heartbeats.erase(view.heartbeats.begin());
        } else if (heartbeats_list_all(s.config) && s.live() && subscription.active.confirmed && !subscription.next) {
            // Open socket, heartbeat without us: the server dropped the binding (PROTOCOL A10, since 5.1.1).
            ++subscription.view.missed_heartbeats;
            // The event that made the server look at the binding was lost with it.
            stop_hearing(s, i, subscription.view.last_heartbeat, "a heartbeat did not list it any more");
            drop_active(s, i);
            retry_subscription(s, i, "a heartbeat did not list it any more");
            update_phase(s);
        }
    }
}

LocalTime refused_retry_due(const State& s, const Subscription& subscription) {
    const bool waits =
        subscription.view.state == SubscriptionState::Refused && !subscription.waits_for_turn && !subscription.next;
    return waits ? LocalTime(subscription.view.since + s.config.refused_retry) : never;
}

LocalTime renewal_due(const State& s, const Subscription& subscription) {
    if (subscription.next || subscription.waits_for_turn || subscription.active.id.empty()) return never;
    return std::max<LocalTime>(subscription.active.created + s.config.subscription_renew_after,
                               subscription.successor_after);
}

void tick_subscriptions(State& s) {
    if (!s.live() || !s.socket_open) return;
    for (SubscriptionIndex i = 0; i < s.subscriptions.size() && s.socket_open; ++i) {
        Subscription& subscription = s.subscriptions[i];
        const auto timed_out = [&](const Binding& b) {
            return b.bind_sent != never && s.now >= b.bind_sent + s.config.bind_timeout;
        };
        if (const LocalTime due = refused_retry_due(s, subscription); due != never && s.now >= due) {
            create_subscription(s, i);
            continue;
        }
        const std::string silence =
            "no handshake within " + std::to_string(s.config.bind_timeout.count() / 1000) + " s of the bind";
        if (subscription.next && timed_out(*subscription.next)) {
            retry_subscription(s, i, silence);
            continue;
        }
        Binding& active = subscription.active;
        if (active.id.empty()) continue;
        if (subscription.view.state == SubscriptionState::Refreshing && timed_out(active)) {
            drop_active(s, i);
            retry_subscription(s, i, silence);
        } else if (const LocalTime due = renewal_due(s, subscription); due != never && s.now >= due) {
            if (extend_subscription(s, i)) continue;
            log_event(s, EventKind::Subscription, Severity::Info,
                      subscription.view.criteria + ": a successor before its 24 h end", i);
            create_subscription(s, i);
        } else if (active.refresh_at != never && s.now >= active.refresh_at) {
            active.refresh_at = never;
            log_event(s, EventKind::Subscription, Severity::Info,
                      subscription.view.criteria + ": a new token before the old one expires", i);
            ask_for_token(s, i, active.id);
        }
    }
}

void learn_subscription(State& s, std::string_view id, std::string_view criteria) {
    if (s.subscription_by_id.contains(std::string(id)) || s.subscriptions.size() >= no_subscription) return;
    Subscription subscription;
    subscription.view.name = subscription.view.criteria = criteria;
    subscription.view.id = id;
    subscription.view.created = subscription.view.since = s.now;
    subscription.type = criteria.substr(0, criteria.find('?'));
    s.subscription_by_id.emplace(id, static_cast<SubscriptionIndex>(s.subscriptions.size()));
    s.subscriptions.push_back(std::move(subscription));
    s.by_subscription.emplace_back();
    s.stage_sums.emplace_back();
}

} // namespace fhirscope::engine
