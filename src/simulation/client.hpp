#pragma once
// One client of the server: an engine, its way to the server, and the machine that both are on. What the runtime does
// around an engine (timers, draining when nothing else waits) is done here in virtual time.

#include "engine/engine.hpp"
#include "simulation/network.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace fhirscope::simulation {

class Client {
public:
    Client(EventQueue& queue, const ServerClock& server_clock, sim::World& server, const std::string& base,
           std::uint64_t seed, std::size_t number);
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    // --- those who watch; set before the first step
    std::function<void(const engine::Input&)> before_step;
    std::function<void(const engine::Input&, const engine::Effects&)> after_step;
    std::function<void(const sim::Commit&, Fanout)> on_commit; // of anybody, and what became of its events for us

    engine::Engine& engine() { return engine_; }
    const engine::Engine& engine() const { return engine_; }
    Network& network() { return network_; }
    const Network& network() const { return network_; }
    std::size_t number() const { return number_; }
    LocalTime now() const { return clock_.at(queue_.now()); }
    VirtualTime virtual_time(LocalTime time) const { return clock_.of(time); } // by the offset of now
    std::uint64_t input_count() const { return inputs_; }

    // The engine's, which publishing does not change.
    std::vector<engine::LocalEditPtr> pending_edits() const;

    // Gives the engine an input, stamped with its clock; later while its machine is suspended.
    void input(engine::InputBody body);
    void leap(VirtualTime by); // of its clock
    void suspend(VirtualTime duration);
    void drain_after(VirtualTime delay) { drain_delay_ = delay; } // how long updates wait for a Drain

private:
    void schedule_wake();

    EventQueue& queue_;
    const std::size_t number_;
    LocalClock clock_;
    mutable engine::Engine engine_; // publishing is no step
    Network network_;
    VirtualTime suspended_until_{0}, drain_delay_{0};
    LocalTime wake_at_{}, last_input_{};
    std::uint64_t wake_number_ = 0, inputs_ = 0;
    bool drain_scheduled_ = false;
};

} // namespace fhirscope::simulation
