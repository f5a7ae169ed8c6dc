#include "gui/model/link_index.hpp"

#include "fhir/json.hpp"
#include "fhir/reference.hpp"

#include <algorithm>

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

void LinkIndex::set(Place place, const fhir::ResourcePtr& resource, bool key_only) {
    Entry& entry = entries_[place.store][place.index];
    if (entry.resource == resource) return;
    // Where the content was given up, what it named is still known.
    if (key_only && entry.resource && entry.resource->version_id() == resource->version_id() &&
        entry.resource->reference() == resource->reference()) {
        entry.resource = resource;
        return;
    }
    entry.resource = resource;
    ++examined_;
    found_.clear();
    if (resource) find_targets(resource->text(), found_);
    std::sort(found_.begin(), found_.end());
    found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
    std::vector<std::uint32_t> now;
    now.reserve(found_.size());
    for (const std::string& target : found_) {
        const auto [known, fresh] = targets_.try_emplace(target, static_cast<std::uint32_t>(sources_.size()));
        if (fresh) sources_.emplace_back();
        now.push_back(known->second);
    }
    const auto has = [](const std::vector<std::uint32_t>& all, std::uint32_t one) {
        return std::find(all.begin(), all.end(), one) != all.end();
    };
    // Most changes leave references alone.
    for (const std::uint32_t target : entry.targets) {
        if (!has(now, target)) {
            std::vector<Place>& sources = sources_[target];
            if (const auto it = std::find(sources.begin(), sources.end(), place); it != sources.end()) {
                *it = sources.back();
                sources.pop_back();
            }
        }
    }
    for (const std::uint32_t target : now)
        if (!has(entry.targets, target)) sources_[target].push_back(place);
    entry.targets = std::move(now);
}

void LinkIndex::begin(const engine::SnapshotPtr& snapshot) {
    bool other = snapshot->stores.size() < types_.size();
    for (std::size_t s = 0; s < types_.size() && !other; ++s)
        other = snapshot->stores[s].type != types_[s] || snapshot->stores[s].records.size() < entries_[s].size();
    if (other) // another session
        *this = LinkIndex();
    pass_ = snapshot;
    store_ = chunk_ = 0;
    for (std::size_t s = types_.size(); s < snapshot->stores.size(); ++s) types_.push_back(snapshot->stores[s].type);
    entries_.resize(snapshot->stores.size());
}

void LinkIndex::update(const engine::SnapshotPtr& snapshot, std::chrono::microseconds budget) {
    using clock = std::chrono::steady_clock;
    const auto began = clock::now();
    examined_ = 0;
    if (!pass_) {
        if (done_ == snapshot) return;
        begin(snapshot);
    }
    constexpr std::size_t chunk_size = engine::Chunked<engine::RecordPtr>::chunk_size;
    for (; store_ < pass_->stores.size(); ++store_, chunk_ = 0) {
        const auto& records = pass_->stores[store_].records;
        entries_[store_].resize(std::max(entries_[store_].size(), records.size()));
        while (chunk_ < records.chunk_count()) {
            const std::size_t chunk = chunk_++;
            if (done_ && store_ < done_->stores.size() &&
                done_->stores[store_].records.chunk_identity(chunk) == records.chunk_identity(chunk))
                continue;
            const std::size_t end = std::min(records.size(), (chunk + 1) * chunk_size);
            for (std::size_t i = chunk * chunk_size; i < end; ++i) {
                const engine::Record& record = *records[i];
                set({static_cast<std::uint32_t>(store_), static_cast<std::uint32_t>(i)},
                    record.history.empty() ? nullptr : record.history.back()->resource, record.key_only());
            }
            if (budget != std::chrono::microseconds::max() && clock::now() - began >= budget) return;
        }
    }
    done_ = std::move(pass_);
    pass_.reset();
}

double LinkIndex::progress() const {
    if (!pass_) return done_ ? 1.0 : 0.0;
    std::size_t all = 0;
    std::size_t looked_at = 0;
    for (std::size_t s = 0; s < pass_->stores.size(); ++s) {
        const std::size_t chunks = pass_->stores[s].records.chunk_count();
        all += chunks;
        looked_at += s < store_ ? chunks : s == store_ ? chunk_ : 0;
    }
    return all > 0 ? static_cast<double>(looked_at) / static_cast<double>(all) : 1.0;
}

const std::vector<LinkIndex::Place>& LinkIndex::to(std::string_view reference) const {
    static const std::vector<Place> none;
    const auto it = targets_.find(reference);
    return it == targets_.end() ? none : sources_[it->second];
}

} // namespace fhirscope::gui
