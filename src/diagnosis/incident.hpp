#pragma once
// An incident: a stretch of time in which something that should hold did not, with one cause. What followed from it is
// a part of it, not an incident of its own. It stays readable when it is over.

#include "diagnosis/finding.hpp"
#include "diagnosis/seen.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::diagnosis {

// What did not hold.
enum class Effect : std::uint8_t {
    RealTime,  // the connection was not live
    Hearing,   // a subscription heard nothing, while the connection lived
    Login,     // the server did not accept the login
    Access,    // something may not, or cannot, be read
    Requests,  // requests were not answered as they should have been
    Delivery,  // single changes were not told of
    Agreement, // what was held differed from the server
    Order,     // versions came late, twice, or one after a newer one
    Load,      // more came than could be applied
    Data,      // what came could not be used, or has flaws
    Write,     // an edit met another change
    Setup,     // something is set up in a way that costs or misleads
};
std::string_view to_string(Effect effect); // "real-time"

// Why. The order is that of the table (causes/table.cpp), where each has its id, as in docs/diagnosis.md.
enum class CauseCode : std::uint8_t {
    NotKnown,
    // this computer, or a person at it
    Asked,     // disconnected or dropped by a person
    WokenLate, // this computer slept, or its clock was set
    // the login
    LoginEnded,
    LoginRenewed, // a token had expired, and a new login was made
    LoginRevoked, // likewise, and what was bound with the old one had ended with it
    // the server, or the way to it
    TlsRefused,
    UpgradeRefused,
    Unreachable, // nothing listens, or the way is closed
    Hanging,     // connections stand, and nothing is answered
    HalfOpen,    // the socket carries nothing more, while requests are answered
    SocketClosed,
    Restarted, // closed, then nothing listened, or the Subscriptions were gone
    // Subscriptions
    FeatureOff, // WebSocket subscriptions are not enabled
    Quota,
    NotPermitted, // for this login
    NoSuchOperation,
    SubscriptionGone,
    SubscriptionOff, // its status is off or error
    BindingEnded,    // its token, or the login that it was made with, has ended
    BindIgnored,
    // answers to requests
    Throttled,
    ServerErrors,   // 5xx
    OddRefusals,    // 404, 409, 410 or 412 where none is to be expected
    OtherAnswers,   // something else than the server answers: a portal, a proxy's page
    AnswersMissing, // no answer in time, or cut off within it
    // single changes
    EventsLost,      // not sent, or lost on the way, while all seemed well
    DeletionsSilent, // not announced
    LeftCriteria,
    OutOfView,
    NumbersMissing,
    // the rest: each is what the finding of the same id says
    Overtaken,
    Repeated,
    ServerLate,
    NetworkLate,
    ServerSetBack,
    ClockSkew,
    Storm,
    SlowPipeline,
    BadFrames,
    Rejected,
    Flaws,
    VersionsRepeated,
    NumbersWrong,
    Drift,
    Conflict,
    Foreign,
    NeverMatches,
    DuplicateCriteria,
    BareEvents,
    PartialListing,
};
constexpr std::size_t cause_codes = static_cast<std::size_t>(CauseCode::PartialListing) + 1;

enum class IncidentState : std::uint8_t {
    GoingOn,
    Repaired, // a catch-up or a comparison proved it
    Ended,    // over, and there was nothing to repair
    NotKnown, // what was captured of another client ended before it was seen; `to` is that end
};
std::string_view to_string(IncidentState state); // "going-on"

// One of the four stations: what was, when, and how that is known.
struct Episode {
    LocalTime from, to; // equal where it was a moment; the epoch: not yet, or it cannot be known
    std::string what;   // "The Subscription was gone"
    std::string text;   // a sentence or two
    std::string source; // "GET 404, frame log"
};

// What followed from the cause, counted.
struct Consequence {
    enum class Kind : std::uint8_t {
        Missed,
        Recovered,
        NeverSeen,
        DeletionsLate,
        Polling, // searches in place of real time
        Attempts,
        Repeated,    // requests
        Unconfirmed, // of another client: resources that it may show as they were
        Other,       // of another client: what it did or did not ask for afterwards
    } kind{};
    std::uint64_t count = 0;
    std::string text; // "changes missed"
    Link link;
};

// Another cause that would fit, and why it is not this one.
struct RuledOut {
    CauseCode cause{};
    bool tested = true; // false: nothing could tell; `text` says what would
    std::string text;
};

struct Incident {
    std::uint64_t number = 0; // from 1, in the order in which they were found; stays
    Effect effect{};
    CauseCode cause{};
    std::vector<CauseCode> alternatives{}; // that cannot be told from `cause` by what is known
    std::string_view id{};                 // of the cause: "D6", as in docs/diagnosis.md
    std::string scope{};                   // criteria or a type; "" for all
    std::vector<std::string> about{};      // the criteria, types or resources concerned, the first 64 of each
    Severity severity = Severity::Attention;
    IncidentState state = IncidentState::GoingOn;
    std::string headline{};                  // effect, colon, cause, or the causes that cannot be told apart
    std::string_view title{}, explanation{}; // of the cause, from the table
    LocalTime from{}, to{};                  // to: the epoch while it goes on
    LocalTime noticed{};                     // when a sign of it was first seen
    LocalTime decided{};                     // when this cause was first named
    std::uint32_t times = 1;                 // how often it came again at once
    int confidence = 0;                      // percent; 100 only where every other cause is excluded
    std::optional<std::uint64_t> missed{}, recovered{}, deleted{}; // resources; none: it cannot be known
    std::uint64_t affects = 0;                                     // resources that may be, or were, old
    Episode cause_station{}, effect_station{}, noticed_station{}, repaired_station{};
    std::vector<Consequence> followed{};
    std::vector<RuledOut> ruled_out{};
    Check decisive{}, negative{};
    std::vector<Evidence> evidence{}; // the newest first
    std::uint64_t evidence_count = 0;
    std::vector<Observed> observations{}; // what was merged into it, in the order in which each was first seen
    std::uint64_t observations_left_out = 0;
    std::vector<Advice> advice{};
    std::string command{}; // that decides, for a shell: "curl …$BASE/Subscription/…"; "" where there is none

    bool open() const { return state == IncidentState::GoingOn; }
    // Seen to be over. False where it goes on, and where what was captured ended before that.
    bool settled() const { return state == IncidentState::Repaired || state == IncidentState::Ended; }
    std::chrono::microseconds lasted(LocalTime now) const { return (open() ? now : to) - from; }
};
using IncidentPtr = std::shared_ptr<const Incident>;

} // namespace fhirscope::diagnosis
