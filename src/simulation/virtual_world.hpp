#pragma once
// One or more clients against the embedded server's rules, in virtual time: no socket, no thread, no clock. Everything
// follows from the options and from what is done to it.

#include "simulation/client.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace fhirscope::simulation {

struct WorldOptions {
    std::uint64_t seed = 1;
    unsigned clients = 1;
    std::size_t patients = 8, tasks = 24;
    double rate = 20; // changes a second
    std::chrono::milliseconds heartbeat{10'000};
    std::chrono::milliseconds binding_lifetime{3'600'000};
    server::Behaviour behaviour = server::default_behaviour();
    std::int64_t frame_delay_max_us = 5'000;
    bool overtaking = false; // frames may overtake each other, as on Medplum under load
    bool ties = false;       // versions of one resource may share their millisecond, or go back with the clock
    std::chrono::milliseconds server_skew{0};
    unsigned lost_write_percent = 0; // until stop_writers()
    std::function<void(engine::Config&)> configure = {};
};

class VirtualWorld {
public:
    explicit VirtualWorld(WorldOptions options);
    VirtualWorld(const VirtualWorld&) = delete;
    VirtualWorld& operator=(const VirtualWorld&) = delete;

    // Told of each commit before the clients are, with the client that made it; null: somebody else.
    std::function<void(const server::Commit&, Client* by)> on_commit;
    // Told when a policy begins or ceases to hide something.
    std::function<void(bool hidden)> on_policy;

    std::size_t clients() const { return clients_.size(); }
    Client& client(std::size_t number = 0) { return *clients_[number]; }
    const Client& client(std::size_t number = 0) const { return *clients_[number]; }
    server::World& server() { return server_; }
    EventQueue& queue() { return queue_; }
    VirtualTime now() const { return queue_.now(); }
    ServerTime server_now() const { return clock_.at(queue_.now()); }

    // Of the first client.
    engine::Engine& engine() { return client().engine(); }
    const engine::Engine& engine() const { return client().engine(); }
    Network& network() { return client().network(); }
    LocalTime local_now() const { return client().local_now(); }
    void input(engine::InputBody body) { client().input(std::move(body)); }

    // The next thing that is due; false when nothing is, or stop() was called.
    bool step();
    // Runs everything that is due in the next `duration` of virtual time, unless stop() is called within it.
    void run_for(VirtualTime duration);
    // Runs until the condition holds of the first client; false when virtual `limit` passes first.
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

    void stop_writers(); // and lose no more answers of writes
    // Stops the clinic, lets everything arrive and compares with the server.
    engine::VerifyView settle_and_verify();

    static std::string base() { return "http://sim.test/"; }

private:
    void schedule_heartbeat();
    void schedule_clinic();
    void committed(const server::Commit& commit);
    void dispatch(const server::Commit& commit, const std::vector<std::string>& subscriptions, bool at_commit,
                  VirtualTime queued);
    void set_server_offset(std::chrono::milliseconds offset);
    void recompute_conditions();
    void recompute_conditions(Client& client);
    void recompute_project();
    bool concerns(const Fault& fault, const Client& client) const;
    void write_behind(const Fault& fault);
    void foresee_effects(const Fault& fault, Client& client);
    void apply(const Fault& fault, Client& client);
    void ghost_delete(const Fault& fault);
    void tie(const Fault& fault);
    void delete_tasks(const Fault& fault);
    void user_commands(const Fault& fault, Client& client);
    std::vector<server::VersionPtr> some_tasks(std::uint64_t salt, std::int64_t count) const;
    void describe_task(const server::VersionPtr& task, const std::string& text, ServerTime when);

    WorldOptions options_;
    EventQueue queue_;
    ServerClock clock_;
    server::World server_;
    std::vector<std::unique_ptr<Client>> clients_;
    std::vector<Fault> active_; // that last
    Random queueing_;
    VirtualTime last_dispatch_{0};
    bool stopped_ = false, writers_stopped_ = false, ghost_ = false;
    bool hides_ = false; // a policy, something
};

} // namespace fhirscope::simulation
