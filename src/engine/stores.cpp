#include "engine/digest.hpp"
#include "engine/mutation.hpp"
#include "engine/store.hpp"
#include "fhir/assert.hpp"
#include "fhir/reference.hpp"
#include "fhir/utf8.hpp"

#include <algorithm>

namespace fhirscope::engine {
namespace {

// Of a resource whose content was given up.
constexpr std::size_t longest_kept_row = 4u << 10, longest_kept_cell = 256;

RowPtr short_row(const Row& row) {
    auto shortened = std::make_shared<Row>(row);
    for (std::string& cell : shortened->cells) fhir::cut_utf8(cell, longest_kept_cell);
    return shortened;
}

// What it costs beside its versions.
std::size_t own_bytes(const Record& record) {
    return sizeof(Record) + record.reference.size() + (record.row ? record.row->memory_bytes() : 0);
}

} // namespace

std::size_t Version::memory_bytes() const {
    // Sizes, not capacities: the bound must act alike in an engine that was restored.
    std::size_t bytes = sizeof(Version) + changed.size() * sizeof(std::string);
    if (resource) bytes += resource->memory_bytes();
    return bytes;
}

std::size_t Row::memory_bytes() const {
    std::size_t bytes = sizeof(Row) + cells.size() * sizeof(std::string);
    for (const std::string& cell : cells) bytes += cell.size();
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

bool Stores::has_type(std::string_view type) const {
    return std::any_of(
        types_.begin(), types_.end(), [&](const TypeStore& store) { return store.type == type; });
}

TypeIndex Stores::type_index(std::string_view type) {
    for (std::size_t i = 0; i < types_.size(); ++i)
        if (types_[i].type == type) return static_cast<TypeIndex>(i);
    types_.push_back({.type = std::string(type), .records = {}});
    return static_cast<TypeIndex>(types_.size() - 1);
}

void Stores::count(const Record& record, bool comes) {
    const std::size_t shown = record.current().memory_bytes(), own = own_bytes(record);
    FHIRSCOPE_ASSERT(comes || (resource_bytes_ >= shown && record_bytes_ >= own));
    FHIRSCOPE_ASSERT(comes || !record.key_only() || keys_only_ > 0);
    resource_bytes_ = comes ? resource_bytes_ + shown : resource_bytes_ - shown;
    record_bytes_ = comes ? record_bytes_ + own : record_bytes_ - own;
    if (record.key_only()) keys_only_ = comes ? keys_only_ + 1 : keys_only_ - 1;
}

void Stores::replace(Position p, Record record) {
    FHIRSCOPE_ASSERT(record.index == p.index && record.reference == at(p).reference);
    count(at(p), false);
    count(record, true);
    types_[p.type].records.set(p.index, std::make_shared<const Record>(std::move(record)));
}

Stores::Position Stores::put(std::optional<Position> known, Record record, const Version* added) {
    FHIRSCOPE_ASSERT(!record.history.empty());
    FHIRSCOPE_ASSERT(record.standing != Standing::Deleted || !record.resource()); // a deletion is shown
    if (added) total_bytes_ += added->memory_bytes();
    Position position;
    if (known) {
        position = *known;
        drop_keys(record);
        standing_changed(types_[position.type], position.index, at(position).standing, record.standing);
        if (record.history.size() > limits_.max_versions) drop_oldest(record);
        replace(position, std::move(record));
    } else {
        position.type = type_index(fhir::type_part(record.reference));
        TypeStore& store = types_[position.type];
        const auto vacant = vacate(store);
        position.index = vacant.value_or(static_cast<std::uint32_t>(store.records.size()));
        record.index = position.index;
        by_reference_.emplace(record.reference, position);
        count(record, true);
        const Standing standing = record.standing;
        auto shared = std::make_shared<const Record>(std::move(record));
        if (vacant) {
            store.records.set(position.index, std::move(shared));
        } else {
            store.records.push_back(std::move(shared));
            store.named_by.push_back(0);
            store.used.push_back(0);
        }
        standing_changed(store, position.index, Standing::Current, standing);
    }
    use(position);
    if (history_bytes() > limits_.max_history_bytes) bound_total();
    if (shown_bytes() > make_room_above_) bound_shown();
    return position;
}

void Stores::fill(Position p, fhir::ResourcePtr content, RowPtr row) {
    Record record = at(p);
    auto version = std::make_shared<Version>(record.current());
    total_bytes_ -= version->memory_bytes();
    version->resource = std::move(content);
    version->id_hash = hash_bytes(version->resource->version_id());
    version->last_updated = version->resource->last_updated();
    version->key_only = false;
    total_bytes_ += version->memory_bytes();
    record.history.back() = std::move(version);
    if (row) record.row = std::move(row);
    replace(p, std::move(record));
    use(p);
    if (shown_bytes() > make_room_above_) bound_shown();
}

void Stores::standing_changed(TypeStore& store, std::uint32_t index, Standing before, Standing after) {
    if ((before == Standing::Deleted) == (after == Standing::Deleted)) return;
    if (after != Standing::Deleted) {
        FHIRSCOPE_ASSERT(store.deleted > 0);
        --store.deleted;
        return;
    }
    ++store.deleted;
    store.tombstones.push_back(index);
    if (store.tombstones.size() <= 2 * store.records.size() + 64) return;
    // Something is deleted and lives again, over and over, and is listed each time.
    store.tombstones.clear();
    for (std::uint32_t i = 0; i < store.records.size(); ++i)
        if (i == index || store.records[i]->standing == Standing::Deleted) store.tombstones.push_back(i);
}

std::optional<std::uint32_t> Stores::vacate(TypeStore& store) {
    while (!store.tombstones.empty()) {
        const std::uint32_t index = store.tombstones.front();
        store.tombstones.pop_front();
        const Record& record = *store.records[index];
        if (record.standing != Standing::Deleted) continue; // lives again
        if (store.named_by[index] >= rows_begin_) {
            store.tombstones.push_back(index); // not this time
            return std::nullopt;
        }
        for (const VersionPtr& version : record.history) {
            FHIRSCOPE_ASSERT(total_bytes_ >= version->memory_bytes());
            total_bytes_ -= version->memory_bytes();
        }
        count(record, false);
        FHIRSCOPE_ASSERT(store.deleted > 0 && by_reference_.contains(record.reference));
        --store.deleted;
        by_reference_.erase(by_reference_.find(record.reference));
        return index;
    }
    return std::nullopt;
}

void Stores::drop_oldest(Record& record) {
    FHIRSCOPE_ASSERT(record.history.size() > 1); // what is shown stays
    FHIRSCOPE_ASSERT(total_bytes_ >= record.history.front()->memory_bytes());
    total_bytes_ -= record.history.front()->memory_bytes();
    record.history.erase(record.history.begin());
    ++dropped_versions_;
}

// A version that is shown no longer, and of which only the key is left, tells nothing.
void Stores::drop_keys(Record& record) {
    for (std::size_t i = record.history.size() - 1; i-- > 0;) {
        if (!record.history[i]->key_only) continue;
        total_bytes_ -= record.history[i]->memory_bytes();
        record.history.erase(record.history.begin() + static_cast<std::ptrdiff_t>(i));
        ++dropped_versions_;
    }
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

// Gives up contents, those used least recently first, till an eighth is free: so this is done rarely, whatever it costs
// to look at all records. What is edited is kept, and what was used last.
void Stores::bound_shown() {
    if (mutated(Mutation::KeepAllContents)) return;
    struct Candidate {
        std::uint64_t used;
        Position at;
    };
    std::vector<Candidate> candidates;
    for (std::size_t t = 0; t < types_.size(); ++t)
        for (std::size_t i = 0; i < types_[t].records.size(); ++i) {
            const Record& record = *types_[t].records[i];
            if (record.resource() && !record.key_only() && !record.edit && types_[t].used[i] != uses_)
                candidates.push_back({types_[t].used[i], {static_cast<TypeIndex>(t), static_cast<std::uint32_t>(i)}});
        }
    std::sort(candidates.begin(), candidates.end(),
              [](const Candidate& a, const Candidate& b) { return a.used < b.used; });
    const std::size_t eighth = limits_.max_resource_bytes / 8, target = limits_.max_resource_bytes - eighth;
    for (const Candidate& candidate : candidates) {
        if (shown_bytes() <= target) break;
        give_up(candidate.at);
    }
    make_room_above_ = std::max(limits_.max_resource_bytes, shown_bytes() + eighth);
}

void Stores::give_up(Position p) {
    Record record = at(p);
    FHIRSCOPE_ASSERT(record.resource() && !record.key_only() && !record.edit); // an edit needs its base
    auto version = std::make_shared<Version>(record.current());
    total_bytes_ -= version->memory_bytes();
    version->resource = fhir::key_of(*version->resource);
    version->key_only = true;
    total_bytes_ += version->memory_bytes();
    record.history.back() = std::move(version);
    if (record.row && record.row->memory_bytes() > longest_kept_row) record.row = short_row(*record.row);
    replace(p, std::move(record));
    ++given_up_;
}

void Stores::confirm(Position p, LocalTime at, Word word) {
    Record record = this->at(p);
    record.confirmed_at = at;
    if (word == Word::Answer) record.compared_at = at;
    const Standing after = record.current().resource ? Standing::Current : Standing::Deleted;
    standing_changed(types_[p.type], p.index, record.standing, after);
    record.standing = after;
    record.server_side = nullptr;
    types_[p.type].records.set(p.index, std::make_shared<const Record>(std::move(record)));
}

void Stores::set_standing(Position p, Standing standing) {
    if (at(p).standing == standing) return;
    Record record = at(p);
    standing_changed(types_[p.type], p.index, record.standing, standing);
    record.standing = standing;
    record.server_side = nullptr;
    types_[p.type].records.set(p.index, std::make_shared<const Record>(std::move(record)));
}

void Stores::set_server_side(Position p, ServerSidePtr server_side) {
    Record record = at(p);
    standing_changed(types_[p.type], p.index, record.standing, Standing::Checking);
    record.standing = Standing::Checking;
    record.server_side = std::move(server_side);
    types_[p.type].records.set(p.index, std::make_shared<const Record>(std::move(record)));
}

void Stores::set_edit(Position p, LocalEditPtr edit) {
    if (!edit && !at(p).edit) return;
    Record record = at(p);
    record.edit = std::move(edit);
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
