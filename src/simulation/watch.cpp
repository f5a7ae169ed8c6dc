#include "simulation/watch.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <utility>

namespace fhirscope::simulation {

namespace {

constexpr std::uint64_t inputs_between_looks = 16;
constexpr std::size_t story_lines = 40;

std::string seconds_text(VirtualTime time) {
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%8.3f s: ", static_cast<double>(time.count()) / 1e6);
    return buffer;
}

bool is_event(const engine::Input& input) {
    const auto* frame = std::get_if<engine::Frame>(&input.body);
    return frame && frame->text && frame->text->find("event-notification") != std::string::npos;
}

} // namespace

Watch::Watch(VirtualWorld& world, Client& client, Thoroughness thoroughness, bool replays,
             std::function<void(Violation)> complain)
    : world_(world),
      client_(client),
      thoroughness_(thoroughness),
      replays_(replays),
      complain_(std::move(complain)),
      ledger_(world.server()) {
    client_.on_commit = [this](const sim::Commit& commit, Fanout fanout) {
        ledger_.on_commit(commit, fanout, world_.now());
    };
    client_.network().on_lost_in_flight = [this](const std::string& reference, const std::string& version_id) {
        ledger_.on_lost_in_flight(reference, version_id);
    };
    client_.engine().observe({}, [this](const engine::Change& change) {
        ledger_.on_change(change, [this](std::string_view invariant, std::string text) {
            complain_({std::string(invariant), std::move(text), {}, {}, {}});
        });
    });
}

void Watch::before(const engine::Input& input) {
    if (replays_) inputs_.push_back(input);
    if (const auto* start = std::get_if<engine::Start>(&input.body)) config_ = start->config;
    const auto* command = std::get_if<engine::Command>(&input.body);
    if (command && std::holds_alternative<engine::Verify>(*command) && !verifying_) verify_begun_ = world_.now();
}

engine::SnapshotPtr Watch::after(const engine::Input& input, const engine::Effects& effects) {
    if (auto wrong = effect_checks_.check(input, effects)) {
        complain_(std::move(*wrong));
        return nullptr;
    }
    const bool resources_only = live_ && (std::holds_alternative<engine::Drain>(input.body) || is_event(input));
    if (thoroughness_ == Thoroughness::Every || !resources_only || ++since_look_ >= inputs_between_looks) return look();
    return nullptr;
}

engine::SnapshotPtr Watch::look() {
    since_look_ = 0;
    auto snapshot = client_.engine().publish();
    live_ = snapshot->connection.phase == engine::Phase::Live;
    verifying_ = snapshot->verify.state == engine::VerifyView::State::Running && !snapshot->verify.scheduled;
    if (replays_ && !snapshot->edits.empty()) while_editing_.push_back(inputs_.size());
    if (auto wrong =
            snapshot_checks_.check({*snapshot, config_, ledger_, effect_checks_.frames(), verify_begun_, world_.now()}))
        complain_(std::move(*wrong));
    return snapshot;
}

std::vector<std::string> Watch::tell(const std::string& text) const {
    std::vector<std::string> story;
    for (const auto& [reference, resource] : ledger_.resources()) {
        if (text.find(reference) == std::string::npos) continue;
        for (std::size_t i = 0; i < resource.commits.size(); ++i) {
            const auto& commit = resource.commits[i];
            if (resource.commits.size() - i > 5) continue; // the last ones tell enough
            story.push_back(seconds_text(commit.at) + reference + " commit " + std::to_string(i + 1) +
                            (commit.deleted ? ", deletion" : ", version " + commit.version_id.substr(0, 8)) +
                            ", lastUpdated " + fhir::format_instant(commit.last_updated) +
                            (commit.owed ? ", nobody was told" : ""));
        }
    }
    const auto snapshot = client_.engine().publish();
    const auto& events = snapshot->events;
    const std::uint64_t first = events.end() - std::min<std::uint64_t>(story_lines, events.size());
    for (std::uint64_t i = first; i < events.end(); ++i)
        story.push_back(seconds_text(client_.virtual_time(events[i].at)) + events[i].text);
    return story;
}

std::string Watch::difference() const {
    const auto snapshot = client_.engine().publish();
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
        if (resource.gone() ? shown : !shown || record->current().version_id() != resource.commits.back().version_id)
            return reference + (resource.gone() ? " is deleted on the server and shown here"
                                : !shown        ? " is not shown"
                                                : " shows commit " + std::to_string(resource.shown) + " of " +
                                               std::to_string(resource.commits.size()));
        if (record && record->standing == engine::Standing::Checking) return reference + " is still being checked";
    }
    return "";
}

void Watch::replay() {
    if (!replays_) return;
    engine::Engine second;
    // In the middle of the run; of those who edit, while an edit was pending.
    const std::size_t middle = while_editing_.empty() ? inputs_.size() / 2 : while_editing_[while_editing_.size() / 2];
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
        if (i == middle) {
            const std::uint64_t before = second.state_hash();
            auto restored = engine::Engine::restore(second.keyframe());
            if (!restored) return complain_({"replays-alike", restored.error().message, {}, {}, {}});
            second = std::move(*restored);
            if (second.state_hash() != before)
                return complain_({"replays-alike", "a keyframe was restored to another state", {}, {}, {}});
        }
        second.step(inputs_[i]);
    }
    if (second.state_hash() != client_.engine().state_hash())
        complain_({"replays-alike",
                   "the same inputs led to another state (restored from a keyframe in the middle)",
                   {},
                   {},
                   {}});
}

} // namespace fhirscope::simulation
