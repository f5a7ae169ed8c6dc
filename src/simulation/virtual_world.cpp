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
      server_clock_{options_.server_skew},
      server_(server_options(options_), base(), "ws://sim.test/ws/subscriptions-r4", [this] { return server_now(); }) {
    for (std::size_t i = 0; i < options_.clients; ++i) {
        const std::uint64_t seed = options_.seed + i * 0x9e3779b97f4a7c15ULL;
        clients_.push_back(std::make_unique<Client>(queue_, server_clock_, server_, base(), seed, i));
        Conditions& conditions = clients_.back()->network().conditions;
        conditions.frame_delay_us = options_.frame_delay_max_us;
        conditions.overtaking = options_.overtaking;
    }
    server_.store.on_commit([this](const sim::Commit& commit) { committed(commit); });
    for (std::size_t i = 0; i < clients_.size(); ++i) {
        engine::Config config;
        config.base_url = base();
        config.seed = options_.seed + i * 0x9e3779b97f4a7c15ULL;
        config.subscriptions = {{"Patients", "Patient"}, {"Tasks", "Task"}, {"Alerts", "Basic?code=device-alert"}};
        if (options_.configure) options_.configure(config);
        queue_.after({}, [client = clients_[i].get(), config] { client->input(engine::Start{config}); });
    }
    schedule_heartbeat();
    schedule_clinic();
}

void VirtualWorld::committed(const sim::Commit& commit) {
    const auto fates = fan_out(commit);
    if (ghost_) return;
    for (std::size_t i = 0; i < clients_.size(); ++i)
        if (clients_[i]->on_commit) clients_[i]->on_commit(commit, fates[i]);
    if (!on_write) return;
    for (const auto& client : clients_)
        if (const auto* request = client->network().serving())
            return on_write(commit, client->number(), request->request);
    on_write(commit, no_client, 0);
}

std::vector<Fanout> VirtualWorld::fan_out(const sim::Commit& commit) {
    std::vector<bool> sent(clients_.size());
    const bool told = std::any_of(clients_.begin(), clients_.end(),
                                  [](const auto& client) { return !client->network().conditions.deaf; });
    if (told)
        for (const auto& subscription : server_.hub.matching(commit, server_now()))
            for (const auto& frame : server_.hub.event(subscription, commit, server_now())) {
                const std::size_t to = Network::client_of(frame.to);
                if (clients_[to]->network().carry_event(frame, *commit.current)) sent[to] = true;
            }
    std::vector<Fanout> fates;
    for (const auto& client : clients_)
        fates.push_back(client->network().fate(*commit.current, sent[client->number()]));
    return fates;
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
        for (const auto& frame : server_.hub.heartbeat(server_now()))
            clients_[Network::client_of(frame.to)]->network().carry_heartbeat(frame);
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
