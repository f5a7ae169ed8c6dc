#include "engine/core/queue.hpp"

#include "engine/digest.hpp"
#include "engine/mutation.hpp"
#include "fhir/assert.hpp"

#include <algorithm>

namespace fhirscope::engine {

std::size_t UpdateQueue::cost(const Update& update) {
    return sizeof(Entry) + update.reference.size() + (update.resource ? update.resource->memory_bytes() : 0);
}

UpdateQueue::Offered UpdateQueue::offer(Update&& update, Priority priority, std::size_t max_count,
                                        std::size_t max_bytes, std::size_t coalesce_above) {
    Offered result;
    const std::size_t bytes = cost(update);
    const std::uint64_t key = hash_bytes(update.reference);
    const auto known = newest_.find(key);
    if (known != newest_.end() && size_ > coalesce_above && update.resource) {
        Lane& lane = lanes_[known->second.lane];
        FHIRSCOPE_ASSERT(known->second.number >= lane.first &&
                         known->second.number - lane.first < lane.entries.size()); // it waits
        Entry& waiting = lane.entries[static_cast<std::size_t>(known->second.number - lane.first)];
        const bool newer = waiting.update.reference == update.reference && waiting.update.resource &&
                           !waiting.update.deleted && update.resource->last_updated() &&
                           waiting.update.resource->last_updated() &&
                           waiting.update.resource->last_updated() < update.resource->last_updated() &&
                           waiting.update.resource->time_is_exact() == update.resource->time_is_exact();
        if (newer) {
            FHIRSCOPE_ASSERT(!waiting.gone && lane.waiting > 0 && bytes_ >= cost(waiting.update));
            bytes_ -= cost(waiting.update);
            --size_;
            --lane.waiting;
            waiting.gone = true;
            update.raced = are_moments_apart(waiting.update.resource->last_updated(), update.resource->last_updated());
            result.superseded = std::move(waiting.update);
            waiting.update = {};
        }
    }
    if (!mutated(Mutation::UnboundedQueue) && (size_ >= max_count || bytes_ + bytes > max_bytes)) {
        result.accepted = false;
        if (result.superseded) newest_.erase(key);
        return result;
    }
    const auto lane_number = static_cast<std::uint8_t>(priority);
    Lane& lane = lanes_[lane_number];
    const Place place{lane_number, lane.first + lane.entries.size()};
    if (known != newest_.end())
        known->second = place;
    else
        newest_.emplace(key, place);
    lane.entries.push_back({std::move(update), false});
    ++lane.waiting;
    bytes_ += bytes;
    peak_ = std::max(peak_, ++size_);
    return result;
}

bool UpdateQueue::holds(std::string_view reference) const { return newest_.contains(hash_bytes(reference)); }

std::optional<Update> UpdateQueue::take() {
    if (size_ == 0) return std::nullopt;
    // Of eight turns two begin with the lowest lane and one with the middle one, so none starves.
    ++turn_;
    static constexpr std::size_t orders[][lane_count] = {{0, 1, 2}, {1, 0, 2}, {2, 1, 0}};
    for (const std::size_t number : orders[turn_ % 4 == 0 ? 2 : turn_ % 8 == 2 ? 1 : 0]) {
        Lane& lane = lanes_[number];
        if (lane.waiting == 0) continue;
        while (!lane.entries.empty() && lane.entries.front().gone) {
            lane.entries.pop_front();
            ++lane.first;
        }
        FHIRSCOPE_ASSERT(!lane.entries.empty()); // so many wait as it says
        Update update = std::move(lane.entries.front().update);
        const auto known = newest_.find(hash_bytes(update.reference));
        const auto lane_number = static_cast<std::uint8_t>(&lane - lanes_.data());
        if (known != newest_.end() && known->second.lane == lane_number && known->second.number == lane.first)
            newest_.erase(known);
        lane.entries.pop_front();
        ++lane.first;
        --lane.waiting;
        --size_;
        FHIRSCOPE_ASSERT(bytes_ >= cost(update));
        bytes_ -= cost(update);
        return update;
    }
    impossible("one of the lanes has what waits");
}

} // namespace fhirscope::engine
