#pragma once
// The fields of a conflict side by side, what is chosen for each, and the command that says so. Pure functions; the
// class keeps what they made of one conflict.

#include "engine/command.hpp"
#include "engine/snapshot.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::gui {

using ResolveAction = engine::Resolve::Action;

struct ConflictField {
    std::string path;
    std::string base, local, server; // JSON texts; "" where absent
    std::string group;               // fields of one group are chosen together; "" for none
    bool local_changed = false, server_changed = false;
    bool overlap = false;                     // both sides changed it (or its group), and not to the same
    fhir::Side proposed = fhir::Side::Server; // what the result has while nobody chose
};

// What a person chose for one field of an open conflict.
struct FieldChoice {
    std::string path;
    fhir::Side side = fhir::Side::Local;
    std::string seen; // the server's value then: another one takes the choice back
    bool operator==(const FieldChoice&) const = default;
};

// All that differ. A conflict without fields of its own (out of order, tie, drift, …) is compared here.
std::vector<ConflictField> fields_of(const engine::Conflict& conflict);

// Leaves that are the same in all versions at hand, by the path of their place.
struct SameField {
    std::string path, value;
};
std::vector<SameField> same_fields(const engine::Conflict& conflict);

// The choice that counts for a field: a person's, unless the server's value has changed since; else what is proposed.
fhir::Side choice_of(const ConflictField& field, std::span<const FieldChoice> choices);
std::string_view result_of(const ConflictField& field, fhir::Side side);
// Chooses for a field and for all of its group.
void choose(std::span<const ConflictField> fields, std::size_t index, fhir::Side side,
            std::vector<FieldChoice>& choices);

// Whether the engine would do it: an open conflict, or one that can be rolled back.
bool can_resolve(const engine::Conflict& conflict, ResolveAction action);
// Fields in which what would be written differs from the server's version.
std::size_t fields_to_send(std::span<const ConflictField> fields, ResolveAction action,
                           std::span<const FieldChoice> choices);
engine::Resolve make_resolve(const engine::Conflict& conflict, std::span<const ConflictField> fields,
                             ResolveAction action, std::span<const FieldChoice> choices);

// By number, or null when it is not kept any more.
engine::ConflictPtr find_conflict(const engine::Snapshot& snapshot, std::uint64_t number);
// The open conflict after (step 1: older, −1: newer) the one with this number, going round; nothing when none is open.
std::optional<std::uint64_t> next_open_conflict(const engine::Snapshot& snapshot, std::uint64_t number, int step);

// What is shown of one conflict; made anew when another one, or a new state of it, is shown.
class ConflictSheet {
public:
    // True when it was made anew.
    bool show(const engine::ConflictPtr& conflict);
    const engine::ConflictPtr& conflict() const { return conflict_; }
    const std::vector<ConflictField>& fields() const { return fields_; }
    const std::vector<SameField>& same() const { return same_; }

private:
    engine::ConflictPtr conflict_;
    std::vector<ConflictField> fields_;
    std::vector<SameField> same_;
};

} // namespace fhirscope::gui
