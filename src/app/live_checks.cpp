#include "app/live_checks.hpp"

#include "fhir/assert.hpp"

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
    while (waiting_.size() >= most_waiting && !over_) changed_.wait(lock);
    if (over_) return;
    waiting_.push_back(input);
    if (waiting_.size() == 1) changed_.notify_all();
}

// A bug of the engine ends the checks here; the session's own engine meets it, too, and says so.
bool LiveChecks::step(const std::deque<engine::Input>& inputs) {
    try {
        for (const engine::Input& input : inputs) evaluator_.step(input);
        return true;
    } catch (const Impossible&) {
        return false;
    }
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
        const bool whole = step(taken);
        taken.clear();
        lock.lock();
        if (whole) continue;
        over_ = true;
        return changed_.notify_all();
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
