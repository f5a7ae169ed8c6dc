#include "simulation/virtual_world.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::simulation {

namespace {

sim::ServerOptions server_options(const WorldOptions& options) {
    sim::ServerOptions server;
    server.client_id = "virtual";
    server.client_secret = "not-a-secret-of-anyone";
    server.seed = options.seed;
    server.patients = options.patients;
    server.tasks = options.tasks;
    server.rate = options.rate;
    server.binding_lifetime = options.binding_lifetime;
    server.ties = options.ties;
    server.max_history = 16;
    return server;
}

} // namespace

VirtualWorld::VirtualWorld(WorldOptions options)
    : options_(std::move(options)),
      clock_{options_.server_skew},
      server_(server_options(options_), base(), "ws://sim.test/ws/subscriptions-r4", [this] { return server_now(); }) {
    engine::Config config;
    config.base_url = base();
    config.subscriptions = {{"Patients", "Patient"}, {"Tasks", "Task"}, {"Alerts", "Basic?code=device-alert"}};
    if (options_.configure) options_.configure(config);
    for (unsigned i = 0; i < std::max(options_.clients, 1u); ++i) {
        clients_.push_back(std::make_unique<Client>(i, queue_, clock_, server_, base(), options_.seed));
        config.seed = options_.seed + i;
        clients_.back()->start(config);
    }
    recompute_conditions();
    server_.store.on_commit([this](const sim::Commit& commit) {
        const auto by = std::find_if(clients_.begin(), clients_.end(),
                                     [](const auto& client) { return client->network().served() != nullptr; });
        if (on_commit && !ghost_) on_commit(commit, by == clients_.end() ? nullptr : by->get());
        for (const auto& client : clients_) {
            const Fanout fanout = client->network().fan_out(commit);
            if (client->on_commit && !ghost_) client->on_commit(commit, fanout);
        }
    });
    schedule_heartbeat();
    schedule_clinic();
}

bool VirtualWorld::step() {
    if (stopped_ || queue_.empty()) return false;
    queue_.step();
    return true;
}

void VirtualWorld::run_for(VirtualTime duration) {
    const VirtualTime end = queue_.now() + duration;
    while (!stopped_ && !queue_.empty() && queue_.next() <= end) queue_.step();
    if (!stopped_) queue_.pass_until(end);
}

bool VirtualWorld::run_until(const std::function<bool(const engine::Snapshot&)>& condition, VirtualTime limit) {
    const VirtualTime end = queue_.now() + limit;
    while (!condition(*engine().publish())) {
        if (stopped_ || queue_.empty() || queue_.next() > end) return false;
        queue_.step();
    }
    return true;
}

bool VirtualWorld::run_until_live(std::chrono::seconds limit) {
    return run_until([](const engine::Snapshot& s) { return s.connection.phase == engine::Phase::Live; }, limit);
}

void VirtualWorld::schedule_heartbeat() {
    queue_.after(options_.heartbeat, [this] {
        for (const auto& client : clients_) client->network().heartbeat();
        schedule_heartbeat();
    });
}

void VirtualWorld::schedule_clinic() {
    const auto due = server_.clinic.next_due();
    const auto wait =
        due ? std::clamp<VirtualTime>(*due - server_now(), std::chrono::milliseconds(1), std::chrono::seconds(1))
            : VirtualTime(std::chrono::seconds(1));
    queue_.after(wait, [this] {
        if (writers_stopped_) return;
        server_.clinic.step(server_now());
        schedule_clinic();
    });
}

void VirtualWorld::stop_writers() {
    writers_stopped_ = true;
    options_.lost_write_percent = 0;
    for (const auto& client : clients_) client->network().conditions.lost_write_percent = 0;
    server_.clinic.set_paused(true, server_now());
}

void VirtualWorld::set_reachable(bool reachable) {
    Conditions& conditions = network().conditions;
    conditions.refuse_requests = conditions.refuse_sockets = !reachable;
    if (!reachable) network().cut();
}

engine::VerifyView VirtualWorld::settle_and_verify() {
    stop_writers();
    run_for(std::chrono::seconds(15));
    input(engine::Command{engine::Verify{}});
    run_until([](const engine::Snapshot& s) { return s.verify.state != engine::VerifyView::State::Running; },
              std::chrono::seconds(60));
    return engine().publish()->verify;
}

} // namespace fhirscope::simulation
