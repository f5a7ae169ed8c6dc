#include "simulation/edit_judge.hpp"

#include "fhir/diff.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::simulation {

namespace {

// One is the other, or is within it.
bool related(std::string_view a, std::string_view b) {
    if (a.size() > b.size()) std::swap(a, b);
    return b.starts_with(a) && (a.size() == b.size() || b[a.size()] == '.' || b[a.size()] == '[');
}

// Without what chooses elements: people and diffs write that differently.
std::string plain(std::string_view path) {
    std::string text;
    int depth = 0;
    for (const char c : path) {
        if (c == '[') ++depth;
        if (depth == 0) text += c;
        if (c == ']') --depth;
    }
    return text;
}

std::vector<fhir::FieldChange> changes(const fhir::Resource& before, const fhir::Resource& after) {
    auto all = fhir::diff(before, after);
    std::erase_if(all, [](const fhir::FieldChange& change) { return change.path.starts_with("meta"); });
    return all;
}

bool agree(const fhir::ResourcePtr& one, const fhir::ResourcePtr& other, const std::string& path) {
    if (!one || !other) return false;
    const auto differ = changes(*one, *other);
    return std::none_of(differ.begin(), differ.end(),
                        [&](const fhir::FieldChange& change) { return related(change.path, path); });
}

// All of what was asked for is as the edit has it.
bool has_the_edit(const fhir::Resource& version, const engine::LocalEdit& edit) {
    const auto differ = changes(version, *edit.local);
    return std::none_of(differ.begin(), differ.end(), [&](const fhir::FieldChange& change) {
        return std::any_of(edit.fields.begin(), edit.fields.end(), [&](const fhir::FieldEdit& field) {
            return related(plain(change.path), plain(field.path));
        });
    });
}

std::size_t count(std::string_view text, std::string_view part) {
    std::size_t n = 0;
    for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++n;
    return n;
}

std::string short_id(std::string_view version) { return std::string(version.substr(0, 8)); }

} // namespace

struct EditJudge::Written {
    const std::string& reference;
    std::size_t client;
    const EditStory& story;
    const Write& write;
    const engine::Snapshot& snapshot; // of the client, at the moment of the commit
    std::size_t place;                // of the commit, never the first one
    fhir::ResourcePtr content;
    bool over_deletion;       // of the version before it
    fhir::ResourcePtr before; // what it is to be compared with: the version before it, else what it was made from
};

std::vector<std::string_view> edit_invariant_names() {
    return {"edits-have-their-write", "no-lost-update",          "no-silent-overwrite",   "writes-what-was-asked",
            "writes-nothing-twice",   "acknowledged-is-written", "refused-is-not-written"};
}

EditJudge::EditJudge(VirtualWorld& world, Complain complain)
    : world_(world), ledger_(world), complain_(std::move(complain)) {}

void EditJudge::on_write(const sim::Commit& commit, std::size_t client, engine::RequestId request) {
    ledger_.on_write(commit, client, request);
    if (client == no_client) return;
    const std::string reference = commit.current->reference();
    const EditStory& story = ledger_.story(client);
    const auto write = story.writes.find(request);
    if (write == story.writes.end() || !write->second.edit || write->second.reference != reference)
        return complain_(client, "edits-have-their-write", reference + " was written, and no edit of it was pending");
    const auto snapshot = world_.client(client).engine().publish();
    Written w{reference,
              client,
              story,
              write->second,
              *snapshot,
              ledger_.commits(reference).size() - 1,
              commit.current->resource,
              false,
              nullptr};
    w.over_deletion = !ledger_.commits(reference)[w.place - 1].content;
    const auto base = ledger_.place(reference, w.write.edit->base->version_id());
    w.before = w.over_deletion ? base ? ledger_.content(reference, *base) : nullptr
                               : ledger_.commits(reference)[w.place - 1].content;
    const auto judge = [&](std::string_view invariant, const Wrong& wrong) {
        if (wrong)
            complain_(client, invariant,
                      reference + ", version " + short_id(commit.current->version_id) + " by client " +
                          std::to_string(client) + ", edit " + std::to_string(w.write.edit->number) + ": " + *wrong);
    };
    judge("no-lost-update", made_on_the_version_before(w));
    judge("no-silent-overwrite", overwrites_nothing_unseen(w));
    judge("writes-what-was-asked", writes_what_was_asked(w));
    judge("writes-nothing-twice", writes_nothing_twice(w));
    judge("refused-is-not-written", refused_is_not_written(client, story.edits.at(w.write.edit->number)));
}

// A deleted resource has no version that a precondition could be about: the server lets the write pass, and a client
// that did not know of the deletion cannot prevent it. One that knew must have asked.
EditJudge::Wrong EditJudge::made_on_the_version_before(const Written& w) const {
    const auto& before = ledger_.commits(w.reference)[w.place - 1];
    const std::string_view made_on = w.write.edit->base->version_id();
    if (!w.over_deletion && made_on != before.version_id)
        return "made on version " + short_id(made_on) + ", but version " + short_id(before.version_id) +
               " was the server's";
    if (!w.write.over_deletion) return std::nullopt;
    for (const auto& [number, decisions] : w.story.decisions)
        for (const Decision& decision : decisions)
            if (decision.conflict->reference == w.reference && !decision.conflict->server) return std::nullopt;
    return "it brings back what the client knew to be deleted, and nobody decided that";
}

std::string EditJudge::policy(const Written& w, const std::string& path) const {
    const std::string_view type = std::string_view(w.reference).substr(0, w.reference.find('/'));
    for (const auto& panel : w.story.config.panels)
        if (panel.type == type)
            for (const auto& rule : panel.conflicts)
                if (rule.field == "*" || related(rule.field, path)) return rule.strategy;
    return w.story.config.default_strategy;
}

// That the change of `path` in the version at `place` is overwritten was seen, and decided by a person or a rule.
bool EditJudge::is_decided(const Written& w, const std::string& path, std::size_t place) const {
    for (std::size_t i = 0; i < w.snapshot.conflicts.size(); ++i) {
        const engine::Conflict& conflict = *w.snapshot.conflicts[i];
        if (conflict.reference != w.reference || conflict.edit != w.write.edit->number || !conflict.server) continue;
        const auto met = ledger_.place(w.reference, conflict.server->version_id());
        if (!met || *met < place) continue;
        const bool by_person = w.story.decisions.contains(conflict.number);
        if (by_person && conflict.outcome == engine::ConflictOutcome::RolledBack) return true;
        for (const auto& field : conflict.fields) {
            if (!related(plain(field.path), plain(path)) || field.choice == fhir::Side::Server) continue;
            const std::string rule = policy(w, field.path);
            if (by_person || (rule != "ask" && rule != "server")) return true;
        }
    }
    return false;
}

EditJudge::Wrong EditJudge::overwrites_nothing_unseen(const Written& w) const {
    if (w.over_deletion || !w.before) return std::nullopt;
    const EditLife& life = w.story.edits.at(w.write.edit->number);
    const auto began = ledger_.place(w.reference, life.base->version_id());
    if (!began) return "it began with version " + short_id(life.base->version_id()) + ", which the server never had";
    const auto& commits = ledger_.commits(w.reference);
    const auto written = changes(*w.before, *w.content);
    for (std::size_t i = *began + 1; i < w.place; ++i) {
        const auto earlier = ledger_.content(w.reference, i - 1);
        if (commits[i].client == w.client || !commits[i].content || !earlier) continue;
        for (const auto& theirs : changes(*earlier, *commits[i].content))
            for (const auto& ours : written)
                if (related(theirs.path, ours.path) && !is_decided(w, ours.path, i))
                    return "it overwrites " + ours.path + ", which version " + short_id(commits[i].version_id) +
                           " had changed to " + theirs.after + ", with " + ours.after +
                           ", and no conflict decided that";
    }
    return std::nullopt;
}

bool EditJudge::was_asked(const Written& w, const fhir::FieldChange& change) const {
    const auto asked = w.story.asked.find(w.reference);
    if (asked == w.story.asked.end()) return false;
    const std::string path = plain(change.path);
    return std::any_of(asked->second.begin(), asked->second.end(), [&](const fhir::FieldEdit& field) {
        if (!related(path, plain(field.path))) return false;
        return field.value.empty() ? change.after.empty() : change.after.find(field.value) != std::string::npos;
    });
}

bool EditJudge::was_chosen(const Written& w, const fhir::FieldChange& change) const {
    for (std::size_t i = 0; i < w.snapshot.conflicts.size(); ++i) {
        const engine::Conflict& conflict = *w.snapshot.conflicts[i];
        if (conflict.reference != w.reference) continue;
        for (const auto& field : conflict.fields) {
            if (!related(plain(field.path), plain(change.path)) || conflict.open()) continue;
            if (field.choice == fhir::Side::Both) return true;
            if (field.choice == fhir::Side::Base && agree(w.content, conflict.base, change.path)) return true;
        }
    }
    for (const auto& [number, decisions] : w.story.decisions)
        for (const Decision& decision : decisions) {
            const engine::Conflict& conflict = *decision.conflict;
            if (conflict.reference != w.reference || decision.resolve.action != engine::Resolve::Action::RollBack)
                continue;
            if (agree(w.content, conflict.open() ? conflict.base : conflict.undo, change.path)) return true;
        }
    return false;
}

EditJudge::Wrong EditJudge::writes_what_was_asked(const Written& w) const {
    if (!w.before) return std::nullopt;
    for (const auto& change : changes(*w.before, *w.content))
        if (!was_asked(w, change) && !was_chosen(w, change))
            return "it changes " + change.path + " from " + change.before + " to " + change.after +
                   ", which its user neither asked for nor chose";
    return std::nullopt;
}

EditJudge::Wrong EditJudge::writes_nothing_twice(const Written& w) const {
    const auto asked = w.story.asked.find(w.reference);
    if (asked == w.story.asked.end()) return std::nullopt;
    for (const auto& field : asked->second) {
        if (!field.path.starts_with("note[")) continue;
        const std::size_t now = count(w.content->text(), field.value);
        if (now > 1 && (!w.before || count(w.before->text(), field.value) < now))
            return field.path + " " + field.value + " was asked for once, and is there " + std::to_string(now) +
                   " times";
    }
    return std::nullopt;
}

// Where the answer to a write was lost, a version that has all that was asked for may be another's: nobody can tell.
EditJudge::Wrong EditJudge::acknowledged_is_written(std::size_t client, const engine::LocalEdit& edit) const {
    const EditStory& story = ledger_.story(client);
    const auto& commits = ledger_.commits(edit.reference);
    const auto life = story.edits.find(edit.number);
    const auto& requests = life->second.requests;
    const bool unsure = std::any_of(requests.begin(), requests.end(),
                                    [&](engine::RequestId request) { return !story.writes.at(request).told; });
    if (!edit.version.empty()) {
        const auto place = ledger_.place(edit.reference, edit.version);
        if (!place) return "acknowledged as version " + short_id(edit.version) + ", which the server never had";
        const EditCommit& commit = commits[*place];
        const bool own =
            commit.client == client && std::find(requests.begin(), requests.end(), commit.request) != requests.end();
        if (own) return std::nullopt;
        if (!unsure) return "acknowledged as version " + short_id(edit.version) + ", which its request did not write";
        if (commit.content && has_the_edit(*commit.content, edit)) return std::nullopt;
        return "acknowledged as version " + short_id(edit.version) + ", which has not what was asked for";
    }
    const auto began = ledger_.place(edit.reference, life->second.base->version_id());
    for (std::size_t i = began.value_or(0); i < commits.size(); ++i)
        if (commits[i].content && has_the_edit(*commits[i].content, edit)) return std::nullopt;
    return "acknowledged, but no version has what was asked for";
}

EditJudge::Wrong EditJudge::refused_is_not_written(std::size_t client, const EditLife& life) const {
    if (!life.ended || life.ended->state == engine::EditState::Acknowledged) return std::nullopt;
    const EditStory& story = ledger_.story(client);
    for (const engine::RequestId request : life.requests) {
        const Write& write = story.writes.at(request);
        if (!write.committed) continue;
        const std::string state(engine::to_string(life.ended->state));
        if (write.told) return "the server said that it wrote it, but the edit ended as " + state;
        std::string said = life.ended->problem;
        const auto snapshot = world_.client(client).engine().publish();
        for (std::size_t i = 0; i < snapshot->conflicts.size(); ++i)
            if (snapshot->conflicts[i]->number == life.ended->conflict) said += "; " + snapshot->conflicts[i]->note;
        if (said.find("lost") == std::string::npos)
            return "it was written, its answer was lost, and it ended as " + state + " without a word of that (" +
                   said + ")";
    }
    return std::nullopt;
}

void EditJudge::look(std::size_t client, const engine::Snapshot& snapshot) {
    for (const auto& edit : ledger_.see(client, snapshot)) {
        const std::string name =
            edit->reference + ", edit " + std::to_string(edit->number) + " of client " + std::to_string(client) + ": ";
        const EditLife& life = ledger_.story(client).edits.at(edit->number);
        if (edit->state == engine::EditState::Acknowledged) {
            if (const Wrong wrong = acknowledged_is_written(client, *edit))
                complain_(client, "acknowledged-is-written", name + *wrong);
        } else if (const Wrong wrong = refused_is_not_written(client, life)) {
            complain_(client, "refused-is-not-written", name + *wrong);
        }
    }
}

std::string EditJudge::unfinished(const engine::Snapshot& snapshot) {
    if (!snapshot.edits.empty())
        return "the edit of " + snapshot.edits.front()->reference + " is " +
               std::string(engine::to_string(snapshot.edits.front()->state));
    if (snapshot.open_conflicts > 0) return std::to_string(snapshot.open_conflicts) + " conflicts wait for a decision";
    return "";
}

std::vector<std::string> EditJudge::story(const std::string& reference) const {
    std::vector<std::string> lines;
    const auto& commits = ledger_.commits(reference);
    for (std::size_t i = commits.size() > 5 ? commits.size() - 5 : 0; i < commits.size(); ++i) {
        const EditCommit& commit = commits[i];
        std::string line = reference + " version " + short_id(commit.version_id);
        line += commit.client == no_client ? " by the clinic:" : " by client " + std::to_string(commit.client) + ":";
        const auto before = i > 0 ? ledger_.content(reference, i - 1) : nullptr;
        if (!commit.content) line += " deleted";
        if (before && commit.content)
            for (const auto& change : changes(*before, *commit.content))
                line += " " + change.path + " " + change.before + " to " + change.after + ";";
        lines.push_back(std::move(line));
    }
    return lines;
}

} // namespace fhirscope::simulation
