#include "histories.hpp"

#include "fhir/json.hpp"
#include "words/words.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace fhirscope::edits {

namespace {

using rapidjson::Value;

struct Version {
    rapidjson::Document content; // null: a deletion
    std::string id;
    bool by_client = false; // by one of the writers, who have one login
    bool deleted() const { return !content.IsObject(); }
};
using History = std::vector<Version>; // oldest first

std::string text_of(const Version& version, const char* member) {
    if (version.deleted() || !version.content.HasMember(member)) return {};
    return fhir::to_text(version.content[member]);
}

std::string member_of(const std::string& path) { return path.substr(0, path.find_first_of(".[")); }

std::set<std::string> members_of(const Version& version) {
    std::set<std::string> names;
    if (!version.deleted())
        for (const auto& member : version.content.GetObject()) names.insert(member.name.GetString());
    names.erase("meta");
    return names;
}

std::vector<std::string> notes_of(const Version& version) {
    std::vector<std::string> notes;
    if (version.deleted() || !version.content.HasMember("note")) return notes;
    for (const Value& note : version.content["note"].GetArray())
        notes.push_back(fhir::quote(fhir::string_at(note, "text")));
    return notes;
}

// JSON text of one of the values that writers set; "" where absent.
std::string value_at(const Version& version, const std::string& path) {
    if (path == "description") return text_of(version, "description");
    if (version.deleted() || !version.content.HasMember("businessStatus")) return {};
    return fhir::quote(fhir::string_at(version.content["businessStatus"], "text"));
}

bool has(const std::vector<std::string>& all, const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

// One writer's edits and conflicts, by what they are looked up with.
struct Told {
    const Writer* writer = nullptr;
    std::map<std::string, engine::LocalEditPtr> by_version;
    std::map<std::uint64_t, std::vector<engine::ConflictPtr>> conflicts; // by the edit's number
    // Members of decisions that were taken back, by reference and time: that of the edit that does so.
    std::map<std::pair<std::string, LocalTime>, std::set<std::string>> rolled_back;
    std::map<std::string, LocalTime> asked;                         // by value
    std::map<std::pair<std::string, std::string>, LocalTime> known; // (reference, 8 characters of a version)
    bool knew(const std::string& reference, const std::string& version, LocalTime at) const {
        const auto found = known.find({reference, version.substr(0, 8)});
        return found != known.end() && found->second <= at;
    }
    const std::vector<engine::ConflictPtr>& of(const engine::LocalEdit& edit) const {
        static const std::vector<engine::ConflictPtr> none;
        const auto found = conflicts.find(edit.number);
        return found == conflicts.end() ? none : found->second;
    }
};

Told read(const Writer& writer) {
    Told told;
    told.writer = &writer;
    const auto snapshot = writer.snapshot();
    for (const auto& edit : writer.ended())
        if (edit->state == engine::EditState::Acknowledged && !edit->version.empty())
            told.by_version[edit->version] = edit;
    for (std::size_t i = 0; i < snapshot->conflicts.size(); ++i)
        if (const auto& conflict = snapshot->conflicts[i]; conflict->edit != 0) {
            told.conflicts[conflict->edit].push_back(conflict);
            if (conflict->outcome == engine::ConflictOutcome::RolledBack) {
                auto& members = told.rolled_back[{conflict->reference, conflict->decided_at}];
                for (const fhir::MergeField& field : conflict->fields) members.insert(member_of(field.path));
                // What the user edited before the decision was written went with it.
                for (const auto& edit : writer.ended())
                    if (edit->number == conflict->edit)
                        for (const fhir::FieldEdit& field : edit->fields) members.insert(member_of(field.path));
            }
        }
    for (const Asked& asked : writer.asked()) told.asked[asked.value] = asked.at;
    for (auto n = snapshot->updates.first(); n < snapshot->updates.end(); ++n) {
        const engine::UpdateRow& row = snapshot->updates[n];
        if (row.type >= snapshot->stores.size() || row.record >= snapshot->stores[row.type].records.size()) continue;
        const auto& record = snapshot->stores[row.type].records[row.record];
        if (record) told.known.try_emplace({record->reference, std::string(row.version.data(), 8)}, row.dequeued);
    }
    return told;
}

bool decided_otherwise(const engine::Conflict& conflict, const std::string& path) {
    if (conflict.outcome == engine::ConflictOutcome::RolledBack) return true;
    const std::string member = member_of(path);
    return std::any_of(conflict.fields.begin(), conflict.fields.end(), [&](const fhir::MergeField& field) {
        return member_of(field.path) == member && field.choice != fhir::Side::Local;
    });
}

class Check {
public:
    Check(const server::EmbeddedServer& server, const std::vector<const Writer*>& writers) : server_(server) {
        for (const Writer* writer : writers) told_.push_back(read(*writer));
    }

    Findings run() {
        std::set<std::string> references;
        for (const Told& told : told_)
            for (const Asked& asked : told.writer->asked()) references.insert(asked.reference);
        for (const std::string& reference : references) check_history(reference);
        for (const Told& told : told_) check_ends(told);
        return std::move(findings_);
    }

private:
    void problem(const std::string& text) { findings_.problems.push_back(text); }

    static History read_history(const std::vector<std::string>& newest_first) {
        History history;
        for (auto text = newest_first.rbegin(); text != newest_first.rend(); ++text) {
            Version version;
            if (auto content = fhir::parse_json(*text); content && !text->empty()) {
                version.content = std::move(*content);
                const Value& meta = version.content["meta"];
                version.id = fhir::string_at(meta, "versionId");
                version.by_client = fhir::string_at(meta["author"], "reference").starts_with("ClientApplication/");
            }
            history.push_back(std::move(version));
        }
        return history;
    }

    void check_history(const std::string& reference) {
        histories_[reference] = read_history(server_.history(reference));
        const History& history = histories_[reference];
        findings_.versions += history.size();
        for (std::size_t i = 0; i < history.size(); ++i) {
            if (!history[i].by_client) continue;
            ++findings_.by_writers;
            const std::string place = reference + " version " + history[i].id;
            const auto told = std::find_if(told_.begin(), told_.end(),
                                           [&](const Told& one) { return one.by_version.contains(history[i].id); });
            if (told == told_.end())
                problem(place + " was written by a writer that knows of no acknowledgement");
            else if (i == 0)
                problem(place + " has no version before it");
            else
                check_write(*told, *told->by_version.at(history[i].id), history, i, place);
        }
    }

    // What people wanted back: by this edit's conflicts, or by the one that it is there for.
    static std::set<std::string> taken_back(const Told& told, const engine::LocalEdit& edit) {
        std::set<std::string> members;
        for (const engine::ConflictPtr& conflict : told.of(edit))
            if (conflict->outcome == engine::ConflictOutcome::RolledBack)
                for (const fhir::MergeField& field : conflict->fields) members.insert(member_of(field.path));
        const auto taken = told.rolled_back.find({edit.reference, edit.made});
        if (taken != told.rolled_back.end()) members.insert(taken->second.begin(), taken->second.end());
        return members;
    }

    // Over a deletion, which its writer knew of, or could not: a PUT has no precondition there, a PATCH fails.
    void check_return(const Told& told, const engine::LocalEdit& edit, const std::string& place) {
        const auto& conflicts = told.of(edit);
        const bool known = std::any_of(conflicts.begin(), conflicts.end(), [](const auto& conflict) {
            return conflict->kind == engine::ConflictKind::DeleteVersusEdit;
        });
        if (!known && edit.method == engine::EditMethod::Patch)
            problem(place + " brought back what was deleted, and no conflict says so");
        findings_.brought_back += !known;
    }

    // Two sides that changed the same note: a person chose one.
    static bool chose_against_notes(const Told& told, const engine::LocalEdit& edit) {
        const auto& conflicts = told.of(edit);
        return std::any_of(conflicts.begin(), conflicts.end(), [](const auto& conflict) {
            return std::any_of(conflict->fields.begin(), conflict->fields.end(), [](const fhir::MergeField& field) {
                return field.path.starts_with("note") && field.overlap &&
                       (field.choice == fhir::Side::Local || field.choice == fhir::Side::Base);
            });
        });
    }

    // Against the version before: what a write changed must be what its user asked for, and with open eyes.
    void check_write(const Told& told, const engine::LocalEdit& edit, const History& history, std::size_t i,
                     const std::string& place) {
        if (history[i - 1].deleted()) return check_return(told, edit, place);
        const Version &old = history[i - 1], &now = history[i];
        std::set<std::string> asked;
        for (const fhir::FieldEdit& field : edit.fields) asked.insert(member_of(field.path));
        const std::set<std::string> back = taken_back(told, edit);
        asked.insert(back.begin(), back.end());
        for (const engine::ConflictPtr& conflict : told.of(edit))
            for (const fhir::MergeField& field : conflict->fields)
                if (field.overlap && field.choice != fhir::Side::Server) asked.insert(member_of(field.path));
        std::set<std::string> members = members_of(old);
        members.merge(members_of(now));
        for (const std::string& member : members)
            if (!asked.contains(member) && text_of(old, member.c_str()) != text_of(now, member.c_str()))
                problem(place + " changed " + member + ", which nobody asked for");
        const auto notes = notes_of(now);
        for (const std::string& note : notes_of(old))
            if (!has(notes, note) && !back.contains("note") && !chose_against_notes(told, edit))
                problem(place + " lost the note " + note);
        for (const std::string path : {"description", "businessStatus.text"})
            check_overwrite(told, edit, history, i, path, place);
    }

    void check_overwrite(const Told& told, const engine::LocalEdit& edit, const History& history, std::size_t i,
                         const std::string& path, const std::string& place) {
        const std::string now = value_at(history[i], path);
        const std::string old = value_at(history[i - 1], path);
        if (now == old) return;
        std::size_t set = i - 1; // the version that gave it the value that is overwritten
        while (set > 0 && (history[set].deleted() || value_at(history[set - 1], path) == old)) --set;
        if (set == 0 || told.by_version.contains(history[set].id)) return; // nobody's, or the writer's own
        if (taken_back(told, edit).contains(member_of(path))) return;      // a person asked for an earlier value
        ++findings_.overwrites;
        const auto asked = told.asked.find(now);
        for (std::size_t n = set; n < i && asked != told.asked.end(); ++n) // each has the value
            if (told.knew(edit.reference, history[n].id, asked->second)) return;
        for (const engine::ConflictPtr& conflict : told.of(edit)) {
            if (!conflict->server) return;
            for (std::size_t n = set; n < i; ++n)
                if (history[n].id == conflict->server->version_id()) return;
        }
        problem(place + " overwrote " + path + " " + old + " of version " + history[set].id + " with " + now +
                ", unseen and without a conflict");
    }

    // Every edit that was asked for has ended, and what was acknowledged is there.
    void check_ends(const Told& told) {
        std::set<std::string> ended;
        for (const auto& edit : told.writer->ended()) {
            for (const fhir::FieldEdit& field : edit->fields) ended.insert(field.value);
            // Nothing here is for the server to refuse; what is deleted is not even sent.
            if (edit->state == engine::EditState::Refused && edit->attempts > 0)
                problem(edit->reference + ": refused: " + words::text(edit->problem));
        }
        for (const auto& [value, at] : told.asked)
            if (!ended.contains(value)) problem("the edit to " + value + " has no end");
        for (const auto& [version, edit] : told.by_version) check_acknowledged(told, *edit);
        if (told.writer->overlooked() > 0)
            problem(told.writer->name() + ": edits ended faster than they were collected");
    }

    void check_acknowledged(const Told& told, const engine::LocalEdit& edit) {
        const History& history = histories_[edit.reference];
        const auto version =
            std::find_if(history.begin(), history.end(), [&](const Version& one) { return one.id == edit.version; });
        const std::string place = edit.reference + " version " + edit.version;
        if (version == history.end()) return problem(place + " was acknowledged, and is in no history");
        std::map<std::string, std::string> last; // a field that was edited twice has the later value
        for (const fhir::FieldEdit& field : edit.fields) {
            if (field.path == "note[+].text") {
                if (!has(notes_of(*version), field.value)) missing(told, edit, field.path, field.value, place);
            } else {
                last[field.path] = field.value;
            }
        }
        for (const auto& [path, value] : last)
            if (value_at(*version, path) != value) missing(told, edit, path, value, place);
    }

    void missing(const Told& told, const engine::LocalEdit& edit, const std::string& path, const std::string& value,
                 const std::string& place) {
        for (const engine::ConflictPtr& conflict : told.of(edit))
            if (decided_otherwise(*conflict, path)) return;
        problem(place + " was acknowledged without " + path + " " + value);
    }

    const server::EmbeddedServer& server_;
    std::vector<Told> told_;
    std::map<std::string, History> histories_;
    Findings findings_;
};

} // namespace

Findings check(const server::EmbeddedServer& server, const std::vector<const Writer*>& writers) {
    return Check(server, writers).run();
}

} // namespace fhirscope::edits
