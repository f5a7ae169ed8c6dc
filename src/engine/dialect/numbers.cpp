// Gaps by event number (PROTOCOL B2, B3): a number that was jumped, or a count that is ahead of what came. After a
// short wait for stragglers the events are asked for by number ($events); where the server does not give them all, the
// catch-up search does. And what was only announced (HAPI's ping, an empty payload) is searched for.

#include "engine/dialect/numbers.hpp"

#include "engine/connection/observed_sockets.hpp"
#include "engine/connection/phases.hpp"
#include "engine/core/dialect_traits.hpp"
#include "engine/core/journal.hpp"
#include "engine/core/state.hpp"
#include "engine/digest.hpp"
#include "engine/pipeline/frames.hpp"
#include "engine/pipeline/pipeline.hpp"
#include "engine/recovery/reads.hpp"
#include "engine/recovery/recovery.hpp"
#include "engine/subscriptions/checkup.hpp"
#include "engine/subscriptions/subscriptions.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::engine {
namespace {

constexpr std::size_t ahead_kept = 4'096, recent_kept = 64;
constexpr std::uint64_t largest_step = 1'000'000; // no server sends so many events between two
constexpr std::uint32_t restarts_believed = 2;

void absorb(DialectState& d) {
    while (!d.ahead.empty() && *d.ahead.begin() <= d.seen_until + 1) {
        d.seen_until = std::max(d.seen_until, *d.ahead.begin());
        d.ahead.erase(d.ahead.begin());
    }
    d.known = std::max(d.known, d.seen_until);
}

bool is_settled(const Subscription& subscription) {
    return subscription.view.state == SubscriptionState::Live ||
           subscription.view.state == SubscriptionState::Refreshing;
}

void look_for_gap(State& s, SubscriptionIndex i) {
    Subscription& subscription = s.subscriptions[i];
    DialectState& d = subscription.dialect;
    if (!d.counting || d.known <= d.seen_until || d.gap_due != never || !is_settled(subscription)) return;
    d.gap_due = s.now + s.config.dialect.gap_grace;
}

void fetch(State& s, SubscriptionIndex i);

// From here on searches find what is missing, and numbers do not.
void give_up_numbers(State& s, SubscriptionIndex i, const Fact& why) {
    Subscription& subscription = s.subscriptions[i];
    DialectState& d = subscription.dialect;
    if (std::exchange(d.unreliable, true)) return;
    d.counting = false;
    d.gap_due = never;
    d.ahead.clear();
    d.recent.clear();
    log_event(s, Fact{.code = FactCode::NumbersUnreliable, .about = subscription.view.criteria}.because(why), i);
    fetch(s, i);
}

// A server may deliver an event again with what its resource has become, so the content is no part of it.
std::uint64_t told_by(const fhir::NotificationEvent& event) {
    return hash_bytes(event.resource ? event.resource->reference() : event.focus);
}

void search_instead(State& s, SubscriptionIndex i) {
    catch_up(s, i);
    update_phase(s);
}

// Far below what a std::int64_t holds, unless a server has invented its numbers.
std::int64_t as_number(std::uint64_t number) { return static_cast<std::int64_t>(number); }

Fact step(FactCode code, std::uint64_t from, std::uint64_t to) {
    return {.code = code, .from = as_number(from), .to = as_number(to)};
}

void recover_gap(State& s, SubscriptionIndex i) {
    Subscription& subscription = s.subscriptions[i];
    DialectState& d = subscription.dialect;
    d.gap_due = never;
    const std::uint64_t first = d.seen_until + 1, last = d.known;
    const auto missing = last - d.seen_until - d.ahead.size();
    ++s.counters.gaps;
    s.counters.gap_events += missing;
    if (!s.live()) {
        const Fact gap{.code = FactCode::GapSeen,
                       .about = subscription.view.criteria,
                       .count = as_number(missing),
                       .from = as_number(first),
                       .to = as_number(last)};
        d.seen_until = last;
        d.ahead.clear();
        const LocalTime since = std::max(subscription.view.proved, subscription.view.bound);
        note_loss(s, i, since, gap);
        stop_hearing(s, i, since, gap);
        return log_event(s, gap, i);
    }
    const bool ask = s.config.dialect.has_events && s.config.dialect.content != fhir::Payload::Empty;
    log_event(s,
              {.code = ask ? FactCode::GapAsked : FactCode::GapSearched,
               .about = subscription.view.criteria,
               .count = as_number(missing),
               .from = as_number(first),
               .to = as_number(last)},
              i);
    if (!ask) return search_instead(s, i);
    PendingRequest request;
    request.purpose = Purpose::ReplayEvents;
    request.subscription = i;
    request.reference = d.id;
    request.sent.method = "GET";
    request.sent.url = fhir_url(s, "Subscription/" + d.id + "/$events?eventsSinceNumber=" + std::to_string(first) +
                                       "&eventsUntilNumber=" + std::to_string(last) +
                                       "&content=" + std::string(fhir::to_string(s.config.dialect.content)));
    send_request(s, std::move(request));
}

// False: it was seen before.
bool take_number(State& s, SubscriptionIndex i, std::uint64_t number) {
    DialectState& d = s.subscriptions[i].dialect;
    if (number <= d.seen_until || d.ahead.contains(number)) return false;
    d.ahead.insert(number);
    d.known = std::max(d.known, number);
    if (d.ahead.size() > ahead_kept) d.ahead.erase(std::prev(d.ahead.end())); // its gap is asked for once more
    absorb(d);
    if (d.known <= d.seen_until) d.gap_due = never;
    return true;
}

void settle(State& s, SubscriptionIndex i) {
    s.subscriptions[i].failures = 0;
    set_state(s, i, SubscriptionState::Live);
    check_later(s, i);
    look_for_gap(s, i);
    update_phase(s);
}

void fetch(State& s, SubscriptionIndex i) {
    if (!s.live()) return; // another client's traffic is followed, and nothing asked
    DialectState& d = s.subscriptions[i].dialect;
    d.fetch_again = d.fetching || !is_settled(s.subscriptions[i]); // then it follows what is under way
    if (d.fetch_again) return;
    d.fetching = true;
    d.search_covers = d.known;
    begin_search(s, i, Channel::Poll);
}

void note_status(State& s, SubscriptionIndex i, const fhir::Notification& notification) {
    DialectState& d = s.subscriptions[i].dialect;
    std::string status = notification.status.substr(0, 32);
    for (const std::string& code : notification.errors) status += " " + code.substr(0, 64);
    if (status == d.status) return;
    d.status = status;
    const bool bad = notification.status == "error" || notification.status == "off" || !notification.errors.empty();
    if (bad) log_event(s, {.code = FactCode::StatusBad, .about = s.subscriptions[i].view.criteria, .words = status}, i);
}

} // namespace

void note_numbers(State& s, SubscriptionIndex i, const fhir::Notification& notification) {
    if (i == no_subscription || !numbers_events(s.config)) return;
    DialectState& d = s.subscriptions[i].dialect;
    note_status(s, i, notification);
    if (!notification.events_since_start) return;
    const std::uint64_t count = *notification.events_since_start;
    if (d.unreliable) return;
    const bool handshake = notification.kind == fhir::NotificationKind::Handshake;
    if (d.counting && count > d.known && count - d.known > largest_step)
        return give_up_numbers(s, i, step(FactCode::NumbersJumped, d.known, count));
    // Frames of one socket come in their order, so a count does not go back in them.
    const bool beat = notification.kind == fhir::NotificationKind::Heartbeat;
    const std::uint64_t before = beat ? d.told : d.seen_until;
    const bool restarted = (handshake || beat) && d.counting && count < before;
    if (restarted && beat && ++d.restarts > restarts_believed)
        return give_up_numbers(s, i, step(FactCode::NumbersWentBack, before, count));
    if (notification.kind != fhir::NotificationKind::QueryStatus)
        d.told = restarted || handshake ? count : std::max(d.told, count);
    if (restarted)
        log_event(s,
                  {.code = FactCode::NumbersRestarted,
                   .about = s.subscriptions[i].view.criteria,
                   .from = as_number(before),
                   .to = as_number(count)},
                  i);
    if (restarted || (handshake && !d.counting)) {
        d.counting = true;
        d.fresh = handshake; // the search that follows shows all that came before
        d.seen_until = d.known = count;
        d.ahead.clear();
        d.recent.clear();
        if (!handshake) fetch(s, i);
        return;
    }
    if (!s.live() && !d.counting) { // the capture begins in the middle
        d.counting = true;
        d.known = count;
        d.seen_until = count - std::min<std::uint64_t>(count, notification.events.size());
    }
    d.known = std::max(d.known, count);
    if (!notification.events.empty()) return; // which are noted one by one
    // A count without events is one that is not named: what it announces is searched for (take_unread).
    const bool announces = notification.kind == fhir::NotificationKind::Event && notification.unreadable.empty();
    if (announces && d.counting) take_number(s, i, count);
    look_for_gap(s, i);
}

void count_from(State& s, SubscriptionIndex i, const fhir::Notification& first) {
    DialectState& d = s.subscriptions[i].dialect;
    if (!numbers_events(s.config) || d.counting || d.unreliable || !first.events_since_start) return;
    d.counting = d.fresh = true; // the search that follows shows all that came before
    d.known = *first.events_since_start;
    d.seen_until = d.known - std::min<std::uint64_t>(d.known, first.events.size());
    d.ahead.clear();
}

bool is_repeated(State& s, SubscriptionIndex i, const fhir::NotificationEvent& event) {
    if (i == no_subscription || !event.number) return false;
    DialectState& d = s.subscriptions[i].dialect;
    if (!d.counting) return false;
    const std::uint64_t number = *event.number;
    if (number > d.known && number - d.known > largest_step) {
        give_up_numbers(s, i, step(FactCode::NumberJumped, d.known, number));
        return false;
    }
    const std::uint64_t told = told_by(event);
    const auto known =
        std::find_if(d.recent.begin(), d.recent.end(), [&](const auto& one) { return one.first == number; });
    if (known != d.recent.end() && known->second != told) {
        give_up_numbers(s, i, {.code = FactCode::NumberReused, .count = as_number(number)});
        return false;
    }
    if (known == d.recent.end()) d.recent.emplace_back(number, told);
    if (d.recent.size() > recent_kept) d.recent.pop_front();
    const bool repeated = !take_number(s, i, number);
    s.counters.repeated_events += repeated;
    look_for_gap(s, i);
    return repeated;
}

void take_unread(State& s, SubscriptionIndex i, const fhir::Notification& notification) {
    if (!s.live() || !survives_disconnect(s.config)) return;
    const bool nameless = notification.events.empty() ||
                          std::any_of(notification.events.begin(), notification.events.end(), [](const auto& event) {
                              return event.focus.empty() && !event.resource && !event.deleted;
                          });
    if (nameless && i != no_subscription && notification.payload == fhir::Payload::Empty) fetch(s, i);
}

void after_bind(State& s, SubscriptionIndex i) {
    Subscription& subscription = s.subscriptions[i];
    DialectState& d = subscription.dialect;
    const bool fresh = std::exchange(d.fresh, false);
    if (!numbers_events(s.config) || fresh || !d.counting || !subscription.baseline_done) return catch_up(s, i);
    if (d.known > d.seen_until) {
        set_state(s, i, SubscriptionState::CatchingUp);
        return recover_gap(s, i);
    }
    log_event(s, {.code = FactCode::NothingMissed, .about = subscription.view.criteria, .count = as_number(d.known)},
              i);
    settle(s, i);
    fetch(s, i); // what no event tells of, a deletion perhaps, has no number
}

void search_begins(State& s, SubscriptionIndex i) {
    s.subscriptions[i].dialect.search_covers = s.subscriptions[i].dialect.known;
}

void search_ends(State& s, SubscriptionIndex i) {
    DialectState& d = s.subscriptions[i].dialect;
    if (d.counting) {
        d.seen_until = std::max(d.seen_until, d.search_covers);
        absorb(d);
        look_for_gap(s, i);
    }
    if (d.fetch_again) fetch(s, i);
}

bool fetch_ended(State& s, SubscriptionIndex i, bool failed) {
    DialectState& d = s.subscriptions[i].dialect;
    if (!std::exchange(d.fetching, false)) return false;
    if (failed && is_settled(s.subscriptions[i])) {
        search_instead(s, i);
        return true;
    }
    if (!failed && d.counting) {
        d.seen_until = std::max(d.seen_until, d.search_covers);
        absorb(d);
        if (d.known <= d.seen_until) d.gap_due = never;
    }
    if (d.fetch_again) fetch(s, i);
    return true;
}

void repeat_fetches(State& s) {
    for (SubscriptionIndex i = 0; i < s.subscriptions.size(); ++i)
        if (std::exchange(s.subscriptions[i].dialect.fetching, false)) fetch(s, i);
}

void on_replay(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    const SubscriptionIndex i = request.subscription;
    Subscription& subscription = s.subscriptions[i];
    DialectState& d = subscription.dialect;
    if (d.id != request.reference || subscription.active.id != d.id) return;
    const auto nothing = [&](const Fact& why) {
        log_event(s, Fact{.code = FactCode::ReplayFailed, .about = subscription.view.criteria}.because(why), i);
        search_instead(s, i);
    };
    if (answer.status != 200 || !answer.body) return nothing(fact_of(answer));
    auto decoded = fhir::decode_frame(s.config.dialect.dialect, *answer.body, fhir::answer_limits());
    if (!decoded) return nothing({.code = FactCode::TextUnreadable, .detail = decoded.error().message});
    if (decoded->kind != fhir::NotificationKind::QueryEvent && decoded->kind != fhir::NotificationKind::Event)
        return nothing({.code = FactCode::EventsMissing});
    const std::uint64_t count = decoded->events_since_start.value_or(0);
    if (count > d.known && count - d.known <= largest_step) d.known = count;
    for (const fhir::Unreadable& lost : decoded->unreadable) reject_unreadable(s, lost, Channel::CatchUp, i);
    bool unnamed = false;
    std::uint64_t taken = 0;
    for (fhir::NotificationEvent& event : decoded->events) {
        if (!event.number || !take_number(s, i, *event.number)) continue;
        ++taken;
        const bool whole = event.deleted ||
                           (event.resource && !event.resource->version_id().empty() && event.resource->last_updated());
        unnamed |= !whole && event.focus.empty();
        if (!whole) {
            if (!event.focus.empty()) want_read(s, event.focus, {.missed = true, .told = true});
            continue;
        }
        Update update;
        update.reference = event.focus;
        update.resource = event.deleted ? nullptr : std::move(event.resource);
        update.deleted = event.deleted;
        update.sent = event.sent;
        if (event.deleted) update.deleted_at = event.sent;
        update.received = s.now;
        update.channel = Channel::CatchUp;
        update.subscription = i;
        enqueue(s, std::move(update));
    }
    pump_reads(s);
    log_event(s, {.code = FactCode::ReplayBrought, .about = subscription.view.criteria, .count = as_number(taken)}, i);
    if (unnamed || d.seen_until < d.known) {
        // A history that was cut, or events without a name: the search shows what matches now.
        if (taken == 0 || unnamed || !is_settled(subscription)) return search_instead(s, i);
    }
    if (is_settled(subscription))
        look_for_gap(s, i);
    else
        settle(s, i);
}

void tick_gaps(State& s) {
    if (s.live() && !s.socket_open) return;
    for (SubscriptionIndex i = 0; i < s.subscriptions.size(); ++i) {
        Subscription& subscription = s.subscriptions[i];
        DialectState& d = subscription.dialect;
        if (d.gap_due == never || d.gap_due > s.now) continue;
        d.gap_due = never;
        const bool asked = std::any_of(s.requests.open.begin(), s.requests.open.end(), [&](const auto& item) {
            return item.second.purpose == Purpose::ReplayEvents && item.second.subscription == i;
        });
        if (asked || !is_settled(subscription) || d.known <= d.seen_until) continue; // its end looks again
        recover_gap(s, i);
    }
}

LocalTime next_gap(const State& s) {
    LocalTime earliest = never;
    if (s.live() && !s.socket_open) return never;
    for (const Subscription& subscription : s.subscriptions) earliest = earlier(earliest, subscription.dialect.gap_due);
    return earliest;
}

} // namespace fhirscope::engine
