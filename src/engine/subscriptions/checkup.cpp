// Silent deafness: heartbeats go on, the screen is stale, and nothing says so (PROTOCOL A13). Every check_period each
// live subscription is asked after (the only probe that sees a Subscription deleted or killed by another socket), and a
// search looks behind it (the only one that sees an expired token, a revoked login or a lost frame). So every kind is
// noticed within check_period + missed_grace and the time of a few requests.
//
// What is known makes it sooner. An event proves that its subscription hears: one that brought events and has fallen
// silent is asked after, which costs one read, and the longer it is silent the more rarely. What speaks for deafness
// (another one found deaf, a heartbeat that is late, a write without its echo, a change that no frame brought, a
// refusal) has the whole check made at once. All within a budget of requests a minute.

#include "engine/subscriptions/checkup.hpp"

#include "engine/connection/connection.hpp"
#include "engine/connection/phases.hpp"
#include "engine/connection/server_clock.hpp"
#include "engine/core/dialect_traits.hpp"
#include "engine/core/journal.hpp"
#include "engine/core/state.hpp"
#include "engine/core/versions.hpp"
#include "engine/dialect/dialect.hpp"
#include "engine/dialect/numbers.hpp"
#include "engine/pipeline/pipeline.hpp"
#include "engine/recovery/paging.hpp"
#include "engine/recovery/reads.hpp"
#include "engine/recovery/recovery.hpp"
#include "engine/recovery/verify.hpp"
#include "engine/subscriptions/refusals.hpp"
#include "engine/subscriptions/subscriptions.hpp"
#include "fhir/criteria.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::engine {
namespace {

using std::chrono::milliseconds;

constexpr const char* status_operation = "/$status";
constexpr std::chrono::minutes budget_window{1};
// Of a whole check: the question, the search behind it, what was deleted, what left the criteria, the count.
constexpr std::uint32_t requests_of_whole = 5;
constexpr std::uint32_t refusals_believed = 2, counts_tried = 6;
constexpr std::size_t most_counted = 200'000, most_matched = 5'000; // resources looked at to count what is shown
constexpr std::size_t audit_limit = 10'000; // versions found and not known; beyond it a catch-up is the better way

void ask(State& s, SubscriptionIndex i, Purpose purpose, std::string url) {
    PendingRequest request;
    request.purpose = purpose;
    request.subscription = i;
    request.reference = s.subscriptions[i].active.id;
    request.sent.method = "GET";
    request.sent.url = std::move(url);
    note_check_request(s);
    send_request(s, std::move(request));
}

std::uint32_t asked_within(const State& s, LocalTime since) {
    const auto& sent = s.checks->sent;
    return static_cast<std::uint32_t>(sent.end() - std::upper_bound(sent.begin(), sent.end(), since));
}

// When so many requests of checks may be sent, from this time on.
LocalTime allowed_from(const State& s, LocalTime due, std::uint32_t requests) {
    const auto& sent = s.checks->sent;
    if (due == never || s.config.check_budget == 0) return never;
    const std::size_t room = s.config.check_budget - std::min(requests, s.config.check_budget);
    return sent.size() <= room ? due : std::max<LocalTime>(due, sent[sent.size() - room - 1] + budget_window);
}

// The binding that the check began with is still the one in use.
bool is_current(const State& s, const PendingRequest& request) {
    const Subscription& subscription = s.subscriptions[request.subscription];
    return subscription.checkup.under_way && subscription.active.confirmed &&
           subscription.active.id == request.reference;
}

// It was heard of at its last event, or when it was bound. One that has been silent for twenty seconds is asked after,
// and again when it has been silent for half as long again.
LocalTime quiet_due(const State& s, const Subscription& subscription) {
    const LocalTime heard = std::max(subscription.view.last_event, subscription.view.bound);
    const LocalTime last = std::max(heard, subscription.checkup.asked);
    const auto silent = std::chrono::duration_cast<milliseconds>(last - heard);
    const auto soonest = std::min(s.config.quiet_check, s.config.check_period);
    return last + std::clamp(silent / 2, soonest, s.config.check_period);
}

// Medplum lists in each heartbeat what is bound, and sends none where nothing is any more, though it answers pings
// (PROTOCOL A14).
LocalTime heartbeat_late(const State& s, const Subscription& subscription) {
    if (!heartbeats_list_all(s.config)) return never;
    const LocalTime last = std::max(subscription.view.last_heartbeat, subscription.view.bound);
    const LocalTime late = last + s.config.heartbeat_period * 3 / 2;
    return subscription.checkup.began >= late ? never : late; // it was looked into
}

// No successor is being made.
bool is_live_alone(const Subscription& subscription) {
    return subscription.view.state == SubscriptionState::Live && !subscription.next;
}

} // namespace

// A resource that leaves the login's view gives no sign but that there is one less (PROTOCOL A14, Deletes): as many
// must be there as are shown. What differs for longer than an update takes is looked into by a comparison.
static std::optional<std::uint64_t> shown_of(const State& s, const Subscription& subscription) {
    const auto criteria = fhir::Criteria::parse(subscription.view.criteria);
    if (!criteria || s.queue.size() > 0 || !s.reads->wanted.empty()) return std::nullopt;
    const fhir::MatchMode mode = match_mode(s.config);
    const bool filters = !criteria->parameters().empty();
    std::uint64_t shown = 0;
    for (TypeIndex t = 0; t < s.stores.type_count(); ++t) {
        if (s.stores.type_name(t) != subscription.type) continue;
        if (s.stores.size(t) > (filters ? most_matched : most_counted)) return std::nullopt;
        for (std::uint32_t n = 0; n < s.stores.size(t); ++n) {
            const Record& record = s.stores.at({t, n});
            if (!record.resource() || record.standing == Standing::OutOfView) continue;
            if (filters && record.key_only()) return std::nullopt;
            shown += !filters || criteria->matches(*record.resource(), mode) == fhir::Match::Yes;
        }
    }
    return shown;
}

static void count_again(State& s, SubscriptionIndex i) {
    Checkup& checkup = s.subscriptions[i].checkup;
    checkup.count_due = ++checkup.counts < counts_tried ? LocalTime(s.now + s.config.missed_grace) : never;
}

static void ask_count(State& s, SubscriptionIndex i) {
    Subscription& subscription = s.subscriptions[i];
    subscription.checkup.count_due = never;
    subscription.checkup.shown = shown_of(s, subscription);
    if (!subscription.checkup.shown) return count_again(s, i);
    ask(s, i, Purpose::Count, fhir_url(s, query(subscription) + "_summary=count"));
}

static void begin_count(State& s, SubscriptionIndex i) {
    Subscription& subscription = s.subscriptions[i];
    subscription.checkup.counts = 0;
    subscription.checkup.differs.reset();
    if (subscription.counted) ask_count(s, i);
}

void on_count(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    const SubscriptionIndex i = request.subscription;
    Subscription& subscription = s.subscriptions[i];
    Checkup& checkup = subscription.checkup;
    if (!subscription.active.confirmed || subscription.active.id != request.reference) return;
    const auto asked = std::exchange(checkup.shown, std::nullopt);
    Fact problem;
    const auto page = page_of(s, request, answer, problem);
    if (!page) return void(subscription.counted = !is_refusal(answer));
    if (!page->total) return void(subscription.counted = false);
    const auto shown = shown_of(s, subscription);
    if (!shown || shown != asked) return count_again(s, i); // it changed meanwhile
    const std::int64_t more = static_cast<std::int64_t>(*page->total) - static_cast<std::int64_t>(*shown);
    if (more == 0 || more == subscription.more_there) return void(subscription.more_there = more);
    if (checkup.differs != more) { // what was just changed may be on its way
        checkup.differs = more;
        return count_again(s, i);
    }
    subscription.more_there = more; // if it stays so after the comparison, criteria are evaluated differently here
    log_event(s,
              {.code = FactCode::CountDiffers,
               .about = subscription.view.criteria,
               .from = static_cast<std::int64_t>(*shown),
               .to = static_cast<std::int64_t>(*page->total)},
              i);
    begin_verify(s, true);
}

static LocalTime count_due(const Subscription& subscription) {
    return subscription.view.state == SubscriptionState::Live ? subscription.checkup.count_due : never;
}

void make_anew(State& s, SubscriptionIndex i, const Fact& why) {
    Subscription& subscription = s.subscriptions[i];
    ++s.counters.deaf;
    // Since its last sign of life: when exactly it went deaf nobody knows.
    stop_hearing(s, i, std::max(subscription.view.last_event, subscription.view.bound), why);
    subscription.checkup = {};
    drop_active(s, i);
    retry_subscription(s, i, why);
    found_deaf(s, i, why);
    update_phase(s);
}

void check_later(State& s, SubscriptionIndex i) {
    Subscription& subscription = s.subscriptions[i];
    Checkup& checkup = subscription.checkup;
    checkup.under_way = checkup.suspected = false;
    checkup.due = s.now + s.config.check_period;
}

void suspect(State& s, SubscriptionIndex i, const Fact& why) {
    Subscription& subscription = s.subscriptions[i];
    Checkup& checkup = subscription.checkup;
    if (!s.live() || s.leaving || s.config.check_budget == 0 || !is_live_alone(subscription)) return;
    if (checkup.due == never || checkup.due <= s.now || (checkup.under_way && checkup.whole)) return;
    if (checkup.began != never && s.now < checkup.began + s.config.missed_grace) return; // a moment ago
    checkup.due = s.now;
    checkup.suspected = true;
    Fact cause = why;
    cut_texts(cause, longest_reason);
    log_event(s, Fact{.code = FactCode::CheckedAtOnce, .about = subscription.view.criteria}.because(std::move(cause)),
              i);
}

void suspect_others(State& s, SubscriptionIndex i, const Fact& why) {
    for (SubscriptionIndex other = 0; other < s.subscriptions.size(); ++other)
        if (other != i) suspect(s, other, why);
}

void found_deaf(State& s, SubscriptionIndex i, const Fact& why) {
    suspect_others(s, i, Fact{.code = FactCode::OtherDeaf, .about = s.subscriptions[i].view.criteria}.because(why));
}

void suspect_type(State& s, std::string_view type, const Fact& why) {
    for (SubscriptionIndex i = 0; i < s.subscriptions.size(); ++i)
        if (s.subscriptions[i].type == type) suspect(s, i, why);
}

void note_check_request(State& s) {
    auto& sent = s.checks->sent;
    while (!sent.empty() && sent.front() + budget_window <= s.now) sent.pop_front();
    sent.push_back(s.now);
}

void show_checks(const State& s, ConnectionView& view) {
    view.check_budget = s.live() ? s.config.check_budget : 0;
    view.checks_last_minute = asked_within(s, s.now - budget_window);
}

static void begin_whole(State& s, SubscriptionIndex i) {
    Subscription& subscription = s.subscriptions[i];
    Checkup& checkup = subscription.checkup;
    checkup.whole = true;
    checkup.suspected = false;
    checkup.began = s.now;
    checkup.unknown = 0;
    checkup.reached = subscription.view.audited;
    ++s.counters.checks;
}

static LocalTime asked_due(const State& s, const Subscription& subscription) {
    return subscription.checkup.due == never ? never : allowed_from(s, quiet_due(s, subscription), 1);
}

static LocalTime whole_due(const State& s, const Subscription& subscription) {
    const LocalTime due = subscription.checkup.due;
    return due == never ? never : allowed_from(s, earlier(due, heartbeat_late(s, subscription)), requests_of_whole);
}

static void check(State& s, SubscriptionIndex i) {
    Subscription& subscription = s.subscriptions[i];
    if (!is_live_alone(subscription) || subscription.checkup.under_way) return;
    const auto is_due = [&](LocalTime due) { return due != never && due <= s.now; };
    if (is_due(heartbeat_late(s, subscription)))
        suspect(s, i, {.code = FactCode::HeartbeatLate, .duration = s.config.heartbeat_period * 3 / 2});
    const bool whole = is_due(whole_due(s, subscription));
    if (!whole && !is_due(asked_due(s, subscription))) return;
    subscription.checkup.under_way = true;
    subscription.checkup.whole = false;
    subscription.checkup.asked = s.now;
    if (whole) begin_whole(s, i);
    // Where events are numbered, $status tells their number as well (PROTOCOL B3): what never came shows by it.
    ask(s, i, Purpose::Probe,
        fhir_url(s, "Subscription/" + subscription.active.id + (numbers_events(s.config) ? status_operation : "")));
}

void tick_checkups(State& s) {
    if (!s.live() || !s.socket_open) return;
    for (SubscriptionIndex i = 0; i < s.subscriptions.size(); ++i)
        if (s.subscriptions[i].checkup.suspected) check(s, i); // before others use the budget up
    for (SubscriptionIndex i = 0; i < s.subscriptions.size(); ++i) {
        const LocalTime due = allowed_from(s, count_due(s.subscriptions[i]), 1);
        if (due != never && due <= s.now) ask_count(s, i);
        check(s, i);
    }
}

LocalTime next_checkup(const State& s) {
    LocalTime earliest = never;
    if (!s.socket_open) return never;
    for (const Subscription& subscription : s.subscriptions) {
        if (subscription.active.id.empty()) continue;
        earliest = earlier(earliest, allowed_from(s, count_due(subscription), 1));
        if (!is_live_alone(subscription) || subscription.checkup.under_way) continue;
        earliest = earlier(earliest, earlier(whole_due(s, subscription), asked_due(s, subscription)));
    }
    return earliest;
}

void on_probe(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    if (!is_current(s, request)) return;
    const SubscriptionIndex i = request.subscription;
    // Where nothing else says that the connection is dead.
    if (answer.status == 0 && !silence_allowed(s))
        return lose_connection(s, Fact{.code = FactCode::ProbeUnanswered}.because(fact_of(answer)));
    if (request.sent.url.ends_with(status_operation)) {
        std::optional<fhir::Notification> status;
        if (answer.status == 200 && answer.body)
            if (auto decoded = fhir::decode_frame(s.config.dialect.dialect, *answer.body)) status = std::move(*decoded);
        if (!status || status->kind != fhir::NotificationKind::QueryStatus) // not every server offers it
            return ask(s, i, Purpose::Probe, fhir_url(s, "Subscription/" + request.reference));
        note_numbers(s, i, *status);
    }
    if (answer.status == 404 || answer.status == 410) return make_anew(s, i, {.code = FactCode::DeafDropped});
    Checkup& checkup = s.subscriptions[i].checkup;
    if (!checkup.whole && checkup.due > s.now) return void(checkup.under_way = false);
    if (!checkup.whole) begin_whole(s, i); // it has become due meanwhile
    s.subscriptions[i].by_offset = false;
    begin_audit(s, i);
}

void begin_audit(State& s, SubscriptionIndex i) {
    Subscription& subscription = s.subscriptions[i];
    subscription.search_began = server_now(s);
    ask(s, i, Purpose::Audit,
        fhir_url(s, query(subscription) + listing_elements(s, subscription.type) + since(s, subscription) + "&" +
                        paged(s, subscription.by_offset)));
}

void on_audit(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    if (!is_current(s, request)) return;
    const SubscriptionIndex i = request.subscription;
    Subscription& subscription = s.subscriptions[i];
    Fact problem;
    const auto page = page_of(s, request, answer, problem);
    if (!page) {
        log_event(s, Fact{.code = FactCode::CheckFailed, .about = subscription.view.criteria}.because(problem), i);
        check_later(s, i);
        if (!is_refusal(answer)) return;
        // A type that the login may not read any more brings no events either, and nothing else says so.
        if (++subscription.checkup.refusals < refusals_believed)
            return void(subscription.checkup.due = s.now + s.config.missed_grace);
        stop_hearing(s, i, std::max(subscription.view.last_event, subscription.view.bound), problem);
        drop_active(s, i);
        return refuse(s, i, Fact{.code = FactCode::SearchRefused}.because(problem));
    }
    for (const fhir::Unreadable& lost : page->unreadable) reject_unreadable(s, lost, Channel::Poll, i);
    subscription.checkup.refusals = 0;
    for (const fhir::BundleEntry& entry : page->entries) {
        if (!is_listed(entry)) continue;
        Listed listed = listed_as(s, *entry.resource);
        const ServerTime changed = listed.changed;
        if (listed.exact) subscription.checkup.reached = std::max(subscription.checkup.reached, changed);
        if (is_known(s, entry.resource->reference(), listed, request.sent_at)) continue;
        if (subscription.checkup.unknown++ == 0) subscription.checkup.complete = changed;
        subscription.checkup.complete = std::min(subscription.checkup.complete, changed);
        if (subscription.checkup.unknown > audit_limit) return make_anew(s, i, {.code = FactCode::DeafTooMuch});
        s.recovery->maybe_missed.push_back(
            {entry.resource->reference(), std::move(listed), s.now + s.config.missed_grace, false, request.sent_at, i});
    }
    if (!page->next.empty()) return next_page(s, request, page->next);
    if (!page->elsewhere.empty()) note_partial(s, i, {.code = FactCode::CheckElsewhere, .about = page->elsewhere});
    check_later(s, i);
    begin_count(s, i);
    // The point up to where nothing is missing moves to the first version that was not known: what was lost together
    // with it is looked for again.
    Checkup& checkup = subscription.checkup;
    subscription.found = std::max(subscription.found, checkup.reached);
    if (checkup.unknown > 0)
        subscription.search_began = std::min(subscription.search_began.value_or(checkup.complete), checkup.complete);
    note_check_request(s);
    search_deletions(s, i, Channel::Poll);
}

} // namespace fhirscope::engine
