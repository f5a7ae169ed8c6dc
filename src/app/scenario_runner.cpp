#include "app/scenario_runner.hpp"

#include <algorithm>

namespace fhirscope::app {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

} // namespace

ScenarioRunner::ScenarioRunner(Scenario scenario, server::EmbeddedServer& server, Faults& faults,
                               runtime::Runtime& client, Options options)
    : scenario_(std::move(scenario)),
      options_(std::move(options)),
      length_(scenario_.length()),
      server_(server),
      faults_(faults),
      client_(client),
      zero_(Clock::now()),
      thread_([this] { run(); }) {}

ScenarioRunner::~ScenarioRunner() { stop(); }

void ScenarioRunner::stop_soon() {
    {
        const Lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
}

void ScenarioRunner::stop() {
    stop_soon();
    if (thread_.joinable()) thread_.join();
}

void ScenarioRunner::cancel() {
    stop_soon();
    std::vector<Fault> begun;
    {
        const Lock lock(mutex_);
        cancelled_ = true;
        begun.assign(begun_.begin(), begun_.end());
    }
    faults_.end_soon(begun);
}

bool ScenarioRunner::cancelled() const {
    const Lock lock(mutex_);
    return cancelled_;
}

void ScenarioRunner::pause(bool paused) {
    {
        const Lock lock(mutex_);
        if (paused == status_.paused) return;
        if (paused)
            paused_at_ = Clock::now();
        else
            zero_ += Clock::now() - paused_at_;
        status_.paused = paused;
    }
    wake_.notify_all();
}

void ScenarioRunner::next() {
    pause(false);
    {
        const Lock lock(mutex_);
        for (std::size_t i = status_.step; i < scenario_.steps.size(); ++i) {
            const ScenarioStep& step = scenario_.steps[i];
            if (step.deed != Deed::Say || step.at <= skip_to_) continue;
            skip_to_ = step.at;
            break;
        }
    }
    wake_.notify_all();
}

ScenarioRunner::Status ScenarioRunner::status() const {
    Status status;
    std::set<Fault> begun;
    {
        const Lock lock(mutex_);
        status = status_;
        status.position = status.waits ? 0ms : position();
        begun = begun_;
        if (status.over || status.position >= caption_ends_) status.caption.reset();
    }
    for (const Fault fault : begun) {
        const auto left = faults_.left(fault);
        if (!left) continue;
        status.fault_left = std::max(status.fault_left.value_or(0ms), *left);
        status.cuts_off |= cuts_off(fault);
    }
    return status;
}

std::chrono::milliseconds ScenarioRunner::scaled(std::chrono::milliseconds time) const {
    return std::max(1ms, std::chrono::milliseconds(static_cast<std::int64_t>(static_cast<double>(time.count()) /
                                                                             std::max(options_.speed, 1e-3))));
}

bool ScenarioRunner::stopping() const {
    const Lock lock(mutex_);
    return stopping_;
}

std::chrono::milliseconds ScenarioRunner::position() const {
    const auto passed = (status_.paused ? paused_at_ : Clock::now()) - zero_;
    return std::chrono::milliseconds(
        static_cast<std::int64_t>(std::chrono::duration<double, std::milli>(passed).count() * options_.speed));
}

bool ScenarioRunner::stopped_until(std::chrono::milliseconds time) {
    Lock lock(mutex_);
    while (!stopping_) {
        const auto left = time - position();
        if (left <= 0ms) break;
        if (time <= skip_to_)
            zero_ -= std::chrono::duration_cast<Clock::duration>(left / options_.speed);
        else if (status_.paused)
            wake_.wait(lock);
        else
            wake_.wait_for(lock, scaled(left));
    }
    return stopping_;
}

std::chrono::milliseconds ScenarioRunner::begin_of(const ScenarioStep& step) const {
    const Lock lock(mutex_);
    // What was waited for may have taken longer than its time: each caption is there to be read all the same.
    const bool rushed = step.deed == Deed::Say && step.at > skip_to_;
    return rushed ? std::max(step.at, caption_ends_) : step.at;
}

std::chrono::milliseconds ScenarioRunner::end_of_captions() const {
    const Lock lock(mutex_);
    return std::max(length_, caption_ends_);
}

void ScenarioRunner::run() {
    std::string problem = set_up();
    const bool begun = problem.empty();
    seen_ = client_.snapshot()->metrics.counters;
    events_seen_ = client_.snapshot()->events.end();
    for (std::size_t i = 0; i < scenario_.steps.size() && problem.empty(); ++i) {
        const ScenarioStep& step = scenario_.steps[i];
        const std::string place = "step " + std::to_string(i + 1) + " of " + std::to_string(scenario_.steps.size()) +
                                  " (" +
                                  std::string(step.deed == Deed::Begin ? to_string(step.fault) : to_string(step.deed)) +
                                  (step.resource.empty() ? "" : " of " + step.resource) + ")";
        if (stopped_until(begin_of(step))) {
            problem = "the scenario was not over: it ended before " + place + "; give it more time";
            break;
        }
        if (step.deed == Deed::Say) {
            {
                const Lock lock(mutex_);
                status_.caption = i;
                caption_ends_ = position() + step.time;
            }
            if (options_.say) options_.say(step);
        } else if (const std::string wrong = play(step); !wrong.empty()) {
            // What it waited for did not come because it was told to end.
            problem = stopping() ? "the scenario was not over: it ended within " + place + "; give it more time"
                                 : "the scenario failed at " + place + ": " + wrong;
            break;
        }
        const Lock lock(mutex_);
        status_.step = i + 1;
    }
    if (problem.empty()) stopped_until(end_of_captions()); // the last one is read
    // cancel() may have come before what the last step was just about to break.
    if (begun && (!problem.empty() || cancelled())) put_right();
    const Lock lock(mutex_);
    status_.problem = std::move(problem);
    status_.over = true;
}

std::string ScenarioRunner::set_up() {
    constexpr auto look_again = 50ms;
    {
        Lock lock(mutex_);
        while (!stopping_ && !scenario_.resources.empty() && faults_.cut_off()) {
            status_.waits = true;
            wake_.wait_for(lock, look_again);
        }
        status_.waits = false;
        if (stopping_) return "the scenario was not over: it ended before its first step; give it more time";
        zero_ = status_.paused ? paused_at_ : Clock::now();
    }
    for (const auto& [reference, resource] : scenario_.resources)
        if (const auto put = server_.put(resource); !put)
            return "the scenario could not be set up: " + reference + ": " + put.error().message;
    return {};
}

// What it broke, where it did not come to its own end.
void ScenarioRunner::put_right() {
    std::set<Fault> begun;
    {
        const Lock lock(mutex_);
        begun = begun_;
    }
    for (const Fault fault : begun) faults_.end(fault);
    for (const auto& [reference, resource] : scenario_.resources) {
        server_.lose_events(reference, 0);
        server_.repeat_events(reference, 0);
    }
    server_.release_events();
    server_.fail_writes(0, 403);
}

} // namespace fhirscope::app
