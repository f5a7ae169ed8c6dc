// The eight stations of a resource's way, each as far as it is known.

#include "diagnosis/explain_case.hpp"
#include "fhir/reference.hpp"
#include "words/words.hpp"

#include <algorithm>

namespace fhirscope::diagnosis {
namespace {

using engine::Certainty;
using engine::Channel;
using engine::Phase;
using engine::Standing;

// For a station, where there is little room; the conclusion has the whole text.
std::string brief(const std::string& text) {
    constexpr std::size_t most = 60;
    if (text.size() <= most) return text;
    const std::size_t space = text.rfind(' ', most);
    return text.substr(0, space == std::string::npos ? most : space) + " …";
}

Station make(Reached reached, std::string word, LocalTime at, std::string text, std::string source, Link link = {}) {
    return {reached, std::move(word), at, std::move(text), std::move(source), std::move(link)};
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
std::string outage_at(const engine::Snapshot& s, LocalTime at) {
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

} // namespace

void fill_stations(Case& c) {
    server(c);
    criteria(c);
    subscription(c);
    notification(c);
    local(c);
}

} // namespace fhirscope::diagnosis
