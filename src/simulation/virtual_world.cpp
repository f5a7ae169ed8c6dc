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
      clocks_{VirtualTime(0), options_.server_skew},
      server_(server_options(options_), base(), "ws://sim.test/ws/subscriptions-r4", [this] { return server_now(); }),
      network_(queue_, clocks_, server_, base(), options_.seed,
               [this](engine::InputBody body) { input(std::move(body)); }) {
    network_.conditions.frame_delay_us = options_.frame_delay_max_us;
    network_.conditions.overtaking = options_.overtaking;
    server_.store.on_commit([this](const sim::Commit& commit) {
        const Fanout fanout = network_.fan_out(commit);
        if (on_commit && !ghost_) on_commit(commit, fanout);
    });
    engine::Config config;
    config.base_url = base();
    config.seed = options_.seed;
    config.subscriptions = {{"Patients", "Patient"}, {"Tasks", "Task"}, {"Alerts", "Basic?code=device-alert"}};
    if (options_.configure) options_.configure(config);
    queue_.after({}, [this, config] { input(engine::Start{config}); });
    schedule_heartbeat();
    schedule_clinic();
}

void VirtualWorld::run_for(VirtualTime duration) {
    const VirtualTime end = queue_.now() + duration;
    while (!stopped_ && !queue_.empty() && queue_.next() <= end) queue_.step();
    if (!stopped_) queue_.pass_until(end);
}

bool VirtualWorld::run_until(const std::function<bool(const engine::Snapshot&)>& condition, VirtualTime limit) {
    const VirtualTime end = queue_.now() + limit;
    while (!condition(*engine_.publish())) {
        if (stopped_ || queue_.empty() || queue_.next() > end) return false;
        queue_.step();
    }
    return true;
}

bool VirtualWorld::run_until_live(std::chrono::seconds limit) {
    return run_until([](const engine::Snapshot& s) { return s.connection.phase == engine::Phase::Live; }, limit);
}

void VirtualWorld::input(engine::InputBody body) {
    if (queue_.now() < suspended_until_) {
        queue_.at(suspended_until_, [this, body = std::move(body)]() mutable { input(std::move(body)); });
        return;
    }
    last_input_ = std::max(last_input_, local_now());
    const engine::Input in{last_input_, std::move(body)};
    ++inputs_;
    if (before_step) before_step(in);
    const engine::Effects effects = engine_.step(in);
    for (const auto& effect : effects) {
        if (const auto* wake = std::get_if<engine::WakeAt>(&effect)) {
            wake_at_ = wake->at;
            schedule_wake();
        } else {
            network_.perform(effect);
        }
    }
    if (after_step) after_step(in, effects);
    // What waits is drained when nothing else does, as the runtime does it.
    if (!engine_.wants_drain() || drain_scheduled_) return;
    drain_scheduled_ = true;
    queue_.after(drain_delay_, [this] {
        drain_scheduled_ = false;
        input(engine::Drain{});
    });
}

void VirtualWorld::schedule_wake() {
    const auto number = ++wake_number_;
    queue_.at(clocks_.of_local(wake_at_), [this, number] {
        if (number == wake_number_) input(engine::Tick{});
    });
}

void VirtualWorld::schedule_heartbeat() {
    queue_.after(options_.heartbeat, [this] {
        network_.heartbeat();
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
    network_.conditions.refuse_requests = network_.conditions.refuse_sockets = !reachable;
    if (!reachable) network_.cut();
}

engine::VerifyView VirtualWorld::settle_and_verify() {
    stop_writers();
    run_for(std::chrono::seconds(15));
    input(engine::Command{engine::Verify{}});
    run_until([](const engine::Snapshot& s) { return s.verify.state != engine::VerifyView::State::Running; },
              std::chrono::seconds(60));
    return engine_.publish()->verify;
}

} // namespace fhirscope::simulation
