// Searches: the baseline, the catch-up after a gap, and polling while real time fails. Each goes through the same
// steps: what matches now, what was deleted, what left the criteria (PROTOCOL A5, A10, A13).

#include "engine/recovery/recovery.hpp"

#include "engine/connection/phases.hpp"
#include "engine/connection/polling.hpp"
#include "engine/connection/server_clock.hpp"
#include "engine/core/dialect_traits.hpp"
#include "engine/core/journal.hpp"
#include "engine/core/state.hpp"
#include "engine/core/versions.hpp"
#include "engine/dialect/dialect.hpp"
#include "engine/dialect/numbers.hpp"
#include "engine/digest.hpp"
#include "engine/mutation.hpp"
#include "engine/pipeline/frames.hpp"
#include "engine/pipeline/pipeline.hpp"
#include "engine/recovery/cache.hpp"
#include "engine/recovery/history.hpp"
#include "engine/recovery/paging.hpp"
#include "engine/recovery/reads.hpp"
#include "engine/subscriptions/checkup.hpp"
#include "engine/subscriptions/refusals.hpp"
#include "engine/subscriptions/subscriptions.hpp"
#include "fhir/criteria.hpp"
#include "fhir/percent.hpp"
#include "fhir/validate.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::engine {
namespace {

bool has_filter(const Subscription& subscription) { return subscription.view.criteria.find('?') != std::string::npos; }

// A listing that fails is asked for again: after this, and longer each time.
constexpr std::chrono::seconds search_pause{5}, longest_search_pause{60};

void search(State& s, SubscriptionIndex i, Purpose purpose, Channel channel, std::string url,
            std::chrono::milliseconds after = {}) {
    PendingRequest request;
    request.purpose = purpose;
    request.subscription = i;
    request.channel = channel;
    request.sent.method = "GET";
    request.sent.url = std::move(url);
    send_request(s, std::move(request), after);
}

// A search that failed for good. What is bound stays so: it is not to blame.
void search_failed(State& s, const PendingRequest& request, const HttpAnswer& answer, const Fact& problem) {
    const SubscriptionIndex i = request.subscription;
    Subscription& subscription = s.subscriptions[i];
    const bool redirected = answer.status >= 300 && answer.status < 400;
    const bool refused = (is_refusal(answer) && answer.status != 401) || redirected; // asking again is no use
    if (request.channel == Channel::Poll) {
        log_event(s, Fact{.code = FactCode::PollingFailed, .about = subscription.view.criteria}.because(problem), i);
        if (refused && !hears(subscription)) leave_out(s, i, problem);
        return poll_advanced(s, i, true);
    }
    if (refused) return leave_out(s, i, problem);
    if (!subscription.active.confirmed) return; // its binding went meanwhile
    const auto pause =
        std::min<std::chrono::milliseconds>(search_pause * ++subscription.failures, longest_search_pause);
    const Fact failed{.code = FactCode::CatchUpFailed, .about = subscription.view.criteria, .duration = pause};
    log_event(s, failed.because(problem), i);
    restart_search(s, i, request.channel, pause);
    update_phase(s);
}

void caught_up(State& s, const PendingRequest& request) {
    const SubscriptionIndex i = request.subscription;
    Subscription& subscription = s.subscriptions[i];
    subscription.baseline_done = true;
    confirm_all(s, subscription.type);
    subscription.view.watermark = std::max(subscription.view.watermark, subscription.found);
    searched(s, i);
    subscription.view.searched = subscription.search_sent;
    if (request.channel == Channel::Poll) return poll_advanced(s, i, false);
    if (!subscription.active.confirmed) return; // its binding went meanwhile
    subscription.failures = 0;
    SubscriptionView& view = subscription.view;
    // What was under way when the login ended proves nothing of what follows.
    if (const LocalTime from = view.unheard_since; from != never && !s.login_ended()) {
        view.unheard_since = never;
        constexpr std::size_t silences_kept = 16;
        view.silences.push_back({from, view.unheard_noticed, s.now, std::exchange(view.unheard_why, {})});
        if (view.silences.size() > silences_kept) view.silences.erase(view.silences.begin());
    }
    view.proved = s.now;
    set_state(s, i, SubscriptionState::Live);
    check_later(s, i);
    search_ends(s, i);
    update_phase(s);
}

Update found(const State& s, const PendingRequest& request) {
    Update update;
    update.received = s.now;
    update.asked = request.sent_at;
    update.channel = request.channel;
    update.subscription = request.subscription;
    return update;
}

// Frames are late by seconds, not minutes. When there are too many of them a later check finds what is shown in error.
void remember_unseen(State& s, const std::string& reference) {
    constexpr std::chrono::minutes useful{5};
    constexpr std::size_t most = 1'000;
    if (s.recovery->deleted_unseen.size() >= most && !s.recovery->deleted_unseen.contains(reference)) {
        std::erase_if(s.recovery->deleted_unseen, [&](const auto& item) { return item.second + useful < s.now; });
        if (s.recovery->deleted_unseen.size() >= most)
            return log_event(s, {.code = FactCode::UnseenLeftOut, .about = reference, .count = most});
    }
    s.recovery->deleted_unseen[reference] = s.now;
}

// What we wrote is told to all whose criteria it matches, so to us.
void miss_echo(State& s, const MaybeMissed& missed) {
    const Record* held = s.stores.get(missed.reference);
    if (!held || !held->resource() || held->key_only() || !is_listed_as(s, held->current(), missed.listed)) return;
    for (SubscriptionIndex i = 0; i < s.subscriptions.size(); ++i) {
        const Subscription& subscription = s.subscriptions[i];
        if (subscription.type != held->resource()->type() || subscription.view.bound > missed.asked) continue;
        const auto criteria = fhir::Criteria::parse(subscription.view.criteria);
        if (criteria && criteria->matches(*held->resource(), match_mode(s.config)) == fhir::Match::Yes)
            suspect(s, i, {.code = FactCode::EchoMissing, .about = missed.reference});
    }
}

} // namespace

bool is_listed(const fhir::BundleEntry& entry) {
    return entry.resource && entry.search_mode != "outcome" && fhir::is_valid_type(entry.resource->type()) &&
           fhir::is_usable_id(entry.resource->id());
}

bool is_known(const State& s, const std::string& reference, const Listed& listed, LocalTime asked) {
    const std::string key = version_key(listed.version_id, listed.changed);
    const auto unusable = s.recovery->unusable.find(reference);
    if (unusable != s.recovery->unusable.end() && !key.empty() && unusable->second == key) return true;
    const Record* held = s.stores.get(reference);
    if (!held) return false;
    if (is_listed_as(s, held->current(), listed)) return true;
    if (held->changed_at <= asked) return false; // the server knows better, whatever the times say
    return (listed.changed != ServerTime{} && held->current().last_updated > listed.changed) ||
           std::any_of(held->history.begin(), held->history.end(),
                       [&](const VersionPtr& version) { return is_listed_as(s, *version, listed); });
}

bool is_known(const State& s, const fhir::Resource& found, LocalTime asked) {
    const Record* held = s.stores.get(found.reference());
    // The whole of it is there to be compared.
    if (held && held->resource() && !held->key_only()) {
        if (is_same(s, held->current(), found)) return true;
        if (held->current().is(hash_bytes(found.version_id()), found.version_id())) return false;
    }
    return is_known(s, found.reference(), listed_as(s, found), asked);
}

void searched(State& s, SubscriptionIndex i) {
    Subscription& subscription = s.subscriptions[i];
    const ServerTime reached =
        subscription.search_began ? std::min(subscription.found, *subscription.search_began) : subscription.found;
    subscription.view.audited = std::max(subscription.view.audited, reached);
}

bool can_read(const State& s) { return s.live() && !s.login_ended() && (s.socket_open || s.connection.polling); }

std::string since(const State& s, const Subscription& subscription) {
    const ServerTime known = subscription.view.audited;
    const auto overlap = mutated(Mutation::NoOverlap) ? std::chrono::milliseconds(0) : s.config.catch_up_overlap;
    return "_lastUpdated=ge" +
           fhir::percent_encode(fhir::format_instant(std::max(known - overlap, ServerTime{})), fhir::plain_in_search);
}

std::string query(const Subscription& subscription) {
    return subscription.view.criteria + (has_filter(subscription) ? "&" : "?");
}

void catch_up(State& s, SubscriptionIndex i) {
    set_state(s, i, SubscriptionState::CatchingUp);
    begin_search(s, i, s.subscriptions[i].baseline_done ? Channel::CatchUp : Channel::Baseline);
}

void begin_search(State& s, SubscriptionIndex i, Channel channel) {
    s.subscriptions[i].by_offset = false;
    restart_search(s, i, channel);
}

void restart_search(State& s, SubscriptionIndex i, Channel channel, std::chrono::milliseconds after) {
    Subscription& subscription = s.subscriptions[i];
    subscription.search_began = server_now(s);
    subscription.search_sent = s.now;
    subscription.listed = 0;
    if (channel != Channel::Poll) search_begins(s, i);
    std::string url = query(subscription);
    if (subscription.baseline_done) url += since(s, subscription) + "&";
    search(s, i, Purpose::Search, channel, fhir_url(s, url + paged(s, subscription.by_offset)), after);
}

void on_search(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    const SubscriptionIndex i = request.subscription;
    Subscription& subscription = s.subscriptions[i];
    Fact problem;
    auto page = page_of(s, request, answer, problem);
    // The pages before it are of use without it.
    const bool cut = !page && request.pages > 1 && is_refusal(answer) && answer.status != 401;
    if (!page && !cut) return search_failed(s, request, answer, problem);
    if (cut) {
        note_partial(s, i, Fact{.code = FactCode::PageRefused, .count = request.pages}.because(problem));
        page.emplace();
    }
    for (const fhir::Unreadable& lost : page->unreadable) reject_unreadable(s, lost, request.channel, i);
    subscription.listed += page->unreadable.size(); // they were listed all the same
    for (fhir::BundleEntry& entry : page->entries) {
        if (!entry.resource || entry.search_mode == "outcome") continue;
        if (entry.search_mode != "include") ++subscription.listed;
        if (entry.is_deletion()) {
            want_read(s, entry.reference(), {.told = true});
            continue;
        }
        ServerTime& newest = s.subscriptions[i].found;
        if (entry.resource->time_is_exact())
            newest = std::max(newest, entry.resource->last_updated().value_or(ServerTime{}));
        if (mutated(Mutation::WatermarkTooEarly)) s.subscriptions[i].view.audited = newest;
        // The overlap brings the same ones with every poll.
        if (request.channel == Channel::Poll && is_known(s, *entry.resource, request.sent_at)) continue;
        if (request.channel == Channel::Poll) s.polling->found = true;
        Update update = found(s, request);
        update.reference = entry.resource->reference();
        update.resource = std::move(entry.resource);
        enqueue(s, std::move(update));
    }
    pump_reads(s);
    if (!page->next.empty()) return next_page(s, request, page->next);
    const auto listed = static_cast<std::int64_t>(subscription.listed);
    const auto of = static_cast<std::int64_t>(page->total.value_or(0));
    const bool counted = !subscription.baseline_done && request.pages == 1 && page->total;
    if (!page->elsewhere.empty())
        note_partial(s, i, {.code = FactCode::PageElsewhere, .about = page->elsewhere, .count = listed, .to = of});
    else if (counted && subscription.listed < *page->total)
        note_partial(s, i, {.code = FactCode::PageMissing, .count = listed, .to = of});
    if (!subscription.baseline_done || mutated(Mutation::NoDeletedInCatchUp)) return caught_up(s, request);
    search_deletions(s, i, request.channel);
}

// What the other search cannot show: resources deleted in the gap.
void search_deletions(State& s, SubscriptionIndex i, Channel channel) {
    search(s, i, Purpose::Deletions, channel, fhir_url(s, deletions_query(s, i, since(s, s.subscriptions[i]))));
}

void on_deletions(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    const SubscriptionIndex i = request.subscription;
    const Subscription& subscription = s.subscriptions[i];
    Fact problem;
    const auto page = page_of(s, request, answer, problem);
    const bool lacking = !page && lacks_deletions(s, i, answer.status);
    if (!page && !lacking) return search_failed(s, request, answer, problem);
    const bool taken = lacking || take_deletions_of_history(s, *page);
    for (std::size_t e = 0; !taken && e < page->entries.size(); ++e) {
        const fhir::BundleEntry& entry = page->entries[e];
        if (!is_listed(entry)) continue;
        const Record* known = s.stores.get(entry.resource->reference());
        const bool shown = known && known->resource();
        if (!shown && !s.queue.holds(entry.resource->reference())) {
            if (!known) remember_unseen(s, entry.resource->reference());
            continue; // never shown, or known to be deleted
        }
        Update update = found(s, request);
        update.reference = entry.resource->reference();
        update.deleted = true;
        update.deleted_at = entry.resource->last_updated();
        enqueue(s, std::move(update));
    }
    if (page && !page->next.empty()) return next_page(s, request, page->next);
    if (!has_filter(subscription)) return caught_up(s, request);
    // And those that no longer match: nobody tells of them (A13).
    if (request.channel == Channel::Poll && subscription.view.state == SubscriptionState::Live) note_check_request(s);
    search(s, i, Purpose::Exits, request.channel,
           fhir_url(s, subscription.type + "?" + listing_elements(s, subscription.type) + since(s, subscription) + "&" +
                           paged(s, subscription.by_offset)));
}

void on_exits(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    Fact problem;
    const auto page = page_of(s, request, answer, problem);
    if (!page) return search_failed(s, request, answer, problem);
    for (const fhir::BundleEntry& entry : page->entries)
        if (is_listed(entry) &&
            (s.stores.get(entry.resource->reference()) || s.queue.holds(entry.resource->reference())) &&
            !is_known(s, entry.resource->reference(), listed_as(s, *entry.resource), request.sent_at))
            want_read(s, entry.resource->reference());
    if (!page->next.empty()) return next_page(s, request, page->next);
    pump_reads(s);
    caught_up(s, request);
}

void tick_recovery(State& s) {
    while (!s.recovery->maybe_missed.empty() && s.recovery->maybe_missed.front().due <= s.now) {
        MaybeMissed missed = std::move(s.recovery->maybe_missed.front());
        s.recovery->maybe_missed.pop_front();
        if (missed.own) {
            miss_echo(s, missed);
            continue;
        }
        if (!missed.applied) {
            if (is_known(s, missed.reference, missed.listed, missed.asked)) continue;
            if (s.queue.size() > 0) { // it may be among those that wait
                missed.due = s.now + s.config.missed_grace;
                s.recovery->maybe_missed.push_back(std::move(missed));
                continue;
            }
            want_read(s, missed.reference, {.missed = true});
            const Subscription& subscription = s.subscriptions[missed.subscription];
            const bool silent = subscription.view.last_event < subscription.checkup.began;
            if (silent && subscription.view.state == SubscriptionState::Live)
                make_anew(s, missed.subscription, {.code = FactCode::DeafSilent});
            else
                suspect_others(s, missed.subscription, {.code = FactCode::MissedFound, .about = missed.reference});
        } else {
            ++s.counters.recovered;
        }
        ++s.counters.missed;
        log_event(s,
                  {.code = missed.applied ? FactCode::MissedRecovered : FactCode::MissedFound,
                   .about = missed.reference,
                   .name = missed.listed.version_id,
                   .status = static_cast<std::uint16_t>(missed.deleted ? 410 : 0),
                   .from = missed.listed.changed.time_since_epoch().count()},
                  missed.subscription);
    }
    pump_reads(s);
    pump_gaps(s);
}

LocalTime next_recovery(const State& s) {
    const auto& maybe_missed = s.recovery->maybe_missed;
    return earlier(maybe_missed.empty() ? never : maybe_missed.front().due, next_read(s));
}

} // namespace fhirscope::engine
