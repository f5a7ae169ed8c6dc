#include "app/lookout.hpp"

#include <pthread.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace fhirscope::app {

Lookout::Lookout(std::function<engine::SnapshotPtr()> snapshot) : snapshot_(std::move(snapshot)) {
    thread_ = std::jthread([this](std::stop_token stop) { run(std::move(stop)); });
    pthread_setname_np(thread_.native_handle(), "lookout");
}

Lookout::~Lookout() = default;

void Lookout::run(std::stop_token stop) {
    std::mutex mutex;
    std::condition_variable_any never_told;
    std::unique_lock lock(mutex);
    do {
        if (const engine::SnapshotPtr now = snapshot_()) diagnosis_.update(now);
    } while (!never_told.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; }) && !stop.stop_requested());
}

const diagnosis::Diagnosis& Lookout::end(const engine::SnapshotPtr& last) {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
    if (last) diagnosis_.update(last);
    return diagnosis_;
}

} // namespace fhirscope::app
