
#include "engine/recovery/cache.hpp"

#include "engine/archive.hpp"
#include "engine/core/journal.hpp"
#include "engine/core/state.hpp"
#include "engine/pipeline/frames.hpp"
#include "engine/pipeline/pipeline.hpp"

#include <algorithm>

namespace fhirscope::engine {
namespace {

// Changes whenever the layout below does; a cache of another layout is not used.
constexpr std::uint64_t cache_magic = 0x0004'6361'6368'6500u;

struct Reached {
    std::string criteria;
    ServerTime watermark;
    template <class A>
    void archive(A& a) {
        a(criteria, watermark);
    }
};

struct Cache {
    std::uint64_t magic = cache_magic;
    LocalTime made{}; // until then it was known to be so
    ServerFacts server;
    std::vector<Reached> reached;
    std::vector<fhir::ResourcePtr> resources;
    template <class A>
    void archive(A& a) {
        a(magic);
        if constexpr (A::reading)
            if (magic != cache_magic) return a.fail();
        a(made, server, reached, resources);
    }
};

} // namespace

std::string make_cache(const Snapshot& snapshot) {
    Cache cache;
    if (snapshot.queue_size > 0 || snapshot.requests_open > 0) return "";
    // A session that begins with part of a type would take the rest for known.
    const auto is_whole = [&](const std::string& criteria) {
        const std::string_view type = std::string_view(criteria).substr(0, criteria.find('?'));
        for (const StoreView& store : snapshot.stores)
            for (std::size_t i = 0; store.type == type && i < store.records.size(); ++i)
                if (store.records[i]->key_only()) return false;
        return true;
    };
    for (const SubscriptionView& subscription : snapshot.subscriptions)
        if (subscription.audited != ServerTime{} && subscription.partial.empty() && is_whole(subscription.criteria))
            cache.reached.push_back({subscription.criteria, subscription.audited});
    if (cache.reached.empty()) return "";
    for (const StoreView& store : snapshot.stores)
        for (std::size_t i = 0; i < store.records.size(); ++i)
            if (store.records[i]->resource() && !store.records[i]->key_only())
                cache.resources.push_back(store.records[i]->current().resource);
    cache.made = snapshot.at;
    if (snapshot.server) cache.server = *snapshot.server;
    std::string bytes;
    ArchiveWriter writer(bytes);
    writer(cache);
    return bytes;
}

std::optional<ServerFacts> cached_server(const std::string& bytes) {
    Cache cache;
    ArchiveReader reader(bytes);
    reader(cache);
    return reader.ok() && reader.at_end() ? std::optional(std::move(cache.server)) : std::nullopt;
}

void restore_cache(State& s, const std::string& bytes) {
    Cache cache;
    ArchiveReader reader(bytes);
    reader(cache);
    if (!reader.ok() || !reader.at_end()) {
        log_event(s, {.code = FactCode::CacheUnusable});
        return;
    }
    for (const Reached& reached : cache.reached)
        for (Subscription& subscription : s.subscriptions)
            if (subscription.view.criteria == reached.criteria) {
                subscription.view.watermark = subscription.view.audited = reached.watermark;
                subscription.baseline_done = true;
            }
    // Only what a subscription that goes on asks for: nothing would ever confirm the others.
    const auto goes_on = [&](const fhir::Resource& resource) {
        return std::any_of(s.subscriptions.begin(), s.subscriptions.end(), [&](const Subscription& subscription) {
            return subscription.baseline_done && subscription.type == resource.type();
        });
    };
    std::int64_t shown = 0;
    for (fhir::ResourcePtr& resource : cache.resources) {
        if (!resource || !goes_on(*resource)) continue;
        Update update;
        update.reference = resource->reference();
        update.resource = std::move(resource);
        update.received = s.now;
        update.channel = Channel::Cache;
        update.asked = cache.made;
        enqueue(s, std::move(update));
        ++shown;
        // Shown before anything else is asked: what the server says next is compared with it.
        if (s.queue.size() >= s.config.batch) drain(s);
    }
    while (s.queue.size() > 0) drain(s);
    log_event(s, {.code = FactCode::CacheShown, .count = shown});
}

void confirm_all(State& s, const std::string& type) {
    for (TypeIndex t = 0; t < s.stores.type_count(); ++t) {
        if (s.stores.type_name(t) != type) continue;
        for (std::uint32_t i = 0; i < s.stores.size(t); ++i) {
            const Record& record = s.stores.at({t, i});
            if (record.standing == Standing::Unconfirmed && record.current().channel == Channel::Cache)
                s.stores.confirm({t, i}, s.now, Stores::Word::Answer);
        }
    }
}

} // namespace fhirscope::engine
