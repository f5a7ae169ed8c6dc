#pragma once
// Bugs that can be planted on purpose, one at a time, to show that the simulator finds them (script/mutate). A normal
// build plants none, and every question for one compiles to nothing.

#ifndef FHIRSCOPE_MUTATION
#define FHIRSCOPE_MUTATION 0
#endif

namespace fhirscope::engine {

enum class Mutation : int {
    DropOnOverflow = 1,      // what does not fit into the queue is forgotten
    NoOverlap = 2,           // the catch-up begins exactly at the watermark
    VersionIdsAsText = 3,    // the larger versionId is taken for the newer one
    ForgetRebind = 4,        // a new token is fetched, but not bound
    RepeatIsDuplicate = 5,   // a version that comes again is never a delete
    NoDeletedInCatchUp = 6,  // the catch-up does not ask what was deleted
    LastOfTieWins = 7,       // of two versions of one millisecond the last to arrive is believed
    TolerateSilence = 8,     // a connection on which nothing comes is kept
    WatermarkTooEarly = 9,   // a search counts as complete before its deletions were asked for
    LiveBeforeCaughtUp = 10, // the handshake alone makes a subscription live again
    CloseTwice = 11,         // a socket that closed is closed once more
    UnboundedQueue = 12,     // the queue takes whatever comes
    SupersedeSilently = 13,  // what is coalesced is not accounted for
    LoginNeverEnds = 20,     // a 401 is an answer like any other
    LeaveBehind = 21,        // the end of a session deletes no Subscription
    // --- of edits; only with several clients
    PutUnguarded = 14,        // a resource is written without If-Match
    PatchUnguarded = 15,      // a patch does not test the version
    SendAgainUnmerged = 16,   // a 412 is answered by writing the same again, on the newer version
    LostAnswerIsRefusal = 17, // an edit whose answer does not come counts as refused
    OverlapTakesLocal = 18,   // a field that both sides changed gets the local value, and nobody is asked
    PutForgetsMember = 19,    // a resource is written without a member that was not edited
    NewestOfRaceWins = 32,    // of versions within moments of each other the newest is believed
    EditOfKeyOnly = 30,       // a resource whose content was given up for room is edited without being read again
    KeepAllContents = 31,     // what is shown has no bound in bytes
};

constexpr bool mutated(Mutation mutation) { return static_cast<int>(mutation) == FHIRSCOPE_MUTATION; }

} // namespace fhirscope::engine
