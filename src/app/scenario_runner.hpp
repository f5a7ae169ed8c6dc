#pragma once
// Plays a scenario between the embedded server and a client, on a thread of its own.

#include "app/scenario.hpp"
#include "runtime/runtime.hpp"
#include "sim/server.hpp"

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <thread>

namespace fhirscope::app {

// Puts the scenario's resources onto the server. Errors: those of EmbeddedServer::put.
Result<void> set_up_scenario(const Scenario& scenario, sim::EmbeddedServer& server);

// Each step comes at its time, and when what it needs has happened: a resource is held, a version has arrived, a
// conflict is open. Thread safety: any thread may call stop() and problem().
class ScenarioRunner {
public:
    // Server and client must be running, and outlive this.
    ScenarioRunner(Scenario scenario, sim::EmbeddedServer& server, runtime::Runtime& client);
    ~ScenarioRunner(); // stops
    ScenarioRunner(const ScenarioRunner&) = delete;
    ScenarioRunner& operator=(const ScenarioRunner&) = delete;

    void stop(); // before the next step, where some are left
    // "" where all steps were made; else which were not, and why. Call after stop().
    std::string problem() const { return problem_; }

private:
    using Condition = std::function<bool(const engine::Snapshot&)>;
    void run();
    bool stopped_until(std::chrono::steady_clock::time_point time);
    std::string play(const ScenarioStep& step); // "" or what went wrong
    std::string edit_locally(const ScenarioStep& step);
    std::string compare();
    std::string resolve(const ScenarioStep& step);
    bool until(const Condition& condition);
    bool shows_server_version(const std::string& reference);
    bool wait_for_server_version(const std::string& reference);

    const Scenario scenario_;
    sim::EmbeddedServer& server_;
    runtime::Runtime& client_;
    std::set<std::string> hidden_; // whose notifications are held or lost: the client need not know the newest version
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::string problem_;
    std::thread thread_;
};

} // namespace fhirscope::app
