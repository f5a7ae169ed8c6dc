#pragma once
// What a scan remembers while it is under way: where it is, and the names in the objects around it. Internal to
// src/fhir.

#include "fhir/scanner.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::fhir {

// What an object or array is, as far as we look into it.
enum class Context : std::uint8_t {
    Other,
    Root,
    Links, // Bundle.link
    Link,
    Entries, // Bundle.entry
    Entry,
    EntrySearch,
    EntryRequest,
    EntryResponse,
    Resource,
    Meta,
    StatusSubscription, // SubscriptionStatus.subscription
    StatusEvents,       // SubscriptionStatus.notificationEvent
    StatusEvent,
    StatusFocus,
};

inline bool is_array_context(Context context) {
    return context == Context::Links || context == Context::Entries || context == Context::StatusEvents;
}

inline Context element_context(Context array) {
    switch (array) {
        case Context::Links:
            return Context::Link;
        case Context::Entries:
            return Context::Entry;
        case Context::StatusEvents:
            return Context::StatusEvent;
        default:
            return Context::Other;
    }
}

// An open object or array.
struct Level {
    Context context = Context::Other;
    char closer = '\0';          // '\0' for the outside
    std::uint32_t first_key = 0; // in the list of keys; an array has none of its own
    std::uint32_t count = 0;     // members or elements so far
    std::uint64_t key_bits = 0;  // one bit for each key's hash: a bit not set yet means a new key
};

struct SeenKey {
    std::uint64_t hash = 0;
    std::string_view name; // unescaped
};

// Objects up to this size look for a duplicate key by comparing; larger ones sort their keys once, at their end.
constexpr std::uint32_t max_compared_keys = 32;

template <class Word>
std::uint64_t load(const char* from) {
    Word word = 0;
    std::memcpy(&word, from, sizeof word);
    return word;
}

// Equal names have equal hashes; the reverse is checked by comparing the names.
[[gnu::always_inline]] inline std::uint64_t hash_key(std::string_view name) {
    const std::size_t size = name.size();
    const char* data = name.data();
    std::uint64_t head = 0;
    std::uint64_t tail = 0;
    if (size >= 8) {
        head = load<std::uint64_t>(data);
        tail = load<std::uint64_t>(data + size - 8);
    } else if (size >= 4) {
        head = load<std::uint32_t>(data);
        tail = load<std::uint32_t>(data + size - 4);
    } else if (size > 0) {
        head = static_cast<unsigned char>(data[0]);
        tail = load<std::uint8_t>(data + size / 2) << 8 | load<std::uint8_t>(data + size - 1);
    }
    return (head ^ std::rotl(tail, 29)) * 0x9E3779B97F4A7C15u + size;
}

// The names of the open objects' members. A vector that asks for its capacity once a key and keeps its end in sight.
class KeyStack {
public:
    std::size_t size() const { return static_cast<std::size_t>(end_ - storage_.get()); }
    SeenKey* begin() const { return storage_.get(); }
    SeenKey* end() const { return end_; }
    void clear() {
        if (size_limit() > 16'384) *this = {};
        end_ = begin();
    }
    void shrink(std::size_t size) { end_ = storage_.get() + size; }
    void push(const SeenKey& key) {
        if (end_ == limit_) grow();
        *end_++ = key;
    }

private:
    std::size_t size_limit() const { return static_cast<std::size_t>(limit_ - storage_.get()); }

    [[gnu::noinline]] void grow() {
        const std::size_t used = size();
        auto larger = std::make_unique<SeenKey[]>(used == 0 ? 256 : used * 2);
        std::copy(begin(), end(), larger.get());
        storage_ = std::move(larger);
        end_ = begin() + used;
        limit_ = begin() + (used == 0 ? 256 : used * 2);
    }

    std::unique_ptr<SeenKey[]> storage_;
    SeenKey* end_ = nullptr;
    SeenKey* limit_ = nullptr;
};

// Kept from one call to the next, so that a frame of the usual size allocates nothing here.
struct Workspace {
    std::vector<Level> levels; // level 0 stands for the outside
    KeyStack keys;
    std::deque<std::string> unescaped; // what views with escapes point to
    Scan scan;

    void clear() {
        keys.clear();
        unescaped.clear();
        scan.is_object = false;
        scan.entry_is_list = true;
        scan.resource_type = scan.type = scan.timestamp = scan.total = scan.next = {};
        scan.envelope = Irregularity::None;
        empty(scan.entries);
        empty(scan.resources);
        empty(scan.events);
        empty(scan.fields);
    }

private:
    // What one very large page has needed is given back.
    template <class Element>
    static void empty(std::vector<Element>& list) {
        if (list.capacity() > 16'384)
            std::vector<Element>().swap(list);
        else
            list.clear();
    }
};

} // namespace fhirscope::fhir
