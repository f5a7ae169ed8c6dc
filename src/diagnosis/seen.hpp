#pragma once
// What can be observed that tells one cause from another: a code each, and a sentence for people.

#include "engine/types.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace fhirscope::diagnosis {

enum class Seen : std::uint8_t {
    // the socket
    Down,         // it is not there any more, or could not be opened; the reason has a kind of its own
    LostToo,      // likewise, while the login was refused and real time was down already
    Closed,       // by the other end, or on the way
    Dropped,      // by a person here
    Disconnected, // likewise
    Silence,      // no frame for longer than the engine waits
    PongMissing,
    PongLate,        // likewise, while frames came that were sent before it
    ProbeMissing,    // asked after, nobody answered
    GivenUp,         // nothing could be bound on it
    AttemptFailed,   // nothing listened, or the way was closed
    AttemptTimedOut, // taken, and not answered
    AttemptTls,
    AttemptUpgrade, // answered with something else than 101
    AttemptRefused, // the server would not have us
    Live,
    AskedAgain, // to connect, by a person
    FramesLate, // on the way, as a finding says
    // the login
    LoginEnded,
    LoginAccepted,
    LoginRenewed,
    LoginDoubted,
    // this computer
    WokenLate,
    // answers
    Answered,       // as it should be
    RequestNotSent, // nothing listened
    RequestUnanswered,
    Request401,
    RequestForbidden,
    RequestFeature, // refused, and the server says that it is not enabled
    RequestQuota,
    RequestOdd, // 400, 404, 409, 410, 412 where none is to be expected
    Request429,
    Request5xx,
    RequestOther,
    RequestTls,
    // subscriptions
    Gone, // 404 or 410 when asked after
    Deaf, // a search found what it had not brought
    Unlisted,
    StatusBad,
    BindUnanswered,
    OperationMissing,
    SearchRefused,
    // resources
    MissedRecovered,
    MissedFound,
    LostBefore, // found by the catch-up of an outage, and changed before this began
    NeverSeen,
    DeletedLate,
};
constexpr std::size_t seen_kinds = static_cast<std::size_t>(Seen::DeletedLate) + 1;
std::string_view to_string(Seen seen); // "socket-closed"

// How often something was observed in an incident's time, of one subscription or of all.
struct Observed {
    Seen seen{};
    std::string criteria{}; // of the subscription; "" for all
    std::uint64_t count = 0;
    LocalTime first{}, last{};
    std::uint16_t status = 0; // of HTTP or of a close, of the first; 0: none
};
// "The socket was closed from the other end (1006)"
std::string text(const Observed& observed);

} // namespace fhirscope::diagnosis
