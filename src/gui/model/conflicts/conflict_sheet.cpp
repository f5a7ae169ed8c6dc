#include "gui/model/conflicts/conflict_sheet.hpp"

#include "fhir/diff.hpp"
#include "fhir/json.hpp"
#include "gui/model/json_view.hpp"

#include <algorithm>
#include <array>

namespace fhirscope::gui {

using engine::Conflict;
using fhir::Side;

namespace {

void take_merge_fields(const Conflict& conflict, std::vector<ConflictField>& out) {
    for (const fhir::MergeField& field : conflict.fields) {
        ConflictField made;
        made.path = field.path;
        made.base = field.base;
        made.local = field.local;
        made.server = field.server;
        made.group = field.group;
        made.local_changed = field.local != field.base;
        made.server_changed = field.server != field.base;
        made.overlap = field.overlap;
        made.proposed = field.overlap && !field.decided ? Side::Local : field.choice;
        out.push_back(std::move(made));
    }
}

// Both sides against the base, or the two there are against each other.
void compare(const Conflict& conflict, std::vector<ConflictField>& out) {
    const auto at = [&](const std::string& path) -> ConflictField& {
        for (ConflictField& field : out)
            if (field.path == path) return field;
        out.emplace_back().path = path;
        return out.back();
    };
    if (!conflict.base) {
        if (conflict.local && conflict.server) {
            for (fhir::FieldChange& change : fhir::diff(*conflict.local, *conflict.server)) {
                ConflictField& field = at(change.path);
                field.local = std::move(change.before);
                field.server = std::move(change.after);
                field.server_changed = true;
            }
        }
    } else {
        if (conflict.local) {
            for (fhir::FieldChange& change : fhir::diff(*conflict.base, *conflict.local)) {
                ConflictField& field = at(change.path);
                field.base = field.server = change.before;
                field.local = std::move(change.after);
                field.local_changed = true;
                field.proposed = Side::Local;
            }
        }
        if (conflict.server) {
            for (fhir::FieldChange& change : fhir::diff(*conflict.base, *conflict.server)) {
                ConflictField& field = at(change.path);
                field.base = change.before;
                field.local = field.local_changed ? field.local : change.before;
                field.server = std::move(change.after);
                field.server_changed = true;
                field.overlap = field.local_changed && field.local != field.server;
            }
        } else {
            for (ConflictField& field : out) field.server.clear(); // deleted
        }
    }
    std::erase_if(out,
                  [](const auto& field) { return field.path == "meta.versionId" || field.path == "meta.lastUpdated"; });
}

Side side_for(const ConflictField& field, ResolveAction action, std::span<const FieldChoice> choices) {
    switch (action) {
        case ResolveAction::Merge:
            return choice_of(field, choices);
        case ResolveAction::KeepLocal:
            return field.overlap || !field.server_changed ? Side::Local : Side::Server;
        case ResolveAction::TakeServer:
            return Side::Server;
        case ResolveAction::RollBack:
            return Side::Base;
    }
    return Side::Server;
}

// What was decided stands in the place of what is proposed.
void take_decision(const Conflict& conflict, ConflictField& field) {
    using engine::ConflictOutcome;
    switch (conflict.outcome) {
        case ConflictOutcome::TookServer:
        case ConflictOutcome::Failed:
            field.proposed = Side::Server;
            break;
        case ConflictOutcome::KeptLocal:
            field.proposed = side_for(field, ResolveAction::KeepLocal, {});
            break;
        case ConflictOutcome::RolledBack: // the edit; of a decision, the fields themselves know
            if (conflict.undo)
                field.proposed = Side::Base;
            else if (conflict.fields.empty()) // refused
                field.proposed = Side::Server;
            break;
        default:
            break;
    }
}

std::vector<ConflictField> undecided_fields(const Conflict& conflict) {
    std::vector<ConflictField> fields;
    if (conflict.fields.empty()) {
        compare(conflict, fields);
        return fields;
    }
    take_merge_fields(conflict, fields);
    // A group is one thing: an overlap of one of its fields is an overlap of all.
    for (ConflictField& field : fields) {
        for (const ConflictField& other : fields) {
            if (!field.group.empty() && other.group == field.group && other.overlap && !field.overlap) {
                field.overlap = true;
                field.proposed = other.proposed;
            }
        }
    }
    return fields;
}

} // namespace

std::vector<ConflictField> fields_of(const Conflict& conflict) {
    std::vector<ConflictField> fields = undecided_fields(conflict);
    for (ConflictField& field : fields) take_decision(conflict, field);
    return fields;
}

std::vector<SameField> same_fields(const Conflict& conflict) {
    std::array<rapidjson::Document, 3> documents;
    std::size_t count = 0;
    for (const fhir::ResourcePtr& resource : {conflict.server, conflict.local, conflict.base}) {
        if (resource) {
            if (auto document = fhir::parse_json(resource->text())) documents[count++] = std::move(*document);
        }
    }
    std::vector<SameField> same;
    if (count < 2) return same;
    const std::vector<TreeNode> first = make_tree(documents[0], &documents[1]);
    const std::vector<TreeNode> second = count > 2 ? make_tree(documents[0], &documents[2]) : first;
    for (std::size_t i = 0; i < first.size() && i < second.size(); ++i) {
        const TreeNode& node = first[i];
        const bool leaf = node.kind != NodeKind::Object && node.kind != NodeKind::Array;
        const bool differs = node.changed || node.added || second[i].changed || second[i].added;
        if (leaf && !differs && node.path != "id" && node.path != "resourceType")
            same.push_back({node.path, node.value});
    }
    return same;
}

Side choice_of(const ConflictField& field, std::span<const FieldChoice> choices) {
    for (const FieldChoice& choice : choices)
        if (choice.path == field.path && choice.seen == field.server) return choice.side;
    return field.proposed;
}

std::string_view result_of(const ConflictField& field, Side side) {
    switch (side) {
        case Side::Base:
            return field.base;
        case Side::Local:
            return field.local;
        case Side::Server:
            return field.server;
        case Side::Both:
            return field.local_changed ? field.local : field.server;
    }
    return field.server;
}

void choose(std::span<const ConflictField> fields, std::size_t index, Side side, std::vector<FieldChoice>& choices) {
    const ConflictField& chosen = fields[index];
    for (const ConflictField& field : fields) {
        if (&field != &chosen && (chosen.group.empty() || field.group != chosen.group)) continue;
        std::erase_if(choices, [&](const FieldChoice& choice) { return choice.path == field.path; });
        choices.push_back({field.path, side, field.server});
    }
}

bool can_resolve(const Conflict& conflict, ResolveAction action) {
    if (!conflict.open()) return action == ResolveAction::RollBack && conflict.undo != nullptr;
    const bool deleted = conflict.server == nullptr; // keep it or let it go: there is nothing to merge with
    return !deleted || action == ResolveAction::TakeServer || action == ResolveAction::KeepLocal;
}

std::size_t fields_to_send(std::span<const ConflictField> fields, ResolveAction action,
                           std::span<const FieldChoice> choices) {
    return static_cast<std::size_t>(std::count_if(
        fields.begin(), fields.end(),
        [&](const ConflictField& field) {
            return result_of(field, side_for(field, action, choices)) != field.server;
        }));
}

engine::Resolve make_resolve(const Conflict& conflict, std::span<const ConflictField> fields, ResolveAction action,
                             std::span<const FieldChoice> choices) {
    engine::Resolve resolve;
    resolve.conflict = conflict.number;
    resolve.action = action;
    if (action == ResolveAction::Merge) {
        // All that are shown, so that what is written is what was seen.
        for (const ConflictField& field : fields) resolve.choices.emplace_back(field.path, choice_of(field, choices));
    }
    return resolve;
}

engine::ConflictPtr find_conflict(const engine::Snapshot& snapshot, std::uint64_t number) {
    const auto& conflicts = snapshot.conflicts;
    std::size_t low = 0;
    std::size_t high = conflicts.size();
    while (low < high) {
        const std::size_t middle = (low + high) / 2;
        if (conflicts[middle]->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < conflicts.size() && conflicts[low]->number == number ? conflicts[low] : nullptr;
}

std::optional<std::uint64_t> next_open_conflict(const engine::Snapshot& snapshot, std::uint64_t number, int step) {
    std::optional<std::uint64_t> behind; // the nearest in the direction of the step
    std::optional<std::uint64_t> round;  // the first one when going round
    for (std::size_t i = 0; i < snapshot.conflicts.size(); ++i) {
        const Conflict& conflict = *snapshot.conflicts[i];
        if (!conflict.open()) continue;
        // Older ones have smaller numbers; without a number the newest is next.
        const bool after = step > 0 ? number == 0 || conflict.number < number : conflict.number > number;
        auto& slot = after ? behind : round;
        const bool nearer = !slot || (step > 0 ? conflict.number > *slot : conflict.number < *slot);
        if (nearer) slot = conflict.number;
    }
    return behind ? behind : round;
}

bool ConflictSheet::show(const engine::ConflictPtr& conflict) {
    if (conflict == conflict_) return false;
    conflict_ = conflict;
    fields_.clear();
    same_.clear();
    if (conflict) {
        fields_ = fields_of(*conflict);
        same_ = same_fields(*conflict);
    }
    return true;
}

} // namespace fhirscope::gui
