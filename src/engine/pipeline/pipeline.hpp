#pragma once
// The stages that one update goes through: validate → transform → resolve → apply → notify, one file each. A stage that
// refuses stops this update alone; it is kept with its reason and the rest go on.

#include "engine/core/part.hpp"
#include "engine/core/queue.hpp"
#include "fhir/bundle.hpp"
#include "fhir/validate.hpp"

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

void drain(State& s); // a batch of what waits, each update through all stages
// What cannot be read is kept with its reason, and named; of what is found again and again (Poll) once. True: it is
// new.
bool reject_unreadable(State& s, const fhir::Unreadable& lost, Channel channel, SubscriptionIndex subscription,
                       std::uint64_t frame = UINT64_MAX, const Fact& why = {}); // `why`: instead of lost.reason

} // namespace fhirscope::engine
