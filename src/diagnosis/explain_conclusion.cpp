// What the stations of a resource's way come to, in a sentence, and what can be done.

#include "diagnosis/explain_case.hpp"
#include "fhir/reference.hpp"
#include "words/words.hpp"

#include <algorithm>

namespace fhirscope::diagnosis {

using engine::Certainty;
using engine::Phase;
using engine::Standing;

void conclude(Case& c) {
    Explanation& out = c.out;
    const auto say = [&](Severity severity, std::string verdict, std::string because) {
        out.severity = severity;
        out.verdict = std::move(verdict);
        out.because = std::move(because);
    };
    const Advice read{"Read it now", "Repairs this row. One GET.", Remedy::ReadResource};
    const Advice compare{"Compare all with the server", "Finds whatever else differs. One search a type.",
                         Remedy::CompareAll};
    const Advice reconnect{"Reconnect", "Tries real time at once; a catch-up search follows.", Remedy::Reconnect};
    const std::string reason = words::text(c.s.connection.reason);
    if (c.is_being_asked()) {
        say(Severity::Info, "The server is being asked.",
            "It is read, and its history; what the chain shows rests on what was known before.");
        return;
    }
    if (c.untold && c.left) {
        out.stale = true;
        out.stale_since = c.untold->since;
        return say(Severity::Attention, "It left the subscription when it changed, and the client still lists it.",
                   told_by_answer(*c.untold) +
                       " The version that was shown to the client matched the criteria and this one does not. A server "
                       "tells what enters or stays in a subscription, not what leaves it.");
    }
    if (c.untold) {
        out.stale = true;
        out.stale_since = c.untold->since;
        const bool heard = c.untold->subscription != engine::no_subscription;
        return say(Severity::Attention,
                   c.record ? "It is stale for that client: the server has something else."
                            : "The server has it, and the client was not shown it.",
                   told_by_answer(*c.untold) +
                       " Neither a frame nor a search nor a read has shown it to the client since" +
                       (heard       ? ", though its subscription was bound and matches."
                        : c.unheard ? "; its subscription did not hear then, and no search followed."
                                    : "."));
    }
    if (!c.record && !c.rejection && c.difference.empty()) {
        say(Severity::Attention, "Nothing is known of it.",
            c.watched
                ? "No search and no frame has named it: it does not match the criteria, is hidden from this login, "
                  "or does not exist."
                : "No subscription is for its type, so nothing asks the server for it.");
        out.advice = {read};
    } else if (!c.difference.empty()) {
        out.stale = true;
        out.stale_since = c.s.verify.at;
        say(Severity::Error, "The store differs from the server.", "A comparison found that " + c.difference + ".");
        out.advice = {read, compare};
    } else if (c.rejection) {
        out.stale = true;
        out.stale_since = out.at(StationName::Received).at;
        say(Severity::Error, "A newer version was rejected.",
            "The stage " + c.rejection->stage + " refused it: " + words::text(c.rejection->reason) +
                ". The row stays as it is until a version comes that passes.");
        out.advice = {{"Look at the rejected text in the log", "Nothing changes."}, read};
    } else if (c.out_of_view()) {
        out.stale = true;
        out.stale_since = engine::vouched_at(*c.record);
        say(Severity::Attention, "It is out of view.",
            "Reading it is answered 404 or 403: it was deleted, or is hidden from this login, which looks the same "
            "where an access policy has criteria. What is shown is the last version that was seen.");
        out.advice = {read, {"Look at it with another login", "Tells a deletion from a policy."}};
    } else if (c.unheard && c.was_asked_since()) {
        say(Severity::Attention, "So it was at " + clock_text(c.certainty.since) + "; later changes are not told.",
            "The server was asked, and named the version that is shown; nothing tells of what changes after that.");
        out.advice = {reconnect};
    } else if (c.unsure()) {
        out.stale = true;
        out.stale_since = c.certainty.since;
        if (c.s.connection.phase == Phase::LoginEnded)
            say(Severity::Error, "It may be stale: the login has ended.",
                "The server accepts the login no more (" + words::text(c.s.connection.login_problem) + "). " +
                    last_compared(c));
        else if (c.down())
            say(Severity::Attention, "It may be stale: real time is down.",
                "The connection is " + std::string(to_string(c.s.connection.phase)) + " (" + reason +
                    "). What changes now is not seen until it is back and a catch-up search has found it.");
        else
            say(Severity::Attention,
                c.watched ? "It may be stale: its subscription does not hear." : "No subscription watches it.",
                "A change since then would not have been told. " + last_compared(c));
        if (c.observing()) {
            const engine::SubscriptionView* view = c.subscription ? &c.s.subscriptions[*c.subscription] : nullptr;
            const std::string why = view ? words::text(view->unheard_why) : std::string();
            out.because = "A change since then would not have been told" + (why.empty() ? "" : " (" + why + ")") +
                          ", and no search that would show it followed. " + last_compared(c);
        }
        out.advice = c.down() ? std::vector<Advice>{read, reconnect} : std::vector<Advice>{read, compare};
    } else if (c.record->server_side) {
        out.stale = true;
        out.stale_since = c.record->server_side->since;
        say(Severity::Attention, "It is stale: the server has something else.",
            "A comparison found it, and a read is under way; its answer will be shown.");
    } else if (c.record->standing == Standing::Checking) {
        if (c.observing())
            say(Severity::Attention, "The traffic does not tell what became of it.",
                "A frame brought a version again, or two versions have the same time. On Medplum a deletion looks like "
                "that; a read would tell, and the client sent none.");
        else
            say(Severity::Info, "It is being checked.",
                "A read is under way; its answer decides which version stands.");
    } else if (c.left) {
        say(Severity::Attention, "It left the subscription when it changed.",
            "The version before matched the criteria and this one does not. A server tells what enters or stays in a "
            "subscription, not what leaves it; a " +
                std::string(to_string(c.version->channel)) + " brought it.");
        out.advice = {read, {"Broaden the criteria, and filter here", "Repairs the cause; more events."}};
    } else if (c.told() && c.certainty.certainty == Certainty::Compared) {
        say(Severity::Info, "Nothing is missing as of the comparison at " + clock_text(c.certainty.since) + ".",
            c.named() ? "An event named it, and the server's answer then brought it."
                      : "The newest version came by the socket, and the server's answer then named the same.");
    } else if (c.told()) {
        say(Severity::Info,
            "Last received " + seconds_text(c.s.at - engine::vouched_at(*c.record)) + " ago, not compared.",
            (c.named() ? "An event named it, and the read that followed brought what is shown. "
                       : "The newest version that is known came by the socket and is what is shown. ") +
                last_compared(c));
        if (!c.s.connection.observing) out.advice = {read};
    } else if (!c.watched) {
        say(Severity::Attention, "No subscription watches it.", "Only a read or a search brings its changes.");
        out.advice = {read};
    } else if (out.at(StationName::Subscription).reached == Reached::DidNot) {
        say(Severity::Info, "It changed while real time was down, and was found later.",
            "A " + std::string(to_string(c.version->channel)) + " brought the version that the socket could not.");
    } else if (out.at(StationName::Notification).reached == Reached::DidNot) {
        say(Severity::Attention, "The socket did not bring this change.",
            "The subscription was active and the version matches, but a " + std::string(to_string(c.version->channel)) +
                " had to find it. The server's workers may be behind or have lost it.");
        out.advice = {compare};
    } else {
        say(Severity::Info,
            c.certainty.certainty == Certainty::Compared
                ? "Nothing is missing as of the comparison at " + clock_text(c.certainty.since) + "."
                : "Last received " + seconds_text(c.s.at - engine::vouched_at(*c.record)) + " ago, not compared.",
            "Nothing that is known speaks against what is shown.");
    }
}

} // namespace fhirscope::diagnosis
