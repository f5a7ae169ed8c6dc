#include "simulation/runner.hpp"

#include "diagnosis/causes/table.hpp"
#include "fhir/assert.hpp"
#include "fhir/random.hpp"
#include "simulation/incident_watch.hpp"
#include "simulation/users.hpp"
#include "simulation/watch.hpp"

#include <xxhash.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace fhirscope::simulation {

namespace {

using std::chrono::seconds;

constexpr std::uint64_t seeds_between_replays = 64; // every so many seeds the inputs are given to a second engine
constexpr std::uint64_t edited_seeds_between_replays = 16;
constexpr seconds last_verdicts{30}; // what came out at the very end is told within this time
constexpr seconds after_effects{6};  // what a fault set in motion ends within this time after it

// How the world of a seed is: small, so that a seed takes moments, and with tight bounds, so that they are met.
WorldOptions draw_world(const Scenario& scenario) {
    Random random(scenario.seed ^ 0x3012dULL);
    WorldOptions options;
    options.seed = scenario.seed;
    options.behaviour = scenario.behaviour;
    options.patients = static_cast<std::size_t>(random.between(3, 20));
    options.tasks = static_cast<std::size_t>(random.between(5, 40));
    options.rate = static_cast<double>(random.between(2, 40)) / 10;
    options.binding_lifetime = random.chance(50) ? seconds(random.between(30, 120)) : seconds(3'600);
    options.overtaking = random.chance(30);
    options.frame_delay_max_us = random.chance(70) ? 5'000 : random.between(1'000, 120'000);
    options.ties = std::any_of(scenario.faults.begin(), scenario.faults.end(), [](const Fault& f) {
        return f.kind == FaultKind::VersionTie || f.kind == FaultKind::ServerClockJump || f.kind == FaultKind::Writers;
    });
    for (const Fault& fault : scenario.faults)
        if (fault.kind == FaultKind::ServerSkew) options.server_skew = std::chrono::milliseconds(fault.amount);
    const bool tight = random.chance(40), renews = random.chance(30);
    const auto queue_max = static_cast<std::size_t>(random.between(4, 64));
    const auto batch = static_cast<std::uint32_t>(random.between(1, 32));
    const auto renew_after = seconds(random.between(20, 100));
    const bool second_line = scenario.second_line;
    const auto reconcile_period = seconds(random.between(45, 120));
    options.clients = scenario.clients;
    std::string strategy = "ask";
    if (scenario.clients > 1) {
        static constexpr auto strategies = std::to_array<std::string_view>(
            {"ask", "ask", "ask", "ask", "ask", "merge", "server", "local", "newest", "furthest"});
        strategy = random.pick(strategies);
        options.lost_write_percent = random.chance(50) ? static_cast<unsigned>(random.between(2, 25)) : 0;
    }
    // Room for all keys (1.1 kB each) and for some of the contents (2.1 kB with the key), of as many resources as there
    // are in the end: about so many, and at most 6 % more.
    const bool short_of_room = random.chance(40);
    auto made = static_cast<std::size_t>(30 * options.rate);
    for (const Fault& fault : scenario.faults)
        if (fault.kind == FaultKind::Burst) made += static_cast<std::size_t>(fault.amount) / 2;
    const std::size_t room = (options.patients + options.tasks + made) * 1'950;
    options.configure = [=](engine::Config& config) {
        config.update_rows = 256;
        config.frame_rows = 1'024;
        config.event_rows = 1'024;
        config.rejection_rows = 64;
        config.conflict_rows = 128;
        config.default_strategy = strategy;
        config.frame_bytes = 1u << 20;
        config.store.max_versions = 8;
        config.store.max_history_bytes = 1u << 20;
        if (short_of_room) config.store.max_resource_bytes = room;
        if (tight) {
            config.queue_max = queue_max;
            config.batch = batch;
            config.page_size = 20;
        }
        config.reconcile_period = second_line ? reconcile_period : std::chrono::hours(24);
        if (!second_line) config.check_budget = 0;
        if (renews) config.subscription_renew_after = renew_after;
    };
    return options;
}

// By cause and by fault, so that fewer faults are tried for the same mistake.
std::optional<Violation> first_wrong(const Judgement& judgement) {
    for (const JudgedIncident& judged : judgement.incidents) {
        const SeenIncident& incident = judged.incident;
        if (judged.verdict != IncidentVerdict::Wrong || incident.severity == diagnosis::Severity::Info) continue;
        return Violation{"no-false-cause:" + std::string(diagnosis::to_string(incident.cause)), describe(incident)};
    }
    for (const JudgedFault& fault : judgement.faults)
        if (fault.verdict == FaultVerdict::Missed)
            return Violation{"every-fault-is-named:" + std::string(info(fault.trace.fault.kind).name),
                             "no incident names " + describe(fault.trace.fault)};
    return std::nullopt;
}

class Run {
public:
    Run(const Scenario& scenario, Thoroughness thoroughness, const InputWatcher& watcher)
        : scenario_(scenario), world_(draw_world(scenario)), history_(world_.server()) {
        InputWatcher watching = watcher;
        if (scenario.diagnosing != Diagnosing::Off)
            watching = [this, watcher](unsigned client, const engine::Input& input) {
                if (client == 0) digest(input);
                if (watcher) watcher(client, input);
            };
        const bool edits = scenario.clients > 1;
        replays_ = scenario.seed % (edits ? edited_seeds_between_replays : seeds_between_replays) == 0;
        world_.on_commit = [this](const server::Commit& commit, Client* by) { committed(commit, by); };
        world_.on_policy = [this](bool hidden) {
            for (const auto& watch : watches_) watch->on_policy(hidden);
        };
        for (unsigned i = 0; i < scenario.clients; ++i) {
            watches_.push_back(std::make_unique<Watch>(world_.client(i), world_, history_,
                                                       Watch::Options{thoroughness, edits, replays_, watching},
                                                       [this](Violation wrong) { violated(std::move(wrong)); }));
            world_.client(i).network().on_answer_lost = [this, i](const engine::SendRequest& request) {
                ++verdict_.answers_lost;
                history_.on_answer_lost(static_cast<int>(i), request, watches_[i]->reference_of(request));
            };
        }
        if (edits) users_.emplace(world_, scenario.seed);
        if (scenario.diagnosing != Diagnosing::Off) incidents_.emplace(world_, world_.client(0));
        for (const Fault& fault : scenario.faults) {
            world_.queue().at(fault.at, [this, fault] {
                ++verdict_.injected[static_cast<std::size_t>(fault.kind)];
                world_.apply(fault);
            });
            if (fault.lasts.count() > 0) world_.queue().at(fault.end(), [this, fault] { world_.end(fault); });
        }
    }

    Verdict go() {
        try {
            world_.run_for(scenario_.duration);
            if (scenario_.mode == Mode::Bounded && !verdict_.violation) settle();
            if (!verdict_.violation) judge_diagnosis();
            if (scenario_.diagnosing == Diagnosing::Counterfactual) return std::move(verdict_);
            if (scenario_.mode == Mode::Bounded && !verdict_.violation) leave();
            for (const auto& watch : watches_)
                if (!verdict_.violation) watch->look();
        } catch (const Impossible& found) { // by the engine itself
            violated({"nothing-impossible", found.what(), {}, world_.client(0).input_count(), 0});
        }
        verdict_.ran = world_.now();
        if (users_) verdict_.edits = users_->edits(), verdict_.decisions = users_->decisions();
        for (std::size_t i = 0; i < world_.clients(); ++i) {
            Client& client = world_.client(i);
            const auto snapshot = client.engine().publish();
            verdict_.inputs += client.input_count();
            verdict_.counters.push_back(snapshot->metrics.counters);
            verdict_.state_hashes.push_back(client.engine().state_hash());
            verdict_.contents.push_back(session::content_digest(*snapshot));
            for (std::size_t kind = 0; kind < verdict_.conflicts.size(); ++kind)
                verdict_.conflicts[kind] += snapshot->conflict_counts[kind];
        }
        for (const auto& watch : watches_)
            if (replays_ && !verdict_.violation) watch->replay();
        return std::move(verdict_);
    }

private:
    void committed(const server::Commit& commit, Client* by) {
        ++verdict_.commits;
        if (!by) return void(history_.add(commit, world_.now(), History::nobody, nullptr, {}));
        ++verdict_.own_commits;
        history_.add(commit, world_.now(), static_cast<int>(by->number()), by->network().served(), by->last_input());
        if (!verdict_.violation) watches_[by->number()]->on_own_commit(commit.current->reference());
    }

    void violated(Violation violation) {
        if (verdict_.violation) return;
        violation.at = world_.now();
        verdict_.story = watches_[violation.client]->story(violation.text);
        verdict_.violation = std::move(violation);
        world_.stop();
    }

    // Of the first client that is not in sync; "" when all are.
    std::string difference() {
        differs_ = 0;
        for (const auto& watch : watches_) {
            if (auto different = watch->difference(); !different.empty()) return different;
            ++differs_;
        }
        return "";
    }

    void settle() {
        world_.run_for(after_effects);
        world_.stop_writers();
        if (users_) users_->stop();
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
                             world_.client(differs_).input_count(),
                             static_cast<unsigned>(differs_)});
        verdict_.settled = world_.now() - quiet_since;
        for (const auto& watch : watches_) {
            if (!verdict_.violation) watch->verify();
            if (!verdict_.violation) watch->at_the_end();
        }
    }

    void leave() {
        for (const auto& watch : watches_)
            if (!verdict_.violation) watch->leave();
    }

    void judge_diagnosis() {
        if (!incidents_) return;
        world_.run_for(last_verdicts);
        incidents_->stop();
        if (verdict_.violation) return;
        if (scenario_.diagnosing == Diagnosing::Counterfactual) return;
        verdict_.judgement = incidents_->judge();
        for (JudgedFault& fault : verdict_.judgement->faults) excuse(fault);
        if (scenario_.diagnosing != Diagnosing::MustBeRight) return;
        if (auto wrong = first_wrong(*verdict_.judgement)) violated(std::move(*wrong));
    }

    void digest(const engine::Input& input) {
        const std::string bytes = engine::to_bytes(input);
        digest_ = XXH3_64bits_withSeed(bytes.data(), bytes.size(), digest_);
    }

    // Without it the client would have got the very same inputs at the same times: what it did was hidden by another
    // fault, and nothing that the client has can tell of it.
    void excuse(JudgedFault& judged) const {
        if (judged.verdict != FaultVerdict::Missed && judged.verdict != FaultVerdict::Under) return;
        Scenario without = scenario_;
        without.diagnosing = Diagnosing::Counterfactual;
        std::erase_if(without.faults, [&](const Fault& fault) { return fault.salt == judged.trace.fault.salt; });
        Run other(without, Thoroughness::Quick, {});
        other.go();
        if (other.digest_ != digest_) return;
        judged.verdict = FaultVerdict::WithoutEffect;
        judged.incident.reset();
    }

    const Scenario& scenario_;
    VirtualWorld world_;
    History history_;
    std::vector<std::unique_ptr<Watch>> watches_;
    std::optional<Users> users_;
    std::optional<IncidentWatch> incidents_;
    Verdict verdict_;
    std::size_t differs_ = 0;  // which client
    std::uint64_t digest_ = 0; // of the first client's inputs
    bool replays_ = false;
};

} // namespace

Scenario draw_scenario(std::uint64_t seed, VirtualTime duration, Mode mode, const FaultSet& set, unsigned clients,
                       std::optional<server::Behaviour> behaviour) {
    FaultSet drawn = set;
    if (seed % 2 == 0)
        for (const FaultKind kind : set.kinds())
            if (needs_second_line(kind)) drawn.remove(kind);
    Scenario scenario;
    scenario.seed = seed;
    scenario.duration = duration;
    scenario.mode = mode;
    scenario.faults = draw_schedule(seed, duration, drawn.kinds().empty() ? set : drawn);
    if (clients > 1) scenario.clients = static_cast<unsigned>(Random(seed ^ 0xc11e27ULL).between(2, clients));
    scenario.behaviour = behaviour.value_or(Random(seed ^ 0xbe4a1ULL).chance(50) ? server::Behaviour::Medplum50
                                                                                 : server::Behaviour::Medplum51);
    scenario.second_line = std::any_of(scenario.faults.begin(), scenario.faults.end(),
                                       [](const Fault& fault) { return needs_second_line(fault.kind); });
    return scenario;
}

Verdict run(const Scenario& scenario, Thoroughness thoroughness, const InputWatcher& watcher) {
    return Run(scenario, thoroughness, watcher).go();
}

} // namespace fhirscope::simulation
