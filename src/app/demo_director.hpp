#pragma once
// Causes in a running demo what the panel, the keys and a scenario ask for.

#include "app/faults.hpp"
#include "app/scenario_runner.hpp"
#include "fhir/thread_safety.hpp"
#include "gui/model/demo_control.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace fhirscope::app {

// Thread safety: any thread may call anything; begin() and end() once each, in this order.
class DemoDirector : public gui::DemoControl {
public:
    struct Options {
        double speed = 1;                              // of what play() is given
        std::function<void(const std::string&)> say{}; // each caption; called on a thread of the director's
        std::function<void()> changed{};               // status() may have changed; likewise
        std::map<std::string, Scenario> scenarios{};   // by name
        std::string first{};                           // played as soon as the client runs; "": none
    };
    // Server and network must be running, and outlive this.
    DemoDirector(server::EmbeddedServer& server, server::FaultProxy& network, Options options);
    ~DemoDirector() override; // ends

    void begin(runtime::Runtime& client);
    void end(); // what runs is stopped, and everything is put right; nothing is caused any more
    // The scenario that was played first is done, or failed.
    bool over() const;
    // "" where it was done; else what was not, and why. Call after end().
    const std::string& problem() const { return problem_; }

    gui::DemoStatus status() const override;
    void cause(gui::Cause cause) override;
    void stop(std::uint64_t number) override;
    void play(std::string_view scenario) override;
    void pause(bool paused) override;
    void next() override;
    void stop_playing() override;

private:
    struct Caused {
        std::uint64_t number = 0;
        std::string title;
        std::unique_ptr<ScenarioRunner> runner;
    };
    void begin_playing(const std::string& name) FHIRSCOPE_REQUIRES(mutex_);
    void forget_ended() const FHIRSCOPE_REQUIRES(mutex_);

    server::EmbeddedServer& server_;
    Faults faults_;
    const Options options_;
    std::string problem_;
    mutable Mutex mutex_;
    runtime::Runtime* client_ FHIRSCOPE_GUARDED_BY(mutex_) = nullptr; // null: before begin() and after end()
    std::uint64_t runs_ FHIRSCOPE_GUARDED_BY(mutex_) = 0, plays_ FHIRSCOPE_GUARDED_BY(mutex_) = 0;
    mutable std::vector<Caused> caused_ FHIRSCOPE_GUARDED_BY(mutex_);
    mutable std::unique_ptr<ScenarioRunner> playing_ FHIRSCOPE_GUARDED_BY(mutex_);
    mutable std::string said_ FHIRSCOPE_GUARDED_BY(mutex_);
    mutable bool failed_ FHIRSCOPE_GUARDED_BY(mutex_) = false;
};

} // namespace fhirscope::app
