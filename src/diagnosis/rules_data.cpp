// Rules about single resources and frames.

#include "diagnosis/rules.hpp"
#include "words/words.hpp"

#include <algorithm>

namespace fhirscope::diagnosis {
namespace {

using engine::VerifyView;
using namespace std::chrono_literals;

constexpr std::size_t conflicts_looked_at = 256;

void recent(const Scene& scene, Report& report, std::string_view id, std::string_view subject, Sign sign,
            std::string_view title, int confidence) {
    for (const auto& [about, trace] : scene.facts.all(sign)) {
        if (scene.now - trace->last > 5min) continue;
        Finding& finding = report.hold(id, subject.empty() ? about : subject);
        if (!title.empty()) finding.title = title;
        use(finding, *trace);
        finding.affects = trace->count;
        finding.confidence = confidence;
        passed(finding.decisive, trace->evidence.front().text);
        failed(finding.negative, "not that is known");
    }
}

// Those of the last minutes after which nothing better came.
void rejections(const Scene& scene, Report& report) {
    Finding* finding = nullptr;
    for (const auto& [reference, last] : scene.facts.rejected()) {
        if (!scene.s.rejections.contains(last.number)) continue;
        if (!finding) {
            finding = &report.hold("D34", "updates");
            finding->title = "An update was rejected";
            finding->since = last.at;
            finding->affects = 0;
        }
        finding->since = std::min(finding->since, last.at);
        ++finding->affects;
        const engine::Rejection& rejection = scene.s.rejections[last.number];
        const std::string what = reference.empty() ? "a resource" : reference;
        add_evidence(*finding, {last.at,
                                what + ": " + rejection.stage + ": " + words::text(rejection.reason),
                                {Link::Kind::Update, rejection.update, reference}});
    }
    if (!finding) return;
    finding->count = finding->affects;
    finding->confidence = 100;
    passed(finding->decisive, finding->evidence.front().text);
    failed(finding->negative, "not of these");
}

void flaws(const Scene& scene, Report& report) {
    Finding* finding = nullptr;
    for (const engine::Flaw& flaw : scene.s.flaws) {
        if (!finding || finding->subject != flaw.type) { // they are in the order of their types
            finding = &report.hold("D50", flaw.type);
            finding->since = flaw.since;
            finding->confidence = 100;
            passed(finding->decisive, flaw.reference + ": " + flaw.message);
            failed(finding->negative, "not in this session");
        }
        finding->since = std::min(finding->since, flaw.since);
        finding->affects = std::max(finding->affects, flaw.count);
        add_evidence(*finding,
                     {flaw.since,
                      flaw.reference + ": " + flaw.message + " (" + count_text(flaw.count, "update", "updates") + ")",
                      {Link::Kind::Resource, 0, flaw.reference}});
    }
}

void repeated_versions(const Scene& scene, Report& report) {
    for (const auto& [type, repeats] : scene.s.repeated_versions) {
        Finding& finding = report.hold("D51", type);
        finding.since = repeats.since;
        add_evidence(finding, {repeats.last,
                               repeats.reference + ": one versionId, another content",
                               {Link::Kind::Resource, 0, repeats.reference}});
        finding.count = finding.affects = repeats.count;
        finding.confidence = 100;
        passed(finding.decisive, count_text(repeats.count, "time", "times"));
        failed(finding.negative, "it did not");
    }
}

// It affects resources, however often each was asked for.
void out_of_view(const Scene& scene, Report& report) {
    recent(scene, report, "D12", "", Sign::Hidden, "", 80);
    for (Finding& finding : report.findings())
        if (finding.id == "D12" && scene.facts.standings().out_of_view() > 0)
            finding.affects = scene.facts.standings().out_of_view();
}

void drift(const Scene& scene, Report& report) {
    const VerifyView& verify = scene.s.verify;
    // What cannot be used is told by D34.
    if (verify.state != VerifyView::State::Different || verify.difference_count == verify.unusable) return;
    const bool repaired = verify.repaired != LocalTime{};
    if (repaired && scene.now - verify.repaired > 5min) return;
    Finding& finding = report.hold("D32", "");
    finding.since = verify.at;
    for (std::size_t i = 0; i < std::min(verify.differences.size(), Finding::evidence_kept); ++i) {
        const engine::Fact& difference = verify.differences[i];
        add_evidence(
            finding,
            {verify.at, words::text(difference), {Link::Kind::Resource, 0, difference.about}, difference.code});
    }
    finding.count = finding.affects = verify.difference_count;
    finding.confidence = 100;
    passed(finding.decisive,
           count_text(verify.difference_count, "differs", "differ") + " of " + std::to_string(verify.compared));
    failed(finding.negative, "none was made since");
    if (!repaired) return;
    finding.severity = Severity::Info;
    finding.title = "The local copy differed, and was repaired";
    finding.explanation =
        "A comparison found other versions on the server. They were read again, and are what is shown now.";
    add_evidence(finding, {verify.repaired,
                           count_text(verify.difference_count, "resource", "resources") + " read again",
                           {Link::Kind::Connection}});
    finding.count = verify.difference_count;
}

void conflicts(const Scene& scene, Report& report) {
    if (scene.s.open_conflicts == 0) return;
    Finding* finding = nullptr;
    const auto& all = scene.s.conflicts;
    for (std::size_t n = 0; n < std::min(all.size(), conflicts_looked_at); ++n) {
        const engine::Conflict& conflict = *all[all.size() - 1 - n];
        if (!conflict.open()) continue;
        if (!finding) finding = &report.hold("D33", "");
        finding->since = conflict.at; // the last one looked at is the oldest
        add_evidence(*finding, {conflict.at,
                                conflict.reference + ": " + std::string(to_string(conflict.kind)),
                                {Link::Kind::Conflict, conflict.number, conflict.reference}});
    }
    if (!finding) return;
    finding->count = finding->affects = scene.s.open_conflicts;
    finding->confidence = 100;
    passed(finding->decisive, finding->evidence.front().text);
    failed(finding->negative, count_text(scene.s.open_conflicts, "waits", "wait") + " for a decision");
}

void orphans(const Scene& scene, Report& report) {
    for (const auto& [about, trace] : scene.facts.all(Sign::Foreign)) {
        if (scene.now - trace->last > 2min) continue;
        Finding& finding = report.hold("D36", about);
        use(finding, *trace);
        finding.confidence = 90;
        passed(finding.decisive, trace->evidence.front().text);
        failed(finding.negative, "it is none of ours");
    }
    // A successor that is about to take over is named for a moment.
    for (const auto& [id, seen] : scene.facts.foreign()) {
        if (seen.last - seen.first < 5s || scene.now - seen.last > 1min || scene.s.connection.observing) continue;
        Finding& finding = report.hold("D36", "Subscription/" + id);
        finding.since = seen.first;
        add_evidence(finding, {seen.last, "a heartbeat names Subscription/" + id, {Link::Kind::Frame, seen.frame}});
        finding.confidence = 95;
        passed(finding.decisive, "for " + seconds_text(seen.last - seen.first));
        failed(finding.negative, "it did not become one of ours");
    }
}

} // namespace

void rule_data(const Scene& scene, Report& report) {
    out_of_view(scene, report);
    drift(scene, report);
    conflicts(scene, report);
    recent(scene, report, "D34", "frames", Sign::BadFrame, "A frame cannot be read", 100);
    recent(scene, report, "D34", "unknown frames", Sign::UnknownFrame, "A frame is of no known kind", 100);
    recent(scene, report, "D34", "errors", Sign::SocketError, "The server sent an error on the socket", 100);
    rejections(scene, report);
    flaws(scene, report);
    repeated_versions(scene, report);
    orphans(scene, report);
}

} // namespace fhirscope::diagnosis
