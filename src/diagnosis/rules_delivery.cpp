// Rules about what the socket brought, and what it did not.

#include "diagnosis/rules.hpp"
#include "words/words.hpp"

#include <algorithm>
#include <iterator>

namespace fhirscope::diagnosis {
namespace {

using namespace std::chrono_literals;

// One that holds for a while after its last sign; `window`: then nothing supports it any more.
Finding* lately(const Scene& scene, Report& report, std::string_view id, std::string_view subject, const Trace& trace,
                std::chrono::microseconds window) {
    if (scene.now - trace.last > window) return nullptr;
    Finding& finding = report.hold(id, subject);
    use(finding, trace);
    finding.affects = trace.count;
    finding.confidence = 100;
    passed(finding.decisive, trace.evidence.front().text);
    failed(finding.negative, "no");
    return &finding;
}

const engine::SubscriptionView* by_criteria(const Scene& scene, std::string_view criteria) {
    for (const engine::SubscriptionView& subscription : scene.s.subscriptions)
        if (subscription.criteria == criteria) return &subscription;
    return nullptr;
}

void numbered_gaps(const Scene& scene, Report& report) {
    for (const auto& [subject, trace] : scene.facts.all(Sign::NumberGap)) {
        const Trace* filled = scene.facts.find(Sign::GapFilled, subject);
        if (filled && filled->last >= trace->last) continue;
        // A search took the place of $events: over when the subscription has settled after it.
        const engine::SubscriptionView* subscription = by_criteria(scene, subject);
        if (subscription && is_live(*subscription) && subscription->since > trace->last) continue;
        if (Finding* finding = lately(scene, report, "D14", subject, *trace, 5min))
            failed(finding->negative, "not yet");
    }
    for (const auto& [subject, trace] : scene.facts.all(Sign::NumbersWrong)) {
        const engine::SubscriptionView* subscription = by_criteria(scene, subject);
        if (subscription && subscription->created > trace->last) continue; // that is another one's
        Finding& finding = report.hold("D52", subject);
        use(finding, *trace);
        finding.confidence = 100;
        passed(finding.decisive, trace->evidence.front().text);
        failed(finding.negative, "not since");
    }
    for (const auto& [subject, trace] : scene.facts.all(Sign::NumbersAnew))
        if (Finding* finding = lately(scene, report, "D17", subject, *trace, 5min)) {
            finding->title = "The server counts its events anew";
            finding->confidence = 90;
        }
}

// A search after an outage is expected to find something; a check of a live subscription is not.
void missed(const Scene& scene, Report& report) {
    std::vector<std::string> subjects;
    for (const Sign sign : {Sign::MissedFound, Sign::Deaf, Sign::NeverSeen, Sign::MissedRecovered})
        for (const auto& [subject, trace] : scene.facts.all(sign)) {
            if (scene.now - trace->last > 5min) continue;
            const auto known = std::find(subjects.begin(), subjects.end(), subject);
            if (known != subjects.end()) {
                auto& held = report.findings();
                const auto finding = std::find_if(held.begin(), held.end(), [&subject = subject](const Finding& f) {
                    return f.id == "D15" && f.subject == subject;
                });
                use(*finding, *trace);
                finding->affects += trace->count;
                continue;
            }
            subjects.emplace_back(subject);
            Finding* finding = lately(scene, report, "D15", subject, *trace, 5min);
            failed(finding->negative, "it did not, within the grace");
            if (sign == Sign::NeverSeen) {
                finding->title = "Intermediate versions were never received";
                finding->explanation =
                    "In a gap resources changed more than once. The newest versions are shown; those "
                    "between are in the server's history only, and no client has seen them.";
            } else if (sign == Sign::MissedRecovered) {
                finding->severity = Severity::Info;
                finding->title = "A gap was closed by a catch-up search";
                finding->explanation =
                    "While the connection was away changes were made that the socket could not "
                    "bring. The catch-up search found them, and they are shown now.";
            }
        }
}

// A stretch in which a subscription was deaf though the connection lived: over, caught up with, and its cause is known.
void silences(const Scene& scene, Report& report) {
    for (std::size_t i = 0; i < scene.s.subscriptions.size(); ++i) {
        const engine::SubscriptionView& subscription = scene.s.subscriptions[i];
        for (const engine::Silence& silence : subscription.silences) {
            const bool lived = phase_at(scene.s.connection, silence.from) == engine::Phase::Live;
            if (!lived || scene.now - silence.to > 5min || scene.s.connection.observing) continue;
            auto& held = report.findings();
            auto finding = std::find_if(held.begin(), held.end(), [&](const Finding& f) {
                return f.id == "D15" && f.subject == subscription.criteria;
            });
            if (finding == held.end()) {
                report.hold("D15", subscription.criteria);
                finding = std::prev(held.end());
                finding->confidence = 100;
                finding->count = 1;
                failed(finding->negative, "nobody can tell what it would have brought");
            }
            finding->since = finding->since == LocalTime{} ? silence.from : std::min(finding->since, silence.from);
            finding->severity = Severity::Info;
            finding->title = "A deaf stretch was caught up with";
            finding->explanation =
                "The connection lived, and this subscription heard nothing for a while. What changed meanwhile was "
                "found by a search and is shown now.";
            const std::string what = "it heard nothing for up to " + seconds_text(silence.to - silence.from) + ": " +
                                     words::text(silence.why);
            add_evidence(*finding, {silence.to, what, {Link::Kind::Subscription, i}});
            passed(finding->decisive, what);
        }
    }
}

} // namespace

void rule_delivery(const Scene& scene, Report& report) {
    numbered_gaps(scene, report);
    missed(scene, report);
    silences(scene, report);
    for (const auto& [subject, trace] : scene.facts.all(Sign::OutOfOrder))
        if (Finding* finding = lately(scene, report, "D16", subject, *trace, 1min))
            failed(finding->negative, scene.facts.find(Sign::ClockSetBack, "") ? "it was, earlier" : "it was not");
    for (const auto& [subject, trace] : scene.facts.all(Sign::LocalNewer)) {
        const engine::VerifyView& verify = scene.s.verify;
        if (verify.state == engine::VerifyView::State::Equal && verify.at > trace->last) continue;
        lately(scene, report, "D17", subject, *trace, 10min);
    }
    if (const Trace* set_back = scene.facts.find(Sign::ClockSetBack, ""))
        if (Finding* finding = lately(scene, report, "D17", "clock", *set_back, 5min)) {
            finding->title = "The server's clock was set back";
            finding->affects = 0;
            finding->explanation =
                "What the server stamps now is older than what it stamped before, so searches by "
                "time would pass over it. Those since then are searched for again.";
        }
    for (const auto& [subject, trace] : scene.facts.all(Sign::Duplicate))
        lately(scene, report, "D18", subject, *trace, 1min);
    for (const auto& [subject, trace] : scene.facts.all(Sign::BareEvent))
        lately(scene, report, "D25", subject, *trace, 1min);
    for (const auto& [subject, trace] : scene.facts.all(Sign::SilentDeletion))
        if (Finding* finding = lately(scene, report, "D26", subject, *trace, 5min)) finding->confidence = 90;
}

} // namespace fhirscope::diagnosis
