#include "diagnosis/diagnosis.hpp"

#include "diagnosis/rules.hpp"

#include <algorithm>

namespace fhirscope::diagnosis {
namespace {

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

void Diagnosis::update(const engine::SnapshotPtr& snapshot) {
    if (snapshot == last_) return;
    if (last_ && !follows(*snapshot, *last_)) {
        const std::uint64_t revision = revision_;
        *this = {};
        revision_ = revision;
    }
    last_ = snapshot;
    facts_.update(snapshot);
    Report report;
    const Scene scene{*snapshot, facts_, snapshot->at};
    for (const Rule rule : all_rules()) rule(scene, report);

    std::vector<FindingPtr> held;
    for (Finding& finding : report.findings()) {
        // Two signs of one thing make one finding.
        const auto twin = std::find_if(held.begin(), held.end(), [&](const auto& h) { return same(*h, finding); });
        if (twin != held.end()) continue;
        const auto before = std::find_if(open_.begin(), open_.end(), [&](const auto& o) { return same(*o, finding); });
        if (before != open_.end())
            finding.since = (*before)->since;
        else if (finding.since == LocalTime{} || finding.since > snapshot->at)
            finding.since = snapshot->at;
        held.push_back(std::make_shared<const Finding>(std::move(finding)));
    }
    for (const FindingPtr& before : open_) {
        if (std::any_of(held.begin(), held.end(), [&](const auto& h) { return same(*h, *before); })) continue;
        auto closed = std::make_shared<Finding>(*before);
        closed->closed = snapshot->at;
        closed_.push_front(std::move(closed));
        ++closed_count_;
        if (closed_.size() > closed_kept) closed_.pop_back();
    }
    std::stable_sort(held.begin(), held.end(), [](const FindingPtr& a, const FindingPtr& b) {
        return a->severity != b->severity ? a->severity > b->severity : a->since > b->since;
    });
    open_ = std::move(held);
    ++revision_;
}

} // namespace fhirscope::diagnosis
