#pragma once
// The stages that one update goes through: validate → transform → resolve → apply → notify, one file each. A stage that
// refuses stops this update alone; it is kept with its reason and the rest go on.

#include "engine/state.hpp"

#include <optional>
#include <string>
#include <vector>

namespace fhirscope::engine {

// What the stages learn about one update, in order.
struct Work {
    Update update;
    std::uint64_t id_hash = 0; // of its versionId
    // resolve
    std::optional<Stores::Position> position; // of the resource, when it is known
    Outcome outcome = Outcome::Applied;
    bool becomes_current = false; // the store will show it
    bool goes_into_history = false;
    bool probe = false;  // only a read can tell what is current
    bool tied = false;   // with what is shown, by its time
    bool racing = false; // with what is shown: within moments of it, so its time may not tell which one stands
    // transform
    std::vector<std::string> changed; // top-level members
    RowPtr row;
    std::uint64_t changed_cells = 0;
    // validate
    std::vector<fhir::Problem> flaws; // of what is shown all the same
    // refusal
    Fact reason;          // not empty: rejected by the stage that set it
    bool no_room = false; // it is refused for a bound here, not for what it is
};

void validate(State& s, Work& work);
void transform(State& s, Work& work);
void resolve(State& s, Work& work);
void apply(State& s, Work& work);
void notify(State& s, Work& work, const RecordPtr& before);

// conflicts.cpp: after the stages; `row` is the number in the log, `before` what was shown.
void note_conflicts(State& s, const Work& work, const Record* before, std::uint64_t row);

} // namespace fhirscope::engine
