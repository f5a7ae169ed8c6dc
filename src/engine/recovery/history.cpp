// Versions that nobody saw: superseded before a search looked. A search shows the current version alone, so the
// server's history is asked for what lay between. They are counted and named, not applied: they were never current
// here.

#include "engine/recovery/history.hpp"

#include "engine/core/journal.hpp"
#include "engine/core/state.hpp"
#include "engine/core/versions.hpp"
#include "engine/recovery/paging.hpp"
#include "engine/recovery/recovery.hpp"

#include <algorithm>

namespace fhirscope::engine {
namespace {

constexpr std::size_t gaps_kept = 256;
constexpr std::size_t histories_at_once = 2;
constexpr std::uint32_t versions_asked = 100;

Fact fact_of_gap(FactCode code, const Gap& gap) {
    return {.code = code,
            .about = gap.reference,
            .from = gap.from.time_since_epoch().count(),
            .to = gap.to.time_since_epoch().count()};
}

} // namespace

void note_gap(State& s, Gap gap) {
    if (s.history->gaps.size() >= gaps_kept) {
        if (s.counters.unchecked_histories++ == 0) log_event(s, {.code = FactCode::HistoriesLeftOut});
        return;
    }
    s.history->gaps.push_back(std::move(gap));
}

void pump_gaps(State& s) {
    if (!can_read(s)) return;
    auto under_way = std::count_if(s.requests.open.begin(), s.requests.open.end(),
                                   [](const auto& item) { return item.second.purpose == Purpose::History; });
    for (; under_way < static_cast<std::ptrdiff_t>(histories_at_once) && !s.history->gaps.empty(); ++under_way) {
        PendingRequest request;
        request.purpose = Purpose::History;
        request.gap = std::move(s.history->gaps.front());
        s.history->gaps.pop_front();
        request.sent.method = "GET";
        request.sent.url =
            resource_url(s, request.gap.reference) + "/_history?_count=" + std::to_string(versions_asked);
        send_request(s, std::move(request));
    }
}

void on_history(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    Fact problem;
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
        if (unseen > 0) {
            Fact never_seen = fact_of_gap(FactCode::NeverSeen, gap);
            never_seen.count = static_cast<std::int64_t>(unseen);
            log_event(s, std::move(never_seen));
        }
        if (!page->next.empty() && oldest > gap.from) return next_page(s, request, page->next);
    } else {
        ++s.counters.unchecked_histories;
        log_event(s, fact_of_gap(FactCode::HistoryUnread, gap).because(problem));
    }
    pump_gaps(s);
}

} // namespace fhirscope::engine
