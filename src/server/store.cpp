#include "server/store.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace fhirscope::server {

namespace {

using rapidjson::Document;
using rapidjson::StringRef;
using rapidjson::Value;

// What the server adds to meta and REST takes out again.
constexpr std::array<const char*, 3> server_meta = {"author", "project", "compartment"};
// What a client sends in meta without effect, and what a comparison of contents leaves out.
constexpr std::array<const char*, 2> version_meta = {"versionId", "lastUpdated"};

Value text_value(std::string_view text, Document::AllocatorType& memory) {
    return Value(text.data(), static_cast<rapidjson::SizeType>(text.size()), memory);
}

void set(Value& object, const char* name, Value value, Document::AllocatorType& memory) {
    if (auto member = object.FindMember(name); member != object.MemberEnd())
        member->value = std::move(value);
    else
        object.AddMember(StringRef(name), std::move(value), memory);
}

// The content as far as a no-change write compares it. An emptied meta goes, too.
void strip_for_comparison(Document& content) {
    auto meta = content.FindMember("meta");
    if (meta == content.MemberEnd() || !meta->value.IsObject()) return;
    for (const char* name : version_meta) meta->value.RemoveMember(name);
    for (const char* name : server_meta) meta->value.RemoveMember(name);
    if (meta->value.ObjectEmpty()) content.RemoveMember(meta);
}

bool same_content(const Document& content, std::string_view stored) {
    auto old = fhir::parse_json(stored);
    if (!old) return false;
    Document fresh;
    fresh.CopyFrom(content, fresh.GetAllocator());
    strip_for_comparison(fresh);
    strip_for_comparison(*old);
    return fresh == *old;
}

// The patient whose compartment a resource is in, "" for none.
std::string patient_of(const Document& content, std::string_view type, std::string_view id) {
    if (type == "Patient") return "Patient/" + std::string(id);
    for (const char* name : {"for", "subject", "patient", "beneficiary"}) {
        auto member = content.FindMember(name);
        if (member == content.MemberEnd()) continue;
        auto reference = fhir::string_at(member->value, "reference");
        if (reference.starts_with("Patient/")) return std::string(reference);
    }
    return {};
}

} // namespace

std::string_view to_string(Interaction interaction) {
    switch (interaction) {
        case Interaction::Create:
            return "create";
        case Interaction::Update:
            return "update";
        case Interaction::Delete:
            return "delete";
    }
    return "";
}

std::string Version::plain_text() const {
    auto text = resource->text();
    std::string plain;
    plain.reserve(text.size() - extra_size);
    plain.append(text.substr(0, extra_begin));
    plain.append(text.substr(extra_begin + extra_size));
    return plain;
}

Store::Store(StoreOptions options, Random random) : options_(std::move(options)), random_(random) {}

Store::Versions* Store::find(std::string_view type, std::string_view id) {
    return const_cast<Versions*>(std::as_const(*this).find(type, id));
}

const Store::Versions* Store::find(std::string_view type, std::string_view id) const {
    auto records = types_.find(type);
    if (records == types_.end()) return nullptr;
    auto versions = records->second.find(id);
    return versions == records->second.end() ? nullptr : &versions->second;
}

ServerTime Store::time_after(const Version* previous, ServerTime now) const {
    if (!previous) return now;
    return options_.ties ? now : std::max(now, previous->last_updated + std::chrono::milliseconds(1));
}

std::string Store::next_version_id(std::string_view type, std::string_view id) {
    if (!options_.integer_versions) return random_.uuid();
    auto versions = find(type, id);
    return std::to_string(versions && !versions->empty() ? std::stoull(versions->back()->version_id) + 1 : 1);
}

std::shared_ptr<Version> Store::build(Document& content, std::string id, const Author& author, ServerTime now) {
    auto& memory = content.GetAllocator();
    auto version = std::make_shared<Version>();
    version->type = fhir::string_at(content, "resourceType");
    version->id = std::move(id);
    version->version_id = next_version_id(version->type, version->id);
    version->last_updated = now;

    set(content, "id", text_value(version->id, memory), memory);
    if (auto meta = content.FindMember("meta"); meta == content.MemberEnd() || !meta->value.IsObject())
        set(content, "meta", Value(rapidjson::kObjectType), memory);
    Value& meta = content["meta"];
    for (const char* name : server_meta) meta.RemoveMember(name);
    set(meta, "versionId", text_value(version->version_id, memory), memory);
    set(meta, "lastUpdated", text_value(fhir::format_instant(now), memory), memory);

    fhir::JsonWriter json;
    json.object();
    for (const auto& member : content.GetObject()) {
        const std::string_view name(member.name.GetString(), member.name.GetStringLength());
        const std::string value = fhir::to_text(member.value);
        if (&member.value != &meta) {
            json.raw(name, value);
            continue;
        }
        json.object(name).members_of(value);
        version->extra_begin = json.size();
        json.object("author").member("reference", author.reference);
        if (!author.display.empty()) json.member("display", author.display);
        json.end().member("project", options_.project).array("compartment");
        json.object().member("reference", "Project/" + options_.project).end();
        if (auto patient = patient_of(content, version->type, version->id); !patient.empty())
            json.object().member("reference", patient).end();
        json.end();
        version->extra_size = json.size() - version->extra_begin;
        json.end();
    }
    json.end();
    const std::string text = json.take();

    auto resource = fhir::parse_resource(text);
    if (!resource) return nullptr;
    version->resource = std::move(*resource);
    return version;
}

VersionPtr Store::add(Interaction interaction, std::shared_ptr<Version> version, VersionPtr previous) {
    if (!version) return nullptr;
    auto& versions = types_[version->type][version->id];
    bool was_live = !versions.empty() && !versions.back()->deleted();
    versions.push_back(version);
    while (versions.size() > std::max<std::size_t>(1, options_.max_history)) versions.pop_front();
    bool is_live = !version->deleted();
    live_ += static_cast<std::size_t>(is_live && !was_live);
    live_ -= static_cast<std::size_t>(was_live && !is_live);
    ++commits_;
    if (was_live && !is_live) deleted_.emplace_back(version->type, version->id);
    forget_long_gone();
    Commit commit{interaction, version, std::move(previous)};
    if (in_transaction_) transaction_.push_back(commit);
    if (listener_ && (!in_transaction_ || interaction == Interaction::Delete)) listener_(commit);
    return version;
}

void Store::forget_long_gone() {
    if (in_transaction_) return;
    const auto gone = [&](const std::pair<std::string, std::string>& key) {
        auto versions = find(key.first, key.second);
        return versions && !versions->empty() && versions->back()->deleted() ? versions : nullptr;
    };
    for (; deleted_.size() > options_.max_deleted; deleted_.pop_front())
        if (auto versions = gone(deleted_.front())) {
            versions->erase(versions->begin(), versions->end() - 1);
            tombstones_.push_back(std::move(deleted_.front()));
        }
    for (; tombstones_.size() > options_.max_tombstones; tombstones_.pop_front())
        if (gone(tombstones_.front())) types_[tombstones_.front().first].erase(tombstones_.front().second);
}

VersionPtr Store::create(Document content, const Author& author, ServerTime now, std::string_view id) {
    auto chosen = id.empty() ? random_.uuid() : std::string(id);
    auto existing = current(fhir::string_at(content, "resourceType"), chosen);
    auto time = time_after(existing.get(), now);
    return add(Interaction::Create, build(content, std::move(chosen), author, time), nullptr);
}

VersionPtr Store::update(Document content, const Author& author, ServerTime now) {
    std::string id(fhir::string_at(content, "id"));
    auto previous = current(fhir::string_at(content, "resourceType"), id);
    if (previous && !previous->deleted() && same_content(content, previous->full_text())) return previous;
    auto time = time_after(previous.get(), now);
    auto interaction = previous ? Interaction::Update : Interaction::Create;
    return add(interaction, build(content, std::move(id), author, time), std::move(previous));
}

VersionPtr Store::update_in_tie(Document content, const Author& author) {
    std::string id(fhir::string_at(content, "id"));
    auto previous = current(fhir::string_at(content, "resourceType"), id);
    if (!previous || previous->deleted()) return nullptr;
    const auto time = previous->last_updated;
    return add(Interaction::Update, build(content, std::move(id), author, time), std::move(previous));
}

VersionPtr Store::remove(std::string_view type, std::string_view id, ServerTime now) {
    auto previous = current(type, id);
    if (!previous || previous->deleted()) return nullptr;
    auto tombstone = std::make_shared<Version>();
    tombstone->type = type;
    tombstone->id = id;
    tombstone->version_id = next_version_id(type, id);
    tombstone->last_updated = time_after(previous.get(), now);
    return add(Interaction::Delete, std::move(tombstone), std::move(previous));
}

bool Store::expunge(std::string_view type, std::string_view id) {
    const auto versions = find(type, id);
    if (!versions) return false;
    live_ -= static_cast<std::size_t>(!versions->empty() && !versions->back()->deleted());
    auto& records = types_.find(type)->second;
    records.erase(records.find(id));
    return true;
}

VersionPtr Store::current(std::string_view type, std::string_view id) const {
    auto versions = find(type, id);
    return versions && !versions->empty() ? versions->back() : nullptr;
}

VersionPtr Store::version(std::string_view type, std::string_view id, std::string_view version_id) const {
    if (auto versions = find(type, id))
        for (const auto& version : *versions)
            if (version->version_id == version_id) return version;
    return nullptr;
}

std::vector<VersionPtr> Store::history(std::string_view type, std::string_view id) const {
    auto versions = find(type, id);
    return versions ? std::vector<VersionPtr>(versions->rbegin(), versions->rend()) : std::vector<VersionPtr>{};
}

std::vector<VersionPtr> Store::all(std::string_view type) const {
    std::vector<VersionPtr> result;
    if (auto records = types_.find(type); records != types_.end()) {
        result.reserve(records->second.size());
        for (const auto& [id, versions] : records->second)
            if (!versions.empty()) result.push_back(versions.back());
    }
    return result;
}

std::vector<std::string> Store::types() const {
    std::vector<std::string> names;
    for (const auto& [type, records] : types_) names.push_back(type);
    return names;
}

void Store::begin() {
    in_transaction_ = true;
    transaction_.clear();
}

void Store::keep() {
    in_transaction_ = false;
    auto commits = std::exchange(transaction_, {});
    for (const auto& commit : commits)
        if (listener_ && commit.interaction != Interaction::Delete) listener_(commit);
}

void Store::roll_back() {
    in_transaction_ = false;
    auto commits = std::exchange(transaction_, {});
    for (auto commit = commits.rbegin(); commit != commits.rend(); ++commit) {
        auto versions = find(commit->current->type, commit->current->id);
        if (!versions || versions->empty()) continue;
        bool was_live = !versions->back()->deleted();
        versions->pop_back();
        bool is_live = !versions->empty() && !versions->back()->deleted();
        live_ += static_cast<std::size_t>(is_live && !was_live);
        live_ -= static_cast<std::size_t>(was_live && !is_live);
    }
}

} // namespace fhirscope::server
