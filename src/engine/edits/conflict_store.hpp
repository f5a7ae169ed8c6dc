#pragma once
// The conflicts that are kept: the newest, and all that wait for a decision. Internal to src/engine.
// Those that wait have a pending edit each, which is bounded elsewhere.

#include "engine/chunked.hpp"
#include "engine/conflict.hpp"

#include <algorithm>
#include <array>

namespace fhirscope::engine {

std::size_t memory_bytes(const Conflict& conflict); // conflicts.cpp

class ConflictStore {
public:
    static constexpr std::size_t max_bytes = 256u << 20;

    // `bound`: of those decided; up to as many again are kept until room is made.
    std::uint64_t add(Conflict conflict, std::size_t bound) {
        if (kept_.size() >= open_ + 2 * std::max<std::size_t>(bound, 1)) make_room(bound);
        bytes_ += memory_bytes(conflict);
        if (bytes_ > max_bytes) make_room(bound);
        conflict.number = next_++;
        ++counts_[static_cast<std::size_t>(conflict.kind)];
        if (conflict.open()) ++open_;
        const std::uint64_t number = conflict.number;
        kept_.push_back(std::make_shared<const Conflict>(std::move(conflict)));
        return number;
    }
    // Null where it is not kept any more.
    ConflictPtr find(std::uint64_t number) const {
        const std::size_t place = place_of(number);
        return place < kept_.size() && kept_[place]->number == number ? kept_[place] : nullptr;
    }
    void replace(Conflict conflict) {
        const std::size_t place = place_of(conflict.number);
        if (place >= kept_.size() || kept_[place]->number != conflict.number) return;
        open_ -= kept_[place]->open() ? 1 : 0;
        open_ += conflict.open() ? 1 : 0;
        bytes_ += memory_bytes(conflict) - memory_bytes(*kept_[place]);
        kept_.set(place, std::make_shared<const Conflict>(std::move(conflict)));
        if (bytes_ > max_bytes) make_room(kept_.size());
    }
    std::size_t open() const { return open_; }
    const std::array<std::uint64_t, conflict_kinds>& counts() const { return counts_; }
    Chunked<ConflictPtr>::View publish() { return kept_.publish(); }

    template <class A>
    void archive(A& a) {
        a(next_, open_, counts_);
        const std::size_t n = a.count(kept_.size());
        if constexpr (A::reading) kept_.clear(), bytes_ = 0;
        for (std::size_t i = 0; i < n && a.ok(); ++i) {
            ConflictPtr conflict = A::reading ? nullptr : kept_[i];
            a(conflict);
            if constexpr (A::reading) {
                if (!conflict) return a.fail();
                bytes_ += memory_bytes(*conflict);
                kept_.push_back(std::move(conflict));
            }
        }
    }

private:
    std::size_t place_of(std::uint64_t number) const { // numbers grow
        std::size_t low = 0, high = kept_.size();
        while (low < high) {
            const std::size_t middle = (low + high) / 2;
            kept_[middle]->number < number ? low = middle + 1 : high = middle;
        }
        return low;
    }
    // So many of those decided stay, and half the bytes where they were too many.
    void make_room(std::size_t bound) {
        Chunked<ConflictPtr> fewer;
        std::size_t decided = kept_.size() - open_;
        const std::size_t most = bytes_ > max_bytes ? max_bytes / 2 : max_bytes;
        for (std::size_t i = 0; i < kept_.size(); ++i) {
            const bool goes = !kept_[i]->open() && (decided > bound || bytes_ > most);
            if (goes) --decided, bytes_ -= memory_bytes(*kept_[i]);
            if (!goes) fewer.push_back(kept_[i]);
        }
        kept_ = std::move(fewer);
    }

    Chunked<ConflictPtr> kept_;
    std::uint64_t next_ = 1;
    std::size_t open_ = 0, bytes_ = 0;
    std::array<std::uint64_t, conflict_kinds> counts_{};
};

} // namespace fhirscope::engine
