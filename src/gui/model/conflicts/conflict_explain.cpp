// The sentences about a conflict: what happened, and what each choice does.

#include "engine/strategy.hpp"
#include "gui/base/format.hpp"
#include "gui/model/conflicts/conflict_text.hpp"
#include "words/words.hpp"

#include <algorithm>

namespace fhirscope::gui {

using engine::Conflict;
using engine::ConflictKind;
using engine::ConflictOutcome;

namespace {

std::string quoted(std::string_view text) { return "`" + std::string(text) + "`"; }

std::string version(const fhir::ResourcePtr& resource) {
    return resource ? quoted(short_id(resource->version_id(), 6)) : std::string("`?`");
}

std::string at(LocalTime time) { return time == LocalTime{} ? "" : " at " + std::string(clock_s(wall(time)).view()); }

std::string saved_at(const fhir::ResourcePtr& resource) {
    const auto time = resource ? resource->last_updated() : std::nullopt;
    return time ? " at " + std::string(clock_s(wall(*time)).view()) : std::string();
}

// "restriction.period.end" → "restriction", "note[1].text" → "note", "telecom[system=phone].value" → "telecom".
std::string name_of(std::string_view path) { return std::string(path.substr(0, path.find_first_of(".["))); }

// An element that came or went is one of several: "a note", "an identifier".
std::string element_of(std::string_view path) {
    std::string name = name_of(path);
    if (path.size() == name.size() || path[name.size()] != '[') return name;
    return (std::string_view("aeiou").find(name[0]) == std::string_view::npos ? "a " : "an ") + name;
}

struct Names {
    std::vector<std::string> changed, added, removed;
    bool empty() const { return changed.empty() && added.empty() && removed.empty(); }
};

void add_once(std::vector<std::string>& names, std::string name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
}

// What one side made of the base, by the names of members; a member is changed where one of its fields is.
template <class Changed, class After>
Names names_of(std::span<const ConflictField> fields, Changed changed, After after) {
    Names names;
    for (const ConflictField& field : fields) {
        if (!changed(field)) continue;
        if (field.base.empty())
            add_once(names.added, element_of(field.path));
        else if (after(field).empty())
            add_once(names.removed, element_of(field.path));
        else
            add_once(names.changed, name_of(field.path));
    }
    for (auto* list : {&names.added, &names.removed}) {
        std::erase_if(
            *list,
            [&](const std::string& name) {
                return std::find(names.changed.begin(), names.changed.end(), name) != names.changed.end();
            });
    }
    return names;
}

Names local_names(std::span<const ConflictField> fields) {
    return names_of(
        fields, [](const auto& field) { return field.local_changed; },
        [](const auto& field) -> const std::string& { return field.local; });
}

Names server_names(std::span<const ConflictField> fields) {
    return names_of(
        fields, [](const auto& field) { return field.server_changed; },
        [](const auto& field) -> const std::string& { return field.server; });
}

// "changed priority and added note[1]"
std::string doings(const Names& names) {
    std::vector<std::string> parts;
    for (const auto& [verb, list] :
         {std::pair{"changed ", &names.changed}, {"added ", &names.added}, {"removed ", &names.removed}})
        if (!list->empty()) parts.push_back(verb + list_of(*list));
    return list_of(parts);
}

std::string your_edit(const Conflict& conflict, std::span<const ConflictField> fields) {
    Names names = local_names(fields);
    if (names.empty()) names.changed = conflict.members;
    std::string text = "You " + (names.empty() ? std::string("edited it") : doings(names)) + at(conflict.edited_at);
    if (conflict.base) text += ", starting from version " + version(conflict.base);
    return text + ".";
}

std::string their_version(const Conflict& conflict, std::span<const ConflictField> fields) {
    std::string text = conflict.author.empty() ? "Version " + version(conflict.server) + " was saved"
                                               : conflict.author + " saved version " + version(conflict.server);
    text += saved_at(conflict.server);
    const Names names = server_names(fields);
    if (!names.changed.empty()) text += " with another " + list_of(names.changed);
    if (!names.added.empty()) text += (names.changed.empty() ? " with " : ", and added ") + list_of(names.added);
    if (!names.removed.empty())
        text += (names.changed.empty() && names.added.empty() ? " without " : ", without ") + list_of(names.removed);
    return text + ".";
}

std::string differing(const Conflict& conflict) {
    return conflict.members.empty() ? std::string() : " They differ in " + list_of(conflict.members) + ".";
}

// Its note as a sentence of its own.
std::string note_of(const Conflict& conflict) {
    if (conflict.note.empty()) return {};
    const std::string text = " " + capitalised(words::text(conflict.note));
    const char end = text.back();
    return end == '.' || end == '!' || end == '?' ? text : text + ".";
}

std::string what_became(const Conflict& conflict) {
    const std::string when = at(conflict.decided_at);
    const std::string by = conflict.strategy.empty() || conflict.strategy == "ask"
                               ? std::string("It was decided by hand")
                               : "The rule “" + std::string(engine::strategy_title(conflict.strategy)) + "” decided it";
    const bool chosen =
        conflict.strategy != "merge" && std::any_of(conflict.fields.begin(), conflict.fields.end(),
                                                    [](const fhir::MergeField& field) { return field.overlap; });
    const std::string as =
        conflict.written.empty() ? std::string() : ", written as version " + quoted(short_id(conflict.written, 6));
    switch (conflict.outcome) {
        case ConflictOutcome::Waiting:
            // A note tells that an answer was lost: whether it was written is not known.
            return conflict.kind == ConflictKind::VersionConflict || !conflict.note.empty()
                       ? " It is held until you decide."
                       : " Your edit has not been sent.";
        case ConflictOutcome::Merged:
            return " " + by + when +
                   (chosen ? ": each field has the side that was chosen" : ": both sides’ fields are kept") + as + ".";
        case ConflictOutcome::TookServer:
            return " " + by + when + ": the server’s version stands, the edit was dropped.";
        case ConflictOutcome::KeptLocal:
            return " " + by + when + ": your fields are kept" + as + ".";
        case ConflictOutcome::RolledBack:
            return " It was rolled back" + when + as + ".";
        case ConflictOutcome::OlderDropped:
            return " The older one went into the history.";
        case ConflictOutcome::ReadAgain:
            return " The server was asked again, and its answer is shown.";
        case ConflictOutcome::Failed:
            return " It could not be written; the server’s version stands.";
    }
    return {};
}

} // namespace

std::string explain(const Conflict& conflict, std::span<const ConflictField> fields) {
    std::string text;
    switch (conflict.kind) {
        case ConflictKind::ConcurrentModification:
            text = your_edit(conflict, fields) + " " + their_version(conflict, fields);
            break;
        case ConflictKind::VersionConflict:
            text = your_edit(conflict, fields) + " " + their_version(conflict, fields) +
                   " The server refused the edit, because it was made on an older version.";
            break;
        case ConflictKind::DeleteVersusEdit:
            text = your_edit(conflict, fields) + " The resource was deleted on the server meanwhile" +
                   (conflict.open() ? "; keeping your edit would bring it back." : ".");
            break;
        case ConflictKind::RefusedEdit:
            text = your_edit(conflict, fields) + " The server refused it, so its own version is shown again.";
            return text + note_of(conflict);
        case ConflictKind::OutOfOrder:
            text = "Version " + version(conflict.server) + ", saved" + saved_at(conflict.server) + ", came" +
                   at(conflict.at) + " although the newer version " + version(conflict.local) + ", saved" +
                   saved_at(conflict.local) + ", was shown already." + differing(conflict);
            break;
        case ConflictKind::Tie:
            text = "Versions " + version(conflict.local) + " and " + version(conflict.server) + " have the same time" +
                   saved_at(conflict.server) + ", so only the server can tell which is newer." + differing(conflict);
            break;
        case ConflictKind::Drift:
            text = "A comparison" + at(conflict.at) + " found that the copy held here, version " +
                   version(conflict.local) + ", was not the server’s" +
                   (conflict.server ? ", version " + version(conflict.server) + "." : ".") + differing(conflict);
            break;
        case ConflictKind::Undelete:
            text = "The resource was deleted, and then version " + version(conflict.server) + " was saved" +
                   saved_at(conflict.server) + (conflict.author.empty() ? "" : " by " + conflict.author) +
                   ". It is shown again.";
            return text + note_of(conflict);
    }
    return text + what_became(conflict) + note_of(conflict);
}

Effects effects_of(const Conflict& conflict, std::span<const ConflictField> fields,
                   std::span<const FieldChoice> choices) {
    Effects effects;
    const auto effect = [&](ResolveAction action) -> std::string& { return effects[static_cast<std::size_t>(action)]; };
    const auto count = [](std::size_t n) { return std::to_string(n) + (n == 1 ? " field" : " fields"); };
    if (!conflict.open()) {
        if (conflict.undo)
            effect(ResolveAction::RollBack) = "Writes what the decision replaced as a new version. One PUT.";
        return effects;
    }
    const std::string theirs = conflict.author.empty() ? std::string("The server’s") : conflict.author + "’s";
    const auto is_are = [](std::size_t n) { return n == 1 ? " is" : " are"; };
    std::vector<std::string> mine, server, lost, stays, both;
    std::size_t mine_count = 0;
    for (const ConflictField& field : fields) {
        const std::string name = name_of(field.path);
        const std::string_view result = result_of(field, choice_of(field, choices));
        mine_count += field.local_changed ? 1 : 0;
        if (field.local_changed && result == field.local && result != field.server)
            add_once(mine, name);
        else if (field.server_changed && result == field.server)
            add_once(server, name);
        if (field.server_changed) {
            add_once(both, name);
            add_once(field.overlap ? lost : stays, name);
        }
    }
    std::erase_if(stays, [&](const auto& name) { return std::find(lost.begin(), lost.end(), name) != lost.end(); });
    if (!conflict.server) {
        effect(ResolveAction::TakeServer) = "Drops " + count(mine_count) + ". The resource stays deleted.";
        effect(ResolveAction::KeepLocal) = "Writes your version, which brings the resource back. One PUT.";
        return effects;
    }
    std::string& merge = effect(ResolveAction::Merge);
    merge = mine.empty() ? std::string() : "Keeps your " + list_of(mine);
    if (!server.empty()) merge += (merge.empty() ? "Takes the new " : ", takes the new ") + list_of(server);
    merge += merge.empty() ? "Changes nothing. " : ". ";
    merge += fields_to_send(fields, ResolveAction::Merge, choices) > 0 ? "One PUT." : "Nothing is sent.";
    effect(ResolveAction::TakeServer) = "Drops " + count(mine_count) + " of yours. Nothing is sent.";
    std::string& keep = effect(ResolveAction::KeepLocal);
    keep = "Sends " + count(fields_to_send(fields, ResolveAction::KeepLocal, choices)) + " over version " +
           version(conflict.server) + ".";
    if (!lost.empty()) {
        keep += " " + theirs + " " + list_of(lost) + is_are(lost.size()) + " lost";
        keep += stays.empty() ? "." : ", the " + list_of(stays) + (stays.size() == 1 ? " stays." : " stay.");
    }
    std::string& back = effect(ResolveAction::RollBack);
    back = "Sends version " + version(conflict.base) + " again.";
    if (!both.empty()) back += " " + theirs + " " + list_of(both) + is_are(both.size()) + " lost.";
    return effects;
}

std::string sends_text(const Conflict& conflict, std::size_t fields, engine::EditMethod method) {
    if (!conflict.server) return "Keeping it sends `PUT " + short_reference(conflict.reference) + "`";
    if (fields == 0) return "Nothing is sent";
    const std::string id(short_id(conflict.server->version_id(), 6));
    return method == engine::EditMethod::Put
               ? "Sends `PUT " + short_reference(conflict.reference) + "` with `If-Match W/\"" + id + "…\"`"
               : "Sends `PATCH " + short_reference(conflict.reference) + "` with a test of version `" + id + "`";
}

std::string decided_text(const Conflict& conflict) {
    std::string text = capitalised(outcome_text(conflict));
    if (conflict.decided_at != LocalTime{})
        text += " at `" + std::string(clock_ms(wall(conflict.decided_at)).view()) + "`";
    if (conflict.strategy == "ask")
        text += " by hand";
    else if (!conflict.strategy.empty())
        text += " by “" + std::string(engine::strategy_title(conflict.strategy)) + "”";
    if (!conflict.written.empty()) text += ", version `" + std::string(short_id(conflict.written, 6)) + "`";
    return text;
}

} // namespace fhirscope::gui
