#pragma once
// The Task state machine (PROTOCOL E1). It is typical, not binding: transitions are graded, never forbidden.

#include <cstdint>
#include <span>
#include <string_view>

namespace fhirscope::fhir {

enum class Transition : std::uint8_t {
    Normal,     // drawn in the specification
    Allowed,    // used by real systems
    Suspicious, // out of an end
};
// `from` is "" for a new Task. A state that stays is Normal.
Transition grade_transition(std::string_view from, std::string_view to);
// The states to which the specification's arrows lead, for "" those of a new Task; empty for an end or an unknown
// state.
std::span<const std::string_view> usual_next(std::string_view from);
std::span<const std::string_view> task_states(); // all 12
bool is_terminal(std::string_view state);

} // namespace fhirscope::fhir
