#include "simulation/virtual_world.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::simulation {

namespace {

constexpr std::int64_t longest_queueing_us = 20'000;

server::ServerOptions server_options(const WorldOptions& options) {
    server::ServerOptions server;
    server.client_id = "virtual";
    server.client_secret = Network::secret;
    server.seed = options.seed;
    server.patients = options.patients;
    server.tasks = options.tasks;
    server.rate = options.rate;
    server.binding_lifetime = options.binding_lifetime;
    server.behaviour = options.behaviour;
    server.ties = options.ties;
    server.max_history = 16;
    return server;
}

} // namespace

VirtualWorld::VirtualWorld(WorldOptions options)
    : options_(std::move(options)),
      clock_{options_.server_skew},
      server_(server_options(options_), base(), "ws://sim.test/ws/subscriptions-r4", [this] { return server_now(); }),
      queueing_(options_.seed ^ 0x90e0e5ULL) {
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
    server_.store.on_commit([this](const server::Commit& commit) { committed(commit); });
    schedule_heartbeat();
    schedule_clinic();
}

// 5.0 knows at the commit whom to tell. 5.1 puts every change into a queue and asks when a worker takes it (PROTOCOL
// A14); with parallel workers the changes overtake each other.
void VirtualWorld::committed(const server::Commit& commit) {
    const auto by = std::find_if(clients_.begin(), clients_.end(),
                                 [](const auto& client) { return client->network().served() != nullptr; });
    if (on_commit && !ghost_) on_commit(commit, by == clients_.end() ? nullptr : by->get());
    const bool newer = options_.behaviour == server::Behaviour::Medplum51;
    VirtualTime delay{0};
    for (const Fault& fault : active_)
        if (fault.kind == FaultKind::QueueDelay)
            delay = std::max<VirtualTime>(delay, std::chrono::milliseconds(fault.amount));
    if (!newer && delay.count() == 0)
        return dispatch(commit, server_.hub.matching(commit, server_now()), !ghost_, delay);
    if (!ghost_)
        for (const auto& client : clients_)
            if (client->on_commit) client->on_commit(commit, Fanout::Queued);
    std::vector<std::string> subscriptions;
    if (!newer) subscriptions = server_.hub.matching(commit, server_now());
    VirtualTime when = now() + delay + VirtualTime(queueing_.between(0, longest_queueing_us));
    if (!options_.overtaking) when = last_dispatch_ = std::max(when, last_dispatch_);
    queue_.at(when, [this, commit, subscriptions = std::move(subscriptions), newer, delay] {
        dispatch(commit, newer ? server_.hub.matching(commit, server_now()) : subscriptions, false, delay);
    });
}

// `at_commit`: the clients' observers do not know of the commit yet.
void VirtualWorld::dispatch(const server::Commit& commit, const std::vector<std::string>& subscriptions, bool at_commit,
                            VirtualTime queued) {
    std::vector<server::Frame> frames;
    for (const auto& subscription : subscriptions)
        for (auto& frame : server_.hub.event(subscription, commit, server_now())) frames.push_back(std::move(frame));
    for (const auto& client : clients_) {
        const Fanout fanout = client->network().fan_out(commit, frames, queued);
        if (at_commit) {
            if (client->on_commit) client->on_commit(commit, fanout);
        } else if (fanout == Fanout::NotBound && client->network().on_lost_in_flight) {
            client->network().on_lost_in_flight(commit.current->reference(), commit.current->version_id);
        }
    }
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
    queue_.after(
        options_.heartbeat,
        [this] {
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
