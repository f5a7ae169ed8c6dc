#include "simulation/client.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::simulation {
namespace {

constexpr std::chrono::seconds shortest_sleep{2}; // as in the runtime

std::chrono::milliseconds slept_ms(VirtualTime slept) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(slept);
}

} // namespace

Client::Client(unsigned number, EventQueue& queue, const ServerClock& server_clock, server::World& server,
               const std::string& base, std::uint64_t seed)
    : number_(number),
      queue_(queue),
      network_(queue, server_clock, server, base, number, seed,
               [this](engine::InputBody body) { input(std::move(body)); }) {}

void Client::start(engine::Config config) {
    queue_.after(
        {}, [this, config = std::move(config)] { input(engine::Start{config}); });
}

void Client::input(engine::InputBody body) {
    if (queue_.now() >= suspended_until_ && held_.empty()) return step(std::move(body));
    held_.push_back(std::move(body));
    if (held_.size() == 1) wake_up();
}

// In the order in which it came, however often the machine fell asleep again meanwhile.
void Client::wake_up() {
    queue_.at(
        std::max(suspended_until_, queue_.now()),
        [this] {
            if (queue_.now() < suspended_until_) return wake_up();
            if (const auto slept = std::exchange(slept_, VirtualTime(0)); slept >= shortest_sleep)
                step(engine::Woken{slept_ms(slept)});
            for (engine::InputBody& body : std::exchange(held_, {})) step(std::move(body));
        });
}

void Client::step(engine::InputBody body) {
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

void Client::schedule_wake() {
    const auto number = ++wake_number_;
    queue_.at(clock_.of(wake_at_), [this, number] {
        if (number == wake_number_) input(engine::Tick{});
    });
}

void Client::leap(VirtualTime local_by) {
    clock_.offset += local_by;
    // The runtime sees that it comes late for what was due.
    if (wake_at_ != LocalTime{} && local_now() - wake_at_ >= shortest_sleep)
        input(engine::Woken{slept_ms(local_now() - wake_at_)});
    if (wake_at_ != LocalTime{}) schedule_wake();
}

// A machine that sleeps hears nothing, and its steady clock stands still.
void Client::suspend(VirtualTime duration) {
    const VirtualTime end = queue_.now() + duration;
    const VirtualTime begin = std::max(suspended_until_, queue_.now()); // it may sleep already
    if (end <= begin) return;
    suspended_until_ = end;
    slept_ += end - begin;
    clock_.offset += begin - end;
    if (wake_at_ != LocalTime{}) schedule_wake();
}

} // namespace fhirscope::simulation
