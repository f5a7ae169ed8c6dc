#pragma once
// Waiting for what another thread or process does: the condition decides, not the time.

#include <chrono>
#include <thread>

namespace fhirscope::tests {

// Whether it becomes so within a minute.
template <class Condition>
bool eventually(Condition&& is_so) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!is_so()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

} // namespace fhirscope::tests
