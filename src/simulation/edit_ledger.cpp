#include "simulation/edit_ledger.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::simulation {

namespace {

const engine::Record* record_of(const engine::Snapshot& snapshot, const std::string& reference) {
    for (const auto& store : snapshot.stores) {
        if (!reference.starts_with(store.type + "/")) continue;
        for (std::size_t i = 0; i < store.records.size(); ++i)
            if (store.records[i]->reference == reference) return store.records[i].get();
    }
    return nullptr;
}

engine::LocalEditPtr edit_of(const engine::Snapshot& snapshot, const std::string& reference) {
    for (const auto& edit : snapshot.edits)
        if (edit->reference == reference) return edit;
    return nullptr;
}

engine::ConflictPtr conflict_of(const engine::Snapshot& snapshot, std::uint64_t number) {
    for (std::size_t i = 0; i < snapshot.conflicts.size(); ++i)
        if (snapshot.conflicts[i]->number == number) return snapshot.conflicts[i];
    return nullptr;
}

} // namespace

std::string written_by(const engine::SendRequest& request, const engine::Config& config) {
    if (request.method != "PUT" && request.method != "PATCH") return "";
    return request.url.starts_with(config.fhir_path) ? request.url.substr(config.fhir_path.size()) : "";
}

EditLedger::EditLedger(VirtualWorld& world) : stories_(world.clients()) {
    for (const auto& type : world.server().store.types())
        for (const auto& version : world.server().store.all(type))
            commits_[version->reference()].push_back({version->version_id, version->resource});
}

const std::vector<EditCommit>& EditLedger::commits(const std::string& reference) const {
    static const std::vector<EditCommit> none;
    const auto found = commits_.find(reference);
    return found == commits_.end() ? none : found->second;
}

std::optional<std::size_t> EditLedger::place(const std::string& reference, std::string_view version_id) const {
    const auto& list = commits(reference);
    for (std::size_t i = list.size(); i-- > 0;)
        if (list[i].version_id == version_id) return i;
    return std::nullopt;
}

fhir::ResourcePtr EditLedger::content(const std::string& reference, std::size_t place) const {
    const auto& list = commits(reference);
    for (std::size_t i = std::min(place + 1, list.size()); i-- > 0;)
        if (list[i].content) return list[i].content;
    return nullptr;
}

void EditLedger::on_write(const sim::Commit& commit, std::size_t client, engine::RequestId request) {
    commits_[commit.current->reference()].push_back(
        {commit.current->version_id, commit.current->resource, client, request});
    if (client == no_client) return;
    if (const auto write = stories_[client].writes.find(request); write != stories_[client].writes.end())
        write->second.committed = true;
}

void EditLedger::before_step(Client& client, const engine::Input& input) {
    EditStory& story = stories_[client.number()];
    if (const auto* start = std::get_if<engine::Start>(&input.body)) story.config = start->config;
    if (const auto* answer = std::get_if<engine::HttpAnswer>(&input.body)) {
        const auto write = story.writes.find(answer->request);
        if (write != story.writes.end() && (answer->status == 200 || answer->status == 201) && answer->body) {
            const auto stored = fhir::parse_resource(*answer->body);
            write->second.told |= stored && (*stored)->reference() == write->second.reference;
        }
    }
    const auto* command = std::get_if<engine::Command>(&input.body);
    if (!command) return;
    if (const auto* edit = std::get_if<engine::Edit>(command)) {
        auto& asked = story.asked[edit->reference];
        asked.insert(asked.end(), edit->fields.begin(), edit->fields.end());
    }
    if (const auto* resolve = std::get_if<engine::Resolve>(command))
        if (const auto conflict = conflict_of(*client.engine().publish(), resolve->conflict))
            story.decisions[resolve->conflict].push_back({*resolve, conflict});
}

void EditLedger::after_step(Client& client, const engine::Input& input, const engine::Effects& effects) {
    EditStory& story = stories_[client.number()];
    const bool writes = std::any_of(effects.begin(), effects.end(), [&](const engine::Effect& effect) {
        const auto* request = std::get_if<engine::SendRequest>(&effect);
        return request && !written_by(*request, story.config).empty();
    });
    // These begin edits.
    const bool begins =
        std::holds_alternative<engine::Command>(input.body) || std::holds_alternative<engine::HttpAnswer>(input.body);
    if (!writes && !begins) return;
    const auto snapshot = client.engine().publish();
    for (const auto& edit : snapshot->edits)
        story.edits.try_emplace(edit->number, EditLife{edit->reference, edit->base, {}, {}});
    for (const engine::Effect& effect : effects) {
        const auto* request = std::get_if<engine::SendRequest>(&effect);
        if (!request) continue;
        const std::string reference = written_by(*request, story.config);
        if (reference.empty() || story.writes.contains(request->request)) continue; // none, or sent again
        Write write;
        write.reference = reference;
        write.edit = edit_of(*snapshot, reference);
        const auto* record = record_of(*snapshot, reference);
        write.over_deletion = record && !record->resource();
        if (write.edit) story.edits.at(write.edit->number).requests.push_back(request->request);
        story.writes.emplace(request->request, std::move(write));
    }
}

std::vector<engine::LocalEditPtr> EditLedger::see(std::size_t client, const engine::Snapshot& snapshot) {
    EditStory& story = stories_[client];
    std::vector<engine::LocalEditPtr> ended;
    const auto& log = snapshot.ended_edits;
    for (std::uint64_t i = std::max(story.ended_seen, log.first()); i < log.end(); ++i) {
        ended.push_back(log[i]);
        story.edits.try_emplace(log[i]->number, EditLife{log[i]->reference, log[i]->base, {}, {}}).first->second.ended =
            log[i];
    }
    story.ended_seen = log.end();
    return ended;
}

} // namespace fhirscope::simulation
