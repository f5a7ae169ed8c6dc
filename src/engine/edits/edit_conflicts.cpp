// Where a pending edit meets another version: merged by fields, decided by rules, or held until a person decides.

#include "engine/edits/edit_conflicts.hpp"

#include "engine/core/journal.hpp"
#include "engine/core/state.hpp"
#include "engine/core/versions.hpp"
#include "engine/edits/conflicts.hpp"
#include "engine/edits/edits.hpp"
#include "engine/mutation.hpp"
#include "engine/recovery/contents.hpp"
#include "engine/recovery/reads.hpp"
#include "engine/strategy.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::engine {
namespace {

std::optional<ServerTime> server_time_of(const State& s, LocalTime time) {
    if (!s.connection.clock_known) return std::nullopt;
    return ServerTime(
        std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch() + s.connection.clock_offset));
}

struct Meeting { // of an edit with the server's newest version
    fhir::Merge merge;
    fhir::ResourcePtr merged;
    std::string strategy; // of the first overlap; "merge" where there is none
    bool overlaps = false, to_send = false;
    bool keeps_local = true; // whatever was changed here is in the result
};

Meeting meet(State& s, const LocalEdit& edit, const fhir::ResourcePtr& server, const fhir::Decide& decide) {
    Meeting meeting;
    meeting.merge = fhir::merge(*edit.base, *edit.local, *server, decide);
    auto merged = fhir::parse_resource(meeting.merge.text, fhir::answer_limits());
    meeting.merged = merged ? *merged : server;
    meeting.overlaps = std::ranges::any_of(
        meeting.merge.fields, [](const fhir::MergeField& field) { return field.overlap; });
    meeting.keeps_local = std::ranges::all_of(meeting.merge.fields, [](const fhir::MergeField& field) {
        return field.choice == fhir::Side::Local || field.choice == fhir::Side::Both || field.local == field.server ||
               field.local == field.base;
    });
    meeting.to_send = !fhir::diff(*server, *meeting.merged).empty();
    if (!merged)
        log_event(s, {.code = FactCode::MergeImpossible, .about = edit.reference, .detail = merged.error().message});
    return meeting;
}

// What the edit changed wins where both sides did; what the server alone changed stays.
fhir::ResourcePtr edit_over(State& s, const LocalEdit& edit, const fhir::ResourcePtr& server) {
    return meet(
               s, edit, server,
               [](const fhir::MergeField& field) {
                   return field.overlap ? std::optional(fhir::Side::Local) : std::nullopt;
               })
        .merged;
}

std::string_view member_of(std::string_view path) { return path.substr(0, path.find_first_of(".[")); }

// When the field was edited last, as far as its member tells.
LocalTime edited_at(const LocalEdit& edit, std::string_view path) {
    LocalTime at = edit.made;
    for (std::size_t i = 0; i < edit.fields.size(); ++i)
        if (member_of(edit.fields[i].path) == member_of(path)) at = std::max(at, edit.asked[i]);
    return at;
}

Meeting meet_by_rules(State& s, const LocalEdit& edit, const fhir::ResourcePtr& server) {
    std::string strategy = "merge";
    const auto decide = [&](const fhir::MergeField& field) -> std::optional<fhir::Side> {
        if (!field.overlap) return std::nullopt;
        if (mutated(Mutation::OverlapTakesLocal)) return fhir::Side::Local;
        const FieldPolicy policy = policy_of(s, server->type(), field.path);
        const Strategy* by = find_strategy(policy.strategy);
        count_policy(s, server->type(), policy);
        const auto side = by ? by->decide({field, server->type(), server_time_of(s, edited_at(edit, field.path)),
                                           server->last_updated()})
                             : std::nullopt;
        if (strategy == "merge" || !side) strategy = by ? by->name : "ask";
        return side;
    };
    Meeting meeting = meet(s, edit, server, decide);
    meeting.strategy = strategy;
    return meeting;
}

std::vector<std::string> members_of(const std::vector<fhir::MergeField>& fields) {
    std::vector<std::string> members;
    for (const fhir::MergeField& field : fields) {
        std::string member(member_of(field.path));
        if (std::ranges::find(members, member) == members.end()) members.push_back(std::move(member));
    }
    return members;
}

Conflict conflict_of(const State& s, const PendingEdit& edit, const fhir::ResourcePtr& server) {
    Conflict conflict;
    conflict.at = s.now;
    conflict.kind = !server ? ConflictKind::DeleteVersusEdit
                    : edit.answer == 412 || edit.answer == 409 || edit.answer == 400
                        ? ConflictKind::VersionConflict
                        : ConflictKind::ConcurrentModification;
    conflict.reference = edit.view.reference;
    conflict.base = edit.view.base;
    conflict.local = edit.view.local;
    conflict.server = server;
    conflict.edit = edit.view.number;
    conflict.edited_at = edit.view.made;
    conflict.note = lost_answer_note(edit);
    if (server) conflict.author = author_of(*server);
    if (const Record* record = s.stores.get(edit.view.reference)) {
        const Version& shown = record->current();
        conflict.channel = shown.channel;
        conflict.update = shown.update;
    }
    return conflict;
}

// Holds the edit until a person decides; a conflict that is open already goes on with the newest version.
void hold(State& s, PendingEdit& edit, Conflict conflict) {
    conflict.outcome = ConflictOutcome::Waiting;
    const ConflictPtr known = s.conflicts->store.find(edit.view.conflict);
    if (edit.view.state == EditState::Conflicted && known && known->open()) {
        conflict.number = known->number;
        conflict.at = known->at;
        s.conflicts->store.replace(std::move(conflict));
    } else {
        edit.view.conflict = log_conflict(s, std::move(conflict));
    }
    edit.view.state = EditState::Conflicted;
    show_edit(s, edit);
}

ConflictOutcome outcome_of(const Meeting& meeting) {
    const auto all = [&](fhir::Side side) {
        return std::ranges::all_of(meeting.merge.fields, [&](const fhir::MergeField& field) {
            return !field.overlap || field.choice == side;
        });
    };
    if (!meeting.to_send && !meeting.keeps_local) return ConflictOutcome::TookServer;
    if (!meeting.overlaps) return ConflictOutcome::Merged;
    return all(fhir::Side::Local) ? ConflictOutcome::KeptLocal : ConflictOutcome::Merged;
}

// Goes on with what was decided: on the server's version, to be written with it as the precondition.
void go_on(State& s, PendingEdit& edit, const Meeting& meeting, const fhir::ResourcePtr& server) {
    if (!meeting.to_send)
        return end_edit(
            s, edit, outcome_of(meeting) == ConflictOutcome::TookServer ? EditState::Dropped : EditState::Acknowledged);
    edit.view.base = server;
    edit.view.local = meeting.merged;
    edit.view.state = EditState::Waiting;
    edit.unsure = false;
    edit.answer = 0;
    edit.resolves = edit.view.conflict;
    show_edit(s, edit);
}

void meets_version(State& s, PendingEdit& edit, const fhir::ResourcePtr& server) {
    if (mutated(Mutation::SendAgainUnmerged) && edit.answer == 412) {
        edit.view.base = server;
        return retry_edit(s, edit);
    }
    Meeting meeting = meet_by_rules(s, edit.view, server);
    if (edit.unsure && !meeting.to_send && meeting.keeps_local) { // its answer was lost, and the server has it
        edit.view.version = server->version_id();
        note_server_changes(s, edit, *server);
        if (const ConflictPtr known = s.conflicts->store.find(edit.view.conflict); known && known->open())
            change_conflict(s, known->number, [&](Conflict& conflict) {
                conflict.server = server;
                conflict.outcome = ConflictOutcome::Merged;
                conflict.decided_at = s.now;
                conflict.note = {.code = FactCode::ServerHasEdit};
            });
        return end_edit(s, edit, EditState::Acknowledged);
    }
    Conflict conflict = conflict_of(s, edit, server);
    conflict.members = members_of(meeting.merge.fields);
    conflict.strategy = meeting.strategy;
    if (meeting.merge.open() || (edit.unsure && meeting.to_send)) {
        if (edit.unsure) {
            conflict.strategy = "ask";
            conflict.note = {.code = FactCode::AnswerLost};
        }
        conflict.fields = std::move(meeting.merge.fields);
        return hold(s, edit, std::move(conflict));
    }
    const ConflictOutcome outcome = outcome_of(meeting);
    conflict.fields = meeting.merge.fields;
    conflict.outcome = outcome;
    conflict.decided_at = s.now;
    conflict.undo = outcome == ConflictOutcome::TookServer ? edit_over(s, edit.view, server) : server;
    if (!meeting.to_send && outcome != ConflictOutcome::TookServer) {
        conflict.undo = nullptr;
        conflict.note = conflict.note.also({.code = FactCode::SameChange});
    }
    // One that was open is decided by what came since.
    const ConflictPtr known = s.conflicts->store.find(edit.view.conflict);
    if (edit.view.state == EditState::Conflicted && known && known->open()) {
        conflict.number = known->number;
        conflict.at = known->at;
        s.conflicts->store.replace(std::move(conflict));
    } else {
        edit.view.conflict = log_conflict(s, std::move(conflict));
    }
    go_on(s, edit, meeting, server);
}

void decided(State& s, std::uint64_t number, ConflictOutcome outcome, fhir::ResourcePtr undo) {
    change_conflict(
        s, number,
        [&](Conflict& conflict) {
            conflict.outcome = outcome;
            conflict.decided_at = s.now;
            conflict.undo = std::move(undo);
        });
}

void cannot_resolve(State& s, std::uint64_t number, FactCode why) {
    const Fact refused{.code = FactCode::ResolveRefused, .count = static_cast<std::int64_t>(number)};
    log_event(s, refused.because({.code = why}));
}

// Where the decision left the resource: the version that it wrote, or the server's that it took. Null: not held any
// more.
fhir::ResourcePtr outcome_version(const Record& record, const Conflict& conflict) {
    if (conflict.written.empty()) return conflict.server;
    for (const VersionPtr& version : record.history)
        if (version->version_id() == conflict.written) return version->key_only ? nullptr : version->resource;
    return nullptr;
}

// What the decision changed is taken back by a new version; what others changed since stays, and where both touch the
// same field it is a conflict of its own.
void write_earlier(State& s, const Conflict& conflict) {
    const Record* record = s.stores.get(conflict.reference);
    if (!record || !record->resource()) return cannot_resolve(s, conflict.number, FactCode::ResourceGone);
    if (record->key_only()) {
        want_content(s, conflict.reference);
        return cannot_resolve(s, conflict.number, FactCode::ContentGivenUp);
    }
    if (const auto pending = s.edits->pending.find(conflict.reference);
        pending != s.edits->pending.end() && pending->second.view.pending())
        return cannot_resolve(s, conflict.number, FactCode::EditPending);
    const fhir::ResourcePtr undo = conflict.undo, base = outcome_version(*record, conflict);
    const std::string reference = conflict.reference;
    if (!base) return cannot_resolve(s, conflict.number, FactCode::VersionNotHeld);
    PendingEdit& edit = begin_edit(s, reference, base, undo, EditMethod::Put, {});
    edit.resolves = conflict.number;
    const bool took_server = conflict.outcome == ConflictOutcome::TookServer;
    change_conflict(s, conflict.number, [&](Conflict& c) {
        for (fhir::MergeField& field : c.fields) { // whose values are written now
            const bool mine = took_server && (field.overlap || field.server == field.base);
            field.choice = mine ? fhir::Side::Local : fhir::Side::Server;
            field.decided = true;
        }
        c.outcome = ConflictOutcome::RolledBack;
        c.decided_at = s.now;
        c.undo = nullptr;
    });
    review_edit(s, reference, nullptr);
}

void resolve_deletion_conflict(State& s, PendingEdit& edit, const Conflict& conflict, Resolve::Action action) {
    if (action == Resolve::Action::TakeServer || action == Resolve::Action::RollBack) {
        decided(s, conflict.number, ConflictOutcome::TookServer, nullptr);
        return end_edit(s, edit, EditState::Dropped);
    }
    edit.over_deletion = true; // the write brings it back
    edit.view.state = EditState::Waiting;
    edit.resolves = conflict.number;
    decided(s, conflict.number, ConflictOutcome::KeptLocal, nullptr);
    show_edit(s, edit);
}

fhir::Decide chosen(const Resolve& command) {
    return [&command](const fhir::MergeField& field) -> std::optional<fhir::Side> {
        if (command.action == Resolve::Action::Merge)
            for (const auto& [path, side] : command.choices)
                if (path == field.path) return side;
        return field.overlap ? std::optional(fhir::Side::Local) : std::nullopt;
    };
}

} // namespace

void review_edit(State& s, const std::string& reference, const Update* update) {
    const auto found = s.edits->pending.find(reference);
    if (found == s.edits->pending.end()) return;
    PendingEdit& edit = found->second;
    const auto position = s.stores.find(reference);
    if (!position) return;
    const Record& record = s.stores.at(*position);
    const bool read = update && update->channel == Channel::Read;
    if (!edit.view.pending()) { // written: shown until the store has it
        if (!update || update->channel == Channel::Local || record.changed_at >= edit.view.ended ||
            (read && update->asked >= edit.view.ended))
            settle_edit(s, reference);
        return;
    }
    if (edit.view.state == EditState::Sending) return show_edit(s, edit); // its answer tells
    if (edit.view.state == EditState::Checking && !(read && update->asked >= edit.checking_since)) {
        // What the read brought may have been superseded while it waited.
        if (update && !s.reads->wanted.contains(reference)) want_read(s, reference);
        return;
    }
    if (record.standing == Standing::Checking) return;        // the answer is an update of its own
    if (record.key_only()) return want_content(s, reference); // and so is this one
    if (!record.resource()) {
        if (edit.over_deletion && edit.view.state == EditState::Waiting) return;
        if (edit.over_deletion && edit.view.state == EditState::Checking) return retry_edit(s, edit);
        if (const ConflictPtr known = s.conflicts->store.find(edit.view.conflict);
            edit.view.state == EditState::Conflicted && known && !known->server)
            return;
        Conflict conflict = conflict_of(s, edit, nullptr);
        for (const std::string_view name : fhir::changed_members(*edit.view.base, *edit.view.local))
            conflict.members.emplace_back(name);
        conflict.strategy = "ask";
        return hold(s, edit, std::move(conflict));
    }
    edit.over_deletion = false;
    const fhir::ResourcePtr server = record.history.back()->resource;
    if (!is_same(s, record.current(), *edit.view.base)) return meets_version(s, edit, server);
    if (edit.view.state != EditState::Checking) return;
    if (edit.compared == PendingEdit::Compared::Asked) {
        edit.view.base = server; // the same, perhaps with an ETag
        edit.compared = PendingEdit::Compared::Done;
        edit.view.state = EditState::Waiting;
        return show_edit(s, edit);
    }
    if (edit.answer == 400) return refuse_edit(s, edit, edit.answered);
    edit.unsure = false; // it was not written
    retry_edit(s, edit);
}

void on_resolve(State& s, const Resolve& command) {
    const ConflictPtr conflict = s.conflicts->store.find(command.conflict);
    if (!conflict) return cannot_resolve(s, command.conflict, FactCode::ConflictNotKept);
    if (!conflict->open()) {
        if (command.action != Resolve::Action::RollBack || !conflict->undo)
            return cannot_resolve(s, command.conflict, FactCode::ConflictDecided);
        return write_earlier(s, *conflict);
    }
    const auto found = s.edits->pending.find(conflict->reference);
    if (found == s.edits->pending.end() || found->second.view.conflict != conflict->number)
        return cannot_resolve(s, command.conflict, FactCode::EditGone);
    PendingEdit& edit = found->second;
    if (!conflict->server) return resolve_deletion_conflict(s, edit, *conflict, command.action);
    const fhir::ResourcePtr server = conflict->server;
    const fhir::ResourcePtr mine = edit_over(s, edit.view, server);
    switch (command.action) {
        case Resolve::Action::TakeServer:
            decided(s, conflict->number, ConflictOutcome::TookServer, mine);
            return end_edit(s, edit, EditState::Dropped);
        case Resolve::Action::RollBack: {
            decided(s, conflict->number, ConflictOutcome::RolledBack, server);
            Meeting back;
            back.merged = edit.view.base;
            back.to_send = true;
            go_on(s, edit, back, server);
            break;
        }
        case Resolve::Action::Merge:
        case Resolve::Action::KeepLocal: {
            const Meeting meeting = meet(s, edit.view, server, chosen(command));
            change_conflict(s, conflict->number, [&](Conflict& c) {
                c.fields = meeting.merge.fields;
                c.outcome = !meeting.to_send && !meeting.keeps_local       ? ConflictOutcome::TookServer
                            : command.action == Resolve::Action::KeepLocal ? ConflictOutcome::KeptLocal
                                                                           : ConflictOutcome::Merged;
                c.decided_at = s.now;
                c.undo = meeting.to_send ? server : mine;
            });
            go_on(s, edit, meeting, server);
            break;
        }
    }
}

} // namespace fhirscope::engine
