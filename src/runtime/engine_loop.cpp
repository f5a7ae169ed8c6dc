#include "runtime/engine_loop.hpp"

#include "fhir/assert.hpp"

#include <pthread.h>
#include <time.h>

#include <algorithm>
#include <utility>
#include <variant>

namespace fhirscope::runtime {
namespace {

constexpr std::size_t batch_max = 64; // inputs taken under one lock

std::uint64_t stage_clock() {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
            .count());
}

// Since the start of the machine.
std::chrono::microseconds asleep_in_all() {
    const auto now = [](clockid_t clock) {
        timespec time{};
        clock_gettime(clock, &time);
        return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
    };
    return std::chrono::duration_cast<std::chrono::microseconds>(now(CLOCK_BOOTTIME) - now(CLOCK_MONOTONIC));
}

} // namespace

EngineLoop::EngineLoop(EngineLoopOptions options, EngineHost& host)
    : options_(std::move(options)),
      host_(host),
      inbox_(options_.inbox_max, options_.inbox_max_bytes, [this] { host_.on_room(); }),
      asleep_(asleep_in_all()) {}

EngineLoop::~EngineLoop() { stop(); }

void EngineLoop::start(engine::Start first) {
    engine_.set_stage_clock(&stage_clock);
    {
        const Lock lock(mutex_);
        snapshot_ = engine_.publish();
    }
    push(std::move(first));
    thread_ = std::thread([this] { run(); });
    pthread_setname_np(thread_.native_handle(), "engine"); // as the profiler shows it
}

void EngineLoop::stop() {
    if (!thread_.joinable()) return;
    {
        const Lock lock(mutex_);
        stopping_ = true;
    }
    inbox_.wake();
    thread_.join();
}

bool EngineLoop::push(engine::InputBody body, LocalTime at) { return inbox_.push({at, std::move(body)}); }

engine::SnapshotPtr EngineLoop::snapshot() const {
    const Lock lock(mutex_);
    return snapshot_;
}

bool EngineLoop::run_until(const std::function<bool(const engine::Snapshot&)>& predicate,
                           std::chrono::milliseconds timeout) const {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    Lock lock(mutex_);
    for (;;) {
        const engine::SnapshotPtr current = snapshot_;
        const std::uint64_t seen = publications_;
        const bool over = ended_;
        if (current) {
            lock.unlock();
            if (predicate(*current)) return true;
            lock.lock();
        }
        if (over && failure_) std::rethrow_exception(failure_);
        if (over) return false;
        while (publications_ == seen && ended_ == over)
            if (!published_.wait_until(lock, deadline) && publications_ == seen && ended_ == over) return false;
    }
}

void EngineLoop::check() const {
    const Lock lock(mutex_);
    if (failure_) std::rethrow_exception(failure_);
}

std::uint64_t EngineLoop::state_hash() const { return engine_.state_hash(); }

void EngineLoop::run() {
    std::exception_ptr failure;
    try {
        go_on();
    } catch (const Impossible&) {
        failure = std::current_exception();
        if (options_.on_impossible) options_.on_impossible();
    }
    const Lock lock(mutex_);
    failure_ = failure;
    ended_ = true;
    published_.notify_all();
}

void EngineLoop::go_on() {
    for (;;) {
        {
            const Lock lock(mutex_);
            if (stopping_) break;
        }
        const bool busy = advance();
        // Half-way (received, not yet applied) only under load that does not end.
        if (!engine_.wants_drain() || since_drain_ >= options_.inputs_per_drain) publish_if_due();
        if (options_.between) options_.between(engine_);
        if (busy) continue;
        // Looked at once a second, so that a sleep is noticed before what it delayed.
        const auto until = std::min(next_event(), InputClock::Steady::now() + std::chrono::seconds(1));
        inbox_.wait_until(until);
        notice_sleep(until);
    }
    publish();
    if (options_.on_finish) options_.on_finish(engine_);
}

// Does the next thing there is to do. False: nothing.
bool EngineLoop::advance() {
    if (batch_done_ == batch_.size()) {
        batch_.clear();
        batch_done_ = 0;
        inbox_.take(batch_, batch_max);
    }
    if (batch_done_ < batch_.size()) {
        engine::Input input = std::move(batch_[batch_done_++]);
        tick_if_due(input.at);
        step(std::move(input.body), input.at);
        // At the time of the input before, not now: those that wait were received earlier than now.
        if (++since_drain_ >= options_.inputs_per_drain && engine_.wants_drain()) step(engine::Drain{}, last_at_);
        return true;
    }
    const LocalTime now = clock_.now();
    tick_if_due(now);
    if (engine_.wants_drain()) {
        step(engine::Drain{}, now);
        return true;
    }
    return false;
}

// It was to wake at `until` and did not: the process was stopped. What the machine slept, its steady clock does not
// know, but another one does.
void EngineLoop::notice_sleep(InputClock::Steady::time_point until) {
    using std::chrono::microseconds;
    constexpr std::chrono::seconds shortest{2}; // less is a busy machine
    const auto now = InputClock::Steady::now();
    const microseconds asleep = asleep_in_all();
    const microseconds late = until < now ? std::chrono::duration_cast<microseconds>(now - until) : microseconds(0);
    const microseconds slept = std::max(asleep - std::exchange(asleep_, asleep), late);
    if (slept < shortest) return;
    // Before the ticks that are due since, which would take the silence for the server's.
    step(engine::Woken{std::chrono::duration_cast<std::chrono::milliseconds>(slept)}, last_at_);
}

// More than one, where the engine asks for the next that is due too; but each must be later than the one before.
void EngineLoop::tick_if_due(LocalTime time) {
    bool later = true;
    while (later && wake_at_ && *wake_at_ <= time) {
        const LocalTime due = *std::exchange(wake_at_, std::nullopt);
        later = due > last_at_;
        step(engine::Tick{}, due);
    }
}

void EngineLoop::step(engine::InputBody body, LocalTime at) {
    last_at_ = std::max(last_at_, at);
    if (std::holds_alternative<engine::Drain>(body)) since_drain_ = 0;
    const engine::Input input{last_at_, std::move(body)};
    if (options_.on_input) options_.on_input(input);
    for (engine::Effect& effect : engine_.step(input))
        if (const auto* wake = std::get_if<engine::WakeAt>(&effect))
            wake_at_ = wake->at;
        else
            host_.perform(std::move(effect));
    changed_ = true;
}

void EngineLoop::publish_if_due() {
    if (changed_ && InputClock::Steady::now() >= published_at_ + options_.publish_interval) publish();
}

void EngineLoop::publish() {
    changed_ = false;
    published_at_ = InputClock::Steady::now();
    engine::SnapshotPtr fresh = engine_.publish();
    kept_.push_back(fresh);
    if (kept_.size() > kept) kept_.pop_front();
    {
        const Lock lock(mutex_);
        snapshot_.swap(fresh);
        ++publications_;
    }
    published_.notify_all();
    if (options_.on_snapshot) options_.on_snapshot();
}

InputClock::Steady::time_point EngineLoop::next_event() const {
    auto next = InputClock::Steady::time_point::max();
    if (wake_at_) next = clock_.steady_at(*wake_at_);
    if (changed_) next = std::min(next, published_at_ + options_.publish_interval);
    return next;
}

} // namespace fhirscope::runtime
