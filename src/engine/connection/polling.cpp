// Degradation: while there is no real time, searches stand in for it, and it is still tried (PROTOCOL A13,
// polling overlap). On the way back: bind, catch up, then stop polling. A Subscription that the server refuses is
// polled for beside the others' real time.

#include "engine/connection/polling.hpp"

#include "engine/core/journal.hpp"
#include "engine/core/state.hpp"
#include "engine/dialect/numbers.hpp"
#include "engine/recovery/recovery.hpp"
#include "engine/subscriptions/farewell.hpp"

#include <algorithm>

namespace fhirscope::engine {
namespace {

using std::chrono::milliseconds;

// Nobody waits longer for what can be read: so long without real time, whatever the reason, and searches begin.
constexpr milliseconds search_after{4'000};

// Busy data is polled more often, quiet data less.
void end_round(State& s) {
    Polling& p = *s.polling;
    milliseconds& interval = s.connection.poll_interval;
    interval = p.failed ? s.config.poll_max : p.found ? interval / 2 : interval * 3 / 2;
    interval = std::clamp(interval, s.config.poll_min, s.config.poll_max);
    p.under_way = false;
    p.next = s.now + interval;
    pump_orphans(s);
}

// From p.at on: the next one that has no real time; whoever has it needs no polling.
void poll_next(State& s) {
    Polling& p = *s.polling;
    while (p.at < s.subscriptions.size() && (hears(s.subscriptions[p.at]) || s.subscriptions[p.at].view.left_out))
        ++p.at;
    if (p.at < s.subscriptions.size()) return begin_search(s, p.at, Channel::Poll);
    end_round(s);
}

LocalTime impatient_at(const State& s) {
    LocalTime earliest = never;
    if (!s.live() || s.leaving || s.connection.polling || s.connection.phase == Phase::Closed ||
        s.connection.phase == Phase::Idle)
        return never;
    for (const Subscription& subscription : s.subscriptions) {
        if (subscription.unbound_since == never || subscription.view.left_out) continue;
        const LocalTime due = subscription.unbound_since + search_after;
        earliest = earlier(earliest, due);
    }
    return earliest;
}

} // namespace

bool hears(const Subscription& subscription) {
    const SubscriptionState state = subscription.view.state;
    return state == SubscriptionState::Live || state == SubscriptionState::Refreshing ||
           state == SubscriptionState::CatchingUp;
}

void start_polling(State& s, const Fact& reason) {
    if (s.connection.polling || s.subscriptions.empty() || s.leaving || s.login_ended()) return;
    s.connection.polling = true;
    s.connection.polling_since = s.now;
    s.connection.poll_interval = s.config.poll_min;
    *s.polling = {};
    s.polling->next = s.now;
    log_event(s, Fact{.code = FactCode::PollingBegins}.because(reason));
    tick_polling(s);
}

void stop_polling(State& s) {
    if (!s.connection.polling) return;
    s.connection.polling = false;
    *s.polling = {};
    for (const Purpose purpose : {Purpose::Search, Purpose::Deletions, Purpose::Exits})
        std::erase_if(s.requests.open, [&](const auto& item) {
            return item.second.purpose == purpose && item.second.channel == Channel::Poll;
        });
    log_event(s, {.code = FactCode::PollingEnds});
    repeat_fetches(s); // which are searches of the same kind
}

void tick_polling(State& s) {
    if (const LocalTime due = impatient_at(s); due != never && due <= s.now)
        start_polling(s, Fact{.code = FactCode::NoRealTimeOfAll}.because(s.connection.reason));
    Polling& p = *s.polling;
    if (!s.connection.polling || p.under_way || p.next == never || p.next > s.now) return;
    p.under_way = true;
    p.found = p.failed = false;
    p.at = 0;
    ++s.counters.polls;
    poll_next(s);
}

void poll_advanced(State& s, SubscriptionIndex i, bool failed) {
    if (fetch_ended(s, i, failed)) return;
    Polling& p = *s.polling;
    if (!s.connection.polling || !p.under_way || p.at != i) return;
    p.failed |= failed;
    ++p.at;
    poll_next(s);
}

LocalTime next_poll(const State& s) {
    return !s.connection.polling ? impatient_at(s) : s.polling->under_way ? never : s.polling->next;
}

} // namespace fhirscope::engine
