#pragma once
// How sure we are that what is shown is what the server has. A claim about the server, so it rests on its answers: a
// message of the socket says what was current when it was sent, and a comparison (read, search, full comparison) what
// is current. Where nothing would have told of a change since then, it may be stale.

#include "engine/snapshot.hpp"

#include <optional>
#include <string_view>

namespace fhirscope::engine {

enum class Certainty : std::uint8_t {
    Received,   // by the socket, not compared since; whatever changed would have been told
    Compared,   // an answer of the server said that this is the current version
    MayBeStale, // nothing would have told of a change
    Stale,      // a comparison found something else on the server, and the read of that is not applied yet
    Checking,   // it is being read
    OutOfView,  // it cannot be read any more: deleted, or hidden from this login
    Deleted,
};
std::string_view to_string(Certainty certainty); // "may be stale"

struct CertaintyView {
    Certainty certainty = Certainty::Received;
    // Received, Compared: when it was; MayBeStale: since when a change may have been missed; Stale: since when the
    // server has something else; else the epoch.
    LocalTime since{};
};

// A time in which changes may have been missed, that lasts. What was vouched for before it was noticed may be stale;
// what the server answered afterwards was compared then.
struct Unheard {
    LocalTime since, noticed;
    bool operator==(const Unheard&) const = default;
    // Nobody subscribes to the type: only questions tell of it.
    bool is_unwatched() const { return noticed == LocalTime::max(); }
};

// Of resources of this type: while the connection is not live, a subscription hears nothing, searches stand in for it
// (then since the last one), or the login has ended. Nothing: changes are told.
std::optional<Unheard> unheard_of(const Snapshot& snapshot, std::string_view type);

// The last session left it, and nothing has confirmed it since.
bool is_of_last_session(const Record& record);

// `unheard`: of its type.
CertaintyView certainty_of(const Record& record, const std::optional<Unheard>& unheard);

// The newest moment at which the server said, by a message or an answer, that this version is the current one.
LocalTime vouched_at(const Record& record);

} // namespace fhirscope::engine
