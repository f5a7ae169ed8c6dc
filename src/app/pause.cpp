#include "app/pause.hpp"

#include <condition_variable>
#include <mutex>

namespace fhirscope::app {

bool stopped_within(const std::stop_token& stop, std::chrono::milliseconds time) {
    std::mutex mutex; // shared with nobody: it is the stop that wakes
    std::condition_variable_any never_told;
    std::unique_lock lock(mutex);
    never_told.wait_for(lock, stop, time, [] { return false; });
    return stop.stop_requested();
}

} // namespace fhirscope::app
