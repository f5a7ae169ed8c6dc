#include "session/content_digest.hpp"

#include "engine/engine.hpp"
#include "session/number.hpp"

#include <xxhash.h>

#include <algorithm>
#include <vector>

namespace fhirscope::session {

namespace {

std::string resource_lines(const engine::Snapshot& snapshot, bool with_bytes) {
    std::vector<std::string> lines;
    for (const engine::StoreView& store : snapshot.stores)
        for (std::size_t i = 0; i < store.records.size(); ++i) {
            const engine::Record& record = *store.records[i];
            std::string line = record.reference;
            const fhir::Resource* const resource = record.resource();
            if (!resource)
                line += " deleted";
            else if (with_bytes)
                line += " " + engine::hash_text(XXH3_64bits(resource->text().data(), resource->text().size()));
            else
                line += " " + std::string(resource->version_id());
            lines.push_back(std::move(line));
        }
    std::sort(lines.begin(), lines.end()); // places in a store are the engine's own business
    std::string all;
    for (const std::string& line : lines) all += line + "\n";
    return all;
}

// What never was is left out, so that another outcome or kind at the end of its list changes nothing.
std::string count_lines(const engine::Snapshot& snapshot) {
    std::string all;
    const auto line = [&](const std::string& name, std::uint64_t count) {
        if (count > 0) all += name + "=" + std::to_string(count) + "\n";
    };
    const engine::MetricsView& metrics = snapshot.metrics;
    for (std::size_t i = 0; i < metrics.outcomes.size(); ++i) line("outcome " + std::to_string(i), metrics.outcomes[i]);
    line("missed", metrics.counters.missed);
    line("recovered", metrics.counters.recovered);
    for (std::size_t i = 0; i < snapshot.conflict_counts.size(); ++i)
        line("conflict " + std::to_string(i), snapshot.conflict_counts[i]);
    return all;
}

std::uint64_t hash_of(const std::string& text) { return XXH3_64bits(text.data(), text.size()); }

std::optional<std::uint64_t> hash_from(std::string_view text) {
    return text.size() == 16 ? number<std::uint64_t>(text, 16) : std::nullopt;
}

} // namespace

ContentDigest content_digest(const engine::Snapshot& snapshot) {
    ContentDigest digest{hash_of(resource_lines(snapshot, false) + count_lines(snapshot)), {}};
    if (snapshot.keys_only == 0) digest.bytes = hash_of(resource_lines(snapshot, true));
    return digest;
}

std::string to_text(const ContentDigest& digest) {
    return engine::hash_text(digest.what) + (digest.bytes ? "-" + engine::hash_text(*digest.bytes) : std::string());
}

std::optional<ContentDigest> content_digest_from(std::string_view text) {
    const auto what = hash_from(text.substr(0, 16));
    if (!what) return std::nullopt;
    if (text.size() == 16) return ContentDigest{*what, {}};
    const auto bytes = text[16] == '-' ? hash_from(text.substr(17)) : std::nullopt;
    return bytes ? std::optional(ContentDigest{*what, bytes}) : std::nullopt;
}

} // namespace fhirscope::session
