#pragma once
// Plays a scenario between the embedded server and a client, on a thread of its own.

#include "app/faults.hpp"
#include "app/scenario.hpp"
#include "fhir/thread_safety.hpp"
#include "runtime/runtime.hpp"
#include "server/server.hpp"

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <thread>

namespace fhirscope::app {

// Each step comes at its time, and when what it needs has happened: a resource is held, a version has arrived, a
// conflict is open. First the scenario's resources are put onto the server, as soon as nothing that another has broken
// keeps them from the client. Thread safety: any thread may call
// anything; only stop() waits.
class ScenarioRunner {
public:
    struct Options {
        double speed = 1;                               // its times are divided by it
        std::function<void(const ScenarioStep&)> say{}; // a caption begins; called on the runner's thread
    };
    // Server, faults and client must be running, and outlive this.
    ScenarioRunner(Scenario scenario, server::EmbeddedServer& server, Faults& faults, runtime::Runtime& client,
                   Options options);
    ~ScenarioRunner(); // stops
    ScenarioRunner(const ScenarioRunner&) = delete;
    ScenarioRunner& operator=(const ScenarioRunner&) = delete;

    void stop_soon(); // before the next step, where some are left; what it broke is put right
    void stop();      // the same, and waits for it
    void cancel();    // as stop_soon(), and what it has begun and what still goes on ends as well
    void pause(bool paused);
    void next(); // to the next caption: what comes before it is done at once

    struct Status {
        std::size_t step = 0; // steps done
        std::chrono::milliseconds position{0};
        bool paused = false;
        bool waits = false;                 // for what another has broken, before its first step
        bool over = false;                  // the last step is done, or it was stopped, or failed
        std::optional<std::size_t> caption; // step that is said now
        // Of what it began and what still goes on; 0 while that is being put right.
        std::optional<std::chrono::milliseconds> fault_left;
        bool cuts_off = false; // that is such that the client hears of no change
        std::string problem;   // "" where all steps were made; else which were not, and why
    };
    Status status() const;
    bool cancelled() const;
    const Scenario& scenario() const { return scenario_; }
    // See Status. Call after stop().
    std::string problem() const { return status().problem; }

private:
    using Condition = std::function<bool(const engine::Snapshot&)>;
    void run();
    std::string set_up(); // "" or what went wrong
    void put_right();
    std::chrono::milliseconds position() const FHIRSCOPE_REQUIRES(mutex_); // of its clock, which a pause stops
    std::chrono::milliseconds begin_of(const ScenarioStep& step) const;
    std::chrono::milliseconds end_of_captions() const;
    bool stopped_until(std::chrono::milliseconds position);
    bool stopping() const;
    std::string play(const ScenarioStep& step); // "" or what went wrong
    std::string edit_locally(const ScenarioStep& step);
    std::string compare();
    std::string resolve(const ScenarioStep& step);
    std::string await(Awaited what);
    bool until(const Condition& condition);
    bool shows_server_version(const std::string& reference);
    bool wait_for_server_version(const std::string& reference);
    std::chrono::milliseconds scaled(std::chrono::milliseconds time) const;

    const Scenario scenario_;
    const Options options_;
    const std::chrono::milliseconds length_;
    server::EmbeddedServer& server_;
    Faults& faults_;
    runtime::Runtime& client_;
    // Of the runner's thread.
    std::set<std::string> hidden_; // whose notifications are held or lost: the client need not know the newest version
    std::set<std::string> held_;   // of these, those that Release lets go
    engine::Counters seen_;        // when the Await before was over
    std::size_t events_seen_ = 0;  // likewise, in the log of events

    mutable Mutex mutex_;
    ConditionVariable wake_;
    std::chrono::steady_clock::time_point zero_
        FHIRSCOPE_GUARDED_BY(mutex_); // when its clock was 0, had it never been paused
    std::chrono::steady_clock::time_point paused_at_ FHIRSCOPE_GUARDED_BY(mutex_);
    std::chrono::milliseconds skip_to_ FHIRSCOPE_GUARDED_BY(mutex_){-1};     // until there it does not wait
    std::chrono::milliseconds caption_ends_ FHIRSCOPE_GUARDED_BY(mutex_){0}; // by its clock
    std::set<Fault> begun_ FHIRSCOPE_GUARDED_BY(mutex_);
    Status status_ FHIRSCOPE_GUARDED_BY(mutex_);
    bool stopping_ FHIRSCOPE_GUARDED_BY(mutex_) = false, cancelled_ FHIRSCOPE_GUARDED_BY(mutex_) = false;
    std::thread thread_;
};

} // namespace fhirscope::app
