// Edits begin here, or end before they are sent.

#include "engine/edits/edit_commands.hpp"

#include "engine/alias.hpp"
#include "engine/core/journal.hpp"
#include "engine/core/state.hpp"
#include "engine/edits/edit_conflicts.hpp"
#include "engine/edits/edit_text.hpp"
#include "engine/edits/edits.hpp"
#include "engine/mutation.hpp"
#include "fhir/edit.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::engine {
namespace {

constexpr std::size_t edits_kept = 1'000, edit_bytes_kept = 128u << 20; // pending at once

std::size_t bytes_of(const std::map<std::string, PendingEdit>& edits) {
    std::size_t bytes = 0;
    for (const auto& [reference, edit] : edits) bytes += memory_bytes(edit.view);
    return bytes;
}

// An edit that could not even begin.
void turn_down(State& s, const Edit& command, Fact problem) {
    log_event(s, Fact{.code = FactCode::EditTurnedDown, .about = command.reference}.because(problem));
    LocalEdit edit;
    edit.number = s.edits->next++;
    edit.reference = command.reference;
    edit.made = edit.ended = s.now;
    edit.method = command.method;
    edit.fields = command.fields;
    edit.problem = std::move(problem);
    edit.state = EditState::Refused;
    log_ended_edit(s, std::move(edit));
}

} // namespace

void on_edit(State& s, const Edit& command) {
    if (!s.live()) return turn_down(s, command, {.code = FactCode::OnlyFollowing});
    const Record* record = s.stores.get(command.reference);
    if (!record) return turn_down(s, command, {.code = FactCode::NotLoaded});
    auto found = s.edits->pending.find(command.reference);
    const bool joins = found != s.edits->pending.end() && found->second.view.pending();
    if (!record->resource() && !joins) return turn_down(s, command, {.code = FactCode::Deleted});
    if ((!joins && s.edits->pending.size() >= edits_kept) || bytes_of(s.edits->pending) > edit_bytes_kept)
        return turn_down(s, command, {.code = FactCode::TooManyEdits});
    // What was written just now counts before the store has it.
    const fhir::ResourcePtr base =
        found != s.edits->pending.end() ? found->second.view.local : record->history.back()->resource;
    if (is_part(*base) && !mutated(Mutation::EditOfKeyOnly)) return turn_down(s, command, {.code = FactCode::OnlyPart});
    if (std::ranges::any_of(command.fields, names_foreign_text))
        return turn_down(s, command, {.code = FactCode::HiddenText});
    const auto text = fhir::apply_edits(*base, command.fields);
    if (!text) return turn_down(s, command, {.code = FactCode::EditInvalid, .detail = text.error().message});
    const auto local = fhir::parse_resource(*text, fhir::answer_limits());
    if (!local) return turn_down(s, command, {.code = FactCode::EditInvalid, .detail = local.error().message});
    if (!joins)
        begin_edit(s, command.reference, base, *local, command.method, command.fields);
    else {
        PendingEdit& edit = found->second;
        edit.view.local = *local;
        edit.view.fields.insert(edit.view.fields.end(), command.fields.begin(), command.fields.end());
        edit.view.asked.resize(edit.view.fields.size(), s.now);
        show_edit(s, edit);
        if (edit.view.state == EditState::Conflicted) review_edit(s, command.reference, nullptr);
    }
}

void on_discard(State& s, const DiscardEdit& command) {
    const auto found = s.edits->pending.find(command.reference);
    if (found == s.edits->pending.end() || !found->second.view.pending()) return;
    PendingEdit& edit = found->second;
    const bool under_way = edit.view.state == EditState::Sending || edit.view.state == EditState::Checking;
    if (under_way) {
        log_event(s, {.code = FactCode::EditUnderWay, .about = command.reference});
        return;
    }
    if (edit.view.state == EditState::Conflicted)
        return on_resolve(s, {edit.view.conflict, Resolve::Action::TakeServer, {}});
    edit.view.problem = lost_answer_note(edit);
    end_edit(s, edit, EditState::Dropped);
}

} // namespace fhirscope::engine
