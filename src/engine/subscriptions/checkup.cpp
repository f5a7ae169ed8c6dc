// Silent deafness: heartbeats go on, the screen is stale, and nothing says so (PROTOCOL A13). Every check_period each
// live subscription is asked after (the only probe that sees a Subscription deleted or killed by another socket), and a
// search looks behind it (the only one that sees an expired token, a revoked login or a lost frame). So every kind is
// noticed within check_period + missed_grace and the time of a few requests.

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

constexpr const char* status_operation = "/$status";
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
    send_request(s, std::move(request));
}

// The binding that the check began with is still the one in use.
bool is_current(const State& s, const PendingRequest& request) {
    const Subscription& subscription = s.subscriptions[request.subscription];
    return subscription.checkup.under_way && subscription.active.confirmed &&
           subscription.active.id == request.reference;
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
    const auto mode =
        s.config.dialect.dialect == fhir::Dialect::Medplum ? fhir::MatchMode::Medplum : fhir::MatchMode::Spec;
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
    update_phase(s);
}

void check_later(State& s, SubscriptionIndex i) {
    Subscription& subscription = s.subscriptions[i];
    Checkup& checkup = subscription.checkup;
    checkup.under_way = false;
    checkup.due = s.now + s.config.check_period;
}

void tick_checkups(State& s) {
    if (!s.live() || !s.socket_open) return;
    for (SubscriptionIndex i = 0; i < s.subscriptions.size(); ++i) {
        Subscription& subscription = s.subscriptions[i];
        Checkup& checkup = subscription.checkup;
        if (const LocalTime due = count_due(subscription); due != never && due <= s.now) ask_count(s, i);
        if (!is_live_alone(subscription) || checkup.under_way || checkup.due == never || checkup.due > s.now) continue;
        checkup.under_way = true;
        checkup.began = s.now;
        checkup.unknown = 0;
        checkup.reached = subscription.view.audited;
        ++s.counters.checks;
        // Where events are numbered, $status tells their number as well (PROTOCOL B3): what never came shows by it.
        ask(s, i, Purpose::Probe,
            fhir_url(s, "Subscription/" + subscription.active.id + (numbers_events(s.config) ? status_operation : "")));
    }
}

LocalTime next_checkup(const State& s) {
    LocalTime earliest = never;
    if (!s.socket_open) return never;
    for (const Subscription& subscription : s.subscriptions) {
        if (subscription.active.id.empty()) continue;
        earliest = earlier(earliest, count_due(subscription));
        if (is_live_alone(subscription) && !subscription.checkup.under_way)
            earliest = earlier(earliest, subscription.checkup.due);
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
    search_deletions(s, i, Channel::Poll);
}

} // namespace fhirscope::engine
