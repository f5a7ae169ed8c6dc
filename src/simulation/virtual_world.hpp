#pragma once
// Engines against the embedded server's rules, in virtual time: no socket, no thread, no clock. Everything follows from
// the options and from what is done to it.

#include "simulation/client.hpp"

#include <cstdint>
#include <functional>
#include <memory>
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
    std::size_t clients = 1;
    std::function<void(engine::Config&)> configure = {}; // each client's, whose seed is set already
};

constexpr std::size_t no_client = SIZE_MAX;

class VirtualWorld {
public:
    explicit VirtualWorld(WorldOptions options);
    VirtualWorld(const VirtualWorld&) = delete;
    VirtualWorld& operator=(const VirtualWorld&) = delete;

    // Called after each commit with the client whose request made it (no_client: the clinic, or a fault), and with the
    // request.
    std::function<void(const sim::Commit&, std::size_t client, engine::RequestId request)> on_write;

    std::size_t clients() const { return clients_.size(); }
    Client& client(std::size_t number) { return *clients_[number]; }
    const Client& client(std::size_t number) const { return *clients_[number]; }
    // Of the first client, which often is the only one.
    engine::Engine& engine() { return client(0).engine(); }
    const engine::Engine& engine() const { return client(0).engine(); }
    Network& network() { return client(0).network(); }
    void input(engine::InputBody body) { client(0).input(std::move(body)); }

    sim::World& server() { return server_; }
    const sim::World& server() const { return server_; }
    EventQueue& queue() { return queue_; }
    VirtualTime now() const { return queue_.now(); }
    ServerTime server_now() const { return server_clock_.at(queue_.now()); }

    // Runs everything that is due in the next `duration` of virtual time, unless stop() is called within it.
    void run_for(VirtualTime duration);
    // Runs until the condition holds for the first client; false when virtual `limit` passes first.
    bool run_until(const std::function<bool(const engine::Snapshot&)>& condition, VirtualTime limit);
    bool run_until_live(std::chrono::seconds limit = std::chrono::seconds(60));
    void stop() { stopped_ = true; }

    // --- what may be done to it
    void apply(const Fault& fault); // its beginning
    void end(const Fault& fault);   // only of one that lasts
    void set_conditions(const std::function<void(Conditions&)>& change) { change(network().conditions); }
    void cut_socket() { network().cut(); }
    void set_reachable(bool reachable);
    void set_silent(bool silent) { network().conditions.silent = silent; }
    void set_deaf(bool deaf) { network().conditions.deaf = deaf; }
    void set_ignores_bind(bool ignores) { network().conditions.silent_bind = ignores; }
    void fail_next_requests(unsigned count, int status) { server_.api.fail_requests(count, status); }
    void send_raw(std::string text) { network().send_raw(std::move(text)); }

    void stop_writers();
    // Stops the clinic, lets everything arrive and compares with the server.
    engine::VerifyView settle_and_verify();

    static std::string base() { return "http://sim.test/"; }

private:
    void schedule_heartbeat();
    void schedule_clinic();
    void committed(const sim::Commit& commit);
    std::vector<Fanout> fan_out(const sim::Commit& commit);
    // Whom a fault happens to: all, where it is the server's; else one of several, or all of them.
    bool hits(const Fault& fault, std::size_t client) const;
    void apply_to(Client& client, const Fault& fault);
    void apply_to_server(const Fault& fault);
    void recompute_conditions(Client& client);
    void set_server_offset(std::chrono::milliseconds offset);
    void write_behind(const Fault& fault);
    void ghost_delete(const Fault& fault);
    void tie(const Fault& fault);
    void delete_tasks(const Fault& fault);
    void delete_edited(const Fault& fault);
    void change_edited(const Fault& fault);
    void user_commands(Client& client, const Fault& fault);
    std::vector<sim::VersionPtr> some_tasks(std::uint64_t salt, std::int64_t count) const;
    std::vector<sim::VersionPtr> edited(std::uint64_t salt, std::int64_t count) const;
    void describe_task(const sim::VersionPtr& task, const std::string& text, ServerTime when);
    void set_text(const sim::VersionPtr& version, const char* member, const std::string& text, ServerTime when);

    WorldOptions options_;
    EventQueue queue_;
    ServerClock server_clock_;
    sim::World server_;
    std::vector<std::unique_ptr<Client>> clients_;
    std::vector<Fault> active_; // that last
    bool stopped_ = false, writers_stopped_ = false, ghost_ = false;
};

} // namespace fhirscope::simulation
