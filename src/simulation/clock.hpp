#pragma once
// Virtual time: what is to happen, in order, and the clocks that may disagree about when.

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

constexpr std::chrono::seconds clocks_begin{1'790'000'000};

// A client's clock never goes back (see LocalTime), but may leap or stand still (a suspended machine).
struct LocalClock {
    VirtualTime offset{0};

    LocalTime at(VirtualTime now) const { return LocalTime(clocks_begin + now + offset); }
    VirtualTime of(LocalTime time) const { return time.time_since_epoch() - clocks_begin - offset; }
};

// The server's may do anything.
struct ServerClock {
    std::chrono::milliseconds offset{0};

    ServerTime at(VirtualTime now) const {
        return ServerTime(std::chrono::floor<std::chrono::milliseconds>(clocks_begin + now) + offset);
    }
};

} // namespace fhirscope::simulation
