#include "app/lookout.hpp"

#include "app/pause.hpp"

#include <pthread.h>

#include <chrono>
#include <utility>

namespace fhirscope::app {

Lookout::Lookout(std::function<engine::SnapshotPtr()> snapshot, std::function<void()> on_first_incident)
    : snapshot_(std::move(snapshot)), on_first_incident_(std::move(on_first_incident)) {
    thread_ = std::jthread([this](std::stop_token stop) { run(std::move(stop)); });
    pthread_setname_np(thread_.native_handle(), "lookout");
}

Lookout::~Lookout() = default;

void Lookout::run(std::stop_token stop) {
    do {
        if (const engine::SnapshotPtr now = snapshot_()) diagnosis_.update(now);
        if (on_first_incident_ && !diagnosis_.incidents().going_on().empty()) std::exchange(on_first_incident_, {})();
    } while (!stopped_within(stop, std::chrono::seconds(1)));
}

const diagnosis::Diagnosis& Lookout::end(const engine::SnapshotPtr& last) {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
    if (last) diagnosis_.update(last);
    return diagnosis_;
}

} // namespace fhirscope::app
