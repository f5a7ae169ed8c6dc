#include "gui/model/worker.hpp"

#include <pthread.h>

namespace fhirscope::gui {

Worker::Worker(std::function<void()> news)
    : tell_(std::move(news)), thread_([this](const std::stop_token& stop) { run(stop); }) {
    pthread_setname_np(thread_.native_handle(), "worker"); // as the profiler shows it
}

Worker::~Worker() {
    const Lock lock(mutex_);
    thread_.request_stop();
    waiting_.clear();
    if (running_) running_->request_stop();
    changed_.notify_all();
}

void Worker::post(std::shared_ptr<Work> work) {
    const Lock lock(mutex_);
    std::erase_if(waiting_, [](const auto& one) { return one->stop_.stop_requested(); });
    waiting_.push_back(std::move(work));
    changed_.notify_all();
}

void Worker::wait() {
    Lock lock(mutex_);
    while (running_ || !waiting_.empty()) changed_.wait(lock);
}

std::shared_ptr<Worker::Work> Worker::next(const std::stop_token& stop) {
    Lock lock(mutex_);
    running_.reset();
    changed_.notify_all();
    while (waiting_.empty() && !stop.stop_requested()) changed_.wait(lock);
    if (stop.stop_requested()) return nullptr;
    std::shared_ptr<Work> work = std::move(waiting_.front());
    waiting_.pop_front();
    running_ = work->stop_;
    return work;
}

void Worker::run(const std::stop_token& stop) {
    while (const std::shared_ptr<Work> work = next(stop)) {
        work->run(work->stop_.get_token());
        news_ = true;
        tell_();
    }
}

} // namespace fhirscope::gui
