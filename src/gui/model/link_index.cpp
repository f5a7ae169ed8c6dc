#include "gui/model/link_index.hpp"

#include "fhir/json.hpp"
#include "fhir/reference.hpp"
#include "gui/model/panels/record_changes.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace fhirscope::gui {

namespace {

constexpr std::string_view reference_member = "\"reference\"";

void walk(const rapidjson::Value& value, const std::string& path, std::vector<Link>& links) {
    if (value.IsArray()) {
        for (rapidjson::SizeType i = 0; i < value.Size(); ++i)
            walk(value[i], path + "[" + std::to_string(i) + "]", links);
    } else if (value.IsObject()) {
        for (const auto& member : value.GetObject()) {
            const std::string name(member.name.GetString(), member.name.GetStringLength());
            if (name == "reference" && member.value.IsString()) {
                const std::string reference(member.value.GetString(), member.value.GetStringLength());
                links.push_back({path, reference, std::string(fhir::local_reference(reference))});
            } else {
                walk(member.value, path.empty() ? name : path + "." + name, links);
            }
        }
    }
}

bool is_space(char ch) { return ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r'; }

} // namespace

std::vector<Link> links_of(const fhir::Resource& resource) {
    std::vector<Link> links;
    if (const auto document = fhir::parse_json(resource.text())) walk(*document, {}, links);
    return links;
}

void find_targets(std::string_view json, std::vector<std::string>& targets) {
    targets.clear();
    for (std::size_t at = json.find(reference_member); at != std::string_view::npos;
         at = json.find(reference_member, at)) {
        at += reference_member.size();
        while (at < json.size() && is_space(json[at])) ++at;
        if (at >= json.size() || json[at] != ':') continue; // a value that reads so
        ++at;
        while (at < json.size() && is_space(json[at])) ++at;
        if (at >= json.size() || json[at] != '"') continue;
        const std::size_t end = json.find_first_of("\"\\", at + 1);
        if (end == std::string_view::npos) return;
        if (json[end] == '"') {
            if (const auto target = fhir::local_reference(json.substr(at + 1, end - at - 1)); !target.empty())
                targets.emplace_back(target);
        } else if (const auto document = fhir::parse_json(json)) { // an escape: read it as JSON is read
            std::vector<Link> links;
            walk(*document, {}, links);
            targets.clear();
            for (Link& link : links)
                if (!link.target.empty()) targets.push_back(std::move(link.target));
            return;
        }
        at = end;
    }
}

std::size_t LinkIndex::Index::set(Place place, const fhir::ResourcePtr& resource, bool key_only) {
    Entry& entry = entries[place.store][place.index];
    if (entry.resource == resource) return 0;
    // Where the content was given up, what it named is still known.
    if (key_only && entry.resource && entry.resource->version_id() == resource->version_id() &&
        entry.resource->reference() == resource->reference()) {
        entry.resource = resource;
        return 0;
    }
    entry.resource = resource;
    found.clear();
    if (resource) find_targets(resource->text(), found);
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    std::vector<std::uint32_t> now;
    now.reserve(found.size());
    for (const std::string& target : found) {
        const auto [known, fresh] = targets.try_emplace(target, static_cast<std::uint32_t>(sources.size()));
        if (fresh) sources.emplace_back();
        now.push_back(known->second);
    }
    const auto has = [](const std::vector<std::uint32_t>& all, std::uint32_t one) {
        return std::find(all.begin(), all.end(), one) != all.end();
    };
    // Most changes leave references alone.
    for (const std::uint32_t target : entry.targets) {
        if (!has(now, target)) {
            std::vector<Place>& named_by = sources[target];
            if (const auto it = std::find(named_by.begin(), named_by.end(), place); it != named_by.end()) {
                *it = named_by.back();
                named_by.pop_back();
            }
        }
    }
    for (const std::uint32_t target : now)
        if (!has(entry.targets, target)) sources[target].push_back(place);
    entry.targets = std::move(now);
    return 1;
}

bool LinkIndex::Index::precedes(const engine::Snapshot& snapshot) const {
    for (std::size_t s = 0; of && s < of->stores.size(); ++s)
        if (s >= snapshot.stores.size() || snapshot.stores[s].type != of->stores[s].type ||
            snapshot.stores[s].records.size() < of->stores[s].records.size())
            return false;
    return true;
}

std::size_t LinkIndex::Index::changed_chunks(const engine::Snapshot& snapshot) const {
    std::size_t changed = 0;
    for (std::size_t s = 0; s < snapshot.stores.size(); ++s)
        snapshot.stores[s].records.for_each_changed_chunk(
            of && s < of->stores.size() ? of->stores[s].records : RecordsView(), [&](std::size_t) { ++changed; });
    return changed;
}

std::size_t LinkIndex::Index::go_on(const engine::SnapshotPtr& snapshot, const std::stop_token& stop) {
    constexpr std::size_t chunk_size = engine::Chunked<engine::RecordPtr>::chunk_size;
    std::size_t read = 0;
    entries.resize(snapshot->stores.size());
    for (std::size_t s = 0; s < snapshot->stores.size(); ++s) {
        const RecordsView& records = snapshot->stores[s].records;
        entries[s].resize(records.size());
        const RecordsView before = of && s < of->stores.size() ? of->stores[s].records : RecordsView();
        records.for_each_changed_chunk(before, [&](std::size_t chunk) {
            leave_if(stop);
            const std::size_t end = std::min(records.size(), (chunk + 1) * chunk_size);
            for (std::size_t i = chunk * chunk_size; i < end; ++i) {
                const engine::Record& record = *records[i];
                read += set({static_cast<std::uint32_t>(s), static_cast<std::uint32_t>(i)},
                            record.history.empty() ? nullptr : record.history.back()->resource, record.key_only());
            }
        });
    }
    of = snapshot;
    return read;
}

void LinkIndex::update(const engine::SnapshotPtr& snapshot, Worker* worker) {
    examined_ = 0;
    if (auto index = job_.take()) index_ = std::move(*index);
    if (job_.pending() || index_.of == snapshot) return;
    if (!index_.precedes(*snapshot)) index_ = {}; // another session
    if (worker == nullptr || index_.changed_chunks(*snapshot) <= at_once) {
        examined_ = index_.go_on(snapshot, {});
        return;
    }
    const auto index = std::make_shared<Index>(std::exchange(index_, {}));
    job_.start(*worker, [snapshot, index](const std::stop_token& stop) {
        index->go_on(snapshot, stop);
        return std::move(*index);
    });
}

const std::vector<LinkIndex::Place>& LinkIndex::to(std::string_view reference) const {
    static const std::vector<Place> none;
    const auto it = index_.targets.find(reference);
    return it == index_.targets.end() ? none : index_.sources[it->second];
}

} // namespace fhirscope::gui
