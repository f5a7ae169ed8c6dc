#pragma once
// An engine against the embedded server's rules, in virtual time: no socket, no thread, no clock. Everything follows
// from the options and from what is done to it.

#include "engine/engine.hpp"
#include "simulation/network.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace fhirscope::simulation {

struct WorldOptions {
    std::uint64_t seed = 1;
    std::size_t patients = 8, tasks = 24;
    double rate = 20; // changes a second
    std::chrono::milliseconds heartbeat{10'000};
    std::chrono::milliseconds binding_lifetime{3'600'000};
    std::int64_t frame_delay_max_us = 5'000;
    bool overtaking = false; // frames may overtake each other, as on Medplum under load
    bool ties = false;       // versions of one resource may share their millisecond, or go back with the clock
    std::chrono::milliseconds server_skew{0};
    std::function<void(engine::Config&)> configure = {};
};

class VirtualWorld {
public:
    explicit VirtualWorld(WorldOptions options);
    VirtualWorld(const VirtualWorld&) = delete;
    VirtualWorld& operator=(const VirtualWorld&) = delete;

    // --- those who watch; set before the first step
    std::function<void(const engine::Input&)> before_step;
    std::function<void(const engine::Input&, const engine::Effects&)> after_step;
    std::function<void(const sim::Commit&, Fanout)> on_commit;

    engine::Engine& engine() { return engine_; }
    const engine::Engine& engine() const { return engine_; }
    sim::World& server() { return server_; }
    Network& network() { return network_; }
    EventQueue& queue() { return queue_; }
    VirtualTime now() const { return queue_.now(); }
    LocalTime local_now() const { return clocks_.local(queue_.now()); }
    VirtualTime virtual_time(LocalTime time) const { return clocks_.of_local(time); } // by the offset of now
    ServerTime server_now() const { return clocks_.server(queue_.now()); }
    std::uint64_t input_count() const { return inputs_; }

    // Runs everything that is due in the next `duration` of virtual time, unless stop() is called within it.
    void run_for(VirtualTime duration);
    // Runs until the condition holds; false when virtual `limit` passes first.
    bool run_until(const std::function<bool(const engine::Snapshot&)>& condition, VirtualTime limit);
    bool run_until_live(std::chrono::seconds limit = std::chrono::seconds(60));
    void stop() { stopped_ = true; }

    // Gives the engine an input, stamped with its clock; later while its machine is suspended.
    void input(engine::InputBody body);

    // --- what may be done to it
    void apply(const Fault& fault); // its beginning
    void end(const Fault& fault);   // only of one that lasts
    void set_conditions(const std::function<void(Conditions&)>& change) { change(network_.conditions); }
    void cut_socket() { network_.cut(); }
    void set_reachable(bool reachable);
    void set_silent(bool silent) { network_.conditions.silent = silent; }
    void set_deaf(bool deaf) { network_.conditions.deaf = deaf; }
    void set_ignores_bind(bool ignores) { network_.conditions.silent_bind = ignores; }
    void fail_next_requests(unsigned count, int status) { server_.api.fail_requests(count, status); }
    void send_raw(std::string text) { network_.send_raw(std::move(text)); }

    void stop_writers();
    // Stops the clinic, lets everything arrive and compares with the server.
    engine::VerifyView settle_and_verify();

    static std::string base() { return "http://sim.test/"; }

private:
    void schedule_heartbeat();
    void schedule_clinic();
    void schedule_wake();
    void leap(VirtualTime local_by);
    void set_server_offset(std::chrono::milliseconds offset);
    void recompute_conditions();
    void write_behind(const Fault& fault);
    void suspend(VirtualTime duration);
    void ghost_delete(const Fault& fault);
    void tie(const Fault& fault);
    void delete_tasks(const Fault& fault);
    void user_commands(const Fault& fault);
    std::vector<sim::VersionPtr> some_tasks(std::uint64_t salt, std::int64_t count) const;
    void describe_task(const sim::VersionPtr& task, const std::string& text, ServerTime when);

    WorldOptions options_;
    EventQueue queue_;
    Clocks clocks_;
    sim::World server_;
    engine::Engine engine_;
    Network network_;
    std::vector<Fault> active_; // that last
    VirtualTime suspended_until_{0}, drain_delay_{0};
    LocalTime wake_at_{}, last_input_{};
    std::uint64_t wake_number_ = 0, inputs_ = 0;
    bool drain_scheduled_ = false, stopped_ = false, writers_stopped_ = false, ghost_ = false;
};

} // namespace fhirscope::simulation
