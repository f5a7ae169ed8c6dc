#include "simulation/runner.hpp"

#include "sim/random.hpp"
#include "simulation/virtual_world.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace fhirscope::simulation {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint64_t inputs_between_looks = 16;
constexpr std::uint64_t seeds_between_replays = 64; // every so many seeds the inputs are given to a second engine
constexpr std::size_t story_lines = 40;
constexpr seconds after_effects{6}; // what a fault set in motion ends within this time after it

// How the world of a seed is: small, so that a seed takes moments, and with tight bounds, so that they are met.
WorldOptions draw_world(const Scenario& scenario) {
    sim::Random random(scenario.seed ^ 0x3012dULL);
    WorldOptions options;
    options.seed = scenario.seed;
    options.patients = static_cast<std::size_t>(random.between(3, 20));
    options.tasks = static_cast<std::size_t>(random.between(5, 40));
    options.rate = static_cast<double>(random.between(2, 40)) / 10;
    options.binding_lifetime = random.chance(50) ? seconds(random.between(30, 120)) : seconds(3'600);
    options.overtaking = random.chance(30);
    options.frame_delay_max_us = random.chance(70) ? 5'000 : random.between(1'000, 120'000);
    options.ties = std::any_of(scenario.faults.begin(), scenario.faults.end(), [](const Fault& f) {
        return f.kind == FaultKind::VersionTie || f.kind == FaultKind::ServerClockJump;
    });
    for (const Fault& fault : scenario.faults)
        if (fault.kind == FaultKind::ServerSkew) options.server_skew = std::chrono::milliseconds(fault.amount);
    const bool tight = random.chance(40), renews = random.chance(30);
    const auto queue_max = static_cast<std::size_t>(random.between(4, 64));
    const auto batch = static_cast<std::uint32_t>(random.between(1, 32));
    const auto renew_after = seconds(random.between(20, 100));
    const bool second_line = scenario.second_line;
    const auto reconcile_period = seconds(random.between(45, 120));
    options.configure = [=](engine::Config& config) {
        config.update_rows = 256;
        config.frame_rows = 1'024;
        config.event_rows = 1'024;
        config.rejection_rows = 64;
        config.frame_bytes = 1u << 20;
        config.store.max_versions = 8;
        config.store.max_history_bytes = 1u << 20;
        if (tight) {
            config.queue_max = queue_max;
            config.batch = batch;
            config.page_size = 20;
        }
        config.reconcile_period = second_line ? reconcile_period : std::chrono::hours(24);
        if (!second_line) config.check_period = std::chrono::hours(24);
        if (renews) config.subscription_renew_after = renew_after;
    };
    return options;
}

class Run {
public:
    Run(const Scenario& scenario, Thoroughness thoroughness, const InputWatcher& watcher)
        : scenario_(scenario),
          thoroughness_(thoroughness),
          watcher_(watcher),
          world_(draw_world(scenario)),
          ledger_(world_.server()) {
        world_.before_step = [this](const engine::Input& input) { before(input); };
        world_.after_step = [this](const engine::Input& input, const engine::Effects& effects) {
            after(input, effects);
        };
        world_.on_commit = [this](const sim::Commit& commit, Fanout fanout) {
            ++verdict_.commits;
            ledger_.on_commit(commit, fanout, world_.now());
        };
        world_.network().on_lost_in_flight = [this](const std::string& reference, const std::string& version_id) {
            ledger_.on_lost_in_flight(reference, version_id);
        };
        world_.engine().observe({}, [this](const engine::Change& change) {
            ledger_.on_change(change, [this](std::string_view invariant, std::string text) {
                violated({std::string(invariant), std::move(text), {}, {}});
            });
        });
        for (const Fault& fault : scenario.faults) {
            world_.queue().at(fault.at, [this, fault] {
                ++verdict_.injected[static_cast<std::size_t>(fault.kind)];
                world_.apply(fault);
            });
            if (fault.lasts.count() > 0) world_.queue().at(fault.end(), [this, fault] { world_.end(fault); });
        }
        replays_ = scenario.seed % seeds_between_replays == 0;
    }

    Verdict go() {
        world_.run_for(scenario_.duration);
        if (scenario_.mode == Mode::Bounded && !verdict_.violation) settle();
        if (!verdict_.violation) look();
        verdict_.ran = world_.now();
        verdict_.inputs = world_.input_count();
        verdict_.counters = world_.engine().publish()->metrics.counters;
        verdict_.state_hash = world_.engine().state_hash();
        if (replays_ && !verdict_.violation) replay();
        return std::move(verdict_);
    }

private:
    void before(const engine::Input& input) {
        if (watcher_) watcher_(input);
        if (replays_) inputs_.push_back(input);
        if (const auto* start = std::get_if<engine::Start>(&input.body)) config_ = start->config;
        const auto* command = std::get_if<engine::Command>(&input.body);
        if (command && std::holds_alternative<engine::Verify>(*command) && !verifying_) verify_begun_ = world_.now();
    }

    void after(const engine::Input& input, const engine::Effects& effects) {
        if (verdict_.violation) return;
        if (auto wrong = effect_checks_.check(input, effects)) return violated(std::move(*wrong));
        const bool resources_only = live_ && (std::holds_alternative<engine::Drain>(input.body) || is_event(input));
        if (thoroughness_ == Thoroughness::Every || !resources_only || ++since_look_ >= inputs_between_looks) look();
    }

    static bool is_event(const engine::Input& input) {
        const auto* frame = std::get_if<engine::Frame>(&input.body);
        return frame && frame->text && frame->text->find("event-notification") != std::string::npos;
    }

    void look() {
        since_look_ = 0;
        const auto snapshot = world_.engine().publish();
        live_ = snapshot->connection.phase == engine::Phase::Live;
        verifying_ = snapshot->verify.state == engine::VerifyView::State::Running && !snapshot->verify.scheduled;
        if (auto wrong = snapshot_checks_.check(
                {*snapshot, config_, ledger_, effect_checks_.frames(), verify_begun_, world_.now()}))
            violated(std::move(*wrong));
    }

    void violated(Violation violation) {
        if (verdict_.violation) return;
        violation.at = world_.now();
        violation.input = world_.input_count();
        tell(violation.text);
        verdict_.violation = std::move(violation);
        world_.stop();
    }

    std::string seconds_text(VirtualTime time) const {
        char buffer[32];
        std::snprintf(buffer, sizeof buffer, "%8.3f s: ", static_cast<double>(time.count()) / 1e6);
        return buffer;
    }

    void tell(const std::string& text) {
        for (const auto& [reference, resource] : ledger_.resources()) {
            if (text.find(reference) == std::string::npos) continue;
            for (std::size_t i = 0; i < resource.commits.size(); ++i) {
                const auto& commit = resource.commits[i];
                if (resource.commits.size() - i > 5) continue; // the last ones tell enough
                verdict_.story.push_back(
                    seconds_text(commit.at) + reference + " commit " + std::to_string(i + 1) +
                    (commit.deleted ? ", deletion" : ", version " + commit.version_id.substr(0, 8)) + ", lastUpdated " +
                    fhir::format_instant(commit.last_updated) + (commit.owed ? ", nobody was told" : ""));
            }
        }
        const auto snapshot = world_.engine().publish();
        const auto& events = snapshot->events;
        const std::uint64_t first = events.end() - std::min<std::uint64_t>(story_lines, events.size());
        for (std::uint64_t i = first; i < events.end(); ++i)
            verdict_.story.push_back(seconds_text(world_.virtual_time(events[i].at)) + events[i].text);
    }

    // What differs between the stores and the server; "" when nothing does and nothing is under way.
    std::string difference() {
        const auto snapshot = world_.engine().publish();
        if (snapshot->connection.phase != engine::Phase::Live)
            return "the phase is " + std::string(to_string(snapshot->connection.phase)) + " (" +
                   snapshot->connection.reason + ")";
        if (snapshot->queue_size > 0) return std::to_string(snapshot->queue_size) + " updates wait in the queue";
        std::map<std::string, const engine::Record*> held;
        for (const auto& store : snapshot->stores)
            for (std::size_t i = 0; i < store.records.size(); ++i)
                held[store.records[i]->reference] = store.records[i].get();
        for (const auto& [reference, resource] : ledger_.resources()) {
            const auto found = held.find(reference);
            const engine::Record* record = found == held.end() ? nullptr : found->second;
            const bool shown = record && record->resource();
            if (resource.gone() ? shown
                                : !shown || record->current().version_id() != resource.commits.back().version_id)
                return reference + (resource.gone() ? " is deleted on the server and shown here"
                                    : !shown        ? " is not shown"
                                                    : " shows commit " + std::to_string(resource.shown) + " of " +
                                                   std::to_string(resource.commits.size()));
            if (record && record->standing == engine::Standing::Checking) return reference + " is still being checked";
        }
        return "";
    }

    void settle() {
        world_.run_for(after_effects);
        world_.stop_writers();
        const VirtualTime quiet_since = world_.now();
        std::string different = difference();
        while (!verdict_.violation && !different.empty() && world_.now() < quiet_since + liveness_bound) {
            world_.run_for(seconds(1));
            different = difference();
        }
        if (verdict_.violation) return;
        if (!different.empty())
            return violated({"settles",
                             std::to_string(liveness_bound.count()) + " minutes after the last fault " + different,
                             {},
                             {}});
        verdict_.settled = world_.now() - quiet_since;
        // The engine's own comparison must come to the same result.
        world_.input(engine::Command{engine::Verify{}});
        world_.run_until([](const engine::Snapshot& s) { return s.verify.state != engine::VerifyView::State::Running; },
                         seconds(60));
        const auto verify = world_.engine().publish()->verify;
        if (verify.state != engine::VerifyView::State::Equal && !verdict_.violation)
            violated({"equal-means-equal",
                      "the stores equal the server, but the engine's comparison says otherwise: " +
                          (verify.differences.empty() ? verify.problem : verify.differences.front()),
                      {},
                      {}});
    }

    void replay() {
        engine::Engine second;
        const std::size_t middle = inputs_.size() / 2;
        for (std::size_t i = 0; i < inputs_.size(); ++i) {
            if (i == middle) {
                auto restored = engine::Engine::restore(second.keyframe());
                if (!restored) return violated({"replays-alike", restored.error().message, {}, {}});
                second = std::move(*restored);
            }
            second.step(inputs_[i]);
        }
        if (second.state_hash() != verdict_.state_hash)
            violated({"replays-alike",
                      "the same inputs led to another state (restored from a keyframe in the middle)",
                      {},
                      {}});
    }

    const Scenario& scenario_;
    const Thoroughness thoroughness_;
    const InputWatcher& watcher_;
    VirtualWorld world_;
    Ledger ledger_;
    SnapshotChecks snapshot_checks_;
    EffectChecks effect_checks_;
    Verdict verdict_;
    engine::Config config_;
    std::vector<engine::Input> inputs_;
    VirtualTime verify_begun_{0};
    std::uint64_t since_look_ = 0;
    bool live_ = false, verifying_ = false, replays_ = false;
};

} // namespace

Scenario draw_scenario(std::uint64_t seed, VirtualTime duration, Mode mode, const FaultSet& set) {
    FaultSet drawn = set;
    if (seed % 2 == 0)
        for (const FaultKind kind : set.kinds())
            if (needs_second_line(kind)) drawn.remove(kind);
    Scenario scenario{seed, duration, mode, draw_schedule(seed, duration, drawn.kinds().empty() ? set : drawn), false};
    scenario.second_line = std::any_of(scenario.faults.begin(), scenario.faults.end(),
                                       [](const Fault& fault) { return needs_second_line(fault.kind); });
    return scenario;
}

Verdict run(const Scenario& scenario, Thoroughness thoroughness, const InputWatcher& watcher) {
    return Run(scenario, thoroughness, watcher).go();
}

} // namespace fhirscope::simulation
