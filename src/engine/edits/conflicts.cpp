// What two truths there were, and what became of them: every such event is kept, with the rules that decide.

#include "engine/edits/conflicts.hpp"

#include "engine/core/journal.hpp"
#include "engine/core/state.hpp"
#include "engine/pipeline/pipeline.hpp"
#include "engine/strategy.hpp"
#include "fhir/slice.hpp"

#include <utility>

namespace fhirscope::engine {
namespace {

std::string text_of(const fhir::Resource& resource, std::string_view first, std::string_view second) {
    const fhir::Slice value = fhir::Slice(resource.member("meta").value_or("")).member(first);
    return value.member(second).string();
}

// A rule's field is a member ("owner") or a part of one ("restriction.period").
bool covers(std::string_view field, std::string_view path) {
    return field == "*" || (path.starts_with(field) &&
                            (path.size() == field.size() || path[field.size()] == '.' || path[field.size()] == '['));
}

Conflict about(const State& s, const Work& work, ConflictKind kind, ConflictOutcome outcome, std::string strategy) {
    Conflict conflict;
    conflict.at = conflict.decided_at = s.now;
    conflict.kind = kind;
    conflict.outcome = outcome;
    conflict.strategy = std::move(strategy);
    conflict.reference = work.update.reference;
    conflict.server = work.update.resource;
    conflict.channel = work.update.channel;
    if (conflict.server) conflict.author = author_of(*conflict.server);
    return conflict;
}

void set_members(Conflict& conflict, const fhir::ResourcePtr& one, const fhir::ResourcePtr& other) {
    if (!one || !other) return;
    const auto names = fhir::changed_members(*one, *other);
    conflict.members.assign(names.begin(), names.end());
}

// What is shown; null where only its key is held.
fhir::ResourcePtr held_content(const Record* record) {
    return record && !record->history.empty() && !record->key_only() ? record->current().resource : nullptr;
}

} // namespace

std::size_t memory_bytes(const Conflict& conflict) {
    std::size_t bytes =
        sizeof(Conflict) + conflict.reference.size() + conflict.note.text_bytes() + conflict.author.size();
    for (const fhir::ResourcePtr& content : {conflict.base, conflict.local, conflict.server, conflict.undo})
        bytes += content ? content->memory_bytes() : 0;
    for (const std::string& member : conflict.members) bytes += sizeof member + member.size();
    for (const fhir::MergeField& field : conflict.fields)
        bytes += sizeof field + field.path.size() + field.base.size() + field.local.size() + field.server.size();
    return bytes;
}

std::string author_of(const fhir::Resource& resource) {
    std::string display = text_of(resource, "author", "display");
    return display.empty() ? text_of(resource, "author", "reference") : display;
}

void set_default_strategy(State& s, const std::string& name) {
    if (find_strategy(name))
        s.conflicts->default_strategy = name;
    else
        log_event(s, {.code = FactCode::StrategyUnknown, .name = name});
}

FieldPolicy policy_of(const State& s, std::string_view type, std::string_view path) {
    for (const PanelDefinition& panel : s.config.panels) {
        if (panel.type != type) continue;
        for (const FieldPolicy& policy : panel.conflicts)
            if (covers(policy.field, path)) return policy;
    }
    return {"*", s.conflicts->default_strategy};
}

void count_policy(State& s, std::string_view type, const FieldPolicy& policy) {
    for (PolicyUse& use : s.conflicts->policy_uses)
        if (use.type == type && use.field == policy.field && use.strategy == policy.strategy) return void(++use.used);
    s.conflicts->policy_uses.push_back({std::string(type), policy.field, policy.strategy, 1});
}

std::uint64_t log_conflict(State& s, Conflict conflict) {
    const Fact noted{.code = conflict.open() ? FactCode::ConflictOpen : FactCode::ConflictSettled,
                     .about = conflict.reference,
                     .from = static_cast<std::int64_t>(conflict.kind),
                     .to = static_cast<std::int64_t>(conflict.outcome)};
    log_event(s, noted.because(conflict.note));
    return s.conflicts->store.add(std::move(conflict), s.config.conflict_rows);
}

void change_conflict(State& s, std::uint64_t number, const std::function<void(Conflict&)>& change) {
    const ConflictPtr known = s.conflicts->store.find(number);
    if (!known) return;
    Conflict conflict = *known;
    change(conflict);
    s.conflicts->store.replace(std::move(conflict));
}

void note_conflicts(State& s, const Work& work, const Record* before, std::uint64_t row) {
    const Update& update = work.update;
    const auto log = [&](Conflict conflict) {
        conflict.update = row;
        return log_conflict(s, std::move(conflict));
    };
    if (const auto drifted = s.conflicts->drifted.find(update.reference); drifted != s.conflicts->drifted.end()) {
        change_conflict(s, drifted->second, [&](Conflict& conflict) {
            conflict.server = update.resource;
            conflict.channel = update.channel;
            conflict.update = row;
            if (update.resource) conflict.author = author_of(*update.resource);
            set_members(conflict, conflict.local, update.resource);
        });
        s.conflicts->drifted.erase(drifted);
    }
    if (!before || !update.resource) return;
    const fhir::ResourcePtr shown = held_content(before);
    if (work.outcome == Outcome::OutOfOrder && update.channel == Channel::Socket) {
        Conflict conflict = about(s, work, ConflictKind::OutOfOrder, ConflictOutcome::OlderDropped, "newest");
        conflict.local = shown;
        set_members(conflict, shown, update.resource);
        log(std::move(conflict));
    } else if (work.tied) {
        Conflict conflict = about(s, work, ConflictKind::Tie, ConflictOutcome::ReadAgain, "server");
        conflict.local = shown;
        set_members(conflict, shown, update.resource);
        log(std::move(conflict));
    } else if (work.becomes_current && !before->resource()) { // it was deleted
        log(about(s, work, ConflictKind::Undelete, ConflictOutcome::TookServer, "server"));
    }
}

void note_refused_write(State& s, const Observed& observed, const std::string& reference) {
    Conflict conflict;
    conflict.at = conflict.decided_at = s.now;
    conflict.kind = ConflictKind::VersionConflict;
    conflict.outcome = ConflictOutcome::Failed;
    conflict.strategy = "server";
    conflict.reference = reference;
    conflict.channel = Channel::Local;
    conflict.edited_at = observed.asked;
    HttpAnswer answer;
    answer.status = observed.status;
    answer.body = observed.response_body;
    conflict.note = fact_of(answer);
    if (observed.request_body)
        if (auto sent = fhir::parse_resource(*observed.request_body); sent && (*sent)->reference() == reference)
            conflict.local = std::move(*sent);
    if (auto held = held_content(s.stores.get(reference))) {
        conflict.server = std::move(held);
        conflict.author = author_of(*conflict.server);
        set_members(conflict, conflict.local, conflict.server);
    }
    log_conflict(s, std::move(conflict));
}

void note_drift(State& s, const std::string& reference, const Record* held, const Fact& difference) {
    Conflict conflict;
    conflict.at = conflict.decided_at = s.now;
    conflict.kind = ConflictKind::Drift;
    conflict.outcome = ConflictOutcome::ReadAgain;
    conflict.strategy = "server";
    conflict.reference = reference;
    conflict.channel = Channel::Read;
    conflict.note = difference;
    conflict.local = held_content(held);
    const std::uint64_t number = log_conflict(s, std::move(conflict));
    if (s.conflicts->drifted.size() < s.config.conflict_rows) s.conflicts->drifted[reference] = number;
}

} // namespace fhirscope::engine
