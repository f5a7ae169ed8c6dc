#pragma once
// What people see of local edits and of conflicts: immutable values; a change makes a new one.

#include "engine/fact.hpp"
#include "engine/store.hpp"
#include "engine/types.hpp"
#include "fhir/diff.hpp"
#include "fhir/edit.hpp"
#include "fhir/merge.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::engine {

constexpr std::uint64_t no_update = UINT64_MAX;

enum class ConflictKind : std::uint8_t {
    ConcurrentModification, // a newer version came while an edit was pending
    VersionConflict,        // the server refused an edit, because it was made on an older version (412, 409)
    OutOfOrder,             // a version came after a newer one
    Tie,                    // two versions of one millisecond: only a read can tell
    Drift,                  // found by comparing with the server
    DeleteVersusEdit,       // deleted on the server, edited here
    Undelete,               // a deleted resource was written again
    RefusedEdit,            // the server would not have it (403, 422, …)
};
constexpr std::size_t conflict_kinds = 8;
std::string_view to_string(ConflictKind kind); // "Concurrent modification"

enum class ConflictOutcome : std::uint8_t {
    Waiting,      // for a decision
    Merged,       // both sides' fields
    TookServer,   // the local edit was dropped
    KeptLocal,    // the local edit is written over the server's version
    RolledBack,   // an earlier content was written, or the edit was taken back
    OlderDropped, // the older version went into the history
    ReadAgain,    // the server's answer decided
    Failed,       // could not be written; the server's version stands
};
constexpr std::size_t conflict_outcomes = 8;
std::string_view to_string(ConflictOutcome outcome); // "waiting for a decision"

struct Conflict {
    std::uint64_t number = 0; // from 1
    LocalTime at;
    ConflictKind kind{};
    ConflictOutcome outcome = ConflictOutcome::Waiting;
    std::string reference;
    fhir::ResourcePtr base, local, server; // null: none, or deleted
    std::vector<std::string> members;      // top-level members that it is about
    std::vector<fhir::MergeField> fields;  // of edits: all that differ, with the choice taken or proposed
    std::string strategy;                  // the name (engine/strategy.hpp) of what decided, or asks
    std::string author;                    // who made the server's version, where it says so
    Channel channel = Channel::Socket;     // how the server's version came
    std::uint64_t update = no_update;      // row of the update log that led to it
    std::uint64_t edit = 0;                // number of the local edit; 0: none
    LocalTime edited_at;                   // the epoch: no edit
    LocalTime decided_at;                  // the epoch: not yet
    Fact note;                             // what the server answered, what stands in the way
    std::string written;                   // versionId that the decision wrote; "" for none
    fhir::ResourcePtr undo;                // what rolling the decision back would write; null: nothing to take back
    bool open() const { return outcome == ConflictOutcome::Waiting; }
    template <class A>
    void archive(A& a);
};
using ConflictPtr = std::shared_ptr<const Conflict>;

// How an edit is written (PROTOCOL A4).
enum class EditMethod : std::uint8_t {
    Put,   // the whole resource, with If-Match
    Patch, // the changed fields, with a test of the versionId
};

enum class EditState : std::uint8_t {
    Waiting,      // to be sent
    Sending,      // on its way
    Checking,     // the server is asked what it has
    Conflicted,   // open: see its conflict
    Acknowledged, // written
    Refused,      // by the server, or impossible; the server's version is shown again
    Dropped,      // by a decision: the server's version stands
};
std::string_view to_string(EditState state);

// One resource's pending edits (at most one LocalEdit a resource), or an ended one.
struct LocalEdit {
    std::uint64_t number = 0; // from 1
    std::string reference;
    LocalTime made, ended; // ended: the epoch while it is pending
    EditState state = EditState::Waiting;
    EditMethod method = EditMethod::Put;
    std::vector<fhir::FieldEdit> fields;           // as they were asked for
    std::vector<LocalTime> asked;                  // parallel to `fields`: one edit may join another later
    fhir::ResourcePtr base, local;                 // the server's version that it starts from; with the edits made
    RowPtr row;                                    // cells of `local`; null where no panel shows the type
    std::uint64_t changed_cells = 0;               // bit i: cell i differs from the server's
    std::uint64_t conflict = 0;                    // number of the last conflict that it met
    std::uint32_t attempts = 0;                    // times that it was sent
    Fact problem;                                  // why it was refused
    std::string version;                           // versionId that it became
    std::vector<fhir::FieldChange> server_changed; // what the server made of what was sent
    bool pending() const { return ended == LocalTime{}; }
    template <class A>
    void archive(A& a);
};

struct PolicyUse { // how often a rule has decided, or asked
    std::string type, field, strategy;
    std::uint64_t used = 0;
    template <class A>
    void archive(A& a) {
        a(type, field, strategy, used);
    }
};

template <class A>
void Conflict::archive(A& a) {
    a(number, at, kind, outcome, reference, base, local, server, members, fields, strategy, author, channel, update,
      edit, edited_at, decided_at, note, written, undo);
}
template <class A>
void LocalEdit::archive(A& a) {
    a(number, reference, made, ended, state, method, fields, asked, base, local, row, changed_cells, conflict, attempts,
      problem, version, server_changed);
}

} // namespace fhirscope::engine
