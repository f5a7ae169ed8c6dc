// Stretches of time in which something did not hold are found in the snapshots; each is judged by the causes, anew with
// whatever is seen in it; those of one cause that meet are one incident. What a cause explains is part of its incident.

#include "diagnosis/incidents.hpp"

#include "diagnosis/catalog.hpp"
#include "diagnosis/causes/judge.hpp"
#include "diagnosis/causes/table.hpp"
#include "diagnosis/facts.hpp"
#include "diagnosis/stretches.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace fhirscope::diagnosis {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds aftermath{90}; // what a stretch left behind is found by the next check

// A finding that is a cause by itself, as long as it is held, and for a while after it.
struct FromFinding {
    CauseCode cause{};
    FindingPtr finding;
    std::uint64_t number = 0;
    LocalTime noticed, ended, from; // ended: the epoch while it holds
    bool held = true;               // the finding is; of moments it is held for a while after the last
    bool settled = false;
};

CauseCode cause_of(const Finding& finding, const Facts& facts) {
    // Where others were announced, the Subscription covers deletions, and this one was lost; and one alone proves no
    // rule.
    if (finding.id == "D26" && (finding.count < 2 || facts.announces_deletions(finding.subject)))
        return CauseCode::EventsLost;
    if (finding.id == "D34" && finding.subject == "updates") return CauseCode::Rejected;
    return cause_of_finding(finding.id);
}

Effect effect_of(CauseCode cause) {
    switch (cause) {
        case CauseCode::DeletionsSilent:
        case CauseCode::LeftCriteria:
        case CauseCode::NumbersMissing:
        case CauseCode::EventsLost:
            return Effect::Delivery;
        case CauseCode::OutOfView:
        case CauseCode::PartialListing:
            return Effect::Access;
        case CauseCode::Overtaken:
        case CauseCode::Repeated:
        case CauseCode::ServerLate:
        case CauseCode::NetworkLate:
            return Effect::Order;
        case CauseCode::Storm:
        case CauseCode::SlowPipeline:
            return Effect::Load;
        case CauseCode::BadFrames:
        case CauseCode::Rejected:
        case CauseCode::Flaws:
        case CauseCode::VersionsRepeated:
        case CauseCode::NumbersWrong:
            return Effect::Data;
        case CauseCode::Drift:
        case CauseCode::ServerSetBack:
            return Effect::Agreement;
        case CauseCode::Conflict:
            return Effect::Write;
        default:
            return Effect::Setup;
    }
}

// Of what happens in moments, the newest is long ago while the finding still tells of it.
bool is_of_moments(CauseCode cause) {
    switch (cause) {
        case CauseCode::DeletionsSilent:
        case CauseCode::LeftCriteria:
        case CauseCode::NumbersMissing:
        case CauseCode::OutOfView:
        case CauseCode::Overtaken:
        case CauseCode::Repeated:
        case CauseCode::BadFrames:
        case CauseCode::BareEvents:
        case CauseCode::ServerSetBack:
            return true;
        default:
            return false;
    }
}

LocalTime newest(const Finding& finding) {
    return finding.evidence.empty() ? finding.since : finding.evidence.front().at;
}

std::string type_of_scope(const std::string& criteria) { return criteria.substr(0, criteria.find('?')); }

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i)
        text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
    return text;
}

} // namespace

struct Incidents::Book {
    Stretches stretches;
    std::vector<FromFinding> findings;
    std::map<std::uint64_t, LocalTime> decided; // by the number of a stretch: since when it has its cause
    std::map<std::uint64_t, CauseCode> causes;
    std::uint64_t next = 1;
    std::deque<IncidentPtr> settled; // nothing changes them any more

    // What was explained by which cause, for what follows it: over, and found in the last minutes.
    struct Explainer {
        CauseCode cause{};
        LocalTime from, to;
    };
    std::vector<Explainer> explainers;

    bool is_explained(CauseCode cause, LocalTime from, LocalTime until, std::chrono::seconds after = aftermath) const {
        return std::any_of(
            explainers.begin(), explainers.end(),
            [&](const Explainer& one) {
                const Cause* by = deciding(one.cause);
                return by && by->explains(cause) && from >= one.from - 5s && until <= one.to + after;
            });
    }
};

Incidents::Incidents() : book_(std::make_unique<Book>()) {}
Incidents::~Incidents() = default;
Incidents::Incidents(Incidents&&) noexcept = default;
Incidents& Incidents::operator=(Incidents&&) noexcept = default;

namespace {

struct Judged {
    CauseCode cause = CauseCode::NotKnown;
    std::vector<CauseCode> alternatives;
    Judgement why;
    int confidence = 0;
    std::vector<RuledOut> ruled_out;
};

// Whether a cause can have this effect at all.
bool can_have(CauseCode cause, Effect effect) {
    switch (cause) {
        case CauseCode::Asked:
        case CauseCode::TlsRefused:
        case CauseCode::UpgradeRefused:
        case CauseCode::Restarted:
        case CauseCode::Hanging:
        case CauseCode::HalfOpen:
        case CauseCode::SocketClosed:
        case CauseCode::NetworkLate:
            return effect == Effect::RealTime;
        case CauseCode::SubscriptionOff:
        case CauseCode::BindingEnded:
            return effect == Effect::Hearing;
        case CauseCode::EventsLost:
            return effect == Effect::Hearing || effect == Effect::Delivery;
        default:
            return effect != Effect::Delivery;
    }
}

Judged judge(const Stretch& stretch) {
    Judged judged;
    std::vector<CauseCode> possible;
    for (const Cause& cause : deciding_causes()) {
        if (!can_have(cause.code, stretch.effect)) continue;
        Judgement one = cause.judge(stretch);
        if (one.fit == Fit::Yes && judged.cause == CauseCode::NotKnown) {
            judged.cause = cause.code;
            judged.why = std::move(one);
        } else if (one.fit == Fit::Maybe) {
            possible.push_back(cause.code);
            if (judged.cause != CauseCode::NotKnown)
                judged.ruled_out.push_back({cause.code, false, "not decided: " + one.text});
        } else if (one.contradicted) {
            judged.ruled_out.push_back({cause.code, true, std::move(one.text)});
        }
    }
    if (judged.cause != CauseCode::NotKnown) {
        judged.confidence = possible.empty() ? 100 : 90;
        return judged;
    }
    if (possible.empty()) return judged;
    judged.cause = possible.front();
    judged.alternatives.assign(possible.begin() + 1, possible.end());
    judged.why = deciding(judged.cause)->judge(stretch);
    judged.confidence = possible.size() == 1 ? 70 : static_cast<int>(90 / possible.size());
    return judged;
}

struct Group {
    CauseCode cause{};
    std::vector<const Stretches::One*> members;
    std::vector<const Judged*> judged;
    LocalTime from, to; // to: the epoch while one goes on
    bool goes_on() const { return to == LocalTime{}; }
};

bool meets(const Group& group, const Stretch& stretch, LocalTime now) {
    const LocalTime group_end = group.goes_on() ? now : group.to;
    return stretch.from <= group_end + 5s && stretch.end(now) >= group.from - 5s;
}

std::string effect_text(const Group& group, Effect effect, const std::vector<std::string>& scopes, bool goes_on) {
    const auto verb = [&](bool many) { return goes_on ? (many ? " are" : " is") : (many ? " were" : " was"); };
    switch (effect) {
        case Effect::RealTime:
            return std::string("Real time") + verb(false) + " down";
        case Effect::Hearing: {
            std::vector<std::string> types;
            for (const std::string& scope : scopes) types.push_back(type_of_scope(scope));
            return joined(types) + verb(types.size() > 1) + " deaf";
        }
        case Effect::Login:
            return std::string("The login");
        default: {
            std::uint64_t count = 0;
            for (const Stretches::One* one : group.members) count += one->stretch.tally.count();
            return std::to_string(count) + (count == 1 ? " request" : " requests") + (goes_on ? " fail" : " failed");
        }
    }
}

std::string headline_of(const Group& group, Effect effect, const std::vector<std::string>& scopes) {
    const std::string_view cause = cause_info(group.cause).headline;
    if (effect == Effect::Login || (effect == Effect::RealTime && group.cause == CauseCode::Asked)) {
        std::string text(cause);
        if (!text.empty()) text[0] = static_cast<char>(text[0] >= 'a' && text[0] <= 'z' ? text[0] - 32 : text[0]);
        return text;
    }
    if (effect == Effect::Delivery) return "Changes were missed: " + std::string(cause);
    return effect_text(group, effect, scopes, group.goes_on()) + ": " + std::string(cause);
}

} // namespace

void Incidents::update(const engine::Snapshot& snapshot, const Facts& facts, const std::vector<FindingPtr>& findings) {
    Book& book = *book_;
    const LocalTime now = snapshot.at;
    book.stretches.update(snapshot, findings);

    // Each stretch has a cause, or is explained by another's.
    std::vector<Judged> judged;
    for (const Stretches::One& one : book.stretches.all()) {
        judged.push_back(
            one.cause == CauseCode::NotKnown
                ? judge(one.stretch)
                : Judged{.cause = one.cause,
                         .alternatives = {},
                         .why = yes(one.stretch.tally.evidence().empty() ? std::string()
                                                                         : one.stretch.tally.evidence().back().text),
                         .confidence = 95,
                         .ruled_out = {}});
        const CauseCode cause = judged.back().cause;
        auto [known, is_new] = book.causes.emplace(one.number, cause);
        if (is_new || known->second != cause) book.decided[one.number] = now;
        known->second = cause;
    }
    std::vector<Group> groups;
    const auto& all = book.stretches.all();
    const auto explained_by = [&](std::size_t i) {
        for (std::size_t j = 0; j < all.size(); ++j) {
            if (i == j || judged[i].cause == judged[j].cause) continue;
            const Cause* by = deciding(judged[j].cause);
            const Stretch &it = all[i].stretch, &other = all[j].stretch;
            // Of two that explain each other the one that is more comes first.
            const Cause* back = deciding(judged[i].cause);
            if (!by || !by->explains(judged[i].cause)) continue;
            if (back && back->explains(judged[j].cause) && it.effect < other.effect) continue;
            const auto after = it.effect == Effect::Delivery ? aftermath : 5s;
            if (it.from >= other.from - 5s && it.from <= other.end(now) + after) return true;
        }
        // What was missed is found by the next check; anything else that begins later has a cause of its own.
        const auto after = all[i].stretch.effect == Effect::Delivery ? aftermath : 5s;
        return book.is_explained(judged[i].cause, all[i].stretch.from, all[i].stretch.from, after);
    };
    std::vector<std::size_t> consequences;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (explained_by(i)) {
            consequences.push_back(i);
            continue;
        }
        const Stretch& stretch = all[i].stretch;
        auto group = std::find_if(groups.begin(), groups.end(),
                                  [&](const Group& g) { return g.cause == judged[i].cause && meets(g, stretch, now); });
        if (group == groups.end()) {
            groups.push_back({judged[i].cause, {}, {}, stretch.from, stretch.to});
            group = std::prev(groups.end());
        }
        group->members.push_back(&all[i]);
        group->judged.push_back(&judged[i]);
        group->from = std::min(group->from, stretch.from);
        group->to = group->goes_on() || stretch.to == LocalTime{} ? LocalTime{} : std::max(group->to, stretch.to);
    }

    going_on_.clear();
    over_.clear();
    std::vector<IncidentPtr> ended;
    std::erase_if(book.explainers, [&](const Book::Explainer& one) { return now - one.to > 3min; });
    for (const Group& group : groups) {
        // The one with the weightiest effect speaks for all.
        std::size_t first = 0;
        for (std::size_t m = 1; m < group.members.size(); ++m)
            if (group.members[m]->stretch.effect < group.members[first]->stretch.effect) first = m;
        const Stretches::One& primary = *group.members[first];
        const Judged& why = *group.judged[first];
        const CauseInfo& info = cause_info(group.cause);
        auto incident = std::make_shared<Incident>();
        Incident& out = *incident;
        out.number = UINT64_MAX;
        out.decided = LocalTime::max();
        out.noticed = LocalTime::max();
        for (const Stretches::One* one : group.members) {
            out.number = std::min(out.number, one->number);
            out.decided = std::min(out.decided, book.decided[one->number]);
            out.noticed = std::min(out.noticed, one->stretch.noticed);
            if (one->stretch.effect == Effect::Hearing && one->stretch.subscription < snapshot.subscriptions.size()) {
                const std::string& criteria = snapshot.subscriptions[one->stretch.subscription].criteria;
                if (std::find(out.about.begin(), out.about.end(), criteria) == out.about.end() && out.about.size() < 64)
                    out.about.push_back(criteria);
            }
        }
        out.effect = primary.stretch.effect;
        out.cause = group.cause;
        out.alternatives = why.alternatives;
        out.id = info.id;
        const bool all_of_them = out.effect == Effect::RealTime || out.about.size() == snapshot.subscriptions.size();
        out.scope = all_of_them || out.about.empty() ? std::string() : joined(out.about);
        out.severity = info.severity;
        out.from = group.from;
        out.to = group.to;
        out.state = group.goes_on()                                                   ? IncidentState::GoingOn
                    : out.effect == Effect::RealTime || out.effect == Effect::Hearing ? IncidentState::Repaired
                                                                                      : IncidentState::Ended;
        out.times =
            static_cast<std::uint32_t>(std::count_if(group.members.begin(), group.members.end(), [&](const auto* one) {
                return one->stretch.effect == out.effect && one->stretch.subscription == primary.stretch.subscription;
            }));
        // What left nothing undone is told, and is no reason to act.
        const bool short_of_effect = out.effect == Effect::Requests && group.members.size() == 1 &&
                                     primary.stretch.tally.count() < 3 &&
                                     primary.stretch.end(now) - primary.stretch.from < 10s;
        if (short_of_effect && out.severity == Severity::Attention) out.severity = Severity::Info;
        out.title = info.headline;
        out.headline = headline_of(group, out.effect, out.about);
        out.confidence = why.confidence;
        out.ruled_out = why.ruled_out;
        for (const Stretches::One* one : group.members) {
            out.evidence_count += one->stretch.tally.count();
            for (const Evidence& evidence : one->stretch.tally.evidence()) out.evidence.push_back(evidence);
        }
        std::uint64_t missed = 0, recovered = 0, never_seen = 0, deleted = 0;
        for (const Stretches::One* one : group.members) {
            const Tally& seen = one->stretch.tally;
            missed = std::max(missed, seen.count(Seen::MissedRecovered) + seen.count(Seen::MissedFound));
            never_seen = std::max(never_seen, seen.count(Seen::NeverSeen));
            deleted = std::max(deleted, seen.count(Seen::DeletedLate));
        }
        recovered = missed;
        if (out.effect == Effect::RealTime || out.effect == Effect::Hearing || out.effect == Effect::Delivery) {
            out.missed = missed + never_seen;
            out.recovered = recovered;
            out.deleted = deleted;
        } else {
            out.missed = out.recovered = out.deleted = 0;
        }
        std::stable_sort(out.evidence.begin(), out.evidence.end(),
                         [](const Evidence& a, const Evidence& b) { return a.at > b.at; });
        if (out.evidence.size() > 16) out.evidence.resize(16);
        if (const CatalogEntry* entry = catalog_entry(info.id)) {
            out.title = entry->title;
            out.explanation = entry->explanation;
            out.decisive = {entry->decisive, Verdict::Passed, why.why.text};
            out.negative = {entry->negative, Verdict::NotRun, {}};
            for (const CatalogAdvice& advice : entry->advice)
                if (!advice.text.empty()) out.advice.push_back({advice.text, advice.effect, advice.remedy});
        }
        if (out.open()) {
            going_on_.push_back(std::move(incident));
            continue;
        }
        const bool is_settled = std::all_of(group.members.begin(), group.members.end(),
                                            [&](const auto* one) { return book.stretches.is_cold(*one, now); });
        if (is_settled) {
            book.explainers.push_back({out.cause, out.from, out.to});
            book.settled.push_front(std::move(incident));
            ++over_count_;
            if (book.settled.size() > over_kept) book.settled.pop_back();
            for (const auto* one : group.members) book.causes.erase(one->number), book.decided.erase(one->number);
        } else {
            ended.push_back(std::move(incident));
        }
    }
    for (std::size_t i : consequences)
        if (book.stretches.is_cold(all[i], now)) book.causes.erase(all[i].number), book.decided.erase(all[i].number);

    // Findings that are causes by themselves, but for what another cause explains.
    std::vector<Book::Explainer> lasting;
    for (const Group& group : groups) lasting.push_back({group.cause, group.from, group.goes_on() ? now : group.to});
    const auto is_consequence = [&](CauseCode cause, LocalTime from, LocalTime until) {
        if (book.is_explained(cause, from, until)) return true;
        return std::any_of(lasting.begin(), lasting.end(), [&](const Book::Explainer& one) {
            const Cause* by = deciding(one.cause);
            return by && by->explains(cause) && from >= one.from - 5s && until <= one.to + aftermath;
        });
    };
    const auto ends_a_binding = [&](LocalTime at) {
        const auto near = [&](const Book::Explainer& one) {
            const bool ends = one.cause == CauseCode::BindingEnded || one.cause == CauseCode::LoginEnded ||
                              one.cause == CauseCode::LoginRenewed || one.cause == CauseCode::SubscriptionGone ||
                              one.cause == CauseCode::BindIgnored;
            return ends && at >= one.from - 15s && at <= one.to + 15s;
        };
        return std::any_of(lasting.begin(), lasting.end(), near) ||
               std::any_of(book.explainers.begin(), book.explainers.end(), near);
    };
    for (FromFinding& one : book.findings) one.held = false;
    for (const FindingPtr& finding : findings) {
        const CauseCode cause = cause_of(*finding, facts);
        if (cause == CauseCode::NotKnown) continue;
        auto one = std::find_if(book.findings.begin(), book.findings.end(), [&](const FromFinding& known) {
            return !known.held && known.finding->id == finding->id && known.finding->subject == finding->subject &&
                   (known.ended == LocalTime{} || newest(*finding) <= known.ended ||
                    (!known.settled && finding->since <= known.ended + 5s));
        });
        if (one == book.findings.end()) {
            if (is_consequence(cause, finding->since, newest(*finding))) continue;
            // What ended a binding or a login is told on the socket, too.
            if (finding->id == "D34" && finding->subject == "errors" && ends_a_binding(newest(*finding))) continue;
            book.findings.push_back({cause, finding, book.stretches.take_number(), now, {}, finding->since});
            one = std::prev(book.findings.end());
        }
        one->held = true;
        if (one->settled) continue;
        one->cause = cause;
        one->finding = finding;
        one->from = std::min(one->from, finding->since);
        one->ended = is_of_moments(cause) && now - newest(*finding) > 15s ? newest(*finding) : LocalTime{};
    }
    for (FromFinding& one : book.findings)
        if (!one.held && one.ended == LocalTime{}) one.ended = is_of_moments(one.cause) ? newest(*one.finding) : now;
    for (FromFinding& one : book.findings) {
        if (one.settled) continue;
        const Finding& finding = *one.finding;
        auto incident = std::make_shared<Incident>();
        Incident& out = *incident;
        out.number = one.number;
        out.effect = effect_of(one.cause);
        out.cause = one.cause;
        out.id = cause_info(one.cause).id;
        out.scope = finding.subject;
        out.severity = finding.severity;
        out.state = one.ended == LocalTime{} ? IncidentState::GoingOn : IncidentState::Ended;
        if (one.cause == CauseCode::Drift && finding.severity == Severity::Info)
            out.state = IncidentState::Repaired, out.to = newest(finding);
        out.headline = out.title = finding.title;
        if (one.cause == CauseCode::EventsLost)
            out.headline = "Deletions were missed: " + std::string(cause_info(one.cause).headline);
        out.explanation = finding.explanation;
        out.from = one.from;
        if (one.ended != LocalTime{}) out.to = std::max(one.ended, one.from);
        out.noticed = out.decided = one.noticed;
        out.confidence = finding.confidence;
        out.affects = finding.affects;
        out.evidence = finding.evidence;
        out.evidence_count = finding.count;
        out.decisive = finding.decisive;
        out.negative = finding.negative;
        out.advice = finding.advice;
        out.missed = out.recovered = out.deleted = 0;
        if (out.open())
            going_on_.push_back(std::move(incident));
        else if (now - out.to > 60s) {
            one.settled = true;
            book.settled.push_front(std::move(incident));
            ++over_count_;
            if (book.settled.size() > over_kept) book.settled.pop_back();
        } else
            ended.push_back(std::move(incident));
    }
    std::erase_if(book.findings, [](const FromFinding& one) { return one.settled && !one.held; });
    book.stretches.forget_cold(now);

    std::stable_sort(going_on_.begin(), going_on_.end(), [](const IncidentPtr& a, const IncidentPtr& b) {
        return a->severity != b->severity ? a->severity > b->severity : a->from > b->from;
    });
    over_.assign(ended.begin(), ended.end());
    over_.insert(over_.end(), book.settled.begin(), book.settled.end());
    std::stable_sort(over_.begin(), over_.end(),
                     [](const IncidentPtr& a, const IncidentPtr& b) { return a->to > b->to; });
}

IncidentPtr Incidents::find(std::uint64_t number) const {
    for (const IncidentPtr& one : going_on_)
        if (one->number == number) return one;
    for (const IncidentPtr& one : over_)
        if (one->number == number) return one;
    return nullptr;
}

IncidentPtr Incidents::worst() const {
    return going_on_.empty() || going_on_.front()->severity == Severity::Info ? nullptr : going_on_.front();
}

} // namespace fhirscope::diagnosis
