#include "diagnosis/compose_observed.hpp"

#include "diagnosis/causes/table.hpp"
#include "diagnosis/incident_text.hpp"
#include "diagnosis/observed_words.hpp"
#include "diagnosis/report_parts.hpp"
#include "diagnosis/rules.hpp"

#include <algorithm>
#include <set>

namespace fhirscope::diagnosis {
namespace {

constexpr std::size_t about_named = 64;

std::string clock(LocalTime at) { return instant_text(at).substr(11, 12); } // "23:38:33.912"

// All members of a group together.
struct Whole {
    bool is_loss = false, is_refusal = false, is_proved = true, is_told = false;
    LocalTime heard;               // of the last of them; the epoch: one of them is not heard yet
    std::set<std::string> waiting; // named
    std::uint64_t waiting_count = 0, stale_count = 0, brought = 0, deletions = 0, left_out = 0, signs = 0;
    LocalTime waiting_since;
    std::uint16_t status = 0;           // of a close
    std::set<std::uint16_t> statuses{}; // of answers
    LocalTime lost;                     // when the last of them was
};

Whole whole_of(const Group& group, const std::vector<Stretches::One>& all) {
    Whole whole;
    std::set<std::uint64_t> brought, deletions;
    bool all_heard = true;
    for (const std::size_t i : group.members) {
        const Stretches::One& one = all[i];
        const Unshown& unshown = one.stretch.unshown;
        whole.is_loss |= one.is_loss;
        whole.is_refusal |= one.is_refusal;
        whole.is_proved &= one.is_proved;
        all_heard &= unshown.heard != LocalTime{};
        whole.heard = std::max(whole.heard, unshown.heard);
        whole.waiting.insert(unshown.waiting.begin(), unshown.waiting.end());
        whole.waiting_count = std::max(whole.waiting_count, unshown.waiting_count);
        whole.stale_count = std::max(whole.stale_count, unshown.stale_count);
        whole.left_out = std::max(whole.left_out, unshown.left_out);
        if (unshown.waiting_since != LocalTime{})
            whole.waiting_since = whole.waiting_since == LocalTime{}
                                      ? unshown.waiting_since
                                      : std::min(whole.waiting_since, unshown.waiting_since);
        brought.insert(unshown.brought.begin(), unshown.brought.end());
        deletions.insert(unshown.deletions.begin(), unshown.deletions.end());
        const Tally& seen = one.stretch.tally; // that it is over is a sign, too, and no request
        whole.signs += one.stretch.effect == Effect::Login ? seen.count(Seen::Request401) : seen.count();
        whole.statuses.insert(one.stretch.tally.statuses().begin(), one.stretch.tally.statuses().end());
        if (one.is_loss) whole.lost = std::max(whole.lost, one.last);
        if (whole.status == 0) whole.status = one.stretch.tally.of(Seen::Closed).status;
    }
    if (!all_heard) whole.heard = {};
    whole.waiting_count = std::max<std::uint64_t>(whole.waiting_count, whole.waiting.size());
    whole.brought = brought.size();
    whole.deletions = deletions.size();
    return whole;
}

// "Task and Patient", "4 subscriptions"
std::string types_of(const std::vector<std::string>& criteria) {
    std::vector<std::string> types;
    for (const std::string& one : criteria) {
        const std::string path = one.substr(0, one.find('?'));
        const std::string type = path.substr(path.rfind('/') + 1);
        if (!type.empty() && std::find(types.begin(), types.end(), type) == types.end()) types.push_back(type);
    }
    if (types.empty()) return "a Subscription";
    if (types.size() > 3) return count_text(criteria.size(), "Subscription", "Subscriptions");
    std::string text = types.front();
    for (std::size_t i = 1; i < types.size(); ++i) text += (i + 1 == types.size() ? " and " : ", ") + types[i];
    return text;
}

std::string loss_text(CauseCode cause, std::uint16_t status) {
    switch (cause) {
        case CauseCode::SocketClosed:
            if (status == 1006) return "the socket was lost (1006)";
            return (status == 1000 ? "the socket was closed in order (" : "the socket was closed (") +
                   std::to_string(status) + ")";
        case CauseCode::HalfOpen:
            return "no frame came any more";
        case CauseCode::BindingEnded:
            return "a heartbeat no longer listed it";
        case CauseCode::Asked:
            return "the client ended it itself";
        default:
            return std::string(cause_info(cause).headline);
    }
}

// "Task/1 is stale since 23:38:33.912"; "" where nothing is known to wait.
std::string waiting_text(const Whole& whole) {
    if (whole.waiting_count == 0) return {};
    const std::string since = clock(whole.waiting_since);
    if (whole.stale_count == 0)
        return count_text(whole.waiting_count, "change", "changes") + " did not reach it, the first at " + since;
    if (whole.waiting_count == 1) return *whole.waiting.begin() + " is stale since " + since;
    return count_text(whole.waiting_count, "resource is", "resources are") + " stale, the first since " + since;
}

std::string loss_headline(const Incident& incident, const Whole& whole, bool over) {
    const std::string what = types_of(incident.about);
    std::string text;
    if (incident.cause == CauseCode::NumbersMissing) {
        text = "Numbered events of " + what + " did not come";
    } else {
        text = "The client heard nothing of " + what;
        text += whole.heard != LocalTime{} ? " for " + lasting_text(whole.heard - incident.from) : " any more";
        text += ": " + loss_text(incident.cause, whole.status);
    }
    if (whole.is_proved)
        text += ", and a search followed";
    else if (over)
        text += ", and another Subscription took over";
    else if (whole.heard != LocalTime{})
        text += ", and no search followed";
    const std::string waiting = waiting_text(whole);
    return waiting.empty() ? text : text + "; " + waiting;
}

std::string told_headline(const Incident& incident, const Whole& whole, std::uint64_t deletions) {
    const std::string type = types_of(incident.about);
    const std::string one = incident.evidence.empty() ? type : incident.evidence.front().link.reference;
    std::string text = "No frame told ";
    if (deletions > 0)
        text += whole.signs == 1 ? "that " + one + " was deleted"
                                 : "of " + std::to_string(whole.signs) + " deletions of " + type;
    else
        text +=
            whole.signs == 1 ? "of a change of " + one : "of " + std::to_string(whole.signs) + " changes of " + type;
    text += ": " + std::string(cause_info(incident.cause).headline);
    const std::string waiting = waiting_text(whole);
    return waiting.empty() ? text : text + "; " + waiting;
}

std::string requests_text(CauseCode cause, const Whole& whole) {
    const std::uint64_t count = whole.signs;
    std::string statuses;
    for (const std::uint16_t status : whole.statuses)
        statuses += (statuses.empty() ? " (" : ", ") + std::to_string(status);
    const std::string begin =
        count_text(count, "request", "requests") + " of the client " + (count == 1 ? "was" : "were");
    switch (cause) {
        case CauseCode::Throttled:
            return begin + " answered 429: too many in too short a time";
        case CauseCode::ServerErrors:
            return begin + " answered with errors (5xx)";
        case CauseCode::NotPermitted:
            return begin + " refused with 403: the login may not";
        case CauseCode::OtherAnswers:
            return begin + " answered with something else than FHIR";
        default:
            return begin + " refused" + (statuses.empty() ? "" : statuses + ")");
    }
}

std::string observed_headline(const Incident& incident, const Whole& whole, std::uint64_t deletions, bool over) {
    if (whole.is_loss) return loss_headline(incident, whole, over);
    if (incident.cause == CauseCode::BindIgnored)
        return "The bind of " + types_of(incident.about) + " was not answered" +
               (over ? ", and later it was heard" : "");
    const std::string why(incident.cause == CauseCode::OddRefusals ? "the request was not accepted"
                                                                   : cause_info(incident.cause).headline);
    if (whole.is_refusal && incident.about.size() > 1)
        return std::to_string(incident.about.size()) + " Subscriptions of the client were refused: " + why +
               (over ? ", and later accepted" : "");
    if (whole.is_refusal)
        return "The client's Subscription to " + types_of(incident.about) + " was refused: " + why +
               (over ? ", and later accepted" : "");
    switch (incident.effect) {
        case Effect::Delivery:
            return told_headline(incident, whole, deletions);
        case Effect::Login: {
            const std::string begin = count_text(whole.signs, "request", "requests") + " of the client " +
                                      (whole.signs == 1 ? "was" : "were") + " refused with 401";
            if (incident.cause == CauseCode::LoginRenewed) return begin + ", and accepted after a new login";
            return begin + (over ? ", then one was accepted" : ", and none was accepted after that");
        }
        case Effect::RealTime:
            return "The client's socket could not be opened" +
                   (over ? " for " + lasting_text(incident.to - incident.from) : std::string(" any more")) +
                   ": the server refused the WebSocket";
        default:
            return requests_text(incident.cause, whole);
    }
}

bool is_orderly(std::uint16_t status) { return status == 1000 || status == 1001 || status == 1005; }

Severity observed_severity(const Incident& incident, const Whole& whole) {
    const Severity usual = cause_info(incident.cause).severity;
    const bool undone = whole.waiting_count > 0 || whole.brought > 0;
    if (incident.cause == CauseCode::Asked) return Severity::Attention; // what it shows is stale
    if (incident.effect == Effect::Requests && incident.cause == CauseCode::OddRefusals) return Severity::Info;
    if (incident.effect == Effect::Requests) return std::min(usual, Severity::Attention);
    if (incident.effect == Effect::Login && incident.state != IncidentState::NotKnown)
        return std::min(usual, Severity::Attention);
    if (!whole.is_loss || undone) return usual;
    // A search followed and brought nothing; or it was closed in order, and is not known to have missed anything.
    const bool left = whole.heard == LocalTime{} && is_orderly(whole.status);
    return whole.is_proved || left ? Severity::Info : usual;
}

void count_observed(Incident& incident, const Whole& whole, std::uint64_t deletions, bool over) {
    incident.missed = incident.recovered = incident.deleted = 0;
    incident.affects = whole.waiting_count;
    if (incident.effect == Effect::Delivery && !whole.is_loss) {
        incident.missed = whole.signs - deletions;
        incident.deleted = deletions;
        incident.recovered = whole.signs - std::min(whole.signs, whole.waiting_count);
        return;
    }
    if (!whole.is_loss) return;
    incident.recovered = whole.brought - whole.deletions;
    incident.missed = over ? std::optional(whole.brought - whole.deletions) : std::nullopt;
    incident.deleted = over ? std::optional(whole.deletions) : std::nullopt;
}

void follow_up(Incident& incident, const Whole& whole, bool over) {
    incident.followed.clear();
    const auto add = [&](Consequence::Kind kind, std::uint64_t count, std::string text, Link link = {}) {
        incident.followed.push_back({kind, count, std::move(text), std::move(link)});
    };
    if (whole.is_loss && whole.is_proved)
        add(Consequence::Kind::Other, 0, "heard again " + clock(whole.heard) + ", and a search covered that time");
    else if (whole.is_loss && !over && incident.cause == CauseCode::NumbersMissing)
        add(Consequence::Kind::Other, 0, "no search and no answer of $events followed");
    else if (whole.is_loss && !over)
        add(Consequence::Kind::Other, 0,
            whole.heard == LocalTime{} ? "the capture does not show that it was heard again"
                                       : "heard again " + clock(whole.heard) + ", and no search followed");
    if (whole.brought > whole.deletions)
        add(Consequence::Kind::Recovered, whole.brought - whole.deletions, "brought by a search or a read");
    if (whole.deletions > 0) add(Consequence::Kind::DeletionsLate, whole.deletions, "deletions found late");
    if (whole.waiting_count == 1)
        add(Consequence::Kind::Unconfirmed, 0, waiting_text(whole), {Link::Kind::Resource, 0, *whole.waiting.begin()});
    else if (whole.waiting_count > 1)
        add(Consequence::Kind::Unconfirmed, 0, waiting_text(whole));
    if (whole.left_out > 0)
        add(Consequence::Kind::Other, whole.left_out,
            "further changes were not followed: more waited than are kept, so these counts are too low");
}

} // namespace

void leave_open_ended(Incident& incident, LocalTime end) {
    incident.state = IncidentState::NotKnown;
    incident.to = std::max(end, incident.from);
    incident.effect_station.to = {};
    incident.repaired_station = {{}, {}, "not known", "What was captured ends at " + clock(incident.to) + ".", {}};
}

void tell_observed(Incident& incident, const Group& group, const std::vector<Stretches::One>& all,
                   const engine::Snapshot& snapshot) {
    const Whole whole = whole_of(group, all);
    const bool over = !group.goes_on();
    std::uint64_t deletions = 0;
    for (const std::size_t i : group.members) deletions += all[i].told_deletions;
    for (const std::size_t i : group.members) {
        const Stretch& one = all[i].stretch;
        if (one.subscription >= snapshot.subscriptions.size() || one.effect == Effect::Hearing) continue;
        const std::string& criteria = snapshot.subscriptions[one.subscription].criteria;
        if (std::find(incident.about.begin(), incident.about.end(), criteria) == incident.about.end() &&
            incident.about.size() < about_named)
            incident.about.push_back(criteria);
    }
    std::erase(incident.about, std::string());
    incident.scope.clear();
    for (const std::string& criteria : incident.about)
        incident.scope += (incident.scope.empty() ? "" : ", ") + criteria;
    incident.state = whole.is_proved && (whole.is_loss || incident.effect == Effect::Delivery) ? IncidentState::Repaired
                                                                                               : IncidentState::Ended;
    incident.headline = observed_headline(incident, whole, deletions, over);
    if (incident.cause == CauseCode::HalfOpen) { // a capture does not tell a dead socket from a silent server
        incident.alternatives = {CauseCode::Hanging};
        incident.confidence = 50;
    }
    count_observed(incident, whole, deletions, over);
    say_as_observed(incident);
    const std::string shown = waiting_text(whole);
    const std::string first = incident.evidence.empty() ? std::string() : incident.evidence.back().text;
    incident.decisive.verdict = Verdict::Passed;
    incident.decisive.answer = first;
    if (incident.cause == CauseCode::OddRefusals) incident.cause_station.what = "The server refused it";
    incident.cause_station.text = first;
    incident.effect_station = {incident.from,
                               whole.heard != LocalTime{} ? whole.heard : incident.to,
                               incident.headline.substr(0, incident.headline.find(": ")),
                               shown,
                               {}};
    // What was seen, and not what lies before it.
    if (whole.is_loss) incident.noticed = std::max(incident.from, whole.lost);
    incident.cause_station.to = std::max(incident.cause_station.from, incident.noticed);
    incident.noticed_station = {incident.noticed, incident.noticed, "by what the capture holds", {}, {}};
    follow_up(incident, whole, over);
    if (over)
        incident.repaired_station = {incident.to,
                                     incident.to,
                                     whole.is_proved && whole.is_loss ? "a search covered it"
                                     : whole.is_proved                ? "something showed all of it"
                                                                      : "not seen since",
                                     {},
                                     {}};
    else
        leave_open_ended(incident, snapshot.at);
    incident.severity = observed_severity(incident, whole);
    for (const std::string& reference : whole.waiting)
        if (incident.about.size() < about_named) incident.about.push_back(reference);
}

} // namespace fhirscope::diagnosis
