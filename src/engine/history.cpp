// Versions that nobody saw: superseded before a search looked. A search shows the current version alone, so the
// server's history is asked for what lay between. They are counted and named, not applied: they were never current
// here.

#include "engine/state.hpp"

#include <algorithm>

namespace fhirscope::engine {
namespace {

constexpr std::size_t gaps_kept = 256;
constexpr std::size_t histories_at_once = 2;
constexpr std::uint32_t versions_asked = 100;

std::string range_text(const Gap& gap) {
    return fhir::format_instant(gap.from) + " to " + fhir::format_instant(gap.to);
}

} // namespace

void note_gap(State& s, Gap gap) {
    if (s.gaps.size() >= gaps_kept) {
        if (s.counters.unchecked_histories++ == 0)
            log_event(s, EventKind::Limit, Severity::Attention,
                      "more resources changed in a gap than histories are read of; versions that nobody saw are not "
                      "all counted");
        return;
    }
    s.gaps.push_back(std::move(gap));
}

void pump_gaps(State& s) {
    if (!can_read(s)) return;
    auto under_way = std::count_if(s.requests.begin(), s.requests.end(),
                                   [](const auto& item) { return item.second.purpose == Purpose::History; });
    for (; under_way < static_cast<std::ptrdiff_t>(histories_at_once) && !s.gaps.empty(); ++under_way) {
        PendingRequest request;
        request.purpose = Purpose::History;
        request.gap = std::move(s.gaps.front());
        s.gaps.pop_front();
        request.sent.method = "GET";
        request.sent.url =
            resource_url(s, request.gap.reference) + "/_history?_count=" + std::to_string(versions_asked);
        send_request(s, std::move(request));
    }
}

void on_history(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    std::string problem;
    const Gap& gap = request.gap;
    if (const auto page = page_of(s, request, answer, problem)) {
        std::uint64_t unseen = 0;
        ServerTime oldest = gap.to;
        for (const fhir::BundleEntry& entry : page->entries) {
            if (!entry.resource || !entry.resource->last_updated()) continue;
            const ServerTime at = *entry.resource->last_updated();
            oldest = std::min(oldest, at);
            const Record* held = s.stores.get(gap.reference);
            const bool here =
                held && std::any_of(held->history.begin(), held->history.end(),
                                    [&](const VersionPtr& version) { return is_same(s, *version, *entry.resource); });
            if (at > gap.from && at < gap.to && !here) ++unseen;
        }
        s.counters.never_seen += unseen;
        if (unseen > 0)
            log_event(s, EventKind::Recovery, Severity::Attention,
                      "never seen: " + std::to_string(unseen) + (unseen == 1 ? " version of " : " versions of ") +
                          gap.reference + ", from " + range_text(gap));
        if (!page->next.empty() && oldest > gap.from) return next_page(s, request, page->next);
    } else {
        ++s.counters.unchecked_histories;
        log_event(s, EventKind::Recovery, Severity::Attention,
                  "the history of " + gap.reference + " cannot be read, so what was never seen from " +
                      range_text(gap) + " is unknown: " + problem);
    }
    pump_gaps(s);
}

} // namespace fhirscope::engine
