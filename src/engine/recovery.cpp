// Searches and reads: the baseline, the catch-up after a gap, and what only a GET can settle.

#include <algorithm>

#include "engine/mutation.hpp"
#include "engine/state.hpp"
#include "fhir/criteria.hpp"

namespace fhirscope::engine {
namespace {

constexpr std::uint32_t reads_at_once = 8;
constexpr std::uint32_t read_tries = 5;

std::string since(const State& s, const Subscription& subscription) {
    const auto overlap = mutated(Mutation::NoOverlap) ? std::chrono::milliseconds(0) : s.config.catch_up_overlap;
    return "_lastUpdated=ge" + fhir::percent_encode(fhir::format_instant(subscription.watermark - overlap));
}

void search(State& s, SubscriptionIndex i, Purpose purpose, std::string url) {
    PendingRequest request;
    request.purpose = purpose;
    request.subscription = i;
    request.sent.method = "GET";
    request.sent.url = std::move(url);
    send_request(s, std::move(request));
}

// A search that failed for good: the socket lives on, so only this subscription is made anew.
void search_failed(State& s, SubscriptionIndex i, const std::string& problem) {
    s.subscriptions[i].active = {};
    retry_subscription(s, i, "catch-up failed: " + problem);
    update_phase(s);
}

std::optional<fhir::BundlePage> page_of(const HttpAnswer& answer, std::string& problem) {
    if (answer.status != 200 || !answer.body) {
        problem = describe_answer(answer);
        return std::nullopt;
    }
    auto page = fhir::parse_bundle(*answer.body);
    if (!page) {
        problem = page.error().message;
        return std::nullopt;
    }
    return std::move(*page);
}

void caught_up(State& s, SubscriptionIndex i) {
    s.subscriptions[i].baseline_done = true;
    s.subscriptions[i].failures = 0;
    set_state(s, i, SubscriptionState::Live);
    update_phase(s);
}

void take_read_answer(State& s, const std::string& reference, const HttpAnswer& answer, LocalTime asked) {
    const auto position = s.stores.find(reference);
    if (answer.status == 410) {
        const Record* known = position ? &s.stores.at(*position) : nullptr;
        if (known && known->resource() && known->changed_at > asked) return want_read(s, reference); // written again meanwhile
        Update update;
        update.reference = reference;
        update.deleted = true;
        update.received = s.now;
        update.channel = Channel::Read;
        return enqueue(s, std::move(update));
    }
    if (answer.status == 200 && answer.body) {
        auto resource = fhir::parse_resource(*answer.body);
        if (resource && (*resource)->reference() == reference) {
            Update update;
            update.reference = reference;
            update.resource = std::move(*resource);
            update.received = s.now;
            update.channel = Channel::Read;
            return enqueue(s, std::move(update));
        }
    }
    // A 404 alone never means deleted: it may be hidden by an access policy.
    log_event(s, EventKind::Recovery, Severity::Attention, "reading " + reference + ": " + describe_answer(answer));
    if (position && s.stores.at(*position).standing == Standing::Checking) s.stores.set_standing(*position, Standing::Unconfirmed);
}

} // namespace

void catch_up(State& s, SubscriptionIndex i) {
    Subscription& subscription = s.subscriptions[i];
    set_state(s, i, SubscriptionState::CatchingUp);
    std::string url = subscription.view.criteria + (subscription.view.criteria.find('?') == std::string::npos ? "?" : "&");
    if (subscription.baseline_done) url += since(s, subscription) + "&";
    url += "_sort=_lastUpdated&_count=" + std::to_string(s.config.page_size);
    search(s, i, Purpose::Search, fhir_url(s, url));
}

void on_search(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    const SubscriptionIndex i = request.subscription;
    Subscription& subscription = s.subscriptions[i];
    std::string problem;
    auto page = page_of(answer, problem);
    if (!page) return search_failed(s, i, problem);
    for (fhir::BundleEntry& entry : page->entries) {
        if (!entry.resource || entry.search_mode == "outcome") continue;
        Update update;
        update.reference = entry.resource->reference();
        update.resource = std::move(entry.resource);
        update.received = s.now;
        update.channel = subscription.baseline_done ? Channel::CatchUp : Channel::Baseline;
        update.subscription = i;
        enqueue(s, std::move(update));
    }
    if (!page->next.empty()) return search(s, i, Purpose::Search, page->next);
    if (!subscription.baseline_done || mutated(Mutation::NoDeletedInCatchUp)) return caught_up(s, i);
    // What the search cannot show: resources deleted in the gap.
    search(s, i, Purpose::Deletions,
           fhir_url(s, subscription.type + "?_deleted=true&" + since(s, subscription) + "&_sort=_lastUpdated&_count=" +
                           std::to_string(s.config.page_size)));
}

void on_deletions(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    const SubscriptionIndex i = request.subscription;
    std::string problem;
    const auto page = page_of(answer, problem);
    if (!page) return search_failed(s, i, problem);
    for (const fhir::BundleEntry& entry : page->entries) {
        if (!entry.resource) continue;
        const Record* known = s.stores.get(entry.resource->reference());
        if (!known || !known->resource()) continue; // never shown, or known to be deleted
        Update update;
        update.reference = entry.resource->reference();
        update.deleted = true;
        update.deleted_at = entry.resource->last_updated();
        update.received = s.now;
        update.channel = Channel::CatchUp;
        update.subscription = i;
        enqueue(s, std::move(update));
    }
    if (!page->next.empty()) return search(s, i, Purpose::Deletions, page->next);
    caught_up(s, i);
}

void want_read(State& s, const std::string& reference) {
    WantedRead& read = s.reads[reference]; // a second wish while one waits is the same wish
    read.again = read.request != 0;
}

void pump_reads(State& s) {
    if (!s.live() || s.reads.empty() || !s.socket_open) return;
    auto under_way = static_cast<std::uint32_t>(
        std::count_if(s.reads.begin(), s.reads.end(), [](const auto& item) { return item.second.request != 0; }));
    for (auto& [reference, read] : s.reads) {
        if (under_way >= reads_at_once) return;
        if (read.request != 0) continue;
        PendingRequest request;
        request.purpose = Purpose::Read;
        request.reference = reference;
        request.sent.method = "GET";
        request.sent.url = fhir_url(s, reference);
        ++read.tries;
        read.request = send_request(s, std::move(request));
        ++under_way;
    }
}

void on_read(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    const auto read = s.reads.find(request.reference);
    if (read == s.reads.end()) return;
    if (answer.status == 0 && read->second.tries < read_tries) {
        read->second.request = 0;
    } else {
        if (read->second.again)
            read->second = {};
        else
            s.reads.erase(read);
        take_read_answer(s, request.reference, answer, request.sent_at);
    }
    pump_reads(s);
}

// Another client's exchange: teaches us its Subscriptions, and answers a read that we would have sent.
void on_observed(State& s, const Observed& observed) {
    if (s.live()) {
        ++s.ignored_inputs;
        return;
    }
    ++s.counters.requests;
    if (observed.status == 0 || observed.status >= 400) ++s.counters.request_errors;
    if (observed.status >= 500) ++s.counters.server_errors;
    const std::string_view url = observed.url;
    const auto base = url.find(s.config.fhir_path);
    if (base == std::string_view::npos) return;
    const std::string path(url.substr(base + s.config.fhir_path.size()));
    if (observed.method == "POST" && path == "Subscription" && observed.status == 201 && observed.response_body) {
        const auto created = fhir::parse_resource(*observed.response_body);
        if (!created) return;
        const auto criteria = (*created)->member("criteria");
        if (criteria && criteria->size() >= 2) learn_subscription(s, (*created)->id(), criteria->substr(1, criteria->size() - 2));
        return;
    }
    const auto read = s.reads.find(path);
    if (observed.method != "GET" || read == s.reads.end()) return;
    s.reads.erase(read);
    HttpAnswer answer;
    answer.status = observed.status;
    answer.body = observed.response_body;
    take_read_answer(s, path, answer, s.now);
}

void tick_recovery(State& s) {
    while (!s.maybe_missed.empty() && s.maybe_missed.front().due <= s.now) {
        const MaybeMissed missed = std::move(s.maybe_missed.front());
        s.maybe_missed.pop_front();
        ++s.counters.missed;
        ++s.counters.recovered;
        log_event(s, EventKind::Recovery, Severity::Attention,
                  "missed by the socket, recovered by the catch-up: " + missed.reference +
                      (missed.version_id.empty() ? " (deleted)" : " version " + missed.version_id.substr(0, 8)));
    }
    pump_reads(s);
}

} // namespace fhirscope::engine
