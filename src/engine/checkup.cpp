// Silent deafness: heartbeats go on, the screen is stale, and nothing says so (PROTOCOL A13). Every check_period each
// live subscription is asked after (the only probe that sees a Subscription deleted or killed by another socket), and a
// search looks behind it (the only one that sees an expired token, a revoked login or a lost frame). So every kind is
// noticed within check_period + missed_grace and the time of a few requests.

#include "engine/state.hpp"

#include <algorithm>

namespace fhirscope::engine {
namespace {

constexpr const char* status_operation = "/$status";
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

} // namespace

void make_anew(State& s, SubscriptionIndex i, const std::string& why) {
    Subscription& subscription = s.subscriptions[i];
    ++s.counters.deaf;
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
        const bool settled = subscription.view.state == SubscriptionState::Live && !subscription.next;
        if (!settled || checkup.under_way || checkup.due == never || checkup.due > s.now) continue;
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

void on_probe(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    if (!is_current(s, request)) return;
    const SubscriptionIndex i = request.subscription;
    // Where nothing else says that the connection is dead.
    if (answer.status == 0 && !silence_allowed(s))
        return lose_connection(s, "the check was not answered: " + describe_answer(answer));
    if (request.sent.url.ends_with(status_operation)) {
        const auto status = answer.status == 200 && answer.body
                                ? fhir::decode_frame(s.config.dialect.dialect, *answer.body)
                                : fail("", "");
        if (!status || status->kind != fhir::NotificationKind::QueryStatus) // not every server offers it
            return ask(s, i, Purpose::Probe, fhir_url(s, "Subscription/" + request.reference));
        note_numbers(s, i, *status);
    }
    if (answer.status == 404 || answer.status == 410)
        return make_anew(s, i, "deaf: the server no longer has the Subscription, though the socket lives");
    s.subscriptions[i].by_offset = false;
    begin_audit(s, i);
}

void begin_audit(State& s, SubscriptionIndex i) {
    Subscription& subscription = s.subscriptions[i];
    subscription.search_began = server_now(s);
    ask(s, i, Purpose::Audit,
        fhir_url(s, query(subscription) + "_elements=id,meta&" + since(s, subscription) + "&" +
                        paged(s, subscription.by_offset)));
}

void on_audit(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    if (!is_current(s, request)) return;
    const SubscriptionIndex i = request.subscription;
    Subscription& subscription = s.subscriptions[i];
    std::string problem;
    const auto page = page_of(s, request, answer, problem);
    if (!page) {
        log_event(s, EventKind::Recovery, Severity::Attention,
                  subscription.view.criteria + ": the check's search failed: " + problem, i);
        return check_later(s, i);
    }
    for (const fhir::BundleEntry& entry : page->entries) {
        if (!is_listed(entry)) continue;
        const ServerTime changed = entry.resource->last_updated().value_or(ServerTime{});
        subscription.checkup.reached = std::max(subscription.checkup.reached, changed);
        if (is_known(s, *entry.resource, request.sent_at)) continue;
        if (subscription.checkup.unknown++ == 0) subscription.checkup.complete = changed;
        subscription.checkup.complete = std::min(subscription.checkup.complete, changed);
        if (subscription.checkup.unknown > audit_limit)
            return make_anew(s, i, "deaf: more changes were missed than can be listed");
        s.maybe_missed.push_back({entry.resource->reference(), std::string(entry.resource->version_id()),
                                  s.now + s.config.missed_grace, false, changed, request.sent_at, i});
    }
    if (!page->next.empty()) return next_page(s, request, page->next);
    if (!page->elsewhere.empty()) note_partial(s, i, "a check's next page is at " + page->elsewhere);
    check_later(s, i);
    // The point up to where nothing is missing moves to the first version that was not known: what was lost together
    // with it is looked for again.
    Checkup& checkup = subscription.checkup;
    subscription.found = std::max(subscription.found, checkup.reached);
    if (checkup.unknown > 0)
        subscription.search_began = std::min(subscription.search_began.value_or(checkup.complete), checkup.complete);
    search_deletions(s, i, Channel::Poll);
}

} // namespace fhirscope::engine
