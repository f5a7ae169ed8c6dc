#include "diagnosis/explain.hpp"

#include "diagnosis/facts.hpp"
#include "diagnosis/rules.hpp"
#include "engine/certainty.hpp"
#include "fhir/percent.hpp"
#include "fhir/reference.hpp"
#include "words/words.hpp"

#include <algorithm>

namespace fhirscope::diagnosis {
namespace {

using engine::Certainty;
using engine::Channel;
using engine::Phase;
using engine::Record;
using engine::Snapshot;
using engine::Standing;
using engine::Version;

std::string short_version(std::string_view id) { return std::string(id.substr(0, 6)); }

// For a station, where there is little room; the conclusion has the whole text.
std::string brief(const std::string& text) {
    constexpr std::size_t most = 60;
    if (text.size() <= most) return text;
    const std::size_t space = text.rfind(' ', most);
    return text.substr(0, space == std::string::npos ? most : space) + " …";
}

// What is asked about, and what was found out so far.
struct Case {
    const Snapshot& s;
    std::string_view reference;
    fhir::MatchMode mode;
    Explanation& out;
    engine::RecordPtr record{};
    const Version* version = nullptr;             // the shown one
    const engine::UpdateRow* row = nullptr;       // that brought it, where it is kept
    const engine::Rejection* rejection = nullptr; // of a newer version
    std::string difference{};                     // from the server, by a comparison after it was confirmed
    std::optional<std::size_t> subscription{};    // that should have told
    bool watched = false, matches = false, left = false;
    engine::CertaintyView certainty{};
    std::optional<engine::Unheard> unheard{}; // of its type
    const engine::AskedView* asked = nullptr; // where the server was asked about it
    const engine::Untold* untold = nullptr;   // what another client was not told, though the server has it

    bool observing() const { return s.connection.observing; }

    bool pushed() const { return version && version->channel == Channel::Socket; }
    // An event named it, and the read that followed brought it: so Medplum tells of a deletion.
    bool named() const { return row && row->channel == Channel::Read && row->frame != UINT64_MAX; }
    bool told() const { return pushed() || named(); }
    // It was there before this session listened.
    bool was_before() const {
        return version && (version->channel == Channel::Baseline || version->channel == Channel::Cache);
    }
    // What is known is not the newest, or may not be.
    bool old() const { return unsure() || !difference.empty(); }
    // Nothing says that it is still so: nobody knows it, there was a gap, or there is one now.
    bool unsure() const {
        return !record || certainty.certainty == Certainty::MayBeStale || (unheard && !was_asked_since());
    }
    // The server was asked for this explanation, so at least then it was so.
    bool was_asked_since() const { return certainty.certainty == Certainty::Compared && is_answered(); }
    bool out_of_view() const { return record && certainty.certainty == Certainty::OutOfView; }
    bool down() const {
        return s.connection.phase != Phase::Live && !s.connection.observing && s.connection.phase != Phase::Idle;
    }
    bool is_answered() const { return asked && asked->read_at != LocalTime{}; }
    bool is_being_asked() const { return asked && asked->pending; }
    LocalTime changed() const {
        if (version && !version->resource) // of a deletion the time may not be known
            return row && row->changed != ServerTime{} ? local_time(s, row->changed) : LocalTime{};
        return version && version->last_updated ? local_time(s, *version->last_updated) : LocalTime{};
    }
};

Station make(Reached reached, std::string word, LocalTime at, std::string text, std::string source, Link link = {}) {
    return {reached, std::move(word), at, std::move(text), std::move(source), std::move(link)};
}

void gather(Case& c) {
    c.record = c.s.find(c.reference);
    if (c.record && !c.record->history.empty()) c.version = &c.record->current();
    if (c.version && c.s.updates.contains(c.version->update)) {
        const engine::UpdateRow& row = c.s.updates[c.version->update];
        if (reference_of(c.s, row) == c.reference) c.row = &row;
    }
    for (std::uint64_t n = c.s.rejections.end(); n > c.s.rejections.first() && !c.rejection; --n) {
        const engine::Rejection& rejection = c.s.rejections[n - 1];
        if (rejection.reference == c.reference && (!c.version || rejection.update > c.version->update))
            c.rejection = &rejection;
    }
    c.unheard = engine::unheard_of(c.s, fhir::type_part(c.reference));
    if (c.record) c.certainty = engine::certainty_of(*c.record, c.unheard);
    if (c.s.asked.reference == c.reference) c.asked = &c.s.asked;
    if (c.s.untold)
        for (const engine::Untold& one : *c.s.untold)
            if (one.reference == c.reference) c.untold = &one;
    const engine::VerifyView& verify = c.s.verify;
    if (verify.state == engine::VerifyView::State::Different && (!c.record || c.record->confirmed_at <= verify.at))
        if (const auto found = std::ranges::find(verify.differences, c.reference, &engine::Fact::about);
            found != verify.differences.end()) {
            engine::Fact difference = *found;
            difference.about.clear(); // which the explanation is about as a whole
            c.difference = words::text(difference);
        }
    c.out.known = c.record != nullptr;
}

// "10:30:05 UTC".
std::string clock_text(LocalTime at) {
    const ServerTime time(std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch()));
    return fhir::format_instant(time).substr(11, 8) + " UTC";
}

// What the answer to another client's own request told.
std::string told_by_answer(const engine::Untold& told) {
    if (told.deleted) return "The server answered its deletion.";
    const std::string version =
        told.version.empty() ? "a newer version" : "version `" + short_version(told.version) + "`";
    return (told.method == "GET" ? "A listing names " : "The answer to a " + told.method + " names ") + version + ".";
}

// What the statement rests on: when the server was last asked, by whatever question.
std::string last_compared(const Case& c) {
    const LocalTime at = c.record ? c.record->compared_at : LocalTime{};
    if (at == LocalTime{})
        return c.observing() ? "The client never asked for it." : "It was never compared with the server.";
    return (c.observing() ? "The client did not ask since " : "The server was not asked since ") + clock_text(at) + ".";
}

std::string history_text(const engine::AskedView& asked) {
    if (asked.history_at == LocalTime{}) return "";
    if (asked.history.empty())
        return asked.history_status == 200 ? " It has no history."
                                           : " Its history: HTTP " + std::to_string(asked.history_status) + ".";
    std::string text = " History, the newest first:";
    for (std::size_t i = 0; i < std::min<std::size_t>(4, asked.history.size()); ++i) {
        const auto& version = asked.history[i];
        text += (i ? ", " : " ") + (version.deleted ? "deleted" : "`" + short_version(version.version_id) + "`");
        if (version.changed != ServerTime{}) text += " " + fhir::format_instant(version.changed).substr(11, 8);
    }
    return text + (asked.history.size() > 4 ? ", …." : ".");
}

void server(Case& c) {
    Station& station = c.out.at(StationName::Server);
    const Link resource{Link::Kind::Resource, 0, std::string(c.reference)};
    if (c.is_being_asked()) {
        station = make(Reached::NotKnown, "is being asked", c.asked->asked_at, "It is read, and its history.",
                       "requests under way");
    } else if (c.is_answered() && c.asked->status == 200) {
        const bool same = c.version && c.version->version_id() == c.asked->version_id;
        station = make(Reached::Happened, same ? "has this version" : "has another version", c.asked->read_at,
                       "Version `" + short_version(c.asked->version_id) + "` was read." + history_text(*c.asked),
                       "read for this explanation", resource);
    } else if (c.is_answered()) {
        const bool gone = c.asked->status == 410;
        station = make(gone ? Reached::Happened : Reached::NotKnown, gone ? "deleted" : "out of view", c.asked->read_at,
                       words::text(c.asked->answer) + "." + history_text(*c.asked), "read for this explanation");
    } else if (!c.difference.empty()) {
        station = make(Reached::Happened, "has another version", c.s.verify.at,
                       "A comparison says: " + c.difference + ".", "comparison with the server");
    } else if (c.rejection) {
        station = make(Reached::Happened, "changed", {}, "A newer version was sent.", "update log",
                       {Link::Kind::Update, c.rejection->update});
    } else if (c.untold) {
        station = make(Reached::Happened, c.untold->deleted ? "deleted" : "has another version", c.untold->since,
                       told_by_answer(*c.untold), "answers in the traffic");
    } else if (!c.record) {
        station =
            make(Reached::NotKnown, "never seen", {}, "Neither a frame nor a search has named it.", "local store");
    } else if (c.out_of_view()) {
        station =
            make(Reached::NotKnown, "out of view", {}, "Reading it was answered 404 or 403.", "local store", resource);
    } else if (c.record->server_side) {
        const engine::ServerSide& there = *c.record->server_side;
        station = make(Reached::Happened, "has another version", there.since,
                       there.version.empty()
                           ? "A comparison did not find it; it is being read."
                           : "A comparison found version `" + short_version(there.version) + "`; it is being read.",
                       "comparison with the server");
    } else if (c.record->standing == Standing::Checking) {
        station = c.observing() ? make(Reached::NotKnown, "not known", {},
                                       "A read would tell, and the client sent none.", "local store", resource)
                                : make(Reached::NotKnown, "is being asked", {},
                                       "Two versions cannot be told apart; a read decides.", "requests under way");
    } else if (c.unsure()) {
        station = make(Reached::NotKnown, "may have changed", c.certainty.since,
                       "Since then a change would not have been told. " + last_compared(c), "local store", resource);
    } else if (!c.version->resource) {
        station = make(Reached::Happened, "deleted", c.record->changed_at, "It is gone on the server.",
                       std::string(to_string(c.version->channel)));
    } else if (c.certainty.certainty != Certainty::Compared && !c.s.connection.observing) {
        station = make(
            Reached::NotKnown, "not asked", c.record->compared_at,
            "Version `" + short_version(c.version->version_id()) + "` is the newest that was told. " + last_compared(c),
            "local store", resource);
    } else {
        std::string text = "Version `" + short_version(c.version->version_id()) + "`";
        for (std::size_t i = 0; i < std::min<std::size_t>(3, c.version->changed.size()); ++i)
            text += (i ? ", " : ", changed: ") + c.version->changed[i];
        station = make(Reached::Happened, "changed", c.changed(), text, "its lastUpdated", resource);
    }
}

void criteria(Case& c) {
    Station& station = c.out.at(StationName::Criteria);
    const std::string_view type = fhir::type_part(c.reference);
    const fhir::Resource* resource = nullptr;
    const fhir::Resource* before = nullptr;
    const bool key_only = c.record && c.record->key_only();
    if (c.untold && c.untold->resource) resource = c.untold->resource.get();
    if (c.record)
        for (auto at = c.record->history.rbegin(); at != c.record->history.rend() && !before; ++at)
            if ((*at)->resource) (resource ? before : resource) = (*at)->resource.get();
    std::string clause, all;
    bool unknown = false;
    for (std::size_t i = 0; i < c.s.subscriptions.size(); ++i) {
        const auto parsed = fhir::Criteria::parse(c.s.subscriptions[i].criteria);
        if (!parsed || parsed->type() != type) continue;
        c.watched = true;
        all += (all.empty() ? "`" : ", `") + parsed->source() + "`";
        const bool told = resource && (!key_only || parsed->parameters().empty());
        const fhir::Match match = told ? parsed->matches(*resource, c.mode) : fhir::Match::Unknown;
        if (match == fhir::Match::Yes && !c.matches) {
            c.matches = true;
            c.subscription = i;
        }
        unknown |= match == fhir::Match::Unknown;
        if (match != fhir::Match::No) continue;
        const bool did = before && parsed->matches(*before, c.mode) == fhir::Match::Yes;
        if (clause.empty() || (did && !c.left)) {
            clause = failing_clause(*parsed, *resource, c.mode);
            if (!c.matches) c.subscription = i;
        }
        c.left |= did;
    }
    if (c.matches) c.left = false;
    const Link link = c.subscription ? Link{Link::Kind::Subscription, *c.subscription} : Link{};
    if (!c.watched)
        station = make(Reached::DidNot, "not watched", {}, "No subscription is for " + std::string(type) + ".",
                       "subscriptions");
    else if (c.matches)
        station =
            make(Reached::Happened, "match", {}, "`" + c.s.subscriptions[*c.subscription].criteria + "` matches it.",
                 "criteria, evaluated here", link);
    else if (unknown || !resource)
        station = make(Reached::NotKnown, "not known", {}, "Whether " + all + " matches only the server can tell.",
                       "criteria", link);
    else
        station = make(Reached::DidNot, "no match", {},
                       (clause.empty() ? all : "`" + clause + "`") +
                           (c.left ? " matches the version before, not this one." : " does not match it."),
                       "criteria, evaluated here", link);
}

// Why there was no real time then; "" when there was.
std::string outage_at(const Snapshot& s, LocalTime at) {
    if (at == LocalTime{} || phase_at(s.connection, at) == Phase::Live) return {};
    const engine::Transition* last = nullptr;
    for (const engine::Transition& transition : s.connection.transitions) {
        if (transition.at > at) break;
        if (transition.from == Phase::Live) last = &transition;
    }
    return last ? words::text(last->reason) : std::string("it was not live yet");
}

void subscription(Case& c) {
    Station& station = c.out.at(StationName::Subscription);
    if (!c.watched) return;
    const engine::ConnectionView& connection = c.s.connection;
    const bool waits = c.unsure();
    const Link link = c.subscription ? Link{Link::Kind::Subscription, *c.subscription} : Link{Link::Kind::Connection};
    const engine::SubscriptionView* view = c.subscription ? &c.s.subscriptions[*c.subscription] : nullptr;
    if (view && view->state == engine::SubscriptionState::Refused) {
        station =
            make(Reached::DidNot, "refused", view->since, brief(words::text(view->problem)), "subscriptions", link);
    } else if (waits && c.down()) {
        station = make(Reached::DidNot, "down", connection.since, brief(words::text(connection.reason)),
                       "connection log", {Link::Kind::Connection});
    } else if (const std::string why = waits || c.told() || c.was_before() ? "" : outage_at(c.s, c.changed());
               !why.empty()) {
        station =
            make(Reached::DidNot, "was down then", c.changed(), brief(why), "connection log", {Link::Kind::Connection});
    } else if (view && !is_live(*view) && !c.told()) {
        station = make(Reached::DidNot, std::string(to_string(view->state)), view->since, words::text(view->problem),
                       "subscriptions", link);
    } else {
        station = make(Reached::Happened, "active", view ? view->bound : LocalTime{},
                       view            ? std::to_string(view->events) + " events since it began."
                       : c.observing() ? "It is followed in another client's traffic."
                                       : "The connection is live.",
                       "subscriptions", link);
    }
}

void notification(Case& c) {
    Station& station = c.out.at(StationName::Notification);
    const auto outcome = [&](Reached reached, std::string word, std::string text) {
        station = make(reached, std::move(word), {}, std::move(text), "frame log");
    };
    const Station& before = c.out.at(StationName::Subscription);
    if (c.rejection) {
        outcome(Reached::Happened, "sent", "It came, and could not be used.");
    } else if (c.told() && !c.old()) {
        outcome(Reached::Happened, "sent", "An event brought it.");
        if (c.row && c.row->sent != ServerTime{}) station.at = local_time(c.s, c.row->sent);
        if (c.row && c.row->frame != UINT64_MAX) {
            station.link = {Link::Kind::Frame, c.row->frame};
            station.text = "Frame " + std::to_string(c.row->frame) +
                           (c.named() ? " named it, and the read that followed brought it." : " brought it.");
        }
    } else if (!c.watched || c.out.at(StationName::Criteria).reached == Reached::DidNot) {
        outcome(Reached::DidNot, "not sent", "A server tells what enters or stays in a subscription, nothing else.");
    } else if (before.reached == Reached::DidNot) {
        outcome(Reached::DidNot, "not sent", "Nobody was bound whom it could be sent to.");
    } else if (c.old()) {
        outcome(Reached::NotKnown, "none seen", "No event has named it since.");
    } else if (c.was_before()) {
        outcome(Reached::NotKnown, "before this session", "The change is older than the connection.");
    } else if (c.version->channel == Channel::Local) {
        outcome(Reached::NotKnown, "not needed", "It is the answer to an edit made here.");
    } else {
        outcome(Reached::DidNot, "did not come", "The subscription was active, and the socket did not bring it.");
    }
}

void local(Case& c) {
    Station& received = c.out.at(StationName::Received);
    Station& validated = c.out.at(StationName::Validated);
    Station& applied = c.out.at(StationName::Applied);
    Station& shown = c.out.at(StationName::Shown);
    const bool old = c.old();
    if (c.rejection) {
        const Link link{Link::Kind::Update, c.rejection->update};
        const LocalTime at =
            c.s.updates.contains(c.rejection->update) ? c.s.updates[c.rejection->update].received : LocalTime{};
        received = make(Reached::Happened, "received", at, "Its text is kept.", "update log", link);
        validated = make(Reached::DidNot, "rejected", at, c.rejection->stage + ": " + words::text(c.rejection->reason),
                         "update log", link);
    } else if (!old && c.version) {
        const Link link = c.row ? Link{Link::Kind::Update, c.version->update} : Link{};
        received = make(Reached::Happened, "by " + std::string(to_string(c.version->channel)), c.version->received,
                        c.pushed() ? "The socket brought it." : "It was asked for.", "update log", link);
        validated = make(Reached::Happened, "passed", {}, "All stages took it.", "update log", link);
    } else {
        received.word = "nothing to receive";
        validated.word = "nothing to validate";
    }
    if (!c.version) {
        applied.word = "not held";
        applied.source = "local store";
        shown = make(Reached::DidNot, "not shown", {}, "The store does not hold it.", "local store");
        return;
    }
    const Link link{Link::Kind::Resource, 0, std::string(c.reference)};
    const std::string version = "`" + short_version(c.version->version_id()) + "`";
    if (old || c.rejection)
        applied = make(Reached::NotReached, "still version " + short_version(c.version->version_id()),
                       c.record->changed_at, "The store holds version " + version + ".", "local store", link);
    else
        applied = make(Reached::Happened, c.version->resource ? "applied" : "removed", c.record->changed_at,
                       c.version->resource ? "The store holds version " + version + "." : "The store marks it deleted.",
                       "local store", link);
    const engine::LocalEdit* edit = c.record->edit.get();
    if (edit && edit->pending())
        shown = make(Reached::Happened, "with a local edit", edit->made,
                     "The row shows an edit that is " + std::string(to_string(edit->state)) + ".", "local store", link);
    else if (c.record->row || !c.version->resource)
        shown = make(Reached::Happened, c.version->resource ? "as stored" : "as deleted", c.record->changed_at,
                     "The row shows what the store holds.", "local store", link);
    else
        shown = make(Reached::DidNot, "no panel", {}, "No panel shows this type.", "panels", link);
}

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

} // namespace

std::string_view to_string(Reached reached) {
    switch (reached) {
        case Reached::Happened:
            return "happened";
        case Reached::DidNot:
            return "did not";
        case Reached::NotKnown:
            return "not known";
        case Reached::NotReached:
            return "not reached";
    }
    return "?";
}

std::string_view to_string(StationName name) {
    constexpr std::string_view names[] = {"Server",   "Criteria",  "Subscription", "Notification",
                                          "Received", "Validated", "Applied",      "Shown"};
    static_assert(std::size(names) == station_count);
    return names[static_cast<std::size_t>(name)];
}

std::string failing_clause(const fhir::Criteria& criteria, const fhir::Resource& resource, fhir::MatchMode mode) {
    for (const fhir::CriteriaParameter& parameter : criteria.parameters()) {
        std::string clause = parameter.name + (parameter.modifier.empty() ? "" : ":" + parameter.modifier) + "=";
        for (std::size_t i = 0; i < parameter.values.size(); ++i)
            clause += (i ? "," : "") + fhir::percent_encode(parameter.values[i], fhir::plain_in_search);
        const auto alone = fhir::Criteria::parse(criteria.type() + "?" + clause);
        if (alone && alone->matches(resource, mode) == fhir::Match::No) return clause;
    }
    return {};
}

Explanation explain(const Snapshot& snapshot, std::string_view reference, fhir::MatchMode mode) {
    Explanation out;
    out.reference = reference;
    Case c{snapshot, reference, mode, out};
    gather(c);
    server(c);
    criteria(c);
    subscription(c);
    notification(c);
    local(c);
    conclude(c);
    if (c.observing()) out.advice.clear(); // nothing can be asked in another client's name
    return out;
}

} // namespace fhirscope::diagnosis
