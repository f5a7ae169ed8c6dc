#include "diagnosis/compose.hpp"

#include "diagnosis/catalog.hpp"
#include "diagnosis/causes/table.hpp"
#include "diagnosis/compose_observed.hpp"
#include "diagnosis/rules.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace fhirscope::diagnosis {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t evidence_shown = 16, about_kept = 64, observations_shown = 96;

// All members together.
class Sum {
public:
    Sum(const Group& group, const std::vector<Stretches::One>& all) : group_(group), all_(all) {}
    // Members of one time saw the same: the most that one of them saw.
    std::uint64_t most(Seen seen) const {
        std::uint64_t most = 0;
        for (const std::size_t i : group_.members) most = std::max(most, all_[i].stretch.tally.count(seen));
        return most;
    }
    // Each saw its own.
    std::uint64_t evidence() const {
        std::uint64_t count = 0;
        for (const std::size_t i : group_.members) count += all_[i].stretch.tally.count();
        return count;
    }

private:
    const Group& group_;
    const std::vector<Stretches::One>& all_;
};

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i)
        text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
    return text;
}

std::string with_capital(std::string text) {
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return text;
}

std::string effect_text(Effect effect, bool within, const std::vector<std::string>& about, std::uint64_t requests,
                        bool goes_on) {
    const auto verb = [&](bool many) { return goes_on ? (many ? " are" : " is") : (many ? " were" : " was"); };
    if (within) return std::string("Meanwhile the socket") + verb(false) + " lost";
    switch (effect) {
        case Effect::RealTime:
            return std::string("Real time") + verb(false) + " down";
        case Effect::Hearing: {
            std::vector<std::string> types;
            for (const std::string& criteria : about) types.push_back(criteria.substr(0, criteria.find('?')));
            if (types.empty()) return std::string("A subscription") + verb(false) + " deaf";
            if (types.size() > 3) return count_text(types.size(), "", "subscriptions") + verb(true) + " deaf";
            return joined(types) + verb(types.size() > 1) + " deaf";
        }
        case Effect::Login:
            return std::string("The login") + verb(false) + " refused";
        case Effect::Delivery:
            return "Changes were missed";
        default:
            return count_text(requests, "request", "requests") +
                   (goes_on ? (requests == 1 ? " fails" : " fail") : " failed");
    }
}

std::string headline(const Incident& incident, const std::string& effect) {
    std::string cause(cause_info(incident.cause).headline);
    // What cannot be told apart is not said as if it could.
    for (const CauseCode other : incident.alternatives) cause += ", or " + std::string(cause_info(other).headline);
    // Where the cause is the effect, it is said once.
    const bool is_both = incident.effect == Effect::Login || incident.cause == CauseCode::Asked ||
                         (incident.cause == CauseCode::WokenLate && incident.from == incident.to);
    return is_both ? with_capital(cause) : effect + ": " + cause;
}

std::string noticed_by(const Tally& seen, Effect effect) {
    if (seen.has(Seen::Closed)) return "by the close of the socket";
    if (seen.has(Seen::PongMissing) || seen.has(Seen::PongLate)) return "by an unanswered ping";
    if (seen.has(Seen::Silence)) return "by the silence of the socket";
    if (seen.has(Seen::Unlisted)) return "by a heartbeat that did not list it";
    if (seen.has(Seen::Gone) || seen.has(Seen::Deaf)) return "by the check of the subscription";
    if (seen.has(Seen::MissedFound)) return "by a search";
    if (effect == Effect::Requests || effect == Effect::Login) return "by the answer";
    return "by the engine";
}

std::string source_of(const Evidence& evidence) {
    switch (evidence.link.kind) {
        case Link::Kind::Event:
            return "event log";
        case Link::Kind::Frame:
            return "frame log";
        case Link::Kind::Update:
        case Link::Kind::Resource:
            return "update log";
        default:
            return "connection";
    }
}

void add_followed(Incident& out, const Sum& sum, const Group& group, const std::vector<Stretches::One>& all) {
    const auto add = [&](Consequence::Kind kind, std::uint64_t count, std::string text) {
        if (count > 0) out.followed.push_back({kind, count, std::move(text), {}});
    };
    add(Consequence::Kind::Missed, out.missed.value_or(0), "missed by the socket");
    add(Consequence::Kind::Recovered, out.recovered.value_or(0), "recovered by a search or a read");
    add(Consequence::Kind::NeverSeen, sum.most(Seen::NeverSeen), "superseded before anybody saw them");
    add(Consequence::Kind::DeletionsLate, out.deleted.value_or(0), "deletions found late");
    std::uint64_t before = UINT64_MAX, polls = 0;
    for (const std::size_t i : group.members) {
        before = std::min(before, all[i].stretch.polls_before);
        polls = std::max(polls, all[i].stretch.polls);
    }
    add(Consequence::Kind::Polling, polls - before, "polls in place of real time");
    add(Consequence::Kind::Attempts, sum.most(Seen::AttemptFailed) + sum.most(Seen::AttemptTimedOut),
        "attempts failed");
    std::uint64_t failed = 0;
    for (const std::size_t i : group.consequences)
        if (all[i].stretch.effect == Effect::Requests) failed += all[i].stretch.tally.count();
    add(Consequence::Kind::Repeated, failed, "requests failed meanwhile");
}

// What members saw: of one kind and subscription each member of one effect saw its own, members of several the same.
void add_observations(Incident& out, const Group& group, const std::vector<Stretches::One>& all,
                      const engine::Snapshot& snapshot) {
    struct Merged {
        Tally::Part part;
        std::map<std::pair<Effect, engine::SubscriptionIndex>, std::uint64_t> counts;
    };
    std::map<std::pair<Seen, engine::SubscriptionIndex>, Merged> merged;
    const auto add = [&](const Stretch& stretch) {
        out.observations_left_out += stretch.tally.left_out();
        for (const Tally::Part& part : stretch.tally.parts()) {
            Merged& one = merged.try_emplace({part.seen, part.subscription}, Merged{part, {}}).first->second;
            if (part.first < one.part.first) one.part.status = part.status;
            one.part.first = std::min(one.part.first, part.first);
            one.part.last = std::max(one.part.last, part.last);
            one.counts[{stretch.effect, stretch.subscription}] += part.count;
        }
    };
    for (const std::size_t i : group.members) add(all[i].stretch);
    for (const std::size_t i : group.consequences) add(all[i].stretch);
    for (const auto& [key, one] : merged) {
        std::uint64_t count = 0;
        for (const auto& [member, seen] : one.counts) count = std::max(count, seen);
        const bool is_known = one.part.subscription < snapshot.subscriptions.size();
        out.observations.push_back({one.part.seen,
                                    is_known ? snapshot.subscriptions[one.part.subscription].criteria : std::string(),
                                    count, one.part.first, one.part.last, one.part.status});
    }
    std::stable_sort(out.observations.begin(), out.observations.end(),
                     [](const Observed& a, const Observed& b) { return a.first < b.first; });
    for (std::size_t i = observations_shown; i < out.observations.size(); ++i)
        out.observations_left_out += out.observations[i].count;
    if (out.observations.size() > observations_shown) out.observations.resize(observations_shown);
}

// The resources whose changes it missed, beside the criteria.
void add_resources(Incident& out, const Group& group, const std::vector<Stretches::One>& all) {
    std::size_t added = 0;
    for (const std::size_t i : group.members)
        for (const std::string& resource : all[i].stretch.tally.resources())
            if (added < about_kept && std::find(out.about.begin(), out.about.end(), resource) == out.about.end()) {
                out.about.push_back(resource);
                ++added;
            }
}

void set_stations(Incident& out, const Stretch& primary, const Judged& why, const std::string& effect) {
    const LocalTime caused = why.why.caused == LocalTime{} ? out.from : std::min(why.why.caused, out.noticed);
    out.cause_station = {std::min(out.from, caused), caused, with_capital(std::string(cause_info(out.cause).headline)),
                         why.why.text, out.evidence.empty() ? std::string() : source_of(out.evidence.back())};
    std::string missed;
    if (out.missed.value_or(0) > 0) missed = count_text(*out.missed, "change was", "changes were") + " missed";
    if (out.deleted.value_or(0) > 0)
        missed += (missed.empty() ? "" : ", ") + count_text(*out.deleted, "deletion", "deletions") + " found late";
    out.effect_station = {out.from, out.to, effect, missed, {}};
    out.noticed_station = {
        out.noticed,
        out.noticed,
        noticed_by(primary.tally, out.effect),
        out.noticed > out.from ? seconds_text(out.noticed - out.from) + " after it began" : std::string(),
        {}};
    if (out.open()) return;
    const bool heard = out.effect == Effect::RealTime || out.effect == Effect::Hearing;
    out.repaired_station = {out.to, out.to, heard ? "caught up, and live again" : "not seen since",
                            out.recovered.value_or(0) > 0
                                ? count_text(*out.recovered, "change was", "changes were") + " recovered"
                                : std::string(),
                            heard ? "search by _lastUpdated" : ""};
}

// Resources of the types that are not heard of.
std::uint64_t shown_of(const engine::Snapshot& snapshot, const std::vector<std::string>& criteria) {
    std::uint64_t count = 0;
    for (const engine::StoreView& store : snapshot.stores)
        if (std::any_of(criteria.begin(), criteria.end(),
                        [&](const std::string& one) { return one.substr(0, one.find('?')) == store.type; }))
            count += store.records.size() - store.deleted;
    return count;
}

// The request that decides, for a shell.
std::string command_of(CauseCode cause, const engine::Snapshot& snapshot, const std::vector<std::string>& about) {
    const std::string begin = "curl -H \"Authorization: Bearer $TOKEN\" \"$BASE/";
    switch (cause) {
        case CauseCode::SubscriptionGone:
        case CauseCode::SubscriptionOff:
        case CauseCode::BindingEnded:
            for (const engine::SubscriptionView& subscription : snapshot.subscriptions)
                if (!subscription.id.empty() && !about.empty() && subscription.criteria == about.front())
                    return begin + "Subscription/" + subscription.id + "\"";
            return {};
        case CauseCode::NotPermitted:
        case CauseCode::FeatureOff:
        case CauseCode::Quota:
        case CauseCode::LoginEnded:
            return begin + "Subscription?_summary=count\"";
        case CauseCode::Unreachable:
        case CauseCode::Restarted:
        case CauseCode::Hanging:
        case CauseCode::HalfOpen:
        case CauseCode::ServerErrors:
        case CauseCode::OtherAnswers:
            return "curl -i \"$BASE/metadata\"";
        default:
            return {};
    }
}

} // namespace

Incident composed(const Group& group, const std::vector<Stretches::One>& all, const std::vector<Judged>& judged,
                  const engine::Snapshot& snapshot) {
    const Stretch& primary = all[group.members.front()].stretch;
    const Judged& why = judged[group.members.front()];
    const CauseInfo& info = cause_info(group.cause);
    const Sum sum(group, all);
    Incident out;
    for (const std::size_t i : group.members) {
        const Stretch& one = all[i].stretch;
        for (const Evidence& evidence : one.tally.evidence()) out.evidence.push_back(evidence);
        if (one.effect != Effect::Hearing || one.subscription >= snapshot.subscriptions.size()) continue;
        const std::string& criteria = snapshot.subscriptions[one.subscription].criteria;
        if (std::find(out.about.begin(), out.about.end(), criteria) == out.about.end() && out.about.size() < about_kept)
            out.about.push_back(criteria);
    }
    std::stable_sort(out.evidence.begin(), out.evidence.end(),
                     [](const Evidence& a, const Evidence& b) { return a.at > b.at; });
    if (out.evidence.size() > evidence_shown) out.evidence.resize(evidence_shown);
    out.evidence_count = sum.evidence();

    out.effect = primary.effect;
    out.cause = group.cause;
    out.alternatives = why.alternatives;
    out.confidence = why.confidence;
    out.ruled_out = why.ruled_out;
    const bool concerns_all = out.effect != Effect::Hearing || out.about.size() == snapshot.subscriptions.size();
    if (!concerns_all) out.scope = joined(out.about);
    out.from = group.from;
    out.to = group.to;
    const bool heard = out.effect == Effect::RealTime || out.effect == Effect::Hearing;
    out.state = group.goes_on() ? IncidentState::GoingOn : heard ? IncidentState::Repaired : IncidentState::Ended;
    out.times =
        static_cast<std::uint32_t>(std::count_if(group.members.begin(), group.members.end(), [&](std::size_t i) {
            return all[i].stretch.effect == primary.effect && all[i].stretch.subscription == primary.subscription;
        }));
    // What left nothing undone is told, and is no reason to act.
    const bool is_small =
        out.effect == Effect::Requests && sum.evidence() < 3 && !out.open() && out.to - out.from < 10s;
    out.severity = is_small ? std::min(info.severity, Severity::Info) : info.severity;

    std::uint64_t missed = sum.most(Seen::MissedFound);
    missed += sum.most(out.effect == Effect::Delivery ? Seen::LostBefore : Seen::MissedRecovered);
    const bool can_miss = (heard && !primary.within) || out.effect == Effect::Delivery;
    out.missed = can_miss ? missed + sum.most(Seen::NeverSeen) : 0;
    out.recovered = can_miss ? missed : 0;
    out.deleted = can_miss ? sum.most(Seen::DeletedLate) : 0;
    // What is missed is known when it is found, not while nothing is heard.
    if (out.open() && heard) {
        out.missed = out.deleted = std::nullopt;
        out.affects = concerns_all ? shown_resources(snapshot) : shown_of(snapshot, out.about);
    }

    out.id = info.id;
    out.title = info.headline;
    if (const CatalogEntry* entry = catalog_entry(info.id)) {
        out.title = entry->title;
        out.explanation = entry->explanation;
        const bool is_decided = why.alternatives.empty() && why.confidence > 0;
        out.decisive = {entry->decisive, is_decided ? Verdict::Passed : Verdict::NotRun, why.why.text};
        out.negative = {entry->negative, Verdict::NotRun, {}};
        for (const CatalogAdvice& advice : entry->advice)
            if (!advice.text.empty()) out.advice.push_back({advice.text, advice.effect, advice.remedy});
    }
    for (const std::size_t i : group.members)
        out.noticed =
            out.noticed == LocalTime{} ? all[i].stretch.noticed : std::min(out.noticed, all[i].stretch.noticed);
    const std::string effect = effect_text(out.effect, primary.within, out.about, sum.evidence(), out.open());
    out.headline = headline(out, effect);
    out.command = command_of(out.cause, snapshot, out.about);
    set_stations(out, primary, why, effect);
    add_followed(out, sum, group, all);
    add_observations(out, group, all, snapshot);
    if (snapshot.connection.observing) tell_observed(out, group, all, snapshot);
    add_resources(out, group, all); // after what is said of the criteria
    return out;
}

} // namespace fhirscope::diagnosis
