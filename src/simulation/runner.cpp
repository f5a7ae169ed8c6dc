#include "simulation/runner.hpp"

#include "sim/random.hpp"
#include "simulation/edit_judge.hpp"
#include "simulation/user.hpp"
#include "simulation/virtual_world.hpp"
#include "simulation/watch.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <tuple>
#include <utility>

namespace fhirscope::simulation {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint64_t seeds_between_replays = 64; // every so many seeds the inputs are given to a second engine
constexpr std::uint64_t seeds_between_edit_replays = 8;
constexpr seconds after_effects{6}; // what a fault set in motion ends within this time after it

// How each client decides overlaps: mostly a person does.
void draw_rules(engine::Config& config) {
    static constexpr std::array strategies{"ask", "server", "local", "newest", "merge", "furthest"};
    sim::Random random(config.seed ^ 0x12e5ULL);
    if (random.chance(40)) config.default_strategy = random.pick(strategies);
    engine::PanelDefinition tasks;
    tasks.id = "tasks";
    tasks.type = tasks.criteria = "Task";
    tasks.columns = {{"status", "Status", "status"}, {"owner", "Owner", "owner.display"}};
    if (random.chance(50)) tasks.conflicts.push_back({"status", random.pick(strategies)});
    if (random.chance(30)) tasks.conflicts.push_back({"owner", random.pick(strategies)});
    if (random.chance(30)) tasks.conflicts.push_back({"note", "merge"});
    config.panels = {tasks};
}

// How the world of a seed is: small, so that a seed takes moments, and with tight bounds, so that they are met.
WorldOptions draw_world(const Scenario& scenario) {
    sim::Random random(scenario.seed ^ 0x3012dULL);
    WorldOptions options;
    options.seed = scenario.seed;
    options.clients = scenario.clients;
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
    if (scenario.edits) { // few, so that people meet
        options.patients = static_cast<std::size_t>(random.between(2, 5));
        options.tasks = static_cast<std::size_t>(random.between(3, 10));
    }
    const bool second_line = scenario.second_line;
    const auto reconcile_period = seconds(random.between(45, 120));
    options.configure = [=, edits = scenario.edits](engine::Config& config) {
        if (edits) draw_rules(config);
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
        : scenario_(scenario), watcher_(watcher), world_(draw_world(scenario)) {
        if (scenario.edits)
            judge_.emplace(world_, [this](std::size_t client, std::string_view name, std::string text) {
                violated(client, {std::string(name), std::move(text), {}, {}, {}});
            });
        const bool replays = scenario.seed % (scenario.edits ? seeds_between_edit_replays : seeds_between_replays) == 0;
        for (std::size_t i = 0; i < world_.clients(); ++i) {
            watches_.push_back(
                std::make_unique<Watch>(world_, world_.client(i), thoroughness, replays,
                                        [this, i](Violation violation) { violated(i, std::move(violation)); }));
            watch(world_.client(i), *watches_[i]);
        }
        world_.on_write = [this](const sim::Commit& commit, std::size_t client, engine::RequestId request) {
            ++verdict_.commits;
            if (judge_) judge_->on_write(commit, client, request);
        };
        for (const Fault& fault : scenario.faults) {
            world_.queue().at(fault.at, [this, fault] {
                ++verdict_.injected[static_cast<std::size_t>(fault.kind)];
                world_.apply(fault);
            });
            if (fault.lasts.count() > 0) world_.queue().at(fault.end(), [this, fault] { world_.end(fault); });
        }
        if (!scenario.edits) return;
        for (std::size_t i = 0; i < world_.clients(); ++i)
            users_.push_back(std::make_unique<User>(world_.queue(), world_.client(i), scenario.seed));
        world_.queue().at(std::min(scenario.edits_until, scenario.duration), [this] { stop_users(); });
    }

    Verdict go() {
        world_.run_for(scenario_.duration);
        if (scenario_.mode == Mode::Bounded && !verdict_.violation) settle();
        for (std::size_t i = 0; i < world_.clients() && !verdict_.violation; ++i) {
            const auto seen = watches_[i]->look();
            if (judge_) judge_->look(i, *seen);
        }
        verdict_.ran = world_.now();
        for (std::size_t i = 0; i < world_.clients(); ++i) {
            Client& client = world_.client(i);
            const std::uint64_t hash = client.engine().state_hash();
            verdict_.inputs += client.input_count();
            verdict_.clients.push_back({hash, client.engine().publish()->metrics.counters});
            verdict_.state_hash = i == 0 ? hash : verdict_.state_hash * 0x9e3779b97f4a7c15ULL ^ hash;
        }
        count_edits();
        for (const auto& watch : watches_)
            if (!verdict_.violation) watch->replay();
        return std::move(verdict_);
    }

private:
    void watch(Client& client, Watch& watch) {
        client.before_step = [this, &client, &watch](const engine::Input& input) {
            if (watcher_) watcher_(client.number(), input);
            watch.before(input);
            if (judge_) judge_->before_step(client, input);
        };
        client.after_step = [this, &client, &watch](const engine::Input& input, const engine::Effects& effects) {
            if (verdict_.violation) return;
            if (judge_) judge_->after_step(client, input, effects);
            const auto seen = watch.after(input, effects);
            if (judge_ && seen) judge_->look(client.number(), *seen);
        };
    }

    void stop_users() {
        for (const auto& user : users_) user->stop();
    }

    void count_edits() {
        if (!judge_) return;
        for (std::size_t i = 0; i < world_.clients(); ++i) {
            const auto& story = judge_->ledger().story(i);
            verdict_.edits += story.edits.size();
            verdict_.writes += story.writes.size();
            verdict_.conflicts += world_.client(i).engine().publish()->conflicts.size();
        }
    }

    void violated(std::size_t client, Violation violation) {
        if (verdict_.violation) return;
        violation.client = client;
        violation.at = world_.now();
        violation.input = world_.client(client).input_count();
        verdict_.story = watches_[client]->tell(violation.text);
        if (judge_)
            for (const auto& [reference, resource] : watches_[client]->ledger().resources())
                if (violation.text.find(reference) != std::string::npos)
                    for (auto& line : judge_->story(reference)) verdict_.story.push_back(std::move(line));
        verdict_.violation = std::move(violation);
        world_.stop();
    }

    // What keeps the run from having settled; "" when nothing does. Of the first client that differs.
    std::pair<std::size_t, std::string> difference() {
        for (std::size_t i = 0; i < watches_.size(); ++i) {
            std::string text = watches_[i]->difference();
            if (text.empty() && judge_) text = EditJudge::unfinished(*world_.client(i).engine().publish());
            if (!text.empty()) return {i, std::move(text)};
        }
        return {0, ""};
    }

    void settle() {
        world_.run_for(after_effects);
        world_.stop_writers();
        stop_users();
        const VirtualTime quiet_since = world_.now();
        auto [client, different] = difference();
        while (!verdict_.violation && !different.empty() && world_.now() < quiet_since + liveness_bound) {
            world_.run_for(seconds(1));
            std::tie(client, different) = difference();
        }
        if (verdict_.violation) return;
        if (!different.empty())
            return violated(client,
                            {"settles",
                             std::to_string(liveness_bound.count()) + " minutes after the last fault " + different,
                             {},
                             {},
                             {}});
        verdict_.settled = world_.now() - quiet_since;
        // The engine's own comparison must come to the same result.
        for (std::size_t i = 0; i < world_.clients() && !verdict_.violation; ++i) compare(i);
    }

    void compare(std::size_t number) {
        Client& client = world_.client(number);
        client.input(engine::Command{engine::Verify{}});
        const auto view = [&] { return client.engine().publish()->verify; };
        world_.run_until([&](const engine::Snapshot&) { return view().state != engine::VerifyView::State::Running; },
                         seconds(60));
        const auto verify = view();
        if (verify.state != engine::VerifyView::State::Equal && !verdict_.violation)
            violated(number, {"equal-means-equal",
                              "the stores equal the server, but the engine's comparison says otherwise: " +
                                  (verify.differences.empty() ? verify.problem : verify.differences.front()),
                              {},
                              {},
                              {}});
    }

    const Scenario& scenario_;
    const InputWatcher& watcher_;
    VirtualWorld world_;
    std::vector<std::unique_ptr<Watch>> watches_;
    std::optional<EditJudge> judge_;
    std::vector<std::unique_ptr<User>> users_;
    Verdict verdict_;
};

} // namespace

Scenario draw_scenario(std::uint64_t seed, VirtualTime duration, Mode mode, const FaultSet& set, const People& people) {
    FaultSet drawn = set, about_edits = set;
    for (const FaultKind kind : set.kinds()) {
        if (is_about_edits(kind) || (seed % 2 == 0 && needs_second_line(kind))) drawn.remove(kind);
        if (!is_about_edits(kind)) about_edits.remove(kind);
    }
    if (drawn.kinds().empty() && !people.edit) drawn = set;
    Scenario scenario{seed, duration, mode, draw_schedule(seed, duration, drawn)};
    scenario.clients = people.clients;
    scenario.edits = people.edit;
    sim::Random random(seed ^ 0xed17ULL);
    if (people.edit) {
        if (people.clients == 0) scenario.clients = static_cast<std::size_t>(random.between(2, 4));
        // Every third seed has only what happens to those who edit.
        if (seed % 3 == 0 && !about_edits.kinds().empty()) scenario.faults.clear();
        for (const Fault& fault : draw_schedule(random.next(), duration, about_edits)) scenario.faults.push_back(fault);
        std::stable_sort(scenario.faults.begin(), scenario.faults.end(),
                         [](const Fault& a, const Fault& b) { return a.at < b.at; });
    }
    scenario.clients = std::max<std::size_t>(scenario.clients, 1);
    scenario.second_line = std::any_of(scenario.faults.begin(), scenario.faults.end(),
                                       [](const Fault& fault) { return needs_second_line(fault.kind); });
    return scenario;
}

Verdict run(const Scenario& scenario, Thoroughness thoroughness, const InputWatcher& watcher) {
    return Run(scenario, thoroughness, watcher).go();
}

} // namespace fhirscope::simulation
