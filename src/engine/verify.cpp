// "Local = server": all stores against a full read of the server, subscription by subscription.

#include <algorithm>

#include "engine/state.hpp"

namespace fhirscope::engine {
namespace {

constexpr std::uint32_t passes_allowed = 3; // data that changes while it is compared is compared again
constexpr std::size_t differences_listed = 100;

void ask(State& s, std::string url) {
    PendingRequest request;
    request.purpose = Purpose::Verify;
    request.sent.method = "GET";
    request.sent.url = std::move(url);
    send_request(s, std::move(request));
}

void ask_next_subscription(State& s) {
    Verification& v = s.verification;
    const Subscription& subscription = s.subscriptions[v.next_subscription++];
    v.types.insert(subscription.type);
    const std::string& criteria = subscription.view.criteria;
    ask(s, fhir_url(s, criteria + (criteria.find('?') == std::string::npos ? "?" : "&") + "_sort=_lastUpdated&_count=" +
                           std::to_string(s.config.page_size)));
}

void start_pass(State& s) {
    Verification& v = s.verification;
    v.server.clear();
    v.types.clear();
    v.next_subscription = 0;
    v.updates_at_start = s.counters.applied;
    ++v.passes;
    ask_next_subscription(s);
}

void compare(State& s) {
    Verification& v = s.verification;
    v.view.differences.clear();
    v.view.difference_count = 0;
    v.view.compared = v.server.size();
    const auto differs = [&](std::string text) {
        ++v.view.difference_count;
        if (v.view.differences.size() < differences_listed) v.view.differences.push_back(std::move(text));
    };
    for (const auto& [reference, version] : v.server) {
        const auto position = s.stores.find(reference);
        const Record* held = position ? &s.stores.at(*position) : nullptr;
        if (!held || !held->resource())
            differs(reference + ": the server has version " + version.substr(0, 8) + (held ? ", here it is deleted" : ", here it is unknown"));
        else if (held->current().version_id() != version)
            differs(reference + ": here version " + std::string(held->current().version_id().substr(0, 8)) + ", the server has " + version.substr(0, 8));
        else
            s.stores.confirm(*position, s.now, Standing::Current);
    }
    for (TypeIndex t = 0; t < s.stores.type_count(); ++t) {
        if (!v.types.contains(s.stores.type_name(t))) continue;
        for (std::uint32_t i = 0; i < s.stores.size(t); ++i) {
            const Record& held = s.stores.at({t, i});
            if (held.resource() && !v.server.contains(held.reference))
                differs(held.reference + ": here version " + std::string(held.current().version_id().substr(0, 8)) + ", the server does not list it");
        }
    }
    const bool moved = v.updates_at_start != s.counters.applied || s.queue.size() > 0 || !s.reads.empty();
    if (v.view.difference_count > 0 && moved && v.passes < passes_allowed) return start_pass(s);
    v.view.state = v.view.difference_count == 0 ? VerifyView::State::Equal : VerifyView::State::Different;
    v.view.at = s.now;
    v.server.clear();
    log_event(s, EventKind::Verify, v.view.difference_count ? Severity::Error : Severity::Info,
              "compared " + std::to_string(v.view.compared) + " resources with the server: " +
                  (v.view.difference_count ? std::to_string(v.view.difference_count) + " differ" : std::string("all equal")));
}

} // namespace

void begin_verify(State& s) {
    Verification& v = s.verification;
    if (v.view.state == VerifyView::State::Running) return;
    v.view = {};
    v.passes = 0;
    v.view.state = VerifyView::State::Running;
    v.view.at = s.now;
    if (!s.live()) return fail_verify(s, "a replayed session has no server to compare with");
    if (s.subscriptions.empty()) return fail_verify(s, "nothing is subscribed");
    start_pass(s);
}

void fail_verify(State& s, std::string problem) {
    Verification& v = s.verification;
    v.view.state = VerifyView::State::Failed;
    v.view.at = s.now;
    v.view.problem = std::move(problem);
    v.server.clear();
    log_event(s, EventKind::Verify, Severity::Error, "comparing with the server: " + v.view.problem);
}

void on_verify(State& s, const PendingRequest&, const HttpAnswer& answer) {
    if (s.verification.view.state != VerifyView::State::Running) return;
    if (answer.status != 200 || !answer.body) return fail_verify(s, describe_answer(answer));
    const auto page = fhir::parse_bundle(*answer.body);
    if (!page) return fail_verify(s, page.error().message);
    for (const fhir::BundleEntry& entry : page->entries)
        if (entry.resource && entry.search_mode != "outcome")
            s.verification.server[entry.resource->reference()] = entry.resource->version_id();
    if (!page->next.empty()) return ask(s, page->next);
    if (s.verification.next_subscription < s.subscriptions.size()) return ask_next_subscription(s);
    compare(s);
}

} // namespace fhirscope::engine
