#include "diagnosis/catalog.hpp"

#include <algorithm>

namespace fhirscope::diagnosis {
namespace {

constexpr Severity info = Severity::Info, attention = Severity::Attention, error = Severity::Error;

constexpr CatalogEntry entries[] = {
    {"D1", "Heartbeat missed", attention, "Heartbeats stopped, no frame comes",
     "The server sends a heartbeat each period, so a silence of more than 2.5 periods means that the binding or the "
     "connection is dead. Changes made since then are not shown until it is bound again.",
     "Is there no frame for 2.5 heartbeat periods?", "Did a frame come since?",
     {{{"Reconnect", "Binds anew and searches for what the silence hid.", Remedy::Reconnect},
       {"Ask the server for $status, where it has it", "Tells a dead binding from a quiet one."}}}},
    {"D2", "Half-open connection", error, "The connection is half open",
     "A ping was not answered, no byte came in, and the server did not close the socket: something between, such as a "
     "NAT or an idle timeout, dropped the connection. Nothing arrives until it is opened anew.",
     "Did a ping stay unanswered, without any frame meanwhile?", "Was the socket closed by the other end?",
     {{{"Reconnect", "Opens a new socket; one catch-up search.", Remedy::Reconnect},
       {"Raise the idle timeout of the proxy or NAT above 10 s", "Repairs the cause."}}}},
    {"D3", "Bind ignored", error, "The server ignores the bind",
     "The bind frame was sent and neither a handshake nor an error came back; Medplum does this where the token or the "
     "Subscription is no longer known. Nothing arrives for this subscription until a new one is bound.",
     "Is there no handshake within the bind timeout?", "Did an error frame name the reason?",
     {{{"Let it be created anew, with a new token", "Happens by itself; one POST, one GET."},
       {"Reconnect", "Where it repeats: all subscriptions anew.", Remedy::Reconnect}}}},
    {"D4", "Token expired", error, "The binding token has expired",
     "A server stops sending to a binding whose token is over, while heartbeats may go on. Changes are not shown until "
     "a new token is bound.",
     "Is it later than the token's expiration, or does the server say so?", "Was a newer token bound since?",
     {{{"Reconnect", "Gets new tokens; one catch-up search.", Remedy::Reconnect},
       {"Refresh tokens five minutes before their end, and check both clocks", "Repairs the cause."}}}},
    {"D5", "Dead binding", error, "A heartbeat does not list the subscription",
     "The socket is open and beats, but without this subscription: its token or login was revoked, or the server "
     "dropped the binding. Nothing arrives for it until it is bound again.",
     "Is the own id missing from a heartbeat of an open socket?", "Does a later heartbeat list it?",
     {{{"Let it be bound again", "Happens by itself; one POST, one GET, one search."},
       {"Look at the login and its sessions on the server", "Where it repeats, the cause is there."}}}},
    {"D6", "Subscription off, in error or gone", error, "The server turned the subscription off",
     "The server says that the Subscription is off or in error, or no longer has it. It sends nothing for it until it "
     "is requested again.",
     "Does the server call it off, in error, or answer 404?", "Did it bring an event or a handshake since?",
     {{{"Read the Subscription on the server: its error says why", "One GET; nothing changes."},
       {"Fix the cause, then reconnect", "Requests it again.", Remedy::Reconnect}}}},
    {"D7", "Stuck requested", attention, "A subscription does not become active",
     "The Subscription was asked for more than 30 s ago and is not active: the server's channel is disabled or not "
     "supported, or its worker is down. Changes under its criteria come late, by searches, or not at all.",
     "Is it not active 30 s after it was asked for?", "Does the connection itself still wait?",
     {{{"Read the Subscription's status on the server", "One GET; nothing changes."},
       {"Enable the websocket channel on the server", "Repairs the cause."}}}},
    {"D8", "Rebind loop", error, "Binding tokens are refused again and again",
     "The token call was refused more than once: the server dropped the Subscription behind it. Each try costs "
     "requests, and nothing arrives until one is accepted.",
     "Was the token call refused twice within five minutes?", "Was it bound since?",
     {{{"Create the Subscription anew instead of asking again", "Happens by itself after each refusal."},
       {"Look at who deletes Subscriptions on the server", "Where it goes on, the cause is there."}}}},
    {"D9", "Reconnect storm", attention, "The connection is opened again and again",
     "More than five attempts within a minute: each costs creations, tokens and a catch-up search on the server, and "
     "the screen is stale in between.",
     "Were there more than 5 attempts within a minute?", "Has it been live for 30 s?",
     {{{"Read the reason of the last attempt in Connections", "Nothing changes."},
       {"Raise the back-off, with jitter", "Spares the server while the cause is looked for."}}}},
    {"D10", "Left the criteria", attention, "Criteria no longer match a changed resource",
     "The resource changed so that it no longer matches the criteria of a subscription. A server tells what enters or "
     "stays in a subscription, not what leaves it, so the socket brings nothing; a search had to find it.",
     "Does the version before match, and the current one not?", "Does the current version match?",
     {{{"Read the resource", "Repairs this row. One GET.", Remedy::ReadResource},
       {"Broaden the criteria, and filter here", "Repairs the cause; more events."}}}},
    {"D11", "Never matches", attention, "The criteria may never match on this server",
     "The server's matcher does not understand a part of these criteria and then says nothing, rather than an error. "
     "The subscription is active and brings no event.",
     "Is there a clause that the matcher does not evaluate?", "Has it brought an event?",
     {{{"Rewrite the clause as the evidence says", "Repairs the cause."}}}},
    {"D12", "Hidden by access policy", attention, "A resource is hidden from this login",
     "A read was answered 403 or 404 for a resource that is shown here: it may be hidden by an access policy, or "
     "deleted. A 404 alone does not mean deleted. What is shown may be old until it can be read.",
     "Is the read answered 403 or 404 where another login sees it?", "Is it answered 410, or does the history show it?",
     {{{"Read it again", "One GET.", Remedy::ReadResource},
       {"Grant the login the target type, then reconnect", "Repairs the cause."}}}},
    {"D13", "Subscription refused", error, "The server refuses the subscription",
     "The server will not create the Subscription or give a token for it: rights are missing, or the feature is not "
     "enabled for the project. Its resources are searched for instead, which is later and costs more.",
     "Was the creation or the token answered with a refusal?", "Was it accepted since?",
     {{{"Grant the login Subscription rights, or enable the feature", "Tried again each minute."},
       {"Reconnect", "Tries at once.", Remedy::Reconnect}}}},
    {"D14", "Gap in the event numbers", attention, "Event numbers jumped, events were lost",
     "The server numbers its events, and some numbers never came. They are asked for with $events, else searched for; "
     "until then those rows may be old.",
     "Is there a hole in the numbers after the grace wait?", "Did $events or a search fill it?",
     {{{"Wait for $events", "Happens by itself."}, {"Reconnect", "Searches for all of it.", Remedy::Reconnect}}}},
    {"D15", "Gap without numbers", attention, "The socket did not bring every change",
     "A search found versions that match and that the socket never brought, though time enough was left for them. "
     "They are shown now, but came late; versions superseded in between were seen by nobody.",
     "Does a search find a matching version that was not notified?", "Did it come by the socket within the grace?",
     {{{"Compare all with the server", "One search a type; finds whatever else differs.", Remedy::CompareAll},
       {"Look at the server's workers and event queue", "Where it repeats, the cause is there."}}}},
    {"D16", "Out of order", info, "Versions arrive out of order",
     "Older versions came after newer ones. They went into the history and are not shown; nothing is lost.",
     "Is the version older than the one shown?", "Was the clock set back?",
     {{{"Nothing: order is by lastUpdated, not by arrival", "A client that shows the last frame would be wrong."}}}},
    {"D17", "Version regression", attention, "Local versions are newer than the server's",
     "The server has older versions than those shown here, or its clock was set back: it may have been restored from a "
     "backup. Edits made since then are gone there.",
     "Is the server's version older than the local one?", "Does a later comparison find all equal?",
     {{{"Compare all with the server", "The server's answer decides.", Remedy::CompareAll},
       {"Ask the operator whether the server was restored", "Explains the cause."}}}},
    {"D18", "Duplicate delivery", info, "Versions are delivered more than once",
     "The same version came again through the same subscription. It is recognized and not applied twice; a handler that "
     "is not idempotent would act twice.",
     "Were subscription, id and version seen before?", "Did another subscription or a search bring it?",
     {{{"Keep handlers idempotent by id and version", "Nothing is wrong here."}}}},
    {"D19", "Duplicate subscription", attention, "Two subscriptions have the same criteria",
     "Each change is evaluated, sent and thrown away twice.",
     "Are type and parameters the same?", "Do they differ in any parameter?",
     {{{"Remove one of the two from the panels", "Halves these events."}}}},
    {"D20", "Notification storm", attention, "Updates arrive faster than they are applied",
     "For ten seconds more came than was applied, so updates wait in the queue and what is shown lags behind. "
     "Superseded versions are left out, and beyond the queue's bound resources are read instead.",
     "Did the queue stay filled for 10 s?", "Is it empty now?",
     {{{"Narrow the criteria", "Fewer events."}, {"Look at the stage cost in the profiler", "Shows what is slow."}}}},
    {"D21", "Slow handler", attention, "The pipeline cannot keep up with the rate",
     "At this rate the slowest updates take more time than there is, so a queue builds up as soon as they come close "
     "together.",
     "Is p99 × rate more than one second a second?", "Is the queue empty?",
     {{{"Look at the stage that takes most, in the profiler", "Names the handler."}}}},
    {"D22", "Server lag", attention, "The server sends changes late",
     "More than a second passes between a change and its notification, while the network takes little: the server's "
     "publishing or its workers are behind. What is shown is older by that time.",
     "Is the server's part over 1 s?", "Is the network's part as long?",
     {{{"Look at the server's worker and pub/sub load", "Repairs the cause."}}}},
    {"D23", "Clock skew", attention, "The server's clock differs from this one",
     "Latencies are corrected by the difference. Token expiry and searches by time are at risk where a client trusts "
     "its own clock.",
     "Is the offset more than 1 s beyond its uncertainty?", "Can the round trip explain it?",
     {{{"Set both clocks by NTP", "Repairs the cause."}}}},
    {"D24", "Polling fallback", attention, "Polling stands in for real time",
     "Real time fails, so searches look for changes at an interval. What is shown is older by up to that interval until "
     "the socket is back, which is tried meanwhile.",
     "Is polling on?", "Are all subscriptions live?",
     {{{"Reconnect", "Tries real time at once.", Remedy::Reconnect},
       {"Read the other findings: they say why real time fails", "Repairs the cause."}}}},
    {"D25", "Read required", info, "Notifications carry no resource",
     "The notifications say what changed, not how, so each is read. That costs a request for each change and its time.",
     "Did an event name a focus without the resource?", "Did an update come with the frame?",
     {{{"Ask for payload content full-resource, where data protection allows", "Saves a request for each event."}}}},
    {"D26", "Deletion not announced", attention, "Deletions are not announced",
     "Resources were gone on the server while real time was live, and no event said so: the Subscription does not "
     "cover the delete interaction. They stayed on the screen until a search found it.",
     "Does the server answer 410, without an event?", "Did the socket announce it?",
     {{{"Add the delete interaction to the Subscription", "Repairs the cause."},
       {"Compare all with the server", "Finds the others.", Remedy::CompareAll}}}},
    {"D27", "Upgrade refused", error, "The WebSocket upgrade is refused",
     "The address answers, but not with 101: it is not the server's WebSocket address, or a proxy does not pass "
     "Upgrade. There is no real time until it does; searches stand in.",
     "Is the upgrade answered with anything but 101?", "Was a socket opened since?",
     {{{"Use the server's websocket-url", "Repairs a wrong address."},
       {"Let the proxy pass Upgrade and Connection", "Repairs a proxy."}}}},
    {"D28", "TLS error", error, "The TLS connection is refused",
     "The server's certificate could not be verified, so nothing is sent to it. It is never ignored silently.",
     "Does verifying the chain, host or date fail?", "Was a connection made since?",
     {{{"Fix what the evidence names: chain, host name or date", "Repairs the cause."}}}},
    {"D29", "Throttled", attention, "The server's rate limit is used up",
     "The server asks for a pause, so searches, reads and edits wait. Frames still arrive.",
     "Was a request answered 429, or does RateLimit say r=0?", "Were requests answered since?",
     {{{"Wait: it ends by itself", "Costs nothing."}, {"Poll and reconcile less often", "Lowers the rate."}}}},
    {"D30", "Server restarted", error, "The server is away or restarting",
     "The socket was lost and new attempts fail, so the server itself is down. Its Subscriptions may be gone with it; "
     "all are created anew and what changed meanwhile is searched for.",
     "Do attempts fail since the socket was lost?", "Does the server answer requests?",
     {{{"Wait: attempts go on, and searches follow", "Costs nothing."},
       {"Compare all with the server when it is back", "Proves that nothing was lost.", Remedy::CompareAll}}}},
    {"D31", "Quota", error, "The quota of subscriptions is exceeded",
     "The server refuses another Subscription because there are too many. Its resources are searched for instead.",
     "Does the refusal say that a limit is exceeded?", "Was it accepted since?",
     {{{"Delete Subscriptions that nobody uses", "Frees the quota."}}}},
    {"D32", "Drift", error, "The stores differ from the server",
     "A comparison after the stores had settled found other versions on the server. What differs is read again; the "
     "server's answer decides.",
     "Do ids and versions differ after a quiet period?", "Does a later comparison find all equal?",
     {{{"Compare all with the server again", "One search a type.", Remedy::CompareAll}}}},
    {"D33", "Write conflict", attention, "An edit met another change",
     "Somebody else changed what was edited here. Until it is decided the local edit is shown and not written.",
     "Was the edit refused with 412, or did a newer version come?", "Is it decided?",
     {{{"Decide it in Conflicts", "Writes or drops the edit."}}}},
    {"D34", "Bad frame or update", attention, "Something received cannot be used",
     "A frame could not be read, or an update was rejected by a stage. It is kept with its reason and the rest goes on, "
     "but the resource may be shown in an older version.",
     "Does reading or validating it fail?", "Did a later version come?",
     {{{"Look at the raw text in the log", "Shows what the server sent."},
       {"Report it to the server's operator", "Repairs the cause."}}}},
    {"D36", "Orphan subscription", info, "The server serves a subscription not ours",
     "A frame names a Subscription that this session does not own: an earlier session or another client left it bound. "
     "It costs the server work and counts against the quota.",
     "Does a heartbeat or event name a foreign id?", "Is it one of ours, about to be used?",
     {{{"Unbind or delete it on the server", "One DELETE."}}}},
    {"D37", "Real time is down", attention, "Real time is down, rows may be stale",
     "The connection was live and is not now. What changed since then is not shown until it is back and a catch-up "
     "search has found it.",
     "Is the connection not live?", "Is it live again?",
     {{{"Reconnect", "Tries at once.", Remedy::Reconnect},
       {"Read the reason in Connections", "Nothing changes."}}}},
    {"D38", "Not confirmed", attention, "Resources are not confirmed since a gap",
     "There was a gap since the server last said that these versions are current. They are shown as they were; whether "
     "they are is known when they are read or compared.",
     "Is there a gap since the last confirmation?", "Has a search or read confirmed them?",
     {{{"Compare all with the server", "One search a type.", Remedy::CompareAll}}}},
};

} // namespace

std::span<const CatalogEntry> catalog() { return entries; }

const CatalogEntry* catalog_entry(std::string_view id) {
    const auto found = std::find_if(std::begin(entries), std::end(entries),
                                    [&](const CatalogEntry& entry) { return entry.id == id; });
    return found == std::end(entries) ? nullptr : found;
}

} // namespace fhirscope::diagnosis
