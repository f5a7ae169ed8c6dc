#include "app/live_checks.hpp"

#include <pthread.h>

#include <utility>

namespace fhirscope::app {

LiveChecks::LiveChecks(std::vector<checks::ExpectFile> files) : evaluator_(std::move(files)) {
    thread_ = std::thread([this] { run(); });
    pthread_setname_np(thread_.native_handle(), "checks");
}

LiveChecks::~LiveChecks() { stop(); }

void LiveChecks::add(const engine::Input& input) {
    Lock lock(mutex_);
    while (waiting_.size() >= most_waiting) changed_.wait(lock);
    waiting_.push_back(input);
    if (waiting_.size() == 1) changed_.notify_all();
}

void LiveChecks::run() {
    std::deque<engine::Input> taken;
    Lock lock(mutex_);
    while (true) {
        while (waiting_.empty() && !over_) changed_.wait(lock);
        if (waiting_.empty()) return;
        taken.swap(waiting_);
        changed_.notify_all();
        lock.unlock();
        for (const engine::Input& input : taken) evaluator_.step(input);
        taken.clear();
        lock.lock();
    }
}

void LiveChecks::stop() {
    if (!thread_.joinable()) return;
    {
        Lock lock(mutex_);
        over_ = true;
        changed_.notify_all();
    }
    thread_.join();
}

std::vector<checks::Outcomes> LiveChecks::conclude() {
    stop();
    return evaluator_.conclude();
}

} // namespace fhirscope::app
