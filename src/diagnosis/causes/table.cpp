#include "diagnosis/causes/table.hpp"

#include <algorithm>
#include <array>

namespace fhirscope::diagnosis {
namespace {

constexpr auto causes = [] {
    using enum CauseCode;
    using enum Severity;
    return std::array<CauseInfo, cause_codes>{{
        {NotKnown, "not-known", "D0", Attention, "the cause is not known"},
        {Asked, "asked", "D45", Info, "asked for here"},
        {WokenLate, "woken-late", "D43", Attention, "this computer slept, or its clock was set"},
        {LoginEnded, "login-ended", "D39", Error, "the login has ended"},
        {LoginRenewed, "login-renewed", "D40", Info, "the access token had expired, and was renewed"},
        {LoginRevoked, "login-revoked", "D58", Error, "the login was revoked, and what was bound with it ended"},
        {TlsRefused, "tls-refused", "D28", Error, "the server's certificate was not accepted"},
        {UpgradeRefused, "upgrade-refused", "D27", Error, "the WebSocket was refused, requests were answered"},
        {Unreachable, "unreachable", "D30", Error, "the server could not be reached"},
        {Hanging, "hanging", "D41", Error, "the server took connections and answered nothing"},
        {HalfOpen, "half-open", "D2", Error, "the socket carried nothing more, requests were answered"},
        {SocketClosed, "socket-closed", "D42", Attention, "the socket was closed"},
        {Restarted, "restarted", "D35", Error, "the server restarted, or was away"},
        {FeatureOff, "feature-off", "D56", Error, "WebSocket subscriptions are not enabled"},
        {Quota, "quota", "D31", Error, "the quota of subscriptions was used up"},
        {NotPermitted, "not-permitted", "D13", Error, "the login may not"},
        {NoSuchOperation, "no-operation", "D53", Error, "the server has no WebSocket subscriptions"},
        {SubscriptionGone, "subscription-gone", "D6", Error, "the server no longer had the Subscription"},
        {SubscriptionOff, "subscription-off", "D57", Error, "the server called the Subscription off or in error"},
        {BindingEnded, "binding-ended", "D5", Error, "its binding ended on the server"},
        {BindIgnored, "bind-ignored", "D3", Error, "the server did not answer the bind"},
        {Throttled, "throttled", "D29", Attention, "the rate limit was used up"},
        {ServerErrors, "server-errors", "D46", Attention, "the server answered with errors"},
        {OddRefusals, "odd-refusals", "D47", Attention, "requests were refused that are usually answered"},
        {OtherAnswers, "other-answers", "D48", Attention, "something else than the server answered"},
        {AnswersMissing, "answers-missing", "D49", Attention, "answers did not come, or ended within"},
        {EventsLost, "events-lost", "D15", Attention, "events were not sent, or lost on the way"},
        {DeletionsSilent, "deletions-silent", "D26", Attention, "deletions are not announced"},
        {LeftCriteria, "left-criteria", "D10", Attention, "resources left the criteria"},
        {OutOfView, "out-of-view", "D12", Attention, "resources are hidden from this login, or gone"},
        {NumbersMissing, "numbers-missing", "D14", Attention, "numbered events did not come"},
        {Overtaken, "overtaken", "D16", Info, "older versions came after newer ones"},
        {Repeated, "repeated", "D18", Info, "versions were delivered more than once"},
        {ServerLate, "server-late", "D22", Attention, "the server sends changes late"},
        {NetworkLate, "network-late", "D54", Attention, "frames are late on the way"},
        {ServerSetBack, "server-set-back", "D17", Attention, "the server was set back"},
        {ClockSkew, "clock-skew", "D23", Attention, "the server's clock differs from this one"},
        {Storm, "storm", "D20", Attention, "updates come faster than they are applied"},
        {SlowPipeline, "slow-pipeline", "D21", Attention, "the pipeline is slower than the updates"},
        {BadFrames, "bad-frames", "D34", Attention, "frames could not be read"},
        {Rejected, "rejected", "D55", Attention, "updates were rejected"},
        {Flaws, "flaws", "D50", Info, "resources have formal flaws"},
        {VersionsRepeated, "versions-repeated", "D51", Attention, "contents change under one versionId"},
        {NumbersWrong, "numbers-wrong", "D52", Attention, "event numbers contradict themselves"},
        {Drift, "drift", "D32", Error, "it is not known why"},
        {Conflict, "conflict", "D33", Attention, "an edit met a newer change"},
        {Foreign, "foreign", "D36", Info, "a Subscription that is not ours is bound"},
        {NeverMatches, "never-matches", "D11", Attention, "the criteria cannot match"},
        {DuplicateCriteria, "duplicate-criteria", "D19", Attention, "two subscriptions have the same criteria"},
        {BareEvents, "bare-events", "D25", Info, "notifications carry no resource"},
        {PartialListing, "partial-listing", "D44", Error, "the listing could not be read to its end"},
    }};
}();
static_assert(
    [] {
        for (std::size_t i = 0; i < causes.size(); ++i)
            if (causes[i].code != static_cast<CauseCode>(i)) return false;
        return true;
    }(),
    "one row for each cause, in their order");

} // namespace

std::span<const CauseInfo> all_causes() { return causes; }
const CauseInfo& cause_info(CauseCode code) { return causes[static_cast<std::size_t>(code)]; }
std::string_view to_string(CauseCode code) { return cause_info(code).name; }

CauseCode cause_of_finding(std::string_view id) {
    const auto found = std::find_if(causes.begin() + static_cast<std::ptrdiff_t>(CauseCode::DeletionsSilent),
                                    causes.end(), [&](const CauseInfo& cause) { return cause.id == id; });
    return found == causes.end() ? CauseCode::NotKnown : found->code;
}

} // namespace fhirscope::diagnosis
