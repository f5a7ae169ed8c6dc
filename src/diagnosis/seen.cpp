#include "diagnosis/seen.hpp"

#include "fhir/assert.hpp"

#include <array>

namespace fhirscope::diagnosis {
namespace {

struct SeenWords {
    Seen seen;
    std::string_view code, sentence;
};
// In the order of the enumeration.
constexpr std::array<SeenWords, seen_kinds> seen_words = {{
    {Seen::Down, "down", "Real time was lost, or could not be had"},
    {Seen::LostToo, "lost-too", "The socket was lost, too, while the login was refused"},
    {Seen::Closed, "closed", "The socket was closed from the other end"},
    {Seen::Dropped, "dropped", "The socket was dropped by a person here"},
    {Seen::Disconnected, "disconnected", "Disconnected by a person here"},
    {Seen::Silence, "silence", "No frame came for longer than one can be waited for"},
    {Seen::PongMissing, "pong-missing", "A ping was not answered"},
    {Seen::PongLate, "pong-late", "A ping was not answered in time, while frames came that were sent before it"},
    {Seen::ProbeMissing, "probe-missing", "The server was asked whether it is there, and nobody answered"},
    {Seen::GivenUp, "given-up", "The socket was given up, since nothing could be bound on it"},
    {Seen::AttemptFailed, "attempt-failed", "An attempt to connect found nobody"},
    {Seen::AttemptTimedOut, "attempt-timed-out", "An attempt to connect was taken, and not answered"},
    {Seen::AttemptTls, "attempt-tls", "An attempt to connect ended at TLS"},
    {Seen::AttemptUpgrade, "attempt-upgrade",
     "An attempt to connect was answered with something else than a WebSocket"},
    {Seen::AttemptRefused, "attempt-refused", "The server refused an attempt to connect"},
    {Seen::Live, "live", "Real time was live again"},
    {Seen::AskedAgain, "asked-again", "A person asked to connect"},
    {Seen::FramesLate, "frames-late", "Frames were late on their way"},
    {Seen::LoginEnded, "login-ended", "The server no longer accepted the login"},
    {Seen::LoginAccepted, "login-accepted", "The login was accepted again"},
    {Seen::LoginRenewed, "login-renewed", "The access token was renewed"},
    {Seen::LoginDoubted, "login-doubted", "An answer raised a doubt about the login"},
    {Seen::WokenLate, "woken-late", "This computer slept, or its clock was set"},
    {Seen::Answered, "answered", "A request was answered as it should be"},
    {Seen::RequestNotSent, "request-not-sent", "A request found nobody"},
    {Seen::RequestUnanswered, "request-unanswered", "A request was not answered"},
    {Seen::Request401, "request-401", "A request was refused for its login"},
    {Seen::RequestForbidden, "request-forbidden", "A request was refused: this login may not do that"},
    {Seen::RequestFeature, "request-feature", "A Subscription was refused: the server says that the feature is off"},
    {Seen::RequestQuota, "request-quota", "A Subscription was refused: the server speaks of a limit"},
    {Seen::RequestOdd, "request-odd", "A request was refused where that is not to be expected"},
    {Seen::Request429, "request-429", "A request came too soon for the server's limit"},
    {Seen::Request5xx, "request-5xx", "The server answered a request with an error of its own"},
    {Seen::RequestOther, "request-other", "A request was answered with something that is not FHIR"},
    {Seen::RequestTls, "request-tls", "A request ended at TLS"},
    {Seen::Gone, "subscription-gone", "The Subscription was not there when it was asked after"},
    {Seen::Deaf, "deaf", "A search found what the subscription had not brought"},
    {Seen::Unlisted, "unlisted", "A heartbeat did not list the Subscription"},
    {Seen::StatusBad, "status-bad", "The Subscription was off, or in error"},
    {Seen::BindUnanswered, "bind-unanswered", "A bind was not answered"},
    {Seen::OperationMissing, "operation-missing", "The server has no operation for a binding token"},
    {Seen::SearchRefused, "search-refused", "A search was refused"},
    {Seen::MissedRecovered, "missed-recovered", "A change that had been missed was brought by a search or read"},
    {Seen::MissedFound, "missed-found", "A search found a change that nobody had told of"},
    {Seen::LostBefore, "lost-before", "A change was found that had been missed before the loss"},
    {Seen::NeverSeen, "never-seen", "A version had been replaced before it was seen here"},
    {Seen::DeletedLate, "deleted-late", "A deletion was found late"},
}};

const SeenWords& seen_words_of(Seen seen) {
    const SeenWords& words = seen_words[static_cast<std::size_t>(seen)];
    FHIRSCOPE_ASSERT(words.seen == seen);
    return words;
}

} // namespace

std::string_view to_string(Seen seen) { return seen_words_of(seen).code; }

std::string text(const Observed& observed) {
    std::string text(seen_words_of(observed.seen).sentence);
    const bool of_close = observed.seen == Seen::Closed;
    if (observed.status != 0) text += (of_close ? " (" : " (HTTP ") + std::to_string(observed.status) + ")";
    if (!observed.criteria.empty()) text += ": " + observed.criteria;
    return text;
}

} // namespace fhirscope::diagnosis
