// Local edits: made at once here, written with a precondition, taken back where the server will not have them.

#include "engine/edits/edits.hpp"

#include "engine/core/journal.hpp"
#include "engine/core/state.hpp"
#include "engine/core/versions.hpp"
#include "engine/edits/conflicts.hpp"
#include "engine/edits/edit_conflicts.hpp"
#include "engine/edits/edit_text.hpp"
#include "engine/mutation.hpp"
#include "engine/pipeline/frames.hpp"
#include "engine/pipeline/row_makers.hpp"
#include "engine/recovery/reads.hpp"
#include "engine/recovery/recovery.hpp"
#include "fhir/slice.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::engine {
namespace {

constexpr std::uint32_t sent_at_once = 8;
constexpr std::uint32_t most_attempts = 12;
constexpr std::chrono::seconds attempt_pause{1};

constexpr std::string_view fhir_json = "application/fhir+json", json_patch = "application/json-patch+json";

// Apart from what tells versions apart: an earlier content may be the same as the current one.
bool same_content(const fhir::Resource& one, const fhir::Resource& other) {
    return std::ranges::all_of(
        fhir::diff(one, other),
        [](const fhir::FieldChange& change) {
            return change.path == "meta.versionId" || change.path == "meta.lastUpdated";
        });
}

void end(State& s, PendingEdit& edit, EditState state) {
    edit.view.state = state;
    edit.view.ended = s.now;
    edit.request = 0;
    log_ended_edit(s, edit.view);
}

void forget(State& s, const std::string& reference) {
    if (const auto position = s.stores.find(reference)) s.stores.set_edit(*position, nullptr);
    s.edits->pending.erase(reference);
}

// Whether a precondition by version protects what others wrote meanwhile: not where the server gives no version, nor
// where it has been seen to change a resource without a new one. A patch tests the versionId in the content, since
// servers do not look at If-Match there; an ETag that stands in for it is of no use then.
bool has_precondition(const State& s, const LocalEdit& view) {
    const bool has_version = view.method == EditMethod::Patch
                                 ? !view.base->version_id().empty() && !view.base->version_is_etag()
                                 : !view.base->version_id().empty();
    return has_version && !s.versions->repeated.contains(std::string(view.base->type()));
}

// The place of a precondition that cannot hold: the resource is read right before it is written.
void compare_first(State& s, PendingEdit& edit) {
    log_event(s, {.code = FactCode::EditCompared, .about = edit.view.reference});
    edit.compared = PendingEdit::Compared::Asked;
    edit.answer = 0;
    edit.answered = {.code = FactCode::ToBeCompared};
    edit.view.state = EditState::Checking;
    edit.checking_since = s.now;
    show_edit(s, edit);
    want_read(s, edit.view.reference);
    pump_reads(s);
}

void transmit(State& s, PendingEdit& edit) {
    LocalEdit& view = edit.view;
    const bool guarded = has_precondition(s, view);
    const bool compared = std::exchange(edit.compared, PendingEdit::Compared::No) == PendingEdit::Compared::Done;
    if (!guarded && !edit.over_deletion && !compared) return compare_first(s, edit);
    PendingRequest request;
    request.purpose = Purpose::WriteEdit;
    request.reference = view.reference;
    request.sent.url = resource_url(s, view.reference);
    // A deleted resource cannot be patched; written whole it comes back.
    if (view.method == EditMethod::Patch && !edit.over_deletion) {
        request.sent.method = "PATCH";
        request.sent.content_type = json_patch;
        std::string patch = fhir::make_patch(*view.base, *view.local);
        if (mutated(Mutation::PatchUnguarded)) patch.replace(1, patch.find("},") + 1, "");
        request.sent.body = make_text(std::move(patch));
    } else {
        request.sent.method = "PUT";
        request.sent.content_type = fhir_json;
        request.sent.body = make_text(text_to_send(*view.local));
    }
    if (!view.base->version_id().empty() && !mutated(Mutation::PutUnguarded))
        request.sent.if_match = "W/\"" + std::string(view.base->version_id()) + "\"";
    edit.sent = view.local;
    edit.fields_sent = static_cast<std::uint32_t>(view.fields.size());
    edit.answer = 0;
    edit.answered = {};
    ++view.attempts;
    view.state = EditState::Sending;
    edit.request = send_request(s, std::move(request));
    show_edit(s, edit);
}

// It is known to be deleted, and nobody has decided to bring it back. That became known while an attempt was under way
// that came to nothing, or what came since is being read.
bool meets_deletion(const State& s, const PendingEdit& edit) {
    const Record* held = s.stores.get(edit.view.reference);
    return !edit.over_deletion && held && !held->resource();
}

// Only a read can tell what the server has now.
void check(State& s, PendingEdit& edit, const HttpAnswer& answer) {
    edit.answer = answer.status;
    edit.answered = fact_of(answer);
    edit.view.state = EditState::Checking;
    edit.checking_since = s.now;
    show_edit(s, edit);
    want_read(s, edit.view.reference);
    pump_reads(s);
}

void acknowledge(State& s, PendingEdit& edit, const fhir::ResourcePtr& stored, LocalTime asked) {
    LocalEdit& view = edit.view;
    view.version = stored->version_id();
    note_server_changes(s, edit, *stored);
    if (edit.resolves != 0)
        change_conflict(s, edit.resolves, [&](Conflict& conflict) { conflict.written = view.version; });
    Update update;
    update.reference = view.reference;
    update.resource = stored;
    update.received = s.now;
    update.asked = asked;
    update.channel = Channel::Local;
    const bool edited = view.local != edit.sent; // further, while it was on its way
    // What the server made of the first is no answer to the second.
    const auto keep_local = [](const fhir::MergeField& field) {
        return field.overlap ? std::optional(fhir::Side::Local) : std::nullopt;
    };
    auto rest = edited ? fhir::parse_resource(fhir::merge(*edit.sent, *view.local, *stored, keep_local).text)
                       : Result<fhir::ResourcePtr>(stored);
    const bool more = rest && !fhir::diff(*stored, **rest).empty();
    std::vector<fhir::FieldEdit> later;
    std::vector<LocalTime> later_asked;
    if (more) {
        later.assign(view.fields.begin() + edit.fields_sent, view.fields.end());
        view.fields.resize(edit.fields_sent);
        later_asked.assign(view.asked.begin() + edit.fields_sent, view.asked.end());
        view.asked.resize(edit.fields_sent);
    }
    view.local = edit.sent;
    end(s, edit, EditState::Acknowledged);
    view.base = stored;
    view.local = stored;
    if (more) {
        view.number = s.edits->next++;
        view.ended = never;
        view.state = EditState::Waiting;
        view.local = std::move(*rest);
        view.fields = std::move(later);
        view.asked = std::move(later_asked);
        view.made = view.asked.empty() ? view.made : view.asked.front();
        view.server_changed.clear();
        view.attempts = 0;
        view.conflict = 0; // the first edit's
        edit.answer = 0;
        edit.resolves = 0;
        edit.unsure = edit.answer_lost = false;
        // Deleted before the answer came: before or after the write, only a read can tell.
        const Record* record = s.stores.get(view.reference);
        if (record && !record->resource()) {
            view.state = EditState::Checking;
            edit.checking_since = s.now;
            want_read(s, view.reference);
        }
    }
    show_edit(s, edit);
    enqueue(s, std::move(update));
}

} // namespace

void note_server_changes(State& s, PendingEdit& edit, const fhir::Resource& stored) {
    std::vector<fhir::FieldChange>& changed = edit.view.server_changed;
    changed = fhir::exact_diff(*edit.sent, stored);
    std::erase_if(changed, [](const fhir::FieldChange& change) { return is_of_server(change.path); });
    if (changed.empty()) return;
    log_event(s, {.code = FactCode::ServerChangedEdit,
                  .about = edit.view.reference,
                  .name = changed.front().path,
                  .count = static_cast<std::int64_t>(changed.size())});
}

void show_edit(State& s, PendingEdit& edit) {
    const auto position = s.stores.find(edit.view.reference);
    if (!position) return;
    const Record& record = s.stores.at(*position);
    edit.view.row = nullptr;
    if (const RowMaker* maker = row_maker(s, edit.view.local->type())) {
        std::vector<std::string> changed;
        if (record.resource())
            for (const std::string_view name : fhir::changed_members(*record.resource(), *edit.view.local))
                changed.emplace_back(name);
        edit.view.row = maker->make_row(*edit.view.local, record.resource() ? record.row : nullptr, changed,
                                        edit.view.changed_cells);
    }
    s.stores.set_edit(*position, std::make_shared<const LocalEdit>(edit.view));
}

PendingEdit& begin_edit(State& s, const std::string& reference, const fhir::ResourcePtr& base,
                        const fhir::ResourcePtr& local, EditMethod method, std::vector<fhir::FieldEdit> fields) {
    PendingEdit& edit = s.edits->pending[reference];
    edit = {};
    edit.view.number = s.edits->next++;
    edit.view.reference = reference;
    edit.view.made = s.now;
    edit.view.method = method;
    edit.view.fields = std::move(fields);
    edit.view.asked.assign(edit.view.fields.size(), s.now);
    edit.view.base = base;
    edit.view.local = local;
    show_edit(s, edit);
    return edit;
}

void pump_edits(State& s) {
    if (!can_read(s) || s.requests.hold_until > s.now) return; // a write that is held back might not be wanted any more
    auto under_way = std::count_if(s.edits->pending.begin(), s.edits->pending.end(),
                                   [](const auto& item) { return item.second.view.state == EditState::Sending; });
    std::vector<std::string> done, over_deletion;
    for (auto& [reference, edit] : s.edits->pending) {
        if (edit.view.state != EditState::Waiting || !edit.view.pending() || edit.due > s.now) continue;
        if (meets_deletion(s, edit)) {
            over_deletion.push_back(reference);
            continue;
        }
        if (under_way >= sent_at_once) break;
        if (!edit.over_deletion && same_content(*edit.view.base, *edit.view.local)) {
            end(s, edit, EditState::Acknowledged); // nothing is different any more: nothing to send
            done.push_back(reference);
            continue;
        }
        ++under_way;
        transmit(s, edit);
    }
    for (const std::string& reference : done) forget(s, reference);
    for (const std::string& reference : over_deletion) review_edit(s, reference, nullptr);
}

LocalTime next_edit(const State& s) {
    LocalTime earliest = never;
    if (!can_read(s)) return never;
    for (const auto& [reference, edit] : s.edits->pending)
        if (const LocalTime due = std::max(edit.due, s.requests.hold_until);
            edit.view.state == EditState::Waiting && due > s.now)
            earliest = earlier(earliest, due);
    return earliest;
}

void on_written(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    const auto found = s.edits->pending.find(request.reference);
    if (found == s.edits->pending.end() || found->second.view.state != EditState::Sending) return;
    PendingEdit& edit = found->second;
    edit.request = 0;
    const auto lose_answer = [&] { edit.unsure = edit.answer_lost = true; };
    if (request.unsure) lose_answer();
    if (answer.status >= 200 && answer.status < 300) { // with the resource, or without any body
        fhir::ResourcePtr stored;
        if (answer.body)
            stored = fhir::parse_resource(*answer.body, fhir::answer_limits(), {answer.etag, answer.last_modified})
                         .value_or(nullptr);
        // Without a version of its own the answer may be of any version, unless the server gives none to anything.
        const bool tells = stored && (!stored->version_id().empty() || edit.view.base->version_id().empty());
        if (tells && stored->reference() == request.reference)
            acknowledge(s, edit, stored, request.sent_at);
        else
            lose_answer(), check(s, edit, answer);
    } else if (answer.status == 0 || answer.status >= 500) {
        if (mutated(Mutation::LostAnswerIsRefusal)) return refuse_edit(s, edit, fact_of(answer));
        lose_answer();
        check(s, edit, answer);
    } else if (answer.status == 429) {
        --edit.view.attempts;
        edit.view.state = EditState::Waiting;
        show_edit(s, edit);
    } else if (answer.status == 409 || answer.status == 410 || answer.status == 412 ||
               (answer.status == 400 && request.sent.method == "PATCH")) {
        check(s, edit, answer);
    } else {
        refuse_edit(s, edit, fact_of(answer));
    }
}

void edit_login_lost(State& s, const std::string& reference) {
    const auto found = s.edits->pending.find(reference);
    if (found == s.edits->pending.end() || found->second.view.state != EditState::Sending) return;
    found->second.request = 0;
    found->second.view.state = EditState::Waiting;
    show_edit(s, found->second);
}

void edit_not_sent(State& s, const std::string& reference, const std::string& why) {
    const auto found = s.edits->pending.find(reference);
    if (found == s.edits->pending.end() || found->second.view.state != EditState::Sending) return;
    PendingEdit& edit = found->second;
    edit.request = 0;
    --edit.view.attempts;
    if (edit.view.method == EditMethod::Patch || edit.over_deletion)
        return refuse_edit(s, edit, {.code = FactCode::NotWritable, .words = why});
    edit.view.method = EditMethod::Patch;
    edit.view.state = EditState::Waiting;
    log_event(s, {.code = FactCode::EditPatched, .about = reference, .words = why});
    show_edit(s, edit);
}

Fact lost_answer_note(const PendingEdit& edit) {
    return {.code = edit.answer_lost ? FactCode::EarlierAnswerLost : FactCode::None};
}

void refuse_edit(State& s, PendingEdit& edit, const Fact& why) {
    const Fact problem = why.also(lost_answer_note(edit));
    edit.view.problem = problem;
    const std::string reference = edit.view.reference;
    const Record* record = s.stores.get(reference);
    Conflict conflict;
    conflict.at = conflict.decided_at = s.now;
    conflict.kind = ConflictKind::RefusedEdit;
    conflict.outcome = ConflictOutcome::RolledBack;
    conflict.reference = reference;
    conflict.strategy = "server";
    conflict.base = edit.view.base;
    conflict.local = edit.view.local;
    if (record && !record->history.empty()) conflict.server = record->history.back()->resource;
    for (const std::string_view name : fhir::changed_members(*edit.view.base, *edit.view.local))
        conflict.members.emplace_back(name);
    conflict.channel = Channel::Local;
    conflict.edit = edit.view.number;
    conflict.edited_at = edit.view.made;
    conflict.note = problem;
    edit.view.conflict = log_conflict(s, std::move(conflict));
    if (edit.resolves != 0)
        change_conflict(s, edit.resolves, [&](Conflict& c) {
            c.outcome = ConflictOutcome::Failed;
            c.note = problem;
            c.undo = nullptr;
        });
    end(s, edit, EditState::Refused);
    forget(s, reference);
}

void retry_edit(State& s, PendingEdit& edit) {
    if (edit.view.attempts >= most_attempts)
        return refuse_edit(s, edit, Fact{.code = FactCode::TriedOften, .count = most_attempts}.because(edit.answered));
    edit.view.state = EditState::Waiting;
    edit.due = s.now + attempt_pause;
    show_edit(s, edit);
}

void end_edit(State& s, PendingEdit& edit, EditState state) {
    const std::string reference = edit.view.reference;
    end(s, edit, state);
    forget(s, reference);
}

// The store has what the edit became.
void settle_edit(State& s, const std::string& reference) { forget(s, reference); }

void edit_unreadable(State& s, const std::string& reference, const Fact& problem) {
    const auto found = s.edits->pending.find(reference);
    if (found != s.edits->pending.end() && found->second.view.state == EditState::Checking)
        refuse_edit(s, found->second, found->second.answered.also(problem));
}

} // namespace fhirscope::engine
