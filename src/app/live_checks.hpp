#pragma once
// What is expected of a session while it goes on: judged on a thread of its own by the very inputs that the session has,
// so that a recording of it comes to the same outcomes.

#include "checks/evaluator.hpp"
#include "fhir/thread_safety.hpp"

#include <deque>
#include <thread>
#include <vector>

namespace fhirscope::app {

class LiveChecks {
public:
    explicit LiveChecks(std::vector<checks::ExpectFile> files);
    ~LiveChecks();

    // Called by the engine's thread. Waits where too many inputs wait already: nothing is left out.
    void add(const engine::Input& input);
    // No input comes any more. Once.
    std::vector<checks::Outcomes> conclude();

private:
    static constexpr std::size_t most_waiting = 65'536;

    void run();
    bool step(const std::deque<engine::Input>& inputs);
    void stop();

    checks::Evaluator evaluator_; // of the thread, until it has ended
    Mutex mutex_;
    ConditionVariable changed_;
    std::deque<engine::Input> waiting_ FHIRSCOPE_GUARDED_BY(mutex_);
    bool over_ FHIRSCOPE_GUARDED_BY(mutex_) = false; // nothing more is taken
    std::thread thread_;
};

} // namespace fhirscope::app
