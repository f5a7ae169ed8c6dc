#pragma once
// What waits for the engine. Bounded by back-pressure: push() always takes, and says when its caller should stop
// reading.

#include "engine/input.hpp"
#include "fhir/thread_safety.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <vector>

namespace fhirscope::runtime {

// Thread safety: any thread pushes; one thread takes and waits.
class Inbox {
public:
    using Time = std::chrono::steady_clock::time_point;

    // `room` is called on the taking thread when a full inbox is half empty again.
    Inbox(std::size_t max_inputs, std::size_t max_bytes, std::function<void()> room);

    // False: it is full now. What was pushed is kept all the same.
    bool push(engine::Input input);
    // Appends the oldest inputs, at most `max` of them.
    void take(std::vector<engine::Input>& out, std::size_t max);
    // Returns when there is something to take, at `until`, or after wake().
    void wait_until(Time until);
    void wake();

    // For telling that back-pressure works.
    std::size_t peak() const;

private:
    bool full() const FHIRSCOPE_REQUIRES(mutex_) { return inputs_.size() >= max_inputs_ || bytes_ >= max_bytes_; }

    const std::size_t max_inputs_, max_bytes_;
    const std::function<void()> room_;
    mutable Mutex mutex_;
    ConditionVariable changed_;
    std::deque<engine::Input> inputs_ FHIRSCOPE_GUARDED_BY(mutex_);
    std::size_t bytes_ FHIRSCOPE_GUARDED_BY(mutex_) = 0, peak_ FHIRSCOPE_GUARDED_BY(mutex_) = 0;
    bool was_full_ FHIRSCOPE_GUARDED_BY(mutex_) = false, woken_ FHIRSCOPE_GUARDED_BY(mutex_) = false;
};

} // namespace fhirscope::runtime
