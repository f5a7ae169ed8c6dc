#pragma once
// Bugs that can be planted in the diagnosis on purpose, one at a time, to show that its judge finds them (script/mutate).
// A normal build plants none, and every question for one compiles to nothing.

#ifndef FHIRSCOPE_MUTATION
#define FHIRSCOPE_MUTATION 0
#endif

namespace fhirscope::diagnosis {

// The numbers go on after those of the engine (engine/mutation.hpp): one build plants one bug of both.
enum class Mutation : int {
    HangingIsHalfOpen = 40,    // these two causes are swapped in the table
    LastFitWins = 41,          // of the causes that fit, the one with the least precedence is named
    HangsThoughAnswering = 42, // that requests were answered does not exclude a server that hangs
    NothingExplains = 43,      // what follows from another cause counts as one
    OutageNeverEnds = 44,      // what was found down stays down
    ReportConsequences = 45,   // findings that another cause explains become incidents
    ErrorsForRefusals = 46,    // a 5xx is taken for a refusal, and a refusal for a 5xx
};

constexpr bool mutated(Mutation mutation) { return static_cast<int>(mutation) == FHIRSCOPE_MUTATION; }

} // namespace fhirscope::diagnosis
