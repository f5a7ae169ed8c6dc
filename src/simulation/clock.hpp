#pragma once
// Virtual time: what is to happen, in order, and the two clocks that may disagree about when.

#include "fhir/time.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>

namespace fhirscope::simulation {

// True time since the start of the run, which nobody in the world can read.
using VirtualTime = std::chrono::microseconds;

// What is to happen: by time, and in the order of asking where times are equal.
class EventQueue {
public:
    using Event = std::function<void()>;

    VirtualTime now() const { return now_; }
    void at(VirtualTime time, Event event) {
        events_.emplace(std::pair(std::max(time, now_), number_++), std::move(event));
    }
    void after(VirtualTime delay, Event event) { at(now_ + delay, std::move(event)); }

    bool empty() const { return events_.empty(); }
    // Only when not empty.
    VirtualTime next() const { return events_.begin()->first.first; }
    void step() {
        auto node = events_.extract(events_.begin());
        now_ = node.key().first;
        node.mapped()();
    }
    // Nothing is due before this time.
    void pass_until(VirtualTime time) { now_ = std::max(now_, time); }

private:
    std::map<std::pair<VirtualTime, std::uint64_t>, Event> events_;
    std::uint64_t number_ = 0;
    VirtualTime now_{0};
};

// The engine's clock never goes back (see LocalTime), but may leap or stand still (a suspended machine); the server's
// may do anything.
struct Clocks {
    VirtualTime local_offset{0};
    std::chrono::milliseconds server_offset{0};

    static constexpr std::chrono::seconds begin{1'790'000'000};
    LocalTime local(VirtualTime now) const { return LocalTime(begin + now + local_offset); }
    VirtualTime of_local(LocalTime time) const { return time.time_since_epoch() - begin - local_offset; }
    ServerTime server(VirtualTime now) const {
        return ServerTime(std::chrono::floor<std::chrono::milliseconds>(begin + now) + server_offset);
    }
};

} // namespace fhirscope::simulation
