#pragma once
// One client in the virtual world: its engine, its clock, its network, and what the runtime does to wake and drain it.

#include "engine/engine.hpp"
#include "simulation/network.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace fhirscope::simulation {

class Client {
public:
    // `number`: from 0. The engine starts when start() is called.
    Client(unsigned number, EventQueue& queue, const ServerClock& server_clock, server::World& server,
           const std::string& base, std::uint64_t seed);
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    void start(engine::Config config);

    // --- those who watch; set before the first step
    std::function<void(const engine::Input&)> before_step;
    std::function<void(const engine::Input&, const engine::Effects&)> after_step;
    // What the server committed, and what became of its event on the way to this client.
    std::function<void(const server::Commit&, Fanout)> on_commit;

    unsigned number() const { return number_; }
    engine::Engine& engine() { return engine_; }
    const engine::Engine& engine() const { return engine_; }
    Network& network() { return network_; }
    std::uint64_t input_count() const { return inputs_; }
    LocalTime local_now() const { return clock_.at(queue_.now()); }
    VirtualTime virtual_time(LocalTime time) const { return clock_.of(time); } // by the offset of now
    LocalTime last_input() const { return last_input_; }

    // Gives the engine an input, stamped with its clock; later while its machine is suspended.
    void input(engine::InputBody body);

    void leap(VirtualTime local_by); // its clock
    void suspend(VirtualTime duration);
    void set_drain_delay(VirtualTime delay) { drain_delay_ = delay; }

private:
    void step(engine::InputBody body);
    void wake_up();
    void schedule_wake();

    const unsigned number_;
    EventQueue& queue_;
    LocalClock clock_;
    engine::Engine engine_;
    Network network_;
    VirtualTime slept_{0}, suspended_until_{0}, drain_delay_{0};
    std::vector<engine::InputBody> held_; // came while the machine was suspended
    LocalTime wake_at_{}, last_input_{};
    std::uint64_t wake_number_ = 0, inputs_ = 0;
    bool drain_scheduled_ = false;
};

} // namespace fhirscope::simulation
