#include "simulation/edit_judge.hpp"

#include "fhir/diff.hpp"
#include "fhir/json.hpp"
#include "fhir/reference.hpp"
#include "fhir/slice.hpp"
#include "simulation/network.hpp"
#include "words/words.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <utility>

namespace fhirscope::simulation {

namespace {

using engine::Resolve;

constexpr std::uint32_t attempts_enough = 12; // then it may be given up without a refusal

std::string short_id(std::string_view version) { return std::string(version.substr(0, 8)); }

std::string_view member_of(std::string_view path) {
    const std::string_view member = path.substr(0, path.find_first_of(".["));
    return member == "statusReason" ? "status" : member; // decided together
}

bool names_a_position(std::string_view path) {
    for (auto at = path.find('['); at != std::string_view::npos; at = path.find('[', at + 1))
        if (at + 1 < path.size() && std::isdigit(static_cast<unsigned char>(path[at + 1])) != 0) return true;
    return false;
}

std::string normal(std::string_view json) {
    const auto value = fhir::parse_json(json);
    return value ? fhir::to_text(*value) : std::string(json);
}

bool is_meta(const fhir::FieldChange& change) { return change.path.starts_with("meta"); }

std::optional<Violation> wrong(std::string_view invariant, std::string text) {
    return Violation{std::string(invariant), std::move(text), {}, {}, {}};
}

template <class Condition>
bool some_conflict(const engine::Snapshot& snapshot, const std::string& reference, Condition&& condition) {
    for (std::size_t i = snapshot.conflicts.size(); i > 0; --i) {
        const engine::Conflict& conflict = *snapshot.conflicts[i - 1];
        if (conflict.reference == reference && condition(conflict)) return true;
    }
    return false;
}

// Elements that `after` added to the list are in `content`, and those that it took away are not.
bool list_contains(std::optional<std::string_view> before, std::optional<std::string_view> after,
                   std::string_view content) {
    std::map<std::string, int> had, has, kept;
    const auto count = [](std::string_view list, std::map<std::string, int>& elements) {
        fhir::Slice(list).each_element([&](fhir::Slice element) { ++elements[normal(element.text())]; });
    };
    if (before) count(*before, had);
    if (after) count(*after, has);
    count(content, kept);
    for (const auto& [element, times] : has)
        if (times > had[element] && kept[element] < times - had[element]) return false;
    for (const auto& [element, times] : had)
        if (times > has[element] && kept[element] > has[element]) return false;
    return true;
}

// All that `after` made of `before` is in `content` too.
bool contains(const fhir::Resource& before, const fhir::Resource& after, const fhir::Resource& content) {
    const auto missing = fhir::diff(content, after);
    for (const fhir::FieldChange& change : fhir::diff(before, after)) {
        if (is_meta(change)) continue;
        const bool differs = std::any_of(missing.begin(), missing.end(),
                                         [&](const fhir::FieldChange& other) { return other.path == change.path; });
        if (!differs) continue;
        // In a list without identities it may stand at another place.
        const auto whole = content.member(member_of(change.path));
        if (!names_a_position(change.path) || !whole) return false;
        if (!change.after.empty() && normal(*whole).find(normal(change.after)) != std::string::npos) continue;
        const std::string member(member_of(change.path));
        if (!list_contains(before.member(member), after.member(member), *whole)) return false;
    }
    return true;
}

} // namespace

std::vector<std::string_view> edit_invariant_names() {
    return {"acknowledged-is-written", "no-lost-update", "only-what-was-wished", "given-up-changes-nothing"};
}

const engine::LocalEdit* EditJudge::pending(const engine::Snapshot& snapshot, const std::string& reference) const {
    for (const auto& edit : snapshot.edits)
        if (edit->reference == reference) return edit.get();
    return nullptr;
}

// What was read again before it could be edited is edited now.
void EditJudge::begin_awaited(const engine::Snapshot& snapshot) {
    std::erase_if(
        awaited_,
        [&](const auto& item) {
            const auto& [reference, commands] = item;
            const engine::LocalEdit* edit = pending(snapshot, reference);
            if (!edit) return false;
            Intent& intent = intents_[reference] = {};
            intent.begun = snapshot.at;
            intent.base = history_.position(reference, edit->base->version_id()).value_or(0);
            for (const engine::Edit& command : commands)
                for (const fhir::FieldEdit& field : command.fields) intent.wishes.push_back({field, intent.base});
            return true;
        });
}

void EditJudge::before(const engine::Command& command, const engine::Snapshot& snapshot) {
    begin_awaited(snapshot);
    if (const auto* edit = std::get_if<engine::Edit>(&command)) {
        was_pending_ = pending(snapshot, edit->reference);
        // What was awaited came, and was so already.
        if (const engine::RecordPtr record = snapshot.find(edit->reference); record && !record->key_only())
            awaited_.erase(edit->reference);
    }
    const auto* resolve = std::get_if<Resolve>(&command);
    if (!resolve) return;
    for (std::size_t i = 0; i < snapshot.conflicts.size(); ++i) {
        const engine::Conflict& conflict = *snapshot.conflicts[i];
        if (conflict.number != resolve->conflict) continue;
        if (!conflict.open()) {
            if (pending(snapshot, conflict.reference) || !conflict.undo) return;
            const engine::RecordPtr record = snapshot.find(conflict.reference);
            if (!record || !record->resource()) return;
            Intent& intent = intents_[conflict.reference] = {};
            intent.begun = snapshot.at;
            intent.base = history_.position(conflict.reference, record->current().version_id()).value_or(0);
            intent.whole = true;
            intent.decisions = 1;
            return;
        }
        Intent& intent = intents_[conflict.reference];
        ++intent.decisions;
        intent.whole |= resolve->action == Resolve::Action::RollBack;
        for (const auto& [path, side] : resolve->choices) intent.chosen.emplace(member_of(path));
    }
}

void EditJudge::after(const engine::Command& command, const engine::Snapshot& snapshot) {
    const auto* made = std::get_if<engine::Edit>(&command);
    const engine::LocalEdit* edit = made ? pending(snapshot, made->reference) : nullptr;
    if (const engine::RecordPtr record = made ? snapshot.find(made->reference) : nullptr;
        record && record->key_only() && !edit)
        awaited_[made->reference].push_back(*made);
    if (!edit) return;
    const std::size_t given = edit->fields.size(), added = made->fields.size();
    if (given < added ||
        !std::equal(made->fields.begin(), made->fields.end(), edit->fields.end() - static_cast<std::ptrdiff_t>(added)))
        return; // it was turned down
    std::size_t base = history_.position(made->reference, edit->base->version_id()).value_or(0);
    // An own write whose answer is still to come is what the user sees already.
    const History::Commits& commits = *history_.of(made->reference);
    for (std::size_t i = base; i < commits.size(); ++i)
        if (commits[i].client == client_) base = i;
    Intent& intent = intents_[made->reference];
    if (!was_pending_) {
        intent = {};
        intent.begun = snapshot.at;
        intent.base = base;
    }
    for (const fhir::FieldEdit& field : made->fields) intent.wishes.push_back({field, base});
}

void EditJudge::sent(const engine::SendRequest& request, const std::string& reference,
                     const engine::Snapshot& snapshot) {
    begin_awaited(snapshot);
    asked_[request.request] = reference;
    const engine::RecordPtr record = is_write(request) ? snapshot.find(reference) : nullptr;
    if (record && !record->resource()) over_known_deletion_.insert(request.request);
}

void EditJudge::answered(const engine::HttpAnswer& answer, LocalTime now) {
    const auto asked = asked_.extract(answer.request);
    if (asked.empty()) return;
    const bool has_resource = answer.body && answer.status == 200 && answer.body->starts_with('{');
    if (!has_resource) refusals_[asked.mapped()] = now;
}

// Whoever writes must have seen what he writes over.
std::optional<Violation> EditJudge::precondition_held(const std::string& reference, const History::Commit& commit,
                                                      const History::Commit& before,
                                                      const engine::Snapshot& snapshot) const {
    const std::string what = reference + ": version " + short_id(commit.version_id) + " by " + commit.method;
    if (commit.precondition.empty()) return wrong("no-lost-update", what + " was written without a precondition");
    if (!before.deleted()) {
        if (commit.precondition == before.version_id) return std::nullopt;
        return wrong("no-lost-update", what + " was made on version " + short_id(commit.precondition) +
                                           ", but version " + short_id(before.version_id) + " was current");
    }
    // A server takes no If-Match for a deleted resource: a PUT that was under way when it was deleted brings it back,
    // and no client can prevent that (PROTOCOL A4). One that knows of the deletion must have been told to.
    if (!over_known_deletion_.contains(commit.request)) return std::nullopt;
    const auto decided = [](const engine::Conflict& conflict) {
        return conflict.kind == engine::ConflictKind::DeleteVersusEdit && !conflict.open() &&
               conflict.outcome != engine::ConflictOutcome::TookServer;
    };
    if (some_conflict(snapshot, reference, decided)) return std::nullopt;
    return wrong("no-lost-update", what + " brought back what was known to be deleted, without a decision");
}

std::optional<Violation> EditJudge::fields_are_wished(const std::string& reference, const Intent& intent,
                                                      const History::Commit& commit,
                                                      const History::Commit& before) const {
    for (const fhir::FieldChange& change : fhir::diff(*before.content, *commit.content)) {
        if (is_meta(change)) continue;
        const bool decided = intent.whole || intent.chosen.contains(member_of(change.path));
        bool known = decided, exact = false, equal = false;
        for (const Wish& wish : intent.wishes) {
            known = known || member_of(wish.field.path) == member_of(change.path);
            if (wish.field.path != change.path) continue;
            exact = true;
            equal = equal || normal(wish.field.value) == normal(change.after);
        }
        if (known && (!exact || equal || decided)) continue;
        return wrong("only-what-was-wished", reference + ": version " + short_id(commit.version_id) + " makes " +
                                                 change.path + " " + (change.after.empty() ? "nothing" : change.after) +
                                                 " of " + (change.before.empty() ? "nothing" : change.before) +
                                                 ", which its user did not ask for");
    }
    return std::nullopt;
}

std::optional<Violation> EditJudge::overlaps_were_met(const std::string& reference, const Intent& intent,
                                                      const History::Commits& commits, std::size_t place,
                                                      const engine::Snapshot& snapshot) const {
    const fhir::Resource& before = *commits[place - 1].content;
    const bool asks = snapshot.default_strategy == "ask" && intent.decisions == 0;
    const bool told = some_conflict(snapshot, reference,
                                    [&](const engine::Conflict& conflict) { return conflict.at >= intent.begun; });
    for (const fhir::FieldChange& change : fhir::diff(before, *commits[place].content)) {
        if (is_meta(change)) continue;
        std::optional<std::size_t> seen; // what the user saw who set this field last
        for (const Wish& wish : intent.wishes)
            if (wish.field.path == change.path) seen = wish.seen;
        if (!seen) continue; // of lists, and what a decision named
        if (!commits[*seen].content) continue;
        const auto others = fhir::diff(*commits[*seen].content, before);
        if (std::none_of(others.begin(), others.end(),
                         [&](const fhir::FieldChange& other) { return other.path == change.path; }))
            continue;
        if (told && !(asks && !names_a_position(change.path))) continue;
        return wrong("no-lost-update", reference + ": version " + short_id(commits[place].version_id) + " makes " +
                                           change.path + " " + change.after + " of " + change.before +
                                           ", which somebody had set after the user saw it, and " +
                                           (told ? "nobody was asked" : "no conflict is known"));
    }
    return std::nullopt;
}

std::optional<Violation> EditJudge::on_commit(const std::string& reference, const engine::Snapshot& snapshot) {
    const History::Commits& commits = *history_.of(reference);
    const std::size_t place = commits.size() - 1;
    const History::Commit& commit = commits[place];
    if (commit.deleted()) return wrong("only-what-was-wished", reference + " is deleted by an edit");
    if (place == 0) return wrong("only-what-was-wished", reference + " is created by an edit");
    const History::Commit& before = commits[place - 1];
    if (auto bad = precondition_held(reference, commit, before, snapshot)) return bad;
    const auto intent = intents_.find(reference);
    if (intent == intents_.end())
        return wrong("only-what-was-wished", reference + " is written, and nobody has edited it");
    if (!before.deleted()) {
        if (auto bad = fields_are_wished(reference, intent->second, commit, before)) return bad;
        if (auto bad = overlaps_were_met(reference, intent->second, commits, place, snapshot)) return bad;
    }
    intent->second.base = place;
    for (Wish& wish : intent->second.wishes) wish.seen = place;
    return std::nullopt;
}

std::optional<Violation> EditJudge::on_ended(const engine::Snapshot& snapshot) {
    const auto& ended = snapshot.ended_edits;
    for (std::uint64_t i = std::max<std::uint64_t>(ended_seen_, ended.first()); i < ended.end(); ++i) {
        const engine::LocalEdit& edit = *ended[i];
        if (edit.state == engine::EditState::Acknowledged) {
            if (auto bad = acknowledged(edit)) return bad;
        } else if (auto bad = given_up(edit)) {
            return bad;
        }
    }
    ended_seen_ = ended.end();
    return std::nullopt;
}

std::optional<Violation> EditJudge::acknowledged(const engine::LocalEdit& edit) {
    if (edit.attempts == 0 || edit.version.empty()) return std::nullopt; // there was nothing to write
    const std::string what = edit.reference + ": edit " + std::to_string(edit.number) + " is acknowledged as version " +
                             short_id(edit.version);
    const auto place = history_.position(edit.reference, edit.version);
    if (!place) return wrong("acknowledged-is-written", what + ", which the server never committed");
    const History::Commit& commit = (*history_.of(edit.reference))[*place];
    acknowledged_.insert(edit.version);
    if (commit.client == client_) return std::nullopt;
    if (!history_.lost_an_answer(client_, edit.reference))
        return wrong("acknowledged-is-written", what + ", which somebody else wrote");
    if (commit.content && contains(*edit.base, *edit.local, *commit.content)) return std::nullopt;
    return wrong("acknowledged-is-written", what + ", which does not have its values");
}

std::optional<Violation> EditJudge::given_up(const engine::LocalEdit& edit) const {
    const History::Commits* commits = history_.of(edit.reference);
    if (!commits) return std::nullopt;
    if (edit.state == engine::EditState::Refused && edit.attempts > 0 && edit.attempts < attempts_enough) {
        const auto refused = refusals_.find(edit.reference);
        if (refused == refusals_.end() || refused->second < edit.made)
            return wrong("given-up-changes-nothing",
                         edit.reference + ": edit " + std::to_string(edit.number) +
                             " counts as refused, and the server never refused it: " + words::text(edit.problem));
    }
    for (const History::Commit& commit : *commits) {
        const bool its =
            commit.client == client_ && commit.client_time >= edit.made && commit.client_time <= edit.ended;
        if (!its || commit.answer_lost || acknowledged_.contains(commit.version_id)) continue;
        return wrong("given-up-changes-nothing", edit.reference + ": edit " + std::to_string(edit.number) + " is " +
                                                     std::string(to_string(edit.state)) + ", but it made version " +
                                                     short_id(commit.version_id));
    }
    return std::nullopt;
}

std::optional<Violation> EditJudge::at_the_end() const {
    for (const auto& [reference, intent] : intents_) {
        for (const History::Commit& commit : *history_.of(reference)) {
            if (commit.client != client_ || commit.answer_lost || acknowledged_.contains(commit.version_id)) continue;
            return wrong("acknowledged-is-written", reference + ": version " + short_id(commit.version_id) +
                                                        " was written and answered, and no edit is acknowledged as it");
        }
    }
    return std::nullopt;
}

} // namespace fhirscope::simulation
