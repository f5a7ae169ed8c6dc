#include "simulation/watch.hpp"

#include "words/words.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <utility>

namespace fhirscope::simulation {

namespace {

constexpr std::uint64_t inputs_between_looks = 16;
constexpr std::size_t story_lines = 40;
constexpr std::size_t told_commits = 5; // the last ones tell enough
constexpr std::chrono::seconds longest_farewell{60};

std::string story_time(VirtualTime time) {
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%8.3f s: ", static_cast<double>(time.count()) / 1e6);
    return buffer;
}

bool is_event(const engine::Input& input) {
    const auto* frame = std::get_if<engine::Frame>(&input.body);
    return frame && frame->text && frame->text->find("event-notification") != std::string::npos;
}

} // namespace

Watch::Watch(Client& client, VirtualWorld& world, const History& history, Options options,
             std::function<void(Violation)> complain)
    : client_(client),
      world_(world),
      history_(history),
      options_(std::move(options)),
      complain_(std::move(complain)),
      ledger_(world.server()),
      edit_judge_(history, static_cast<int>(client.number())) {
    client.before_step = [this](const engine::Input& input) { before(input); };
    client.after_step = [this](const engine::Input& input, const engine::Effects& effects) { after(input, effects); };
    client.on_commit = [this](const server::Commit& commit, Fanout fanout) { on_commit(commit, fanout); };
    client.network().on_lost_in_flight = [this](const std::string& reference, const std::string& version_id) {
        ledger_.on_lost_in_flight(reference, version_id);
    };
    client.engine().observe({}, [this](const engine::Change& change) {
        ledger_.on_change(change, [this](std::string_view invariant, std::string text) {
            this->complain(invariant, std::move(text));
        });
    });
}

void Watch::complain(Violation violation) const {
    violation.client = client_.number();
    violation.input = client_.input_count();
    complain_(std::move(violation));
}

void Watch::on_commit(const server::Commit& commit, Fanout fanout) { ledger_.on_commit(commit, fanout, world_.now()); }

void Watch::on_own_commit(const std::string& reference) {
    if (auto wrong = edit_judge_.on_commit(reference, *client_.engine().publish())) complain(std::move(*wrong));
}

std::string Watch::reference_of(const engine::SendRequest& request) const {
    const auto path = request.url.find(config_.fhir_path);
    return path == std::string::npos ? request.url : request.url.substr(path + config_.fhir_path.size());
}

void Watch::before(const engine::Input& input) {
    if (options_.watcher) options_.watcher(client_.number(), input);
    if (options_.replays) inputs_.push_back(input);
    if (const auto* start = std::get_if<engine::Start>(&input.body)) config_ = start->config;
    if (const auto* answer = std::get_if<engine::HttpAnswer>(&input.body); answer && options_.edits)
        edit_judge_.answered(*answer, input.at);
    if (const auto* answer = std::get_if<engine::HttpAnswer>(&input.body))
        if (const auto deletion = deletions_.extract(answer->request);
            deletion && (answer->status == 404 || answer->status == 410))
            said_gone_.insert(deletion.mapped());
    const auto* command = std::get_if<engine::Command>(&input.body);
    if (!command) return;
    if (std::holds_alternative<engine::Verify>(*command) && !verifying_) verify_begun_ = world_.now();
    if (options_.edits) edit_judge_.before(*command, *client_.engine().publish());
}

void Watch::after(const engine::Input& input, const engine::Effects& effects) {
    if (auto wrong = effect_checks_.check(input, effects)) return complain(std::move(*wrong));
    const auto* command = std::get_if<engine::Command>(&input.body);
    if (options_.edits && command) edit_judge_.after(*command, *client_.engine().publish());
    for (const engine::Effect& effect : effects) {
        const auto* request = std::get_if<engine::SendRequest>(&effect);
        if (!request) continue;
        if (options_.edits) edit_judge_.sent(*request, reference_of(*request), *client_.engine().publish());
        if (request->method == "DELETE") deletions_[request->request] = reference_of(*request);
    }
    const bool resources_only = live_ && (std::holds_alternative<engine::Drain>(input.body) || is_event(input));
    if (options_.thoroughness == Thoroughness::Every || !resources_only || ++since_look_ >= inputs_between_looks)
        look();
}

void Watch::look() {
    since_look_ = 0;
    const auto snapshot = client_.engine().publish();
    live_ = snapshot->connection.phase == engine::Phase::Live;
    verifying_ = snapshot->verify.state == engine::VerifyView::State::Running && !snapshot->verify.scheduled;
    if (auto wrong = snapshot_checks_.check({*snapshot, config_, ledger_, effect_checks_.frames(), verify_begun_,
                                             world_.now(), effect_checks_.refused_since()}))
        return complain(std::move(*wrong));
    if (!options_.edits) return;
    if (options_.replays && !snapshot->edits.empty()) with_edits_.push_back(inputs_.size());
    if (auto wrong = edit_judge_.on_ended(*snapshot)) complain(std::move(*wrong));
}

std::vector<std::string> Watch::story(const std::string& text) const {
    std::vector<std::string> lines;
    for (const auto& [reference, resource] : ledger_.resources()) {
        if (text.find(reference) == std::string::npos) continue;
        const History::Commits* whole = history_.of(reference);
        for (std::size_t i = 0; i < resource.commits.size(); ++i) {
            const auto& commit = resource.commits[i];
            if (resource.commits.size() - i > told_commits) continue;
            std::string line = story_time(commit.at) + reference + " commit " + std::to_string(i + 1) +
                               (commit.deleted ? ", deletion" : ", version " + commit.version_id.substr(0, 8)) +
                               ", lastUpdated " + fhir::format_instant(commit.last_updated) +
                               (commit.owed ? ", nobody was told" : "");
            if (whole && i < whole->size() && (*whole)[i].client != History::nobody)
                line += ", by " + (*whole)[i].method + " of client " + std::to_string((*whole)[i].client) +
                        " on version " + (*whole)[i].precondition.substr(0, 8) +
                        ((*whole)[i].answer_lost ? ", whose answer was lost" : "");
            lines.push_back(std::move(line));
        }
    }
    const auto snapshot = const_cast<Client&>(client_).engine().publish();
    const auto& events = snapshot->events;
    const std::uint64_t first = events.end() - std::min<std::uint64_t>(story_lines, events.size());
    for (std::uint64_t i = first; i < events.end(); ++i)
        lines.push_back(story_time(client_.virtual_time(events[i].at)) + words::text(events[i]));
    return lines;
}

std::string Watch::difference() const {
    const auto snapshot = const_cast<Client&>(client_).engine().publish();
    if (snapshot->connection.phase != engine::Phase::Live)
        return "the phase is " + std::string(to_string(snapshot->connection.phase)) + " (" +
               words::text(snapshot->connection.reason) + ")";
    if (snapshot->queue_size > 0) return std::to_string(snapshot->queue_size) + " updates wait in the queue";
    if (!snapshot->edits.empty())
        return "an edit of " + snapshot->edits.front()->reference + " is still " +
               std::string(to_string(snapshot->edits.front()->state));
    if (snapshot->open_conflicts > 0)
        return std::to_string(snapshot->open_conflicts) + " conflicts are open, and no edit is pending";
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

void Watch::verify() {
    client_.input(engine::Command{engine::Verify{}});
    const VirtualTime limit = world_.now() + std::chrono::seconds(60);
    const auto running = [&] { return client_.engine().publish()->verify.state == engine::VerifyView::State::Running; };
    while (running() && world_.now() < limit && world_.step()) {
    }
    const auto verify = client_.engine().publish()->verify;
    if (verify.state != engine::VerifyView::State::Equal)
        complain("equal-means-equal",
                 "the stores equal the server, but the engine's comparison says otherwise: " +
                     words::text(verify.differences.empty() ? verify.problem : verify.differences.front()));
}

void Watch::at_the_end() {
    if (!options_.edits) return;
    if (auto wrong = edit_judge_.at_the_end()) complain(std::move(*wrong));
}

void Watch::leave() {
    client_.input(engine::Command{engine::Leave{}});
    const VirtualTime limit = world_.now() + longest_farewell;
    const auto snapshot = [&] { return client_.engine().publish(); };
    while (!snapshot()->connection.left && world_.now() < limit && world_.step()) {
    }
    const auto own = snapshot()->own_subscriptions;
    for (const std::string& id : *own)
        if (!said_gone_.contains("Subscription/" + id) && world_.server().hub.find(id, world_.server_now()))
            return complain("leaves-nothing-behind", "Subscription/" + id + " is still on the server");
    if (!snapshot()->connection.left)
        complain("leaves-nothing-behind",
                 "the session has not ended " + std::to_string(longest_farewell.count()) + " s after it was to");
}

void Watch::replay() {
    engine::Engine second;
    const std::size_t middle = with_edits_.empty() ? inputs_.size() / 2 : with_edits_[with_edits_.size() / 2];
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
        if (i == middle) {
            auto restored = engine::Engine::restore(second.keyframe());
            if (!restored) return complain("replays-alike", restored.error().message);
            if (restored->state_hash() != second.state_hash())
                return complain("replays-alike", "a keyframe (after input " + std::to_string(middle) +
                                                     ") was restored to another state");
            second = std::move(*restored);
        }
        second.step(inputs_[i]);
    }
    if (second.state_hash() != client_.engine().state_hash())
        complain("replays-alike", "the same inputs led to another state (restored from a keyframe after input " +
                                      std::to_string(middle) + ")");
}

} // namespace fhirscope::simulation
