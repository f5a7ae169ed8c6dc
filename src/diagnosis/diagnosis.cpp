#include "diagnosis/diagnosis.hpp"

#include "diagnosis/rules.hpp"

#include <algorithm>
#include <atomic>

namespace fhirscope::diagnosis {
namespace {

// Of all diagnoses, so that none has a number that another had: only a token to compare by.
std::atomic<std::uint64_t> revisions{0};

bool follows(const engine::Snapshot& next, const engine::Snapshot& last) {
    return next.at >= last.at && next.inputs >= last.inputs && next.updates.end() >= last.updates.end() &&
           next.frames.end() >= last.frames.end() && next.events.end() >= last.events.end() &&
           next.metrics.started == last.metrics.started;
}

bool same(const Finding& a, const Finding& b) { return a.id == b.id && a.subject == b.subject; }

} // namespace

std::string_view to_string(Link::Kind kind) {
    switch (kind) {
        case Link::Kind::None:
            return "none";
        case Link::Kind::Update:
            return "update";
        case Link::Kind::Frame:
            return "frame";
        case Link::Kind::Event:
            return "event";
        case Link::Kind::Subscription:
            return "subscription";
        case Link::Kind::Resource:
            return "resource";
        case Link::Kind::Connection:
            return "connection";
        case Link::Kind::Conflict:
            return "conflict";
    }
    return "?";
}

std::string_view to_string(Verdict verdict) {
    switch (verdict) {
        case Verdict::NotRun:
            return "not run";
        case Verdict::Passed:
            return "passed";
        case Verdict::Failed:
            return "failed";
        case Verdict::NotNeeded:
            return "not needed";
    }
    return "?";
}

std::size_t Diagnosis::count(Severity severity) const {
    return static_cast<std::size_t>(std::count_if(
        open_.begin(), open_.end(), [&](const FindingPtr& finding) { return finding->severity == severity; }));
}

const Finding* Diagnosis::worst() const {
    return open_.empty() || open_.front()->severity == Severity::Info ? nullptr : open_.front().get();
}

// A new one begins with its evidence, but for that of an earlier one that has closed.
LocalTime Diagnosis::beginning(const Finding& finding, LocalTime now) const {
    const auto earlier =
        std::find_if(closed_.begin(), closed_.end(), [&](const auto& closed) { return same(*closed, finding); });
    if (finding.since == LocalTime{} || finding.since > now) return now;
    if (earlier == closed_.end() || finding.since > (*earlier)->closed) return finding.since;
    LocalTime first = now;
    for (const Evidence& evidence : finding.evidence)
        if (evidence.at > (*earlier)->closed) first = std::min(first, evidence.at);
    return first;
}

void Diagnosis::close(Finding finding, LocalTime at) {
    finding.closed = at;
    closed_.push_front(std::make_shared<const Finding>(std::move(finding)));
    ++closed_count_;
    if (closed_.size() > closed_kept) closed_.pop_back();
}

void Diagnosis::update(const engine::SnapshotPtr& snapshot) {
    if (snapshot == last_) return;
    if (last_ && !follows(*snapshot, *last_)) *this = {};
    const LocalTime looked = last_ ? last_->at : LocalTime{};
    last_ = snapshot;
    facts_.update(snapshot);
    Report report;
    const Scene scene{*snapshot, facts_, snapshot->at, looked};
    for (const Rule rule : all_rules()) rule(scene, report);

    std::vector<FindingPtr> held;
    for (Finding& finding : report.findings()) {
        // Two signs of one thing make one finding.
        const auto twin = std::find_if(held.begin(), held.end(), [&](const auto& h) { return same(*h, finding); });
        if (twin != held.end()) continue;
        const auto before = std::find_if(open_.begin(), open_.end(), [&](const auto& o) { return same(*o, finding); });
        if (!finding.open()) {
            if (before != open_.end()) continue; // it closes below
            finding.since = beginning(finding, finding.closed);
            close(finding, finding.closed);
            continue;
        }
        if (before != open_.end())
            finding.since = (*before)->since;
        else
            finding.since = beginning(finding, snapshot->at);
        held.push_back(std::make_shared<const Finding>(std::move(finding)));
    }
    for (const FindingPtr& before : open_) {
        if (std::any_of(held.begin(), held.end(), [&](const auto& h) { return same(*h, *before); })) continue;
        close(*before, snapshot->at);
    }
    std::stable_sort(held.begin(), held.end(), [](const FindingPtr& a, const FindingPtr& b) {
        return a->severity != b->severity ? a->severity > b->severity : a->since > b->since;
    });
    open_ = std::move(held);
    incidents_.update(*snapshot, facts_, open_);
    revision_ = ++revisions;
}

} // namespace fhirscope::diagnosis
