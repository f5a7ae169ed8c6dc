#include "diagnosis/own_causes.hpp"

#include "diagnosis/causes/table.hpp"
#include "diagnosis/compose_observed.hpp"
#include "diagnosis/mutation.hpp"
#include "diagnosis/observed_words.hpp"
#include "diagnosis/rules.hpp"

#include <algorithm>

namespace fhirscope::diagnosis {
namespace {

using namespace std::chrono_literals;

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

// What was missed is found by the next check; what is hidden is found by the answer that hides it.
std::chrono::seconds tail_of(CauseCode cause) { return cause == CauseCode::OutOfView ? 15s : aftermath; }

// What is shown is not old for it.
bool leaves_current(CauseCode cause) {
    switch (cause) {
        case CauseCode::Overtaken:
        case CauseCode::Repeated:
        case CauseCode::ClockSkew:
        case CauseCode::Flaws:
        case CauseCode::BareEvents:
        case CauseCode::Foreign:
        case CauseCode::DuplicateCriteria:
            return true;
        default:
            return false;
    }
}

LocalTime newest(const Finding& finding) {
    return finding.evidence.empty() ? finding.since : finding.evidence.front().at;
}

// What ended a binding or a login is told on the socket, too.
bool is_told_by_an_error(const Finding& finding, std::span<const Explainer> others) {
    if (finding.id != "D34" || finding.subject != "errors") return false;
    return std::any_of(others.begin(), others.end(), [&](const Explainer& one) {
        const bool ends = one.cause == CauseCode::BindingEnded || one.cause == CauseCode::LoginEnded ||
                          one.cause == CauseCode::LoginRenewed || one.cause == CauseCode::LoginRevoked ||
                          one.cause == CauseCode::SubscriptionGone || one.cause == CauseCode::BindIgnored;
        return ends && newest(finding) >= one.from - 15s && newest(finding) <= one.to + 15s;
    });
}

} // namespace

// Whether something that it names was not shown to the other client since.
bool OwnCauses::waits(const Finding& finding) const {
    if (!untold_) return false;
    return std::any_of(finding.evidence.begin(), finding.evidence.end(), [&](const Evidence& evidence) {
        const auto at = std::lower_bound(
            untold_->begin(), untold_->end(), evidence.link.reference,
            [](const engine::Untold& told, const std::string& reference) { return told.reference < reference; });
        return at != untold_->end() && at->reference == evidence.link.reference;
    });
}

// The epoch: not yet. Of another client what happens in moments is over at once, but for what it still is not shown.
LocalTime OwnCauses::end_of(const One& one, LocalTime now) const {
    const bool late = one.cause == CauseCode::NetworkLate || one.cause == CauseCode::ServerLate;
    if (!observing_)
        return is_of_moments(one.cause) && now - newest(*one.finding) > 15s ? newest(*one.finding) : LocalTime{};
    if (one.waited) return waits(*one.finding) ? LocalTime{} : now;
    return is_of_moments(one.cause) || late ? newest(*one.finding) : LocalTime{};
}

void OwnCauses::update(const engine::Snapshot& snapshot, const Facts& facts, const std::vector<FindingPtr>& findings,
                       std::span<const Explainer> others, const std::function<std::uint64_t()>& take_number) {
    const LocalTime now = looked_ = snapshot.at;
    observing_ = snapshot.connection.observing;
    untold_ = snapshot.untold;
    const auto is_explained = [&](const Finding& finding, CauseCode cause) {
        return !mutated(Mutation::ReportConsequences) &&
               std::any_of(others.begin(), others.end(), [&](const Explainer& other) {
                   return other.explains(cause, finding.since, newest(finding), tail_of(cause));
               });
    };
    // What explains it may show itself only after it.
    std::erase_if(all_, [&](const One& one) { return !one.settled && is_explained(*one.finding, one.cause); });
    for (One& one : all_) one.held = false;
    for (const FindingPtr& finding : findings) {
        const CauseCode cause = cause_of(*finding, facts);
        if (cause == CauseCode::NotKnown) continue;
        if (observing_ && cause == CauseCode::NumbersMissing) continue; // a stretch tells it
        auto one = std::find_if(all_.begin(), all_.end(), [&](const One& known) {
            return !known.held && known.finding->id == finding->id && known.finding->subject == finding->subject &&
                   (known.ended == LocalTime{} || newest(*finding) <= known.ended ||
                    (!known.settled && finding->since <= known.ended + 5s));
        });
        if (one == all_.end()) {
            if (is_explained(*finding, cause) || is_told_by_an_error(*finding, others)) continue;
            all_.push_back({cause, finding, take_number(), now, finding->since, {}});
            one = std::prev(all_.end());
        }
        one->held = true;
        if (one->settled) continue;
        one->cause = cause;
        one->finding = finding;
        one->from = std::min(one->from, finding->since);
        one->waited |= cause == CauseCode::LeftCriteria && waits(*finding);
        one->ended = one->waited && one->ended != LocalTime{} ? one->ended : end_of(*one, now);
    }
    for (One& one : all_) {
        if (one.held || one.ended != LocalTime{}) continue;
        one.ended = one.waited ? end_of(one, now) : is_of_moments(one.cause) ? newest(*one.finding) : now;
    }
    std::erase_if(all_, [](const One& one) { return one.settled && !one.held; });
}

Incident OwnCauses::incident_of(const One& one) const {
    const Finding& finding = *one.finding;
    const bool is_repaired = one.cause == CauseCode::Drift && finding.severity == Severity::Info;
    Incident out;
    out.number = one.number;
    out.effect = effect_of(one.cause);
    out.cause = one.cause;
    out.id = cause_info(one.cause).id;
    out.scope = finding.subject;
    out.severity = finding.severity;
    out.state = is_repaired                ? IncidentState::Repaired
                : one.ended == LocalTime{} ? IncidentState::GoingOn
                                           : IncidentState::Ended;
    out.headline = out.title = finding.title;
    if (one.cause == CauseCode::EventsLost)
        out.headline = "Deletions were missed: " + std::string(cause_info(one.cause).headline);
    out.explanation = finding.explanation;
    out.from = one.from;
    if (!out.open()) out.to = std::max(one.ended == LocalTime{} ? newest(finding) : one.ended, one.from);
    out.noticed = out.decided = one.noticed;
    out.confidence = finding.confidence;
    out.affects = leaves_current(one.cause) ? 0 : finding.affects;
    out.evidence = finding.evidence;
    out.evidence_count = finding.count;
    for (const Evidence& evidence : finding.evidence)
        if (evidence.link.kind == Link::Kind::Resource &&
            std::find(out.about.begin(), out.about.end(), evidence.link.reference) == out.about.end())
            out.about.push_back(evidence.link.reference);
    out.decisive = finding.decisive;
    out.negative = finding.negative;
    out.advice = finding.advice;
    out.missed = out.recovered = out.deleted = 0;
    out.cause_station = {one.from, one.from, std::string(finding.title), finding.decisive.answer, {}};
    out.effect_station = {one.from, out.to, std::string(finding.title), {}, {}};
    out.noticed_station = {one.noticed, one.noticed, "by what came", {}, {}};
    if (!out.open()) out.repaired_station = {out.to, out.to, is_repaired ? "read again" : "not seen since", {}, {}};
    if (!observing_) return out;
    say_as_observed(out);
    if (one.cause == CauseCode::LeftCriteria && !out.evidence.empty()) {
        out.headline = out.evidence_count == 1
                           ? out.evidence.front().link.reference + " left the criteria"
                           : count_text(out.evidence_count, "resource", "resources") + " left the criteria";
        if (one.waited) out.headline += out.open() ? ", and the client was not shown it" : ", and was shown later";
        if (one.waited && !out.open()) out.state = IncidentState::Repaired;
    }
    if (out.open()) leave_open_ended(out, looked_);
    return out;
}

std::vector<IncidentPtr> OwnCauses::incidents() const {
    std::vector<IncidentPtr> found;
    for (const One& one : all_)
        if (!one.settled) found.push_back(std::make_shared<const Incident>(incident_of(one)));
    return found;
}

std::vector<IncidentPtr> OwnCauses::take_settled(LocalTime now) {
    std::vector<IncidentPtr> settled;
    for (One& one : all_) {
        if (one.settled || one.ended == LocalTime{} || now - std::max(one.ended, one.from) <= 60s) continue;
        one.settled = true;
        settled.push_back(std::make_shared<const Incident>(incident_of(one)));
    }
    return settled;
}

} // namespace fhirscope::diagnosis
