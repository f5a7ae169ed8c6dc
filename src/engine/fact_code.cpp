#include "engine/fact_code.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace fhirscope::engine {
namespace {

struct CodeRow {
    FactCode code;
    std::string_view name;
    bool event = false;
    EventKind kind{};
    Severity severity{};
};

constexpr CodeRow event(FactCode code, std::string_view name, EventKind kind, Severity severity) {
    return {code, name, true, kind, severity};
}

using enum FactCode;
using enum Severity;

constexpr std::array<CodeRow, fact_codes> code_rows{{
    {None, "none"},
    event(PhaseChanged, "phase-changed", EventKind::Connection, Info),
    event(ConnectionDown, "connection-down", EventKind::Connection, Attention),
    event(SocketElsewhere, "socket-elsewhere", EventKind::Connection, Attention),
    event(SocketFallback, "socket-fallback", EventKind::Connection, Attention),
    event(PollingBegins, "polling-begins", EventKind::Connection, Attention),
    event(PollingEnds, "polling-ends", EventKind::Connection, Info),
    event(ClockSetBack, "clock-set-back", EventKind::Connection, Attention),
    event(LoginEnded, "login-ended", EventKind::Connection, Error),
    event(LoginAccepted, "login-accepted", EventKind::Connection, Info),
    event(LoginRenewed, "login-renewed", EventKind::Connection, Info),
    event(DialectUsed, "dialect-used", EventKind::Connection, Info),
    event(SubscriptionProblem, "subscription-problem", EventKind::Subscription, Attention),
    event(SubscriptionRefused, "subscription-refused", EventKind::Subscription, Error),
    event(StatusBad, "status-bad", EventKind::Subscription, Error),
    event(HandshakeForeign, "handshake-foreign", EventKind::Subscription, Attention),
    event(BoundWithoutHandshake, "bound-without-handshake", EventKind::Subscription, Info),
    event(SuccessorWanted, "successor-wanted", EventKind::Subscription, Info),
    event(TokenWanted, "token-wanted", EventKind::Subscription, Info),
    event(EndMoved, "end-moved", EventKind::Subscription, Info),
    event(SearchAnswered, "search-answered", EventKind::Subscription, Info),
    event(DeletionPutOff, "deletion-put-off", EventKind::Subscription, Attention),
    event(StaysBehind, "stays-behind", EventKind::Subscription, Attention),
    event(TooManyToDelete, "too-many-to-delete", EventKind::Subscription, Attention),
    event(SessionEnds, "session-ends", EventKind::Subscription, Info),
    event(ListingPartial, "listing-partial", EventKind::Recovery, Error),
    event(NumbersUnreliable, "numbers-unreliable", EventKind::Recovery, Attention),
    event(GapAsked, "gap-asked", EventKind::Recovery, Attention),
    event(GapSearched, "gap-searched", EventKind::Recovery, Attention),
    event(NumbersRestarted, "numbers-restarted", EventKind::Recovery, Attention),
    event(NothingMissed, "nothing-missed", EventKind::Recovery, Info),
    event(ReplayFailed, "replay-failed", EventKind::Recovery, Attention),
    event(ReplayBrought, "replay-brought", EventKind::Recovery, Info),
    event(ReadFailed, "read-failed", EventKind::Recovery, Attention),
    event(ReadHidden, "read-hidden", EventKind::Recovery, Attention),
    event(NeverSeen, "never-seen", EventKind::Recovery, Attention),
    event(HistoryUnread, "history-unread", EventKind::Recovery, Attention),
    event(CheckFailed, "check-failed", EventKind::Recovery, Attention),
    event(CacheUnusable, "cache-unusable", EventKind::Recovery, Attention),
    event(CacheShown, "cache-shown", EventKind::Recovery, Info),
    event(NoTypeHistory, "no-type-history", EventKind::Recovery, Attention),
    event(PollingFailed, "polling-failed", EventKind::Recovery, Attention),
    event(CatchUpFailed, "catch-up-failed", EventKind::Recovery, Attention),
    event(UnseenLeftOut, "unseen-left-out", EventKind::Recovery, Attention),
    event(MissedRecovered, "missed-recovered", EventKind::Recovery, Attention),
    event(MissedFound, "missed-found", EventKind::Recovery, Attention),
    event(RequestRepeated, "request-repeated", EventKind::Request, Attention),
    event(LoginDoubted, "login-doubted", EventKind::Request, Attention),
    event(EventNameless, "event-nameless", EventKind::Frame, Attention),
    event(EventForeign, "event-foreign", EventKind::Frame, Attention),
    event(FrameUnreadable, "frame-unreadable", EventKind::Frame, Error),
    event(FrameUnknown, "frame-unknown", EventKind::Frame, Attention),
    event(SocketOutcome, "socket-outcome", EventKind::Frame, Error),
    event(NotReadable, "not-readable", EventKind::Frame, Attention),
    event(UpdateRejected, "update-rejected", EventKind::Frame, Error),
    event(ResourceUnreadable, "resource-unreadable", EventKind::Frame, Error),
    event(VersionRepeated, "version-repeated", EventKind::Frame, Attention),
    event(ShownWithFlaw, "shown-with-flaw", EventKind::Frame, Info),
    event(RateLimited, "rate-limited", EventKind::Limit, Attention),
    event(TokenThrottled, "token-throttled", EventKind::Limit, Attention),
    event(QueueFull, "queue-full", EventKind::Limit, Error),
    event(ReadsLeftOut, "reads-left-out", EventKind::Limit, Error),
    event(HistoriesLeftOut, "histories-left-out", EventKind::Limit, Attention),
    event(PageTooLarge, "page-too-large", EventKind::Limit, Attention),
    event(CursorStuckPages, "cursor-stuck-pages", EventKind::Limit, Attention),
    event(CursorStuckOffset, "cursor-stuck-offset", EventKind::Limit, Attention),
    event(ContentsGivenUp, "contents-given-up", EventKind::Limit, Attention),
    event(NoRoomLeft, "no-room-left", EventKind::Limit, Error),
    event(CountDiffers, "count-differs", EventKind::Verify, Attention),
    event(DriftFound, "drift-found", EventKind::Verify, Error),
    event(ComparedEqual, "compared-equal", EventKind::Verify, Info),
    event(ComparedDifferent, "compared-different", EventKind::Verify, Error),
    event(DriftRepaired, "drift-repaired", EventKind::Verify, Info),
    event(CompareFailed, "compare-failed", EventKind::Verify, Error),
    event(CompareInterrupted, "compare-interrupted", EventKind::Verify, Attention),
    event(NotCompared, "not-compared", EventKind::Verify, Attention),
    event(ConflictOpen, "conflict-open", EventKind::Conflict, Error),
    event(ConflictSettled, "conflict-settled", EventKind::Conflict, Info),
    event(MergeImpossible, "merge-impossible", EventKind::Conflict, Error),
    event(ServerChangedEdit, "server-changed-edit", EventKind::Conflict, Attention),
    event(EditTurnedDown, "edit-turned-down", EventKind::User, Error),
    event(EditReadsFirst, "edit-reads-first", EventKind::User, Info),
    event(EditCompared, "edit-compared", EventKind::User, Attention),
    event(EditPatched, "edit-patched", EventKind::User, Attention),
    event(EditUnderWay, "edit-under-way", EventKind::User, Attention),
    event(ResolveRefused, "resolve-refused", EventKind::User, Error),
    event(PanelUnusable, "panel-unusable", EventKind::User, Error),
    event(StrategyUnknown, "strategy-unknown", EventKind::User, Error),
    {Said, "said"},
    {Answered, "answered"},
    {AnsweredOther, "answered-other"},
    {NoAnswer, "no-answer"},
    {Failed, "failed"},
    {TextUnreadable, "text-unreadable"},
    {PagesEndless, "pages-endless"},
    {Started, "started"},
    {AskedToConnect, "asked-to-connect"},
    {AskedToDisconnect, "asked-to-disconnect"},
    {AttemptBegins, "attempt-begins"},
    {NothingToSubscribe, "nothing-to-subscribe"},
    {SocketOpened, "socket-opened"},
    {Opened, "opened"},
    {SocketClosed, "socket-closed"},
    {SocketDropped, "socket-dropped"},
    {FramesArrive, "frames-arrive"},
    {NoFrame, "no-frame"},
    {NoPong, "no-pong"},
    {BeingBound, "being-bound"},
    {Bound, "bound"},
    {CaughtUp, "caught-up"},
    {NothingBound, "nothing-bound"},
    {AllRefused, "all-refused"},
    {NoneBound, "none-bound"},
    {NoRealTime, "no-real-time"},
    {NoRealTimeOfAll, "no-real-time-of-all"},
    {BindingGivenUp, "binding-given-up"},
    {NoTopic, "no-topic"},
    {TopicOfAnotherType, "topic-of-another-type"},
    {CreationRefused, "creation-refused"},
    {CreationFailed, "creation-failed"},
    {CreationNameless, "creation-nameless"},
    {NoToken, "no-token"},
    {NoTokenOperation, "no-token-operation"},
    {NoHandshake, "no-handshake"},
    {NoHandshakeYet, "no-handshake-yet"},
    {Unlisted, "unlisted"},
    {StatusUnanswered, "status-unanswered"},
    {SubscriptionUnread, "subscription-unread"},
    {NotActivated, "not-activated"},
    {NotExtended, "not-extended"},
    {ProbeUnanswered, "probe-unanswered"},
    {DeafDropped, "deaf-dropped"},
    {DeafTooMuch, "deaf-too-much"},
    {DeafSilent, "deaf-silent"},
    {SearchRefused, "search-refused"},
    {LeftOut, "left-out"},
    {NumbersJumped, "numbers-jumped"},
    {NumbersWentBack, "numbers-went-back"},
    {NumberJumped, "number-jumped"},
    {NumberReused, "number-reused"},
    {EventsMissing, "events-missing"},
    {PageRefused, "page-refused"},
    {PageElsewhere, "page-elsewhere"},
    {PageMissing, "page-missing"},
    {CheckElsewhere, "check-elsewhere"},
    {ListingElsewhere, "listing-elsewhere"},
    {Invalid, "invalid"},
    {OtherResource, "other-resource"},
    {TooManyTypes, "too-many-types"},
    {NoRoomInBytes, "no-room-in-bytes"},
    {NoRoomInCount, "no-room-in-count"},
    {Unreadable, "unreadable"},
    {OtherInAnswer, "other-in-answer"},
    {RejectedBefore, "rejected-before"},
    {HereUnknown, "here-unknown"},
    {HereDeleted, "here-deleted"},
    {OtherVersion, "other-version"},
    {OtherContent, "other-content"},
    {NotListed, "not-listed"},
    {Unusable, "unusable"},
    {NothingToCompare, "nothing-to-compare"},
    {NothingSubscribed, "nothing-subscribed"},
    {ListingTooLong, "listing-too-long"},
    {OnlyFollowing, "only-following"},
    {NotLoaded, "not-loaded"},
    {Deleted, "deleted"},
    {TooManyEdits, "too-many-edits"},
    {OnlyPart, "only-part"},
    {HiddenText, "hidden-text"},
    {EditInvalid, "edit-invalid"},
    {NotWritable, "not-writable"},
    {ToBeCompared, "to-be-compared"},
    {TriedOften, "tried-often"},
    {EarlierAnswerLost, "earlier-answer-lost"},
    {AnswerLost, "answer-lost"},
    {ServerHasEdit, "server-has-edit"},
    {SameChange, "same-change"},
    {ResourceGone, "resource-gone"},
    {ContentGivenUp, "content-given-up"},
    {EditPending, "edit-pending"},
    {VersionNotHeld, "version-not-held"},
    {ConflictNotKept, "conflict-not-kept"},
    {ConflictDecided, "conflict-decided"},
    {EditGone, "edit-gone"},
    event(WokenLate, "woken-late", EventKind::Connection, Attention),
}};
static_assert(
    [] {
        for (std::size_t i = 0; i < code_rows.size(); ++i)
            if (code_rows[i].code != static_cast<FactCode>(i)) return false;
        return true;
    }(),
    "one row for each code, in their order");

// Bytes of a recording may hold any number.
const CodeRow& row_of(FactCode code) {
    return code_rows[std::min(static_cast<std::size_t>(code), fact_codes) % fact_codes];
}

} // namespace

std::string_view to_string(FactCode code) { return row_of(code).name; }
bool is_event(FactCode code) { return row_of(code).event; }
EventKind kind_of(FactCode code) { return row_of(code).kind; }
Severity severity_of(FactCode code) { return row_of(code).severity; }

} // namespace fhirscope::engine
