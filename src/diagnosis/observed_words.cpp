#include "diagnosis/observed_words.hpp"

#include <algorithm>
#include <iterator>

namespace fhirscope::diagnosis {
namespace {

constexpr Advice search_after_bind{"Search after each new binding, from the last change that was seen",
                                   "Closes the gap; one request for each Subscription."};
constexpr Advice make_anew{"Make the Subscription anew, bind it, and then search", "Closes the gap."};
constexpr Advice poll_beside{"Search from time to time, beside the socket", "Finds what no event told of."};
constexpr Advice ask_operator{"Tell the operator of the server", "The cause is there."};
constexpr Advice look_at_answer{"Look at the answer in the evidence", "It says what was wrong with the request."};

constexpr ObservedWords words_of[] = {
    {CauseCode::SocketClosed,
     "The client's socket was closed or lost. What changed until it was bound again was not sent to it; a search or a "
     "read that is asked for after that can bring it.",
     "Does the capture show the close?",
     "Was another socket bound to the same Subscription at that time?",
     {search_after_bind, {"Look at the code and reason of the close", "Tells a proxy from the server."}}},
    {CauseCode::HalfOpen,
     "Heartbeats had come, and then no frame for more than 2.5 of their periods, and the capture shows no close. "
     "Whether the socket was dead or the server silent cannot be told from it.",
     "Did no frame come for 2.5 heartbeat periods?",
     "Does the capture show a close?",
     {{{"Let the client close a socket that is silent, and bind anew", "Ends the silence."}, search_after_bind}}},
    {CauseCode::BindingEnded,
     "A heartbeat on the client's socket no longer listed the Subscription: its binding had ended on the server.",
     "Is the Subscription missing from a heartbeat of the socket that it was bound on?",
     "Did a later heartbeat list it?",
     {{{"Compare the ids in each heartbeat with those that were bound", "Notices it at once."}, make_anew}}},
    {CauseCode::SubscriptionGone,
     "Asked after, the Subscription was not there any more. Nothing comes for it, although heartbeats may list it.",
     "Was the client's request answered that it is not there?",
     "Did an event come for it after that?",
     {make_anew, {"Look at who deletes Subscriptions on the server", "Where it repeats, the cause is there."}}},
    {CauseCode::Asked,
     "The client ended the Subscription itself, and went on showing what it had. Nothing tells it of changes since.",
     "Did the client unbind or delete it?",
     "Was it bound again?",
     {{{"Read or search again before it is shown", "One request."}}}},
    {CauseCode::NumbersMissing,
     "The server numbers its events, and some numbers did not come. What they told of is not known to the client until "
     "it asks for them or searches.",
     {},
     {},
     {{{"Compare the numbers of events, and ask for those missing with $events", "Brings what was lost."},
       {"Search where $events is not offered", "Brings the newest versions."}}}},
    {CauseCode::BindIgnored,
     "The client sent the bind, and neither a handshake, an event nor a heartbeat came for it within the bind timeout.",
     "Did nothing come for it within the bind timeout?",
     "Did an error frame name the reason?",
     {make_anew, {"Look at the frames after the bind", "An error may name the reason."}}},
    {CauseCode::UpgradeRefused,
     "The server answered the client's attempt to open the WebSocket with something else than 101.",
     "Was the upgrade answered with anything but 101?",
     "Was a socket opened at the same address since?",
     {{{"Check the address of the socket, and whether a proxy passes Upgrade", "The cause is there."}}}},
    {CauseCode::LoginEnded,
     "Requests of the client were refused with 401: its token had expired, was revoked, or was never good.",
     "Were requests refused with 401, one after the other?",
     "Was a request accepted between them?",
     {{{"Get a new token and repeat the request at the first 401", "Repairs the cause."}, search_after_bind}}},
    {CauseCode::LoginRenewed,
     "A request was refused with 401, the client got a new token, and a request was accepted with it. What was bound "
     "with the old login may have ended with it.",
     "Was a new token given between the refusal and the next answer that was accepted?",
     "Was there a second 401 after it?",
     {{{"Bind again after a new login", "Where the server ends bindings with the login that made them."}}}},
    {CauseCode::FeatureOff,
     "The server refused the client's Subscription or its token since WebSocket subscriptions are not enabled for this "
     "project.",
     "Does the server say that they are not enabled?",
     "Was one accepted since?",
     {{{"Enable the feature for the project", "On Medplum: websocket-subscriptions, in the features of the project."},
       {"Search instead, as long as it is off", "Later, and more requests."}}}},
    {CauseCode::Quota,
     "The server refused the client's Subscription because there are too many.",
     "Does the refusal say that a limit is exceeded?",
     "Was one accepted since?",
     {{{"Delete Subscriptions that are not used", "Frees the quota."}}}},
    {CauseCode::NotPermitted,
     "The server refused what the client asked for with 403: its login has no right to it.",
     "Was it answered 403?",
     "Was the same request accepted since?",
     {{{"Grant the client's login the right", "Repairs the cause."}}}},
    {CauseCode::NoSuchOperation,
     "The Subscription was made, and the server has no operation that gives a token for it.",
     {},
     {},
     {{{"Use a server, or a version of it, that offers them", "Its CapabilityStatement lists the operation."}}}},
    {CauseCode::OddRefusals,
     "The server refused what the client asked for with a status of 4xx. What was to come of it did not.",
     "Was it answered 4xx?",
     "Was the same request accepted since?",
     {look_at_answer}},
    {CauseCode::Throttled,
     "The server answered 429: the client asked for too much in too short a time.",
     "Was it answered 429?",
     "Were requests answered meanwhile?",
     {{{"Wait as Retry-After or RateLimit says, and then repeat", "Repairs the cause."}}}},
    {CauseCode::ServerErrors,
     "The server, or a proxy for it, answered 5xx. What was to come of it did not.",
     {},
     {},
     {ask_operator}},
    {CauseCode::OtherAnswers,
     "A page came instead of FHIR. What it was asked for is not known to the client.",
     {},
     {},
     {look_at_answer}},
    {CauseCode::EventsLost,
     "The server confirmed changes that match a Subscription which was bound at that time, and no frame told the "
     "client of them within the grace. The capture cannot show whether the server did not send them or the way lost "
     "them.",
     "Does a confirmed change match, while its Subscription was bound?",
     "Did a frame tell of it within the grace?",
     {poll_beside, ask_operator}},
    {CauseCode::DeletionsSilent,
     "Resources were deleted while their Subscription was bound, and no frame told the client.",
     "Were two or more deleted, without a frame for any?",
     "Did a frame announce a deletion of this type?",
     {{{"Search for what is gone, or compare the whole list from time to time", "Finds deletions."}}}},
    {CauseCode::LeftCriteria,
     "The resource changed so that it no longer matches the criteria of a Subscription. A server tells what enters or "
     "stays in a Subscription, not what leaves it, so a client that relies on it goes on showing the version before.",
     {},
     {},
     {{{"Read what was changed, or search again", "Repairs this row."},
       {"Subscribe to broader criteria, and filter in the client", "Repairs the cause; more events."}}}},
    {CauseCode::OutOfView,
     "A read of a resource that the client was shown was refused: it was deleted, or is hidden from this login.",
     {},
     {},
     {{{"Take it out of what is shown", "It may be gone."}}}},
    {CauseCode::Overtaken,
     "Older versions came after newer ones. A client that shows what came last shows an old version.",
     {},
     {},
     {{{"Compare versionId or lastUpdated before a version is shown", "The order of arrival is none."}}}},
    {CauseCode::Repeated,
     "The same version came again through the same Subscription on the same socket. A handler that is not idempotent "
     "acts twice.",
     {},
     {},
     {{{"Keep handlers idempotent by id and version", "Repeats do no harm then."}}}},
    {CauseCode::DuplicateCriteria,
     "Two Subscriptions with the same criteria were bound at a time: each change is evaluated and sent twice.",
     {},
     {},
     {{{"Keep one of the two", "Halves these events."}}}},
    {CauseCode::BadFrames,
     "Frames came that cannot be read here, or that report an error. Whether the client could use them is not known.",
     {},
     {},
     {{{"Look at the raw text in the log", "Shows what the server sent."}}}},
    {CauseCode::Rejected,
     "What came was a resource that cannot be used here. Whether the client could use it is not known.",
     {},
     {},
     {{{"Look at the rejected text in the log", "Shows what the server sent."}}}},
    {CauseCode::Flaws, "The server sent resources that break rules of FHIR.", {}, {}, {ask_operator}},
    {CauseCode::VersionsRepeated,
     "One versionId of a resource came with more than one content: the server does not version what it changes.",
     {},
     {},
     {{{"Do not take an equal versionId for an equal content", "On this server."}, ask_operator}}},
    {CauseCode::NumbersWrong,
     "The numbers of events repeat, jump or go back, as they do where each node of a server counts alone. A lost event "
     "cannot be told by them.",
     {},
     {},
     {poll_beside}},
    {CauseCode::BareEvents,
     "Notifications carry no resource, so the client has to read or search for what they tell of.",
     {},
     {},
     {}},
    {CauseCode::NeverMatches, {}, {}, {}, {{{"Rewrite the clause as the evidence says", "Repairs the cause."}}}},
    {CauseCode::ServerLate,
     "More than a second passed between a change and its notification, while the way took little.",
     {},
     {},
     {ask_operator}},
    {CauseCode::NetworkLate,
     "More than a second passed between the sending of notifications and their arrival in the capture: the way is "
     "slow, a proxy holds frames back, or the client did not take them.",
     {},
     {},
     {{{"Look at the way to the server, and at what kept the client busy", "The cause is there."}}}},
    {CauseCode::ClockSkew, "The clocks of the server and of the capture differ.", {}, {}, {}},
    {CauseCode::ServerSetBack,
     "The server has older versions than those that it sent before, or its clock was set back.",
     {},
     {},
     {ask_operator}},
    {CauseCode::Conflict,
     "The client's write met another change and was refused. What it was to write is not on the server.",
     {},
     {},
     {{{"Read the newest version, apply the edit to it, and write again", "With If-Match of that version."}}}},
};

} // namespace

const ObservedWords* observed_words(CauseCode cause) {
    const auto found = std::find_if(std::begin(words_of), std::end(words_of),
                                    [&](const ObservedWords& one) { return one.cause == cause; });
    return found == std::end(words_of) ? nullptr : found;
}

void say_as_observed(Incident& incident) {
    incident.command.clear();
    const ObservedWords* words = observed_words(incident.cause);
    if (!words) {
        std::erase_if(incident.advice, [](const Advice& advice) { return advice.remedy != Remedy::None; });
        return;
    }
    if (!words->explanation.empty()) incident.explanation = words->explanation;
    if (!words->decisive.empty()) incident.decisive.question = words->decisive;
    if (!words->negative.empty()) incident.negative.question = words->negative;
    incident.advice.clear();
    for (const Advice& advice : words->advice)
        if (!advice.text.empty()) incident.advice.push_back(advice);
}

} // namespace fhirscope::diagnosis
