#include "engine/digest.hpp"
#include "engine/store.hpp"

#include <algorithm>

namespace fhirscope::engine {

std::size_t Version::memory_bytes() const {
    // Sizes, not capacities: the bound must act alike in an engine that was restored.
    std::size_t bytes = sizeof(Version) + changed.size() * sizeof(std::string);
    if (resource) bytes += resource->memory_bytes();
    return bytes;
}

std::size_t Stores::Hash::operator()(std::string_view text) const { return hash_bytes(text); }

std::optional<Stores::Position> Stores::find(std::string_view reference) const {
    const auto found = by_reference_.find(reference);
    return found == by_reference_.end() ? std::nullopt : std::optional(found->second);
}

const Record* Stores::get(std::string_view reference) const {
    const auto position = find(reference);
    return position ? &at(*position) : nullptr;
}

TypeIndex Stores::type_index(std::string_view type) {
    for (std::size_t i = 0; i < types_.size(); ++i)
        if (types_[i].type == type) return static_cast<TypeIndex>(i);
    types_.push_back({std::string(type), {}, 0});
    return static_cast<TypeIndex>(types_.size() - 1);
}

Stores::Position Stores::put(std::optional<Position> known, Record record, const Version* added) {
    if (added) total_bytes_ += added->memory_bytes();
    resource_bytes_ += record.current().memory_bytes();
    if (!known) {
        Position position;
        position.type = type_index(std::string_view(record.reference).substr(0, record.reference.find('/')));
        TypeStore& store = types_[position.type];
        position.index = static_cast<std::uint32_t>(store.records.size());
        record.index = position.index;
        if (record.standing == Standing::Deleted) ++store.deleted;
        by_reference_.emplace(record.reference, position);
        store.records.push_back(std::make_shared<const Record>(std::move(record)));
        return position;
    }
    const Position position = *known;
    TypeStore& store = types_[position.type];
    const Record& before = *store.records[position.index];
    resource_bytes_ -= before.current().memory_bytes();
    if (before.standing == Standing::Deleted) --store.deleted;
    if (record.standing == Standing::Deleted) ++store.deleted;
    if (record.history.size() > limits_.max_versions) drop_oldest(record);
    store.records.set(position.index, std::make_shared<const Record>(std::move(record)));
    if (history_bytes() > limits_.max_history_bytes) bound_total();
    return position;
}

void Stores::drop_oldest(Record& record) {
    total_bytes_ -= record.history.front()->memory_bytes();
    record.history.erase(record.history.begin());
    ++dropped_versions_;
}

// Takes the oldest version from one resource after the other, round and round.
void Stores::bound_total() {
    auto& [type, index] = next_to_shrink_;
    while (history_bytes() > limits_.max_history_bytes) {
        if (type >= types_.size()) type = 0, index = 0;
        TypeStore& store = types_[type];
        if (index >= store.records.size()) {
            ++type, index = 0;
            continue;
        }
        if (store.records[index]->history.size() > 1) {
            Record record = *store.records[index];
            drop_oldest(record);
            store.records.set(index, std::make_shared<const Record>(std::move(record)));
        }
        ++index;
    }
}

void Stores::confirm(Position p, LocalTime at, Standing standing) {
    Record record = this->at(p);
    record.confirmed_at = at;
    record.standing = record.current().resource ? standing : Standing::Deleted;
    types_[p.type].records.set(p.index, std::make_shared<const Record>(std::move(record)));
}

void Stores::set_standing(Position p, Standing standing) {
    if (at(p).standing == standing) return;
    Record record = at(p);
    if (record.standing == Standing::Deleted) --types_[p.type].deleted;
    if (standing == Standing::Deleted) ++types_[p.type].deleted;
    record.standing = standing;
    types_[p.type].records.set(p.index, std::make_shared<const Record>(std::move(record)));
}

ObserverId Stores::observe(Interest interest, std::function<void(const Change&)> call) {
    observers_.emplace(next_observer_, Observer{std::move(interest), std::move(call)});
    return next_observer_++;
}

void Stores::forget(ObserverId id) { observers_.erase(id); }

void Stores::notify(const Change& change) const {
    const std::string& reference = change.after->reference;
    for (const auto& [id, observer] : observers_) {
        const Interest& interest = observer.interest;
        if (!interest.reference.empty() && interest.reference != reference) continue;
        if (!interest.type.empty() && !(reference.starts_with(interest.type) && reference[interest.type.size()] == '/'))
            continue;
        const bool appeared_or_left = !change.before || !change.before->resource() || !change.after->resource();
        const bool touched =
            interest.members.empty() || appeared_or_left ||
            std::any_of(change.fields.begin(), change.fields.end(), [&](const std::string& field) {
                return std::find(interest.members.begin(), interest.members.end(), field) != interest.members.end();
            });
        if (touched) observer.call(change);
    }
}

std::vector<StoreView> Stores::publish() {
    std::vector<StoreView> views;
    views.reserve(types_.size());
    for (TypeStore& store : types_) views.push_back({store.type, store.records.publish(), store.deleted});
    return views;
}

void Stores::rebuild_index() {
    by_reference_.clear();
    for (std::size_t t = 0; t < types_.size(); ++t)
        for (std::size_t i = 0; i < types_[t].records.size(); ++i)
            by_reference_.emplace(types_[t].records[i]->reference,
                                  Position{static_cast<TypeIndex>(t), static_cast<std::uint32_t>(i)});
}

} // namespace fhirscope::engine
