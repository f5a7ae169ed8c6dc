#pragma once
// What is held of each resource: its versions, its row in a panel, and how sure we are of it.

#include "engine/chunked.hpp"
#include "engine/types.hpp"
#include "fhir/fields.hpp"
#include "fhir/reference.hpp"
#include "fhir/resource.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fhirscope::engine {

// One version as we came to know it. Immutable once published.
struct Version {
    fhir::ResourcePtr resource; // null: the deletion
    std::uint64_t id_hash = 0;  // of the versionId, so that a search of a long history reads no texts
    std::optional<ServerTime> last_updated;
    LocalTime received;
    Channel channel = Channel::Socket;
    SubscriptionIndex subscription = no_subscription;
    std::uint64_t update = 0;         // its number in the update log
    bool delivered = false;           // by the socket, through `subscription`: once more may be a delete (PROTOCOL A8)
    bool key_only = false;            // its content was given up for room: see fhir::key_of. Of a shown version alone
    std::vector<std::string> changed; // top-level members that differ from the version before it in the history
    // "" for a deletion.
    std::string_view version_id() const { return resource ? resource->version_id() : std::string_view(); }
    bool is(std::uint64_t hash, std::string_view id) const {
        return resource && id_hash == hash && resource->version_id() == id;
    }
    std::size_t memory_bytes() const;
    template <class A>
    void archive(A& a) {
        a(resource, id_hash, last_updated, received, channel, subscription, update, delivered, key_only, changed);
    }
};
using VersionPtr = std::shared_ptr<const Version>;

// The cells of a panel's columns, in their order.
struct Row {
    std::vector<std::string> cells;
    std::size_t memory_bytes() const;
    template <class A>
    void archive(A& a) {
        a(cells);
    }
};
using RowPtr = std::shared_ptr<const Row>;

struct LocalEdit; // conflict.hpp
using LocalEditPtr = std::shared_ptr<const LocalEdit>;

// What a comparison found on the server in place of what is shown, until the read of it is applied.
struct ServerSide {
    std::string version; // as it is shown; "": the server does not list the resource
    LocalTime since;     // when the server changed it, by this clock; when it was found, where nothing says
    RowPtr row;          // what a panel's cells would be; null: the listing held none of it
    template <class A>
    void archive(A& a) {
        a(version, since, row);
    }
};
using ServerSidePtr = std::shared_ptr<const ServerSide>;

// What a copy begins without.
template <class T>
struct NotCopied : T {
    NotCopied() = default;
    NotCopied(const NotCopied&) : T() {}
    NotCopied(NotCopied&&) noexcept = default;
    NotCopied& operator=(const NotCopied&) = delete;
    NotCopied& operator=(NotCopied&&) noexcept = default;
};

enum class Standing : std::uint8_t {
    Current,     // the newest version known, confirmed by the server's own message or answer
    Unconfirmed, // the connection has a gap since it was last confirmed
    Checking,    // a read is under way, because only the server can tell
    Deleted,
    OutOfView, // it cannot be read any more (404, 403): deleted, or hidden from this login
};

// Immutable: a change makes a new one.
struct Record {
    std::string reference; // "Task/8d0c…"
    std::uint32_t index = 0;
    Standing standing = Standing::Current;
    LocalTime changed_at;            // when the shown version arrived
    LocalTime confirmed_at;          // when the server last said that this is the current version
    LocalTime compared_at;           // when an answer to a question of ours said so; the epoch: never
    std::vector<VersionPtr> history; // by lastUpdated, the newest last; bounded
    RowPtr row;                      // null when deleted or no panel shows the type
    std::uint64_t changed_cells = 0; // bit i: column i changed with the shown version
    std::uint32_t versions_seen = 0; // also those no longer in the history
    LocalEditPtr edit;               // pending: its row is what a panel shows; null: none
    ServerSidePtr server_side;       // while it is known to differ (then it is being read); null: it is not

    // The shown version: the newest (a deletion among them).
    const Version& current() const { return *history.back(); }
    const fhir::Resource* resource() const { return history.empty() ? nullptr : history.back()->resource.get(); }
    // Its content was given up for room, and is to be read again before anything is made of it.
    bool key_only() const { return !history.empty() && history.back()->key_only; }
    std::string_view id() const { return fhir::id_part(reference); }
    template <class A>
    void archive(A& a) { // the pending edit is put back by whoever holds the edits
        a(reference, index, standing, changed_at, confirmed_at, compared_at, history, row, changed_cells, versions_seen,
          server_side);
    }
};
using RecordPtr = std::shared_ptr<const Record>;

struct StoreView {
    std::string type;
    // A deleted resource stays as a tombstone, so indexes never move; its place is taken by a new one when no row of
    // the update log names it any more.
    Chunked<RecordPtr>::View records;
    std::size_t deleted = 0;
};

// What an observer is told.
struct Change {
    const Record* before = nullptr; // null: new
    const Record* after = nullptr;
    std::span<const std::string> fields; // top-level members that changed
};

// What an observer wants: a type ("" for all), a resource ("" for all of the type), members (empty for all).
struct Interest {
    std::string type, reference;
    std::vector<std::string> members;
};
using ObserverId = std::uint32_t;

struct StoreLimits {
    std::size_t max_resources = 1'000'000;
    std::size_t max_versions = 32;            // of one resource
    std::size_t max_history_bytes = 1u << 30; // of all versions that are not shown
    // Of those that are, with their rows. Beyond it the ones that were used least recently keep their key alone. Where
    // keys alone are too much, nothing new is taken, and what is shown may exceed it by an eighth.
    std::size_t max_resource_bytes = 1u << 30;
    template <class A>
    void archive(A& a) {
        FHIRSCOPE_FIELDS(a, max_resources, max_versions, max_history_bytes, max_resource_bytes);
    }
};

// Written by the engine alone; read elsewhere through StoreView. A copy shares the records, has no observers, and its
// index is missing until rebuild_index().
class Stores {
public:
    void set_limits(StoreLimits limits) {
        limits_ = limits;
        make_room_above_ = limits.max_resource_bytes;
    }

    struct Position {
        TypeIndex type = no_type;
        std::uint32_t index = no_record;
    };
    std::optional<Position> find(std::string_view reference) const;
    const Record* get(std::string_view reference) const;
    const Record& at(Position p) const { return *pointer(p); }
    const RecordPtr& pointer(Position p) const {
        FHIRSCOPE_ASSERT(p.type < types_.size());
        return types_[p.type].records[p.index];
    }
    TypeIndex type_index(std::string_view type); // makes an empty store for a new type
    bool has_type(std::string_view type) const;
    const std::string& type_name(TypeIndex type) const { return types_[type].type; }
    std::size_t type_count() const { return types_.size(); }
    std::size_t size(TypeIndex type) const { return types_[type].records.size(); }
    std::size_t size() const { return by_reference_.size(); }
    bool full() const { return by_reference_.size() >= limits_.max_resources || out_of_bytes(); }
    bool out_of_bytes() const { return shown_bytes() > limits_.max_resource_bytes; }

    // Puts a new state of a resource at `known`, or a resource that is not held yet (nullopt), within the bounds.
    // `added`: the version that its history has and the state before had not; null when the history was only reordered.
    Position put(std::optional<Position> known, Record record, const Version* added);
    // Somebody looks at it: of all it is given up last.
    void use(Position p) { types_[p.type].used[p.index] = ++uses_; }
    // The content of a shown version of which only the key was left.
    void fill(Position p, fhir::ResourcePtr content, RowPtr row);
    // Row `row` of the update log names it.
    void named(Position p, std::uint64_t row) { types_[p.type].named_by[p.index] = row; }
    // The update log begins with this row: tombstones that only older ones named may be forgotten.
    void rows_begin_at(std::uint64_t row) { rows_begin_ = row; }
    // The server said at this time, by a message of its own or an answer to a question, that the shown version is the
    // current one.
    enum class Word : std::uint8_t { Message, Answer };
    void confirm(Position p, LocalTime at, Word word);
    void set_standing(Position p, Standing standing);
    // It is Checking from here on.
    void set_server_side(Position p, ServerSidePtr server_side);
    void set_edit(Position p, LocalEditPtr edit);

    // Observers are not state: they belong to whoever runs the engine, and are told in the order of their ids.
    ObserverId observe(Interest interest, std::function<void(const Change&)> call);
    void forget(ObserverId id);
    void notify(const Change& change) const;
    bool observed() const { return !observers_.empty(); }

    std::size_t history_bytes() const { return total_bytes_ - resource_bytes_; }
    std::uint64_t dropped_versions() const { return dropped_versions_; }
    std::size_t shown_bytes() const { return resource_bytes_ + record_bytes_; }
    std::uint64_t given_up() const { return given_up_; } // contents, in all
    std::size_t keys_only() const { return keys_only_; } // shown now

    std::vector<StoreView> publish();
    void rebuild_index();

    template <class A>
    void archive(A& a) {
        a(limits_, types_, total_bytes_, resource_bytes_, record_bytes_, dropped_versions_, next_to_shrink_,
          rows_begin_, uses_, given_up_, keys_only_, make_room_above_);
        if constexpr (A::reading) rebuild_index();
    }

private:
    struct TypeStore {
        std::string type;
        Chunked<RecordPtr> records;
        std::size_t deleted = 0;
        std::vector<std::uint64_t> named_by{};  // of each record: the newest row of the update log that names it
        std::vector<std::uint64_t> used{};      // of each record: when it was used last, by uses_
        std::deque<std::uint32_t> tombstones{}; // in the order of deletion; some of them live again
        template <class A>
        void archive(A& a) {
            a(type, deleted, named_by, used, tombstones);
            const std::size_t n = a.count(records.size());
            if constexpr (A::reading) {
                records.clear();
                for (std::size_t i = 0; i < n && a.ok(); ++i) {
                    RecordPtr record;
                    a(record);
                    if (!record || record->history.empty()) return a.fail();
                    records.push_back(std::move(record));
                }
                if (named_by.size() != records.size() || used.size() != records.size()) return a.fail();
                for (const std::uint32_t index : tombstones)
                    if (index >= records.size()) return a.fail();
            } else {
                for (std::size_t i = 0; i < records.size(); ++i) {
                    RecordPtr record = records[i];
                    a(record);
                }
            }
        }
    };
    struct Observer {
        Interest interest;
        std::function<void(const Change&)> call;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const;
    };
    static void standing_changed(TypeStore& store, std::uint32_t index, Standing before, Standing after);
    std::optional<std::uint32_t> vacate(TypeStore& store); // a place whose tombstone is forgotten
    void drop_oldest(Record& record);
    void drop_keys(Record& record);
    void bound_total();
    void bound_shown();
    void give_up(Position p);
    void count(const Record& record, bool comes);
    void replace(Position p, Record record);

    StoreLimits limits_;
    std::uint64_t rows_begin_ = 0;
    std::vector<TypeStore> types_;
    NotCopied<std::unordered_map<std::string, Position, Hash, std::equal_to<>>> by_reference_;
    std::size_t total_bytes_ = 0;    // all versions
    std::size_t resource_bytes_ = 0; // shown versions
    std::size_t record_bytes_ = 0;   // what belongs to a shown version beside it: its row, its place in the store
    std::uint64_t dropped_versions_ = 0;
    std::pair<TypeIndex, std::uint32_t> next_to_shrink_{
        0, 0}; // whose oldest version leaves next when the total is too large
    std::uint64_t uses_ = 0, given_up_ = 0;
    std::size_t keys_only_ = 0;
    std::size_t make_room_above_ = 0; // shown bytes
    NotCopied<std::map<ObserverId, Observer>> observers_;
    ObserverId next_observer_ = 1;
};

} // namespace fhirscope::engine
