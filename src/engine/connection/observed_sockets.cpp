// Another client's sockets, as its traffic shows them: which Subscriptions each has, and since when one hears nothing.

#include "engine/connection/observed_sockets.hpp"

#include "engine/connection/phases.hpp"
#include "engine/core/dialect_traits.hpp"
#include "engine/core/journal.hpp"
#include "engine/core/metrics.hpp"
#include "engine/core/state.hpp"
#include "engine/recovery/observed.hpp"
#include "engine/subscriptions/subscriptions.hpp"
#include "fhir/notification.hpp"
#include "fhir/slice.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace fhirscope::engine {
namespace {

constexpr std::size_t observed_attempts_kept = 64, observed_ids_kept = 4'096, observed_silences_kept = 16;
constexpr std::size_t observed_subscriptions_kept = 4'096, observed_losses_kept = 64;

bool is_bound_anywhere(const State& s, SubscriptionIndex i) {
    const auto& open = s.observed_sockets->open;
    return std::ranges::any_of(open, [&](const auto& item) { return item.second.bound.contains(i); });
}

bool is_hearing(const Subscription& subscription) { return subscription.view.state == SubscriptionState::Live; }

bool shows_any(const State& s, std::string_view type) {
    for (TypeIndex t = 0; t < s.stores.type_count(); ++t)
        if (s.stores.type_name(t) == type) return s.stores.size(t) > 0;
    return false;
}

// What changed before is not told any more. Who shows nothing yet has missed nothing; anybody else has until a search.
void hear(State& s, SubscriptionIndex i) {
    Subscription& subscription = s.subscriptions[i];
    SubscriptionView& view = subscription.view;
    if (is_hearing(subscription)) return;
    for (Subscription& other : s.subscriptions) // one with the same criteria is as good
        if (&other == &subscription || (!view.criteria.empty() && other.view.criteria == view.criteria))
            if (auto& losses = other.view.losses; !losses.empty() && losses.back().heard == never)
                losses.back().heard = s.now;
    const bool first = subscription.first_bound == never;
    subscription.first_bound = first ? s.now : subscription.first_bound;
    if (view.unheard_since != never && first && !shows_any(s, subscription.type)) {
        view.unheard_since = never;
        view.unheard_why = {};
        view.proved = s.now;
    } else if (view.unheard_since != never) {
        view.unheard_noticed = s.now;
    }
    set_state(s, i, SubscriptionState::Live);
}

// Another one with the same criteria goes on.
bool is_covered(const State& s, SubscriptionIndex i) {
    const SubscriptionView& view = s.subscriptions[i].view;
    for (SubscriptionIndex other = 0; other < s.subscriptions.size(); ++other)
        if (other != i && !view.criteria.empty() && s.subscriptions[other].view.criteria == view.criteria &&
            is_hearing(s.subscriptions[other]))
            return true;
    return false;
}

void fall_deaf(State& s, SubscriptionIndex i, LocalTime since, const Fact& why) {
    SubscriptionView& view = s.subscriptions[i].view;
    set_state(s, i, SubscriptionState::Wanted, why);
    if (!is_covered(s, i)) {
        note_loss(s, i, since, why);
        return stop_hearing(s, i, since, why);
    }
    view.unheard_since = never;
    view.unheard_why = {};
}

void unbind_everywhere(State& s, SubscriptionIndex i) {
    for (auto& [socket, observed] : s.observed_sockets->open) {
        observed.bound.erase(i);
        observed.binding.erase(i);
    }
}

void note_attempt(State& s, bool opened, Fact result) {
    Attempt attempt;
    attempt.wait_began = attempt.began = attempt.ended = s.now;
    attempt.opened = opened;
    cut_texts(result, longest_reason);
    attempt.result = std::move(result);
    s.connection.attempts.push_back(std::move(attempt));
    if (s.connection.attempts.size() > observed_attempts_kept)
        s.connection.attempts.erase(s.connection.attempts.begin());
}

std::chrono::milliseconds silence_of(const State& s) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(static_cast<double>(s.config.heartbeat_period.count()) *
                                                               s.config.heartbeat_patience));
}

SubscriptionIndex add_observed(State& s, const ObservedWish& wish) {
    if (s.subscriptions.size() >= std::min<std::size_t>(observed_subscriptions_kept, no_subscription))
        return no_subscription;
    Subscription subscription;
    subscription.view.since = subscription.unbound_since = s.now;
    subscription.view.unheard_since = subscription.view.unheard_noticed = s.now;
    subscription.view.criteria = wish.criteria;
    subscription.view.name = wish.topic.empty() ? wish.criteria : wish.topic;
    subscription.type = wish.criteria.substr(0, wish.criteria.find('?'));
    s.subscriptions.push_back(std::move(subscription));
    measure_subscriptions(s);
    return static_cast<SubscriptionIndex>(s.subscriptions.size() - 1);
}

// One of the same kind that has ended: the client has made this one in its place.
SubscriptionIndex ended_one(const State& s, const ObservedWish& wish) {
    for (SubscriptionIndex i = 0; i < s.subscriptions.size(); ++i) {
        const SubscriptionView& view = s.subscriptions[i].view;
        const bool over = view.id.empty() || s.observed_sockets->dead.contains(view.id);
        if (over && !wish.criteria.empty() && view.criteria == wish.criteria && !is_hearing(s.subscriptions[i]) &&
            !is_bound_anywhere(s, i))
            return i;
    }
    return no_subscription;
}

void remember_observed(State& s, const std::string& id, SubscriptionIndex i) {
    SubscriptionIds& ids = *s.ids;
    ids.known[id] = i;
    ids.own.push_back(id);
    ids.own_shown = nullptr;
    if (ids.own.size() <= observed_ids_kept) return;
    ids.known.erase(ids.own.front());
    ids.own.pop_front();
}

std::string filter_of(fhir::Slice subscription) {
    std::string type, parameters;
    subscription.member("filterBy").each_element([&](fhir::Slice filter) { // R5
        const std::string name = filter.member("filterParameter").string();
        if (const std::string resource = filter.member("resourceType").string(); type.empty()) type = resource;
        if (name.empty()) return;
        parameters += (parameters.empty() ? "?" : "&") + name + "=" + filter.member("value").string();
    });
    return type.empty() ? std::string() : type.substr(type.rfind('/') + 1) + parameters;
}

} // namespace

ObservedWish wish_of(std::string_view subscription_text) {
    ObservedWish wish;
    const fhir::Slice root(subscription_text);
    const auto period = [&](fhir::Slice value) {
        unsigned seconds = 0;
        const std::string_view text = value.text();
        std::from_chars(text.data(), text.data() + text.size(), seconds);
        wish.heartbeat = std::chrono::seconds(std::min(seconds, 86'400u));
    };
    wish.criteria = root.member("criteria").string();
    // The standard's R4 and R4B put a topic there, and what is asked for beside it.
    root.member("_criteria").member("extension").each_element([&](fhir::Slice extension) {
        if (!extension.member("url").string().ends_with("/backport-filter-criteria")) return;
        if (wish.topic.empty()) wish.topic = std::exchange(wish.criteria, {});
        if (wish.criteria.empty()) wish.criteria = extension.member("valueString").string();
    });
    if (wish.topic.empty() && wish.criteria.find("://") != std::string::npos &&
        wish.criteria.find("/SubscriptionTopic/") != std::string::npos)
        wish.topic = std::exchange(wish.criteria, {});
    if (const std::string topic = root.member("topic").string(); !topic.empty()) { // R5
        wish.topic = topic;
        wish.criteria = filter_of(root);
    }
    if (const fhir::Slice own = root.member("heartbeatPeriod"); own.exists()) period(own);
    root.member("channel").member("extension").each_element([&](fhir::Slice extension) {
        if (extension.member("url").string().ends_with("/backport-heartbeat-period"))
            period(extension.member("valueUnsignedInt"));
    });
    return wish;
}

SubscriptionIndex learn_subscription(State& s, const std::string& id, const ObservedWish& wish) {
    SubscriptionIndex i = no_subscription;
    if (const auto known = s.ids->known.find(id); known != s.ids->known.end()) {
        i = known->second;
        Subscription& subscription = s.subscriptions[i];
        if (subscription.view.criteria.empty() && !wish.criteria.empty()) {
            subscription.view.criteria = subscription.view.name = wish.criteria;
            subscription.type = wish.criteria.substr(0, wish.criteria.find('?'));
        }
        return i;
    }
    i = ended_one(s, wish);
    if (i == no_subscription) i = add_observed(s, wish);
    if (i == no_subscription) return i;
    SubscriptionView& view = s.subscriptions[i].view;
    view.id = id;
    if (view.name.empty()) view.name = "Subscription/" + id;
    view.token_expires = never;
    s.subscriptions[i].dialect = {};
    s.subscriptions[i].dialect.heartbeat = wish.heartbeat;
    remember_observed(s, id, i);
    return i;
}

SubscriptionIndex learn_refused(State& s, const ObservedWish& wish, const Fact& problem) {
    SubscriptionIndex i = ended_one(s, wish);
    if (i == no_subscription) i = add_observed(s, wish);
    if (i == no_subscription) return i;
    set_state(s, i, SubscriptionState::Refused, problem);
    log_event(s, Fact{.code = FactCode::SubscriptionRefused, .about = wish.criteria}.because(problem), i);
    return i;
}

void observed_ended(State& s, const std::string& id, Ended how) {
    const auto known = s.ids->known.find(id);
    if (known == s.ids->known.end()) return;
    const SubscriptionIndex i = known->second;
    SubscriptionView& view = s.subscriptions[i].view;
    const bool was_dead = !s.observed_sockets->dead.insert(id).second;
    if (view.id != id || was_dead) return;
    unbind_everywhere(s, i);
    if (!is_hearing(s.subscriptions[i])) return;
    if (how == Ended::ByClient) return fall_deaf(s, i, s.now, {.code = FactCode::BindingGivenUp});
    const Fact why{.code = FactCode::DeafDropped};
    ++s.counters.deaf;
    fall_deaf(s, i, std::max(view.last_event, view.bound), why);
    log_event(s, problem_of(view, why), i);
}

void observed_opened(State& s, SocketId socket) {
    const bool was_down = s.observed_sockets->open.empty();
    s.observed_sockets->open[socket].last_frame = s.now;
    s.connection.socket = socket;
    s.connection.last_frame = s.now;
    ++s.counters.opens;
    if (s.counters.opens > 1 && was_down) ++s.counters.reconnects;
    note_attempt(s, true, {.code = FactCode::Opened});
    log_frame(s, {s.now, socket, FrameKind::Open, true, no_subscription, 0, nullptr});
    if (was_down || s.connection.phase != Phase::Live)
        enter_phase(s, Phase::Binding, {.code = FactCode::SocketOpened, .count = socket});
}

void observed_failed(State& s, const Fact& reason) {
    note_attempt(s, false, reason);
    if (s.observed_sockets->open.empty()) enter_phase(s, Phase::BackingOff, reason);
}

void observed_closed(State& s, SocketId socket, const Fact& reason) {
    const auto found = s.observed_sockets->open.find(socket);
    FHIRSCOPE_ASSERT(found != s.observed_sockets->open.end());
    const ObservedSocket gone = std::move(found->second);
    s.observed_sockets->open.erase(found);
    log_closing(s, socket, false, no_subscription, reason);
    constexpr std::uint16_t abnormal = 1006; // what was sent last may not have come
    const LocalTime since = reason.status == abnormal ? gone.last_frame : s.now;
    for (const SubscriptionIndex i : gone.bound) {
        if (survives_disconnect(s.config)) {
            if (is_bound_anywhere(s, i)) continue;
        } else { // the first socket to close ends it for all (PROTOCOL A10)
            s.observed_sockets->dead.insert(s.subscriptions[i].view.id);
            unbind_everywhere(s, i);
        }
        fall_deaf(s, i, since, reason);
    }
    if (s.observed_sockets->open.empty()) enter_phase(s, Phase::Closed, reason);
}

void observed_frame(State& s, SocketId socket, const fhir::Notification& notification) {
    using Kind = fhir::NotificationKind;
    ObservedSocket& observed = s.observed_sockets->open.at(socket);
    observed.last_frame = s.now;
    observed.silent = false;
    const bool event = notification.kind == Kind::Event;
    const bool beat = notification.kind == Kind::Heartbeat;
    if (!event && !beat && notification.kind != Kind::Handshake) return;
    observed.beats |= beat;
    std::set<SubscriptionIndex> named;
    for (const std::string& id : notification.subscriptions) {
        const SubscriptionIndex i = learn_subscription(s, id, {}); // made before the capture began
        if (i == no_subscription) continue;
        named.insert(i);
        observed.binding.erase(i);
        Subscription& subscription = s.subscriptions[i];
        const bool was_bound = observed.bound.contains(i);
        if (event) s.observed_sockets->dead.erase(id);
        // A heartbeat lists what is gone, too, and a bind of it may be answered (PROTOCOL A13, A14).
        const bool lives = !s.observed_sockets->dead.contains(id) && subscription.view.id == id;
        if (!lives || (beat && !was_bound && subscription.first_bound != never)) continue;
        observed.bound.insert(i);
        hear(s, i);
        const std::string type(event && !notification.events.empty()
                                   ? fhir::type_part(notification.events.front().focus)
                                   : std::string_view());
        if (subscription.view.criteria.empty() && !type.empty()) {
            subscription.view.criteria = subscription.type = type;
            subscription.view.problem = {};
        }
    }
    if (!beat || !heartbeats_list_all(s.config)) return;
    for (const SubscriptionIndex i : std::set<SubscriptionIndex>(observed.bound)) {
        if (named.contains(i)) continue;
        SubscriptionView& view = s.subscriptions[i].view;
        const Fact unlisted{.code = FactCode::Unlisted};
        observed.bound.erase(i);
        ++view.missed_heartbeats;
        ++s.counters.deaf;
        fall_deaf(s, i, std::max(view.last_heartbeat, view.bound), unlisted);
        log_event(s, problem_of(view, unlisted), i);
    }
}

void observed_bind(State& s, SocketId socket, const std::string& token, bool binds) {
    const auto named = s.observation->tokens.find(token);
    const std::string& id = named == s.observation->tokens.end() ? token : named->second; // HAPI binds by the id
    const auto known = s.ids->known.find(id);
    if (known == s.ids->known.end()) return;
    if (!binds) return observed_ended(s, id, Ended::ByClient);
    const SubscriptionIndex i = known->second;
    s.observed_sockets->open.at(socket).binding[i] = s.now;
    if (!is_hearing(s.subscriptions[i])) set_state(s, i, SubscriptionState::Binding);
}

void note_loss(State& s, SubscriptionIndex i, LocalTime since, const Fact& why) {
    SubscriptionView& view = s.subscriptions[i].view;
    Loss loss{.from = std::max(since, view.proved), .lost = s.now, .heard = never, .proved = never, .why = why};
    if (is_hearing(s.subscriptions[i])) loss.heard = s.now; // single events of it, and it goes on
    cut_texts(loss.why, longest_reason);
    view.losses.push_back(std::move(loss));
    if (view.losses.size() <= observed_losses_kept) return;
    view.losses.erase(view.losses.begin());
    ++view.losses_dropped;
}

bool is_bound_twice(const State& s, SubscriptionIndex i) {
    return std::ranges::count_if(
               s.observed_sockets->open, [&](const auto& item) { return item.second.bound.contains(i); }) > 1;
}

void observed_caught_up(State& s, SubscriptionIndex i, LocalTime asked) {
    Subscription& subscription = s.subscriptions[i];
    SubscriptionView& view = subscription.view;
    subscription.baseline_done = true;
    view.searched = std::max(view.searched, asked);
    for (Loss& loss : view.losses)
        if (loss.proved == never && loss.heard != never && asked >= loss.heard) loss.proved = s.now;
    if (view.unheard_since == never || !is_hearing(subscription) || asked < view.unheard_noticed) return;
    view.silences.push_back(
        {std::exchange(view.unheard_since, never), view.unheard_noticed, s.now, std::exchange(view.unheard_why, {})});
    if (view.silences.size() > observed_silences_kept) view.silences.erase(view.silences.begin());
    view.proved = s.now;
}

void tick_observed(State& s) {
    if (s.live()) return;
    for (auto& [socket, observed] : s.observed_sockets->open) {
        for (auto at = observed.binding.begin(); at != observed.binding.end();) {
            if (s.now < at->second + s.config.bind_timeout) {
                ++at;
                continue;
            }
            SubscriptionView& view = s.subscriptions[at->first].view;
            view.problem = {.code = FactCode::NoHandshake, .duration = s.config.bind_timeout};
            log_event(s, problem_of(view), at->first);
            at = observed.binding.erase(at);
        }
        const auto patience = silence_of(s);
        const bool beats = observed.beats && !observed.bound.empty() && heartbeats_list_all(s.config);
        if (!beats || observed.silent || s.now < observed.last_frame + patience) continue;
        observed.silent = true;
        const Fact why{.code = FactCode::NoFrame, .duration = patience};
        for (const SubscriptionIndex i : std::set<SubscriptionIndex>(observed.bound))
            fall_deaf(s, i, observed.last_frame, why);
        if (s.observed_sockets->open.size() == 1) enter_phase(s, Phase::BackingOff, why);
    }
}

LocalTime next_observed(const State& s) {
    LocalTime earliest = never;
    for (const auto& [socket, observed] : s.observed_sockets->open) {
        for (const auto& [i, sent] : observed.binding) earliest = earlier(earliest, sent + s.config.bind_timeout);
        if (observed.beats && !observed.bound.empty() && !observed.silent && heartbeats_list_all(s.config))
            earliest = earlier(earliest, observed.last_frame + silence_of(s));
    }
    return earliest;
}

} // namespace fhirscope::engine
