#pragma once
// Updates that wait for the pipeline: bounded, by priority without starvation, in order for each resource.

#include "engine/types.hpp"
#include "fhir/resource.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace fhirscope::engine {

// Two writers at once: the newer lastUpdated is not always the server's current version (PROTOCOL A13, A14).
constexpr std::chrono::milliseconds race{150};
inline bool are_moments_apart(std::optional<ServerTime> a, std::optional<ServerTime> b) {
    return a && b && std::chrono::abs(*a - *b) <= race;
}

// One version (or one deletion) on its way to the store.
struct Update {
    std::string reference; // "Type/id", from the focus or the resource
    fhir::ResourcePtr resource;
    bool deleted = false;
    std::optional<ServerTime> sent;
    std::optional<ServerTime> deleted_at; // for a deletion, where the server says when
    LocalTime received;
    LocalTime asked{}; // when the request was sent that this answers; none for what came by the socket
    Channel channel = Channel::Socket;
    SubscriptionIndex subscription = no_subscription;
    std::uint64_t frame = UINT64_MAX;
    bool raced = false; // it took the place of one that had waited and was moments older
    template <class A>
    void archive(A& a) {
        a(reference, resource, deleted, sent, deleted_at, received, asked, channel, subscription, frame, raced);
    }
};

enum class Priority : std::uint8_t { Focused, Urgent, Routine };

class UpdateQueue {
public:
    // What became of an update that was offered.
    struct Offered {
        bool accepted = true;             // false: the queue is full; its resource must be read instead
        std::optional<Update> superseded; // an older version of the same resource that waited, now taken out
    };
    // Superseded versions are taken out only while more than `coalesce_above` updates wait: when the pipeline keeps up,
    // every version is shown. Moved from only when accepted.
    Offered offer(Update&& update, Priority priority, std::size_t max_count, std::size_t max_bytes,
                  std::size_t coalesce_above);

    // The next one: the highest priority that has any, but every fourth from the lowest that has, so none starves.
    // Something of this resource waits.
    bool holds(std::string_view reference) const;
    std::optional<Update> take();

    std::size_t size() const { return size_; }
    std::size_t bytes() const { return bytes_; }
    std::size_t peak() const { return peak_; }

    template <class A>
    void archive(A& a) {
        a(lanes_, newest_, size_, bytes_, peak_, turn_);
    }

private:
    static constexpr std::size_t lane_count = 3;
    struct Entry {
        Update update;
        bool gone = false; // superseded while it waited
        template <class A>
        void archive(A& a) {
            a(update, gone);
        }
    };
    struct Lane {
        std::deque<Entry> entries;
        std::uint64_t first = 0; // number of entries.front()
        std::size_t waiting = 0; // without those gone
        template <class A>
        void archive(A& a) {
            a(entries, first, waiting);
        }
    };
    struct Place {
        std::uint8_t lane = 0;
        std::uint64_t number = 0;
        template <class A>
        void archive(A& a) {
            a(lane, number);
        }
    };
    static std::size_t cost(const Update& update);

    std::array<Lane, lane_count> lanes_;
    std::unordered_map<std::uint64_t, Place> newest_; // by hash of the reference: the last one that waits
    std::size_t size_ = 0, bytes_ = 0, peak_ = 0;
    std::uint64_t turn_ = 0;
};

} // namespace fhirscope::engine
