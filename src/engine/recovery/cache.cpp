
#include "engine/recovery/cache.hpp"

#include "engine/core/journal.hpp"
#include "engine/core/state.hpp"
#include "engine/input_message.hpp"
#include "engine/pipeline/frames.hpp"
#include "engine/pipeline/pipeline.hpp"

#include <algorithm>

namespace fhirscope::engine {
namespace {

// A cache is in the first input of a recording, so it is read for as long as that is.
constexpr std::uint32_t cache_format = 1;

struct Reached {
    std::string criteria;
    ServerTime watermark;
    template <class A>
    void archive(A& a) {
        FHIRSCOPE_FIELDS(a, criteria, watermark);
    }
};

struct KeptResource {
    fhir::ResourcePtr resource;
    template <class A>
    void archive(A& a) {
        if constexpr (A::reading) {
            std::string text, etag, last_modified;
            FHIRSCOPE_FIELDS(a, text, etag, last_modified);
            if (!a.ok()) return;
            auto parsed = fhir::parse_resource(text, fhir::answer_limits(), {etag, last_modified});
            parsed ? void(resource = *parsed) : a.fail();
        } else {
            const std::string_view text = resource->text();
            const auto [etag, last_modified] = fhir::stand_ins(*resource);
            FHIRSCOPE_FIELDS(a, text, etag, last_modified);
        }
    }
};

struct Cache {
    std::uint32_t format = 0;
    LocalTime made{}; // until then it was known to be so
    ServerFacts server;
    std::vector<Reached> reached;
    std::vector<KeptResource> resources;
    template <class A>
    void archive(A& a) {
        FHIRSCOPE_FIELDS(a, format, made, server, reached, resources);
    }
};

std::optional<Cache> read_cache(const std::string& bytes) {
    Cache cache;
    MessageReader reader(bytes);
    return reader.read(cache) && cache.format == cache_format ? std::optional(std::move(cache)) : std::nullopt;
}

std::string to_message(Cache& cache) {
    std::string bytes;
    MessageWriter writer(bytes);
    cache.archive(writer);
    return bytes;
}

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
                cache.resources.push_back({store.records[i]->current().resource});
    cache.format = cache_format;
    cache.made = snapshot.at;
    if (snapshot.server) cache.server = *snapshot.server;
    return to_message(cache);
}

std::optional<ServerFacts> cached_server(const std::string& bytes) {
    auto cache = read_cache(bytes);
    return cache ? std::optional(std::move(cache->server)) : std::nullopt;
}

std::optional<std::string> rewritten_cache(const std::string& bytes, const CacheTexts& texts) {
    auto cache = read_cache(bytes);
    if (!cache) return std::nullopt;
    cache->made += texts.by;
    texts.server(cache->server);
    for (Reached& reached : cache->reached) {
        reached.criteria = texts.criteria(reached.criteria);
        reached.watermark += texts.by;
    }
    for (auto& [resource] : cache->resources) {
        if (!resource) continue;
        fhir::Headers headers = fhir::stand_ins(*resource);
        if (!headers.etag.empty()) headers.etag = texts.etag(headers.etag);
        if (!headers.last_modified.empty()) headers.last_modified = texts.date(headers.last_modified);
        auto rewritten = fhir::parse_resource(texts.resource(resource->text()), fhir::answer_limits(), headers);
        if (!rewritten) return std::nullopt;
        resource = std::move(*rewritten);
    }
    return to_message(*cache);
}

void restore_cache(State& s, const std::string& bytes) {
    auto cache = read_cache(bytes);
    if (!cache) {
        log_event(s, {.code = FactCode::CacheUnusable});
        return;
    }
    for (const Reached& reached : cache->reached)
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
    for (auto& [resource] : cache->resources) {
        if (!resource || !goes_on(*resource)) continue;
        Update update;
        update.reference = resource->reference();
        update.resource = std::move(resource);
        update.received = s.now;
        update.channel = Channel::Cache;
        update.asked = cache->made;
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
